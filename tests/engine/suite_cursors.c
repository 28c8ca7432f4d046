/* engine/suite_cursors.c - positions in plain trees, at rest and over writes */
#include "engine/suite.h"

/* A cursor over the tree "t" with these pairs, in a transaction of this kind. */
static mia_cursor *start(struct bench *b, enum mia_txn_mode mode, const char *pairs, mia_txn **txn,
                         mia_tree *tree)
{
    mia_cursor *cur;
    *tree = bench_fill(b, "t", 0, pairs);
    *txn = bench_begin(b, mode);
    OK(mia_cursor_open(*txn, *tree, &cur, ERR));
    return cur;
}

static void every_move_in_both_modes(void **state)
{
    struct bench *b = *state;
    for (int mode = MIA_TXN_READ; mode <= MIA_TXN_WRITE; mode++) {
        mia_txn *txn;
        mia_tree tree;
        mia_cursor *cur = start(b, (enum mia_txn_mode)mode, "b=1 d=2 f=3", &txn, &tree);
        assert_move(cur, MIA_MOVE_FIRST, "b=1");
        assert_move(cur, MIA_MOVE_NEXT, "d=2");
        assert_move(cur, MIA_MOVE_PREV, "b=1");
        assert_move(cur, MIA_MOVE_LAST, "f=3");
        assert_move(cur, MIA_MOVE_PREV, "d=2");
        assert_move(cur, MIA_MOVE_NEXT, "f=3");
        assert_seek(cur, "d", "d=2");
        assert_move(cur, MIA_MOVE_NEXT, "f=3");
        assert_seek(cur, "c", "d=2");
        assert_move(cur, MIA_MOVE_PREV, "b=1");
        assert_seek(cur, "", "b=1");
        assert_seek(cur, "d\x01", "f=3");
        mia_cursor_close(cur);
        mia_txn_abort(txn);
    }
}

static void a_fresh_cursor_enters_from_either_end(void **state)
{
    struct bench *b = *state;
    mia_txn *txn;
    mia_tree tree;
    mia_cursor *down, *up = start(b, MIA_TXN_READ, "b=1 d=2 f=3", &txn, &tree);
    assert_move(up, MIA_MOVE_NEXT, "b=1");
    assert_move(up, MIA_MOVE_NEXT, "d=2");
    OK(mia_cursor_open(txn, tree, &down, ERR));
    assert_move(down, MIA_MOVE_PREV, "f=3");
    assert_move(down, MIA_MOVE_PREV, "d=2");
    mia_txn_abort(txn); /* closes both */
}

static void beyond_the_ends_there_is_a_way_back(void **state)
{
    struct bench *b = *state;
    for (int mode = MIA_TXN_READ; mode <= MIA_TXN_WRITE; mode++) {
        mia_txn *txn;
        mia_tree tree;
        mia_cursor *cur = start(b, (enum mia_txn_mode)mode, "b=1 d=2", &txn, &tree);
        assert_move(cur, MIA_MOVE_LAST, "d=2");
        assert_move(cur, MIA_MOVE_NEXT, NULL);
        assert_move(cur, MIA_MOVE_NEXT, NULL);
        assert_move(cur, MIA_MOVE_PREV, "d=2");
        assert_move(cur, MIA_MOVE_FIRST, "b=1");
        assert_move(cur, MIA_MOVE_PREV, NULL);
        assert_move(cur, MIA_MOVE_PREV, NULL);
        assert_move(cur, MIA_MOVE_NEXT, "b=1");
        assert_seek(cur, "e", NULL);
        assert_move(cur, MIA_MOVE_NEXT, NULL);
        assert_move(cur, MIA_MOVE_PREV, "d=2");
        mia_txn_abort(txn);
    }
}

static void an_empty_tree_has_no_pair(void **state)
{
    struct bench *b = *state;
    static const enum mia_move moves[] = {MIA_MOVE_FIRST, MIA_MOVE_LAST, MIA_MOVE_NEXT,
                                          MIA_MOVE_PREV};
    mia_txn *txn;
    mia_tree tree;
    mia_cursor *cur = start(b, MIA_TXN_WRITE, "", &txn, &tree);
    for (size_t i = 0; i < LENGTH(moves) * LENGTH(moves); i++) {
        assert_move(cur, moves[i / LENGTH(moves)], NULL);
        assert_move(cur, moves[i % LENGTH(moves)], NULL);
        assert_seek(cur, "", NULL);
    }
    put_text(txn, tree, "a", "1");
    assert_move(cur, MIA_MOVE_NEXT, NULL); /* behind the end it stays */
    assert_move(cur, MIA_MOVE_PREV, "a=1");
    mia_txn_abort(txn);
}

/* Moves to `from`, changes the tree, and moves on. */
struct change {
    const char *from, *put, *del;
    const char *next, *prev; /* where NEXT and PREV must lead; "": MIA_NOTFOUND */
};

static const struct change changes[] = {
    {"c", NULL, "c", "e=3", "a=1"},     /* the entry itself goes */
    {"a", NULL, "a", "c=2", ""},        /* ... the first one */
    {"e", NULL, "e", "", "c=2"},        /* ... the last one */
    {"c", NULL, "ce", "", "a=1"},       /* ... and the next one with it */
    {"c", NULL, "ac", "e=3", ""},       /* ... and the one before */
    {"c", NULL, "ace", "", ""},         /* all go */
    {"c", "bd", "", "d=new", "b=new"},  /* neighbours come */
    {"c", "bd", "c", "d=new", "b=new"}, /* neighbours come, the entry goes */
    {"c", "c", "", "e=3", "a=1"},       /* it gets a new value */
    {"c", "d", "ce", "d=new", "a=1"},   /* all behind it are others */
    {"c", "b", "ace", "", "b=new"},     /* one before it is left */
    {"c", NULL, "e", "", "a=1"},        /* its neighbours go */
    {"c", NULL, "a", "e=3", ""},
};

static void change_tree(mia_txn *txn, mia_tree tree, const struct change *change)
{
    for (const char *at = change->del; *at != '\0'; at++)
        OK(mia_kv_del(txn, tree, (mia_slice){at, 1}, NULL, ERR));
    for (const char *at = change->put; at != NULL && *at != '\0'; at++)
        OK(mia_kv_put(txn, tree, (mia_slice){at, 1}, MIA_BYTES("new"), 0, ERR));
}

static void writes_around_a_cursor_do_not_move_it(void **state)
{
    struct bench *b = *state;
    for (size_t i = 0; i < 2 * LENGTH(changes); i++) {
        const struct change *change = &changes[i / 2];
        bool up = i % 2 == 0;
        const char *to = up ? change->next : change->prev;
        mia_txn *txn;
        mia_tree tree;
        mia_cursor *cur = start(b, MIA_TXN_WRITE, "a=1 c=2 e=3", &txn, &tree);
        mia_slice key = mia_bytes_of(change->from), value;
        OK(mia_cursor_move(cur, MIA_MOVE_SEEK, &key, &value, ERR));
        change_tree(txn, tree, change);
        assert_move(cur, up ? MIA_MOVE_NEXT : MIA_MOVE_PREV, to[0] != '\0' ? to : NULL);
        mia_txn_abort(txn);
    }
}

static void a_removed_entry_may_come_back(void **state)
{
    struct bench *b = *state;
    mia_txn *txn;
    mia_tree tree;
    mia_cursor *cur = start(b, MIA_TXN_WRITE, "a=1 c=2 e=3", &txn, &tree);
    assert_seek(cur, "c", "c=2");
    del_text(txn, tree, "c");
    put_text(txn, tree, "c", "again");
    assert_move(cur, MIA_MOVE_NEXT, "e=3");
    assert_move(cur, MIA_MOVE_PREV, "c=again");
    OK(mia_tree_clear(txn, tree, ERR));
    assert_move(cur, MIA_MOVE_NEXT, NULL);
    put_text(txn, tree, "b", "first");
    assert_move(cur, MIA_MOVE_PREV, "b=first");
    mia_txn_abort(txn);
}

static void a_scan_may_remove_what_it_sees(void **state)
{
    struct bench *b = *state;
    for (int up = 0; up < 2; up++) {
        mia_slice key, value;
        mia_txn *txn;
        mia_tree tree;
        mia_cursor *cur = start(b, MIA_TXN_WRITE, "a=1 b=2 c=3 d=4 e=5 f=6", &txn, &tree);
        while (mia_cursor_move(cur, up ? MIA_MOVE_NEXT : MIA_MOVE_PREV, &key, &value, ERR) ==
               MIA_OK) {
            if (((const char *)key.data)[0] % 2 == 0)
                OK(mia_kv_del(txn, tree, key, NULL, ERR)); /* the cursor's own bytes */
        }
        OK(mia_txn_commit(txn, ERR));
        assert_committed(b, tree, "a=1 c=3 e=5");
    }
}

static void cursors_of_one_transaction_are_apart(void **state)
{
    struct bench *b = *state;
    mia_txn *txn;
    mia_tree tree;
    mia_cursor *two, *three, *one = start(b, MIA_TXN_WRITE, "a=1 b=2 c=3 d=4", &txn, &tree);
    OK(mia_cursor_open(txn, tree, &two, ERR));
    OK(mia_cursor_open(txn, bench_tree(txn, "other", MIA_TREE_CREATE), &three, ERR));
    assert_move(one, MIA_MOVE_FIRST, "a=1");
    assert_move(two, MIA_MOVE_LAST, "d=4");
    assert_move(three, MIA_MOVE_NEXT, NULL);
    del_text(txn, tree, "a");
    del_text(txn, tree, "d");
    assert_move(one, MIA_MOVE_NEXT, "b=2");
    assert_move(two, MIA_MOVE_PREV, "c=3");
    mia_cursor_close(two);
    del_text(txn, tree, "b");
    assert_move(one, MIA_MOVE_NEXT, "c=3");
    OK(mia_txn_commit(txn, ERR)); /* closes what is left */
}

static void a_cursor_sees_writes_made_before_it_moves(void **state)
{
    struct bench *b = *state;
    mia_cursor *cur;
    mia_txn *txn = bench_begin(b, MIA_TXN_WRITE);
    mia_tree tree = bench_tree(txn, "new", MIA_TREE_CREATE);
    OK(mia_cursor_open(txn, tree, &cur, ERR));
    put_text(txn, tree, "b", "1");
    assert_move(cur, MIA_MOVE_NEXT, "b=1");
    put_text(txn, tree, "a", "2");
    put_text(txn, tree, "c", "3");
    assert_move(cur, MIA_MOVE_PREV, "a=2");
    assert_move(cur, MIA_MOVE_LAST, "c=3");
    mia_txn_abort(txn);
}

/* R4: the pair lives until the cursor moves, whatever other cursors do. */
static void a_pair_lives_until_its_cursor_moves(void **state)
{
    struct bench *b = *state;
    mia_slice key, value, other_key, other_value;
    mia_txn *txn;
    mia_tree tree;
    mia_cursor *other, *cur = start(b, MIA_TXN_READ, "a=1 b=2 c=3", &txn, &tree);
    OK(mia_cursor_open(txn, tree, &other, ERR));
    OK(mia_cursor_move(cur, MIA_MOVE_NEXT, &key, &value, ERR));
    while (mia_cursor_move(other, MIA_MOVE_NEXT, &other_key, &other_value, ERR) == MIA_OK)
        assert_content(txn, tree, "a=1 b=2 c=3");
    mia_cursor_close(other);
    assert_text(key, "a");
    assert_text(value, "1");
    key = (mia_slice){"b", 1};
    OK(mia_cursor_move(cur, MIA_MOVE_SEEK, &key, &value, ERR));
    OK(mia_cursor_move(cur, MIA_MOVE_SEEK, &key, &value, ERR)); /* with its own bytes */
    assert_text(key, "b");
    mia_txn_abort(txn);
}

struct engine_cases cases_of_cursors(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(every_move_in_both_modes),
        CASE(a_fresh_cursor_enters_from_either_end),
        CASE(beyond_the_ends_there_is_a_way_back),
        CASE(an_empty_tree_has_no_pair),
        CASE(writes_around_a_cursor_do_not_move_it),
        CASE(a_removed_entry_may_come_back),
        CASE(a_scan_may_remove_what_it_sees),
        CASE(cursors_of_one_transaction_are_apart),
        CASE(a_cursor_sees_writes_made_before_it_moves),
        CASE(a_pair_lives_until_its_cursor_moves),
    };
    return CASES(cases);
}
