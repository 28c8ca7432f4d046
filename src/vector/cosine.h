/*
 * vector/cosine.h - cosine distance, and which vectors have one
 *
 * A vector counts if single precision can tell its length: a squared length that is zero,
 * subnormal, infinite or not a number has no direction to compare. So vectors of zeros, vectors
 * with a NaN or an infinity in them, and such as are smaller than 1e-19 or larger than 1e19 have
 * none.
 */
#ifndef MIA_VECTOR_COSINE_H
#define MIA_VECTOR_COSINE_H

#include "mia/text.h"

#include "base/floats.h"

#include <math.h>

/* The square of a vector's length. */
static inline float mia__square(mia_floats v)
{
    return mia__floats_dot(v.data, v.data, v.count);
}

static inline bool mia__has_direction(float square)
{
    return isnormal(square);
}

/* Rounding takes the distance of equal directions below 0: there is nothing nearer than near. */
static inline float mia__not_below_zero(float distance)
{
    return distance > 0 ? distance : 0;
}

/* 1 - cosine, from the dot product and the squares of both lengths. */
static inline float mia__cosine_distance(float dot, float square_a, float square_b)
{
    return mia__not_below_zero(1 - dot / (sqrtf(square_a) * sqrtf(square_b)));
}

#endif
