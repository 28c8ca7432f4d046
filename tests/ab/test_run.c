/* test_run.c - comparisons from end to end: equal databases are equal, planted differences are
 * found, nothing is changed, and nothing is left */
#include "ab/pair.h"
#include "base/sha256.h"
#include "mia/migrate.h"
#include "mia/store.h"
#include "support/check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static bool has_real_sled(void)
{
    return mia_engine_sled() != NULL;
}

/* ---- what every report must be */

static void check_side(const struct mia_ab_side *side, uint64_t operations)
{
    assert_int_equal(side->latency.count, operations);
    assert_true(side->latency.min > 0 && side->latency.min <= side->latency.p50);
    assert_true(side->latency.p50 <= side->latency.p90 && side->latency.p90 <= side->latency.p99);
    assert_true(side->latency.p99 <= side->latency.p999 && side->latency.p999 <= side->latency.max);
    assert_true(side->rate > 0 && isfinite(side->rate));
    assert_true(side->size_before > 0 && side->size_after > 0);
    assert_true(side->curve_count > 1 && side->slice_count > 1);
    assert_float_equal(side->curve[side->curve_count - 1].share, 1, 0);
    for (size_t i = 1; i < side->curve_count; i++) {
        assert_true(side->curve[i].ns > side->curve[i - 1].ns);
        assert_true(side->curve[i].share >= side->curve[i - 1].share);
    }
    for (size_t i = 0; i < side->slice_count; i++)
        assert_true(side->slices[i].seconds >= 0 && side->slices[i].rate > 0);
}

static void check_report(const struct mia_ab_report *r, const struct mia_ab_options *opt)
{
    uint64_t of_kinds = 0;
    assert_true(r->operations >= opt->operations && r->operations <= opt->operations + opt->rounds);
    assert_true(r->compared > r->operations); /* the warm-up is compared, too */
    assert_true(r->confidence >= 0.95);
    assert_true(r->clock_ns > 0 && r->seconds > 0);
    for (int who = 0; who < MIA_AB_SIDES; who++)
        check_side(&r->sides[who], r->operations);
    for (int m = 0; m < MIA_AB_MEASURES; m++) {
        const struct mia_ab_change *c = &r->changes[m];
        assert_true(c->low > 0 && c->low <= c->ratio && c->ratio <= c->high && c->noise >= 1);
    }
    for (size_t i = 0; i < r->kind_count; i++)
        of_kinds += r->kinds[i].sides[MIA_AB_B].count;
    assert_int_equal(of_kinds, r->operations);
    assert_string_equal(r->sides[MIA_AB_A].path, opt->a);
    assert_string_equal(r->sides[MIA_AB_B].path, opt->b);
}

static void run_equal(const struct ab_pair *pair, const struct mia_ab_options *opt)
{
    struct mia_ab_report *r;
    OK(mia_ab_run(opt, &r, ERR));
    check_report(r, opt);
    if (mia_ab_mismatched(r) > 0)
        print_error("%s: %s %.*s: %d, %d\n", r->first[0].kind,
                    mia_ab_mismatch_name(r->first[0].mismatch), (int)r->first[0].key.size,
                    (const char *)r->first[0].key.data, r->first[0].a, r->first[0].b);
    assert_int_equal(mia_ab_mismatched(r), 0);
    assert_int_equal(r->unsteady, 0);
    assert_true(ab_scratch_is_empty(pair));
    mia_ab_report_free(r);
}

/* ---- equal databases */

static void each_workload(void **state, const char *a, const char *b, bool reads_only)
{
    const struct ab_pair *pair = *state;
    for (int w = 0; w < MIA_AB_WORKLOADS; w++) {
        struct mia_ab_options opt = ab_options(pair, a, b);
        opt.workload = (enum mia_ab_workload)w;
        opt.sled_files = reads_only;
        if (w == MIA_AB_VECTOR)
            opt.operations = 60;
        if (w == MIA_AB_MIXED && reads_only)
            continue;
        run_equal(pair, &opt);
        opt.threads = 3;
        opt.skew = 1.1;
        run_equal(pair, &opt);
    }
}

static void sled_files_and_mdbx_are_equal(void **state)
{
    const struct ab_pair *pair = *state;
    each_workload(state, pair->sled, pair->mdbx, true);
    each_workload(state, pair->mdbx, pair->sled, true);
}

static void the_real_sled_and_mdbx_are_equal(void **state)
{
    const struct ab_pair *pair = *state;
    if (!has_real_sled())
        skip();
    each_workload(state, pair->sled, pair->mdbx, false);
}

static void mdbx_is_equal_to_itself(void **state)
{
    const struct ab_pair *pair = *state;
    each_workload(state, pair->mdbx, pair->mdbx, false);
    struct mia_ab_options opt = ab_options(pair, pair->mdbx, pair->mdbx);
    opt.workload = MIA_AB_MIXED;
    opt.operations = 120;
    opt.lazy = false; /* every commit on disk */
    run_equal(pair, &opt);
}

static void pairs_of_bytes_are_equal(void **state)
{
    const struct ab_pair *pair = *state;
    char raw[TEST_PATH];
    struct mia_migrate_options migrate = {
        .struct_size = sizeof migrate, .source = pair->sled, .target = raw, .raw = true};
    struct mia_migrate_report report = {.struct_size = sizeof report};
    test_path(raw, pair->folder, "raw.mdbx");
    OK(mia_migrate(&migrate, &report, ERR));
    for (int w = 0; w <= MIA_AB_SCAN; w++) {
        struct mia_ab_options opt = ab_options(pair, pair->sled, raw);
        opt.workload = (enum mia_ab_workload)w;
        if (w == MIA_AB_MIXED && !has_real_sled())
            continue;
        run_equal(pair, &opt);
    }
    struct mia_ab_report *r;
    struct mia_ab_options opt = ab_options(pair, raw, raw);
    opt.workload = MIA_AB_GRAPH;
    ANSWERS(mia_ab_run(&opt, &r, ERR), MIA_ERR_INVALID);
    opt = ab_options(pair, raw, pair->mdbx);
    ANSWERS(mia_ab_run(&opt, &r, ERR), MIA_ERR_INVALID);
}

/* ---- what must be found */

struct planting {
    const char *path;
    mia_store *store;
};

/* A copy of the migrated database, opened to be changed. */
static struct planting plant(const struct ab_pair *pair, char path[TEST_PATH], const char *name)
{
    mia_db *db;
    struct planting p = {.path = path};
    test_path(path, pair->folder, name);
    OK(mia_db_open(
        NULL, pair->mdbx,
        &(struct mia_db_options){.struct_size = sizeof(struct mia_db_options), .read_only = true},
        &db, ERR));
    OK(mia_db_copy(db, path, false, ERR));
    OK(mia_db_close(db, ERR));
    OK(mia_store_open(NULL, path, NULL, &p.store, ERR));
    return p;
}

/* The id of the eleventh record of a table that begins so, for free(). */
static char *some_id(mia_store *store, enum mia_table table, const char *prefix)
{
    mia_txn *txn;
    mia_scan *scan;
    mia_str id;
    mia_view view;
    OK(mia_store_begin(store, MIA_TXN_READ, &txn, ERR));
    OK(mia_scan_open(txn, table, mia_str_of(prefix), &scan, ERR));
    for (int i = 0; i <= 10; i++)
        OK(mia_scan_next(scan, &id, &view, ERR));
    char *copy = strndup(id.data, id.size);
    mia_scan_close(scan);
    mia_txn_abort(txn);
    return copy;
}

/* Runs reads of all records, so that whatever is planted is met. */
static struct mia_ab_report *find(const struct ab_pair *pair, const char *b,
                                  enum mia_ab_workload workload)
{
    struct mia_ab_report *r;
    struct mia_ab_options opt = ab_options(pair, pair->mdbx, b);
    opt.workload = workload;
    opt.operations = 40000; /* of 1,600 records: each is missed with a probability of e^-25 */
    OK(mia_ab_run(&opt, &r, ERR));
    assert_true(ab_scratch_is_empty(pair));
    assert_int_equal(r->unsteady, 0);
    return r;
}

static void a_missing_record_is_found(void **state)
{
    const struct ab_pair *pair = *state;
    char path[TEST_PATH];
    struct planting p = plant(pair, path, "missing");
    char *id = some_id(p.store, MIA_TABLE_EDGES, "");
    OK(mia_store_delete(p.store, MIA_TABLE_EDGES, mia_str_of(id), 0, ERR));
    OK(mia_store_close(p.store, ERR));
    struct mia_ab_report *r = find(pair, path, MIA_AB_READ);
    assert_true(r->mismatches[MIA_AB_ONLY_A] > 0);
    assert_int_equal(r->mismatches[MIA_AB_ONLY_A], mia_ab_mismatched(r));
    assert_text(r->first[0].key, id);
    assert_text(r->first[0].tree, "edges");
    assert_int_equal(r->first[0].a, MIA_OK);
    assert_int_equal(r->first[0].b, MIA_NOTFOUND);
    mia_ab_report_free(r);
    struct mia_ab_options opt = ab_options(pair, path, pair->mdbx); /* A is not B */
    opt.workload = MIA_AB_SCAN;
    opt.operations = 3000;
    OK(mia_ab_run(&opt, &r, ERR));
    assert_true(r->mismatches[MIA_AB_LIST] > 0);
    assert_int_equal(r->mismatches[MIA_AB_LIST], mia_ab_mismatched(r));
    mia_ab_report_free(r);
    free(id);
}

static void a_changed_record_is_found(void **state)
{
    const struct ab_pair *pair = *state;
    char path[TEST_PATH];
    mia_txn *txn;
    mia_view view;
    struct mia_record record;
    struct planting p = plant(pair, path, "changed");
    char *id = some_id(p.store, MIA_TABLE_NODES, "chat_");
    OK(mia_store_begin(p.store, MIA_TXN_WRITE, &txn, ERR));
    OK(mia_get(txn, MIA_TABLE_NODES, mia_str_of(id), &view, ERR));
    OK(mia_record_of(txn, view, &record, ERR));
    assert_int_equal(record.kind, MIA_KIND_CHAT);
    record.u.chat.updated_at++;
    OK(mia_put(txn, &record, ERR));
    OK(mia_txn_commit(txn, ERR));
    OK(mia_store_close(p.store, ERR));
    struct mia_ab_report *r = find(pair, path, MIA_AB_READ);
    assert_true(r->mismatches[MIA_AB_VALUE] > 0);
    assert_int_equal(r->mismatches[MIA_AB_VALUE], mia_ab_mismatched(r));
    assert_text(r->first[0].key, id);
    mia_ab_report_free(r);
    free(id);
}

static void a_lost_edge_is_found_in_the_graph(void **state)
{
    const struct ab_pair *pair = *state;
    char path[TEST_PATH];
    struct planting p = plant(pair, path, "edge");
    char *id = some_id(p.store, MIA_TABLE_EDGES, "");
    OK(mia_store_delete(p.store, MIA_TABLE_EDGES, mia_str_of(id), 0, ERR));
    OK(mia_store_close(p.store, ERR));
    struct mia_ab_report *r = find(pair, path, MIA_AB_GRAPH);
    assert_true(r->mismatches[MIA_AB_LIST] > 0);
    assert_int_equal(r->mismatches[MIA_AB_LIST], mia_ab_mismatched(r));
    mia_ab_report_free(r);
    free(id);
}

/* ---- nothing is changed, nothing is left */

static void digest_of(const char *path, char out[MIA__SHA256_HEX])
{
    char command[2 * TEST_PATH];
    snprintf(command, sizeof command,
             "cd '%s' && find . -type f ! -name mdbx.lck -printf '%%P %%s %%T@\\n' -exec sha256sum "
             "{} + | sort | sha256sum",
             path);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    assert_int_equal(fread(out, 1, 64, pipe), 64);
    out[64] = '\0';
    assert_int_equal(pclose(pipe), 0);
}

static void databases_stay_as_they_are(void **state)
{
    const struct ab_pair *pair = *state;
    char before[2][MIA__SHA256_HEX], after[2][MIA__SHA256_HEX];
    digest_of(pair->sled, before[0]);
    digest_of(pair->mdbx, before[1]);
    for (int w = 0; w < MIA_AB_WORKLOADS; w++) {
        struct mia_ab_options opt = ab_options(pair, pair->sled, pair->mdbx);
        opt.workload = (enum mia_ab_workload)w;
        if (w == MIA_AB_MIXED && !has_real_sled())
            opt.a = pair->mdbx;
        run_equal(pair, &opt);
    }
    digest_of(pair->sled, after[0]);
    digest_of(pair->mdbx, after[1]);
    assert_string_equal(before[0], after[0]);
    assert_string_equal(before[1], after[1]);
}

struct stopping {
    int calls, stop_at;
};

static bool stop(void *ctx, const struct mia_progress *progress)
{
    struct stopping *s = ctx;
    assert_non_null(progress->phase);
    return s->calls++ != s->stop_at;
}

static void stops_wherever_it_is_told_to(void **state)
{
    const struct ab_pair *pair = *state;
    struct stopping s = {0}; /* the first calls one by one, then further and further apart */
    mia_status rc = MIA_ERR_CANCELLED;
    for (; rc == MIA_ERR_CANCELLED; s.stop_at += 1 + s.stop_at / 8) {
        struct mia_ab_report *r;
        struct mia_ab_options opt = ab_options(pair, pair->mdbx, pair->mdbx);
        opt.workload = MIA_AB_MIXED;
        opt.operations = 60;
        opt.progress = stop;
        opt.progress_ctx = &s;
        s.calls = 0;
        rc = mia_ab_run(&opt, &r, ERR);
        assert_true((rc == MIA_OK) == (r != NULL));
        mia_ab_report_free(r);
        assert_true(ab_scratch_is_empty(pair));
    }
    assert_int_equal(rc, MIA_OK);
    assert_true(s.stop_at > 20);
}

/* ---- what is refused */

static void refused(const struct mia_ab_options *opt, mia_status expected, const char *word)
{
    struct mia_ab_report *r;
    ANSWERS(mia_ab_run(opt, &r, ERR), expected);
    assert_null(r);
    if (strstr(test_error.message, word) == NULL)
        fail_msg("'%s' is not in: %s", word, test_error.message);
}

static void nonsense_is_refused(void **state)
{
    const struct ab_pair *pair = *state;
    struct mia_ab_options opt, good = ab_options(pair, pair->mdbx, pair->mdbx);
#define REFUSED(change, status, word) (opt = good, change, refused(&opt, status, word))
    REFUSED(opt.a = NULL, MIA_ERR_INVALID, "two databases");
    REFUSED(opt.b = "/nowhere/at/all", MIA_ERR_INVALID, "does not exist");
    REFUSED(opt.rounds = 5, MIA_ERR_INVALID, "rounds");
    REFUSED(opt.rounds = 61, MIA_ERR_INVALID, "rounds");
    REFUSED(opt.threads = 65, MIA_ERR_INVALID, "threads");
    REFUSED(opt.operations = 5, MIA_ERR_INVALID, "too few");
    REFUSED(opt.operations = 10000001, MIA_ERR_INVALID, "more than");
    REFUSED(opt.skew = -1, MIA_ERR_INVALID, "skew");
    REFUSED(opt.skew = NAN, MIA_ERR_INVALID, "skew");
    REFUSED(opt.speed = -1, MIA_ERR_INVALID, "speed");
    REFUSED(opt.workload = (enum mia_ab_workload)99, MIA_ERR_INVALID, "workload");
    REFUSED((opt.workload = MIA_AB_MIXED, opt.scratch = "/nowhere"), MIA_ERR_IO, "/nowhere");
    REFUSED((opt.a = pair->sled, opt.workload = MIA_AB_MIXED, opt.sled_files = true),
            MIA_ERR_UNSUPPORTED, "real sled");
#undef REFUSED
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sled_files_and_mdbx_are_equal),
        cmocka_unit_test(the_real_sled_and_mdbx_are_equal),
        cmocka_unit_test(mdbx_is_equal_to_itself),
        cmocka_unit_test(pairs_of_bytes_are_equal),
        cmocka_unit_test(a_missing_record_is_found),
        cmocka_unit_test(a_changed_record_is_found),
        cmocka_unit_test(a_lost_edge_is_found_in_the_graph),
        cmocka_unit_test(databases_stay_as_they_are),
        cmocka_unit_test(stops_wherever_it_is_told_to),
        cmocka_unit_test(nonsense_is_refused),
    };
    return cmocka_run_group_tests_name("ab run", tests, ab_pair_make, ab_pair_remove);
}
