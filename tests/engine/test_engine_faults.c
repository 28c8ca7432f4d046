/*
 * What is above the engines when an engine fails: a transaction is there whole or not at all, the
 * next one works, nothing that a failed call gives out can be used.
 *
 * Each call fails once, in turn, until a run makes fewer calls than that.
 */
#include "engine/fault.h"
#include "engine/suite.h"

#include <stdio.h>
#include <stdlib.h>

static int open_bench(void **state)
{
    struct bench *b = calloc(1, sizeof *b);
    struct mia_db_options opt = {.struct_size = sizeof opt};
    assert_non_null(b);
    b->engine = *state;
    test_folder_make(b->folder);
    test_path(b->path, b->folder, "db");
    OK(mia_db_open(test_engine_fault(b->engine->ops), b->path, &opt, &b->db, ERR));
    *state = b;
    return 0;
}

static int close_bench(void **state)
{
    struct bench *b = *state;
    fault_disarm();
    mia_status rc = mia_db_close(b->db, NULL);
    test_folder_remove(b->folder);
    free(b);
    return rc;
}

static const char *const before_one = "a=1 b=2 c=3", *const before_multi = "k=1 k=2 k=3 l=1";
static const char *const after_one = "a=new c=3 d=4", *const after_multi = "l=1 l=2 m=1";

static void fill(struct bench *b)
{
    mia_txn *txn = bench_begin(b, MIA_TXN_WRITE);
    OK(mia_tree_clear(txn, bench_tree(txn, "one", MIA_TREE_CREATE), ERR));
    OK(mia_tree_clear(txn, bench_tree(txn, "two", MIA_TREE_CREATE), ERR));
    OK(mia_tree_clear(txn, bench_tree(txn, "multi", MIA_TREE_CREATE | MIA_TREE_MULTI), ERR));
    OK(mia_txn_commit(txn, ERR));
    bench_fill(b, "one", 0, before_one);
    bench_fill(b, "two", 0, "x=1");
    bench_fill(b, "multi", MIA_TREE_MULTI, before_multi);
}

/* Changes everything; reads in between, with answers that do not matter. Whoever writes it does not
 * look at what the writes answer, only at the commit: the worst of callers. */
static mia_status change(mia_txn *txn, const mia_tree trees[3])
{
    mia_slice key, value, two = MIA_BYTES("2");
    mia_cursor *cur;
    uint64_t n;
    mia_kv_put(txn, trees[0], MIA_BYTES("a"), MIA_BYTES("new"), 0, NULL);
    if (mia_cursor_open(txn, trees[0], &cur, NULL) == MIA_OK) {
        mia_cursor_move(cur, MIA_MOVE_LAST, &key, &value, NULL);
        mia_kv_del(txn, trees[0], MIA_BYTES("b"), NULL, NULL);
        while (mia_cursor_move(cur, MIA_MOVE_PREV, &key, &value, NULL) == MIA_OK)
            continue;
        mia_cursor_close(cur);
    } else {
        mia_kv_del(txn, trees[0], MIA_BYTES("b"), NULL, NULL);
    }
    mia_kv_get(txn, trees[2], MIA_BYTES("k"), &value, NULL);
    mia_kv_del(txn, trees[2], MIA_BYTES("k"), NULL, NULL); /* three pairs: it can fail half-way */
    mia_kv_count(txn, trees[2], &two, &n, NULL);
    mia_kv_put(txn, trees[2], MIA_BYTES("l"), two, 0, NULL);
    mia_kv_put(txn, trees[2], MIA_BYTES("m"), MIA_BYTES("1"), MIA_PUT_INSERT_ONLY, NULL);
    mia_tree_clear(txn, trees[1], NULL);
    mia_kv_put(txn, trees[0], MIA_BYTES("d"), MIA_BYTES("4"), MIA_PUT_APPEND, NULL);
    return mia_txn_commit(txn, NULL);
}

static mia_status run(struct bench *b)
{
    mia_txn *txn;
    mia_tree trees[3];
    mia_status rc = mia_txn_begin(b->db, MIA_TXN_WRITE, &txn, NULL);
    if (rc < 0)
        return rc;
    if ((rc = mia_tree_open(txn, MIA_BYTES("one"), 0, &trees[0], NULL)) != MIA_OK ||
        (rc = mia_tree_open(txn, MIA_BYTES("two"), MIA_TREE_CREATE, &trees[1], NULL)) != MIA_OK ||
        (rc = mia_tree_open(txn, MIA_BYTES("multi"), MIA_TREE_MULTI, &trees[2], NULL)) != MIA_OK) {
        mia_txn_abort(txn);
        return rc;
    }
    return change(txn, trees);
}

static void check_whole(struct bench *b, bool committed)
{
    mia_txn *txn = bench_begin(b, MIA_TXN_READ);
    assert_content(txn, bench_tree(txn, "one", 0), committed ? after_one : before_one);
    assert_content(txn, bench_tree(txn, "two", 0), committed ? "" : "x=1");
    assert_content(txn, bench_tree(txn, "multi", MIA_TREE_MULTI),
                   committed ? after_multi : before_multi);
    mia_txn_abort(txn);
}

static void fail_each(struct bench *b, mia_status status, bool half)
{
    uint64_t n = 1, refused = 0;
    for (bool fired = true; fired; n++) {
        fill(b);
        fault_arm(n, status, half);
        mia_status rc = run(b);
        fired = fault_disarm();
        assert_true(fired || rc == MIA_OK);
        refused += rc != MIA_OK;
        check_whole(b, rc == MIA_OK);
    }
    assert_true(n > 15 && refused > 10); /* enough of them came */
}

static void a_transaction_is_whole_or_not_at_all(void **state)
{
    static const mia_status statuses[] = {MIA_ERR_IO, MIA_ERR_FULL, MIA_ERR_NOMEM, MIA_ERR_CORRUPT};
    for (size_t i = 0; i < LENGTH(statuses); i++) {
        fail_each(*state, statuses[i], false);
        fail_each(*state, statuses[i], true);
    }
}

/* After a write that failed only the end is left, and the error says so. */
static void after_a_failed_write_only_abort_is_left(void **state)
{
    struct bench *b = *state;
    mia_tree tree, none;
    fill(b);
    for (int commits = 0; commits < 2; commits++) {
        mia_txn *txn = bench_begin(b, MIA_TXN_WRITE);
        tree = bench_tree(txn, "one", 0);
        put_text(txn, tree, "a", "9");
        fault_arm(1, MIA_ERR_FULL, true);
        ANSWERS(mia_kv_put(txn, tree, MIA_BYTES("z"), MIA_BYTES("1"), 0, ERR), MIA_ERR_FULL);
        assert_int_equal(test_error.code, 4711); /* the engine's own words */
        assert_string_equal(test_error.engine, "fault");
        ANSWERS(mia_kv_put(txn, tree, MIA_BYTES("z"), MIA_BYTES("1"), 0, ERR), MIA_ERR_TXN);
        ANSWERS(mia_kv_del(txn, tree, MIA_BYTES("a"), NULL, ERR), MIA_ERR_TXN);
        ANSWERS(mia_tree_clear(txn, tree, ERR), MIA_ERR_TXN);
        ANSWERS(mia_tree_open(txn, MIA_BYTES("new"), MIA_TREE_CREATE, &none, ERR), MIA_ERR_TXN);
        if (commits)
            ANSWERS(mia_txn_commit(txn, ERR), MIA_ERR_TXN);
        else
            mia_txn_abort(txn);
        check_whole(b, false);
    }
}

static void failed_calls_give_nothing_out(void **state)
{
    struct bench *b = *state;
    mia_slice key = MIA_BYTES("a"), value = MIA_BYTES("junk");
    struct mia_pair pairs[2];
    size_t got = 9;
    uint64_t n = 9;
    fill(b);
    mia_txn *none = (mia_txn *)b, *txn = bench_begin(b, MIA_TXN_READ);
    mia_cursor *cur = (mia_cursor *)b;
    mia_tree tree = bench_tree(txn, "one", 0);
    fault_arm(1, MIA_ERR_IO, false);
    ANSWERS(mia_txn_begin(b->db, MIA_TXN_WRITE, &none, ERR), MIA_ERR_IO);
    assert_null(none);
    fault_arm(1, MIA_ERR_IO, false);
    ANSWERS(mia_kv_get(txn, tree, key, &value, ERR), MIA_ERR_IO);
    assert_true(value.data == NULL && value.size == 0);
    fault_arm(1, MIA_ERR_IO, false);
    ANSWERS(mia_kv_count(txn, tree, NULL, &n, ERR), MIA_ERR_IO);
    assert_int_equal(n, 0);
    fault_arm(1, MIA_ERR_IO, false);
    ANSWERS(mia_tree_next(txn, NULL, &key, ERR), MIA_ERR_IO);
    assert_true(key.data == NULL && key.size == 0);
    fault_arm(1, MIA_ERR_IO, false);
    ANSWERS(mia_cursor_open_prefix(txn, tree, MIA_BYTES("a"), &cur, ERR), MIA_ERR_IO);
    assert_null(cur);
    OK(mia_cursor_open(txn, tree, &cur, ERR));
    fault_arm(1, MIA_ERR_IO, false);
    ANSWERS(mia_cursor_move(cur, MIA_MOVE_NEXT, &key, &value, ERR), MIA_ERR_IO);
    assert_true(key.data == NULL && value.data == NULL);
    fault_arm(1, MIA_ERR_IO, false);
    ANSWERS(mia_cursor_batch(cur, pairs, 2, &got, ERR), MIA_ERR_IO);
    assert_int_equal(got, 0);
    assert_move(cur, MIA_MOVE_FIRST, "a=1"); /* and it goes on */
    mia_txn_abort(txn);
}

/* The lock over writers is given back, whatever fails under it. */
static void the_next_writer_gets_its_turn(void **state)
{
    struct bench *b = *state;
    mia_txn *txn;
    fill(b);
    fault_arm(1, MIA_ERR_NOMEM, false);
    ANSWERS(mia_txn_begin(b->db, MIA_TXN_WRITE, &txn, ERR), MIA_ERR_NOMEM);
    txn = bench_begin(b, MIA_TXN_WRITE);
    put_text(txn, bench_tree(txn, "one", 0), "a", "9");
    fault_arm(1, MIA_ERR_FULL, false);
    ANSWERS(mia_txn_commit(txn, ERR), MIA_ERR_FULL);
    check_whole(b, false);
    fault_arm(1, MIA_ERR_IO, false);
    ANSWERS(mia_db_sync(b->db, ERR), MIA_ERR_IO);
    OK(mia_db_sync(b->db, ERR));
    txn = bench_begin(b, MIA_TXN_WRITE);
    mia_txn_abort(txn);
}

static void a_failed_open_leaves_nothing_open(void **state)
{
    struct bench *b = *state;
    OK(mia_db_close(b->db, ERR));
    for (uint64_t n = 1; n < 10; n++) {
        fault_arm(n, MIA_ERR_IO, false);
        mia_status rc = mia_db_open(test_engine_fault(b->engine->ops), b->path, NULL, &b->db, ERR);
        bool fired = fault_disarm();
        assert_int_equal(rc, fired ? MIA_ERR_IO : MIA_OK);
        assert_int_equal(b->db == NULL, fired);
        if (!fired)
            return; /* open again, so whatever failed before let go of it */
    }
    fail();
}

int main(void)
{
    static const struct {
        const char *name;
        CMUnitTestFunction run;
    } all[] = {
        {"a transaction is whole or not at all", a_transaction_is_whole_or_not_at_all},
        {"after a failed write only abort is left", after_a_failed_write_only_abort_is_left},
        {"failed calls give nothing out", failed_calls_give_nothing_out},
        {"the next writer gets its turn", the_next_writer_gets_its_turn},
        {"a failed open leaves nothing open", a_failed_open_leaves_nothing_open},
    };
    enum { ENGINES = 2 }; /* plain: emulated multi trees; mdbx: native ones */
    struct test_engine engines[3];
    struct CMUnitTest tests[LENGTH(all) * ENGINES];
    char names[LENGTH(tests)][100];
    test_engines(engines);
    for (size_t i = 0; i < LENGTH(tests); i++) {
        struct test_engine *engine = &engines[i / LENGTH(all)];
        snprintf(names[i], sizeof names[i], "%s: %s", engine->name, all[i % LENGTH(all)].name);
        tests[i] = (struct CMUnitTest){names[i], all[i % LENGTH(all)].run, open_bench, close_bench,
                                       engine};
    }
    return cmocka_run_group_tests_name("engine_faults", tests, NULL, NULL);
}
