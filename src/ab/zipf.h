/*
 * ab/zipf.h - ranks by Zipf's law, without a table
 *
 * Source: W. Hörmann, G. Derflinger, "Rejection-inversion to generate variates from monotone
 * discrete distributions", 1996. Rank k of 0 .. count - 1 comes with a probability proportional to
 * (k + 1)^-exponent; the expected number of tries is below 1.2.
 */
#ifndef MIA_AB_ZIPF_H
#define MIA_AB_ZIPF_H

#include "ab/random.h"

struct mia__ab_zipf {
    double exponent; /* 0: all ranks alike */
    double count;
    double at_one, at_end, skip; /* of the integral */
};

/* count at least 1; exponent 0 .. 4. */
struct mia__ab_zipf mia__ab_zipf(uint64_t count, double exponent);
uint64_t mia__ab_zipf_next(const struct mia__ab_zipf *z, struct mia__ab_random *random);

#endif
