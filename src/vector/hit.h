/* vector/hit.h - what a search finds, and in which order */
#ifndef MIA_VECTOR_HIT_H
#define MIA_VECTOR_HIT_H

#include <stddef.h>
#include <stdint.h>

struct mia__hit {
    uint64_t key;
    float distance; /* 1 - cosine: 0 is the same direction, 2 the opposite one */
};

/* How hits of equal distance are ordered, as memcmp would say it: by what the keys stand for. It
 * must tell any two keys apart. */
typedef int mia__tie_fn(void *ctx, uint64_t a, uint64_t b);

/* Nearest first; ties by the function, or by number if it is NULL. */
static inline int mia__hit_order(const struct mia__hit *a, const struct mia__hit *b,
                                 mia__tie_fn *tie, void *ctx)
{
    if (a->distance != b->distance)
        return a->distance < b->distance ? -1 : 1;
    return tie != NULL ? tie(ctx, a->key, b->key) : (a->key > b->key) - (a->key < b->key);
}

#endif
