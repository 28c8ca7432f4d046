/* rkyv/layout.c - looking up a key: src/collections/swiss_table/table.rs */
#include "rkyv/layout.h"

const uint8_t *mia__rkyv_map_get(const struct mia__rkyv_map *map, mia_str key)
{
    if (map->len == 0)
        return NULL;
    struct mia__map_shape shape = mia__map_shape(map->cap);
    uint64_t hash = mia__hash_text(key.data, key.size);
    struct mia__probe probe = mia__probe_begin(&shape, hash);
    bool has_empty = false;
    do {
        const uint8_t *window = map->control + probe.pos;
        for (size_t b = 0; b < MIA__MAP_WINDOW; b++) {
            has_empty |= (window[b] & 0x80) != 0;
            if (window[b] != mia__hash_tag(hash))
                continue;
            const uint8_t *entry = mia__rkyv_bucket(map, (probe.pos + b) % shape.cap);
            mia_str found = mia__rkyv_str(entry);
            if (found.size == key.size && memcmp(found.data, key.data, key.size) == 0)
                return entry + MIA__ARCHIVE_STR;
        }
    } while (!has_empty && mia__probe_next(&shape, &probe));
    return NULL;
}
