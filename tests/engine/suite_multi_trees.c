/* engine/suite_multi_trees.c - several values a key: native on some engines, emulated on others */
#include "engine/suite.h"

#include <stdio.h>
#include <stdlib.h>

static void values_are_sorted_and_each_is_there_once(void **state)
{
    struct bench *b = *state;
    mia_tree tree = bench_fill(b, "m", MIA_TREE_MULTI, "b=2 a=3 a=1 b=1 a=2 a=1 b=2");
    assert_committed(b, tree, "a=1 a=2 a=3 b=1 b=2");
    mia_txn *txn = bench_begin(b, MIA_TXN_WRITE);
    put_text(txn, tree, "a", "2"); /* there already: no change, no error */
    put_text(txn, tree, "a", "0");
    assert_get(txn, tree, "a", "0"); /* the first */
    assert_get(txn, tree, "b", "1");
    assert_get(txn, tree, "c", NULL);
    OK(mia_txn_commit(txn, ERR));
    assert_committed(b, tree, "a=0 a=1 a=2 a=3 b=1 b=2");
}

static uint64_t count(mia_txn *txn, mia_tree tree, const char *key)
{
    uint64_t n = 99;
    mia_slice k = mia_bytes_of(key ? key : "");
    OK(mia_kv_count(txn, tree, key ? &k : NULL, &n, ERR));
    return n;
}

static void pairs_and_values_are_counted(void **state)
{
    struct bench *b = *state;
    mia_tree tree = bench_fill(b, "m", MIA_TREE_MULTI, "a=1 a=2 a=3 ab=1 b=1 b=2 =1");
    mia_txn *txn = bench_begin(b, MIA_TXN_WRITE);
    assert_int_equal(count(txn, tree, NULL), 7);
    assert_int_equal(count(txn, tree, "a"), 3);
    assert_int_equal(count(txn, tree, "ab"), 1);
    assert_int_equal(count(txn, tree, "b"), 2);
    assert_int_equal(count(txn, tree, ""), 1);
    assert_int_equal(count(txn, tree, "x"), 0);
    put_text(txn, tree, "a", "1");
    put_text(txn, tree, "a", "4");
    assert_int_equal(count(txn, tree, "a"), 4);
    del_text(txn, tree, "a");
    assert_int_equal(count(txn, tree, "a"), 0);
    assert_int_equal(count(txn, tree, NULL), 4);
    mia_txn_abort(txn);
}

static mia_status del_pair(mia_txn *txn, mia_tree tree, const char *key, const char *text)
{
    mia_slice value = mia_bytes_of(text);
    return mia_kv_del(txn, tree, mia_bytes_of(key), &value, ERR);
}

static void one_value_or_all_can_be_removed(void **state)
{
    struct bench *b = *state;
    mia_tree tree = bench_fill(b, "m", MIA_TREE_MULTI, "a=1 a=2 a=3 ab=1 b=1 b=");
    mia_txn *txn = bench_begin(b, MIA_TXN_WRITE);
    OK(del_pair(txn, tree, "a", "2"));
    ANSWERS(del_pair(txn, tree, "a", "2"), MIA_NOTFOUND);
    ANSWERS(del_pair(txn, tree, "a", ""), MIA_NOTFOUND);
    ANSWERS(del_pair(txn, tree, "c", "1"), MIA_NOTFOUND);
    ANSWERS(del_pair(txn, tree, "", "1"), MIA_NOTFOUND);
    OK(del_pair(txn, tree, "b", ""));
    assert_content(txn, tree, "a=1 a=3 ab=1 b=1");
    del_text(txn, tree, "a");
    ANSWERS(mia_kv_del(txn, tree, MIA_BYTES("a"), NULL, ERR), MIA_NOTFOUND);
    assert_content(txn, tree, "ab=1 b=1");
    OK(del_pair(txn, tree, "b", "1")); /* the last one takes the key with it */
    assert_get(txn, tree, "b", NULL);
    put_text(txn, tree, "a", "again");
    OK(mia_txn_commit(txn, ERR));
    assert_committed(b, tree, "a=again ab=1");
}

static void insert_only_refuses_a_key_with_any_value(void **state)
{
    struct bench *b = *state;
    mia_tree tree = bench_fill(b, "m", MIA_TREE_MULTI, "a=1");
    mia_txn *txn = bench_begin(b, MIA_TXN_WRITE);
    for (int i = 0; i < 2; i++)
        ANSWERS(mia_kv_put(txn, tree, MIA_BYTES("a"), i ? MIA_BYTES("1") : MIA_BYTES("2"),
                           MIA_PUT_INSERT_ONLY, ERR),
                MIA_ERR_INVALID);
    OK(mia_kv_put(txn, tree, MIA_BYTES(""), MIA_BYTES("1"), MIA_PUT_INSERT_ONLY, ERR));
    OK(mia_txn_commit(txn, ERR));
    assert_committed(b, tree, "=1 a=1");
}

static mia_status append(mia_txn *txn, mia_tree tree, const char *key, const char *value)
{
    return mia_kv_put(txn, tree, mia_bytes_of(key), mia_bytes_of(value), MIA_PUT_APPEND, ERR);
}

static void append_takes_ascending_pairs_only(void **state)
{
    struct bench *b = *state;
    mia_tree tree = bench_fill(b, "m", MIA_TREE_MULTI, "b=1");
    mia_txn *txn = bench_begin(b, MIA_TXN_WRITE);
    ANSWERS(append(txn, tree, "a", "9"), MIA_ERR_INVALID);
    ANSWERS(append(txn, tree, "b", "1"), MIA_ERR_INVALID);
    ANSWERS(append(txn, tree, "b", "0"), MIA_ERR_INVALID);
    OK(append(txn, tree, "b", "2"));
    OK(append(txn, tree, "c", "1"));
    ANSWERS(append(txn, tree, "b", "3"), MIA_ERR_INVALID);
    OK(append(txn, tree, "c", "2"));
    ANSWERS(append(txn, tree, "c", "2"), MIA_ERR_INVALID);
    put_text(txn, tree, "e", "1"); /* others may write between */
    ANSWERS(append(txn, tree, "d", "1"), MIA_ERR_INVALID);
    OK(append(txn, tree, "e", "2"));
    assert_content(txn, tree, "b=1 b=2 c=1 c=2 e=1 e=2");
    OK(mia_txn_commit(txn, ERR));
    assert_committed(b, tree, "b=1 b=2 c=1 c=2 e=1 e=2");
}

/* Keys with so many values that an engine stores them apart, between keys with few. */
static void append_fills_keys_with_many_values(void **state)
{
    enum { KEYS = 40, MOST = 1500 };
    struct bench *b = *state;
    char key[16], value[16];
    uint64_t n, all = 0;
    mia_txn *txn = bench_begin(b, MIA_TXN_WRITE);
    mia_tree tree = bench_tree(txn, "m", MIA_TREE_CREATE | MIA_TREE_MULTI);
    for (int i = 0; i < KEYS; i++) {
        snprintf(key, sizeof key, "%03d", i);
        for (int j = 0; j < (i % 7 == 3 ? MOST : i % 5 + 1); j++, all++) {
            snprintf(value, sizeof value, "%08d", j);
            OK(append(txn, tree, key, value));
            if (all % 1000 == 999) {
                OK(mia_txn_commit(txn, ERR));
                txn = bench_begin(b, MIA_TXN_WRITE);
            }
        }
    }
    OK(mia_txn_commit(txn, ERR));
    txn = bench_begin(b, MIA_TXN_READ);
    OK(mia_kv_count(txn, tree, NULL, &n, ERR));
    assert_int_equal(n, all);
    for (int i = 0; i < KEYS; i++) {
        snprintf(key, sizeof key, "%03d", i);
        mia_slice bytes = mia_bytes_of(key);
        OK(mia_kv_count(txn, tree, &bytes, &n, ERR));
        assert_int_equal(n, i % 7 == 3 ? MOST : i % 5 + 1);
    }
    mia_txn_abort(txn);
}

/* Bytes that an emulation by composed keys could take for its own marks. */
static const mia_slice odd[] = {
    MIA_BYTES(""),      MIA_BYTES("\0"),     MIA_BYTES("\0\0"),     MIA_BYTES("\0\0\1"),
    MIA_BYTES("\0\1"),  MIA_BYTES("\0\1\0"), MIA_BYTES("\0\xff"),   MIA_BYTES("\0\xff\0\1"),
    MIA_BYTES("\1"),    MIA_BYTES("\1\0"),   MIA_BYTES("a"),        MIA_BYTES("a\0"),
    MIA_BYTES("a\0\0"), MIA_BYTES("a\0\1"),  MIA_BYTES("a\0\xff"),  MIA_BYTES("aa"),
    MIA_BYTES("\xff"),  MIA_BYTES("\xff\0"), MIA_BYTES("\xff\xff"),
};

static void put_odd(struct bench *b, mia_tree *tree)
{
    mia_txn *txn = bench_begin(b, MIA_TXN_WRITE);
    *tree = bench_tree(txn, "m", MIA_TREE_CREATE | MIA_TREE_MULTI);
    for (size_t i = 0; i < LENGTH(odd) * LENGTH(odd); i++) { /* 100 and 361: all, shuffled */
        size_t at = i * 100 % (LENGTH(odd) * LENGTH(odd));
        OK(mia_kv_put(txn, *tree, odd[at / LENGTH(odd)], odd[at % LENGTH(odd)], 0, ERR));
    }
    OK(mia_txn_commit(txn, ERR));
}

static void any_bytes_are_keys_and_values(void **state)
{
    struct bench *b = *state;
    mia_tree tree;
    mia_cursor *cur;
    mia_slice key, value;
    put_odd(b, &tree);
    mia_txn *txn = bench_begin(b, MIA_TXN_READ);
    OK(mia_cursor_open(txn, tree, &cur, ERR));
    for (size_t i = 0; i < LENGTH(odd) * LENGTH(odd); i++) {
        OK(mia_cursor_move(cur, MIA_MOVE_NEXT, &key, &value, ERR));
        assert_bytes(key, odd[i / LENGTH(odd)]);
        assert_bytes(value, odd[i % LENGTH(odd)]);
    }
    ANSWERS(mia_cursor_move(cur, MIA_MOVE_NEXT, &key, &value, ERR), MIA_NOTFOUND);
    for (size_t i = 0; i < LENGTH(odd); i++) {
        uint64_t n;
        OK(mia_kv_count(txn, tree, &odd[i], &n, ERR));
        assert_int_equal(n, LENGTH(odd));
        OK(mia_kv_get(txn, tree, odd[i], &value, ERR));
        assert_bytes(value, odd[0]);
        key = odd[i];
        OK(mia_cursor_move(cur, MIA_MOVE_SEEK, &key, &value, ERR));
        assert_bytes(key, odd[i]);
        OK(mia_cursor_move(cur, MIA_MOVE_LAST_SAME, &key, &value, ERR));
        assert_bytes(key, odd[i]);
        assert_bytes(value, odd[LENGTH(odd) - 1]);
    }
    mia_txn_abort(txn);
}

static void any_bytes_can_be_removed(void **state)
{
    struct bench *b = *state;
    mia_tree tree;
    uint64_t n;
    put_odd(b, &tree);
    mia_txn *txn = bench_begin(b, MIA_TXN_WRITE);
    for (size_t i = 0; i < LENGTH(odd); i++) {
        OK(mia_kv_del(txn, tree, odd[i], &odd[(i + 3) % LENGTH(odd)], ERR));
        OK(mia_kv_count(txn, tree, &odd[i], &n, ERR));
        assert_int_equal(n, LENGTH(odd) - 1);
    }
    for (size_t i = 0; i < LENGTH(odd); i++) {
        OK(mia_kv_del(txn, tree, odd[i], NULL, ERR));
        OK(mia_kv_count(txn, tree, NULL, &n, ERR));
        assert_int_equal(n, (LENGTH(odd) - 1) * (LENGTH(odd) - 1 - i));
    }
    mia_txn_abort(txn);
}

/* Enough values for one key to need a tree of its own. */
static void a_key_may_have_thousands_of_values(void **state)
{
    enum { VALUES = 5000 };
    struct bench *b = *state;
    char text[32];
    mia_slice key = MIA_BYTES("many"), value;
    uint64_t n;
    mia_cursor *cur;
    mia_tree tree = bench_fill(b, "m", MIA_TREE_MULTI, "before=1 zebra=1");
    mia_txn *txn = bench_begin(b, MIA_TXN_WRITE);
    for (size_t i = 0; i < VALUES; i++) {
        int size = snprintf(text, sizeof text, "value %05zu", i * 1999 % VALUES);
        OK(mia_kv_put(txn, tree, key, (mia_slice){text, (size_t)size}, 0, ERR));
    }
    OK(mia_txn_commit(txn, ERR));
    txn = bench_begin(b, MIA_TXN_WRITE);
    OK(mia_kv_count(txn, tree, &key, &n, ERR));
    assert_int_equal(n, VALUES);
    OK(mia_cursor_open(txn, tree, &cur, ERR));
    assert_seek(cur, "many", "many=value 00000");
    for (size_t i = 1; i < VALUES; i++) {
        snprintf(text, sizeof text, "value %05zu", i);
        OK(mia_cursor_move(cur, MIA_MOVE_NEXT_SAME, &key, &value, ERR));
        assert_text(value, text);
    }
    assert_move(cur, MIA_MOVE_NEXT_SAME, NULL);
    assert_seek_multi(cur, "many", "value 02500x", "many=value 02501");
    assert_move(cur, MIA_MOVE_NEXT_KEY, "zebra=1");
    assert_move(cur, MIA_MOVE_PREV, "many=value 04999");
    key = MIA_BYTES("many");
    for (size_t i = 0; i < VALUES; i += 2) {
        int size = snprintf(text, sizeof text, "value %05zu", i);
        value = (mia_slice){text, (size_t)size};
        OK(mia_kv_del(txn, tree, key, &value, ERR));
    }
    assert_seek_multi(cur, "many", "value 02500", "many=value 02501");
    OK(mia_kv_count(txn, tree, &key, &n, ERR));
    assert_int_equal(n, VALUES / 2);
    OK(mia_kv_del(txn, tree, key, NULL, ERR));
    assert_content(txn, tree, "before=1 zebra=1");
    mia_txn_abort(txn);
}

struct engine_cases cases_of_multi_trees(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(values_are_sorted_and_each_is_there_once),
        CASE(pairs_and_values_are_counted),
        CASE(one_value_or_all_can_be_removed),
        CASE(insert_only_refuses_a_key_with_any_value),
        CASE(append_takes_ascending_pairs_only),
        CASE(append_fills_keys_with_many_values),
        CASE(any_bytes_are_keys_and_values),
        CASE(any_bytes_can_be_removed),
        CASE(a_key_may_have_thousands_of_values),
    };
    return CASES(cases);
}
