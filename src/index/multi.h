/* index/multi.h - entries of the index in multi-value trees: see index/index.h for their form */
#ifndef MIA_INDEX_MULTI_H
#define MIA_INDEX_MULTI_H

#include "index/fit.h"
#include "index/index.h"
#include "index/terms.h"

enum { MIA__TIME_SIZE = 8 };

void mia__time_store(uint8_t *to, int64_t time_ms); /* ordered as bytes as times are */
int64_t mia__time_load(const void *from);

/* Each appends to an empty buffer. */
mia_status mia__multi_property_key(struct mia__buf *key, enum mia__property_number property,
                                   mia_str value, struct mia_error *err);
mia_status mia__multi_property_value(struct mia__buf *value, int64_t time_ms, mia_str id,
                                     struct mia_error *err);
/* The entry of an edge in one of its two trees. */
mia_status mia__multi_edge_key(struct mia__buf *key, enum mia__index_tree tree, mia_view edge,
                               struct mia_error *err);
mia_status mia__multi_edge_value(struct mia__buf *value, enum mia__index_tree tree, mia_view edge,
                                 struct mia_error *err);

/* The id that an entry names: itself, or the long one that idx_long has for it. *id is borrowed. */
mia_status mia__multi_id(const struct mia__index_reader *reader, enum mia_table table,
                         mia_slice fitted, mia_str *id, struct mia_error *err);

/* Who takes entries, one a call; key and value live for the call. */
struct mia__entries {
    mia_status (*take)(void *ctx, enum mia__index_tree tree, mia_slice key, mia_slice value,
                       struct mia_error *err);
    void *ctx;
};
/* All entries of a record but those of its vector (index/spaces.h). */
mia_status mia__multi_entries(struct mia__index_scratch *scratch, mia_view record,
                              const struct mia__entries *to, struct mia_error *err);

/* Adds the entries of a node, or removes them, but those of the terms that are kept. */
mia_status mia__multi_change_terms(mia_txn *txn, const struct mia__index *index,
                                   struct mia__index_scratch *scratch, mia_view node,
                                   const struct mia__term *kept, size_t kept_count, bool is_added,
                                   struct mia_error *err);
mia_status mia__multi_change(mia_txn *txn, const struct mia__index *index,
                             struct mia__index_scratch *scratch, const mia_view *before,
                             const mia_view *after, struct mia_error *err);

mia_status mia__index_broken(mia_txn *txn, const char *tree, struct mia_error *err);

#endif
