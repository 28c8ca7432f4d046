/* sled/fold.c - a merge of two sorted lists: its time does not depend on where the changes fall */
#include "sled/fold.h"

#include "base/try.h"

#include <stdlib.h>

static int by_key(const void *a, const void *b)
{
    const struct mia__sled_change *first = a, *second = b;
    int order = mia_slice_compare(first->pair.key, second->pair.key);
    return order != 0 ? order : (first->order > second->order) - (first->order < second->order);
}

/* Of each key the last change. */
static size_t keep_last(struct mia__sled_change *changes, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (i + 1 == count || !mia_slice_equal(changes[i].pair.key, changes[i + 1].pair.key))
            changes[kept++] = changes[i];
    return kept;
}

mia_status mia__sled_fold(struct mia__buf *changes, const struct mia_pair *pairs, size_t *count,
                          struct mia__buf *out, struct mia_error *err)
{
    mia_status rc;
    struct mia__sled_change *change = (struct mia__sled_change *)(void *)changes->data;
    size_t most = changes->size / sizeof *change, merged = 0, i = 0;
    qsort(change, most, sizeof *change, by_key);
    most = keep_last(change, most);
    TRY(mia__buf_reserve(out, (*count + most) * sizeof *pairs, err));
    struct mia_pair *to = (struct mia_pair *)(void *)out->data;
    for (size_t c = 0; c < most; c++) {
        int order = -1;
        while (i < *count && (order = mia_slice_compare(pairs[i].key, change[c].pair.key)) < 0)
            to[merged++] = pairs[i++];
        i += i < *count && order == 0;
        if (change[c].is_set)
            to[merged++] = change[c].pair;
    }
    while (i < *count)
        to[merged++] = pairs[i++];
    *count = merged;
done:
    return rc;
}
