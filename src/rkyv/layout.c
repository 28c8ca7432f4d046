/* rkyv/layout.c - looking up a key: src/collections/swiss_table/table.rs */
#include "rkyv/layout.h"

const uint8_t *mia__rkyv_map_get(const struct mia__rkyv_map *map, mia_str key)
{
    if (map->len == 0)
        return NULL;
    struct mia__map_shape shape = mia__map_shape(map->cap);
    uint64_t hash = mia__hash_text(key.data, key.size);
    uint64_t bucket = mia__rkyv_map_find(map, &shape, key, hash, hash % map->cap, shape.cap);
    return bucket < shape.cap ? mia__rkyv_bucket(map, bucket) + MIA__ARCHIVE_STR : NULL;
}
