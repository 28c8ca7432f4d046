/*
 * rkyv/layout.h - archived maps and lists of values where they lie; texts: see mia/archived.h
 *
 * Source: rkyv 0.8.18 with little_endian, unaligned, pointer_width_32. Everything here trusts the
 * archive: rkyv/check.h has looked at it before.
 */
#ifndef MIA_RKYV_LAYOUT_H
#define MIA_RKYV_LAYOUT_H

#include "base/bytes.h"
#include "mia/archived.h"
#include "rkyv/hash.h"

enum {
    MIA__STR_INLINE = 8,          /* the longest text inside its head */
    MIA__STR_MAX = (1 << 30) - 1, /* bytes of one text */
    MIA__ARCHIVE_STR = 8,         /* sizes of the fixed parts */
    MIA__ARCHIVE_VEC = 8,
    MIA__ARCHIVE_MAP = 12,
    MIA__ARCHIVE_VALUE = 13
};

/* A list of values. */
struct mia__rkyv_values {
    const uint8_t *items;
    uint32_t count;
};

static inline struct mia__rkyv_values mia__rkyv_values(const uint8_t *at)
{
    return (struct mia__rkyv_values){mia_archived_target(at, 0), mia__load_u32le(at + 4)};
}

struct mia__rkyv_map {
    const uint8_t *control; /* byte 0; buckets lie in front of it */
    uint32_t len, cap;
};

static inline struct mia__rkyv_map mia__rkyv_map(const uint8_t *at)
{
    return (struct mia__rkyv_map){mia_archived_target(at, 0), mia__load_u32le(at + 4),
                                  mia__load_u32le(at + 8)};
}

/* The key's head of a bucket; the value lies behind it. */
static inline const uint8_t *mia__rkyv_bucket(const struct mia__rkyv_map *map, size_t bucket)
{
    return map->control - (bucket + 1) * MIA__MAP_ENTRY;
}

static inline bool mia__rkyv_is_occupied(const struct mia__rkyv_map *map, size_t bucket)
{
    return (map->control[bucket] & 0x80) == 0;
}

/* A bit for each of the 16 buckets from first on, a multiple of 16, that has an entry. */
static inline uint32_t mia__rkyv_occupied(const struct mia__rkyv_map *map, uint32_t first)
{
    return mia__window_occupied(map->control + first, map->cap - first);
}

/* The value of a key with this hash, NULL if there is none. Constant time unless keys collide on
 * purpose. */
const uint8_t *mia__rkyv_map_seek(const struct mia__rkyv_map *map, mia_str key, uint64_t hash);

static inline bool mia__rkyv_str_equal(const uint8_t *head, mia_str text)
{
    mia_str found = mia_archived_str(head);
    return found.size == text.size && memcmp(found.data, text.data, text.size) == 0;
}

/* The value of a key of the map at `at`, NULL if there is none. The hash of a literal is known to
 * the compiler. */
static inline const uint8_t *mia__rkyv_map_get(const uint8_t *at, mia_str key)
{
    struct mia__rkyv_map map = mia__rkyv_map(at);
    uint64_t hash = mia_archived_hash(key.data, key.size);
    const uint8_t *value = map.len > 0 ? mia_archived_map_near(at, key, hash) : NULL;
    bool is_all = map.len == 0 || map.cap <= MIA__MAP_WINDOW;
    return value != NULL || is_all ? value : mia__rkyv_map_seek(&map, key, hash);
}

#endif
