/* shadow/ab_bench.c - see shadow/ab_bench.h */
#include "shadow/ab_bench.h"

#include <stdio.h>
#include <time.h>

static const struct mia_engine_ops *real;
static struct mia_engine_ops liar;
_Atomic int ab_wrong_values, ab_errors, ab_delay_us;

static bool is_chosen(mia_slice key)
{
    return key.size >= 5 && memcmp(key.data, "wrong", 5) == 0;
}

static mia_status lie(void *txn, uint32_t tree, mia_slice key, mia_slice *value,
                      struct mia_error *err)
{
    const struct timespec delay = {0, ab_delay_us * 1000L};
    if (ab_delay_us > 0)
        nanosleep(&delay, NULL);
    if (ab_errors > 0) {
        if (err != NULL) {
            *err = (struct mia_error){.status = MIA_ERR_IO};
            snprintf(err->message, sizeof err->message, "the candidate's disk errs");
        }
        return MIA_ERR_IO;
    }
    if (ab_wrong_values > 0 && is_chosen(key)) {
        if (((const char *)key.data)[5] == '1')
            return MIA_NOTFOUND;
        return real->get(txn, tree, MIA_BYTES("right1"), value, err); /* another one's */
    }
    return real->get(txn, tree, key, value, err);
}

static void put_all(struct pair_bench *b)
{
    const char *const ids[] = {"right1", "right2", "right3", "wrong1", "wrong2", "wrong3"};
    for (size_t i = 0; i < LENGTH(ids); i++)
        pair_put(b, ids[i], ids[i]);
}

void ab_read_all(struct pair_bench *b, int times)
{
    const char *const ids[] = {"right1", "right2", "right3", "wrong1", "wrong2", "wrong3", "none"};
    for (int i = 0; i < times; i++) {
        mia_txn *txn = NULL;
        mia_view view;
        mia_scan *scan;
        mia_str id;
        OK(mia_store_begin(b->store, MIA_TXN_READ, &txn, ERR));
        for (size_t k = 0; k < LENGTH(ids); k++) {
            mia_status rc = mia_get(txn, MIA_TABLE_NODES, mia_str_of(ids[k]), &view, ERR);
            assert_int_equal(rc, k + 1 < LENGTH(ids) ? MIA_OK : MIA_NOTFOUND);
        }
        OK(mia_scan_open(txn, MIA_TABLE_NODES, MIA_STR("r"), &scan, ERR));
        while (mia_scan_next(scan, &id, &view, ERR) == MIA_OK)
            ;
        mia_scan_close(scan);
        mia_txn_abort(txn);
    }
}

struct mia_shadow_ab_report ab_report_of(struct pair_bench *b)
{
    struct mia_shadow_ab_report report = {.struct_size = sizeof report};
    OK(mia_shadow_ab_report(mia_store_db(b->store), &report, ERR));
    return report;
}

/* Until all that was noted is done. */
struct mia_shadow_ab_report ab_settle(struct pair_bench *b)
{
    struct mia_shadow_ab_report report;
    const struct timespec pause = {0, 2000000};
    for (int i = 0; i < 2000; i++) {
        uint64_t open = 0;
        report = ab_report_of(b);
        for (int o = 0; o < MIA_SHADOW_AB_OPERATIONS; o++) {
            const struct mia_shadow_ab_counts *c = &report.operations[o];
            open += c->sampled - c->skipped - c->compared - c->errors;
        }
        if (open == 0)
            break;
        nanosleep(&pause, NULL);
    }
    return report;
}

void ab_open_pair(struct pair_bench *b, const struct mia_engine_ops *first)
{
    real = mia_engine_mdbx();
    liar = *real;
    liar.get = lie;
    pair_make(b, first, &liar);
    pair_create(b);
    pair_open_store(b);
    put_all(b);
    pair_verify(b);
}

int ab_bench_make(void **state)
{
    static struct pair_bench bench;
    ab_open_pair(&bench, mia_engine_mdbx());
    *state = &bench;
    return 0;
}

int ab_bench_remove(void **state)
{
    struct pair_bench *b = *state;
    ab_wrong_values = ab_errors = ab_delay_us = 0;
    if (b->db != NULL)
        pair_close(b);
    pair_remove(b);
    return 0;
}

void ab_start(struct pair_bench *b)
{
    struct mia_shadow_ab_options opt = {.struct_size = sizeof opt, .percent = 100};
    OK(mia_shadow_ab_start(mia_store_db(b->store), &opt, ERR));
}
