/*
 * base/floats.h - little-endian floats at any address, multiplied where they lie
 *
 * In lanes of four, as every 64-bit machine has: nearer to the exact sum than one loop would come,
 * and not equal to its result.
 */
#ifndef MIA_BASE_FLOATS_H
#define MIA_BASE_FLOATS_H

#include "base/bytes.h"

typedef float mia__lanes __attribute__((vector_size(16)));
enum { MIA__LANES = 4, MIA__LANE_ROWS = 4 };

static inline float mia__load_float(const uint8_t *at)
{
    uint32_t bits = mia__load_u32le(at);
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

static inline mia__lanes mia__load_lanes(const uint8_t *at)
{
    mia__lanes v;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    memcpy(&v, at, sizeof v);
#else
    for (int i = 0; i < MIA__LANES; i++)
        v[i] = mia__load_float(at + 4 * i);
#endif
    return v;
}

static inline float mia__lanes_sum(const mia__lanes rows[MIA__LANE_ROWS])
{
    mia__lanes all = (rows[0] + rows[1]) + (rows[2] + rows[3]);
    return (all[0] + all[1]) + (all[2] + all[3]);
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

static inline float mia__floats_dot(const uint8_t *x, const uint8_t *y, size_t count)
{
    enum { LANES = MIA__LANES, ROWS = MIA__LANE_ROWS };
    size_t i = 0;
    mia__lanes sums[ROWS] = {{0}};
    for (; count - i >= LANES * ROWS; i += LANES * ROWS)
        for (size_t row = 0; row < ROWS; row++) {
            size_t at = 4 * (i + LANES * row);
            sums[row] += mia__load_lanes(x + at) * mia__load_lanes(y + at);
        }
    float sum = mia__lanes_sum(sums);
    for (; i < count; i++)
        sum += mia__load_float(x + 4 * i) * mia__load_float(y + 4 * i);
    return sum;
}

/* The dot product, and in *square that of y with itself: y is read once. */
static inline float mia__floats_dot_square(const uint8_t *x, const uint8_t *y, size_t count,
                                           float *square)
{
    enum { LANES = MIA__LANES, ROWS = MIA__LANE_ROWS };
    size_t i = 0;
    mia__lanes sums[ROWS] = {{0}}, squares[ROWS] = {{0}};
    for (; count - i >= LANES * ROWS; i += LANES * ROWS)
        for (size_t row = 0; row < ROWS; row++) {
            size_t at = 4 * (i + LANES * row);
            mia__lanes b = mia__load_lanes(y + at);
            sums[row] += mia__load_lanes(x + at) * b;
            squares[row] += b * b;
        }
    float sum = mia__lanes_sum(sums), sum_of_squares = mia__lanes_sum(squares);
    for (; i < count; i++) {
        float b = mia__load_float(y + 4 * i);
        sum += mia__load_float(x + 4 * i) * b;
        sum_of_squares += b * b;
    }
    *square = sum_of_squares;
    return sum;
}

#endif
