/* engine/suite_prefixes.c - cursors that see only the keys beginning with something */
#include "engine/suite.h"

static const mia_slice keys[] = {
    MIA_BYTES(""),          MIA_BYTES("a"),    MIA_BYTES("a\xff"),    MIA_BYTES("a\xff\0"),
    MIA_BYTES("a\xff\xff"), MIA_BYTES("ab"),   MIA_BYTES("b"),        MIA_BYTES("b\0"),
    MIA_BYTES("ba"),        MIA_BYTES("bab"),  MIA_BYTES("bb"),       MIA_BYTES("c"),
    MIA_BYTES("\xfe\xff"),  MIA_BYTES("\xff"), MIA_BYTES("\xff\xff"), MIA_BYTES("\xff\xff\1"),
};

/* What may be asked for: all keys, and beginnings of none. */
static const mia_slice prefixes[] = {
    MIA_BYTES("b\1"),  MIA_BYTES("bbb"),          MIA_BYTES("d"),
    MIA_BYTES("\xfe"), MIA_BYTES("\xff\xff\xff"), MIA_BYTES("\0"),
};

static bool begins_with(mia_slice key, mia_slice prefix)
{
    return key.size >= prefix.size && mia_slice_equal((mia_slice){key.data, prefix.size}, prefix);
}

static mia_tree fill(struct bench *b, uint32_t flags)
{
    mia_txn *txn = bench_begin(b, MIA_TXN_WRITE);
    mia_tree tree = bench_tree(txn, "t", MIA_TREE_CREATE | flags);
    for (size_t i = 0; i < LENGTH(keys); i++)
        OK(mia_kv_put(txn, tree, keys[i], MIA_BYTES("v"), 0, ERR));
    OK(mia_txn_commit(txn, ERR));
    return tree;
}

/* The keys with the prefix, sorted. */
static size_t select_keys(mia_slice prefix, mia_slice to[LENGTH(keys)])
{
    size_t count = 0;
    for (size_t i = 0; i < LENGTH(keys); i++) {
        if (!begins_with(keys[i], prefix))
            continue;
        size_t at = count++;
        for (; at > 0 && mia_slice_compare(keys[i], to[at - 1]) < 0; at--)
            to[at] = to[at - 1];
        to[at] = keys[i];
    }
    return count;
}

static void assert_key(mia_cursor *cur, enum mia_move move, const mia_slice *expected)
{
    mia_slice key, value;
    ANSWERS(mia_cursor_move(cur, move, &key, &value, ERR), expected ? MIA_OK : MIA_NOTFOUND);
    if (expected != NULL)
        assert_bytes(key, *expected);
}

/* Up from the fresh cursor, down from the end, up again from the front; then from both ends. */
static void check_walks(mia_txn *txn, mia_tree tree, mia_slice prefix)
{
    mia_cursor *cur;
    mia_slice found[LENGTH(keys)];
    size_t n = select_keys(prefix, found);
    OK(mia_cursor_open_prefix(txn, tree, prefix, &cur, ERR));
    for (size_t i = 0; i < n; i++)
        assert_key(cur, MIA_MOVE_NEXT, &found[i]);
    assert_key(cur, MIA_MOVE_NEXT, NULL);
    assert_key(cur, MIA_MOVE_NEXT, NULL);
    for (size_t i = n; i-- > 0;)
        assert_key(cur, MIA_MOVE_PREV, &found[i]);
    assert_key(cur, MIA_MOVE_PREV, NULL);
    for (size_t i = 0; i < n; i++)
        assert_key(cur, MIA_MOVE_NEXT, &found[i]);
    assert_key(cur, MIA_MOVE_FIRST, n > 0 ? &found[0] : NULL);
    assert_key(cur, MIA_MOVE_LAST, n > 0 ? &found[n - 1] : NULL);
    mia_cursor_close(cur);
    OK(mia_cursor_open_prefix(txn, tree, prefix, &cur, ERR));
    for (size_t i = n; i-- > 0;)
        assert_key(cur, MIA_MOVE_PREV, &found[i]);
    assert_key(cur, MIA_MOVE_PREV, NULL);
    mia_cursor_close(cur);
}

static void check_seeks(mia_txn *txn, mia_tree tree, mia_slice prefix)
{
    mia_cursor *cur;
    mia_slice found[LENGTH(keys)];
    size_t n = select_keys(prefix, found);
    OK(mia_cursor_open_prefix(txn, tree, prefix, &cur, ERR));
    for (size_t i = 0; i < LENGTH(keys); i++) {
        size_t at = 0;
        mia_slice key = keys[i], value;
        while (at < n && mia_slice_compare(found[at], keys[i]) < 0)
            at++;
        ANSWERS(mia_cursor_move(cur, MIA_MOVE_SEEK, &key, &value, ERR),
                at < n ? MIA_OK : MIA_NOTFOUND);
        if (at < n)
            assert_bytes(key, found[at]);
        if (n > 0 && at == n)
            assert_key(cur, MIA_MOVE_PREV, &found[n - 1]);
    }
    mia_cursor_close(cur);
}

static void check_all(struct bench *b, uint32_t flags)
{
    mia_tree tree = fill(b, flags);
    for (int mode = MIA_TXN_READ; mode <= MIA_TXN_WRITE; mode++) {
        mia_txn *txn = bench_begin(b, (enum mia_txn_mode)mode);
        for (size_t i = 0; i < LENGTH(keys) + LENGTH(prefixes); i++) {
            mia_slice prefix = i < LENGTH(keys) ? keys[i] : prefixes[i - LENGTH(keys)];
            check_walks(txn, tree, prefix);
            check_seeks(txn, tree, prefix);
        }
        mia_txn_abort(txn);
    }
}

static void a_prefix_bounds_every_walk(void **state)
{
    check_all(*state, 0);
}

static void a_prefix_bounds_every_walk_in_a_multi_tree(void **state)
{
    check_all(*state, MIA_TREE_MULTI);
}

/* The bytes are copied. */
static void a_prefix_is_borrowed_for_the_call_only(void **state)
{
    struct bench *b = *state;
    char prefix[] = "b";
    mia_cursor *cur;
    mia_tree tree = bench_fill(b, "t", 0, "a=1 b=2 bb=3 c=4");
    mia_txn *txn = bench_begin(b, MIA_TXN_READ);
    OK(mia_cursor_open_prefix(txn, tree, (mia_slice){prefix, 1}, &cur, ERR));
    prefix[0] = 'c';
    assert_move(cur, MIA_MOVE_NEXT, "b=2");
    assert_move(cur, MIA_MOVE_NEXT, "bb=3");
    assert_move(cur, MIA_MOVE_NEXT, NULL);
    mia_txn_abort(txn);
}

static void writes_around_a_prefix_cursor_do_not_move_it(void **state)
{
    struct bench *b = *state;
    mia_cursor *cur;
    mia_tree tree = bench_fill(b, "t", 0, "a=1 ba=2 bc=3 be=4 c=5");
    mia_txn *txn = bench_begin(b, MIA_TXN_WRITE);
    OK(mia_cursor_open_prefix(txn, tree, MIA_BYTES("b"), &cur, ERR));
    assert_seek(cur, "bc", "bc=3");
    del_text(txn, tree, "bc");
    del_text(txn, tree, "be");
    assert_move(cur, MIA_MOVE_NEXT, NULL); /* c is outside */
    assert_move(cur, MIA_MOVE_PREV, "ba=2");
    del_text(txn, tree, "ba");
    assert_move(cur, MIA_MOVE_PREV, NULL);
    put_text(txn, tree, "bb", "new");
    assert_move(cur, MIA_MOVE_NEXT, "bb=new");
    assert_move(cur, MIA_MOVE_NEXT, NULL);
    mia_txn_abort(txn);
}

struct engine_cases cases_of_prefixes(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_prefix_bounds_every_walk),
        CASE(a_prefix_bounds_every_walk_in_a_multi_tree),
        CASE(a_prefix_is_borrowed_for_the_call_only),
        CASE(writes_around_a_prefix_cursor_do_not_move_it),
    };
    return CASES(cases);
}
