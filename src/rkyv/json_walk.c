/* rkyv/json_walk.c - JSON values in archives, read where they lie */
#include "mia/json.h"
#include "rkyv/layout.h"
#include "rkyv/read_json.h"

mia_json mia_archived_only_member(const void *at)
{
    const uint8_t *wrapped = mia__rkyv_map_get(at, MIA_STR("\0"));
    return wrapped != NULL ? mia_archived_json(wrapped) : (mia_json){at, MIA_JSON_OBJECT, true};
}

double mia_json_real(mia_json value)
{
    double real = 0;
    uint64_t bits;
    if (mia_json_is(value, MIA_JSON_INT))
        return (double)mia_json_int(value);
    if (mia_json_is(value, MIA_JSON_UINT))
        return (double)mia_json_uint(value);
    if (mia_json_is(value, MIA_JSON_REAL)) {
        bits = mia_archived_u64(value.content);
        memcpy(&real, &bits, sizeof real);
    }
    return real;
}

size_t mia_json_count(mia_json value)
{
    bool is_container = mia_json_is(value, MIA_JSON_ARRAY) || mia_json_is(value, MIA_JSON_OBJECT);
    return is_container ? mia__load_u32le((const uint8_t *)value.content + 4) : 0;
}

mia_json mia_json_item(mia_json array, size_t i)
{
    if (!mia_json_is(array, MIA_JSON_ARRAY) || i >= mia_json_count(array))
        return (mia_json){0};
    return mia_archived_json(mia__rkyv_values(array.content).items + i * MIA__ARCHIVE_VALUE);
}

static const uint8_t *get_longer(const uint8_t *at, mia_str key)
{
    char longer[256] = {0};
    if (key.size < sizeof longer)
        return mia__rkyv_map_get(at, (mia_str){longer, key.size + 1});
    struct mia__rkyv_map map = mia__rkyv_map(at);
    for (uint32_t i = 0; i < map.cap; i++) { /* a key of hundreds of NULs, then */
        if (!mia__rkyv_is_occupied(&map, i))
            continue;
        const uint8_t *entry = mia__rkyv_bucket(&map, i);
        mia_str found = mia_archived_str(entry);
        if (found.size == key.size + 1 && mia__is_longer_key(found))
            return entry + MIA__ARCHIVE_STR;
    }
    return NULL;
}

static bool is_nuls(mia_str key)
{
    size_t i = 0;
    while (i < key.size && key.data[i] == '\0')
        i++;
    return key.size > 0 && i == key.size;
}

bool mia_json_seek(mia_json object, mia_str key, uint64_t hash, mia_json *member)
{
    *member = (mia_json){0};
    if (!mia_json_is(object, MIA_JSON_OBJECT))
        return false;
    struct mia__rkyv_map map = mia__rkyv_map(object.content);
    const uint8_t *value = object.is_root && is_nuls(key) ? get_longer(object.content, key)
                           : map.len > 0                  ? mia__rkyv_map_seek(&map, key, hash)
                                                          : NULL;
    if (value != NULL)
        *member = mia_archived_json(value);
    return value != NULL;
}

struct mia_json_members mia_json_members(mia_json object)
{
    return (struct mia_json_members){.object = object};
}

bool mia_json_next(struct mia_json_members *m)
{
    if (mia_json_count(m->object) == 0 || !mia_json_is(m->object, MIA_JSON_OBJECT))
        return false;
    struct mia__rkyv_map map = mia__rkyv_map(m->object.content);
    while (m->bucket < map.cap && !mia__rkyv_is_occupied(&map, m->bucket))
        m->bucket++;
    if (m->bucket >= map.cap)
        return false;
    const uint8_t *entry = mia__rkyv_bucket(&map, m->bucket++);
    m->key = mia_archived_str(entry);
    if (m->object.is_root && mia__is_longer_key(m->key))
        m->key.size--;
    m->value = mia_archived_json(entry + MIA__ARCHIVE_STR);
    return true;
}
