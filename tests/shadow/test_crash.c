/*
 * test_crash.c - the process is killed at any moment, whatever the pair is doing: what was
 * acknowledged is there, and both sides become the same again
 */
#include "shadow/bench.h"
#include "support/process.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { NODES = 150, GROUP = 3, MDBX_KILLS = 50, SLED_KILLS = 15 };

static void bench_at(struct pair_bench *b, const char *folder, bool with_sled)
{
    *b = (struct pair_bench){
        .engines = {with_sled ? mia_engine_sled() : mia_engine_mdbx(), mia_engine_mdbx()}};
    snprintf(b->folder, TEST_PATH, "%s", folder);
    test_path(b->pair, folder, "pair");
    test_path(b->sides[0], folder, "first");
    test_path(b->sides[1], folder, "second");
    /* what libmdbx has written survives the process; sled keeps it to itself until it is flushed */
    b->db_options =
        (struct mia_db_options){.struct_size = sizeof b->db_options,
                                .durability = with_sled ? MIA_SYNC_DURABLE : MIA_SYNC_LAZY,
                                .cache_bytes = 16u << 20};
    b->options.batch_records = 100;
}

/* How far the killed process came: memory that outlives it. */
struct shared {
    _Atomic int64_t begun, acknowledged;
    _Atomic bool is_early; /* killed while it opens the pair */
    _Atomic uint64_t states[MIA_SHADOW_DETACHED + 1], switches;
};

static struct shared *share(const char *folder)
{
    char path[TEST_PATH];
    test_path(path, folder, "shared");
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    assert_true(fd >= 0 && ftruncate(fd, sizeof(struct shared)) == 0);
    void *at = mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    assert_true(at != MAP_FAILED);
    return at;
}

/* GROUP records and a counter change together. */
static void write_group(struct pair_bench *b, struct test_random *r, struct shared *shared)
{
    mia_txn *txn;
    char id[32];
    int64_t time = atomic_fetch_add(&shared->begun, 1) + 1;
    size_t group = test_below(r, NODES);
    OK(mia_store_begin(b->store, MIA_TXN_WRITE, &txn, ERR));
    for (int i = 0; i < GROUP; i++) {
        snprintf(id, sizeof id, "m%03zu-%d", group, i);
        struct mia_record message = message_of(id, "c", "s", time);
        struct mia_record edge = edge_of(id, id, "IN", "c");
        OK(mia_put(txn, &message, ERR));
        OK(mia_put(txn, &edge, ERR));
    }
    struct mia_record counter = chat_of("counter", "t", time);
    OK(mia_put(txn, &counter, ERR));
    if (test_below(r, 8) == 0)
        OK(mia_delete(txn, MIA_TABLE_NODES, mia_str_of(id), MIA_DELETE_EDGES, NULL, ERR));
    OK(mia_txn_commit(txn, ERR));
    atomic_store(&shared->acknowledged, time);
}

static void do_something(struct pair_bench *b, struct test_random *r)
{
    struct mia_shadow_verify_report report = {.struct_size = sizeof report};
    mia_db *db = mia_store_db(b->store);
    switch (test_below(r, 12)) {
    case 0:
        mia_shadow_wait(db, 200, NULL);
        mia_shadow_verify(db, NULL, &report, NULL);
        break;
    case 1:
    case 2:
        mia_shadow_wait(db, 200, NULL);
        mia_shadow_verify(db, NULL, &report, NULL);
        mia_shadow_switch_store(b->store, 1000, NULL);
        break;
    case 3:
        pair_close(b);
        pair_open_store(b);
        break;
    default:
        break;
    }
}

/* Its answer is never heard. */
static int use_for_ever(const char *folder, const char *engine)
{
    struct pair_bench b;
    struct test_random r = {(uint64_t)time(NULL) ^ (uint64_t)getpid() << 32};
    struct shared *shared = share(folder);
    bench_at(&b, folder, strcmp(engine, "sled") == 0);
    if (shared->is_early)
        test_say_ready();
    pair_open_store(&b);
    if (!shared->is_early)
        test_say_ready();
    for (int i = 0; i < INT32_MAX; i++) {
        struct mia_shadow_status status = pair_status(&b);
        atomic_fetch_add(&shared->states[status.state], 1);
        atomic_store(&shared->switches, status.switches);
        for (int k = 0; k < 5; k++)
            write_group(&b, &r, shared);
        do_something(&b, &r);
    }
    return 0;
}

static void check_primary(struct pair_bench *b, const struct shared *shared)
{
    mia_txn *txn;
    mia_view view;
    OK(mia_store_begin(b->store, MIA_TXN_READ, &txn, ERR));
    mia_status rc = mia_get(txn, MIA_TABLE_NODES, MIA_STR("counter"), &view, ERR);
    int64_t found = rc == MIA_OK ? mia_chat_updated_at(view) : 0;
    mia_txn_abort(txn);
    if (found < atomic_load(&shared->acknowledged) || found > atomic_load(&shared->begun))
        fail_msg("the primary has %d, %d were acknowledged", (int)found,
                 (int)atomic_load(&shared->acknowledged));
    atomic_store(&((struct shared *)(uintptr_t)shared)->begun, found);
}

/* Once in some hundred kills the real sled leaves what it cannot recover itself. A copy is asked:
 * to open the side itself would be to write to it without the pair. */
static bool sled_recovers(const struct pair_bench *b)
{
    mia_db *db;
    char copy[TEST_PATH], command[3 * TEST_PATH];
    if (b->engines[0] == mia_engine_mdbx())
        return true;
    test_path(copy, b->folder, "copy");
    snprintf(command, sizeof command, "cp -r '%s' '%s'", b->sides[0], copy);
    assert_int_equal(system(command), 0);
    mia_status rc = mia_db_open(b->engines[0], copy, &b->db_options, &db, ERR);
    if (rc != MIA_ERR_CORRUPT) {
        OK(rc);
        OK(mia_db_close(db, ERR));
    }
    test_folder_remove(copy);
    return rc == MIA_OK;
}

static struct shared *begin(struct pair_bench *b, char folder[TEST_PATH], bool with_sled)
{
    test_folder_make(folder);
    bench_at(b, folder, with_sled);
    struct shared *shared = share(folder);
    pair_create(b);
    return shared;
}

/* Returns how many writes were acknowledged. */
static int64_t end(const char *folder, struct shared *shared)
{
    int64_t acknowledged = atomic_load(&shared->acknowledged);
    print_message("%d writes; killed in the states %d %d %d; %d switches\n", (int)acknowledged,
                  (int)atomic_load(&shared->states[0]), (int)atomic_load(&shared->states[1]),
                  (int)atomic_load(&shared->states[2]), (int)atomic_load(&shared->switches));
    munmap(shared, sizeof *shared);
    test_folder_remove(folder);
    return acknowledged;
}

static void kill_often(bool with_sled, int kills)
{
    enum { RUINED_MOST = 3 };
    struct pair_bench b;
    struct test_random r = {test_seed()};
    char folder[TEST_PATH];
    uint64_t records;
    int ruined = 0;
    int64_t acknowledged = 0;
    struct shared *shared = begin(&b, folder, with_sled);
    for (int i = 0; i < kills; i++) {
        struct timespec pause = {0, (long)test_below(&r, i % 4 ? 60 : 300) * 1000000};
        shared->is_early = test_below(&r, 4) == 0;
        struct test_process process = test_start("user", folder, with_sled ? "sled" : "mdbx");
        assert_true(test_wait_ready(&process));
        nanosleep(&pause, NULL);
        test_kill(&process);
        if (!sled_recovers(&b)) {
            assert_true(++ruined <= RUINED_MOST);
            print_message("sled cannot recover what it left: another pair\n");
            acknowledged += end(folder, shared);
            shared = begin(&b, folder, with_sled);
            continue;
        }
        if (test_below(&r, 3) == 0)
            continue; /* killed again before it has recovered */
        pair_open_store(&b);
        check_primary(&b, shared);
        pair_verify(&b);
        pair_close(&b);
        if (i % 10 == 0)
            pair_sides_are_equal(&b, &records);
    }
    if (sled_recovers(&b)) {
        pair_open_store(&b);
        pair_verify(&b);
        pair_close(&b);
        pair_sides_are_equal(&b, &records);
    }
    acknowledged += end(folder, shared);
    assert_true(acknowledged > 0);
}

static void mdbx_and_mdbx(void **state)
{
    (void)state;
    kill_often(false, MDBX_KILLS);
}

static void sled_and_mdbx(void **state)
{
    (void)state;
    if (mia_engine_sled() == NULL)
        skip();
    kill_often(true, SLED_KILLS);
}

int main(int argc, char **argv)
{
    static const struct test_role roles[] = {{"user", use_for_ever}};
    int code;
    if (test_role(argc, argv, roles, LENGTH(roles), &code))
        return code;
    const struct CMUnitTest tests[] = {cmocka_unit_test(mdbx_and_mdbx),
                                       cmocka_unit_test(sled_and_mdbx)};
    return cmocka_run_group_tests_name("shadow_crash", tests, NULL, NULL);
}
