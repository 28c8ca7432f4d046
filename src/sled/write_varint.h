/* sled/write_varint.h - sled's own varint (sled 0.34.7, src/serialization.rs), the shortest form */
#ifndef MIA_SLED_WRITE_VARINT_H
#define MIA_SLED_WRITE_VARINT_H

#include "base/bytes.h"
#include "base/memory.h"

enum { MIA__SLED_VARINT = 9 /* bytes, at most */ };

/* Writes up to MIA__SLED_VARINT bytes to `to`; returns how many. */
static inline size_t mia__sled_put_varint(uint8_t *to, uint64_t n)
{
    if (n <= 240) {
        to[0] = (uint8_t)n;
        return 1;
    }
    if (n <= 2287) {
        to[0] = (uint8_t)(241 + (n - 240) / 256);
        to[1] = (uint8_t)((n - 240) % 256);
        return 2;
    }
    if (n <= 67823) {
        to[0] = 249;
        to[1] = (uint8_t)((n - 2288) / 256);
        to[2] = (uint8_t)((n - 2288) % 256);
        return 3;
    }
    uint8_t bytes[8];
    size_t size = 8;
    mia__store_u64le(bytes, n);
    while (bytes[size - 1] == 0)
        size--;
    to[0] = (uint8_t)(247 + size);
    memcpy(to + 1, bytes, size);
    return 1 + size;
}

static inline mia_status mia__sled_append_varint(struct mia__buf *to, uint64_t n,
                                                 struct mia_error *err)
{
    uint8_t bytes[MIA__SLED_VARINT];
    return mia__buf_append(to, bytes, mia__sled_put_varint(bytes, n), err);
}

/* A varint length and the bytes. */
static inline mia_status mia__sled_append_bytes(struct mia__buf *to, mia_slice bytes,
                                                struct mia_error *err)
{
    mia_status rc = mia__sled_append_varint(to, bytes.size, err);
    return rc < 0 ? rc : mia__buf_append(to, bytes.data, bytes.size, err);
}

#endif
