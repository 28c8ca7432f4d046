/*
 * model/json_power.h - powers of ten, rounded down to 128 bits
 *
 * Numbers are read and written by one multiplication with one of them. A table, because none of
 * them can be computed from another without errors that would have to be proven harmless.
 */
#ifndef MIA_MODEL_JSON_POWER_H
#define MIA_MODEL_JSON_POWER_H

#include <stdint.h>

enum {
    MIA__POWER_FIRST = -342, /* below it, 19 digits are no double any more */
    MIA__POWER_LAST = 324,   /* what the smallest double is multiplied with */
    MIA__POWER_EXACT = 55    /* the powers from 0 to this one are exact */
};

/* 10^n = (high * 2^64 + low + less than one) * 2^(mia__power_binary(n) - 127); high has its upper
 * bit set. */
struct mia__power {
    uint64_t high, low;
};

/* By n - MIA__POWER_FIRST. */
extern const struct mia__power mia__powers[MIA__POWER_LAST - MIA__POWER_FIRST + 1];

/* floor(log2(10^n)), for all n of the table: log2(10) in 16 bits. */
static inline int mia__power_binary(int n)
{
    return n * 217706 >> 16;
}

#endif
