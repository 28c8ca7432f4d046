/*
 * index/bulk.h - the whole index of a database at once
 *
 * Entries that are put one by one, in the order of the records, land anywhere in their trees: pages
 * end up half full, and every put is a search. Here they are sorted first, in files beyond what
 * memory holds, and appended. Multi-value layout only.
 */
#ifndef MIA_INDEX_BULK_H
#define MIA_INDEX_BULK_H

#include "index/index.h"

struct mia__bulk;

/* directory: the caller's own, for the files of the sort, which are the caller's to remove. memory:
 * as in base/sort.h. One thread. */
mia_status mia__bulk_open(const char *directory, size_t memory, struct mia__bulk **bulk,
                          struct mia_error *err);
/* The entries of a record that is under its id; each record once. The view is not kept. */
mia_status mia__bulk_add(struct mia__bulk *bulk, mia_view record, struct mia_error *err);

struct mia__bulk_batch {
    uint64_t bytes; /* of entries in one transaction, about */
    /* After each transaction; false: stop. NULL: nobody asks. */
    mia__index_tick tick;
    void *tick_ctx;
};
/* Appends what was added to the trees of an index, which must be empty and never have had a vector;
 * *entries: how many. Nothing can be added afterwards. Several transactions: after a failure some
 * of the entries are there. MIA_ERR_CANCELLED. */
mia_status mia__bulk_write(struct mia__bulk *bulk, mia_db *db, const struct mia__index *index,
                           const struct mia__bulk_batch *batch, uint64_t *entries,
                           struct mia_error *err);
void mia__bulk_close(struct mia__bulk *bulk); /* NULL is fine */

#endif
