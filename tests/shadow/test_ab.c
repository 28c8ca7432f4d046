/* test_ab.c - reads done again on both sides: wrong answers are found, and nobody notices */
#include "shadow/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* A candidate that answers wrongly when it is told to. */
static const struct mia_engine_ops *real;
static _Atomic int wrong_values, errors;

static bool is_chosen(mia_slice key)
{
    return key.size >= 5 && memcmp(key.data, "wrong", 5) == 0;
}

static mia_status lie(void *txn, uint32_t tree, mia_slice key, mia_slice *value,
                      struct mia_error *err)
{
    if (errors > 0) {
        if (err != NULL) {
            *err = (struct mia_error){.status = MIA_ERR_IO};
            snprintf(err->message, sizeof err->message, "the candidate's disk errs");
        }
        return MIA_ERR_IO;
    }
    if (wrong_values > 0 && is_chosen(key)) {
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

static void read_all(struct pair_bench *b, int times)
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

static struct mia_shadow_ab_report report_of(struct pair_bench *b)
{
    struct mia_shadow_ab_report report = {.struct_size = sizeof report};
    OK(mia_shadow_ab_report(mia_store_db(b->store), &report, ERR));
    return report;
}

/* Until all that was noted is done. */
static struct mia_shadow_ab_report settle(struct pair_bench *b)
{
    struct mia_shadow_ab_report report;
    const struct timespec pause = {0, 2000000};
    for (int i = 0; i < 2000; i++) {
        uint64_t open = 0;
        report = report_of(b);
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

struct timing {
    uint64_t calls[MIA_SHADOW_AB_OPERATIONS], candidate_first, empty;
};

static void note(void *ctx, const struct mia_shadow_ab_sample *sample)
{
    struct timing *t = ctx;
    t->calls[sample->operation]++;
    t->candidate_first += sample->candidate_first;
    t->empty += sample->primary_ns == 0 || sample->candidate_ns == 0;
}

static void open_pair(struct pair_bench *b, const struct mia_engine_ops *first,
                      struct mia_engine_ops *second)
{
    real = mia_engine_mdbx();
    *second = *real;
    second->get = lie;
    pair_make(b, first, second);
    pair_create(b);
    pair_open_store(b);
    put_all(b);
    pair_verify(b);
}

static void all_is_well(const struct mia_engine_ops *first)
{
    struct pair_bench b;
    struct mia_engine_ops second;
    struct timing timing = {{0}, 0, 0};
    open_pair(&b, first, &second);
    struct mia_shadow_ab_options opt = {
        .struct_size = sizeof opt, .percent = 100, .fn = note, .fn_ctx = &timing, .seed = 5};
    OK(mia_shadow_ab_start(mia_store_db(b.store), &opt, ERR));
    ANSWERS(mia_shadow_ab_start(mia_store_db(b.store), &opt, ERR), MIA_ERR_INVALID);
    read_all(&b, 30);
    struct mia_shadow_ab_report report = settle(&b);
    OK(mia_shadow_ab_stop(mia_store_db(b.store), ERR));
    const struct mia_shadow_ab_counts *gets = &report.operations[MIA_SHADOW_AB_GET];
    assert_true(report.is_running && !report_of(&b).is_running);
    assert_true(gets->sampled >= 30 * 7 && gets->compared > 0);
    assert_true(report.operations[MIA_SHADOW_AB_SCAN].compared > 0);
    assert_int_equal(report.kept, 0);
    assert_int_equal(timing.calls[MIA_SHADOW_AB_GET], gets->compared);
    assert_int_equal(timing.empty, 0);
    /* by chance, and by the seed */
    assert_true(timing.candidate_first > gets->compared / 4);
    assert_true(timing.candidate_first < gets->compared);
    uint64_t before = report.operations[MIA_SHADOW_AB_GET].sampled;
    read_all(&b, 5);
    assert_int_equal(report_of(&b).operations[MIA_SHADOW_AB_GET].sampled, before);
    assert_int_equal(pair_status(&b).state, MIA_SHADOW_VERIFIED);
    opt.percent = 30;
    OK(mia_shadow_ab_start(mia_store_db(b.store), &opt, ERR));
    read_all(&b, 100);
    uint64_t sampled = report_of(&b).operations[MIA_SHADOW_AB_GET].sampled;
    assert_true(sampled > 100 && sampled < 400); /* of at least 700 */
    pair_close(&b);
    pair_remove(&b);
}

static void equal_answers_on_mdbx(void **state)
{
    (void)state;
    all_is_well(mia_engine_mdbx());
}

static void equal_answers_on_sled(void **state)
{
    (void)state;
    if (mia_engine_sled() == NULL)
        skip();
    all_is_well(mia_engine_sled());
}

static void wrong_answers_are_found(void **state)
{
    (void)state;
    struct pair_bench b;
    struct mia_engine_ops second;
    struct mia_shadow_ab_mismatch m;
    const struct mia_shadow_ab_rule rules[] = {
        {.tree = MIA_BYTES("edges")},
        {.tree = MIA_BYTES("nodes"),
         .prefix = MIA_BYTES("wrong3"),
         .has_class = true,
         .difference = MIA_DIFF_VALUE},
    };
    open_pair(&b, mia_engine_mdbx(), &second);
    struct mia_shadow_ab_options opt = {
        .struct_size = sizeof opt, .percent = 100, .rules = rules, .rule_count = LENGTH(rules)};
    OK(mia_shadow_ab_start(mia_store_db(b.store), &opt, ERR));
    wrong_values = 1;
    for (int i = 0; i < 20; i++) {
        read_all(&b, 5);
        settle(&b);
    }
    wrong_values = 0;
    struct mia_shadow_ab_report report = report_of(&b);
    const struct mia_shadow_ab_counts *gets = &report.operations[MIA_SHADOW_AB_GET];
    assert_true(gets->mismatches[MIA_DIFF_MISSING] > 0);
    assert_true(gets->mismatches[MIA_DIFF_VALUE] > 0);
    assert_int_equal(gets->mismatches[MIA_DIFF_EXTRA], 0);
    assert_true(gets->ignored > 0);
    assert_true(report.kept >= 2 && report.kept <= 200);
    for (size_t i = 0; i < report.kept; i++) {
        OK(mia_shadow_ab_mismatch_at(mia_store_db(b.store), i, &m, ERR));
        const char *id = m.difference == MIA_DIFF_MISSING ? "wrong1" : "wrong2";
        assert_string_equal(m.tree, "nodes");
        assert_bytes(((mia_slice){m.key, m.key_size}), mia_bytes_of(id));
    }
    ANSWERS(mia_shadow_ab_mismatch_at(mia_store_db(b.store), report.kept, &m, ERR), MIA_NOTFOUND);
    assert_int_equal(pair_status(&b).state, MIA_SHADOW_FOLLOWING); /* no longer verified */
    ANSWERS(mia_shadow_switch_store(b.store, 10, ERR), MIA_ERR_BUSY);
    pair_verify(&b);
    pair_close(&b);
    pair_remove(&b);
}

static void a_failing_candidate_is_not_the_callers(void **state)
{
    (void)state;
    struct pair_bench b;
    struct mia_engine_ops second;
    open_pair(&b, mia_engine_mdbx(), &second);
    struct mia_shadow_ab_options opt = {.struct_size = sizeof opt, .percent = 100};
    OK(mia_shadow_ab_start(mia_store_db(b.store), &opt, ERR));
    errors = 1;
    read_all(&b, 20);
    struct mia_shadow_ab_report report = settle(&b);
    assert_true(report.operations[MIA_SHADOW_AB_GET].errors > 0);
    assert_string_equal(report.last_error, "the candidate's disk errs");
    pair_put(&b, "right1", "changed"); /* now it is behind: skipped */
    read_all(&b, 20);
    settle(&b);
    errors = 0;
    assert_true(report_of(&b).operations[MIA_SHADOW_AB_GET].skipped > 0);
    OK(mia_shadow_ab_stop(mia_store_db(b.store), ERR));
    pair_verify(&b);
    pair_close(&b);
    pair_remove(&b);
}

/* Changes on their way are no mismatches. */
static void under_writes_nothing_is_wrong(void **state)
{
    (void)state;
    struct pair_bench b;
    struct mia_engine_ops second;
    open_pair(&b, mia_engine_mdbx(), &second);
    struct mia_shadow_ab_options opt = {.struct_size = sizeof opt, .percent = 100};
    OK(mia_shadow_ab_start(mia_store_db(b.store), &opt, ERR));
    for (int i = 0; i < 300; i++) {
        char text[16];
        snprintf(text, sizeof text, "t%d", i);
        pair_put(&b, "right2", text);
        read_all(&b, 1);
        if (i % 50 == 0)
            pair_wait(&b);
    }
    pair_wait(&b);
    read_all(&b, 20);
    struct mia_shadow_ab_report report = settle(&b);
    assert_true(report.operations[MIA_SHADOW_AB_GET].compared > 0);
    assert_int_equal(report.kept, 0);
    pair_close(&b);
    pair_remove(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_answers_on_mdbx),
        cmocka_unit_test(equal_answers_on_sled),
        cmocka_unit_test(wrong_answers_are_found),
        cmocka_unit_test(a_failing_candidate_is_not_the_callers),
        cmocka_unit_test(under_writes_nothing_is_wrong),
    };
    return cmocka_run_group_tests_name("shadow_ab", tests, NULL, NULL);
}
