/*
 * test_threads.c - writers and readers go on while the secondary is filled, verified, made the
 * primary, and back: no write is lost, no reader sees a mixture
 */
#include "shadow/bench.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { WRITERS = 3, READERS = 2, GROUP = 4, GROUPS = 25, SWITCHES = 6 };

struct crew {
    mia_store *store;
    atomic_bool stop;
    atomic_int wrong;
    atomic_ullong writes, reads;
};
struct worker {
    struct crew *crew;
    int number;
    int64_t last; /* of a writer: the time that it wrote last, in each of its groups */
    int64_t times[GROUPS];
    pthread_t thread;
};

static void id_of(char id[32], int writer, int group, int i)
{
    snprintf(id, 32, "w%d-%02d-%d", writer, group, i);
}

/* The records of a group always change together. */
static mia_status write_group(struct worker *w, int group, int64_t time)
{
    mia_txn *txn;
    char id[32];
    mia_status rc = mia_store_begin(w->crew->store, MIA_TXN_WRITE, &txn, NULL);
    if (rc < 0)
        return rc;
    for (int i = 0; i < GROUP && rc == MIA_OK; i++) {
        id_of(id, w->number, group, i);
        struct mia_record message = message_of(id, "c", "s", time);
        rc = mia_put(txn, &message, NULL);
    }
    if (rc == MIA_OK)
        return mia_txn_commit(txn, NULL);
    mia_txn_abort(txn);
    return rc;
}

static void *write_all_the_time(void *argument)
{
    struct worker *w = argument;
    struct test_random r = {(uint64_t)w->number + 1};
    while (!atomic_load(&w->crew->stop)) {
        int group = (int)test_below(&r, GROUPS);
        if (write_group(w, group, ++w->last) != MIA_OK)
            atomic_fetch_add(&w->crew->wrong, 1);
        w->times[group] = w->last;
        atomic_fetch_add(&w->crew->writes, 1);
        nanosleep(&(struct timespec){0, 200000}, NULL);
    }
    return NULL;
}

static bool is_whole(mia_txn *txn, int writer, int group)
{
    int64_t time = 0;
    for (int i = 0; i < GROUP; i++) {
        char id[32];
        mia_view view;
        id_of(id, writer, group, i);
        mia_status rc = mia_get(txn, MIA_TABLE_NODES, mia_str_of(id), &view, NULL);
        int64_t now = rc == MIA_OK ? mia_message_timestamp(view) : rc == MIA_NOTFOUND ? -1 : -2;
        if (now == -2 || (i > 0 && now != time))
            return false;
        time = now;
    }
    return true;
}

static void *read_all_the_time(void *argument)
{
    struct worker *w = argument;
    struct test_random r = {(uint64_t)w->number + 100};
    while (!atomic_load(&w->crew->stop)) {
        mia_txn *txn;
        if (mia_store_begin(w->crew->store, MIA_TXN_READ, &txn, NULL) != MIA_OK) {
            atomic_fetch_add(&w->crew->wrong, 1);
            continue;
        }
        if (!is_whole(txn, (int)test_below(&r, WRITERS), (int)test_below(&r, GROUPS)))
            atomic_fetch_add(&w->crew->wrong, 1);
        mia_txn_abort(txn);
        atomic_fetch_add(&w->crew->reads, 1);
        nanosleep(&(struct timespec){0, 100000}, NULL);
    }
    return NULL;
}

/* Under writes the answer may come late: another try, as an application would. */
static void switch_now(struct pair_bench *b)
{
    mia_status rc = MIA_ERR_BUSY;
    for (int i = 0; i < 20 && rc == MIA_ERR_BUSY; i++) {
        pair_verify(b);
        rc = mia_shadow_switch_store(b->store, 5000, ERR);
    }
    if (rc < 0)
        print_message("%s\n", test_error.message);
    assert_int_equal(rc, MIA_OK);
}

static void check_writes(mia_store *store, const struct worker workers[WRITERS])
{
    mia_txn *txn;
    OK(mia_store_begin(store, MIA_TXN_READ, &txn, ERR));
    for (int w = 0; w < WRITERS; w++)
        for (int g = 0; g < GROUPS; g++) {
            char id[32];
            mia_view view;
            if (workers[w].times[g] == 0)
                continue;
            id_of(id, w, g, GROUP - 1);
            OK(mia_get(txn, MIA_TABLE_NODES, mia_str_of(id), &view, ERR));
            assert_int_equal(mia_message_timestamp(view), workers[w].times[g]);
        }
    mia_txn_abort(txn);
}

static void go(const struct mia_engine_ops *first, const struct mia_engine_ops *second,
               bool readers)
{
    struct pair_bench b;
    struct worker workers[WRITERS + READERS] = {{0}};
    size_t count = readers ? WRITERS + READERS : WRITERS;
    pair_make(&b, first, second);
    b.options.batch_records = 40;
    pair_create(&b);
    pair_open_store(&b);
    struct crew crew = {.store = b.store};
    for (int i = 0; i < 1000; i++) {
        char id[16];
        snprintf(id, sizeof id, "old%04d", i);
        pair_put(&b, id, "t");
    }
    for (size_t i = 0; i < count; i++) {
        workers[i] = (struct worker){.crew = &crew, .number = (int)i};
        assert_int_equal(pthread_create(&workers[i].thread, NULL,
                                        i < WRITERS ? write_all_the_time : read_all_the_time,
                                        &workers[i]),
                         0);
    }
    struct mia_shadow_ab_options ab = {.struct_size = sizeof ab, .percent = 10};
    struct mia_shadow_ab_report report = {.struct_size = sizeof report};
    OK(mia_shadow_ab_start(mia_store_db(b.store), &ab, ERR));
    for (int i = 0; i < SWITCHES; i++)
        switch_now(&b);
    pair_verify(&b);
    OK(mia_shadow_ab_report(mia_store_db(b.store), &report, ERR));
    assert_int_equal(report.kept, 0);
    OK(mia_shadow_detach(mia_store_db(b.store), 0, ERR));
    atomic_store(&crew.stop, true);
    for (size_t i = 0; i < count; i++)
        pthread_join(workers[i].thread, NULL);
    assert_int_equal(atomic_load(&crew.wrong), 0);
    check_writes(b.store, workers);
    print_message("%d reads compared, %d settled\n",
                  (int)report.operations[MIA_SHADOW_AB_GET].compared,
                  (int)report.operations[MIA_SHADOW_AB_GET].settled);
    print_message("%llu writes, %llu reads\n", (unsigned long long)atomic_load(&crew.writes),
                  (unsigned long long)atomic_load(&crew.reads));
    pair_close(&b);
    pair_remove(&b);
}

static void mdbx_and_mdbx(void **state)
{
    (void)state;
    go(mia_engine_mdbx(), mia_engine_mdbx(), true);
}

/* sled has no snapshots for readers to be whole in. */
static void sled_and_mdbx(void **state)
{
    (void)state;
    if (mia_engine_sled() == NULL)
        skip();
    go(mia_engine_sled(), mia_engine_mdbx(), false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(mdbx_and_mdbx),
                                       cmocka_unit_test(sled_and_mdbx)};
    return cmocka_run_group_tests_name("shadow_threads", tests, NULL, NULL);
}
