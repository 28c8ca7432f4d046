/* rkyv/put.c - texts, arrays and maps: src/string/repr.rs, src/vec.rs, swiss_table/table.rs */
#include "rkyv/put.h"

#include "base/error.h"
#include "rkyv/hash.h"

enum { EMPTY_MAP_OFFSET = 1 };

static bool is_ok(const struct mia__put *p)
{
    return p->status == MIA_OK;
}

void mia__put_bytes(struct mia__put *p, const void *data, size_t size)
{
    if (!is_ok(p) || size == 0)
        return;
    if (size > INT32_MAX || p->to->size - p->begin > INT32_MAX - size)
        p->status = mia__fail(p->err, MIA_ERR_TOO_LONG,
                              "its archive would be larger than 2 GiB, which is rkyv's limit");
    else
        p->status = mia__buf_append(p->to, data, size, p->err);
}

/* Room that the caller fills at once; NULL after a failure, and where nothing is to be filled. */
static uint8_t *extend(struct mia__put *p, size_t size)
{
    size_t at = p->to->size;
    if (is_ok(p) && (size > INT32_MAX || at - p->begin > INT32_MAX - size))
        mia__put_bytes(p, NULL, size);
    else if (is_ok(p))
        p->status = mia__buf_reserve(p->to, at + size, p->err);
    if (!is_ok(p) || size == 0)
        return NULL;
    p->to->size += size;
    return p->to->data + at;
}

static void *reserve(struct mia__put *p, size_t count, size_t size)
{
    void *at = is_ok(p) ? mia__arena_alloc(p->arena, count * size) : NULL;
    if (at == NULL && is_ok(p))
        p->status = mia__fail_nomem(p->err);
    return at;
}

size_t mia__put_text(struct mia__put *p, mia_str text)
{
    size_t target = p->to->size;
    if (text.size > MIA__STR_MAX && is_ok(p))
        p->status = mia__fail(p->err, MIA_ERR_TOO_LONG,
                              "a text of %zu bytes is longer than 2^30 - 1, which is rkyv's limit",
                              text.size);
    if (text.size > MIA__STR_INLINE)
        mia__put_bytes(p, text.data, text.size);
    return target;
}

void mia__fix_offset(uint8_t at[4], size_t pos, size_t target)
{
    mia__store_u32le(at, (uint32_t)((int64_t)target - (int64_t)pos));
}

void mia__fix_str(uint8_t head[MIA__ARCHIVE_STR], size_t pos, mia_str text, size_t target)
{
    uint32_t n = (uint32_t)text.size;
    if (text.size <= MIA__STR_INLINE) {
        memset(head, 0xff, MIA__ARCHIVE_STR);
        if (text.size > 0)
            memcpy(head, text.data, text.size);
        return;
    }
    mia__store_u32le(head, (n & 0x3f) | 0x80 | (n & ~UINT32_C(0x3f)) << 2);
    mia__fix_offset(head + 4, pos, target);
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
    uint8_t *at = extend(p, (size_t)array->count * MIA__ARCHIVE_VALUE);
    for (size_t i = 0; i < array->count && at != NULL; i++)
        mia__fix_json(at + i * MIA__ARCHIVE_VALUE, pos + i * MIA__ARCHIVE_VALUE, &array->u.items[i],
                      targets[i]);
    return pos;
}

struct bucket {
    const struct mia__json_member *member; /* NULL: empty */
    size_t key_at, value_at;
};

/* The first free bucket on the key's way. */
static uint64_t choose_bucket(const struct mia__map_shape *s, const uint8_t *control, uint64_t hash)
{
    struct mia__probe probe = mia__probe_begin(s, hash);
    do {
        for (uint64_t b = 0; b < MIA__MAP_WINDOW; b++)
            if (control[probe.pos + b] & 0x80)
                return (probe.pos + b) % s->cap;
    } while (mia__probe_next(s, &probe));
    return 0; /* never: there is more room than entries */
}

/* Members come in the order of their keys, which makes the bytes of a map the same every time. */
static void place_members(const struct mia__map_shape *s, const struct mia__json_member *members,
                          size_t count, struct bucket *buckets, uint8_t *control)
{
    memset(control, MIA__MAP_EMPTY, s->control);
    for (size_t i = 0; i < count; i++) {
        uint64_t hash = mia_archived_hash(members[i].key.data, members[i].key.size);
        uint64_t at = choose_bucket(s, control, hash);
        control[at] = mia__hash_tag(hash);
        if (at < mia__map_copies(s))
            control[s->cap + at] = control[at];
        buckets[at].member = &members[i];
    }
}

static void append_buckets(struct mia__put *p, const struct mia__map_shape *s,
                           const struct bucket *buckets)
{
    size_t pos = p->to->size;
    uint8_t *at = extend(p, s->cap * MIA__MAP_ENTRY);
    if (at == NULL)
        return;
    memset(at, 0, s->cap * MIA__MAP_ENTRY);
    for (uint64_t i = s->cap; i-- > 0; at += MIA__MAP_ENTRY, pos += MIA__MAP_ENTRY) {
        const struct bucket *b = &buckets[i];
        if (b->member == NULL)
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
    struct mia__map_shape s = mia__map_shape(mia__map_cap(count));
    struct bucket *buckets = reserve(p, s.cap, sizeof *buckets);
    uint8_t *control = reserve(p, s.control, 1);
    if (!is_ok(p))
        return 0;
    memset(buckets, 0, s.cap * sizeof *buckets);
    place_members(&s, members, count, buckets, control);
    for (uint64_t i = 0; i < s.cap; i++)
        if (buckets[i].member != NULL) {
            buckets[i].key_at = mia__put_text(p, buckets[i].member->key);
            buckets[i].value_at = mia__put_json(p, &buckets[i].member->value);
        }
    append_buckets(p, &s, buckets);
    size_t target = p->to->size;
    mia__put_bytes(p, control, s.control);
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
