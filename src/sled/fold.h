/* sled/fold.h - the pairs of a leaf and the changes that came later: what holds in the end */
#ifndef MIA_SLED_FOLD_H
#define MIA_SLED_FOLD_H

#include "base/memory.h"
#include "mia/engine.h"

struct mia__sled_change {
    struct mia_pair pair;
    size_t order; /* of two changes of one key the one of higher order holds */
    bool is_set;  /* otherwise the key is removed, if it is there */
};

/* changes: an array of struct mia__sled_change, in any order; it is sorted. pairs: ascending,
 * *count of them. *out becomes an array of struct mia_pair, *count of them, which borrows the same
 * bytes. */
mia_status mia__sled_fold(struct mia__buf *changes, const struct mia_pair *pairs, size_t *count,
                          struct mia__buf *out, struct mia_error *err);

#endif
