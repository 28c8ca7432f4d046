/* base/sort_run.h - pairs of one run: in order, in a file, read through a map */
#ifndef MIA_BASE_SORT_RUN_H
#define MIA_BASE_SORT_RUN_H

#include "base/file.h"
#include "base/memory.h"
#include "base/sort_places.h"

/* In any order, one behind the other. */
struct mia__sort_pairs {
    struct mia__buf bytes;
    size_t count;
};

/* Where they lie, in order; mia__free. NULL: out of memory. */
struct mia__sort_place *mia__sort_order(const struct mia__sort_pairs *pairs);
/* A new file of them, in order, and its map. Touches nothing else: for any thread. */
mia_status mia__sort_run_make(const struct mia__sort_pairs *pairs, const char *path,
                              struct mia__map *map, struct mia_error *err);

#endif
