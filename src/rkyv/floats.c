/* rkyv/floats.c - floats at any address: four at a time, as every 64-bit machine can */
#include "mia/model.h"

#include "base/bytes.h"

typedef float lanes __attribute__((vector_size(16)));
enum { LANES = 4, ROWS = 4 };

static inline float load(const uint8_t *at)
{
    uint32_t bits = mia__load_u32le(at);
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

static inline lanes load_lanes(const uint8_t *at)
{
    lanes v;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    memcpy(&v, at, sizeof v);
#else
    for (int i = 0; i < LANES; i++)
        v[i] = load(at + 4 * i);
#endif
    return v;
}

void mia_floats_copy(mia_floats floats, float *to)
{
    const uint8_t *from = floats.data;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    if (floats.count > 0)
        memcpy(to, from, floats.count * sizeof *to);
#else
    for (size_t i = 0; i < floats.count; i++)
        to[i] = load(from + 4 * i);
#endif
}

float mia_floats_dot(mia_floats a, mia_floats b)
{
    size_t count = a.count < b.count ? a.count : b.count, i = 0;
    const uint8_t *x = a.data, *y = b.data;
    lanes sums[ROWS] = {{0}};
    for (; count - i >= LANES * ROWS; i += LANES * ROWS)
        for (size_t row = 0; row < ROWS; row++) {
            size_t at = 4 * (i + LANES * row);
            sums[row] += load_lanes(x + at) * load_lanes(y + at);
        }
    lanes all = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    float sum = (all[0] + all[1]) + (all[2] + all[3]);
    for (; i < count; i++)
        sum += load(x + 4 * i) * load(y + 4 * i);
    return sum;
}
