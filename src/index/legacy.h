/* index/legacy.h - MIA's own index trees: see index/index.h for their form */
#ifndef MIA_INDEX_LEGACY_H
#define MIA_INDEX_LEGACY_H

#include "index/index.h"
#include "index/terms.h"

/* Each appends to an empty buffer. */
mia_status mia__legacy_property_key(struct mia__buf *key, enum mia__property_number property,
                                    mia_str value, struct mia_error *err);
mia_status mia__legacy_edge_key(struct mia__buf *key, mia_str node, struct mia_error *err);

/* The set under a key, empty if there is none. Its members are borrowed from the transaction, until
 * its next write, or from `kept`, which becomes a copy of the value, if that is not NULL. */
mia_status mia__legacy_set(mia_txn *txn, const struct mia__index *index, enum mia__index_tree tree,
                           mia_slice key, struct mia__buf *kept, struct mia__set *set,
                           struct mia_error *err);

/* Adds a node to the sets of its terms, or removes it, but from those of the terms that are kept.
 */
mia_status mia__legacy_change_terms(mia_txn *txn, const struct mia__index *index,
                                    struct mia__index_scratch *scratch, mia_view node,
                                    const struct mia__term *kept, size_t kept_count, bool is_added,
                                    struct mia_error *err);
mia_status mia__legacy_change(mia_txn *txn, const struct mia__index *index,
                              struct mia__index_scratch *scratch, const mia_view *before,
                              const mia_view *after, struct mia_error *err);

#endif
