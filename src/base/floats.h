/*
 * base/floats.h - little-endian floats at any address, multiplied where they lie
 *
 * In 16 lanes, as one loop over registers of any width has them: nearer to the exact sum than one
 * sum would come, not equal to its result, and the same on every processor.
 */
#ifndef MIA_BASE_FLOATS_H
#define MIA_BASE_FLOATS_H

#include "base/bytes.h"

static inline float mia__load_float(const uint8_t *at)
{
    uint32_t bits = mia__load_u32le(at);
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

static inline void mia__floats_load(const uint8_t *from, float *to, size_t count)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    if (count > 0)
        memcpy(to, from, count * sizeof *to);
#else
    for (size_t i = 0; i < count; i++)
        to[i] = mia__load_float(from + 4 * i);
#endif
}

/* floats.c */
float mia__floats_dot(const uint8_t *x, const uint8_t *y, size_t count);
/* The dot product, and in *square that of y with itself: y is read once. */
float mia__floats_dot_square(const uint8_t *x, const uint8_t *y, size_t count, float *square);

#endif
