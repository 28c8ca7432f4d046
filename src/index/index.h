/*
 * index/index.h - nodes by their properties and edges by their ends, kept with the records
 *
 * An index changes in the transaction that changes the record, and only where the record's terms
 * differ. How it lies in the database is the engine's choice (mia_engine_ops.index_layout).
 *
 * MIA_INDEX_MULTI: multi-value trees. time: i64 big-endian with its sign bit flipped.
 *   idx_prop  property (u8), fit(esc(value), 500)  ->  time, fit(node id, 511)
 *   idx_out   fit(from_node, 511)  ->  fit(esc(edge_type), 128) 00 fit(esc(to_node), 511) 00
 *                                      fit(edge id, 511)
 *   idx_in    fit(to_node, 511)    ->  the same with from_node
 *   idx_long  (plain) table (u8), fit(id, 511)  ->  id: of records whose ids are that long
 *   vec_spaces, vec_ids, vec_keys: embeddings by the space they lie in (index/spaces.h)
 * So a list of nodes is a time line, and neighbours are read from the index alone. (index/fit.h)
 *
 * MIA_INDEX_LEGACY_SETS: MIA's own trees with MIA's own bytes, for a sled that MIA will open again.
 *   structural_index  prop:{property}:{value}  ->  set of node ids (index/set.h)
 *   graph_outgoing    in:{from_node}           ->  set of edge ids ("in:" in both, as MIA has it)
 *   graph_incoming    in:{to_node}             ->  set of edge ids
 * A change rewrites a whole set. An entry that the record does not bear out is not given out.
 */
#ifndef MIA_INDEX_INDEX_H
#define MIA_INDEX_INDEX_H

#include "base/memory.h"
#include "index/set.h"
#include "mia/db.h"
#include "mia/model.h"
#include "model/table.h"

#define MIA__INDEX_MARK "index.rebuild" /* in mia_meta while an index is incomplete */

enum mia__index_tree {
    MIA__INDEX_PROPERTY,
    MIA__INDEX_OUTGOING,
    MIA__INDEX_INCOMING,
    /* MIA_INDEX_MULTI only */
    MIA__INDEX_LONG,
    MIA__INDEX_SPACES,
    MIA__INDEX_VECTORS,
    MIA__INDEX_VECTOR_KEYS,
    MIA__INDEX_TREES
};

struct mia__index {
    enum mia_index_layout layout;
    bool is_present; /* its trees exist */
    mia_tree trees[MIA__INDEX_TREES];
};

/* Finds the trees or, with create, makes them. */
mia_status mia__index_open(mia_txn *txn, enum mia_index_layout layout, bool create,
                           struct mia__index *index, struct mia_error *err);
mia_status mia__index_clear(mia_txn *txn, const struct mia__index *index, struct mia_error *err);

/* Memory for changes, kept from one to the next; {0} to begin with. One thread. */
struct mia__index_scratch {
    struct mia__buf key, value, other_key, other_value;
    struct mia__set set;
};
void mia__index_scratch_free(struct mia__index_scratch *scratch);

/* The record under an id was `before` and is `after`; NULL: there is none. The views must not lie
 * in memory that a write to the database may change. */
mia_status mia__index_change(mia_txn *txn, const struct mia__index *index,
                             struct mia__index_scratch *scratch, const mia_view *before,
                             const mia_view *after, struct mia_error *err);

/* Of a node the terms that differ: in multi-value trees all of them when its time does, because the
 * time is part of the entries. */
mia_status mia__index_change_node(mia_txn *txn, const struct mia__index *index,
                                  struct mia__index_scratch *scratch, const mia_view *before,
                                  const mia_view *after, struct mia_error *err);

/* How records are read: the index knows ids only. MIA_NOTFOUND, MIA_ERR_SERIALIZATION for one that
 * is damaged. *view lives until the next call. */
struct mia__records {
    mia_status (*get)(void *ctx, enum mia_table table, mia_str id, mia_view *view,
                      struct mia_error *err);
    void *ctx;
};

struct mia__index_reader {
    mia_txn *txn;
    const struct mia__index *index;
    struct mia__records records;
};

/* ids.c: nodes with a property of this value, by time and id; see mia_ids_by_property. */
struct mia__ids_query {
    mia_str property, value;
    int64_t from_ms, to_ms;
    bool newest_first;
};
struct mia_ids;
mia_status mia__ids_open(const struct mia__index_reader *reader, const struct mia__ids_query *query,
                         struct mia_ids **out, struct mia_error *err);
mia_status mia__ids_count(const struct mia__index_reader *reader, mia_str property, mia_str value,
                          uint64_t *n, struct mia_error *err);

/* neighbours.c: see mia_neighbours_open. */
struct mia_neighbours;
mia_status mia__neighbours_open(const struct mia__index_reader *reader, mia_str node,
                                enum mia__index_tree tree, mia_str edge_type,
                                struct mia_neighbours **out, struct mia_error *err);
mia_status mia__neighbours_count(const struct mia__index_reader *reader, mia_str node,
                                 enum mia__index_tree tree, uint64_t *n, struct mia_error *err);

/* check.c: how many entries the index of a record must have; and how many of an index's entries
 * are borne out by their records, of how many. */
uint64_t mia__index_wanted(const struct mia__index *index, mia_view record);
typedef bool (*mia__index_tick)(void *ctx, uint64_t entries); /* false: stop */
mia_status mia__index_verify(const struct mia__index_reader *reader, mia__index_tick tick,
                             void *ctx, uint64_t *entries, uint64_t *sound, struct mia_error *err);

#endif
