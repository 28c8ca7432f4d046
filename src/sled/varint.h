/*
 * sled/varint.h - sled's own variable-length integers, and byte strings measured by them
 *
 * Source: sled 0.34.7, src/serialization.rs. Neither LEB128 nor SQLite's: from 250 on the first
 * byte says how many little-endian bytes follow.
 */
#ifndef MIA_SLED_VARINT_H
#define MIA_SLED_VARINT_H

#include "base/parse.h"

enum { MIA__SLED_VARINT_MOST = 9 };

/* The fault of an item that runs past the end of its payload. */
enum { MIA__SLED_CUT = 1 };

/* Bytes that a number with this first byte takes. */
static inline size_t mia__sled_varint_size(uint8_t first)
{
    return first <= 240 ? 1 : first <= 248 ? 2 : first == 249 ? 3 : first - 246u;
}

/* The number at `at`, all of whose bytes can be read. */
static inline uint64_t mia__sled_varint_load(const uint8_t *at)
{
    if (at[0] <= 240)
        return at[0];
    if (at[0] <= 248)
        return 240 + 256 * (uint64_t)(at[0] - 241) + at[1];
    if (at[0] == 249)
        return 2288 + 256 * (uint64_t)at[1] + at[2];
    uint64_t value = 0;
    for (unsigned i = 1; i < at[0] - 246u; i++)
        value |= (uint64_t)at[i] << 8 * (i - 1);
    return value;
}

static inline uint64_t mia__sled_parse_varint(struct mia__parse *p)
{
    const uint8_t *at =
        mia__parse_take(p, p->at < p->end ? mia__sled_varint_size(*p->at) : 1, MIA__SLED_CUT);
    return at != NULL ? mia__sled_varint_load(at) : 0;
}

static inline uint8_t mia__sled_parse_u8(struct mia__parse *p)
{
    const uint8_t *at = mia__parse_take(p, 1, MIA__SLED_CUT);
    return at != NULL ? *at : 0;
}

/* A varint length and so many bytes, borrowed. */
static inline mia_slice mia__sled_parse_bytes(struct mia__parse *p)
{
    uint64_t size = mia__sled_parse_varint(p);
    const uint8_t *at =
        mia__parse_take(p, size <= SIZE_MAX ? (size_t)size : SIZE_MAX, MIA__SLED_CUT);
    mia_slice bytes = {at, at != NULL ? (size_t)size : 0};
    return bytes;
}

#endif
