/*
 * base/sort_places.h - pairs in memory, and the order of many
 *
 * A pair lies in memory, as in a file: u32 tree, u32 size of the key, u32 size of the value, key,
 * value.
 */
#ifndef MIA_BASE_SORT_PLACES_H
#define MIA_BASE_SORT_PLACES_H

#include "base/bytes.h"
#include "mia/engine.h"

enum { MIA__SORT_HEADER = 12 };

/* Where a pair lies, with what tells it from others where the order has come to: the pair itself is
 * far away. */
struct mia__sort_place {
    const uint8_t *at;
    uint64_t front; /* eight bytes of key or value, as a number; zeros where there are fewer */
    uint32_t front_size;
    uint32_t tree;
};

static inline uint32_t mia__sort_tree(const uint8_t *at)
{
    return mia__load_u32le(at);
}

static inline struct mia_pair mia__sort_pair(const uint8_t *at)
{
    uint32_t key_size = mia__load_u32le(at + 4), value_size = mia__load_u32le(at + 8);
    const uint8_t *key = at + MIA__SORT_HEADER;
    return (struct mia_pair){{key, key_size}, {key + key_size, value_size}};
}

static inline const uint8_t *mia__sort_behind(const uint8_t *at)
{
    struct mia_pair pair = mia__sort_pair(at);
    return (const uint8_t *)pair.value.data + pair.value.size;
}

static inline void mia__sort_write(uint8_t *to, uint32_t tree, mia_slice key, mia_slice value)
{
    mia__store_u32le(to, tree);
    mia__store_u32le(to + 4, (uint32_t)key.size);
    mia__store_u32le(to + 8, (uint32_t)value.size);
    to += MIA__SORT_HEADER;
    mia__copy(to, key.data, key.size);
    mia__copy(to + key.size, value.data, value.size);
}

/* By tree, key and value. */
int mia__sort_compare(const uint8_t *a, const uint8_t *b);

/* Only `at` must be set; the rest is changed. attempts: how often parts of which one is nearly all
 * may follow each other, before the library's sort does the rest: no order of pairs takes long. */
enum { MIA__SORT_ATTEMPTS = 64 };
void mia__sort_places(struct mia__sort_place *places, size_t count, unsigned attempts);

#endif
