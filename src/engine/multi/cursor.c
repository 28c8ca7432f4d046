/* engine/multi/cursor.c - positions among the values of keys */
#include "engine/multi/internal.h"

#include "base/error.h"
#include "base/try.h"

struct cursor {
    struct mia__multi_db *db;
    void *handle;
    bool is_multi;
    struct mia__buf key;   /* of the current pair, unescaped */
    struct mia__buf start; /* of the current key's pairs: esc(key) 00 01 */
    struct mia__buf bound; /* scratch for seeks */
};

mia_status mia__multi_cursor(void *handle, uint32_t tree, void **out, struct mia_error *err)
{
    struct mia__multi_txn *txn = handle;
    struct cursor *c = mia__alloc_zero(sizeof *c);
    if (c == NULL)
        return mia__fail_nomem(err);
    c->db = txn->db;
    c->is_multi = (tree & MIA__MULTI_ID) != 0;
    mia_status rc = txn->db->inner->cursor(txn->handle, mia__multi_inner_id(tree), &c->handle, err);
    if (rc == MIA_OK)
        *out = c;
    else
        mia__free(c);
    return rc;
}

static mia_status inner_move(struct cursor *c, enum mia_move move, mia_slice *stored,
                             struct mia_error *err)
{
    mia_slice empty;
    return c->db->inner->move(c->handle, move, stored, &empty, err);
}

/* First stored pair at or above esc(key) 00 01 value. */
static mia_status seek(struct cursor *c, mia_slice key, mia_slice value, mia_slice *stored,
                       struct mia_error *err)
{
    mia_status rc;
    TRY(mia__multi_compose(&c->bound, key, value, err));
    *stored = mia__buf_slice(&c->bound);
    rc = inner_move(c, MIA_MOVE_SEEK, stored, err);
done:
    return rc;
}

/* First stored pair behind all values of the current key. */
static mia_status seek_behind(struct cursor *c, mia_slice *stored, struct mia_error *err)
{
    mia_status rc;
    TRY(mia__buf_set(&c->bound, mia__buf_slice(&c->start), err));
    c->bound.data[c->bound.size - 1]++;
    *stored = mia__buf_slice(&c->bound);
    rc = inner_move(c, MIA_MOVE_SEEK, stored, err);
done:
    return rc;
}

static mia_status last_same(struct cursor *c, mia_slice *stored, struct mia_error *err)
{
    mia_status rc = seek_behind(c, stored, err);
    if (rc < 0)
        return rc;
    return inner_move(c, rc == MIA_OK ? MIA_MOVE_PREV : MIA_MOVE_LAST, stored, err);
}

/* A step that must stay within the current key; where it cannot, it is taken back. */
static mia_status step_same(struct cursor *c, bool forward, mia_slice *stored,
                            struct mia_error *err)
{
    mia_slice back;
    mia_status rc = inner_move(c, forward ? MIA_MOVE_NEXT : MIA_MOVE_PREV, stored, err);
    if (rc < 0 || (rc == MIA_OK && mia__multi_starts_with(*stored, &c->start)))
        return rc;
    enum mia_move undo = forward ? MIA_MOVE_PREV : MIA_MOVE_NEXT;
    if (rc == MIA_NOTFOUND)
        undo = forward ? MIA_MOVE_LAST : MIA_MOVE_FIRST;
    rc = inner_move(c, undo, &back, err);
    return rc < 0 ? rc : MIA_NOTFOUND;
}

static mia_status move_stored(struct cursor *c, enum mia_move move, mia_slice key, mia_slice value,
                              mia_slice *stored, struct mia_error *err)
{
    mia_status rc;
    switch (move) {
    case MIA_MOVE_SEEK:
        return seek(c, key, (mia_slice){0}, stored, err);
    case MIA_MOVE_SEEK_MULTI:
        rc = seek(c, key, value, stored, err);
        if (rc != MIA_OK)
            return rc;
        rc = mia__multi_compose(&c->start, key, (mia_slice){0}, err);
        return rc == MIA_OK && !mia__multi_starts_with(*stored, &c->start) ? MIA_NOTFOUND : rc;
    case MIA_MOVE_NEXT_SAME:
    case MIA_MOVE_PREV_SAME:
        return step_same(c, move == MIA_MOVE_NEXT_SAME, stored, err);
    case MIA_MOVE_LAST_SAME:
        return last_same(c, stored, err);
    case MIA_MOVE_NEXT_KEY:
        return seek_behind(c, stored, err);
    case MIA_MOVE_FIRST:
    case MIA_MOVE_LAST:
    case MIA_MOVE_NEXT:
    case MIA_MOVE_PREV:
    default:
        return inner_move(c, move, stored, err);
    }
}

mia_status mia__multi_move(void *handle, enum mia_move move, mia_slice *key, mia_slice *value,
                           struct mia_error *err)
{
    struct cursor *c = handle;
    mia_status rc;
    mia_slice stored;
    size_t start = 0;
    if (!c->is_multi)
        return c->db->inner->move(c->handle, move, key, value, err);
    TRY(move_stored(c, move, *key, *value, &stored, err));
    if (rc == MIA_NOTFOUND)
        goto done;
    TRY(mia__multi_split(&c->key, &start, stored, err));
    TRY(mia__buf_set(&c->start, (mia_slice){stored.data, start}, err));
    *key = mia__buf_slice(&c->key);
    *value = (mia_slice){(const uint8_t *)stored.data + start, stored.size - start};
done:
    return rc;
}

mia_status mia__multi_batch(void *handle, struct mia_pair *pairs, size_t max, size_t *n,
                            struct mia_error *err)
{
    struct cursor *c = handle;
    return c->db->inner->batch(c->handle, pairs, max, n, err);
}

void mia__multi_cursor_close(void *handle)
{
    struct cursor *c = handle;
    c->db->inner->cursor_close(c->handle);
    mia__buf_free(&c->key);
    mia__buf_free(&c->start);
    mia__buf_free(&c->bound);
    mia__free(c);
}
