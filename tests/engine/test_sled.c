/* What only the sled engine has to do: trees that an abort takes back, odd names, many trees in one
 * commit, locks, files of other parameters, values that stay alive. */
#include "engine/sled.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>

/* Asked by LeakSanitizer: sled never frees the error that made it stop. */
MIA_API const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:set_global_error\n";
}

static void test_abort_undoes_trees(void **state)
{
    struct bench *b = *state;
    uint32_t again, tree, other;
    mia_slice name;
    void *txn = bench_begin(b, MIA_TXN_WRITE), *reader = bench_begin(b, MIA_TXN_READ);
    assert_int_equal(b->ops->tree(txn, MIA_BYTES("new"), 0, &tree, &b->err), MIA_NOTFOUND);
    tree = bench_tree(b, txn, MIA_BYTES("new"), MIA_TREE_CREATE);
    bench_put(b, txn, tree, "key", "value");
    assert_int_equal(bench_tree(b, txn, MIA_BYTES("new"), 0), tree);
    assert_int_equal(b->ops->tree(reader, MIA_BYTES("new"), 0, &other, &b->err), MIA_NOTFOUND);
    assert_int_equal(b->ops->get(reader, tree, MIA_BYTES("key"), &name, &b->err), MIA_ERR_INVALID);
    OK(b->ops->tree_next(txn, &MIA_BYTES("__sled__default"), &name, &b->err));
    assert_true(mia_slice_equal(name, MIA_BYTES("new")));
    b->ops->abort(txn);
    b->ops->abort(reader);

    txn = bench_begin(b, MIA_TXN_WRITE);
    assert_int_equal(b->ops->get(txn, tree, MIA_BYTES("key"), &name, &b->err), MIA_ERR_INVALID);
    bench_expect_text(b, "undone");
    assert_int_equal(b->ops->tree_next(txn, &MIA_BYTES("__sled__default"), &name, &b->err),
                     MIA_NOTFOUND);
    again = bench_tree(b, txn, MIA_BYTES("new"), MIA_TREE_CREATE);
    assert_int_equal(again, tree);
    bench_expect(b, txn, tree, "key", NULL);
    bench_put(b, txn, tree, "key", "second");
    bench_commit(b, txn);

    bench_stop(b); /* not even sled knows of the first attempt */
    bench_start(b);
    txn = bench_begin(b, MIA_TXN_READ);
    bench_expect(b, txn, bench_tree(b, txn, MIA_BYTES("new"), 0), "key", "second");
    b->ops->abort(txn);
}

static void test_odd_names(void **state)
{
    struct bench *b = *state;
    const mia_slice names[] = {/* in order */
                               {0},
                               MIA_BYTES("\0"),
                               MIA_BYTES("\0\xff"),
                               MIA_BYTES("__sled__default"),
                               MIA_BYTES("a\0b"),
                               MIA_BYTES("\xc3\x28"),
                               MIA_BYTES("\xff\xff\xff\xff\xff")};
    enum { COUNT = sizeof names / sizeof names[0] };
    void *txn = bench_begin(b, MIA_TXN_WRITE);
    for (size_t i = COUNT; i-- > 0;)
        bench_put(b, txn, bench_tree(b, txn, names[i], MIA_TREE_CREATE), "n",
                  (char[]){'0' + (char)i, 0});
    bench_commit(b, txn);
    bench_stop(b);
    bench_start(b);
    txn = bench_begin(b, MIA_TXN_READ);
    mia_slice name = {0};
    mia_status rc = b->ops->tree_next(txn, NULL, &name, &b->err);
    for (size_t i = 0; i < COUNT; i++) {
        OK(rc);
        assert_true(mia_slice_equal(name, names[i]));
        bench_expect(b, txn, bench_tree(b, txn, name, 0), "n", (char[]){'0' + (char)i, 0});
        rc = b->ops->tree_next(txn, &name, &name, &b->err);
    }
    assert_int_equal(rc, MIA_NOTFOUND);
    b->ops->abort(txn);
}

static void test_unsupported(void **state)
{
    struct bench *b = *state;
    void *txn = bench_begin(b, MIA_TXN_WRITE), *cur, *other;
    uint32_t tree;
    mia_slice key = {0}, value = {0};
    assert_int_equal(b->ops->tree(txn, key, MIA_TREE_CREATE | MIA_TREE_MULTI, &tree, &b->err),
                     MIA_ERR_UNSUPPORTED);
    tree = bench_tree(b, txn, MIA_BYTES("__sled__default"), 0);
    OK(b->ops->cursor(txn, tree, &cur, &b->err));
    assert_int_equal(b->ops->move(cur, MIA_MOVE_NEXT_SAME, &key, &value, &b->err),
                     MIA_ERR_UNSUPPORTED);
    b->ops->cursor_close(cur);
    assert_int_equal(b->ops->del(txn, tree, key, &value, &b->err), MIA_ERR_UNSUPPORTED);
    assert_int_equal(b->ops->get(txn, 1000, key, &value, &b->err), MIA_ERR_INVALID);
    b->ops->abort(txn);

    struct mia_db_options opt = b->opt;
    opt.read_only = true;
    assert_int_equal(b->ops->open(b->path, &opt, &other, &b->err), MIA_ERR_UNSUPPORTED);
    bench_expect_text(b, "open a copy");
}

static void test_empty_keys_and_values(void **state)
{
    struct bench *b = *state;
    void *txn = bench_begin(b, MIA_TXN_WRITE);
    uint32_t tree = bench_tree(b, txn, MIA_BYTES("t"), MIA_TREE_CREATE);
    bench_put(b, txn, tree, "", "");
    bench_expect(b, txn, tree, "", "");
    bench_commit(b, txn);
    txn = bench_begin(b, MIA_TXN_READ);
    bench_expect(b, txn, tree, "", "");
    b->ops->abort(txn);
}

/* Changes of three trees, one of them new and one cleared, are one step. */
static void test_many_trees_at_once(void **state)
{
    struct bench *b = *state;
    static const char *const names[] = {"one", "two", "three"};
    void *txn = bench_begin(b, MIA_TXN_WRITE);
    uint32_t tree[3];
    for (int i = 0; i < 2; i++) {
        tree[i] = bench_tree(b, txn, mia_bytes_of(names[i]), MIA_TREE_CREATE);
        bench_put(b, txn, tree[i], "old", "value");
    }
    bench_commit(b, txn);
    txn = bench_begin(b, MIA_TXN_WRITE);
    void *reader = bench_begin(b, MIA_TXN_READ);
    tree[2] = bench_tree(b, txn, mia_bytes_of(names[2]), MIA_TREE_CREATE);
    OK(b->ops->clear(txn, tree[1], &b->err));
    for (int i = 0; i < 3; i++)
        bench_put(b, txn, tree[i], "new", names[i]);
    bench_expect(b, reader, tree[0], "new", NULL);
    bench_expect(b, reader, tree[1], "old", "value");
    bench_commit(b, txn);
    bench_expect(b, reader, tree[1], "old", NULL);
    b->ops->abort(reader);
    bench_stop(b);
    bench_start(b);
    txn = bench_begin(b, MIA_TXN_READ);
    for (int i = 0; i < 3; i++)
        bench_expect(b, txn, bench_tree(b, txn, mia_bytes_of(names[i]), 0), "new", names[i]);
    bench_expect(b, txn, bench_tree(b, txn, MIA_BYTES("one"), 0), "old", "value");
    bench_expect(b, txn, bench_tree(b, txn, MIA_BYTES("two"), 0), "old", NULL);
    b->ops->abort(txn);
}

/* Values of a READ transaction stay as they were, whatever is read or written later. */
static void test_values_live(void **state)
{
    struct bench *b = *state;
    enum { COUNT = 500, LARGE = 3000 };
    static char large[LARGE];
    mia_slice values[COUNT];
    void *txn = bench_begin(b, MIA_TXN_WRITE);
    uint32_t tree = bench_tree(b, txn, MIA_BYTES("t"), MIA_TREE_CREATE);
    for (uint32_t i = 0; i < COUNT; i++) {
        memset(large, (int)i, sizeof large);
        mia_slice key = {&i, sizeof i}, value = {large, i % 2 ? 5 : LARGE};
        OK(b->ops->put(txn, tree, key, value, MIA_PUT_UPSERT, &b->err));
    }
    bench_commit(b, txn);
    void *reader = bench_begin(b, MIA_TXN_READ);
    for (uint32_t i = 0; i < COUNT; i++)
        OK(b->ops->get(reader, tree, (mia_slice){&i, sizeof i}, &values[i], &b->err));
    txn = bench_begin(b, MIA_TXN_WRITE);
    OK(b->ops->clear(txn, tree, &b->err));
    bench_commit(b, txn);
    for (uint32_t i = 0; i < COUNT; i++) {
        memset(large, (int)i, sizeof large);
        assert_true(mia_slice_equal(values[i], (mia_slice){large, i % 2 ? 5 : LARGE}));
    }
    b->ops->abort(reader);
}

static void test_batch_is_bounded(void **state)
{
    struct bench *b = *state;
    static char large[20000];
    struct mia_pair pairs[100];
    size_t n, total = 0;
    void *cur, *txn = bench_begin(b, MIA_TXN_WRITE);
    uint32_t tree = bench_tree(b, txn, MIA_BYTES("t"), MIA_TREE_CREATE);
    for (uint32_t i = 0; i < 100; i++) {
        mia_slice key = {&i, sizeof i}, value = {large, sizeof large};
        OK(b->ops->put(txn, tree, key, value, MIA_PUT_UPSERT, &b->err));
    }
    OK(b->ops->cursor(txn, tree, &cur, &b->err));
    while (b->ops->batch(cur, pairs, 100, &n, &b->err) == MIA_OK) {
        assert_in_range(n, 4, 4); /* behind 64 KiB */
        total += n;
    }
    assert_int_equal(total, 100);
    b->ops->cursor_close(cur);
    b->ops->abort(txn);
}

static void test_one_opens_it_at_a_time(void **state)
{
    struct bench *b = *state;
    void *second;
    struct mia_db_options opt = b->opt;
    assert_int_equal(b->ops->open(b->path, &opt, &second, &b->err), MIA_ERR_BUSY);
    bench_expect_text(b, "close it there first");
    bench_stop(b);
    bench_start(b);
    opt.must_exist = true;
    assert_int_equal(b->ops->open(b->directory, &opt, &second, &b->err), MIA_NOTFOUND);
    assert_int_equal(b->ops->open("/nowhere/at/all", &opt, &second, &b->err), MIA_NOTFOUND);
    assert_int_equal(b->ops->open("/dev/null", &opt, &second, &b->err), MIA_ERR_INVALID);
}

static void test_detect(void **state)
{
    struct bench *b = *state;
    char conf[100];
    assert_true(b->ops->detect(b->path));
    assert_false(b->ops->detect(b->directory));
    assert_false(b->ops->detect("/nowhere/at/all"));
    bench_stop(b);
    snprintf(conf, sizeof conf, "%s/conf", b->path);
    FILE *file = fopen(conf, "w");
    fputs("user = admin\n", file);
    fclose(file);
    assert_false(b->ops->detect(b->path));
}

static void test_info(void **state)
{
    struct bench *b = *state;
    static char large[100000];
    struct mia_db_info before, after;
    OK(b->ops->info(b->db, &before, &b->err));
    void *txn = bench_begin(b, MIA_TXN_WRITE);
    uint32_t tree = bench_tree(b, txn, MIA_BYTES("t"), MIA_TREE_CREATE);
    for (uint32_t i = 0; i < 20; i++) {
        mia_slice key = {&i, sizeof i}, value = {large, sizeof large};
        OK(b->ops->put(txn, tree, key, value, MIA_PUT_UPSERT, &b->err));
    }
    bench_commit(b, txn);
    OK(b->ops->sync(b->db, &b->err));
    OK(b->ops->info(b->db, &after, &b->err));
    assert_true(after.size_on_disk >= before.size_on_disk + 20 * sizeof large);
    assert_true(after.max_key >= 1u << 20 && after.max_value >= 1u << 30);
    assert_int_equal(after.size_limit, 0);
    assert_int_equal(after.struct_size, sizeof after);
}

/* Fills a WRITE transaction with 10 MB and commits it where files can have 2 MB. */
static mia_status commit_too_much(struct bench *b, uint32_t tree)
{
    static char large[100000];
    struct rlimit old, small;
    void *txn = bench_begin(b, MIA_TXN_WRITE);
    for (uint32_t i = 0; i < 100; i++) {
        memset(large, (int)i, sizeof large);
        mia_slice key = {&i, sizeof i}, value = {large, sizeof large};
        OK(b->ops->put(txn, tree, key, value, MIA_PUT_UPSERT, &b->err));
    }
    OK(getrlimit(RLIMIT_FSIZE, &old));
    small = (struct rlimit){2u << 20, old.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    OK(setrlimit(RLIMIT_FSIZE, &small));
    mia_status rc = b->ops->commit(txn, &b->err);
    OK(setrlimit(RLIMIT_FSIZE, &old));
    signal(SIGXFSZ, SIG_DFL);
    return rc;
}

/* The commit says so; the database then refuses everything, and is whole when it is opened again.
 */
static void test_no_room(void **state)
{
    struct bench *b = *state;
    bench_stop(b);
    b->opt.durability = MIA_SYNC_DURABLE;
    bench_start(b);
    void *other, *txn = bench_begin(b, MIA_TXN_WRITE);
    uint32_t tree = bench_tree(b, txn, MIA_BYTES("t"), MIA_TREE_CREATE);
    bench_put(b, txn, tree, "before", "value");
    bench_commit(b, txn);
    assert_int_equal(commit_too_much(b, tree), MIA_ERR_FULL);
    assert_int_equal(b->err.code, EFBIG);
    assert_int_equal(b->ops->begin(b->db, MIA_TXN_READ, &other, &b->err), MIA_ERR_INTERNAL);
    bench_expect_text(b, "close it and open it again");
    bench_stop(b);
    bench_start(b);
    txn = bench_begin(b, MIA_TXN_READ);
    bench_expect(b, txn, bench_tree(b, txn, MIA_BYTES("t"), 0), "before", "value");
    b->ops->abort(txn);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_open, bench_close)
    const struct CMUnitTest tests[] = {
        TEST(test_abort_undoes_trees),
        TEST(test_odd_names),
        TEST(test_unsupported),
        TEST(test_empty_keys_and_values),
        TEST(test_many_trees_at_once),
        TEST(test_values_live),
        TEST(test_batch_is_bounded),
        TEST(test_one_opens_it_at_a_time),
        TEST(test_detect),
        TEST(test_info),
        TEST(test_no_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
