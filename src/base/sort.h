/*
 * base/sort.h - pairs in any order, given back in the order of tree, key and value
 *
 * Sorted runs of a fixed size go to files, which are merged while they are read: memory does not
 * grow with the data. What fits into memory needs no file. The directory must be the caller's own,
 * with room for all pairs once. For one thread, which has another one sort and write. After a
 * failure only close is left.
 */
#ifndef MIA_BASE_SORT_H
#define MIA_BASE_SORT_H

#include "mia/engine.h"

struct mia__sort;

/* memory: bytes of pairs that are held before they are in a file, and 24 bytes for each. The
 * directory must exist; its files are the caller's to remove. */
mia_status mia__sort_open(const char *directory, size_t memory, struct mia__sort **sort,
                          struct mia_error *err);
/* Key and value may have up to 4 GiB each. */
mia_status mia__sort_add(struct mia__sort *sort, uint32_t tree, mia_slice key, mia_slice value,
                         struct mia_error *err);
/* The next pair, valid until close; after the first call nothing may be added. MIA_NOTFOUND: that
 * was all. */
mia_status mia__sort_next(struct mia__sort *sort, uint32_t *tree, struct mia_pair *pair,
                          struct mia_error *err);
void mia__sort_close(struct mia__sort *sort); /* NULL is fine */

#endif
