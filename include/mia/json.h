/*
 * mia/json.h - JSON in archives, walked where it lies: metadata, arguments and results of actions
 *
 * A value is three words, passed by value; it lives as long as the archive. Nothing here can fail,
 * allocates or parses. A function for another kind of value than it is given answers zero, empty or
 * null. Any thread.
 */
#ifndef MIA_JSON_H
#define MIA_JSON_H

#include "mia/archived.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The numbers are stored: the tags of the archived enum RkyvValue. */
enum mia_json_type {
    MIA_JSON_NULL = 0,
    MIA_JSON_BOOL = 1,
    MIA_JSON_REAL = 2, /* written with a point or an exponent, or beyond 64 bits */
    MIA_JSON_STRING = 3,
    MIA_JSON_ARRAY = 4,
    MIA_JSON_OBJECT = 5,
    MIA_JSON_INT = 6, /* any integer that fits an int64_t */
    MIA_JSON_UINT = 7 /* 2^63 .. 2^64 - 1 */
};

typedef struct mia_json {
    const void *content; /* private; NULL: none */
    enum mia_json_type type;
    bool is_root; /* private */
} mia_json;

/* Used by mia/view.h: the value at 13 bytes of an archive. */
static inline mia_json mia_archived_json(const void *at)
{
    mia_json value = {(const uint8_t *)at + 1, (enum mia_json_type) * (const uint8_t *)at, false};
    return value;
}

/* Private: of a map with one member. */
MIA_API mia_json mia_archived_only_member(const void *at);

/* The root of a metadata's map, which may be any JSON. */
static inline mia_json mia_archived_metadata(const void *at)
{
    mia_json object = {at, MIA_JSON_OBJECT, true};
    return mia_archived_u32((const uint8_t *)at + 4) == 1 ? mia_archived_only_member(at) : object;
}

/* Private. */
static inline bool mia_json_is(mia_json value, enum mia_json_type type)
{
    return value.type == type && value.content != NULL;
}

static inline bool mia_json_bool(mia_json value)
{
    return mia_json_is(value, MIA_JSON_BOOL) && *(const uint8_t *)value.content != 0;
}

/* MIA_JSON_INT only. */
static inline int64_t mia_json_int(mia_json value)
{
    return mia_json_is(value, MIA_JSON_INT) ? mia_archived_i64(value.content) : 0;
}

/* MIA_JSON_UINT, or MIA_JSON_INT from 0 on. */
static inline uint64_t mia_json_uint(mia_json value)
{
    bool is_natural = mia_json_is(value, MIA_JSON_UINT) ||
                      (mia_json_is(value, MIA_JSON_INT) && mia_archived_i64(value.content) >= 0);
    return is_natural ? mia_archived_u64(value.content) : 0;
}

MIA_API double mia_json_real(mia_json value); /* any number, rounded to the nearest double */

/* Borrowed from the archive. */
static inline mia_str mia_json_string(mia_json value)
{
    mia_str none = {NULL, 0};
    return mia_json_is(value, MIA_JSON_STRING) ? mia_archived_str(value.content) : none;
}

MIA_API size_t mia_json_count(mia_json value); /* items or members */
MIA_API mia_json mia_json_item(mia_json array, size_t i);

/* Private: mia_json_get where the first guess failed. */
MIA_API bool mia_json_seek(mia_json object, mia_str key, uint64_t hash, mia_json *member);

/* A member by its key: false, and null, if there is none. Constant time. */
static inline bool mia_json_get(mia_json object, mia_str key, mia_json *member)
{
    uint64_t hash = mia_archived_hash(key.data, key.size);
    const uint8_t *map = (const uint8_t *)object.content, *value = NULL;
    bool is_plain = object.type == MIA_JSON_OBJECT && map != NULL && key.size > 0 &&
                    key.data[0] != '\0' && mia_archived_u32(map + 4) > 0;
    if (is_plain)
        value = mia_archived_map_near(map, key, hash);
    if (value == NULL)
        return mia_json_seek(object, key, hash, member);
    *member = mia_archived_json(value);
    return true;
}

/* The members of an object, in no order that means anything:
 *     struct mia_json_members m = mia_json_members(object);
 *     while (mia_json_next(&m))
 *         use(m.key, m.value);
 */
struct mia_json_members {
    mia_str key;
    mia_json value;
    mia_json object; /* private */
    size_t bucket;   /* private */
};
MIA_API struct mia_json_members mia_json_members(mia_json object);
MIA_API bool mia_json_next(struct mia_json_members *members);

#ifdef __cplusplus
}
#endif
#endif
