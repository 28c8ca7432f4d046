/* base/bytes.h - integers of fixed width at any address; little-endian on disk, big-endian in keys
 */
#ifndef MIA_BASE_BYTES_H
#define MIA_BASE_BYTES_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

/* Through memcpy, which compilers turn into one instruction; bytes put together by shifts they do
 * not always. */
static inline uint16_t mia__load_u16le(const void *at)
{
    uint16_t v;
    memcpy(&v, at, sizeof v);
    return le16toh(v);
}

static inline uint32_t mia__load_u32le(const void *at)
{
    uint32_t v;
    memcpy(&v, at, sizeof v);
    return le32toh(v);
}

static inline uint64_t mia__load_u64le(const void *at)
{
    uint64_t v;
    memcpy(&v, at, sizeof v);
    return le64toh(v);
}

static inline void mia__store_u32le(void *at, uint32_t v)
{
    v = htole32(v);
    memcpy(at, &v, sizeof v);
}

static inline void mia__store_u64le(void *at, uint64_t v)
{
    v = htole64(v);
    memcpy(at, &v, sizeof v);
}

static inline uint64_t mia__load_u64be(const void *at)
{
    uint64_t v;
    memcpy(&v, at, sizeof v);
    return be64toh(v);
}

static inline void mia__store_u64be(void *at, uint64_t v)
{
    v = htobe64(v);
    memcpy(at, &v, sizeof v);
}

#endif
