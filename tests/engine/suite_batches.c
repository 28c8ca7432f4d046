/* engine/suite_batches.c - many pairs a call, against one at a time */
#include "engine/suite.h"

#include <stdio.h>
#include <stdlib.h>

enum { PAIRS = 150, MOST = 64 };

static const size_t limits[] = {1, 2, 3, 4, 6, 64};

static mia_slice key_of(size_t i, char text[16])
{
    return (mia_slice){text, (size_t)snprintf(text, 16, "%s%04zu", i % 2 ? "odd" : "even", i)};
}

/* Values of 0 to 3000 bytes, so that pairs share pages, fill them, and leave them. */
static mia_slice value_of(size_t i)
{
    static const char zeros[3000];
    return (mia_slice){zeros, i * i * 37 % sizeof zeros};
}

static mia_tree fill(struct bench *b)
{
    char text[16];
    mia_txn *txn = bench_begin(b, MIA_TXN_WRITE);
    mia_tree tree = bench_tree(txn, "t", MIA_TREE_CREATE);
    for (size_t i = 0; i < PAIRS; i++)
        OK(mia_kv_put(txn, tree, key_of(i, text), value_of(i), 0, ERR));
    OK(mia_txn_commit(txn, ERR));
    return tree;
}

/* Even keys come first. */
static size_t number_at(size_t position)
{
    return position < PAIRS / 2 ? 2 * position : 2 * (position - PAIRS / 2) + 1;
}

/* Reads batches of up to `limit` until there is no more: the pairs first .. last - 1. */
static void read_batches(mia_cursor *cur, size_t limit, size_t first, size_t last)
{
    struct mia_pair pairs[MOST];
    char text[16];
    size_t at = first, n = 0;
    mia_status rc;
    while ((rc = mia_cursor_batch(cur, pairs, limit, &n, ERR)) == MIA_OK) {
        assert_in_range(n, 1, limit);
        assert_in_range(at + n, at + 1, last);
        for (size_t i = 0; i < n; i++, at++) { /* all of them are alive */
            assert_bytes(pairs[i].key, key_of(number_at(at), text));
            assert_bytes(pairs[i].value, value_of(number_at(at)));
        }
    }
    assert_int_equal(rc, MIA_NOTFOUND);
    assert_int_equal(n, 0);
    assert_int_equal(at, last);
    ANSWERS(mia_cursor_batch(cur, pairs, limit, &n, ERR), MIA_NOTFOUND); /* it stays so */
}

static void seek(mia_cursor *cur, size_t position)
{
    char text[16];
    mia_slice key = key_of(number_at(position), text), value;
    OK(mia_cursor_move(cur, MIA_MOVE_SEEK, &key, &value, ERR));
}

static void move(mia_cursor *cur, enum mia_move to, mia_status expected)
{
    mia_slice key, value;
    ANSWERS(mia_cursor_move(cur, to, &key, &value, ERR), expected);
}

static void batches_give_what_single_moves_give(void **state)
{
    struct bench *b = *state;
    mia_tree tree = fill(b);
    for (size_t i = 0; i < 2 * LENGTH(limits); i++) {
        size_t limit = limits[i / 2];
        mia_cursor *cur;
        mia_txn *txn = bench_begin(b, i % 2 ? MIA_TXN_WRITE : MIA_TXN_READ);
        OK(mia_cursor_open(txn, tree, &cur, ERR));
        read_batches(cur, limit, 0, PAIRS);
        for (size_t position = 0; position < PAIRS; position++) {
            seek(cur, position);
            read_batches(cur, limit, position, PAIRS);
        }
        move(cur, MIA_MOVE_FIRST, MIA_OK);
        move(cur, MIA_MOVE_NEXT, MIA_OK);
        read_batches(cur, limit, 1, PAIRS);
        move(cur, MIA_MOVE_LAST, MIA_OK);
        move(cur, MIA_MOVE_PREV, MIA_OK);
        read_batches(cur, limit, PAIRS - 2, PAIRS);
        move(cur, MIA_MOVE_FIRST, MIA_OK);
        move(cur, MIA_MOVE_PREV, MIA_NOTFOUND); /* in front of the first */
        read_batches(cur, limit, 0, PAIRS);
        mia_txn_abort(txn);
    }
}

static void the_limit_may_change_between_batches(void **state)
{
    struct bench *b = *state;
    struct mia_pair pairs[MOST];
    char text[16];
    size_t at = 0, n;
    mia_cursor *cur;
    mia_tree tree = fill(b);
    mia_txn *txn = bench_begin(b, MIA_TXN_READ);
    OK(mia_cursor_open(txn, tree, &cur, ERR));
    for (size_t i = 0; at < PAIRS; i++) {
        OK(mia_cursor_batch(cur, pairs, limits[i * 5 % LENGTH(limits)], &n, ERR));
        for (size_t j = 0; j < n; j++, at++)
            assert_bytes(pairs[j].key, key_of(number_at(at), text));
    }
    ANSWERS(mia_cursor_batch(cur, pairs, 1, &n, ERR), MIA_NOTFOUND);
    mia_txn_abort(txn);
}

static void batches_stay_within_the_prefix(void **state)
{
    struct bench *b = *state;
    mia_tree tree = fill(b);
    mia_txn *txn = bench_begin(b, MIA_TXN_READ);
    for (size_t i = 0; i < LENGTH(limits); i++) {
        mia_cursor *even, *odd, *none;
        OK(mia_cursor_open_prefix(txn, tree, MIA_BYTES("even"), &even, ERR));
        OK(mia_cursor_open_prefix(txn, tree, MIA_BYTES("odd"), &odd, ERR));
        OK(mia_cursor_open_prefix(txn, tree, MIA_BYTES("none"), &none, ERR));
        read_batches(even, limits[i], 0, PAIRS / 2);
        read_batches(odd, limits[i], PAIRS / 2, PAIRS);
        read_batches(none, limits[i], 0, 0);
        for (size_t position = 60; position < PAIRS / 2; position++) {
            seek(even, position);
            read_batches(even, limits[i], position, PAIRS / 2);
        }
        mia_cursor_close(even);
        mia_cursor_close(odd);
        mia_cursor_close(none);
    }
    mia_txn_abort(txn);
}

/* A batch begins behind the last one, also when that one's pairs are gone or have company. */
static void batches_go_on_over_writes(void **state)
{
    struct bench *b = *state;
    for (size_t limit = 1; limit <= 3; limit++) {
        struct mia_pair pairs[MOST];
        size_t n, got = 0;
        mia_cursor *cur;
        mia_tree tree = bench_fill(b, "w", 0, "a=1 c=1 e=1 g=1 i=1");
        mia_txn *txn = bench_begin(b, MIA_TXN_WRITE);
        OK(mia_cursor_open(txn, tree, &cur, ERR));
        while (got < 3) {
            OK(mia_cursor_batch(cur, pairs, limit < 3 - got ? limit : 3 - got, &n, ERR));
            got += n;
        }
        assert_text(pairs[n - 1].key, "e");
        del_text(txn, tree, "e");
        del_text(txn, tree, "g");
        put_text(txn, tree, "b", "before");
        put_text(txn, tree, "f", "behind");
        OK(mia_cursor_batch(cur, pairs, 1, &n, ERR));
        assert_text(pairs[0].key, "f");
        put_text(txn, tree, "f", "changed");
        OK(mia_cursor_batch(cur, pairs, 1, &n, ERR));
        assert_text(pairs[0].key, "i");
        put_text(txn, tree, "j", "last");
        OK(mia_cursor_batch(cur, pairs, limit, &n, ERR));
        assert_text(pairs[0].key, "j");
        assert_int_equal(n, 1);
        ANSWERS(mia_cursor_batch(cur, pairs, limit, &n, ERR), MIA_NOTFOUND);
        mia_txn_abort(txn);
    }
}

/* A batch that ended at the prefix's end is no answer to whether there is more. */
static void a_prefix_may_grow_behind_a_batch(void **state)
{
    struct bench *b = *state;
    struct mia_pair pairs[MOST];
    size_t n, got = 0;
    mia_cursor *cur;
    mia_tree tree = bench_fill(b, "w", 0, "a=1 b=2 ba=3 c=4 d=5");
    mia_txn *txn = bench_begin(b, MIA_TXN_WRITE);
    OK(mia_cursor_open_prefix(txn, tree, MIA_BYTES("b"), &cur, ERR));
    for (; got < 2; got += n)
        OK(mia_cursor_batch(cur, pairs, MOST, &n, ERR));
    put_text(txn, tree, "bb", "new");
    OK(mia_cursor_batch(cur, pairs, MOST, &n, ERR));
    assert_text(pairs[0].key, "bb");
    assert_int_equal(n, 1);
    mia_txn_abort(txn);
}

static void a_batch_starts_where_the_cursor_was_put_before_writes(void **state)
{
    struct bench *b = *state;
    struct mia_pair pairs[MOST];
    size_t n;
    mia_cursor *cur;
    mia_tree tree = bench_fill(b, "w", 0, "a=1 c=2 e=3");
    mia_txn *txn = bench_begin(b, MIA_TXN_WRITE);
    OK(mia_cursor_open(txn, tree, &cur, ERR));
    assert_seek(cur, "c", "c=2");
    put_text(txn, tree, "b", "before");
    put_text(txn, tree, "c", "changed");
    OK(mia_cursor_batch(cur, pairs, 1, &n, ERR)); /* the pair on which it stands */
    assert_text(pairs[0].key, "c");
    assert_text(pairs[0].value, "changed");
    assert_seek(cur, "c", "c=changed");
    del_text(txn, tree, "c");
    OK(mia_cursor_batch(cur, pairs, 1, &n, ERR)); /* gone: the first behind it */
    assert_text(pairs[0].key, "e");
    mia_txn_abort(txn);
}

static void only_absolute_moves_follow_a_batch(void **state)
{
    struct bench *b = *state;
    struct mia_pair pairs[MOST];
    size_t n;
    mia_slice key, value;
    mia_cursor *cur;
    mia_tree tree = bench_fill(b, "t", 0, "a=1 b=2 c=3 d=4");
    mia_txn *txn = bench_begin(b, MIA_TXN_READ);
    OK(mia_cursor_open(txn, tree, &cur, ERR));
    OK(mia_cursor_batch(cur, pairs, 2, &n, ERR));
    ANSWERS(mia_cursor_move(cur, MIA_MOVE_NEXT, &key, &value, ERR), MIA_ERR_INVALID);
    ANSWERS(mia_cursor_move(cur, MIA_MOVE_PREV, &key, &value, ERR), MIA_ERR_INVALID);
    assert_seek(cur, "b", "b=2");
    assert_move(cur, MIA_MOVE_NEXT, "c=3");
    OK(mia_cursor_batch(cur, pairs, 1, &n, ERR));
    assert_text(pairs[0].key, "c");
    assert_move(cur, MIA_MOVE_FIRST, "a=1");
    OK(mia_cursor_batch(cur, pairs, 1, &n, ERR));
    assert_move(cur, MIA_MOVE_LAST, "d=4");
    assert_move(cur, MIA_MOVE_PREV, "c=3");
    mia_txn_abort(txn);
}

static void batches_are_for_plain_trees_and_at_least_one_pair(void **state)
{
    struct bench *b = *state;
    struct mia_pair pairs[2];
    size_t n = 9;
    mia_cursor *cur, *multi;
    mia_tree tree = bench_fill(b, "t", 0, "a=1"), m = bench_fill(b, "m", MIA_TREE_MULTI, "a=1");
    mia_txn *txn = bench_begin(b, MIA_TXN_READ);
    OK(mia_cursor_open(txn, tree, &cur, ERR));
    OK(mia_cursor_open(txn, m, &multi, ERR));
    ANSWERS(mia_cursor_batch(cur, pairs, 0, &n, ERR), MIA_ERR_INVALID);
    ANSWERS(mia_cursor_batch(multi, pairs, 2, &n, ERR), MIA_ERR_INVALID);
    assert_int_equal(n, 0);
    assert_move(cur, MIA_MOVE_NEXT, "a=1"); /* neither did anything */
    assert_move(multi, MIA_MOVE_NEXT, "a=1");
    mia_txn_abort(txn);
}

struct engine_cases cases_of_batches(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(batches_give_what_single_moves_give),
        CASE(the_limit_may_change_between_batches),
        CASE(batches_stay_within_the_prefix),
        CASE(batches_go_on_over_writes),
        CASE(a_prefix_may_grow_behind_a_batch),
        CASE(a_batch_starts_where_the_cursor_was_put_before_writes),
        CASE(only_absolute_moves_follow_a_batch),
        CASE(batches_are_for_plain_trees_and_at_least_one_pair),
    };
    return CASES(cases);
}
