/* engine/suite_pairs.c - single pairs: order, sizes, flags, counts, lifetimes */
#include "engine/suite.h"

#include "support/random.h"

#include <stdio.h>
#include <stdlib.h>

static void keys_come_in_byte_order(void **state)
{
    const mia_slice keys[] = {
        MIA_BYTES(""),       MIA_BYTES("\0"),       MIA_BYTES("\0\0"),     MIA_BYTES("\0\1"),
        MIA_BYTES("\0\xff"), MIA_BYTES("\1"),       MIA_BYTES("A"),        MIA_BYTES("AA"),
        MIA_BYTES("AA\0"),   MIA_BYTES("AB"),       MIA_BYTES("B"),        MIA_BYTES("a"),
        MIA_BYTES("\x7f"),   MIA_BYTES("\x80"),     MIA_BYTES("\xc3\x28"), MIA_BYTES("\xff"),
        MIA_BYTES("\xff\0"), MIA_BYTES("\xff\xff"),
    };
    struct bench *b = *state;
    mia_txn *txn = bench_begin(b, MIA_TXN_WRITE);
    mia_tree tree = bench_tree(txn, "t", MIA_TREE_CREATE);
    for (size_t i = 0; i < LENGTH(keys); i++) { /* 7 and 18 have no common factor: all, shuffled */
        mia_slice key = keys[i * 7 % LENGTH(keys)];
        OK(mia_kv_put(txn, tree, key, key, MIA_PUT_INSERT_ONLY, ERR));
    }
    OK(mia_txn_commit(txn, ERR));

    mia_slice key, value;
    mia_cursor *cur;
    txn = bench_begin(b, MIA_TXN_READ);
    OK(mia_cursor_open(txn, tree, &cur, ERR));
    for (size_t i = 0; i < LENGTH(keys); i++) {
        OK(mia_cursor_move(cur, MIA_MOVE_NEXT, &key, &value, ERR));
        assert_bytes(key, keys[i]);
        assert_bytes(value, keys[i]);
    }
    ANSWERS(mia_cursor_move(cur, MIA_MOVE_NEXT, &key, &value, ERR), MIA_NOTFOUND);
    for (size_t i = 0; i < LENGTH(keys); i++) {
        OK(mia_kv_get(txn, tree, keys[i], &value, ERR));
        assert_bytes(value, keys[i]);
    }
    mia_txn_abort(txn);
}

static void empty_keys_and_empty_values_are_pairs(void **state)
{
    struct bench *b = *state;
    mia_slice value = MIA_BYTES("none");
    mia_txn *txn = bench_begin(b, MIA_TXN_WRITE);
    mia_tree tree = bench_tree(txn, "t", MIA_TREE_CREATE);
    assert_get(txn, tree, "", NULL);
    put_text(txn, tree, "k", "");
    assert_get(txn, tree, "", NULL);
    OK(mia_kv_put(txn, tree, (mia_slice){0}, (mia_slice){0}, MIA_PUT_INSERT_ONLY, ERR));
    OK(mia_kv_get(txn, tree, (mia_slice){0}, &value, ERR));
    assert_int_equal(value.size, 0);
    put_text(txn, tree, "", "of the empty key");
    OK(mia_txn_commit(txn, ERR));

    txn = bench_begin(b, MIA_TXN_WRITE);
    assert_content(txn, tree, "=of the empty key k=");
    del_text(txn, tree, "");
    assert_content(txn, tree, "k=");
    mia_txn_abort(txn);
}

static void removing_an_absent_key_is_not_found(void **state)
{
    struct bench *b = *state;
    mia_tree tree = bench_fill(b, "t", 0, "a=1 c=3");
    mia_txn *txn = bench_begin(b, MIA_TXN_WRITE);
    ANSWERS(mia_kv_del(txn, tree, MIA_BYTES("b"), NULL, ERR), MIA_NOTFOUND);
    ANSWERS(mia_kv_del(txn, tree, MIA_BYTES(""), NULL, ERR), MIA_NOTFOUND);
    del_text(txn, tree, "a");
    ANSWERS(mia_kv_del(txn, tree, MIA_BYTES("a"), NULL, ERR), MIA_NOTFOUND);
    put_text(txn, tree, "b", "2");
    OK(mia_txn_commit(txn, ERR));
    assert_committed(b, tree, "b=2 c=3");
}

/* Bytes that a wrong offset or a cut would not survive. */
static uint8_t *pattern(size_t size, uint64_t seed)
{
    struct test_random r = {seed};
    uint8_t *bytes = malloc(size + 1);
    assert_non_null(bytes);
    test_fill(&r, bytes, size);
    return bytes;
}

static void values_of_any_size_come_back(void **state)
{
    static const size_t sizes[] = {
        1,    100,  2000, 2021, 2022,  2023,  2028,  2029,    4000,          4076,     4077,
        4095, 4096, 4097, 8172, 65536, 65535, 70000, 1 << 20, (1 << 20) + 1, 16 << 20, 64 << 20};
    struct bench *b = *state;
    mia_txn *txn = bench_begin(b, MIA_TXN_WRITE);
    mia_tree tree = bench_tree(txn, "t", MIA_TREE_CREATE);
    mia_slice value;
    for (size_t i = 0; i < LENGTH(sizes); i++) {
        uint8_t *bytes = pattern(sizes[i], i);
        OK(mia_kv_put(txn, tree, (mia_slice){&sizes[i], sizeof sizes[i]},
                      (mia_slice){bytes, sizes[i]}, MIA_PUT_UPSERT, ERR));
        free(bytes);
    }
    OK(mia_txn_commit(txn, ERR));
    txn = bench_begin(b, MIA_TXN_READ);
    for (size_t i = 0; i < LENGTH(sizes); i++) {
        uint8_t *bytes = pattern(sizes[i], i);
        OK(mia_kv_get(txn, tree, (mia_slice){&sizes[i], sizeof sizes[i]}, &value, ERR));
        assert_bytes(value, ((mia_slice){bytes, sizes[i]}));
        free(bytes);
    }
    mia_txn_abort(txn);
}

static void a_value_may_change_its_size(void **state)
{
    static const size_t sizes[] = {10, 5000, 0, 300, 100000, 2000, 1};
    struct bench *b = *state;
    mia_txn *txn = bench_begin(b, MIA_TXN_WRITE);
    mia_tree tree = bench_tree(txn, "t", MIA_TREE_CREATE);
    put_text(txn, tree, "a", "1");
    put_text(txn, tree, "c", "3");
    for (size_t i = 0; i < LENGTH(sizes); i++) {
        mia_slice value;
        uint8_t *bytes = pattern(sizes[i], i);
        mia_slice expected = {bytes, sizes[i]};
        OK(mia_kv_put(txn, tree, MIA_BYTES("b"), expected, MIA_PUT_UPSERT, ERR));
        OK(mia_kv_get(txn, tree, MIA_BYTES("b"), &value, ERR));
        assert_bytes(value, expected);
        free(bytes);
    }
    put_text(txn, tree, "b", "2");
    assert_content(txn, tree, "a=1 b=2 c=3");
    OK(mia_txn_commit(txn, ERR));
}

static struct mia_db_info limits_of(struct bench *b)
{
    struct mia_db_info info = {.struct_size = sizeof info};
    OK(mia_db_info(b->db, &info, ERR));
    assert_true(info.max_key >= 256 && info.max_value >= 64 << 20);
    assert_true(info.max_multi_key >= 256 && info.max_multi_value >= 256);
    return info;
}

/* The longest key that a test can afford: an engine may name a limit that no memory holds. */
static size_t affordable(size_t limit)
{
    return limit < 1 << 20 ? limit : 1 << 20;
}

/* A pair at the limits is kept; a byte more is refused, and the transaction goes on. */
static void check_limits(struct bench *b, uint32_t flags, size_t max_key, size_t max_value)
{
    size_t key_size = affordable(max_key), value_size = affordable(max_value);
    uint8_t *bytes = pattern(key_size + value_size, 1);
    mia_slice key = {bytes, key_size}, value = {bytes, value_size}, got;
    mia_slice long_key = {bytes, max_key + 1}, long_value = {bytes, max_value + 1};
    mia_txn *txn = bench_begin(b, MIA_TXN_WRITE);
    mia_tree tree = bench_tree(txn, "t", flags | MIA_TREE_CREATE);
    OK(mia_kv_put(txn, tree, key, value, MIA_PUT_UPSERT, ERR));
    ANSWERS(mia_kv_put(txn, tree, long_key, value, MIA_PUT_UPSERT, ERR), MIA_ERR_TOO_LONG);
    assert_non_null(strstr(test_error.message, "key"));
    ANSWERS(mia_kv_put(txn, tree, key, long_value, MIA_PUT_UPSERT, ERR), MIA_ERR_TOO_LONG);
    assert_non_null(strstr(test_error.message, "value"));
    key.size--;
    OK(mia_kv_put(txn, tree, key, MIA_BYTES("shorter"), MIA_PUT_UPSERT, ERR));
    OK(mia_txn_commit(txn, ERR));
    txn = bench_begin(b, MIA_TXN_READ);
    OK(mia_kv_get(txn, tree, key, &got, ERR));
    assert_text(got, "shorter");
    key.size++;
    OK(mia_kv_get(txn, tree, key, &got, ERR));
    assert_bytes(got, value);
    mia_txn_abort(txn);
    free(bytes);
}

static void pairs_reach_the_limits_and_not_beyond(void **state)
{
    struct bench *b = *state;
    struct mia_db_info info = limits_of(b);
    check_limits(b, 0, info.max_key, info.max_value);
}

static void multi_pairs_reach_the_limits_and_not_beyond(void **state)
{
    struct bench *b = *state;
    struct mia_db_info info = limits_of(b);
    check_limits(b, MIA_TREE_MULTI, info.max_multi_key, info.max_multi_value);
}

/* No such key can be there; asking for it is no mistake. */
static void keys_beyond_the_limit_are_not_found(void **state)
{
    struct bench *b = *state;
    size_t limit = limits_of(b).max_key;
    bench_needs(limit < 1 << 20);
    uint8_t *bytes = pattern(limit + 1, 2);
    memset(bytes, 'm', limit + 1);
    mia_slice key = {bytes, limit + 1}, value;
    mia_cursor *cur;
    uint64_t n;
    mia_tree tree = bench_fill(b, "t", 0, "a=1 z=2");
    mia_txn *txn = bench_begin(b, MIA_TXN_WRITE);
    OK(mia_kv_put(txn, tree, (mia_slice){bytes, limit}, MIA_BYTES("m"), MIA_PUT_UPSERT, ERR));
    ANSWERS(mia_kv_get(txn, tree, key, &value, ERR), MIA_NOTFOUND);
    ANSWERS(mia_kv_del(txn, tree, key, NULL, ERR), MIA_NOTFOUND);
    OK(mia_kv_count(txn, tree, &key, &n, ERR));
    assert_int_equal(n, 0);
    OK(mia_cursor_open(txn, tree, &cur, ERR));
    OK(mia_cursor_move(cur, MIA_MOVE_SEEK, &key, &value, ERR));
    assert_text(key, "z");
    mia_cursor_close(cur);
    OK(mia_cursor_open_prefix(txn, tree, (mia_slice){bytes, limit + 1}, &cur, ERR));
    assert_move(cur, MIA_MOVE_NEXT, NULL);
    assert_move(cur, MIA_MOVE_LAST, NULL);
    mia_txn_abort(txn);
    free(bytes);
}

static void insert_only_refuses_a_present_key(void **state)
{
    struct bench *b = *state;
    mia_slice k = MIA_BYTES("b");
    mia_tree tree = bench_fill(b, "t", 0, "a=1 b=2");
    mia_txn *txn = bench_begin(b, MIA_TXN_WRITE);
    ANSWERS(mia_kv_put(txn, tree, k, MIA_BYTES("9"), MIA_PUT_INSERT_ONLY, ERR), MIA_ERR_INVALID);
    ANSWERS(mia_kv_put(txn, tree, k, MIA_BYTES("2"), MIA_PUT_INSERT_ONLY, ERR), MIA_ERR_INVALID);
    assert_get(txn, tree, "b", "2");
    OK(mia_kv_put(txn, tree, MIA_BYTES("c"), MIA_BYTES("3"), MIA_PUT_INSERT_ONLY, ERR));
    del_text(txn, tree, "b");
    OK(mia_kv_put(txn, tree, k, MIA_BYTES("again"), MIA_PUT_INSERT_ONLY, ERR));
    OK(mia_txn_commit(txn, ERR));
    assert_committed(b, tree, "a=1 b=again c=3");
}

static mia_status append(mia_txn *txn, mia_tree tree, const char *key, const char *value)
{
    return mia_kv_put(txn, tree, mia_bytes_of(key), mia_bytes_of(value), MIA_PUT_APPEND, ERR);
}

static void append_takes_ascending_keys_only(void **state)
{
    struct bench *b = *state;
    mia_tree tree = bench_fill(b, "t", 0, "b=1");
    mia_txn *txn = bench_begin(b, MIA_TXN_WRITE);
    ANSWERS(append(txn, tree, "a", "0"), MIA_ERR_INVALID);
    ANSWERS(append(txn, tree, "b", "0"), MIA_ERR_INVALID);
    OK(append(txn, tree, "ba", "2"));
    OK(append(txn, tree, "d", "3"));
    ANSWERS(append(txn, tree, "c", "0"), MIA_ERR_INVALID);
    ANSWERS(append(txn, tree, "d", "0"), MIA_ERR_INVALID);
    assert_content(txn, tree, "b=1 ba=2 d=3");
    put_text(txn, tree, "f", "5"); /* others may write between */
    ANSWERS(append(txn, tree, "e", "0"), MIA_ERR_INVALID);
    del_text(txn, tree, "f");
    OK(append(txn, tree, "e", "4"));
    OK(mia_tree_clear(txn, tree, ERR));
    OK(append(txn, tree, "", "first"));
    OK(append(txn, tree, "a", "second"));
    OK(mia_txn_commit(txn, ERR));
    assert_committed(b, tree, "=first a=second");
}

static void append_may_alternate_between_trees(void **state)
{
    struct bench *b = *state;
    enum { PAIRS = 3000 };
    char key[16];
    uint64_t n;
    mia_txn *txn = bench_begin(b, MIA_TXN_WRITE);
    mia_tree trees[] = {bench_tree(txn, "one", MIA_TREE_CREATE),
                        bench_tree(txn, "two", MIA_TREE_CREATE)};
    for (size_t i = 0; i < PAIRS; i++) {
        snprintf(key, sizeof key, "%06zu", i);
        OK(append(txn, trees[i % 3 == 0], key, key));
        if (i % 100 == 99)
            del_text(txn, trees[i % 3 == 0], key);
    }
    OK(mia_txn_commit(txn, ERR));
    txn = bench_begin(b, MIA_TXN_READ);
    for (size_t i = 0; i < PAIRS; i++) {
        snprintf(key, sizeof key, "%06zu", i);
        assert_get(txn, trees[i % 3 == 0], key, i % 100 == 99 ? NULL : key);
        assert_get(txn, trees[i % 3 != 0], key, NULL);
    }
    OK(mia_kv_count(txn, trees[0], NULL, &n, ERR));
    assert_int_equal(n, 1980);
    mia_txn_abort(txn);
}

static void count_knows_trees_and_keys(void **state)
{
    struct bench *b = *state;
    uint64_t n = 9;
    mia_slice key = MIA_BYTES("b"), absent = MIA_BYTES("x");
    mia_txn *txn = bench_begin(b, MIA_TXN_WRITE);
    mia_tree tree = bench_tree(txn, "t", MIA_TREE_CREATE);
    OK(mia_kv_count(txn, tree, NULL, &n, ERR));
    assert_int_equal(n, 0);
    put_text(txn, tree, "a", "1");
    put_text(txn, tree, "b", "2");
    put_text(txn, tree, "b", "3");
    OK(mia_kv_count(txn, tree, NULL, &n, ERR));
    assert_int_equal(n, 2);
    OK(mia_kv_count(txn, tree, &key, &n, ERR));
    assert_int_equal(n, 1);
    OK(mia_kv_count(txn, tree, &absent, &n, ERR));
    assert_int_equal(n, 0);
    mia_txn_abort(txn);
}

/* R4, READ: until the transaction ends, whatever others commit meanwhile. */
static void values_live_as_long_as_a_read_transaction(void **state)
{
    enum { PAIRS = 500 };
    struct bench *b = *state;
    mia_slice values[PAIRS];
    char key[16];
    mia_txn *txn = bench_begin(b, MIA_TXN_WRITE);
    mia_tree tree = bench_tree(txn, "t", MIA_TREE_CREATE);
    for (size_t i = 0; i < PAIRS; i++) {
        snprintf(key, sizeof key, "%zu", i);
        put_text(txn, tree, key, key);
    }
    OK(mia_txn_commit(txn, ERR));
    mia_txn *reader = bench_begin(b, MIA_TXN_READ);
    for (size_t i = 0; i < PAIRS; i++) {
        snprintf(key, sizeof key, "%zu", i);
        OK(mia_kv_get(reader, tree, mia_bytes_of(key), &values[i], ERR));
    }
    txn = bench_begin(b, MIA_TXN_WRITE);
    for (size_t i = 0; i < PAIRS; i++) {
        snprintf(key, sizeof key, "%zu", i);
        put_text(txn, tree, key, "overwritten");
    }
    OK(mia_txn_commit(txn, ERR));
    for (size_t i = 0; i < PAIRS; i++) {
        snprintf(key, sizeof key, "%zu", i);
        assert_text(values[i], key);
    }
    mia_txn_abort(reader);
}

/* R4, WRITE: until the next write. Two trees, both kinds. */
static void values_live_until_the_next_write(void **state)
{
    struct bench *b = *state;
    mia_tree tree = bench_fill(b, "t", 0, "a=1 b=2");
    mia_tree multi = bench_fill(b, "m", MIA_TREE_MULTI, "a=3 a=4");
    mia_slice a, of_b, m, absent;
    mia_txn *txn = bench_begin(b, MIA_TXN_WRITE);
    put_text(txn, tree, "a", "new");
    OK(mia_kv_get(txn, tree, MIA_BYTES("a"), &a, ERR));
    OK(mia_kv_get(txn, tree, MIA_BYTES("b"), &of_b, ERR));
    OK(mia_kv_get(txn, multi, MIA_BYTES("a"), &m, ERR));
    ANSWERS(mia_kv_get(txn, tree, MIA_BYTES("c"), &absent, ERR), MIA_NOTFOUND);
    assert_text(a, "new");
    assert_text(of_b, "2");
    assert_text(m, "3");
    mia_txn_abort(txn);
}

struct engine_cases cases_of_pairs(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(keys_come_in_byte_order),
        CASE(empty_keys_and_empty_values_are_pairs),
        CASE(removing_an_absent_key_is_not_found),
        CASE(values_of_any_size_come_back),
        CASE(a_value_may_change_its_size),
        CASE(pairs_reach_the_limits_and_not_beyond),
        CASE(multi_pairs_reach_the_limits_and_not_beyond),
        CASE(keys_beyond_the_limit_are_not_found),
        CASE(insert_only_refuses_a_present_key),
        CASE(append_takes_ascending_keys_only),
        CASE(append_may_alternate_between_trees),
        CASE(count_knows_trees_and_keys),
        CASE(values_live_as_long_as_a_read_transaction),
        CASE(values_live_until_the_next_write),
    };
    return CASES(cases);
}
