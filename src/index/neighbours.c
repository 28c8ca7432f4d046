/* index/neighbours.c - the edges of a node, by type, neighbour and id */
#include "base/error.h"
#include "base/try.h"
#include "index/legacy.h"
#include "index/multi.h"
#include "mia/index.h"

#include <stdlib.h>

struct mia_neighbours {
    struct mia__index_reader reader;
    enum mia__index_tree tree;
    bool is_started, is_over;
    /* MIA_INDEX_MULTI */
    mia_cursor *cursor;
    struct mia__buf key, prefix; /* of the values of the wanted type; empty: of all */
    struct mia__buf type, node;  /* texts with NULs, unescaped */
    /* MIA_INDEX_LEGACY_SETS */
    struct mia__buf kept; /* the set's value, which writes do not change */
    struct mia__set set;
    struct mia__arena texts;
    struct mia__buf hops;
    size_t count, at;
};

void mia_neighbours_close(struct mia_neighbours *it)
{
    if (it == NULL)
        return;
    mia_cursor_close(it->cursor);
    mia__buf_free(&it->key);
    mia__buf_free(&it->prefix);
    mia__buf_free(&it->type);
    mia__buf_free(&it->node);
    mia__buf_free(&it->kept);
    mia__set_free(&it->set);
    mia__arena_free(&it->texts);
    mia__buf_free(&it->hops);
    mia__free(it);
}

static mia_str far_end(mia_view edge, enum mia__index_tree tree)
{
    return tree == MIA__INDEX_OUTGOING ? mia_edge_to_node(edge) : mia_edge_from_node(edge);
}

static mia_str near_end(mia_view edge, enum mia__index_tree tree)
{
    return tree == MIA__INDEX_OUTGOING ? mia_edge_from_node(edge) : mia_edge_to_node(edge);
}

static int compare(mia_str a, mia_str b)
{
    return mia_slice_compare((mia_slice){a.data, a.size}, (mia_slice){b.data, b.size});
}

/* ---- multi-value trees */

static mia_status open_multi(struct mia_neighbours *it, mia_str node, mia_str edge_type,
                             struct mia_error *err)
{
    mia_status rc;
    TRY(mia__fit(&it->key, node, MIA__FIT_ID, err));
    if (edge_type.data != NULL) {
        TRY(mia__fit_escaped(&it->prefix, edge_type, MIA__FIT_TYPE, err));
        TRY(mia__buf_append(&it->prefix, "", 1, err));
    }
    rc = mia_cursor_open(it->reader.txn, it->reader.index->trees[it->tree], &it->cursor, err);
done:
    return rc;
}

/* The record says what the entry only has in part. */
static mia_status read_edge(struct mia_neighbours *it, struct mia_hop *hop, struct mia_error *err)
{
    mia_view edge;
    const struct mia__records *records = &it->reader.records;
    mia_status rc = records->get(records->ctx, MIA_TABLE_EDGES, hop->edge_id, &edge, err);
    if (rc == MIA_NOTFOUND)
        return mia__index_broken(it->reader.txn, "idx_out or idx_in", err);
    if (rc == MIA_OK) {
        hop->edge_type = mia_edge_edge_type(edge);
        hop->node_id = far_end(edge, it->tree);
    }
    return rc;
}

static mia_status parse(struct mia_neighbours *it, mia_slice value, struct mia_hop *hop,
                        struct mia_error *err)
{
    mia_status rc;
    mia_slice type, node;
    if (!mia__fit_take(&value, &type) || !mia__fit_take(&value, &node) || value.size == 0)
        return mia__index_broken(it->reader.txn, "idx_out or idx_in", err);
    TRY(mia__multi_id(&it->reader, MIA_TABLE_EDGES, value, &hop->edge_id, err));
    if (type.size == MIA__FIT_TYPE || node.size == MIA__FIT_ID) {
        rc = read_edge(it, hop, err);
        goto done;
    }
    TRY(mia__fit_unescape(type, &it->type, &hop->edge_type, err));
    rc = mia__fit_unescape(node, &it->node, &hop->node_id, err);
done:
    return rc;
}

static bool has_prefix(mia_slice value, const struct mia__buf *prefix)
{
    return value.size >= prefix->size &&
           (prefix->size == 0 || memcmp(value.data, prefix->data, prefix->size) == 0);
}

static mia_status next_multi(struct mia_neighbours *it, struct mia_hop *hop, struct mia_error *err)
{
    mia_slice key = mia__buf_slice(&it->key), value = mia__buf_slice(&it->prefix);
    mia_status rc = mia_cursor_move(
        it->cursor, it->is_started ? MIA_MOVE_NEXT_SAME : MIA_MOVE_SEEK_MULTI, &key, &value, err);
    it->is_started = true;
    if (rc != MIA_OK)
        return rc;
    return has_prefix(value, &it->prefix) ? parse(it, value, hop, err) : MIA_NOTFOUND;
}

/* ---- MIA's sets */

static int by_type(const void *a, const void *b)
{
    const struct mia_hop *first = a, *second = b;
    int order = compare(first->edge_type, second->edge_type);
    order = order != 0 ? order : compare(first->node_id, second->node_id);
    return order != 0 ? order : compare(first->edge_id, second->edge_id);
}

static mia_status keep(struct mia_neighbours *it, mia_str text, mia_str *kept,
                       struct mia_error *err)
{
    char *copy = mia__arena_alloc(&it->texts, text.size + 1);
    if (copy == NULL)
        return mia__fail_nomem(err);
    if (text.size > 0)
        memcpy(copy, text.data, text.size);
    *kept = (mia_str){copy, text.size};
    return MIA_OK;
}

/* Takes the edge in if it is there and is what is sought. */
static mia_status add_hop(struct mia_neighbours *it, mia_str node, mia_str edge_type, mia_str id,
                          struct mia_error *err)
{
    mia_status rc;
    mia_view edge;
    struct mia_hop hop = {.edge_id = id};
    const struct mia__records *records = &it->reader.records;
    TRY(records->get(records->ctx, MIA_TABLE_EDGES, id, &edge, err));
    if (rc == MIA_NOTFOUND || compare(near_end(edge, it->tree), node) != 0 ||
        (edge_type.data != NULL && compare(mia_edge_edge_type(edge), edge_type) != 0)) {
        rc = MIA_OK;
        goto done;
    }
    TRY(keep(it, mia_edge_edge_type(edge), &hop.edge_type, err));
    TRY(keep(it, far_end(edge, it->tree), &hop.node_id, err));
    it->count++;
    rc = mia__buf_append(&it->hops, &hop, sizeof hop, err);
done:
    return rc;
}

static mia_status open_legacy(struct mia_neighbours *it, mia_str node, mia_str edge_type,
                              struct mia_error *err)
{
    mia_status rc;
    TRY(mia__legacy_edge_key(&it->key, node, err));
    TRY(mia__legacy_set(it->reader.txn, it->reader.index, it->tree, mia__buf_slice(&it->key),
                        &it->kept, &it->set, err));
    for (size_t i = 0; i < it->set.count; i++)
        TRY(add_hop(it, node, edge_type, mia__set_members(&it->set)[i], err));
    if (it->count > 1)
        qsort(it->hops.data, it->count, sizeof(struct mia_hop), by_type);
done:
    return rc;
}

static mia_status next_legacy(struct mia_neighbours *it, struct mia_hop *hop)
{
    if (it->at == it->count)
        return MIA_NOTFOUND;
    *hop = ((const struct mia_hop *)(const void *)it->hops.data)[it->at++];
    return MIA_OK;
}

/* ---- both */

mia_status mia__neighbours_open(const struct mia__index_reader *reader, mia_str node,
                                enum mia__index_tree tree, mia_str edge_type,
                                struct mia_neighbours **out, struct mia_error *err)
{
    mia_status rc;
    struct mia_neighbours *it = mia__alloc_zero(sizeof *it);
    *out = NULL;
    if (it == NULL)
        return mia__fail_nomem(err);
    it->reader = *reader;
    it->tree = tree;
    rc = reader->index->layout == MIA_INDEX_MULTI ? open_multi(it, node, edge_type, err)
                                                  : open_legacy(it, node, edge_type, err);
    if (rc < 0)
        mia_neighbours_close(it);
    else
        *out = it;
    return rc < 0 ? rc : MIA_OK;
}

mia_status mia_neighbours_next(struct mia_neighbours *it, struct mia_hop *hop,
                               struct mia_error *err)
{
    *hop = (struct mia_hop){0};
    if (it->is_over)
        return MIA_NOTFOUND;
    mia_status rc = it->reader.index->layout == MIA_INDEX_MULTI ? next_multi(it, hop, err)
                                                                : next_legacy(it, hop);
    it->is_over = rc != MIA_OK;
    return rc;
}

mia_status mia__neighbours_count(const struct mia__index_reader *reader, mia_str node,
                                 enum mia__index_tree tree, uint64_t *n, struct mia_error *err)
{
    mia_status rc;
    struct mia_neighbours *it;
    *n = 0;
    TRY(mia__neighbours_open(reader, node, tree, (mia_str){0}, &it, err));
    *n = it->count;
    if (reader->index->layout == MIA_INDEX_MULTI) {
        mia_slice key = mia__buf_slice(&it->key);
        rc = mia_kv_count(reader->txn, reader->index->trees[tree], &key, n, err);
    }
    mia_neighbours_close(it);
done:
    return rc < 0 ? rc : MIA_OK;
}
