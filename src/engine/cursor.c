/*
 * engine/cursor.c - positions that are keys, not places
 *
 * The engine's own cursor may stand anywhere after a write in the same transaction. So in WRITE
 * transactions the pair last returned is remembered, and the next relative move starts by seeking
 * it. Prefix cursors are bounded here too.
 */
#include "base/error.h"
#include "base/try.h"
#include "engine/internal.h"

enum where {
    FRESH,
    ON,     /* on the pair last returned */
    BEFORE, /* moved out in front of the first pair */
    AFTER,  /* moved out behind the last pair */
    BATCH   /* behind the last pair of a batch */
};

struct mia_cursor {
    mia_txn *txn;
    void *handle;
    bool is_multi, has_prefix;
    enum where where;
    struct mia__buf prefix;
    struct mia__buf key, value; /* WRITE: copy of the pair last returned (value: multi only) */
    uint64_t writes;            /* of the transaction, when the copy was made */
    struct mia_pair current;    /* as returned */
    mia_cursor *older, *newer;  /* in the transaction's list */
};

static mia_status open_cursor(mia_txn *txn, mia_tree tree, const mia_slice *prefix,
                              mia_cursor **out, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    *out = NULL;
    mia_cursor *cur = mia__alloc_zero(sizeof *cur);
    if (cur == NULL)
        return mia__fail_nomem(err);
    cur->txn = txn;
    cur->is_multi = mia__tree_is_multi(tree);
    cur->has_prefix = prefix != NULL && prefix->size > 0;
    if (cur->has_prefix)
        TRY(mia__buf_set(&cur->prefix, *prefix, err));
    TRY(txn->db->ops->cursor(txn->handle, mia__tree_id(tree), &cur->handle, err));
    cur->older = txn->cursors;
    if (cur->older != NULL)
        cur->older->newer = cur;
    txn->cursors = cur;
    *out = cur;
done:
    if (rc < 0) {
        mia__buf_free(&cur->prefix);
        mia__free(cur);
    }
    return rc;
}

mia_status mia_cursor_open(mia_txn *txn, mia_tree tree, mia_cursor **cur, struct mia_error *err)
{
    return open_cursor(txn, tree, NULL, cur, err);
}

mia_status mia_cursor_open_prefix(mia_txn *txn, mia_tree tree, mia_slice prefix, mia_cursor **cur,
                                  struct mia_error *err)
{
    return open_cursor(txn, tree, &prefix, cur, err);
}

void mia_cursor_close(mia_cursor *cur)
{
    if (cur == NULL)
        return;
    if (cur->newer != NULL)
        cur->newer->older = cur->older;
    else
        cur->txn->cursors = cur->older;
    if (cur->older != NULL)
        cur->older->newer = cur->newer;
    cur->txn->db->ops->cursor_close(cur->handle);
    mia__buf_free(&cur->prefix);
    mia__buf_free(&cur->key);
    mia__buf_free(&cur->value);
    mia__free(cur);
}

void mia__cursors_close(mia_txn *txn)
{
    while (txn->cursors != NULL)
        mia_cursor_close(txn->cursors);
}

static mia_status step(mia_cursor *cur, enum mia_move move, struct mia_pair *pair,
                       struct mia_error *err)
{
    return cur->txn->db->ops->move(cur->handle, move, &pair->key, &pair->value, err);
}

static bool has_prefix(const mia_cursor *cur, mia_slice key)
{
    return !cur->has_prefix || (key.size >= cur->prefix.size &&
                                memcmp(key.data, cur->prefix.data, cur->prefix.size) == 0);
}

static mia_status seek_first(mia_cursor *cur, struct mia_pair *pair, struct mia_error *err)
{
    if (!cur->has_prefix)
        return step(cur, MIA_MOVE_FIRST, pair, err);
    pair->key = mia__buf_slice(&cur->prefix);
    return step(cur, MIA_MOVE_SEEK, pair, err);
}

/* Raises the prefix to the least bytes above everything that begins with it: the last byte that is
 * not 0xff plus one, without what follows. False: all are 0xff, nothing is above. */
static bool raise_prefix(struct mia__buf *prefix)
{
    while (prefix->size > 0 && prefix->data[prefix->size - 1] == 0xff)
        prefix->size--;
    if (prefix->size == 0)
        return false;
    prefix->data[prefix->size - 1]++;
    return true;
}

static mia_status seek_last(mia_cursor *cur, struct mia_pair *pair, struct mia_error *err)
{
    mia_status rc;
    struct mia__buf bound = {0};
    TRY(mia__buf_set(&bound, mia__buf_slice(&cur->prefix), err));
    if (!raise_prefix(&bound)) {
        rc = step(cur, MIA_MOVE_LAST, pair, err);
        goto done;
    }
    pair->key = mia__buf_slice(&bound);
    TRY(step(cur, MIA_MOVE_SEEK, pair, err));
    rc = step(cur, rc == MIA_OK ? MIA_MOVE_PREV : MIA_MOVE_LAST, pair, err);
done:
    mia__buf_free(&bound);
    return rc;
}

/* A SEEK to a key in front of the prefix is one to the prefix. */
static mia_status seek_key(mia_cursor *cur, struct mia_pair *pair, struct mia_error *err)
{
    if (cur->has_prefix && mia_slice_compare(pair->key, mia__buf_slice(&cur->prefix)) < 0)
        pair->key = mia__buf_slice(&cur->prefix);
    return step(cur, MIA_MOVE_SEEK, pair, err);
}

static bool is_absolute(enum mia_move move)
{
    return move == MIA_MOVE_FIRST || move == MIA_MOVE_LAST || move == MIA_MOVE_SEEK ||
           move == MIA_MOVE_SEEK_MULTI;
}

static bool is_within_key(enum mia_move move)
{
    return move == MIA_MOVE_NEXT_SAME || move == MIA_MOVE_PREV_SAME || move == MIA_MOVE_LAST_SAME;
}

/* Puts the engine's cursor back after writes, in a plain tree. *is_done: the move itself is
 * answered by it, because the remembered pair is gone. */
static mia_status return_plain(mia_cursor *cur, enum mia_move move, struct mia_pair *pair,
                               bool *is_done, struct mia_error *err)
{
    mia_slice key = mia__buf_slice(&cur->key);
    pair->key = key;
    mia_status rc = step(cur, MIA_MOVE_SEEK, pair, err);
    if (rc < 0 || (rc == MIA_OK && mia_slice_equal(pair->key, key)))
        return rc;
    if (move == MIA_MOVE_NEXT) {
        *is_done = true;
    } else if (rc == MIA_NOTFOUND) {
        *is_done = true;
        rc = step(cur, MIA_MOVE_LAST, pair, err);
    }
    return rc;
}

/* The remembered key has no value at or above the remembered one. */
static mia_status return_below(mia_cursor *cur, enum mia_move move, struct mia_pair *pair,
                               bool *is_done, struct mia_error *err)
{
    mia_slice key = mia__buf_slice(&cur->key);
    pair->key = key;
    mia_status rc = step(cur, MIA_MOVE_SEEK, pair, err);
    if (rc < 0)
        return rc;
    bool same_key = rc == MIA_OK && mia_slice_equal(pair->key, key);
    bool goes_up = move == MIA_MOVE_NEXT || move == MIA_MOVE_NEXT_KEY;
    *is_done = true;
    if (goes_up)
        return same_key ? step(cur, MIA_MOVE_NEXT_KEY, pair, err) : rc;
    if (same_key)
        return move == MIA_MOVE_NEXT_SAME ? MIA_NOTFOUND : step(cur, MIA_MOVE_LAST_SAME, pair, err);
    if (is_within_key(move))
        return MIA_NOTFOUND;
    return step(cur, rc == MIA_OK ? MIA_MOVE_PREV : MIA_MOVE_LAST, pair, err);
}

static mia_status return_multi(mia_cursor *cur, enum mia_move move, struct mia_pair *pair,
                               bool *is_done, struct mia_error *err)
{
    mia_slice value = mia__buf_slice(&cur->value);
    pair->key = mia__buf_slice(&cur->key);
    pair->value = value;
    mia_status rc = step(cur, MIA_MOVE_SEEK_MULTI, pair, err);
    if (rc == MIA_NOTFOUND)
        return return_below(cur, move, pair, is_done, err);
    if (rc == MIA_OK && !mia_slice_equal(pair->value, value))
        *is_done = move == MIA_MOVE_NEXT || move == MIA_MOVE_NEXT_SAME;
    return rc;
}

static mia_status move_on(mia_cursor *cur, enum mia_move move, struct mia_pair *pair,
                          struct mia_error *err)
{
    if (cur->txn->is_write && cur->writes != cur->txn->writes) {
        bool is_done = false;
        mia_status rc = cur->is_multi ? return_multi(cur, move, pair, &is_done, err)
                                      : return_plain(cur, move, pair, &is_done, err);
        if (rc < 0 || is_done)
            return rc;
    }
    return step(cur, move, pair, err);
}

/* Turns a relative move from outside the tree into an absolute one; false: there is nothing there.
 */
static bool enter(const mia_cursor *cur, enum mia_move *move)
{
    if (cur->where == ON || is_absolute(*move))
        return true;
    bool goes_up = *move == MIA_MOVE_NEXT || *move == MIA_MOVE_NEXT_KEY;
    if (goes_up && cur->where != AFTER)
        *move = MIA_MOVE_FIRST;
    else if (*move == MIA_MOVE_PREV && cur->where != BEFORE)
        *move = MIA_MOVE_LAST;
    else
        return false;
    return true;
}

static mia_status dispatch(mia_cursor *cur, enum mia_move move, struct mia_pair *pair,
                           struct mia_error *err)
{
    switch (move) {
    case MIA_MOVE_FIRST:
        return seek_first(cur, pair, err);
    case MIA_MOVE_LAST:
        return seek_last(cur, pair, err);
    case MIA_MOVE_SEEK:
        return seek_key(cur, pair, err);
    case MIA_MOVE_SEEK_MULTI:
        return step(cur, move, pair, err);
    case MIA_MOVE_NEXT:
    case MIA_MOVE_PREV:
    case MIA_MOVE_NEXT_SAME:
    case MIA_MOVE_PREV_SAME:
    case MIA_MOVE_LAST_SAME:
    case MIA_MOVE_NEXT_KEY:
    default:
        return move_on(cur, move, pair, err);
    }
}

static enum where where_to(enum where was, enum mia_move move)
{
    if (move == MIA_MOVE_PREV || move == MIA_MOVE_LAST)
        return BEFORE;
    if (is_within_key(move))
        return was;
    return move == MIA_MOVE_SEEK_MULTI ? FRESH : AFTER;
}

static mia_status remember(mia_cursor *cur, const struct mia_pair *pair, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    cur->current = *pair;
    if (!cur->txn->is_write)
        return rc;
    TRY(mia__buf_set(&cur->key, pair->key, err));
    if (cur->is_multi)
        TRY(mia__buf_set(&cur->value, pair->value, err));
    cur->writes = cur->txn->writes;
done:
    return rc;
}

static mia_status check_move(const mia_cursor *cur, enum mia_move move, struct mia_error *err)
{
    if (move < MIA_MOVE_FIRST || move > MIA_MOVE_NEXT_KEY)
        return mia__fail(err, MIA_ERR_INVALID, "unknown cursor move %d", (int)move);
    if (!cur->is_multi && move >= MIA_MOVE_SEEK_MULTI)
        return mia__fail(err, MIA_ERR_INVALID, "cursor move %d is for multi trees", (int)move);
    if (cur->where == BATCH && !is_absolute(move))
        return mia__fail(err, MIA_ERR_INVALID,
                         "after a batch, move absolutely (first, last, seek) first");
    return MIA_OK;
}

/* The walk of a READ transaction: nothing to bound, nothing to come back to after a write. */
static mia_status walk(mia_cursor *cur, mia_slice *key, mia_slice *value, struct mia_error *err)
{
    mia_status rc = step(cur, MIA_MOVE_NEXT, &cur->current, err);
    if (rc == MIA_OK) {
        *key = cur->current.key;
        *value = cur->current.value;
        return rc;
    }
    *key = *value = (mia_slice){0};
    if (rc == MIA_NOTFOUND)
        cur->where = AFTER;
    return rc;
}

mia_status mia_cursor_move(mia_cursor *cur, enum mia_move move, mia_slice *key, mia_slice *value,
                           struct mia_error *err)
{
    if (move == MIA_MOVE_NEXT && cur->where == ON && !cur->txn->is_write && !cur->has_prefix)
        return walk(cur, key, value, err);
    struct mia_pair pair = {0};
    if (move == MIA_MOVE_SEEK || move == MIA_MOVE_SEEK_MULTI)
        pair.key = *key;
    if (move == MIA_MOVE_SEEK_MULTI)
        pair.value = *value;
    *key = *value = (mia_slice){0};
    mia_status rc = check_move(cur, move, err);
    if (rc < 0)
        return rc;
    if (!enter(cur, &move))
        return MIA_NOTFOUND;
    rc = dispatch(cur, move, &pair, err);
    if (rc == MIA_OK && !has_prefix(cur, pair.key))
        rc = MIA_NOTFOUND;
    if (rc == MIA_NOTFOUND)
        cur->where = where_to(cur->where, move);
    if (rc != MIA_OK)
        return rc;
    rc = remember(cur, &pair, err);
    if (rc < 0)
        return rc;
    cur->where = ON;
    *key = pair.key;
    *value = pair.value;
    return MIA_OK;
}

/* Brings the engine's cursor to where the batch begins. *pair: what it stands on, where known. */
static mia_status start_batch(mia_cursor *cur, struct mia_pair *pair, struct mia_error *err)
{
    mia_status rc;
    bool is_stale = cur->txn->is_write && cur->writes != cur->txn->writes;
    *pair = cur->current;
    if (cur->where == FRESH || cur->where == BEFORE)
        return seek_first(cur, pair, err);
    if (!is_stale)
        return cur->where == ON || cur->txn->db->ops->batch != NULL
                   ? MIA_OK
                   : step(cur, MIA_MOVE_NEXT, pair, err);
    mia_slice last = mia__buf_slice(&cur->key);
    pair->key = last;
    TRY(step(cur, MIA_MOVE_SEEK, pair, err));
    if (rc == MIA_OK && cur->where == BATCH && mia_slice_equal(pair->key, last))
        rc = step(cur, MIA_MOVE_NEXT, pair, err);
done:
    return rc;
}

static size_t count_with_prefix(const mia_cursor *cur, const struct mia_pair *pairs, size_t n)
{
    while (n > 0 && !has_prefix(cur, pairs[n - 1].key))
        n--;
    return n;
}

mia_status mia_cursor_batch(mia_cursor *cur, struct mia_pair *pairs, size_t max, size_t *n,
                            struct mia_error *err)
{
    const struct mia_engine_ops *ops = cur->txn->db->ops;
    mia_status rc;
    size_t got = 1;
    *n = 0;
    if (cur->is_multi || max == 0)
        return mia__fail(err, MIA_ERR_INVALID, "batches are for plain trees and at least one pair");
    if (cur->where == AFTER)
        return MIA_NOTFOUND;
    rc = start_batch(cur, &pairs[0], err);
    if (rc == MIA_OK && ops->batch != NULL)
        rc = ops->batch(cur->handle, pairs, max, &got, err);
    if (rc < 0)
        return rc;
    size_t kept = rc == MIA_OK ? count_with_prefix(cur, pairs, got) : 0;
    cur->where = kept == 0 ? AFTER : BATCH;
    if (kept == 0)
        return MIA_NOTFOUND;
    *n = kept;
    return remember(cur, &pairs[kept - 1], err);
}
