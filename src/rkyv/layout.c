/* rkyv/layout.c - looking up a key: src/collections/swiss_table/table.rs */
#include "rkyv/layout.h"

const uint8_t *mia__rkyv_map_seek(const struct mia__rkyv_map *map, mia_str key, uint64_t hash)
{
    struct mia__map_shape shape = mia__map_shape(map->cap);
    struct mia__probe probe = mia__probe_begin(&shape, hash);
    do {
        const uint8_t *window = map->control + probe.pos;
        uint32_t equal = mia_archived_window(window, mia__hash_tag(hash));
        for (; equal != 0; equal &= equal - 1) {
            uint64_t bucket = (probe.pos + (uint64_t)__builtin_ctz(equal)) % shape.cap;
            if (mia__rkyv_str_equal(mia__rkyv_bucket(map, bucket), key))
                return mia__rkyv_bucket(map, bucket) + MIA__ARCHIVE_STR;
        }
        if (mia__window_empty(window) != 0)
            break;
    } while (mia__probe_next(&shape, &probe));
    return NULL;
}
