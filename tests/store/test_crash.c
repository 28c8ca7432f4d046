/*
 * test_crash.c - a writer is killed at any moment: what is there afterwards are whole transactions,
 * and every index entry belongs to its record
 */
#include "mia/search.h"
#include "store/suite.h"
#include "support/process.h"
#include "support/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { KILLS = 30, NODES = 200, GROUP = 5 };

static mia_store *open_store(const char *path)
{
    mia_store *store;
    struct mia_db_options db = {.struct_size = sizeof db, .durability = MIA_SYNC_LAZY};
    struct mia_store_options options = {.struct_size = sizeof options, .db = &db};
    OK(mia_store_open(mia_engine_mdbx(), path, &options, &store, ERR));
    return store;
}

/* GROUP messages and their edges always change together: they all have the same time. */
static void write_group(mia_txn *txn, struct test_random *r, int64_t time)
{
    char chat[16], id[32], edge_id[32];
    size_t group = test_below(r, NODES);
    snprintf(chat, sizeof chat, "c%d", (int)test_below(r, 7));
    for (int i = 0; i < GROUP; i++) {
        snprintf(id, sizeof id, "m%03zu-%d", group, i);
        snprintf(edge_id, sizeof edge_id, "e%03zu-%d", group, i);
        struct mia_record message = message_of(id, chat, "s", time);
        struct mia_record edge = edge_of(edge_id, id, "IN", chat);
        float vector[] = {(float)time, (float)group, (float)i - 2};
        struct mia_record embedding = {
            MIA_KIND_EMBEDDING,
            {.embedding = {.id = mia_str_of(id), .vector = {vector, 3}, .model = MIA_STR("m")}}};
        OK(mia_put(txn, &message, ERR));
        OK(mia_put(txn, &edge, ERR));
        OK(mia_put(txn, &embedding, ERR));
    }
}

static int write_for_ever(const char *path, const char *argument)
{
    (void)argument;
    struct test_random r = {(uint64_t)time(NULL) ^ (uint64_t)getpid() << 32};
    mia_store *store = open_store(path);
    test_say_ready();
    for (int64_t time = 1; time < INT64_MAX; time++) {
        mia_txn *txn;
        OK(mia_store_begin(store, MIA_TXN_WRITE, &txn, ERR));
        write_group(txn, &r, time);
        OK(mia_txn_commit(txn, ERR));
    }
    return 0;
}

static void check_groups(mia_store *store)
{
    mia_txn *txn;
    mia_scan *scan;
    mia_str id;
    mia_view view;
    int64_t time = 0;
    size_t n = 0;
    OK(mia_store_begin(store, MIA_TXN_READ, &txn, ERR));
    OK(mia_scan_open(txn, MIA_TABLE_NODES, MIA_STR("m"), &scan, ERR));
    for (; mia_scan_next(scan, &id, &view, ERR) == MIA_OK; n++) {
        if (n % GROUP == 0)
            time = mia_message_timestamp(view);
        assert_int_equal(mia_message_timestamp(view), time);
    }
    assert_int_equal(n % GROUP, 0);
    mia_scan_close(scan);
    mia_txn_abort(txn);
}

static void mdbx_survives(void **state)
{
    (void)state;
    char folder[TEST_PATH], path[TEST_PATH];
    struct test_random r = {test_seed()};
    test_folder_make(folder);
    test_path(path, folder, "db");
    for (int i = 0; i < KILLS; i++) {
        struct mia_index_report report = {.struct_size = sizeof report};
        struct timespec pause = {0, (long)test_below(&r, 60) * 1000000};
        struct test_process writer = test_start("writer", path, "");
        assert_true(test_wait_ready(&writer));
        nanosleep(&pause, NULL);
        test_kill(&writer);
        mia_store *store = open_store(path);
        OK(mia_index_check(store, NULL, NULL, &report, ERR));
        assert_int_equal(report.missing + report.stale + report.damaged, 0);
        check_groups(store);
        OK(mia_store_close(store, ERR));
    }
    test_folder_remove(folder);
}

/* ---- the file of a graph */

enum { VECTORS = 2500, DIMENSION = 16, CHECKPOINT_KILLS = 15 };

static void put_vectors(mia_store *store, struct test_random *r, size_t count)
{
    mia_txn *txn;
    OK(mia_store_begin(store, MIA_TXN_WRITE, &txn, ERR));
    for (size_t i = 0; i < count; i++) {
        char id[16];
        float vector[DIMENSION];
        snprintf(id, sizeof id, "v%04d", (int)(count == VECTORS ? i : test_below(r, VECTORS)));
        for (size_t j = 0; j < DIMENSION; j++)
            vector[j] = (float)test_below(r, 2001) - 1000;
        struct mia_record record = {MIA_KIND_EMBEDDING,
                                    {.embedding = {.id = mia_str_of(id),
                                                   .vector = {vector, DIMENSION},
                                                   .model = MIA_STR("m")}}};
        OK(mia_put(txn, &record, ERR));
    }
    OK(mia_txn_commit(txn, ERR));
}

/* Found through the graph, and with the distance that the exact search gives it. */
static void search_once(mia_store *store, struct test_random *r)
{
    mia_txn *txn;
    float query[DIMENSION];
    struct mia_hit near, truth;
    size_t found;
    struct mia_search_options exact = {.struct_size = sizeof exact, .exact = true};
    for (size_t j = 0; j < DIMENSION; j++)
        query[j] = (float)test_below(r, 2001) - 1000;
    OK(mia_store_begin(store, MIA_TXN_READ, &txn, ERR));
    OK(mia_search(txn, query, DIMENSION, 1, NULL, &near, &found, ERR));
    assert_int_equal(found, 1);
    OK(mia_search(txn, query, DIMENSION, 1, &exact, &truth, &found, ERR));
    assert_true(near.distance >= truth.distance);
    mia_txn_abort(txn);
}

/* Changes vectors and closes, which writes the graph, again and again. */
static int close_for_ever(const char *path, const char *argument)
{
    (void)argument;
    struct test_random r = {(uint64_t)time(NULL) ^ (uint64_t)getpid() << 32};
    test_say_ready();
    for (;;) {
        mia_store *store = open_store(path);
        put_vectors(store, &r, 20);
        search_once(store, &r);
        OK(mia_store_close(store, ERR));
    }
    return 0;
}

static void graphs_survive(void **state)
{
    (void)state;
    char folder[TEST_PATH], path[TEST_PATH];
    struct test_random r = {test_seed()};
    test_folder_make(folder);
    test_path(path, folder, "db");
    mia_store *store = open_store(path);
    put_vectors(store, &r, VECTORS);
    OK(mia_store_close(store, ERR));
    for (int i = 0; i < CHECKPOINT_KILLS; i++) {
        struct mia_index_report report = {.struct_size = sizeof report};
        struct timespec pause = {0, (long)test_below(&r, 400) * 1000000};
        struct test_process closer = test_start("closer", path, "");
        assert_true(test_wait_ready(&closer));
        nanosleep(&pause, NULL);
        test_kill(&closer);
        store = open_store(path);
        OK(mia_index_check(store, NULL, NULL, &report, ERR));
        assert_int_equal(report.missing + report.stale + report.damaged, 0);
        assert_int_equal(report.vectors, VECTORS);
        for (int q = 0; q < 20; q++)
            search_once(store, &r);
        OK(mia_store_close(store, ERR));
    }
    test_folder_remove(folder);
}

int main(int argc, char **argv)
{
    static const struct test_role roles[] = {{"writer", write_for_ever},
                                             {"closer", close_for_ever}};
    int code;
    if (test_role(argc, argv, roles, LENGTH(roles), &code))
        return code;
    const struct CMUnitTest tests[] = {cmocka_unit_test(mdbx_survives),
                                       cmocka_unit_test(graphs_survive)};
    return cmocka_run_group_tests_name("store_crash", tests, NULL, NULL);
}
