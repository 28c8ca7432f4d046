/* engine/suite_misuse.c - what is refused, and what a refusal leaves behind (R2, R3) */
#include "engine/suite.h"

static void a_read_transaction_refuses_writes(void **state)
{
    struct bench *b = *state;
    mia_tree none, tree = bench_fill(b, "t", 0, "a=1");
    mia_txn *txn = bench_begin(b, MIA_TXN_READ);
    ANSWERS(mia_kv_put(txn, tree, MIA_BYTES("b"), MIA_BYTES("2"), 0, ERR), MIA_ERR_READONLY);
    ANSWERS(mia_kv_del(txn, tree, MIA_BYTES("a"), NULL, ERR), MIA_ERR_READONLY);
    ANSWERS(mia_tree_clear(txn, tree, ERR), MIA_ERR_READONLY);
    ANSWERS(mia_tree_open(txn, MIA_BYTES("new"), MIA_TREE_CREATE, &none, ERR), MIA_ERR_READONLY);
    assert_content(txn, tree, "a=1");
    OK(mia_txn_commit(txn, ERR));
}

static void unknown_flags_and_moves_are_refused(void **state)
{
    struct bench *b = *state;
    mia_slice key = MIA_BYTES("a"), value = MIA_BYTES("1");
    mia_cursor *cur;
    mia_tree none, tree = bench_fill(b, "t", 0, "a=1 b=2");
    mia_txn *txn = bench_begin(b, MIA_TXN_WRITE);
    ANSWERS(mia_kv_put(txn, tree, key, value, 1u << 2, ERR), MIA_ERR_INVALID);
    ANSWERS(mia_tree_open(txn, key, MIA_TREE_CREATE | 1u << 2, &none, ERR), MIA_ERR_INVALID);
    ANSWERS(mia_kv_del(txn, tree, key, &value, ERR), MIA_ERR_INVALID); /* of multi trees only */
    OK(mia_cursor_open(txn, tree, &cur, ERR));
    assert_move(cur, MIA_MOVE_FIRST, "a=1");
    for (int move = MIA_MOVE_SEEK_MULTI; move <= MIA_MOVE_NEXT_KEY + 1; move++) {
        key = value = MIA_BYTES("a");
        ANSWERS(mia_cursor_move(cur, (enum mia_move)move, &key, &value, ERR), MIA_ERR_INVALID);
        assert_true(key.data == NULL && key.size == 0 && value.data == NULL && value.size == 0);
    }
    assert_move(cur, MIA_MOVE_NEXT, "b=2");
    OK(mia_txn_commit(txn, ERR));
    assert_committed(b, tree, "a=1 b=2");
}

/* R3: what a call gives out says nothing of its own when it fails. */
static void outputs_are_empty_after_a_failure(void **state)
{
    struct bench *b = *state;
    mia_tree tree = bench_fill(b, "t", 0, "a=1"), none;
    mia_slice value = MIA_BYTES("junk"), name = MIA_BYTES("\xff\xff\xff\xff");
    uint64_t n = 99;
    mia_txn *txn = bench_begin(b, MIA_TXN_READ);
    ANSWERS(mia_tree_open(txn, MIA_BYTES("absent"), 0, &none, ERR), MIA_NOTFOUND);
    ANSWERS(mia_kv_get(txn, none, MIA_BYTES("a"), &value, ERR), MIA_ERR_INVALID);
    assert_true(value.data == NULL && value.size == 0);
    value = MIA_BYTES("junk");
    ANSWERS(mia_kv_get(txn, tree, MIA_BYTES("b"), &value, ERR), MIA_NOTFOUND);
    assert_true(value.data == NULL && value.size == 0);
    ANSWERS(mia_kv_count(txn, none, NULL, &n, ERR), MIA_ERR_INVALID);
    assert_int_equal(n, 0);
    value = MIA_BYTES("junk");
    ANSWERS(mia_tree_next(txn, &name, &value, ERR), MIA_NOTFOUND);
    assert_true(value.data == NULL && value.size == 0);
    mia_cursor *cur = (mia_cursor *)txn;
    ANSWERS(mia_cursor_open(txn, none, &cur, ERR), MIA_ERR_INVALID);
    assert_null(cur);
    cur = (mia_cursor *)txn;
    ANSWERS(mia_cursor_open_prefix(txn, none, MIA_BYTES("a"), &cur, ERR), MIA_ERR_INVALID);
    assert_null(cur);
    mia_txn_abort(txn);
}

/* R2: nobody has to ask for the details. */
static void errors_need_no_room(void **state)
{
    struct bench *b = *state;
    char path[TEST_PATH];
    mia_db *db;
    mia_txn *none, *txn;
    mia_cursor *cur;
    uint64_t n;
    mia_tree absent, tree = bench_fill(b, "t", 0, "a=1");
    mia_slice key = {NULL, 0}, value = {NULL, 0}, a = MIA_BYTES("a");
    test_path(path, b->folder, "file");
    test_file_write(path, "text", 4);
    assert_true(mia_db_open(b->engine->ops, path, NULL, &db, NULL) < 0);
    ANSWERS(mia_db_open(b->engine->ops, b->path, NULL, &db, NULL), MIA_ERR_BUSY);
    ANSWERS(mia_db_open(NULL, "", NULL, &db, NULL), MIA_ERR_INVALID);
    txn = bench_begin(b, MIA_TXN_WRITE);
    ANSWERS(mia_db_close(b->db, NULL), MIA_ERR_BUSY);
    ANSWERS(mia_txn_begin(b->db, MIA_TXN_WRITE, &none, NULL), MIA_ERR_TXN);
    ANSWERS(mia_db_sync(b->db, NULL), MIA_ERR_TXN);
    ANSWERS(mia_tree_open(txn, a, 0, &absent, NULL), MIA_NOTFOUND);
    ANSWERS(mia_tree_open(txn, MIA_BYTES("t"), MIA_TREE_MULTI, &absent, NULL), MIA_ERR_INVALID);
    ANSWERS(mia_kv_get(txn, absent, a, &value, NULL), MIA_ERR_INVALID);
    ANSWERS(mia_kv_put(txn, tree, a, a, MIA_PUT_INSERT_ONLY, NULL), MIA_ERR_INVALID);
    ANSWERS(mia_kv_put(txn, tree, a, a, MIA_PUT_APPEND, NULL), MIA_ERR_INVALID);
    ANSWERS(mia_kv_put(txn, tree, (mia_slice){a.data, SIZE_MAX}, a, 0, NULL), MIA_ERR_TOO_LONG);
    ANSWERS(mia_kv_del(txn, absent, a, NULL, NULL), MIA_ERR_INVALID);
    ANSWERS(mia_kv_count(txn, absent, NULL, &n, NULL), MIA_ERR_INVALID);
    ANSWERS(mia_tree_clear(txn, absent, NULL), MIA_ERR_INVALID);
    ANSWERS(mia_cursor_open(txn, absent, &cur, NULL), MIA_ERR_INVALID);
    OK(mia_cursor_open(txn, tree, &cur, NULL));
    ANSWERS(mia_cursor_move(cur, MIA_MOVE_NEXT_KEY, &key, &value, NULL), MIA_ERR_INVALID);
    OK(mia_txn_commit(txn, NULL));
}

/* R5: closing nothing is fine. */
static void nothing_can_be_closed(void **state)
{
    (void)state;
    OK(mia_db_close(NULL, ERR));
    mia_txn_abort(NULL);
    mia_cursor_close(NULL);
}

/* Two refusals of a put leave the transaction as good as before. */
static void a_refused_put_does_no_harm(void **state)
{
    struct bench *b = *state;
    mia_tree tree = bench_fill(b, "t", 0, "a=1");
    mia_txn *txn = bench_begin(b, MIA_TXN_WRITE);
    put_text(txn, tree, "b", "2");
    ANSWERS(mia_kv_put(txn, tree, MIA_BYTES("a"), MIA_BYTES("9"), MIA_PUT_INSERT_ONLY, ERR),
            MIA_ERR_INVALID);
    ANSWERS(mia_kv_put(txn, tree, (mia_slice){"", SIZE_MAX}, MIA_BYTES("9"), 0, ERR),
            MIA_ERR_TOO_LONG);
    ANSWERS(mia_kv_put(txn, tree, MIA_BYTES("a"), (mia_slice){"", SIZE_MAX}, 0, ERR),
            MIA_ERR_TOO_LONG);
    put_text(txn, tree, "c", "3");
    OK(mia_txn_commit(txn, ERR));
    assert_committed(b, tree, "a=1 b=2 c=3");
}

struct engine_cases cases_of_misuse(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_read_transaction_refuses_writes),
        CASE(unknown_flags_and_moves_are_refused),
        CASE(outputs_are_empty_after_a_failure),
        CASE(errors_need_no_room),
        CASE(nothing_can_be_closed),
        CASE(a_refused_put_does_no_harm),
    };
    return CASES(cases);
}
