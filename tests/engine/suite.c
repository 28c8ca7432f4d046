/* engine/suite.c - helpers of the cases */
#include "engine/suite.h"

#include <stdio.h>
#include <stdlib.h>

struct mia_db_options bench_options(void)
{
    return (struct mia_db_options){
        .struct_size = sizeof(struct mia_db_options),
        .durability = MIA_SYNC_LAZY,
        .max_trees = 256,
    };
}

void bench_reopen(struct bench *b)
{
    struct mia_db_options opt = bench_options();
    OK(mia_db_close(b->db, ERR));
    OK(mia_db_open(b->engine->ops, b->path, &opt, &b->db, ERR));
}

void bench_needs(bool promised)
{
    if (!promised)
        skip();
}

void bench_needs_caps(const struct bench *b, uint32_t caps)
{
    bench_needs((b->engine->ops->caps & caps) == caps);
}

mia_txn *bench_begin(struct bench *b, enum mia_txn_mode mode)
{
    mia_txn *txn;
    OK(mia_txn_begin(b->db, mode, &txn, ERR));
    return txn;
}

mia_tree bench_tree(mia_txn *txn, const char *name, uint32_t flags)
{
    mia_tree tree;
    OK(mia_tree_open(txn, mia_bytes_of(name), flags, &tree, ERR));
    return tree;
}

/* The next "key=value" of the text; its size, 0 at the end. */
static size_t next_pair(const char **text, mia_slice *key, mia_slice *value)
{
    *text += strspn(*text, " ");
    size_t size = strcspn(*text, " "), split = strcspn(*text, "= ");
    *key = (mia_slice){*text, split};
    *value = (mia_slice){*text + split + 1, size > split ? size - split - 1 : 0};
    *text += size;
    return size;
}

mia_tree bench_fill(struct bench *b, const char *name, uint32_t flags, const char *pairs)
{
    mia_slice key, value;
    mia_txn *txn = bench_begin(b, MIA_TXN_WRITE);
    mia_tree tree = bench_tree(txn, name, flags | MIA_TREE_CREATE);
    while (next_pair(&pairs, &key, &value) > 0)
        OK(mia_kv_put(txn, tree, key, value, MIA_PUT_UPSERT, ERR));
    OK(mia_txn_commit(txn, ERR));
    return tree;
}

void put_text(mia_txn *txn, mia_tree tree, const char *key, const char *value)
{
    OK(mia_kv_put(txn, tree, mia_bytes_of(key), mia_bytes_of(value), MIA_PUT_UPSERT, ERR));
}

void del_text(mia_txn *txn, mia_tree tree, const char *key)
{
    OK(mia_kv_del(txn, tree, mia_bytes_of(key), NULL, ERR));
}

void assert_get(mia_txn *txn, mia_tree tree, const char *key, const char *value)
{
    mia_slice got;
    ANSWERS(mia_kv_get(txn, tree, mia_bytes_of(key), &got, ERR), value ? MIA_OK : MIA_NOTFOUND);
    if (value != NULL)
        assert_text(got, value);
    else
        assert_null(got.data);
}

static size_t print_pair(char *to, size_t size, mia_slice key, mia_slice value)
{
    int used = snprintf(to, size, "%.*s=%.*s", (int)key.size, (const char *)key.data,
                        (int)value.size, value.size > 0 ? (const char *)value.data : "");
    return (size_t)used < size ? (size_t)used : size - 1;
}

void assert_content(mia_txn *txn, mia_tree tree, const char *expected)
{
    char all[1000] = "";
    size_t used = 0;
    mia_slice key, value;
    mia_cursor *cur;
    mia_status rc;
    uint64_t pairs = 0, n;
    OK(mia_cursor_open(txn, tree, &cur, ERR));
    while ((rc = mia_cursor_move(cur, MIA_MOVE_NEXT, &key, &value, ERR)) == MIA_OK) {
        if (used > 0)
            all[used++] = ' ';
        used += print_pair(all + used, sizeof all - used - 1, key, value);
        pairs++;
    }
    mia_cursor_close(cur);
    assert_int_equal(rc, MIA_NOTFOUND);
    assert_string_equal(all, expected);
    OK(mia_kv_count(txn, tree, NULL, &n, ERR));
    assert_int_equal(n, pairs);
}

void assert_committed(struct bench *b, mia_tree tree, const char *expected)
{
    mia_txn *txn = bench_begin(b, MIA_TXN_READ);
    assert_content(txn, tree, expected);
    mia_txn_abort(txn);
}

static void assert_moved(mia_status rc, mia_slice key, mia_slice value, const char *expected)
{
    char pair[1000];
    if (rc < 0)
        print_error("%s: %s\n", mia_status_name(rc), test_error.message);
    assert_int_equal(rc, expected ? MIA_OK : MIA_NOTFOUND);
    if (expected != NULL) {
        print_pair(pair, sizeof pair, key, value);
        assert_string_equal(pair, expected);
    } else { /* R3 */
        assert_true(key.data == NULL && key.size == 0 && value.data == NULL && value.size == 0);
    }
}

void assert_move(mia_cursor *cur, enum mia_move move, const char *expected)
{
    mia_slice key = MIA_BYTES("none"), value = MIA_BYTES("none");
    mia_status rc = mia_cursor_move(cur, move, &key, &value, ERR);
    assert_moved(rc, key, value, expected);
}

void assert_seek(mia_cursor *cur, const char *text, const char *expected)
{
    mia_slice key = mia_bytes_of(text), value = {0};
    mia_status rc = mia_cursor_move(cur, MIA_MOVE_SEEK, &key, &value, ERR);
    assert_moved(rc, key, value, expected);
}

void assert_seek_multi(mia_cursor *cur, const char *key_text, const char *value_text,
                       const char *expected)
{
    mia_slice key = mia_bytes_of(key_text), value = mia_bytes_of(value_text);
    mia_status rc = mia_cursor_move(cur, MIA_MOVE_SEEK_MULTI, &key, &value, ERR);
    assert_moved(rc, key, value, expected);
}
