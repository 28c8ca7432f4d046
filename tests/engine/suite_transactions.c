/* engine/suite_transactions.c - all or nothing, one writer, snapshots, owners */
#include "engine/suite.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

static void abort_leaves_no_trace(void **state)
{
    struct bench *b = *state;
    mia_tree one = bench_fill(b, "one", 0, "a=1 b=2"), two = bench_fill(b, "two", 0, "a=3");
    mia_tree multi = bench_fill(b, "multi", MIA_TREE_MULTI, "a=1 a=2");
    mia_txn *txn = bench_begin(b, MIA_TXN_WRITE);
    put_text(txn, one, "a", "9");
    put_text(txn, one, "c", "9");
    del_text(txn, one, "b");
    OK(mia_tree_clear(txn, two, ERR));
    put_text(txn, multi, "a", "3");
    del_text(txn, multi, "a");
    mia_txn_abort(txn);
    assert_committed(b, one, "a=1 b=2");
    assert_committed(b, two, "a=3");
    assert_committed(b, multi, "a=1 a=2");
    if (!b->engine->persists)
        return;
    bench_reopen(b);
    txn = bench_begin(b, MIA_TXN_READ);
    assert_content(txn, bench_tree(txn, "one", 0), "a=1 b=2");
    assert_content(txn, bench_tree(txn, "multi", MIA_TREE_MULTI), "a=1 a=2");
    mia_txn_abort(txn);
}

static void commit_makes_changes_of_all_trees_visible(void **state)
{
    struct bench *b = *state;
    mia_tree one = bench_fill(b, "one", 0, "a=1 b=2"), two = bench_fill(b, "two", 0, "a=3");
    mia_tree multi = bench_fill(b, "multi", MIA_TREE_MULTI, "a=1 a=2");
    mia_txn *txn = bench_begin(b, MIA_TXN_WRITE);
    del_text(txn, one, "a");
    put_text(txn, two, "a", "4");
    put_text(txn, multi, "b", "5");
    mia_txn *other = bench_begin(b, MIA_TXN_READ); /* sees nothing of it yet */
    assert_content(other, one, "a=1 b=2");
    assert_content(other, two, "a=3");
    assert_content(other, multi, "a=1 a=2");
    mia_txn_abort(other);
    OK(mia_txn_commit(txn, ERR));
    assert_committed(b, one, "b=2");
    assert_committed(b, two, "a=4");
    assert_committed(b, multi, "a=1 a=2 b=5");
}

static void a_transaction_sees_its_own_changes(void **state)
{
    struct bench *b = *state;
    mia_tree tree = bench_fill(b, "t", 0, "b=1 d=2 f=3");
    mia_txn *txn = bench_begin(b, MIA_TXN_WRITE);
    put_text(txn, tree, "a", "new");
    put_text(txn, tree, "d", "changed");
    put_text(txn, tree, "e", "new");
    put_text(txn, tree, "g", "new");
    del_text(txn, tree, "b");
    del_text(txn, tree, "e");
    assert_content(txn, tree, "a=new d=changed f=3 g=new");
    assert_get(txn, tree, "d", "changed");
    assert_get(txn, tree, "b", NULL);
    mia_txn_abort(txn);
}

static void a_read_transaction_may_be_committed(void **state)
{
    struct bench *b = *state;
    mia_tree tree = bench_fill(b, "t", 0, "a=1");
    mia_txn *txn = bench_begin(b, MIA_TXN_READ);
    assert_true(mia_txn_db(txn) == b->db);
    assert_content(txn, tree, "a=1");
    OK(mia_txn_commit(txn, ERR));
}

static void a_snapshot_does_not_change(void **state)
{
    struct bench *b = *state;
    mia_cursor *cur;
    uint64_t n;
    bench_needs_caps(b, MIA_CAP_SNAPSHOT);
    mia_tree tree = bench_fill(b, "t", 0, "a=1 b=2 c=3");
    mia_txn *old = bench_begin(b, MIA_TXN_READ);
    OK(mia_cursor_open(old, tree, &cur, ERR));
    assert_move(cur, MIA_MOVE_NEXT, "a=1");
    mia_txn *txn = bench_begin(b, MIA_TXN_WRITE);
    put_text(txn, tree, "b", "changed");
    put_text(txn, tree, "aa", "new");
    del_text(txn, tree, "c");
    OK(mia_txn_commit(txn, ERR));
    assert_move(cur, MIA_MOVE_NEXT, "b=2");
    assert_move(cur, MIA_MOVE_NEXT, "c=3");
    assert_move(cur, MIA_MOVE_NEXT, NULL);
    OK(mia_kv_count(old, tree, NULL, &n, ERR));
    assert_int_equal(n, 3);
    assert_content(old, tree, "a=1 b=2 c=3");
    assert_committed(b, tree, "a=1 aa=new b=changed");
    mia_txn_abort(old);
}

static void one_thread_may_hold_one_write_transaction(void **state)
{
    struct bench *b = *state;
    mia_tree tree = bench_fill(b, "t", 0, "");
    mia_txn *second, *txn = bench_begin(b, MIA_TXN_WRITE);
    put_text(txn, tree, "a", "1");
    ANSWERS(mia_txn_begin(b->db, MIA_TXN_WRITE, &second, ERR), MIA_ERR_TXN);
    assert_null(second);
    ANSWERS(mia_db_sync(b->db, ERR), MIA_ERR_TXN);
    put_text(txn, tree, "b", "2");
    OK(mia_txn_commit(txn, ERR));
    OK(mia_db_sync(b->db, ERR));
    assert_committed(b, tree, "a=1 b=2");
}

/* ---- several threads */

struct rival {
    mia_db *db;
    mia_tree tree;
    mia_txn *txn;
    atomic_bool released; /* the first writer is done */
    bool waited;          /* the rival came after that */
    mia_status rc;
};

static void *write_too(void *argument)
{
    struct rival *rival = argument;
    mia_txn *txn;
    rival->rc = mia_txn_begin(rival->db, MIA_TXN_WRITE, &txn, NULL);
    rival->waited = atomic_load(&rival->released);
    if (rival->rc == MIA_OK) {
        rival->rc = mia_kv_put(txn, rival->tree, MIA_BYTES("b"), MIA_BYTES("2"), 0, NULL);
        mia_status committed = mia_txn_commit(txn, NULL);
        rival->rc = rival->rc == MIA_OK ? committed : rival->rc;
    }
    return NULL;
}

static void *sync_too(void *argument)
{
    struct rival *rival = argument;
    rival->rc = mia_db_sync(rival->db, NULL);
    rival->waited = atomic_load(&rival->released);
    return NULL;
}

static void let_wait(struct bench *b, void *(*act)(void *), bool ends_by_commit)
{
    pthread_t thread;
    struct rival rival = {.db = b->db, .tree = bench_fill(b, "t", 0, "")};
    mia_txn *txn = bench_begin(b, MIA_TXN_WRITE);
    put_text(txn, rival.tree, "a", "1");
    assert_int_equal(pthread_create(&thread, NULL, act, &rival), 0);
    usleep(50 * 1000); /* enough for a rival that does not wait to be caught */
    atomic_store(&rival.released, true);
    if (ends_by_commit)
        OK(mia_txn_commit(txn, ERR));
    else
        mia_txn_abort(txn);
    pthread_join(thread, NULL);
    assert_int_equal(rival.rc, MIA_OK);
    assert_true(rival.waited);
}

static void a_writer_waits_for_the_writer(void **state)
{
    struct bench *b = *state;
    let_wait(b, write_too, true);
    mia_txn *txn = bench_begin(b, MIA_TXN_READ);
    assert_content(txn, bench_tree(txn, "t", 0), "a=1 b=2");
    mia_txn_abort(txn);
    let_wait(b, write_too, false);
}

static void sync_waits_for_the_writer(void **state)
{
    let_wait(*state, sync_too, true);
}

static void *commit_of_another(void *argument)
{
    struct rival *rival = argument;
    rival->rc = mia_txn_commit(rival->txn, NULL);
    return NULL;
}

static void a_write_transaction_belongs_to_its_thread(void **state)
{
    struct bench *b = *state;
    pthread_t thread;
    struct rival rival = {.db = b->db, .tree = bench_fill(b, "t", 0, "")};
    rival.txn = bench_begin(b, MIA_TXN_WRITE);
    put_text(rival.txn, rival.tree, "a", "1");
    assert_int_equal(pthread_create(&thread, NULL, commit_of_another, &rival), 0);
    pthread_join(thread, NULL);
    assert_int_equal(rival.rc, MIA_ERR_TXN);
    put_text(rival.txn, rival.tree, "b", "2"); /* it was left as it is */
    OK(mia_txn_commit(rival.txn, ERR));
    assert_committed(b, rival.tree, "a=1 b=2");
}

static void *read_and_end(void *argument)
{
    struct rival *rival = argument;
    mia_slice value;
    rival->rc = mia_kv_get(rival->txn, rival->tree, MIA_BYTES("a"), &value, NULL);
    mia_txn_abort(rival->txn);
    return NULL;
}

static void a_read_transaction_may_change_hands(void **state)
{
    struct bench *b = *state;
    pthread_t thread;
    struct rival rival = {.db = b->db, .tree = bench_fill(b, "t", 0, "a=1")};
    for (int i = 0; i < 3; i++) { /* also one that was used before */
        rival.txn = bench_begin(b, MIA_TXN_READ);
        assert_get(rival.txn, rival.tree, "a", "1");
        assert_int_equal(pthread_create(&thread, NULL, read_and_end, &rival), 0);
        pthread_join(thread, NULL);
        assert_int_equal(rival.rc, MIA_OK);
    }
}

static void many_read_transactions_may_be_open(void **state)
{
    enum { OPEN = 100 };
    struct bench *b = *state;
    mia_tree tree = bench_fill(b, "t", 0, "a=1");
    for (int round = 0; round < 3; round++) {
        mia_txn *txns[OPEN];
        for (size_t i = 0; i < OPEN; i++)
            txns[i] = bench_begin(b, MIA_TXN_READ);
        for (size_t i = 0; i < OPEN; i++)
            assert_content(txns[i], tree, "a=1");
        for (size_t i = 0; i < OPEN; i++)
            mia_txn_abort(txns[i * 7 % OPEN]);
    }
}

/* ---- the handle */

static void close_waits_for_the_end_of_transactions(void **state)
{
    struct bench *b = *state;
    mia_tree tree = bench_fill(b, "t", 0, "a=1");
    mia_txn *reader = bench_begin(b, MIA_TXN_READ), *writer = bench_begin(b, MIA_TXN_WRITE);
    ANSWERS(mia_db_close(b->db, ERR), MIA_ERR_BUSY);
    put_text(writer, tree, "b", "2");
    OK(mia_txn_commit(writer, ERR));
    ANSWERS(mia_db_close(b->db, ERR), MIA_ERR_BUSY);
    assert_get(reader, tree, "a", "1");
    mia_txn_abort(reader);
    assert_committed(b, tree, "a=1 b=2");
}

static void every_reference_keeps_the_database_open(void **state)
{
    struct bench *b = *state;
    mia_tree tree = bench_fill(b, "t", 0, "a=1");
    mia_db *first = mia_db_retain(b->db), *second = mia_db_retain(first);
    assert_true(first == b->db && second == b->db);
    mia_txn *reader = bench_begin(b, MIA_TXN_READ);
    OK(mia_db_close(first, ERR)); /* not the last reference: transactions may be open */
    OK(mia_db_close(second, ERR));
    ANSWERS(mia_db_close(b->db, ERR), MIA_ERR_BUSY);
    assert_content(reader, tree, "a=1");
    mia_txn_abort(reader);
}

struct engine_cases cases_of_transactions(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(abort_leaves_no_trace),
        CASE(commit_makes_changes_of_all_trees_visible),
        CASE(a_transaction_sees_its_own_changes),
        CASE(a_read_transaction_may_be_committed),
        CASE(a_snapshot_does_not_change),
        CASE(one_thread_may_hold_one_write_transaction),
        CASE(a_writer_waits_for_the_writer),
        CASE(sync_waits_for_the_writer),
        CASE(a_write_transaction_belongs_to_its_thread),
        CASE(a_read_transaction_may_change_hands),
        CASE(many_read_transactions_may_be_open),
        CASE(close_waits_for_the_end_of_transactions),
        CASE(every_reference_keeps_the_database_open),
    };
    return CASES(cases);
}
