/* What only the libmdbx engine has: limits, a file, a map, readers, copies, a check. */
#include "engine/mdbx_bench.h"
#include "support/random.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* ---- limits */

static void page_sizes_set_the_limits(void **state)
{
    static const struct {
        uint32_t page;
        size_t key, multi_key, multi_value;
    } sizes[] = {
        {4096, 2022, 1980, 2022},     {8192, 4070, 4028, 4070},     {16384, 8166, 8124, 8166},
        {32768, 16358, 16316, 16358}, {65536, 32742, 32700, 32742},
    };
    struct mdbx_bench *b = *state;
    for (size_t i = 0; i < LENGTH(sizes); i++) {
        char path[TEST_PATH], name[16];
        mia_db *db;
        struct mia_db_info info = {.struct_size = sizeof info};
        struct mia_db_options opt = {.struct_size = sizeof opt, .page_size = sizes[i].page};
        snprintf(name, sizeof name, "%u", sizes[i].page);
        test_path(path, b->folder, name);
        OK(mia_db_open(mia_engine_mdbx(), path, &opt, &db, ERR));
        OK(mia_db_close(db, ERR));
        opt.page_size = 4096; /* of an existing file it is what it is */
        OK(mia_db_open(mia_engine_mdbx(), path, &opt, &db, ERR));
        OK(mia_db_info(db, &info, ERR));
        assert_int_equal(info.page_size, sizes[i].page);
        assert_int_equal(info.max_key, sizes[i].key);
        assert_int_equal(info.max_multi_key, sizes[i].multi_key);
        assert_int_equal(info.max_multi_value, sizes[i].multi_value);
        assert_int_equal(info.max_value, 2146435072);
        OK(mia_db_close(db, ERR));
    }
}

static void a_full_map_is_reported_and_survived(void **state)
{
    struct mdbx_bench *b = *state;
    static const char value[50000];
    struct mia_db_options opt = {.struct_size = sizeof opt, .max_size = 4 << 20};
    struct mia_db_info info = {.struct_size = sizeof info};
    mia_tree tree;
    mia_status rc = MIA_OK;
    mdbx_bench_open(b, &opt);
    OK(mia_db_info(b->db, &info, ERR));
    assert_int_equal(info.size_limit, 4 << 20);
    mdbx_bench_put(b, "t", "kept", "1");
    mia_txn *txn = mdbx_bench_begin(b, MIA_TXN_WRITE, &tree);
    for (size_t i = 0; i < 1000 && rc == MIA_OK; i++)
        rc = mia_kv_put(txn, tree, (mia_slice){&i, sizeof i}, (mia_slice){value, sizeof value}, 0,
                        ERR);
    assert_int_equal(rc, MIA_ERR_FULL);
    assert_non_null(strstr(test_error.message, "max_size"));
    assert_non_null(strstr(test_error.message, b->path));
    ANSWERS(mia_kv_put(txn, tree, MIA_BYTES("a"), MIA_BYTES("b"), 0, ERR), MIA_ERR_TXN);
    ANSWERS(mia_txn_commit(txn, ERR), MIA_ERR_TXN);
    mdbx_bench_put(b, "t", "more", "2"); /* as good as before */
    assert_int_equal(mdbx_bench_count(b, "t"), 2);
    OK(mia_db_close(b->db, ERR));
    opt.max_size = 64 << 20; /* the remedy */
    mdbx_bench_open(b, &opt);
    txn = mdbx_bench_begin(b, MIA_TXN_WRITE, &tree);
    for (size_t i = 0; i < 200; i++)
        OK(mia_kv_put(txn, tree, (mia_slice){&i, sizeof i}, (mia_slice){value, sizeof value}, 0,
                      ERR));
    OK(mia_txn_commit(txn, ERR));
    assert_int_equal(mdbx_bench_count(b, "t"), 202);
}

static void too_many_readers_are_busy(void **state)
{
    enum { MOST = 1000 };
    struct mdbx_bench *b = *state;
    static mia_txn *txns[MOST];
    size_t open = 0;
    struct mia_db_options opt = {.struct_size = sizeof opt, .max_readers = 1};
    mdbx_bench_open(b, &opt);
    mdbx_bench_put(b, "t", "a", "1");
    mia_status rc = MIA_OK;
    while (open < MOST && rc == MIA_OK) {
        rc = mia_txn_begin(b->db, MIA_TXN_READ, &txns[open], ERR);
        open += rc == MIA_OK;
    }
    assert_int_equal(rc, MIA_ERR_BUSY);
    assert_non_null(strstr(test_error.message, "max_readers"));
    mia_txn_abort(txns[--open]); /* room for one again */
    OK(mia_txn_begin(b->db, MIA_TXN_READ, &txns[open], ERR));
    mdbx_bench_put(b, "t", "b", "2"); /* writers need none */
    for (size_t i = 0; i <= open; i++)
        mia_txn_abort(txns[i]);
}

static void too_many_trees_are_full(void **state)
{
    struct mdbx_bench *b = *state;
    struct mia_db_options opt = {.struct_size = sizeof opt, .max_trees = 5};
    mia_tree tree;
    mia_slice name, after = MIA_BYTES("d");
    mia_txn *txn;
    mdbx_bench_open(b, &opt);
    OK(mia_txn_begin(b->db, MIA_TXN_WRITE, &txn, ERR));
    for (char letter = 'a'; letter < 'f'; letter++)
        OK(mia_tree_open(txn, (mia_slice){&letter, 1}, MIA_TREE_CREATE, &tree, ERR));
    ANSWERS(mia_tree_open(txn, MIA_BYTES("f"), MIA_TREE_CREATE, &tree, ERR), MIA_ERR_FULL);
    assert_non_null(strstr(test_error.message, "max_trees"));
    OK(mia_tree_open(txn, MIA_BYTES("a"), 0, &tree, ERR));
    OK(mia_txn_commit(txn, ERR));
    OK(mia_txn_begin(b->db, MIA_TXN_READ, &txn, ERR));
    OK(mia_tree_next(txn, &after, &name, ERR));
    assert_text(name, "e");
    after = MIA_BYTES("e"); /* there is no sixth */
    ANSWERS(mia_tree_next(txn, &after, &name, ERR), MIA_NOTFOUND);
    mia_txn_abort(txn);
}

/* ---- files that are no database */

static void check_refused(const char *path, const char *file, const void *junk, size_t size)
{
    struct mia_db_options plain = {.struct_size = sizeof plain}, must = plain, read = plain;
    const struct mia_db_options *const all[] = {&plain, &must, &read};
    must.must_exist = read.read_only = true;
    test_file_write(file, junk, size);
    for (size_t i = 0; i < LENGTH(all); i++) {
        mia_db *db;
        mia_status rc = mia_db_open(mia_engine_mdbx(), path, all[i], &db, ERR);
        if (rc != MIA_ERR_CORRUPT && rc != MIA_ERR_INVALID) {
            print_error("%zu bytes of junk: %s\n", size, mia_status_name(rc));
            fail();
        }
        assert_null(db);
        assert_non_null(strstr(test_error.message, file));
        size_t now;
        uint8_t *data = test_file_read(file, &now);
        assert_bytes(((mia_slice){data, now}), ((mia_slice){junk, size}));
        free(data);
    }
}

static void junk_is_refused_and_left_alone(void **state)
{
    static const size_t sizes[] = {1, 100, 4096, 8192, 12287, 12288, 16384, 1 << 20};
    struct mdbx_bench *b = *state;
    char file[TEST_PATH];
    uint8_t *junk = malloc(1 << 20);
    struct test_random random = {1};
    assert_non_null(junk);
    mdbx_bench_open(b, NULL); /* for the directory */
    OK(mia_db_close(b->db, ERR));
    b->db = NULL;
    test_path(file, b->path, "mdbx.dat");
    size_t size;
    uint8_t *real = test_file_read(file, &size);
    for (size_t i = 0; i < LENGTH(sizes); i++) {
        test_fill(&random, junk, sizes[i]);
        check_refused(b->path, file, junk, sizes[i]);
        memset(junk, 0, sizes[i]);
        check_refused(b->path, file, junk, sizes[i]);
    }
    for (size_t cut = 100; cut < 3 * 4096; cut += 4000) /* a beginning of a real one */
        check_refused(b->path, file, real, cut);
    real[20] ^= 1; /* the magic of the first meta page */
    check_refused(b->path, file, real, size);
    free(real);
    free(junk);
}

/* ---- durability and space */

struct writer {
    mia_db *db;
    mia_status rc;
    uint64_t commits;
    atomic_bool stop;
};

/* Two trees that always hold the same number. */
static mia_status write_pair(mia_db *db, uint64_t number)
{
    mia_txn *txn;
    mia_tree one, two;
    mia_slice value = {&number, sizeof number};
    mia_status rc = mia_txn_begin(db, MIA_TXN_WRITE, &txn, NULL);
    if (rc != MIA_OK)
        return rc;
    if ((rc = mia_tree_open(txn, MIA_BYTES("one"), MIA_TREE_CREATE, &one, NULL)) != MIA_OK ||
        (rc = mia_tree_open(txn, MIA_BYTES("two"), MIA_TREE_CREATE, &two, NULL)) != MIA_OK ||
        (rc = mia_kv_put(txn, one, MIA_BYTES("n"), value, 0, NULL)) != MIA_OK ||
        (rc = mia_kv_put(txn, two, MIA_BYTES("n"), value, 0, NULL)) != MIA_OK ||
        (rc = mia_kv_put(txn, one, value, value, 0, NULL)) != MIA_OK) {
        mia_txn_abort(txn);
        return rc;
    }
    return mia_txn_commit(txn, NULL);
}

/* With a nap each time: a file that is copied grows meanwhile, and one that grew faster than a busy
 * disk can copy it would fill that disk. */
static void *write_until_stopped(void *argument)
{
    const struct timespec nap = {0, 100000};
    struct writer *w = argument;
    while (w->rc == MIA_OK && !atomic_load(&w->stop)) {
        w->rc = write_pair(w->db, ++w->commits);
        nanosleep(&nap, NULL);
    }
    return NULL;
}

/* libmdbx 0.13 takes any write transaction of the process for the caller's own: without the lock
 * around sync it ends the process here. */
static void syncs_beside_a_writer_do_no_harm(void **state)
{
    struct mdbx_bench *b = *state;
    pthread_t thread;
    struct mia_db_options opt = {
        .struct_size = sizeof opt, .durability = MIA_SYNC_LAZY, .lazy_interval_ms = 1};
    mdbx_bench_open(b, &opt);
    struct writer w = {.db = b->db};
    assert_int_equal(pthread_create(&thread, NULL, write_until_stopped, &w), 0);
    for (uint64_t i = 0; i < test_setting("MIA_TEST_SYNC_MS", 500); i++) {
        struct mia_db_info info = {.struct_size = sizeof info};
        if (i % 7 == 0)
            OK(mia_db_sync(b->db, ERR));
        OK(mia_db_info(b->db, &info, ERR));
        usleep(1000);
    }
    atomic_store(&w.stop, true);
    pthread_join(thread, NULL);
    assert_int_equal(w.rc, MIA_OK);
    assert_true(w.commits > 10);
    assert_int_equal(mdbx_bench_count(b, "one"), w.commits + 1);
    mdbx_bench_check(b->db);
}

static void lazy_commits_reuse_pages(void **state)
{
    enum { PUTS = 30000 };
    struct mdbx_bench *b = *state;
    static const char value[300];
    struct mia_db_info info = {.struct_size = sizeof info};
    struct mia_db_options opt = {.struct_size = sizeof opt, .durability = MIA_SYNC_LAZY};
    mdbx_bench_open(b, &opt);
    for (uint32_t i = 0; i < PUTS; i++) {
        mia_tree tree;
        uint32_t key = i * 2654435761u;
        mia_txn *txn = mdbx_bench_begin(b, MIA_TXN_WRITE, &tree);
        OK(mia_kv_put(txn, tree, (mia_slice){&key, sizeof key}, (mia_slice){value, sizeof value}, 0,
                      ERR));
        OK(mia_txn_commit(txn, ERR));
    }
    assert_int_equal(mdbx_bench_count(b, "t"), PUTS);
    OK(mia_db_info(b->db, &info, ERR));
    assert_in_range(info.size_on_disk, PUTS * sizeof value, 128 << 20);
}

/* ---- readers */

struct seen {
    uint64_t process, txn, lag;
    size_t calls;
};

static bool note_reader(void *ctx, const struct mia_reader *reader)
{
    struct seen *seen = ctx;
    if (reader->txn == 0)
        return true; /* idle */
    seen->calls++;
    seen->process = reader->process;
    seen->txn = reader->txn;
    seen->lag = reader->lag;
    return true;
}

static void a_long_reader_is_seen(void **state)
{
    struct mdbx_bench *b = *state;
    mia_tree tree;
    struct seen seen = {0};
    struct mia_db_info info = {.struct_size = sizeof info};
    mdbx_bench_open(b, NULL);
    mdbx_bench_put(b, "t", "a", "1");
    OK(mia_db_readers(b->db, note_reader, &seen, ERR));
    assert_int_equal(seen.calls, 0);
    OK(mia_db_info(b->db, &info, ERR));
    assert_int_equal(info.oldest_reader, 0);
    uint64_t before = info.last_txn;
    mia_txn *txn = mdbx_bench_begin(b, MIA_TXN_READ, &tree);
    for (char key = 'b'; key < 'g'; key++)
        mdbx_bench_put(b, "t", (char[]){key, 0}, "2");
    OK(mia_db_readers(b->db, note_reader, &seen, ERR));
    assert_int_equal(seen.calls, 1);
    assert_int_equal(seen.process, getpid());
    assert_int_equal(seen.txn, before);
    assert_int_equal(seen.lag, 5);
    OK(mia_db_info(b->db, &info, ERR));
    assert_int_equal(info.oldest_reader, before);
    assert_int_equal(info.last_txn, before + 5);
    mia_txn_abort(txn);
    seen = (struct seen){0};
    OK(mia_db_readers(b->db, note_reader, &seen, ERR));
    assert_int_equal(seen.calls, 0);
}

static bool stop_at_once(void *ctx, const struct mia_reader *reader)
{
    (void)reader;
    ++*(size_t *)ctx;
    return false;
}

static void a_walk_over_readers_may_stop(void **state)
{
    struct mdbx_bench *b = *state;
    size_t calls = 0;
    mia_tree tree;
    mdbx_bench_open(b, NULL);
    mdbx_bench_put(b, "t", "a", "1");
    mia_txn *one = mdbx_bench_begin(b, MIA_TXN_READ, &tree);
    mia_txn *two = mdbx_bench_begin(b, MIA_TXN_READ, &tree);
    OK(mia_db_readers(b->db, stop_at_once, &calls, ERR));
    assert_int_equal(calls, 1);
    mia_txn_abort(one);
    mia_txn_abort(two);
}

/* ---- copies and the check */

/* A copy is one moment of the original: both trees hold the same number. */
static void check_copy(const char *path)
{
    struct mdbx_bench copy = {0};
    mia_tree one, two;
    mia_slice n_one, n_two;
    mia_txn *txn;
    struct mia_db_options opt = {.struct_size = sizeof opt, .must_exist = true};
    OK(mia_db_open(mia_engine_mdbx(), path, &opt, &copy.db, ERR));
    mdbx_bench_check(copy.db);
    OK(mia_txn_begin(copy.db, MIA_TXN_READ, &txn, ERR));
    OK(mia_tree_open(txn, MIA_BYTES("one"), 0, &one, ERR));
    OK(mia_tree_open(txn, MIA_BYTES("two"), 0, &two, ERR));
    OK(mia_kv_get(txn, one, MIA_BYTES("n"), &n_one, ERR));
    OK(mia_kv_get(txn, two, MIA_BYTES("n"), &n_two, ERR));
    assert_bytes(n_one, n_two);
    uint64_t n, pairs;
    memcpy(&n, n_one.data, sizeof n);
    OK(mia_kv_count(txn, one, NULL, &pairs, ERR));
    assert_int_equal(pairs, n + 1);
    mia_txn_abort(txn);
    OK(mia_db_close(copy.db, ERR));
}

static void copies_beside_a_writer_are_whole(void **state)
{
    struct mdbx_bench *b = *state;
    pthread_t thread;
    struct mia_db_options opt = {.struct_size = sizeof opt, .durability = MIA_SYNC_LAZY};
    mdbx_bench_open(b, &opt);
    struct writer w = {.db = b->db, .rc = write_pair(b->db, 1), .commits = 1};
    assert_int_equal(pthread_create(&thread, NULL, write_until_stopped, &w), 0);
    for (int i = 0; i < 8; i++) {
        char copy[TEST_PATH], name[24];
        snprintf(name, sizeof name, "copy %d", i);
        test_path(copy, b->folder, name);
        OK(mia_db_copy(b->db, copy, i % 2 == 0, ERR));
        ANSWERS(mia_db_copy(b->db, copy, i % 2 == 0, ERR), MIA_ERR_INVALID); /* exists */
        check_copy(copy);
    }
    atomic_store(&w.stop, true);
    pthread_join(thread, NULL);
    assert_int_equal(w.rc, MIA_OK);
    char nowhere[TEST_PATH];
    test_path(nowhere, b->folder, "no/such/place");
    assert_true(mia_db_copy(b->db, nowhere, false, ERR) < 0);
    assert_non_null(strstr(test_error.message, nowhere));
}

static void count_problem(void *ctx, const char *line)
{
    assert_true(line[0] != '\0');
    ++*(uint64_t *)ctx;
}

static void the_check_finds_damage(void **state)
{
    struct mdbx_bench *b = *state;
    char file[TEST_PATH];
    uint64_t problems = 0, lines = 0;
    mia_tree tree;
    struct mia_db_options opt = {.struct_size = sizeof opt, .untrusted = true};
    mdbx_bench_open(b, NULL);
    mia_txn *txn = mdbx_bench_begin(b, MIA_TXN_WRITE, &tree);
    for (uint32_t i = 0; i < 20000; i++)
        OK(mia_kv_put(txn, tree, (mia_slice){&i, sizeof i}, MIA_BYTES("some value of a pair"), 0,
                      ERR));
    OK(mia_txn_commit(txn, ERR));
    mdbx_bench_check(b->db);
    OK(mia_db_close(b->db, ERR));
    b->db = NULL;
    test_path(file, b->path, "mdbx.dat");
    size_t size;
    uint8_t *data = test_file_read(file, &size);
    for (size_t page = 20; page < 40; page++)
        memset(data + page * 4096, 0x5a, 64);
    test_file_write(file, data, size);
    free(data);
    mdbx_bench_open(b, &opt);
    mia_status rc = mia_db_check(b->db, count_problem, &lines, &problems, ERR);
    assert_true((rc == MIA_OK && problems > 0 && lines > 0) || rc == MIA_ERR_CORRUPT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MDBX_TEST(page_sizes_set_the_limits),      MDBX_TEST(a_full_map_is_reported_and_survived),
        MDBX_TEST(too_many_readers_are_busy),      MDBX_TEST(too_many_trees_are_full),
        MDBX_TEST(junk_is_refused_and_left_alone), MDBX_TEST(syncs_beside_a_writer_do_no_harm),
        MDBX_TEST(lazy_commits_reuse_pages),       MDBX_TEST(a_long_reader_is_seen),
        MDBX_TEST(a_walk_over_readers_may_stop),   MDBX_TEST(copies_beside_a_writer_are_whole),
        MDBX_TEST(the_check_finds_damage),
    };
    return cmocka_run_group_tests_name("mdbx", tests, NULL, NULL);
}
