/* rkyv/read_json.c - archived JSON as a tree, members in the order of their keys */
#include "rkyv/read_json.h"

#include "base/error.h"
#include "base/try.h"
#include "model/json_reader.h"
#include "rkyv/layout.h"

static void *reserve(struct mia__arena *arena, size_t count, size_t size, mia_status *rc,
                     struct mia_error *err)
{
    void *at = mia__arena_alloc(arena, count * size); /* count < 2^32, size small */
    if (at == NULL)
        *rc = mia__fail_nomem(err);
    return at;
}

static mia_status read_array(const uint8_t *at, struct mia__arena *arena, struct mia__json *out,
                             struct mia_error *err)
{
    mia_status rc = MIA_OK;
    struct mia__rkyv_values values = mia__rkyv_values(at);
    struct mia__json *items = reserve(arena, values.count, sizeof *items, &rc, err);
    for (uint32_t i = 0; rc == MIA_OK && i < values.count; i++)
        rc = mia__read_json(values.items + (size_t)i * MIA__ARCHIVE_VALUE, arena, &items[i], err);
    out->count = values.count;
    out->u.items = items;
    return rc;
}

static mia_status read_map(const uint8_t *at, struct mia__arena *arena, struct mia__json *out,
                           struct mia_error *err)
{
    mia_status rc = MIA_OK;
    struct mia__rkyv_map map = mia__rkyv_map(at);
    struct mia__json_member *members = reserve(arena, map.len, sizeof *members, &rc, err);
    uint32_t n = 0;
    for (uint32_t i = 0; rc == MIA_OK && i < map.cap && n < map.len; i += MIA__MAP_WINDOW) {
        uint32_t occupied = mia__rkyv_occupied(&map, i);
        for (; rc == MIA_OK && occupied != 0 && n < map.len; occupied &= occupied - 1) {
            const uint8_t *entry = mia__rkyv_bucket(&map, i + (uint32_t)__builtin_ctz(occupied));
            members[n].key = mia_archived_str(entry);
            rc = mia__read_json(entry + MIA__ARCHIVE_STR, arena, &members[n].value, err);
            n++;
        }
    }
    size_t count = n;
    if (rc == MIA_OK)
        rc = mia__json_order_members(arena, &members, &count, err);
    out->kind = MIA__JSON_OBJECT;
    out->count = (uint32_t)count;
    out->u.members = members;
    return rc;
}

mia_status mia__read_json(const uint8_t *value, struct mia__arena *arena, struct mia__json *out,
                          struct mia_error *err)
{
    const uint8_t *at = value + 1;
    uint64_t bits = mia__load_u64le(at);
    *out = (struct mia__json){.kind = (enum mia__json_kind)value[0]};
    switch (out->kind) {
    case MIA__JSON_NULL:
        break;
    case MIA__JSON_BOOL:
        out->u.boolean = at[0] != 0;
        break;
    case MIA__JSON_REAL:
        memcpy(&out->u.real, &bits, sizeof bits);
        break;
    case MIA__JSON_STRING:
        out->u.string = mia_archived_str(at);
        break;
    case MIA__JSON_ARRAY:
        return read_array(at, arena, out, err);
    case MIA__JSON_OBJECT:
        return read_map(at, arena, out, err);
    case MIA__JSON_INT:
        out->u.integer = (int64_t)bits;
        break;
    case MIA__JSON_UINT:
        out->u.natural = bits;
        break;
    }
    return MIA_OK;
}

bool mia__is_longer_key(mia_str key)
{
    size_t i = 0;
    while (i < key.size && key.data[i] == '\0')
        i++;
    return key.size > 1 && i == key.size;
}

mia_status mia__read_metadata(const uint8_t *map, struct mia__arena *arena, struct mia__json *out,
                              struct mia_error *err)
{
    mia_status rc = read_map(map, arena, out, err);
    if (rc < 0)
        return rc;
    struct mia__json_member *members = (struct mia__json_member *)(uintptr_t)out->u.members;
    if (out->count == 1 && members[0].key.size == 1 && members[0].key.data[0] == '\0') {
        struct mia__json root = members[0].value;
        *out = root;
        return MIA_OK;
    }
    for (uint32_t i = 0; i < out->count; i++)
        if (mia__is_longer_key(members[i].key))
            members[i].key.size--;
    return MIA_OK;
}
