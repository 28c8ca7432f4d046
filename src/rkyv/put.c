/* rkyv/put.c - texts, arrays and maps: src/string/repr.rs, src/vec.rs, swiss_table/table.rs */
#include "rkyv/put.h"

#include "base/error.h"
#include "rkyv/hash.h"

#include <assert.h>

enum { EMPTY_MAP_OFFSET = 1 };

static bool is_ok(const struct mia__put *p)
{
    return p->status == MIA_OK;
}

static void fail_too_large(struct mia__put *p)
{
    p->status = mia__fail(p->err, MIA_ERR_TOO_LONG,
                          "its archive would be larger than 2 GiB, which is rkyv's limit");
}

uint8_t *mia__put_grow(struct mia__put *p, size_t size)
{
    size_t at = p->to->size, most = p->begin + INT32_MAX;
    if (is_ok(p) && size > most - at)
        fail_too_large(p);
    if (is_ok(p))
        p->status = mia__buf_reserve(p->to, at + size, p->err);
    p->limit = !is_ok(p) ? 0 : p->to->capacity < most ? p->to->capacity : most;
    if (!is_ok(p))
        return NULL;
    p->to->size = at + size;
    return p->to->data + at;
}

static void *reserve(struct mia__put *p, size_t count, size_t size)
{
    void *at = is_ok(p) ? mia__arena_alloc(p->arena, count * size) : NULL;
    if (at == NULL && is_ok(p))
        p->status = mia__fail_nomem(p->err);
    if (at == NULL)
        p->limit = 0;
    return at;
}

size_t mia__put_huge_text(struct mia__put *p, mia_str text)
{
    if (is_ok(p))
        p->status = mia__fail(p->err, MIA_ERR_TOO_LONG,
                              "a text of %zu bytes is longer than 2^30 - 1, which is rkyv's limit",
                              text.size);
    p->limit = 0;
    return p->to->size;
}

void mia__fix_map(uint8_t at[MIA__ARCHIVE_MAP], size_t pos, uint32_t len, size_t target)
{
    if (len == 0)
        mia__store_u32le(at, EMPTY_MAP_OFFSET);
    else
        mia__fix_offset(at, pos, target);
    mia__store_u32le(at + 4, len);
    mia__store_u32le(at + 8, (uint32_t)mia__map_cap(len));
}

static size_t put_array(struct mia__put *p, const struct mia__json *array)
{
    size_t *targets = reserve(p, array->count, sizeof *targets);
    for (size_t i = 0; i < array->count && is_ok(p); i++)
        targets[i] = mia__put_json(p, &array->u.items[i]);
    size_t pos = p->to->size;
    size_t size = (size_t)array->count * MIA__ARCHIVE_VALUE;
    uint8_t *at = size > 0 ? mia__put_extend(p, size) : NULL;
    for (size_t i = 0; i < array->count && at != NULL; i++)
        mia__fix_json(at + i * MIA__ARCHIVE_VALUE, pos + i * MIA__ARCHIVE_VALUE, &array->u.items[i],
                      targets[i]);
    return pos;
}

struct bucket { /* undefined where the control byte says that it is empty */
    const struct mia__json_member *member;
    size_t key_at, value_at;
};

/* A map while it is written. */
struct filling {
    struct mia__map_shape shape;
    struct bucket *buckets;
    uint8_t *control;
};

/* The first free bucket on the key's way, which begins at home. There is one: there is more room
 * than entries. */
static uint64_t choose_bucket(const struct filling *f, uint64_t home)
{
    struct mia__probe probe = {.pos = home, .left = f->shape.probe_cap / MIA__MAP_WINDOW};
    uint32_t empty;
    do
        empty = mia__window_empty(f->control + probe.pos);
    while (empty == 0 && mia__probe_next(&f->shape, &probe));
    assert(empty != 0);
    uint64_t bucket = probe.pos + (uint64_t)__builtin_ctz(empty);
    return bucket < f->shape.cap ? bucket : bucket - f->shape.cap;
}

/* Members come in the order of their keys, which makes the bytes of a map the same every time. */
static void place_members(struct filling *f, const struct mia__json_member *members, size_t count)
{
    const struct mia__map_shape *s = &f->shape;
    uint64_t inverse = UINT64_MAX / s->cap, copies = mia__map_copies(s);
    memset(f->control, MIA__MAP_EMPTY, s->control);
    for (size_t i = 0; i < count; i++) {
        uint64_t hash = mia_archived_hash(members[i].key.data, members[i].key.size);
        uint64_t at = choose_bucket(f, mia__map_home(hash, s->cap, inverse));
        f->control[at] = mia__hash_tag(hash);
        if (at < copies)
            f->control[s->cap + at] = f->control[at];
        f->buckets[at].member = &members[i];
    }
}

static bool is_occupied(const struct filling *f, uint64_t bucket)
{
    return (f->control[bucket] & 0x80) == 0;
}

static void put_contents(struct mia__put *p, const struct filling *f)
{
    for (uint64_t i = 0; i < f->shape.cap; i++) {
        struct bucket *b = &f->buckets[i];
        if (!is_occupied(f, i))
            continue;
        b->key_at = mia__put_text(p, b->member->key);
        b->value_at = mia__put_json(p, &b->member->value);
    }
}

static void append_buckets(struct mia__put *p, const struct filling *f)
{
    size_t pos = p->to->size, size = f->shape.cap * MIA__MAP_ENTRY;
    uint8_t *at = mia__put_extend(p, size);
    if (at == NULL)
        return;
    memset(at, 0, size);
    for (uint64_t i = f->shape.cap; i-- > 0; at += MIA__MAP_ENTRY, pos += MIA__MAP_ENTRY) {
        const struct bucket *b = &f->buckets[i];
        if (!is_occupied(f, i))
            continue;
        mia__fix_str(at, pos, b->member->key, b->key_at);
        mia__fix_json(at + MIA__ARCHIVE_STR, pos + MIA__ARCHIVE_STR, &b->member->value,
                      b->value_at);
    }
}

static size_t put_map(struct mia__put *p, const struct mia__json_member *members, size_t count)
{
    if (count == 0)
        return p->to->size;
    struct filling f = {.shape = mia__map_shape(mia__map_cap(count))};
    size_t buckets_size = f.shape.cap * sizeof *f.buckets;
    void *room = reserve(p, 1, buckets_size + f.shape.control);
    if (room == NULL)
        return 0;
    f.buckets = room;
    f.control = (uint8_t *)room + buckets_size;
    place_members(&f, members, count);
    put_contents(p, &f);
    append_buckets(p, &f);
    size_t target = p->to->size;
    mia__put_bytes(p, f.control, f.shape.control);
    return target;
}

size_t mia__put_json(struct mia__put *p, const struct mia__json *value)
{
    switch (value->kind) {
    case MIA__JSON_STRING:
        return mia__put_text(p, value->u.string);
    case MIA__JSON_ARRAY:
        return put_array(p, value);
    case MIA__JSON_OBJECT:
        return put_map(p, value->u.members, value->count);
    case MIA__JSON_NULL:
    case MIA__JSON_BOOL:
    case MIA__JSON_REAL:
    case MIA__JSON_INT:
    case MIA__JSON_UINT:
        break;
    }
    return 0;
}

void mia__fix_json(uint8_t at[MIA__ARCHIVE_VALUE], size_t pos, const struct mia__json *value,
                   size_t target)
{
    uint64_t bits;
    memset(at, 0, MIA__ARCHIVE_VALUE);
    at[0] = (uint8_t)value->kind;
    at++;
    pos++;
    switch (value->kind) {
    case MIA__JSON_NULL:
        break;
    case MIA__JSON_BOOL:
        at[0] = value->u.boolean;
        break;
    case MIA__JSON_REAL:
        memcpy(&bits, &value->u.real, sizeof bits);
        mia__store_u64le(at, bits);
        break;
    case MIA__JSON_STRING:
        mia__fix_str(at, pos, value->u.string, target);
        break;
    case MIA__JSON_ARRAY:
        mia__fix_offset(at, pos, target);
        mia__store_u32le(at + 4, value->count);
        break;
    case MIA__JSON_OBJECT:
        mia__fix_map(at, pos, value->count, target);
        break;
    case MIA__JSON_INT:
        mia__store_u64le(at, (uint64_t)value->u.integer);
        break;
    case MIA__JSON_UINT:
        mia__store_u64le(at, value->u.natural);
        break;
    }
}

static bool is_nuls(mia_str key)
{
    size_t i = 0;
    while (i < key.size && key.data[i] == '\0')
        i++;
    return key.size > 0 && i == key.size;
}

static bool has_nul_keys(const struct mia__json *object)
{
    size_t i = 0;
    while (i < object->count && !is_nuls(object->u.members[i].key))
        i++;
    return i < object->count;
}

/* The order stays: among keys of NULs only, and before every other key that begins with one. */
static const struct mia__json_member *lengthen(struct mia__put *p, const struct mia__json *object)
{
    if (!has_nul_keys(object))
        return object->u.members;
    struct mia__json_member *members = reserve(p, object->count, sizeof *members);
    if (members == NULL)
        return NULL;
    memcpy(members, object->u.members, object->count * sizeof *members);
    for (size_t i = 0; i < object->count; i++) {
        mia_str *key = &members[i].key;
        if (!is_nuls(*key))
            continue;
        char *longer = reserve(p, key->size + 1, 1);
        if (longer == NULL)
            return NULL;
        memset(longer, 0, key->size + 1);
        *key = (mia_str){longer, key->size + 1};
    }
    return members;
}

size_t mia__put_metadata(struct mia__put *p, const struct mia__json *root, uint32_t *len)
{
    const struct mia__json_member *members;
    struct mia__json_member wrapped = {{"", 1}, *root};
    *len = root->kind == MIA__JSON_OBJECT ? root->count : 1;
    members = root->kind == MIA__JSON_OBJECT ? lengthen(p, root) : &wrapped;
    return is_ok(p) ? put_map(p, members, *len) : 0;
}
