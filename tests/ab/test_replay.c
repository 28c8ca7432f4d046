/* test_replay.c - what was recorded is done again, on every engine, with the same answers */
#include "ab/pair.h"
#include "ab/trace_format.h"
#include "mia/migrate.h"
#include "mia/search.h"
#include "mia/trace.h"
#include "support/check.h"
#include "support/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static mia_str random_id(char ids[][64], size_t count, struct test_random *random)
{
    return mia_str_of(ids[test_below(random, count)]);
}

/* One transaction of a program on a store. */
static void do_something(mia_store *store, char ids[][64], size_t count, struct test_random *random,
                         unsigned number)
{
    mia_txn *txn;
    mia_view view;
    mia_scan *scan;
    mia_neighbours *it;
    mia_ids *list_of_ids;
    mia_str id = random_id(ids, count, random), found;
    struct mia_hop hop;
    bool writes = number % 3 == 0;
    OK(mia_store_begin(store, writes ? MIA_TXN_WRITE : MIA_TXN_READ, &txn, ERR));
    mia_status rc = mia_get(txn, MIA_TABLE_NODES, id, &view, ERR);
    assert_true(rc >= 0);
    if (writes) {
        char name[64];
        snprintf(name, sizeof name, number % 2 ? "%.50s" : "new_%.50s", id.data);
        struct mia_record r = {
            MIA_KIND_CHAT,
            {.chat = {.id = mia_str_of(name), .title = MIA_STR("new"), .created_at = number}}};
        if (number % 2 == 0)
            OK(mia_put(txn, &r, ERR));
        else
            assert_true(mia_delete(txn, MIA_TABLE_NODES, mia_str_of(name), MIA_DELETE_EDGES, NULL,
                                   ERR) >= 0);
        if (number % 5 == 0)
            mia_txn_abort(txn);
        else
            OK(mia_txn_commit(txn, ERR));
        return;
    }
    OK(mia_neighbours_open(txn, id, MIA_DIRECTION_OUT, (mia_str){0}, &it, ERR));
    while (mia_neighbours_next(it, &hop, ERR) == MIA_OK)
        ;
    mia_neighbours_close(it);
    OK(mia_scan_open(txn, MIA_TABLE_EDGES, MIA_STR("edge_0"), &scan, ERR));
    for (int i = 0; i < 5 && mia_scan_next(scan, &found, &view, ERR) == MIA_OK; i++)
        ;
    mia_scan_close(scan);
    OK(mia_ids_by_property(txn, MIA_STR("node_type"), MIA_STR("Chat"), INT64_MIN, INT64_MAX, true,
                           &list_of_ids, ERR));
    mia_ids_close(list_of_ids);
    mia_txn_abort(txn);
}

/* The first ids of nodes. */
static size_t list_ids(mia_store *store, char ids[][64], size_t most)
{
    mia_txn *txn;
    mia_scan *scan;
    mia_str id;
    mia_view view;
    size_t count = 0;
    OK(mia_store_begin(store, MIA_TXN_READ, &txn, ERR));
    OK(mia_scan_open(txn, MIA_TABLE_NODES, (mia_str){0}, &scan, ERR));
    while (count < most && mia_scan_next(scan, &id, &view, ERR) == MIA_OK)
        snprintf(ids[count++], 64, "%.*s", (int)id.size, id.data);
    mia_scan_close(scan);
    mia_txn_abort(txn);
    return count;
}

/* Records a program on a copy of the migrated database; the trace begins with the content of it. */
static void record_program(const struct ab_pair *pair, const char *name, const char *path,
                           const struct mia_trace_options *opt)
{
    enum { IDS = 40, TRANSACTIONS = 180 };
    char copy[TEST_PATH], ids[IDS][64];
    mia_trace *trace;
    mia_db *db;
    mia_store *store;
    mia_txn *txn;
    float query[384] = {1, 2, 3};
    struct mia_hit hits[5];
    size_t found;
    struct test_random random = {test_seed()};
    struct mia_db_options options = {.struct_size = sizeof options, .read_only = true};
    struct mia_trace_report report = {.struct_size = sizeof report};
    test_path(copy, pair->folder, name);
    OK(mia_db_open(NULL, pair->mdbx, &options, &db, ERR));
    OK(mia_db_copy(db, copy, false, ERR));
    OK(mia_db_close(db, ERR));
    OK(mia_store_open(NULL, copy, NULL, &store, ERR));
    size_t count = list_ids(store, ids, IDS);
    OK(mia_store_close(store, ERR));
    OK(mia_trace_create(path, opt, &trace, ERR));
    struct mia_store_options observed = {
        .struct_size = sizeof observed, .observer = mia_trace_observe, .observer_ctx = trace};
    OK(mia_store_open(NULL, copy, &observed, &store, ERR));
    for (unsigned i = 0; i < TRANSACTIONS; i++)
        do_something(store, ids, count, &random, i);
    OK(mia_store_begin(store, MIA_TXN_READ, &txn, ERR));
    OK(mia_search(txn, query, 384, 5, NULL, hits, &found, ERR));
    assert_int_equal(found, 5);
    mia_txn_abort(txn);
    OK(mia_store_close(store, ERR));
    OK(mia_trace_close(trace, &report, ERR));
    assert_int_equal(report.lost + report.left_out, 0);
}

static struct mia_ab_report *replay(const struct ab_pair *pair, const char *trace, bool reads_sled)
{
    struct mia_ab_report *r;
    struct mia_ab_options opt = ab_options(pair, reads_sled ? pair->sled : pair->mdbx, pair->mdbx);
    opt.operations = 0;
    opt.trace = trace;
    OK(mia_ab_run(&opt, &r, ERR));
    assert_string_equal(r->workload, "trace");
    assert_true(ab_scratch_is_empty(pair));
    if (mia_ab_mismatched(r) > 0)
        print_error("%s of %.*s: %s, %s\n", r->first[0].kind, (int)r->first[0].key.size,
                    (const char *)r->first[0].key.data, mia_status_name(r->first[0].a),
                    mia_status_name(r->first[0].b));
    assert_int_equal(mia_ab_mismatched(r), 0);
    assert_int_equal(r->unsteady, 0);
    return r;
}

static uint64_t count_of(const struct mia_ab_report *r, const char *kind)
{
    for (size_t i = 0; i < r->kind_count; i++)
        if (strcmp(r->kinds[i].name, kind) == 0)
            return r->kinds[i].sides[MIA_AB_B].count;
    return 0;
}

/* Both forms of keys, with values and without, on every engine that there is. */
static void a_program_is_repeated(void **state)
{
    const struct ab_pair *pair = *state;
    static const struct {
        const char *name;
        bool hash_keys, with_values;
    } forms[] = {{"plain", false, false},
                 {"values", false, true},
                 {"keyed", true, true},
                 {"both", true, false}};
    for (size_t i = 0; i < LENGTH(forms); i++) {
        char path[TEST_PATH], name[40];
        struct mia_trace_options opt = {.struct_size = sizeof opt,
                                        .hash_keys = forms[i].hash_keys,
                                        .with_values = forms[i].with_values};
        snprintf(name, sizeof name, "program-%s.trace", forms[i].name);
        test_path(path, pair->folder, name);
        record_program(pair, forms[i].name, path, &opt);
        for (int sled = 0; sled < (mia_engine_sled() != NULL ? 2 : 1); sled++) {
            struct mia_ab_report *r = replay(pair, path, sled);
            assert_true(r->writes);
            assert_int_equal(r->trace_torn_at, 0);
            assert_true(count_of(r, "get") > 100);
            assert_true(count_of(r, "delete") > 20);
            assert_true(count_of(r, forms[i].with_values ? "put" : "change") > 20);
            assert_true(count_of(r, "neighbours") > 80 && count_of(r, "scan") > 80);
            assert_true(count_of(r, "property") > 80);
            assert_int_equal(r->searches, 1);
            mia_ab_report_free(r);
        }
    }
}

/* What a crash leaves: the same trace, cut. */
static void a_torn_trace_is_used_as_far_as_it_goes(void **state)
{
    const struct ab_pair *pair = *state;
    char path[TEST_PATH], torn[TEST_PATH];
    size_t size;
    struct mia_ab_report *r;
    test_path(path, pair->folder, "program-values.trace");
    test_path(torn, pair->folder, "torn.trace");
    uint8_t *bytes = test_file_read(path, &size);
    test_file_write(torn, bytes, size - 20); /* into the last block of events */
    struct mia_ab_options opt = ab_options(pair, pair->mdbx, pair->mdbx);
    opt.operations = 0;
    opt.trace = torn;
    ANSWERS(mia_ab_run(&opt, &r, ERR), MIA_ERR_INVALID);
    assert_non_null(strstr(test_error.message, "before it is torn"));
    test_file_write(torn, bytes, size - 5); /* into the end: all events are there */
    OK(mia_ab_run(&opt, &r, ERR));
    assert_int_equal(r->trace_torn_at, size - MIA__TRACE_BLOCK_HEADER);
    mia_ab_report_free(r);
    free(bytes);
}

static void pairs_are_repeated(void **state)
{
    const struct ab_pair *pair = *state;
    char raw[TEST_PATH], path[TEST_PATH], copy[TEST_PATH];
    mia_trace *trace;
    mia_db *db;
    mia_txn *txn;
    mia_tree tree;
    mia_cursor *cur;
    mia_slice key, value;
    struct mia_ab_report *r;
    struct mia_trace_options with = {.struct_size = sizeof with, .hash_keys = true};
    struct mia_migrate_options migrate = {
        .struct_size = sizeof migrate, .source = pair->sled, .target = raw, .raw = true};
    struct mia_migrate_report report = {.struct_size = sizeof report};
    test_path(raw, pair->folder, "raw");
    test_path(copy, pair->folder, "raw-copy");
    test_path(path, pair->folder, "raw.trace");
    OK(mia_migrate(&migrate, &report, ERR));
    migrate.target = copy;
    OK(mia_migrate(&migrate, &report, ERR));
    OK(mia_trace_create(path, &with, &trace, ERR));
    OK(mia_trace_open(NULL, copy, NULL, trace, &db, ERR));
    for (unsigned i = 0; i < 100; i++) {
        OK(mia_txn_begin(db, i % 2 ? MIA_TXN_WRITE : MIA_TXN_READ, &txn, ERR));
        OK(mia_tree_open(txn, MIA_BYTES("edges"), 0, &tree, ERR));
        OK(mia_cursor_open(txn, tree, &cur, ERR));
        OK(mia_cursor_move(cur, MIA_MOVE_FIRST, &key, &value, ERR));
        for (unsigned j = 0; j < i; j++)
            OK(mia_cursor_move(cur, MIA_MOVE_NEXT, &key, &value, ERR));
        OK(mia_kv_get(txn, tree, key, &value, ERR));
        if (i % 2)
            OK(mia_kv_put(txn, tree, key, MIA_BYTES("another value"), 0, ERR));
        mia_cursor_close(cur);
        if (i % 2)
            OK(mia_txn_commit(txn, ERR));
        else
            mia_txn_abort(txn);
    }
    OK(mia_db_close(db, ERR));
    OK(mia_trace_close(trace, NULL, ERR));
    struct mia_ab_options opt = ab_options(pair, mia_engine_sled() != NULL ? pair->sled : raw, raw);
    opt.operations = 0;
    opt.trace = path;
    opt.speed = 1000;
    OK(mia_ab_run(&opt, &r, ERR));
    assert_int_equal(mia_ab_mismatched(r), 0);
    assert_true(r->compared > 200);
    assert_true(count_of(r, "put") > 30 && count_of(r, "scan") > 60 && count_of(r, "get") > 60);
    mia_ab_report_free(r);
    opt.a = opt.b = pair->mdbx;
    ANSWERS(mia_ab_run(&opt, &r, ERR), MIA_ERR_INVALID);
    assert_non_null(strstr(test_error.message, "pairs of bytes"));
}

/* Operations that were recorded 10 ms apart take as long again, or half of it at twice the speed.
 */
static void the_pace_is_kept(void **state)
{
    enum { READS = 14, APART_MS = 10 };
    const struct ab_pair *pair = *state;
    char path[TEST_PATH];
    mia_trace *trace;
    mia_store *store;
    mia_txn *txn;
    mia_view view;
    struct mia_ab_report *r;
    struct timespec pause = {0, APART_MS * 1000000};
    struct mia_db_options db = {.struct_size = sizeof db, .read_only = true};
    test_path(path, pair->folder, "pace.trace");
    OK(mia_trace_create(path, NULL, &trace, ERR));
    struct mia_store_options opt = {
        .struct_size = sizeof opt, .db = &db, .observer = mia_trace_observe, .observer_ctx = trace};
    OK(mia_store_open(NULL, pair->mdbx, &opt, &store, ERR));
    for (int i = 0; i < READS; i++) {
        OK(mia_store_begin(store, MIA_TXN_READ, &txn, ERR));
        ANSWERS(mia_get(txn, MIA_TABLE_NODES, MIA_STR("nobody"), &view, ERR), MIA_NOTFOUND);
        mia_txn_abort(txn);
        nanosleep(&pause, NULL);
    }
    OK(mia_store_close(store, ERR));
    OK(mia_trace_close(trace, NULL, ERR));
    struct mia_ab_options ab = ab_options(pair, pair->mdbx, pair->mdbx);
    ab.operations = 0;
    ab.trace = path;
    for (ab.speed = 1; ab.speed <= 2; ab.speed++) {
        OK(mia_ab_run(&ab, &r, ERR));
        /* seven parts of two reads, one interval in each, on three sides */
        double least = 7 * 3 * APART_MS / 1000.0 / ab.speed;
        assert_true(r->seconds > least);
        assert_int_equal(r->compared, READS);
        assert_false(r->writes); /* in place, then: nothing was copied */
        assert_non_null(strstr(r->sides[MIA_AB_B].how, "where it lies"));
        mia_ab_report_free(r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_program_is_repeated),
        cmocka_unit_test(a_torn_trace_is_used_as_far_as_it_goes),
        cmocka_unit_test(pairs_are_repeated),
        cmocka_unit_test(the_pace_is_kept),
    };
    return cmocka_run_group_tests_name("replay", tests, ab_pair_make, ab_pair_remove);
}
