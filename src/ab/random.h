/* ab/random.h - numbers that look random and come again with the same seed: splitmix64 */
#ifndef MIA_AB_RANDOM_H
#define MIA_AB_RANDOM_H

#include <stdint.h>

struct mia__ab_random {
    uint64_t state;
};

static inline uint64_t mia__ab_mix(uint64_t x)
{
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

static inline uint64_t mia__ab_next(struct mia__ab_random *r)
{
    return mia__ab_mix(r->state += UINT64_C(0x9e3779b97f4a7c15));
}

/* 0 .. bound - 1; bound must not be 0. Not exactly even: of 2^64 values up to bound - 1 are too
 * many, which no run can tell. */
static inline uint64_t mia__ab_below(struct mia__ab_random *r, uint64_t bound)
{
    return mia__ab_next(r) % bound;
}

/* 0 <= x < 1 */
static inline double mia__ab_unit(struct mia__ab_random *r)
{
    return (double)(mia__ab_next(r) >> 11) / 9007199254740992.0;
}

#endif
