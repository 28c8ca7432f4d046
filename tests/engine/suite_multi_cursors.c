/* engine/suite_multi_cursors.c - positions in multi trees */
#include "engine/suite.h"

static const char *const pairs = "a=1 b=1 b=3 b=5 c=2 d=1 d=2";

static mia_cursor *start(struct bench *b, enum mia_txn_mode mode, mia_txn **txn, mia_tree *tree)
{
    mia_cursor *cur;
    *tree = bench_fill(b, "m", MIA_TREE_MULTI, pairs);
    *txn = bench_begin(b, mode);
    OK(mia_cursor_open(*txn, *tree, &cur, ERR));
    return cur;
}

static void every_multi_move_in_both_modes(void **state)
{
    struct bench *b = *state;
    for (int mode = MIA_TXN_READ; mode <= MIA_TXN_WRITE; mode++) {
        mia_txn *txn;
        mia_tree tree;
        mia_cursor *cur = start(b, (enum mia_txn_mode)mode, &txn, &tree);
        assert_move(cur, MIA_MOVE_FIRST, "a=1");
        assert_move(cur, MIA_MOVE_NEXT, "b=1"); /* over the border of keys */
        assert_move(cur, MIA_MOVE_NEXT_SAME, "b=3");
        assert_move(cur, MIA_MOVE_NEXT, "b=5");
        assert_move(cur, MIA_MOVE_PREV_SAME, "b=3");
        assert_move(cur, MIA_MOVE_LAST_SAME, "b=5");
        assert_move(cur, MIA_MOVE_LAST_SAME, "b=5");
        assert_move(cur, MIA_MOVE_NEXT_KEY, "c=2");
        assert_move(cur, MIA_MOVE_PREV, "b=5"); /* the last value of the key before */
        assert_seek(cur, "b", "b=1");
        assert_move(cur, MIA_MOVE_NEXT_KEY, "c=2");
        assert_move(cur, MIA_MOVE_LAST_SAME, "c=2");
        assert_move(cur, MIA_MOVE_NEXT_KEY, "d=1");
        assert_move(cur, MIA_MOVE_NEXT_KEY, NULL);
        assert_move(cur, MIA_MOVE_PREV, "d=2");
        assert_move(cur, MIA_MOVE_FIRST, "a=1");
        assert_move(cur, MIA_MOVE_LAST, "d=2");
        assert_move(cur, MIA_MOVE_NEXT, NULL);
        mia_txn_abort(txn);
    }
}

static void a_move_within_a_key_that_fails_stays(void **state)
{
    struct bench *b = *state;
    for (int mode = MIA_TXN_READ; mode <= MIA_TXN_WRITE; mode++) {
        mia_txn *txn;
        mia_tree tree;
        mia_cursor *cur = start(b, (enum mia_txn_mode)mode, &txn, &tree);
        assert_seek(cur, "b", "b=1");
        assert_move(cur, MIA_MOVE_PREV_SAME, NULL);
        assert_move(cur, MIA_MOVE_NEXT_SAME, "b=3");
        assert_move(cur, MIA_MOVE_LAST_SAME, "b=5");
        assert_move(cur, MIA_MOVE_NEXT_SAME, NULL);
        assert_move(cur, MIA_MOVE_NEXT_SAME, NULL);
        assert_move(cur, MIA_MOVE_PREV_SAME, "b=3");
        assert_seek(cur, "c", "c=2"); /* a key with one value */
        assert_move(cur, MIA_MOVE_NEXT_SAME, NULL);
        assert_move(cur, MIA_MOVE_PREV_SAME, NULL);
        assert_move(cur, MIA_MOVE_PREV, "b=5");
        assert_move(cur, MIA_MOVE_NEXT_SAME, NULL);
        assert_move(cur, MIA_MOVE_NEXT, "c=2");
        assert_move(cur, MIA_MOVE_FIRST, "a=1");
        assert_move(cur, MIA_MOVE_PREV_SAME, NULL);
        assert_move(cur, MIA_MOVE_NEXT, "b=1");
        assert_move(cur, MIA_MOVE_LAST, "d=2");
        assert_move(cur, MIA_MOVE_NEXT_SAME, NULL);
        assert_move(cur, MIA_MOVE_PREV, "d=1");
        mia_txn_abort(txn);
    }
}

static void a_fresh_cursor_has_no_key_to_stay_in(void **state)
{
    struct bench *b = *state;
    mia_txn *txn;
    mia_tree tree;
    mia_cursor *other, *cur = start(b, MIA_TXN_READ, &txn, &tree);
    assert_move(cur, MIA_MOVE_NEXT_SAME, NULL);
    assert_move(cur, MIA_MOVE_PREV_SAME, NULL);
    assert_move(cur, MIA_MOVE_LAST_SAME, NULL);
    assert_move(cur, MIA_MOVE_NEXT_KEY, "a=1");
    OK(mia_cursor_open(txn, tree, &other, ERR));
    assert_move(other, MIA_MOVE_PREV, "d=2");
    assert_move(other, MIA_MOVE_NEXT, NULL);
    assert_move(other, MIA_MOVE_LAST_SAME, NULL); /* behind the end neither */
    assert_move(other, MIA_MOVE_NEXT_KEY, NULL);
    assert_move(other, MIA_MOVE_PREV, "d=2");
    mia_txn_abort(txn);
}

static void seeks_find_keys_and_values(void **state)
{
    struct bench *b = *state;
    mia_txn *txn;
    mia_tree tree;
    mia_cursor *cur = start(b, MIA_TXN_READ, &txn, &tree);
    assert_seek(cur, "", "a=1");
    assert_seek(cur, "aa", "b=1");
    assert_seek(cur, "e", NULL);
    assert_move(cur, MIA_MOVE_PREV, "d=2");
    assert_seek_multi(cur, "b", "", "b=1");
    assert_seek_multi(cur, "b", "3", "b=3");
    assert_move(cur, MIA_MOVE_NEXT_SAME, "b=5");
    assert_seek_multi(cur, "b", "4", "b=5");
    assert_move(cur, MIA_MOVE_PREV, "b=3");
    assert_seek_multi(cur, "b", "6", NULL);
    assert_move(cur, MIA_MOVE_FIRST, "a=1");
    assert_seek_multi(cur, "aa", "", NULL);
    assert_seek_multi(cur, "e", "", NULL);
    assert_seek_multi(cur, "d", "2", "d=2");
    assert_move(cur, MIA_MOVE_NEXT, NULL);
    mia_txn_abort(txn);
}

/* Stands on b=3, changes the tree, moves. */
struct change {
    const char *put, *del; /* pairs of two bytes, key and value */
    enum mia_move move;
    const char *to; /* NULL: MIA_NOTFOUND */
};

static const struct change changes[] = {
    /* the pair itself goes */
    {"", "b3", MIA_MOVE_NEXT, "b=5"},
    {"", "b3", MIA_MOVE_PREV, "b=1"},
    {"", "b3", MIA_MOVE_NEXT_SAME, "b=5"},
    {"", "b3", MIA_MOVE_PREV_SAME, "b=1"},
    {"", "b3", MIA_MOVE_LAST_SAME, "b=5"},
    {"", "b3", MIA_MOVE_NEXT_KEY, "c=2"},
    /* and all values behind it */
    {"", "b3b5", MIA_MOVE_NEXT, "c=2"},
    {"", "b3b5", MIA_MOVE_PREV, "b=1"},
    {"", "b3b5", MIA_MOVE_NEXT_SAME, NULL},
    {"", "b3b5", MIA_MOVE_PREV_SAME, "b=1"},
    {"", "b3b5", MIA_MOVE_LAST_SAME, "b=1"},
    {"", "b3b5", MIA_MOVE_NEXT_KEY, "c=2"},
    /* and all values before it */
    {"", "b1b3", MIA_MOVE_NEXT, "b=5"},
    {"", "b1b3", MIA_MOVE_PREV, "a=1"},
    {"", "b1b3", MIA_MOVE_NEXT_SAME, "b=5"},
    {"", "b1b3", MIA_MOVE_PREV_SAME, NULL},
    {"", "b1b3", MIA_MOVE_LAST_SAME, "b=5"},
    /* the whole key goes */
    {"", "b1b3b5", MIA_MOVE_NEXT, "c=2"},
    {"", "b1b3b5", MIA_MOVE_PREV, "a=1"},
    {"", "b1b3b5", MIA_MOVE_NEXT_SAME, NULL},
    {"", "b1b3b5", MIA_MOVE_PREV_SAME, NULL},
    {"", "b1b3b5", MIA_MOVE_LAST_SAME, NULL},
    {"", "b1b3b5", MIA_MOVE_NEXT_KEY, "c=2"},
    {"", "b1b3b5c2d1d2", MIA_MOVE_NEXT, NULL},
    {"", "b1b3b5c2d1d2", MIA_MOVE_PREV, "a=1"},
    {"", "b1b3b5c2d1d2", MIA_MOVE_NEXT_KEY, NULL},
    {"", "a1b1b3b5", MIA_MOVE_PREV, NULL},
    /* others come */
    {"b4", "", MIA_MOVE_NEXT, "b=4"},
    {"b2", "", MIA_MOVE_PREV, "b=2"},
    {"b2b4", "b3", MIA_MOVE_NEXT_SAME, "b=4"},
    {"b2b4", "b3", MIA_MOVE_PREV_SAME, "b=2"},
    {"b6", "b3", MIA_MOVE_LAST_SAME, "b=6"},
    {"b4", "b3b5", MIA_MOVE_NEXT, "b=4"},
    {"b2", "b1b3", MIA_MOVE_PREV, "b=2"},
    {"b3", "b3", MIA_MOVE_NEXT, "b=5"},
    {"", "b5", MIA_MOVE_NEXT, "c=2"},
    {"", "b5", MIA_MOVE_NEXT_SAME, NULL},
    {"", "b5", MIA_MOVE_LAST_SAME, "b=3"},
    {"", "b1", MIA_MOVE_PREV, "a=1"},
    {"", "b1b5", MIA_MOVE_LAST_SAME, "b=3"},
    {"", "b1b5", MIA_MOVE_NEXT_KEY, "c=2"},
};

static void change_tree(mia_txn *txn, mia_tree tree, const struct change *change)
{
    for (const char *at = change->del; *at != '\0'; at += 2) {
        mia_slice value = {at + 1, 1};
        OK(mia_kv_del(txn, tree, (mia_slice){at, 1}, &value, ERR));
    }
    for (const char *at = change->put; *at != '\0'; at += 2)
        OK(mia_kv_put(txn, tree, (mia_slice){at, 1}, (mia_slice){at + 1, 1}, 0, ERR));
}

static void writes_around_a_multi_cursor_do_not_move_it(void **state)
{
    struct bench *b = *state;
    for (size_t i = 0; i < LENGTH(changes); i++) {
        mia_txn *txn;
        mia_tree tree;
        mia_cursor *other, *cur = start(b, MIA_TXN_WRITE, &txn, &tree);
        OK(mia_cursor_open(txn, tree, &other, ERR)); /* stands on the same pair */
        assert_seek_multi(other, "b", "3", "b=3");
        assert_seek_multi(cur, "b", "3", "b=3");
        change_tree(txn, tree, &changes[i]);
        assert_move(cur, changes[i].move, changes[i].to);
        assert_move(other, changes[i].move, changes[i].to);
        mia_txn_abort(txn);
    }
}

static void a_scan_may_remove_values_that_it_sees(void **state)
{
    struct bench *b = *state;
    mia_slice key, value;
    mia_txn *txn;
    mia_tree tree;
    mia_cursor *cur = start(b, MIA_TXN_WRITE, &txn, &tree);
    while (mia_cursor_move(cur, MIA_MOVE_NEXT, &key, &value, ERR) == MIA_OK)
        if (mia_slice_equal(value, MIA_BYTES("1")))
            OK(mia_kv_del(txn, tree, key, &value, ERR));
    assert_content(txn, tree, "b=3 b=5 c=2 d=2");
    while (mia_cursor_move(cur, MIA_MOVE_PREV, &key, &value, ERR) == MIA_OK)
        OK(mia_kv_del(txn, tree, key, NULL, ERR));
    assert_content(txn, tree, "");
    mia_txn_abort(txn);
}

static void a_prefix_cursor_sees_all_values_of_its_keys(void **state)
{
    struct bench *b = *state;
    mia_cursor *cur;
    mia_tree tree = bench_fill(b, "p", MIA_TREE_MULTI, "a=9 b=1 b=2 ba=1 ba=2 c=0");
    mia_txn *txn = bench_begin(b, MIA_TXN_WRITE);
    OK(mia_cursor_open_prefix(txn, tree, MIA_BYTES("b"), &cur, ERR));
    assert_move(cur, MIA_MOVE_PREV, "ba=2");
    assert_move(cur, MIA_MOVE_NEXT_KEY, NULL);
    assert_move(cur, MIA_MOVE_FIRST, "b=1");
    assert_move(cur, MIA_MOVE_NEXT_KEY, "ba=1");
    assert_seek_multi(cur, "c", "0", NULL); /* outside */
    assert_seek_multi(cur, "b", "2", "b=2");
    assert_move(cur, MIA_MOVE_PREV, "b=1");
    assert_move(cur, MIA_MOVE_PREV, NULL);
    assert_move(cur, MIA_MOVE_NEXT, "b=1");
    del_text(txn, tree, "b");
    assert_move(cur, MIA_MOVE_NEXT, "ba=1");
    mia_txn_abort(txn);
}

struct engine_cases cases_of_multi_cursors(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(every_multi_move_in_both_modes),
        CASE(a_move_within_a_key_that_fails_stays),
        CASE(a_fresh_cursor_has_no_key_to_stay_in),
        CASE(seeks_find_keys_and_values),
        CASE(writes_around_a_multi_cursor_do_not_move_it),
        CASE(a_scan_may_remove_values_that_it_sees),
        CASE(a_prefix_cursor_sees_all_values_of_its_keys),
    };
    return CASES(cases);
}
