/*
 * vector/exact.h - the k nearest of a stream of vectors, exactly
 *
 * Every vector is looked at where it lies, at any address, and none is copied. The distances do not
 * depend on the order of the stream, nor, with ties told apart, does the answer. One search belongs
 * to one thread; its memory is k hits and a copy of the query.
 */
#ifndef MIA_VECTOR_EXACT_H
#define MIA_VECTOR_EXACT_H

#include "mia/text.h"

#include "vector/hit.h"

struct mia__exact {
    uint64_t seen;    /* vectors that were offered */
    uint64_t skipped; /* of these: without a direction (vector/cosine.h); they are never a hit */
    /* the rest is private */
    mia__tie_fn *tie;
    void *tie_ctx;
    struct mia__hit *heap; /* the farthest on top */
    size_t most, count, room;
    uint8_t *query;
    size_t dimension;
    float square;
};

/* tie may be NULL: equal distances by key. k is any number: room is made as hits come. The query is
 * copied. MIA_ERR_INVALID if it has no direction. End with mia__exact_free, also then. */
mia_status mia__exact_begin(struct mia__exact *exact, mia_floats query, size_t k, mia__tie_fn *tie,
                            void *tie_ctx, struct mia_error *err);
/* Each key once. MIA_ERR_INVALID, and nothing counted: another dimension than the query's. */
mia_status mia__exact_offer(struct mia__exact *exact, uint64_t key, mia_floats vector,
                            struct mia_error *err);
/* The hits, nearest first. They live until mia__exact_free; nothing can be offered any more. */
const struct mia__hit *mia__exact_end(struct mia__exact *exact, size_t *found);
void mia__exact_free(struct mia__exact *exact); /* {0} is fine */

#endif
