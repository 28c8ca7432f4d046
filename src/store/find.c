/* store/find.c - the index of a store, over its records */
#include "base/error.h"
#include "base/try.h"
#include "engine/meta.h"
#include "store/store.h"

/* What the index reads lives until it reads again. */
static mia_status get(void *ctx, enum mia_table table, mia_str id, mia_view *view,
                      struct mia_error *err)
{
    struct mia__session *s = ctx;
    mia_slice archive;
    s->looked_up.size = 0;
    mia_status rc = mia__store_read(s, table, id, &s->looked_up, &archive, err);
    *view = rc == MIA_OK ? mia_view_trust(table, archive) : (mia_view){0};
    return rc;
}

/* Whether what the transaction sees has all of the index: it may be older than the index, or of the
 * middle of a rebuild, which another process may have done. */
static mia_status look_for_mark(struct mia__session *s, bool *is_whole, struct mia_error *err)
{
    mia_slice mark;
    struct mia__index index;
    const mia_store *store = s->store;
    mia_status rc;
    TRY(mia__meta_get(s->txn, store->raw.meta, MIA__INDEX_MARK, &mark, err));
    *is_whole = rc == MIA_NOTFOUND;
    rc = MIA_OK;
    if (!*is_whole || s->index_state == MIA__INDEX_READY)
        goto done;
    TRY(mia__index_open(s->txn, store->index.layout, false, &index, err)); /* just begun, or over */
    *is_whole = index.is_present;
done:
    return rc;
}

/* Of the index as the transaction sees it. */
static mia_status state_of(struct mia__session *s, int *state, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    const mia_store *store = s->store;
    *state = store->has_meta ? s->index_state : atomic_load(&store->index_state);
    if (!store->has_meta || *state == MIA__INDEX_ABSENT)
        goto done;
    if (!s->has_whole_index)
        TRY(look_for_mark(s, &s->has_whole_index, err));
    *state = s->has_whole_index ? MIA__INDEX_READY : MIA__INDEX_REBUILDING;
done:
    return rc;
}

mia_status mia__store_index(struct mia__session *s, struct mia__index_reader *reader,
                            struct mia_error *err)
{
    int state;
    const mia_store *store = s->store;
    *reader = (struct mia__index_reader){s->txn, &store->index, {get, s}};
    mia_status rc = state_of(s, &state, err);
    if (rc < 0 || state == MIA__INDEX_READY)
        return rc;
    return mia__fail(err, MIA_ERR_UNSUPPORTED,
                     state == MIA__INDEX_REBUILDING
                         ? "%s: its index is being rebuilt; if that was interrupted, run `mia "
                           "index rebuild` again"
                         : "%s: has no index; run `mia index rebuild`",
                     mia_db_path(store->db));
}

static mia_status reader_of(mia_txn *txn, struct mia__index_reader *reader, struct mia_error *err)
{
    struct mia__session *s;
    mia_status rc = mia__session_of(txn, &s, err);
    return rc == MIA_OK ? mia__store_index(s, reader, err) : rc;
}

/* Tells that a list was opened, of a transaction that may be none of a store. */
static void observe(mia_txn *txn, struct mia_store_event event)
{
    struct mia__session *s;
    if (mia__session_of(txn, &s, NULL) < 0)
        return;
    event.started_ns = mia__observe_start(s);
    mia__observe(s, &event);
}

mia_status mia_ids_by_property(mia_txn *txn, mia_str property, mia_str value, int64_t from_ms,
                               int64_t to_ms, bool newest_first, mia_ids **ids,
                               struct mia_error *err)
{
    mia_status rc;
    struct mia__index_reader reader;
    struct mia__ids_query query = {property, value, from_ms, to_ms, newest_first};
    *ids = NULL;
    TRY(reader_of(txn, &reader, err));
    rc = mia__ids_open(&reader, &query, ids, err);
    observe(txn, (struct mia_store_event){.call = MIA_STORE_IDS,
                                          .id = value,
                                          .name = property,
                                          .flags = newest_first,
                                          .status = rc});
done:
    return rc;
}

mia_status mia_count_by_property(mia_txn *txn, mia_str property, mia_str value, uint64_t *n,
                                 struct mia_error *err)
{
    mia_status rc;
    struct mia__index_reader reader;
    *n = 0;
    TRY(reader_of(txn, &reader, err));
    rc = mia__ids_count(&reader, property, value, n, err);
done:
    return rc;
}

static mia_status tree_of(enum mia_direction direction, enum mia__index_tree *tree,
                          struct mia_error *err)
{
    *tree = direction == MIA_DIRECTION_OUT ? MIA__INDEX_OUTGOING : MIA__INDEX_INCOMING;
    return direction == MIA_DIRECTION_OUT || direction == MIA_DIRECTION_IN
               ? MIA_OK
               : mia__fail(err, MIA_ERR_INVALID, "no direction: %d", (int)direction);
}

mia_status mia_neighbours_open(mia_txn *txn, mia_str node_id, enum mia_direction direction,
                               mia_str edge_type, mia_neighbours **it, struct mia_error *err)
{
    mia_status rc;
    struct mia__index_reader reader;
    enum mia__index_tree tree;
    *it = NULL;
    TRY(tree_of(direction, &tree, err));
    TRY(reader_of(txn, &reader, err));
    rc = mia__neighbours_open(&reader, node_id, tree, edge_type, it, err);
    observe(txn, (struct mia_store_event){.call = MIA_STORE_NEIGHBOURS,
                                          .id = node_id,
                                          .name = edge_type,
                                          .flags = (uint32_t)direction,
                                          .status = rc});
done:
    return rc;
}

mia_status mia_count_edges(mia_txn *txn, mia_str node_id, enum mia_direction direction, uint64_t *n,
                           struct mia_error *err)
{
    mia_status rc;
    struct mia__index_reader reader;
    enum mia__index_tree tree;
    *n = 0;
    TRY(tree_of(direction, &tree, err));
    TRY(reader_of(txn, &reader, err));
    rc = mia__neighbours_count(&reader, node_id, tree, n, err);
done:
    return rc;
}
