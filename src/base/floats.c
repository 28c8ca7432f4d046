/*
 * base/floats.c - sums of products, for each width of registers
 *
 * Each loop is written once and compiled twice where processors may have wider registers than the
 * build can count on. Products and sums stay apart (no fused operation), so both give the same
 * bits.
 */
#include "base/floats.h"

#define INLINE static inline __attribute__((always_inline))

#if defined(__x86_64__)
#define HAS_WIDE 1
#define WIDE __attribute__((target("avx2")))
#endif

enum { LANES = 8, ROWS = 2, BLOCK = LANES * ROWS };

typedef float lanes __attribute__((vector_size(4 * LANES), aligned(4)));

INLINE void load(const uint8_t *at, lanes *to)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    memcpy(to, at, sizeof *to);
#else
    for (int i = 0; i < LANES; i++)
        (*to)[i] = mia__load_float(at + 4 * i);
#endif
}

/* sums += x * y */
INLINE void add_products(const lanes *x, const lanes *y, lanes *sums)
{
    *sums += *x * *y;
}

/* Halves first: as registers of four lanes would be added up. */
INLINE float sum_up(const lanes rows[ROWS])
{
    float all[LANES / 2];
    for (int i = 0; i < LANES / 2; i++)
        all[i] = (rows[0][i] + rows[0][i + LANES / 2]) + (rows[1][i] + rows[1][i + LANES / 2]);
    return (all[0] + all[1]) + (all[2] + all[3]);
}

INLINE float dot(const uint8_t *x, const uint8_t *y, size_t count)
{
    size_t i = 0;
    lanes sums[ROWS] = {{0}};
    for (; count - i >= BLOCK; i += BLOCK)
        for (size_t row = 0; row < ROWS; row++) {
            lanes a, b;
            load(x + 4 * (i + LANES * row), &a);
            load(y + 4 * (i + LANES * row), &b);
            add_products(&a, &b, &sums[row]);
        }
    float sum = sum_up(sums);
    for (; i < count; i++)
        sum += mia__load_float(x + 4 * i) * mia__load_float(y + 4 * i);
    return sum;
}

INLINE float dot_square(const uint8_t *x, const uint8_t *y, size_t count, float *square)
{
    size_t i = 0;
    lanes sums[ROWS] = {{0}}, squares[ROWS] = {{0}};
    for (; count - i >= BLOCK; i += BLOCK)
        for (size_t row = 0; row < ROWS; row++) {
            lanes a, b;
            load(x + 4 * (i + LANES * row), &a);
            load(y + 4 * (i + LANES * row), &b);
            add_products(&a, &b, &sums[row]);
            add_products(&b, &b, &squares[row]);
        }
    float sum = sum_up(sums), sum_of_squares = sum_up(squares);
    for (; i < count; i++) {
        float b = mia__load_float(y + 4 * i);
        sum += mia__load_float(x + 4 * i) * b;
        sum_of_squares += b * b;
    }
    *square = sum_of_squares;
    return sum;
}

#ifdef HAS_WIDE
WIDE static float dot_wide(const uint8_t *x, const uint8_t *y, size_t count)
{
    return dot(x, y, count);
}

WIDE static float dot_square_wide(const uint8_t *x, const uint8_t *y, size_t count, float *square)
{
    return dot_square(x, y, count, square);
}
#endif

float mia__floats_dot(const uint8_t *x, const uint8_t *y, size_t count)
{
#ifdef HAS_WIDE
    if (__builtin_cpu_supports("avx2"))
        return dot_wide(x, y, count);
#endif
    return dot(x, y, count);
}

float mia__floats_dot_square(const uint8_t *x, const uint8_t *y, size_t count, float *square)
{
#ifdef HAS_WIDE
    if (__builtin_cpu_supports("avx2"))
        return dot_square_wide(x, y, count, square);
#endif
    return dot_square(x, y, count, square);
}
