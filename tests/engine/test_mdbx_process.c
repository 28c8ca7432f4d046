/*
 * Several processes on one database: what the killed leave behind, and what others see.
 *
 * The other process is this program in a role: it never inherits an open database.
 */
#include "engine/mdbx_bench.h"
#include "support/process.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

/* ---- roles: exit code 0 is what the parent hopes for */

static mia_db *open_in_role(const char *path, const struct mia_db_options *opt)
{
    mia_db *db;
    if (mia_db_open(mia_engine_mdbx(), path, opt, &db, ERR) != MIA_OK) {
        fprintf(stderr, "%s\n", test_error.message);
        _exit(98);
    }
    return db;
}

static mia_txn *write_in_role(mia_db *db, const char *key, mia_slice value)
{
    mia_txn *txn;
    mia_tree tree;
    if (mia_txn_begin(db, MIA_TXN_WRITE, &txn, ERR) != MIA_OK ||
        mia_tree_open(txn, MIA_BYTES("t"), MIA_TREE_CREATE, &tree, ERR) != MIA_OK ||
        mia_kv_put(txn, tree, mia_bytes_of(key), value, 0, ERR) != MIA_OK) {
        fprintf(stderr, "%s\n", test_error.message);
        _exit(97);
    }
    return txn;
}

/* Commits one pair, then waits in the middle of a second transaction. */
static int play_writer(const char *path, const char *argument)
{
    mia_db *db = open_in_role(path, NULL);
    if (mia_txn_commit(write_in_role(db, argument, MIA_BYTES("committed")), ERR) != MIA_OK)
        return 1;
    write_in_role(db, "half", MIA_BYTES("written"));
    test_say_ready();
    pause();
    return 1;
}

static int play_reader(const char *path, const char *argument)
{
    (void)argument;
    mia_txn *txn;
    mia_db *db = open_in_role(path, NULL);
    if (mia_txn_begin(db, MIA_TXN_READ, &txn, ERR) != MIA_OK)
        return 1;
    test_say_ready();
    pause();
    return 1;
}

static int play_owner(const char *path, const char *argument)
{
    (void)argument;
    struct mia_db_options opt = {.struct_size = sizeof opt, .exclusive = true};
    open_in_role(path, &opt);
    test_say_ready();
    pause();
    return 1;
}

/* Commits lazily and ends without a close, as a crash does. */
static int play_lazy(const char *path, const char *argument)
{
    struct mia_db_options opt = {
        .struct_size = sizeof opt, .durability = MIA_SYNC_LAZY, .lazy_interval_ms = 3600 * 1000};
    mia_db *db = open_in_role(path, &opt);
    for (int i = 0; i < atoi(argument); i++) {
        char key[24];
        snprintf(key, sizeof key, "%d", i);
        if (mia_txn_commit(write_in_role(db, key, MIA_BYTES("lazy")), ERR) != MIA_OK)
            return 1;
    }
    _exit(0);
}

/* Writes until the file may not grow, then goes on with less. */
static int play_limited(const char *path, const char *argument)
{
    static const char value[100000];
    struct rlimit limit = {.rlim_cur = 8 << 20, .rlim_max = RLIM_INFINITY};
    mia_status rc = MIA_OK;
    mia_txn *txn;
    mia_tree tree;
    signal(SIGXFSZ, SIG_IGN); /* EFBIG instead, as of a full disk */
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
        return 2;
    struct mia_db_options opt = {.struct_size = sizeof opt, .growth_bytes = 1 << 20};
    mia_db *db = open_in_role(path, &opt);
    if (mia_txn_commit(write_in_role(db, argument, MIA_BYTES("kept")), ERR) != MIA_OK)
        return 3;
    if (mia_txn_begin(db, MIA_TXN_WRITE, &txn, ERR) != MIA_OK ||
        mia_tree_open(txn, MIA_BYTES("t"), 0, &tree, ERR) != MIA_OK)
        return 4;
    for (size_t i = 0; i < 1000 && rc == MIA_OK; i++)
        rc = mia_kv_put(txn, tree, (mia_slice){&i, sizeof i}, (mia_slice){value, sizeof value}, 0,
                        ERR);
    if (rc == MIA_OK)
        rc = mia_txn_commit(txn, ERR);
    else
        mia_txn_abort(txn);
    if (rc != MIA_ERR_FULL) {
        fprintf(stderr, "%s: %s\n", mia_status_name(rc), test_error.message);
        return 5;
    }
    if (mia_txn_commit(write_in_role(db, "more", MIA_BYTES("kept")), ERR) != MIA_OK)
        return 6;
    return mia_db_close(db, ERR) == MIA_OK ? 0 : 7;
}

static const struct test_role roles[] = {
    {"writer", play_writer}, {"reader", play_reader},   {"owner", play_owner},
    {"lazy", play_lazy},     {"limited", play_limited},
};

/* ---- tests */

static void assert_pair(struct mdbx_bench *b, const char *key, const char *value)
{
    mia_tree tree;
    mia_slice got;
    mia_txn *txn = mdbx_bench_begin(b, MIA_TXN_READ, &tree);
    ANSWERS(mia_kv_get(txn, tree, mia_bytes_of(key), &got, ERR), value ? MIA_OK : MIA_NOTFOUND);
    if (value != NULL)
        assert_text(got, value);
    mia_txn_abort(txn);
}

static void a_killed_writer_leaves_nothing(void **state)
{
    struct mdbx_bench *b = *state;
    mdbx_bench_open(b, NULL);
    mdbx_bench_put(b, "t", "first", "1");
    for (int i = 0; i < 3; i++) {
        char key[24];
        snprintf(key, sizeof key, "round %d", i);
        struct test_process other = test_start("writer", b->path, key);
        assert_true(test_wait_ready(&other));
        assert_pair(b, key, "committed"); /* of another process, at once */
        assert_pair(b, "half", NULL);
        test_kill(&other);
        mdbx_bench_put(b, "t", "after", key); /* the lock is free again */
        assert_pair(b, "half", NULL);
        assert_pair(b, "after", key);
    }
    assert_int_equal(mdbx_bench_count(b, "t"), 5);
    mdbx_bench_check(b->db);
}

struct search {
    uint64_t process;
    bool found;
};

static bool find_process(void *ctx, const struct mia_reader *reader)
{
    struct search *search = ctx;
    search->found |= reader->process == search->process;
    return true;
}

static bool reads(struct mdbx_bench *b, pid_t pid)
{
    struct search search = {.process = (uint64_t)pid};
    OK(mia_db_readers(b->db, find_process, &search, ERR));
    return search.found;
}

static void a_killed_reader_is_cleared(void **state)
{
    struct mdbx_bench *b = *state;
    struct mia_db_info info = {.struct_size = sizeof info};
    mdbx_bench_open(b, NULL);
    mdbx_bench_put(b, "t", "a", "1");
    struct test_process other = test_start("reader", b->path, "");
    assert_true(test_wait_ready(&other));
    assert_true(reads(b, other.pid));
    mdbx_bench_put(b, "t", "a", "2");
    OK(mia_db_info(b->db, &info, ERR));
    assert_int_equal(info.oldest_reader, info.last_txn - 1);
    test_kill(&other);
    assert_false(reads(b, other.pid));
    OK(mia_db_info(b->db, &info, ERR));
    assert_int_equal(info.oldest_reader, 0);
    mdbx_bench_put(b, "t", "a", "3");
    assert_pair(b, "a", "3");
}

static void an_owner_keeps_others_out(void **state)
{
    struct mdbx_bench *b = *state;
    struct mia_db_options opt = {.struct_size = sizeof opt, .exclusive = true};
    struct test_process owner = test_start("owner", b->path, "");
    assert_true(test_wait_ready(&owner));
    ANSWERS(mia_db_open(mia_engine_mdbx(), b->path, NULL, &b->db, ERR), MIA_ERR_BUSY);
    ANSWERS(mia_db_open(mia_engine_mdbx(), b->path, &opt, &b->db, ERR), MIA_ERR_BUSY);
    test_kill(&owner);
    mdbx_bench_open(b, NULL);
    OK(mia_db_close(b->db, ERR));
    struct test_process reader = test_start("reader", b->path, ""); /* who was first stays */
    assert_true(test_wait_ready(&reader));
    ANSWERS(mia_db_open(mia_engine_mdbx(), b->path, &opt, &b->db, ERR), MIA_ERR_BUSY);
    test_kill(&reader);
    mdbx_bench_open(b, &opt);
}

static void lazy_commits_survive_the_end_of_the_process(void **state)
{
    struct mdbx_bench *b = *state;
    struct mia_db_options read = {.struct_size = sizeof read, .read_only = true};
    assert_int_equal(test_run("lazy", b->path, "100"), 0);
    ANSWERS(mia_db_open(mia_engine_mdbx(), b->path, &read, &b->db, ERR), MIA_ERR_READONLY);
    assert_non_null(strstr(test_error.message, "open it once for writing"));
    mdbx_bench_open(b, NULL);
    assert_int_equal(mdbx_bench_count(b, "t"), 100);
    assert_pair(b, "99", "lazy");
    OK(mia_db_close(b->db, ERR));
    mdbx_bench_open(b, &read);
    assert_int_equal(mdbx_bench_count(b, "t"), 100);
}

static void a_file_that_may_not_grow_is_full(void **state)
{
    struct mdbx_bench *b = *state;
    assert_int_equal(test_run("limited", b->path, "first"), 0);
    mdbx_bench_open(b, NULL);
    assert_pair(b, "first", "kept");
    assert_pair(b, "more", "kept");
    assert_int_equal(mdbx_bench_count(b, "t"), 2);
    mdbx_bench_check(b->db);
}

int main(int argc, char **argv)
{
    int code;
    const struct CMUnitTest tests[] = {
        MDBX_TEST(a_killed_writer_leaves_nothing),
        MDBX_TEST(a_killed_reader_is_cleared),
        MDBX_TEST(an_owner_keeps_others_out),
        MDBX_TEST(lazy_commits_survive_the_end_of_the_process),
        MDBX_TEST(a_file_that_may_not_grow_is_full),
    };
    if (test_role(argc, argv, roles, LENGTH(roles), &code))
        return code;
    return cmocka_run_group_tests_name("mdbx_process", tests, NULL, NULL);
}
