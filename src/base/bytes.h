/* base/bytes.h - integers of fixed width at any address; little-endian on disk, big-endian in keys
 */
#ifndef MIA_BASE_BYTES_H
#define MIA_BASE_BYTES_H

#include <endian.h>
#include <stddef.h>
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

/* The n bytes, at most 8, as a number; zeros above. Reads nothing else. */
static inline uint64_t mia__load_short(const void *at, size_t n)
{
    const uint8_t *b = (const uint8_t *)at;
    if (n >= 4) /* both halves may overlap */
        return mia__load_u32le(b) | (uint64_t)mia__load_u32le(b + n - 4) << 8 * (n - 4);
    if (n == 0)
        return 0;
    return b[0] | (uint64_t)b[n / 2] << 8 * (n / 2) | (uint64_t)b[n - 1] << 8 * (n - 1);
}

/* Asks for memory that is read soon: all lines together instead of one after the other. Always
 * inline: to compilers a call of this does nothing and can be left out. */
static inline __attribute__((always_inline)) void mia__prefetch(const void *at, size_t size)
{
    enum { LINE = 64 };
    const char *bytes = (const char *)at;
    for (size_t i = 0; i < size; i += LINE)
        __builtin_prefetch(bytes + i);
    if (size > 0)
        __builtin_prefetch(bytes + size - 1);
}

/* memcpy for what is mostly short: without a call up to 64 bytes. */
static inline void mia__copy(void *to, const void *from, size_t n)
{
    uint8_t *t = (uint8_t *)to;
    const uint8_t *f = (const uint8_t *)from;
    if (n > 64) {
        memcpy(t, f, n);
    } else if (n >= 32) { /* the first and the last ones, which may overlap */
        memcpy(t, f, 32);
        memcpy(t + n - 32, f + n - 32, 32);
    } else if (n >= 16) {
        memcpy(t, f, 16);
        memcpy(t + n - 16, f + n - 16, 16);
    } else if (n >= 8) {
        memcpy(t, f, 8);
        memcpy(t + n - 8, f + n - 8, 8);
    } else {
        for (size_t i = 0; i < n; i++)
            t[i] = f[i];
    }
}

#endif
