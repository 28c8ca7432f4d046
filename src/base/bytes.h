/* base/bytes.h - integers of fixed width at any address; little-endian on disk, big-endian in keys
 */
#ifndef MIA_BASE_BYTES_H
#define MIA_BASE_BYTES_H

#include <stdint.h>
#include <string.h>

static inline uint16_t mia__load_u16le(const void *at)
{
    const uint8_t *b = at;
    return (uint16_t)(b[0] | (uint16_t)(b[1] << 8));
}

static inline uint32_t mia__load_u32le(const void *at)
{
    const uint8_t *b = at;
    return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static inline uint64_t mia__load_u64le(const void *at)
{
    const uint8_t *b = at;
    return mia__load_u32le(b) | (uint64_t)mia__load_u32le(b + 4) << 32;
}

static inline void mia__store_u32le(void *at, uint32_t v)
{
    uint8_t *b = at;
    for (int i = 0; i < 4; i++)
        b[i] = (uint8_t)(v >> 8 * i);
}

static inline void mia__store_u64le(void *at, uint64_t v)
{
    uint8_t *b = at;
    for (int i = 0; i < 8; i++)
        b[i] = (uint8_t)(v >> 8 * i);
}

static inline uint64_t mia__load_u64be(const void *at)
{
    const uint8_t *b = at;
    uint64_t v = 0;
    for (int i = 0; i < 8; i++)
        v = v << 8 | b[i];
    return v;
}

static inline void mia__store_u64be(void *at, uint64_t v)
{
    uint8_t *b = at;
    for (int i = 0; i < 8; i++)
        b[i] = (uint8_t)(v >> (56 - 8 * i));
}

#endif
