/*
 * Damaged files opened with `untrusted`: any answer is fine, the end of the process is not.
 *
 * Each damage is tried in a process of its own (this program in a role), so that a crash is a
 * failing seed and not the end of the test. MIA_TEST_SEED repeats, MIA_TEST_DAMAGES sets how many.
 */
#include "engine/mdbx_bench.h"
#include "support/process.h"
#include "support/random.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { PAGE = 4096, SECONDS_FOR_ONE = 60 };

/* ---- the role: touch everything */

static void ignore_problem(void *ctx, const char *line)
{
    *(size_t *)ctx += strlen(line);
}

/* Reads each byte of what was given out: a slice that points astray shows. */
static void touch(mia_slice bytes, size_t *sum)
{
    for (size_t i = 0; i < bytes.size; i++)
        *sum += ((const uint8_t *)bytes.data)[i];
}

static void walk(mia_txn *txn, mia_tree tree, enum mia_move move, size_t *sum)
{
    mia_cursor *cur;
    mia_slice key, value;
    if (mia_cursor_open(txn, tree, &cur, ERR) != MIA_OK)
        return;
    for (size_t i = 0; i < 100000; i++) { /* damaged links may make a ring */
        if (mia_cursor_move(cur, move, &key, &value, ERR) != MIA_OK)
            break;
        touch(key, sum);
        touch(value, sum);
    }
    mia_cursor_close(cur);
}

static void walk_tree(mia_txn *txn, mia_slice name, size_t *sum)
{
    mia_tree tree;
    mia_slice value;
    uint64_t n;
    mia_status rc = mia_tree_open(txn, name, 0, &tree, ERR);
    if (rc == MIA_ERR_INVALID)
        rc = mia_tree_open(txn, name, MIA_TREE_MULTI, &tree, ERR);
    if (rc != MIA_OK)
        return;
    walk(txn, tree, MIA_MOVE_NEXT, sum);
    walk(txn, tree, MIA_MOVE_PREV, sum);
    mia_kv_count(txn, tree, NULL, &n, ERR);
    for (uint32_t i = 0; i < 3000; i += 7)
        if (mia_kv_get(txn, tree, (mia_slice){&i, sizeof i}, &value, ERR) == MIA_OK)
            touch(value, sum);
}

static void walk_all(mia_db *db, size_t *sum)
{
    mia_txn *txn;
    mia_slice name = {0};
    if (mia_txn_begin(db, MIA_TXN_READ, &txn, ERR) != MIA_OK)
        return;
    mia_status rc = mia_tree_next(txn, NULL, &name, ERR);
    for (size_t i = 0; i < 100 && rc == MIA_OK; i++) {
        walk_tree(txn, name, sum);
        rc = mia_tree_next(txn, &name, &name, ERR);
    }
    mia_txn_abort(txn);
}

static int play_visitor(const char *path, const char *argument)
{
    struct mia_db_options opt = {.struct_size = sizeof opt, .untrusted = true};
    uint64_t problems;
    size_t sum = 0;
    mia_db *db;
    opt.read_only = argument[0] == 'r';
    alarm(SECONDS_FOR_ONE); /* what does not come back is a failure, too */
    if (mia_db_open(mia_engine_mdbx(), path, &opt, &db, ERR) != MIA_OK)
        return 0;
    walk_all(db, &sum);
    mia_db_check(db, ignore_problem, &sum, &problems, ERR);
    return mia_db_close(db, ERR) == MIA_OK ? 0 : 1;
}

/* ---- the test */

static void fill_tree(mia_txn *txn, const char *name, uint32_t flags, size_t largest,
                      struct test_random *r)
{
    uint8_t *value = malloc(largest);
    mia_tree tree;
    assert_non_null(value);
    OK(mia_tree_open(txn, mia_bytes_of(name), flags | MIA_TREE_CREATE, &tree, ERR));
    for (uint32_t i = 0; i < 2000; i++) {
        uint32_t key = flags & MIA_TREE_MULTI ? i % 50 : i;
        size_t size = test_below(r, largest);
        test_fill(r, value, size);
        OK(mia_kv_put(txn, tree, (mia_slice){&key, sizeof key}, (mia_slice){value, size}, 0, ERR));
    }
    free(value);
}

/* Every kind of page: branches, leaves, large values, nested trees, the free list. */
static uint8_t *make_file(struct mdbx_bench *b, size_t *size)
{
    struct test_random r = {1};
    char file[TEST_PATH];
    struct mia_db_options opt = {.struct_size = sizeof opt, .growth_bytes = 1 << 16};
    mdbx_bench_open(b, &opt);
    for (int round = 0; round < 3; round++) {
        mia_txn *txn;
        OK(mia_txn_begin(b->db, MIA_TXN_WRITE, &txn, ERR));
        fill_tree(txn, "small", 0, 60, &r);
        fill_tree(txn, "large", 0, round == 0 ? 6000 : 600, &r);
        fill_tree(txn, "multi", MIA_TREE_MULTI, 300, &r);
        OK(mia_txn_commit(txn, ERR));
    }
    mdbx_bench_check(b->db);
    OK(mia_db_close(b->db, ERR));
    b->db = NULL;
    test_path(file, b->path, "mdbx.dat");
    return test_file_read(file, size);
}

/* Some bytes, in whole pages or only in their headers, where damage hurts most. */
static size_t damage(uint8_t *data, size_t size, struct test_random *r)
{
    size_t hits = 1 + test_below(r, 40), kind = test_below(r, 5);
    for (size_t i = 0; i < hits; i++) {
        size_t page = test_below(r, size / PAGE) * PAGE;
        if (kind == 0) /* anywhere */
            data[test_below(r, size)] ^= (uint8_t)(1 << test_below(r, 8));
        else if (kind == 1) /* page headers and the first offsets behind them */
            data[page + test_below(r, 64)] = (uint8_t)test_random(r);
        else if (kind == 2) /* the meta pages */
            data[test_below(r, 3) * PAGE + test_below(r, 256)] = (uint8_t)test_random(r);
        else if (kind == 3) /* a page in the place of another */
            memmove(data + page, data + test_below(r, size / PAGE) * PAGE, PAGE);
        else
            test_fill(r, data + page, PAGE);
    }
    return kind == 4 ? size - test_below(r, size / 2) : size; /* cut off, too */
}

static void damage_never_ends_the_process(void **state)
{
    struct mdbx_bench *b = *state;
    uint64_t seed = test_seed(), count = test_setting("MIA_TEST_DAMAGES", 150), failed = 0;
    char file[TEST_PATH], lock[TEST_PATH];
    size_t size;
    uint8_t *good = make_file(b, &size), *bad = malloc(size);
    assert_non_null(bad);
    test_path(file, b->path, "mdbx.dat");
    test_path(lock, b->path, "mdbx.lck");
    for (uint64_t i = 0; i < count; i++) {
        struct test_random r = {seed + i};
        memcpy(bad, good, size);
        test_file_write(file, bad, damage(bad, size, &r));
        remove(lock);
        const char *mode = test_below(&r, 2) ? "read" : "write";
        int code = test_run("visitor", b->path, mode);
        if (code != 0) {
            print_error("MIA_TEST_SEED=0x%" PRIx64 ", opened to %s: %s %d\n", seed + i, mode,
                        code < 0 ? "signal" : "exit code", abs(code));
            failed++;
        }
    }
    free(good);
    free(bad);
    assert_int_equal(failed, 0);
}

struct hit {
    const char *name;
    size_t at; /* in the meta page; libmdbx 0.13 `meta_t` behind the page's header of 20 bytes */
    uint8_t value[4];
    size_t size;
};

static const struct hit hits[] = {
    {"whole", 0, {0}, 0},
    {"torn", 196, {0xee, 0xee}, 2},                   /* txnid_b */
    {"not synced", 188, {1, 0, 0, 0}, 4},             /* the sign */
    {"main tree's flags", 108, {0x1a, 0}, 2},         /* reverse and integer keys */
    {"used beyond the file", 56, {0, 0, 0, 0x10}, 4}, /* pages */
    {"root beyond the file", 116, {0, 0, 0, 0x10}, 4},
};

/* Every combination of what may have happened to the three meta pages. */
static void damaged_meta_pages_end_no_process(void **state)
{
    struct mdbx_bench *b = *state;
    enum { KINDS = LENGTH(hits) };
    char file[TEST_PATH], lock[TEST_PATH];
    uint64_t failed = 0;
    size_t size;
    uint8_t *good = make_file(b, &size), *bad = malloc(size);
    assert_non_null(bad);
    test_path(file, b->path, "mdbx.dat");
    test_path(lock, b->path, "mdbx.lck");
    for (size_t i = 0; i < KINDS * KINDS * KINDS; i++) {
        const struct hit *of[] = {&hits[i % KINDS], &hits[i / KINDS % KINDS],
                                  &hits[i / KINDS / KINDS]};
        memcpy(bad, good, size);
        for (size_t n = 0; n < 3; n++)
            memcpy(bad + n * PAGE + of[n]->at, of[n]->value, of[n]->size);
        test_file_write(file, bad, size);
        remove(lock);
        if (test_run("visitor", b->path, i % 2 ? "read" : "write") != 0) {
            print_error("meta pages: %s, %s, %s\n", of[0]->name, of[1]->name, of[2]->name);
            failed++;
        }
    }
    free(good);
    free(bad);
    assert_int_equal(failed, 0);
}

int main(int argc, char **argv)
{
    static const struct test_role roles[] = {{"visitor", play_visitor}};
    const struct CMUnitTest tests[] = {MDBX_TEST(damage_never_ends_the_process),
                                       MDBX_TEST(damaged_meta_pages_end_no_process)};
    int code;
    if (test_role(argc, argv, roles, LENGTH(roles), &code))
        return code;
    return cmocka_run_group_tests_name("mdbx_damage", tests, NULL, NULL);
}
