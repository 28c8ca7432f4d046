/* raw/key.c - pairs with keys of any length: see raw.h for the rule */
#include "base/bytes.h"
#include "base/error.h"
#include "base/try.h"
#include "engine/meta.h"
#include "raw/raw.h"

mia_status mia__raw_create(mia_txn *txn, size_t limit, bool is_typed, struct mia__raw *raw,
                           struct mia_error *err)
{
    mia_status rc;
    struct mia_db_info info = {.struct_size = sizeof info};
    TRY(mia_db_info(mia_txn_db(txn), &info, err));
    raw->limit = limit != 0 ? limit : info.max_key;
    raw->is_typed = is_typed;
    TRY(mia__meta_create(txn, is_typed ? MIA__TYPED_FORMAT : MIA__RAW_FORMAT, &raw->meta, err));
    TRY(mia__meta_put_u64(txn, raw->meta, "raw.key_limit", raw->limit, err));
    TRY(mia__meta_put_u64(txn, raw->meta, "raw.next_layer", 1, err));
    TRY(mia__meta_put_u64(txn, raw->meta, "raw.trees", 0, err));
    TRY(mia_tree_open(txn, MIA_BYTES(MIA__RAW_LONG_TREE), MIA_TREE_CREATE, &raw->layers, err));
done:
    return rc;
}

static mia_status read_limit(mia_txn *txn, struct mia__raw *raw, struct mia_error *err)
{
    uint64_t limit;
    mia_status rc = mia__meta_get_u64(txn, raw->meta, "raw.key_limit", &limit, err);
    if (rc < 0)
        return rc;
    if (rc == MIA_NOTFOUND || limit <= MIA__RAW_ID_SIZE + 1 || limit > 65536)
        return mia__fail(err, MIA_ERR_CORRUPT, "%s: mia_meta: raw.key_limit is missing or wrong",
                         mia_db_path(mia_txn_db(txn)));
    raw->limit = (size_t)limit;
    return MIA_OK;
}

mia_status mia__raw_open(mia_txn *txn, struct mia__raw *raw, struct mia_error *err)
{
    mia_status rc;
    mia_slice format;
    memset(raw, 0, sizeof *raw);
    TRY(mia__meta_open(txn, &raw->meta, err));
    if (rc == MIA_NOTFOUND)
        goto done;
    TRY(mia__meta_get(txn, raw->meta, "format", &format, err));
    if (rc == MIA_NOTFOUND)
        goto done;
    raw->is_typed = mia_slice_equal(format, MIA_BYTES(MIA__TYPED_FORMAT));
    if (!raw->is_typed && !mia_slice_equal(format, MIA_BYTES(MIA__RAW_FORMAT))) {
        rc = MIA_NOTFOUND;
        goto done;
    }
    TRY(read_limit(txn, raw, err));
    TRY(mia_tree_open(txn, MIA_BYTES(MIA__RAW_LONG_TREE), 0, &raw->layers, err));
    if (rc == MIA_NOTFOUND)
        rc = mia__fail(err, MIA_ERR_CORRUPT, "%s: table " MIA__RAW_LONG_TREE " is missing",
                       mia_db_path(mia_txn_db(txn)));
done:
    return rc;
}

/* One step of the way of a long key: the tree and the stored key. The last step's stored key is
 * shorter than the limit and holds the value; the others are pointers of exactly limit bytes. */
struct walk {
    const struct mia__raw *raw;
    mia_tree tree;       /* where the step's key is stored */
    mia_slice rest;      /* of the key: not yet placed, this step's part included */
    struct mia__buf key; /* this step's stored key */
};

static mia_status fill_key(struct walk *w, const uint8_t *id, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    size_t room = w->raw->limit - (id ? MIA__RAW_ID_SIZE : 0);
    w->key.size = 0;
    if (id != NULL)
        TRY(mia__buf_append(&w->key, id, MIA__RAW_ID_SIZE, err));
    TRY(mia__buf_append(&w->key, w->rest.data, w->rest.size < room ? w->rest.size : room, err));
done:
    return rc;
}

static bool is_last(const struct walk *w)
{
    return w->key.size < w->raw->limit;
}

/* Goes from a pointer into its layer. */
static mia_status descend(struct walk *w, const uint8_t *id, struct mia_error *err)
{
    size_t placed = w->key.size - (w->tree == w->raw->layers ? MIA__RAW_ID_SIZE : 0);
    w->rest.data = (const uint8_t *)w->rest.data + placed;
    w->rest.size -= placed;
    w->tree = w->raw->layers;
    return fill_key(w, id, err);
}

static mia_status read_pointer(mia_txn *txn, const struct walk *w, uint8_t id[MIA__RAW_ID_SIZE],
                               struct mia_error *err)
{
    mia_slice value;
    mia_status rc = mia_kv_get(txn, w->tree, mia__buf_slice(&w->key), &value, err);
    if (rc != MIA_OK)
        return rc;
    if (value.size != MIA__RAW_ID_SIZE)
        return mia__fail(err, MIA_ERR_CORRUPT,
                         "%s: a pointer to a layer of " MIA__RAW_LONG_TREE
                         " has %zu bytes instead of 8",
                         mia_db_path(mia_txn_db(txn)), value.size);
    memcpy(id, value.data, MIA__RAW_ID_SIZE);
    return MIA_OK;
}

static mia_status new_layer(mia_txn *txn, const struct walk *w, uint8_t id[MIA__RAW_ID_SIZE],
                            struct mia_error *err)
{
    mia_status rc;
    uint64_t next;
    TRY(mia__meta_get_u64(txn, w->raw->meta, "raw.next_layer", &next, err));
    if (rc == MIA_NOTFOUND)
        return mia__fail(err, MIA_ERR_CORRUPT, "%s: mia_meta has no raw.next_layer",
                         mia_db_path(mia_txn_db(txn)));
    mia__store_u64be(id, next);
    TRY(mia__meta_put_u64(txn, w->raw->meta, "raw.next_layer", next + 1, err));
    TRY(mia_kv_put(txn, w->tree, mia__buf_slice(&w->key), (mia_slice){id, MIA__RAW_ID_SIZE},
                   MIA_PUT_INSERT_ONLY, err));
done:
    return rc;
}

static mia_status put_long(mia_txn *txn, struct walk *w, mia_slice value, struct mia_error *err)
{
    mia_status rc;
    TRY(fill_key(w, NULL, err));
    while (!is_last(w)) {
        uint8_t id[MIA__RAW_ID_SIZE];
        TRY(read_pointer(txn, w, id, err));
        if (rc == MIA_NOTFOUND)
            TRY(new_layer(txn, w, id, err));
        TRY(descend(w, id, err));
    }
    rc = mia_kv_put(txn, w->tree, mia__buf_slice(&w->key), value, MIA_PUT_UPSERT, err);
done:
    return rc;
}

mia_status mia__raw_put(mia_txn *txn, const struct mia__raw *raw, mia_tree tree, mia_slice key,
                        mia_slice value, uint32_t flags, bool *is_folded, struct mia_error *err)
{
    bool is_long = raw->limit != 0 && key.size >= raw->limit;
    if (is_folded != NULL)
        *is_folded = is_long;
    if (!is_long)
        return mia_kv_put(txn, tree, key, value, flags, err);
    struct walk w = {.raw = raw, .tree = tree, .rest = key};
    mia_status rc = put_long(txn, &w, value, err);
    mia__buf_free(&w.key);
    return rc;
}

/* Follows a long key to its last step. MIA_NOTFOUND: a pointer on the way is missing. */
static mia_status find(mia_txn *txn, struct walk *w, struct mia_error *err)
{
    mia_status rc;
    TRY(fill_key(w, NULL, err));
    while (!is_last(w)) {
        uint8_t id[MIA__RAW_ID_SIZE];
        TRY(read_pointer(txn, w, id, err));
        if (rc == MIA_NOTFOUND)
            break;
        TRY(descend(w, id, err));
    }
done:
    return rc;
}

mia_status mia__raw_get(mia_txn *txn, const struct mia__raw *raw, mia_tree tree, mia_slice key,
                        mia_slice *value, struct mia_error *err)
{
    if (raw->limit == 0 || key.size < raw->limit)
        return mia_kv_get(txn, tree, key, value, err);
    struct walk w = {.raw = raw, .tree = tree, .rest = key};
    *value = (mia_slice){0};
    mia_status rc = find(txn, &w, err);
    if (rc == MIA_OK)
        rc = mia_kv_get(txn, w.tree, mia__buf_slice(&w.key), value, err);
    mia__buf_free(&w.key);
    return rc;
}

static mia_status layer_is_empty(mia_txn *txn, const struct mia__raw *raw, mia_slice id,
                                 bool *is_empty, struct mia_error *err)
{
    mia_cursor *cur;
    mia_slice key, value;
    mia_status rc = mia_cursor_open_prefix(txn, raw->layers, id, &cur, err);
    if (rc < 0)
        return rc;
    rc = mia_cursor_move(cur, MIA_MOVE_FIRST, &key, &value, err);
    *is_empty = rc == MIA_NOTFOUND;
    mia_cursor_close(cur);
    return rc < 0 ? rc : MIA_OK;
}

/* Removes the step's entry and, where that emptied its layer, the pointer above it. Depth is the
 * key's length over the limit, so the way up is walked again from the top rather than recursed. */
static mia_status del_last(mia_txn *txn, struct walk *w, mia_slice key, mia_tree tree, bool *more,
                           size_t *depth, struct mia_error *err)
{
    mia_status rc;
    size_t steps = 0;
    uint8_t id[MIA__RAW_ID_SIZE];
    bool is_empty = false;
    w->tree = tree;
    w->rest = key;
    TRY(fill_key(w, NULL, err));
    while (!is_last(w) && steps != *depth) {
        TRY(read_pointer(txn, w, id, err));
        if (rc == MIA_NOTFOUND)
            goto done;
        TRY(descend(w, id, err));
        steps++;
    }
    TRY(mia_kv_del(txn, w->tree, mia__buf_slice(&w->key), NULL, err));
    if (rc == MIA_OK && steps > 0)
        TRY(layer_is_empty(txn, w->raw, (mia_slice){w->key.data, MIA__RAW_ID_SIZE}, &is_empty,
                           err));
    *more = is_empty;
    *depth = steps - 1;
done:
    return rc;
}

mia_status mia__raw_del(mia_txn *txn, const struct mia__raw *raw, mia_tree tree, mia_slice key,
                        struct mia_error *err)
{
    if (raw->limit == 0 || key.size < raw->limit)
        return mia_kv_del(txn, tree, key, NULL, err);
    struct walk w = {.raw = raw};
    size_t depth = SIZE_MAX;
    bool more = true;
    mia_status rc = MIA_OK;
    while (rc == MIA_OK && more) {
        more = false;
        rc = del_last(txn, &w, key, tree, &more, &depth, err);
    }
    mia__buf_free(&w.key);
    return rc;
}
