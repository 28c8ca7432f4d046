/* engine/multi/pair.c - single pairs */
#include "engine/multi/internal.h"

#include "base/error.h"
#include "base/try.h"

struct key_scan {
    const struct mia_engine_ops *inner;
    void *cursor;
    struct mia__buf start;
};

static void end_scan(struct key_scan *scan)
{
    if (scan->cursor != NULL)
        scan->inner->cursor_close(scan->cursor);
    mia__buf_free(&scan->start);
}

/* Opens a cursor at the first value of key; MIA_NOTFOUND: it has none. *value is its tail. */
static mia_status begin_scan(struct mia__multi_txn *txn, uint32_t tree, mia_slice key,
                             struct key_scan *scan, mia_slice *stored, struct mia_error *err)
{
    mia_status rc;
    mia_slice value;
    memset(scan, 0, sizeof *scan);
    scan->inner = txn->db->inner;
    TRY(mia__multi_compose(&scan->start, key, (mia_slice){0}, err));
    TRY(scan->inner->cursor(txn->handle, mia__multi_inner_id(tree), &scan->cursor, err));
    *stored = mia__buf_slice(&scan->start);
    TRY(scan->inner->move(scan->cursor, MIA_MOVE_SEEK, stored, &value, err));
done:
    return rc;
}

static mia_status get_first(struct mia__multi_txn *txn, uint32_t tree, mia_slice key,
                            struct mia__arena *arena, mia_slice *value, struct mia_error *err)
{
    mia_status rc;
    struct key_scan scan;
    mia_slice stored;
    TRY(begin_scan(txn, tree, key, &scan, &stored, err));
    if (rc == MIA_OK && !mia__multi_starts_with(stored, &scan.start))
        rc = MIA_NOTFOUND;
    if (rc == MIA_NOTFOUND)
        goto done;
    size_t size = stored.size - scan.start.size;
    uint8_t *copy = mia__arena_alloc(arena, size);
    if (copy == NULL) {
        rc = mia__fail_nomem(err);
        goto done;
    }
    memcpy(copy, (const uint8_t *)stored.data + scan.start.size, size);
    *value = (mia_slice){copy, size};
done:
    end_scan(&scan);
    return rc;
}

mia_status mia__multi_get(void *handle, uint32_t tree, mia_slice key, mia_slice *value,
                          struct mia_error *err)
{
    struct mia__multi_txn *txn = handle;
    if (tree & MIA__MULTI_ID)
        return get_first(txn, tree, key, &txn->values, value, err);
    return txn->db->inner->get(txn->handle, tree, key, value, err);
}

static mia_status put_value(struct mia__multi_txn *txn, uint32_t tree, mia_slice key,
                            mia_slice value, uint32_t flags, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    struct mia__buf composed = {0};
    mia_slice first;
    if (flags & MIA_PUT_INSERT_ONLY) {
        TRY(get_first(txn, tree, key, &txn->values, &first, err));
        if (rc == MIA_OK) {
            rc = mia__fail(err, MIA_ERR_INVALID, "the key is present already");
            goto done;
        }
    }
    TRY(mia__multi_compose(&composed, key, value, err));
    rc = txn->db->inner->put(txn->handle, mia__multi_inner_id(tree), mia__buf_slice(&composed),
                             (mia_slice){0}, flags & MIA_PUT_APPEND, err);
done:
    mia__buf_free(&composed);
    return rc;
}

mia_status mia__multi_put(void *handle, uint32_t tree, mia_slice key, mia_slice value,
                          uint32_t flags, struct mia_error *err)
{
    struct mia__multi_txn *txn = handle;
    mia_status rc = tree & MIA__MULTI_ID
                        ? put_value(txn, tree, key, value, flags, err)
                        : txn->db->inner->put(txn->handle, tree, key, value, flags, err);
    mia__arena_reset(&txn->values);
    return rc;
}

static mia_status del_value(struct mia__multi_txn *txn, uint32_t tree, mia_slice key,
                            mia_slice value, struct mia_error *err)
{
    mia_status rc;
    struct mia__buf composed = {0};
    TRY(mia__multi_compose(&composed, key, value, err));
    rc = txn->db->inner->del(txn->handle, mia__multi_inner_id(tree), mia__buf_slice(&composed),
                             NULL, err);
done:
    mia__buf_free(&composed);
    return rc;
}

/* Removes the values one by one from the front, each found afresh: no cursor lives over a write. */
static mia_status del_key(struct mia__multi_txn *txn, uint32_t tree, mia_slice key,
                          struct mia_error *err)
{
    mia_status rc = MIA_OK;
    struct mia__arena values = {0};
    uint64_t removed = 0;
    while (rc == MIA_OK) {
        mia_slice value;
        mia__arena_reset(&values);
        rc = get_first(txn, tree, key, &values, &value, err);
        if (rc == MIA_OK)
            rc = del_value(txn, tree, key, value, err);
        removed += rc == MIA_OK;
    }
    mia__arena_free(&values);
    return rc == MIA_NOTFOUND && removed > 0 ? MIA_OK : rc;
}

mia_status mia__multi_del(void *handle, uint32_t tree, mia_slice key, const mia_slice *value,
                          struct mia_error *err)
{
    struct mia__multi_txn *txn = handle;
    mia_status rc;
    if (!(tree & MIA__MULTI_ID))
        rc = txn->db->inner->del(txn->handle, tree, key, NULL, err);
    else if (value != NULL)
        rc = del_value(txn, tree, key, *value, err);
    else
        rc = del_key(txn, tree, key, err);
    mia__arena_reset(&txn->values);
    return rc;
}

mia_status mia__multi_count(void *handle, uint32_t tree, const mia_slice *key, uint64_t *n,
                            struct mia_error *err)
{
    struct mia__multi_txn *txn = handle;
    if (key == NULL || !(tree & MIA__MULTI_ID))
        return txn->db->inner->count(txn->handle, mia__multi_inner_id(tree), key, n, err);
    mia_status rc;
    struct key_scan scan;
    mia_slice stored, value;
    uint64_t found = 0;
    TRY(begin_scan(txn, tree, *key, &scan, &stored, err));
    while (rc == MIA_OK && mia__multi_starts_with(stored, &scan.start)) {
        found++;
        TRY(scan.inner->move(scan.cursor, MIA_MOVE_NEXT, &stored, &value, err));
    }
    *n = found;
    rc = MIA_OK;
done:
    end_scan(&scan);
    return rc;
}
