/*
 * rkyv/check.c - the validator
 *
 * The state is a window [lo, hi) of the archive that nobody has claimed. An object claims its own
 * bytes, then its content claims what lies before them; afterwards what comes behind is free. So
 * what an object points to lies before it, siblings lie in their order, and nothing is shared. Each
 * function gets the window and the object's offset, and returns the new lo, or BAD.
 *
 * Most texts are ASCII and lie one behind the other, so they are looked at together, when something
 * else comes. If there is anything but ASCII the archive is checked again, text by text.
 */
#include "rkyv/check.h"

#include "base/error.h"
#include "model/json.h"
#include "model/utf8.h"
#include "rkyv/layout.h"
#include "rkyv/record.h"

#include <inttypes.h>
#include <stdio.h>

enum {
    BAD = -1, /* no offset */
    MOST_NESTED = 127,
    MOST_NESTED_AS_RKYV = 1024,
    FEEDBACK_TYPES = MIA_FEEDBACK_NEUTRAL + 1
};

#define HOT __attribute__((always_inline))
#define COLD __attribute__((noinline))

struct check {
    const uint8_t *bytes;
    bool is_strict;       /* S1 and S3 to S6, too */
    bool is_text_by_text; /* after not_ascii */
    int64_t root;         /* where the record itself begins */
    int64_t texts;        /* from here to lo there are texts, not yet looked at */
    int deepest;          /* arrays and objects inside one another, seen so far */
    /* For the message: what is wrong, the offset of the object that is, and where it belongs to. */
    const char *fault, *record, *field;
    int64_t place;
};

/* No fault yet. */
static const char not_ascii[] = "text is not ASCII";

static const char too_deep[] = "too many arrays and objects inside one another";

COLD static int64_t refuse(struct check *c, int64_t place, const char *fault)
{
    c->fault = fault;
    c->place = place;
    return BAD;
}

/* Looks at the texts before lo; the next ones begin at `next`. Returns `then` if they are sound. */
COLD static int64_t check_texts(struct check *c, int64_t lo, int64_t next, int64_t then)
{
    if (!mia__utf8_is_ascii(c->bytes + c->texts, (size_t)(lo - c->texts)))
        return refuse(c, c->texts, not_ascii);
    c->texts = next;
    return then;
}

/* Goes on at `to`: between lo and there is something else than texts. */
static inline int64_t skip(struct check *c, int64_t lo, int64_t to)
{
    return lo == to ? lo : check_texts(c, lo, to, to);
}

static inline bool is_free(int64_t lo, int64_t hi, int64_t p, int64_t n)
{
    return p >= lo && n <= hi - p;
}

static int64_t refuse_place(struct check *c, int64_t at)
{
    return refuse(c, at, "points outside the bytes that are left for it");
}

static inline int64_t target_of(const struct check *c, int64_t holder)
{
    return holder + (int32_t)mia__load_u32le(c->bytes + holder);
}

static int64_t check_text(struct check *c, int64_t lo, int64_t at, size_t size)
{
    return mia__utf8_prefix(c->bytes + at, size) == size ? lo : refuse(c, at, "text is not UTF-8");
}

/* A head of bytes that are not all ASCII, as where 0xff follows the text. */
COLD static int64_t check_odd_head(struct check *c, int64_t lo, int64_t at)
{
    return check_text(c, lo, at, mia_archived_str_near_size(c->bytes + at));
}

/* A text outside its head that may be anywhere. */
COLD static int64_t check_far_str(struct check *c, int64_t lo, int64_t hi, int64_t at)
{
    const uint8_t *head = c->bytes + at;
    int64_t size = (int64_t)mia_archived_str_far_size(head);
    int64_t target = at + (int32_t)mia__load_u32le(head + 4);
    if (size <= MIA__STR_INLINE)
        return refuse(c, at, "a short text lies outside its head");
    if (!is_free(lo, hi, target, size))
        return refuse_place(c, at);
    if (c->is_text_by_text)
        return check_text(c, c->texts = target + size, target, (size_t)size);
    return check_texts(c, lo, target, target + size);
}

/* The text is a leaf: nothing lies before it that is its own. The usual cases are here: one that
 * begins where the last one ended, or that lies in its head. */
HOT static inline int64_t check_str(struct check *c, int64_t lo, int64_t hi, int64_t at)
{
    const uint8_t *head = c->bytes + at;
    uint64_t word = mia__load_u64le(head), high = word & UINT64_C(0x8080808080808080);
    if (mia_archived_str_is_far(head)) {
        int64_t size = (int64_t)mia_archived_str_far_size(head),
                target = at + ((int64_t)word >> 32);
        bool is_next = target == lo && size > MIA__STR_INLINE && size <= hi - lo;
        return is_next && !c->is_text_by_text ? lo + size : check_far_str(c, lo, hi, at);
    }
    bool is_ascii = high == 0 || (uint8_t)(word >> (__builtin_ctzll(high) - 7)) == 0xff;
    return is_ascii ? lo : check_odd_head(c, lo, at);
}

static inline int64_t check_tag(struct check *c, int64_t lo, int64_t at, unsigned tags)
{
    return c->bytes[at] < tags ? lo : refuse(c, at, "has a tag that does not exist");
}

static int64_t check_opt_str(struct check *c, int64_t lo, int64_t hi, int64_t at)
{
    if (check_tag(c, lo, at, 2) == BAD)
        return BAD;
    return c->bytes[at] == 0 ? lo : check_str(c, lo, hi, at + 1);
}

static int64_t check_strs(struct check *c, int64_t lo, int64_t hi, int64_t at)
{
    int64_t items = target_of(c, at), size = MIA__ARCHIVE_STR;
    int64_t end = items + mia__load_u32le(c->bytes + at + 4) * size;
    if (!is_free(lo, hi, items, end - items))
        return refuse_place(c, at);
    for (int64_t item = items; item < end && lo != BAD; item += size)
        lo = check_str(c, lo, items, item);
    return lo == BAD ? BAD : skip(c, lo, end);
}

static int64_t check_floats(struct check *c, int64_t lo, int64_t hi, int64_t at)
{
    int64_t items = target_of(c, at), size = sizeof(float);
    int64_t end = items + mia__load_u32le(c->bytes + at + 4) * size;
    return is_free(lo, hi, items, end - items) ? skip(c, lo, end) : refuse_place(c, at);
}

static inline bool is_finite(const uint8_t *at)
{
    const uint64_t exponent = UINT64_C(0x7ff) << 52;
    return (mia__load_u64le(at) & exponent) != exponent;
}

/* An array or object inside `depth` others. */
static int64_t check_nested(struct check *c, int64_t lo, int64_t hi, int64_t at, int depth);

HOT static inline int64_t check_value(struct check *c, int64_t lo, int64_t hi, int64_t at,
                                      int depth)
{
    switch (c->bytes[at]) {
    case MIA__JSON_NULL:
    case MIA__JSON_INT:
    case MIA__JSON_UINT:
        return lo;
    case MIA__JSON_BOOL:
        return check_tag(c, lo, at + 1, 2);
    case MIA__JSON_REAL:
        return !c->is_strict || is_finite(c->bytes + at + 1)
                   ? lo
                   : refuse(c, at + 1, "number is not finite");
    case MIA__JSON_STRING:
        return check_str(c, lo, hi, at + 1);
    case MIA__JSON_ARRAY:
    case MIA__JSON_OBJECT:
        return check_nested(c, lo, hi, at, depth);
    default:
        return refuse(c, at, "has a tag that does not exist");
    }
}

static int64_t check_array(struct check *c, int64_t lo, int64_t hi, int64_t at, int depth)
{
    int64_t items = target_of(c, at), size = MIA__ARCHIVE_VALUE;
    int64_t end = items + mia__load_u32le(c->bytes + at + 4) * size;
    if (!is_free(lo, hi, items, end - items))
        return refuse_place(c, at);
    for (int64_t item = items; item < end && lo != BAD; item += size)
        lo = check_value(c, lo, items, item, depth);
    return lo == BAD ? BAD : skip(c, lo, end);
}

/* S1 for 16 bytes behind the buckets, which begin again with the first control bytes: so many of
 * the 16 are copies, the others 0xff. A bit for each that is as it should be. */
static inline uint32_t compare_copies(const uint8_t *at, const uint8_t *first, int64_t copies)
{
    uint32_t copied = copies < MIA__MAP_WINDOW ? (UINT32_C(1) << copies) - 1 : UINT32_MAX;
    return (mia__window_same(at, first) & copied) |
           (mia__window_equal(at, MIA__MAP_EMPTY) & ~copied);
}

/* S1. Behind the buckets there are 15 to 30 bytes, and behind these at least the map's head. */
static bool is_control_sound(const uint8_t *control, const struct mia__map_shape *s)
{
    int64_t behind = (int64_t)(s->control - s->cap), copies = (int64_t)mia__map_copies(s);
    int64_t rest = behind > MIA__MAP_WINDOW ? behind - MIA__MAP_WINDOW : 0;
    uint32_t wanted = behind < MIA__MAP_WINDOW ? 0x7fff : 0xffff;
    uint32_t sound = compare_copies(control + s->cap, control, copies);
    sound &=
        compare_copies(control + s->cap + rest, control + rest, copies > rest ? copies - rest : 0);
    for (uint64_t i = 0; i < s->probe_cap; i += MIA__MAP_WINDOW)
        sound &= ~(mia__window_empty(control + i) ^ mia__window_equal(control + i, MIA__MAP_EMPTY));
    return (sound & wanted) == wanted;
}

/* Whether the key of a bucket is this one. A bucket that was not checked yet may point anywhere. */
static bool has_key(const struct check *c, const uint8_t *bucket, mia_str key)
{
    const uint8_t *end = c->bytes + c->root;
    mia_str other = mia_archived_str(bucket);
    int64_t at = (int64_t)((uintptr_t)other.data - (uintptr_t)c->bytes);
    return other.size == key.size && is_free(0, end - c->bytes, at, (int64_t)key.size) &&
           memcmp(other.data, key.data, key.size) == 0;
}

/* S4: a lookup of the key of this bucket ends at it. */
COLD static bool is_found(const struct check *c, const struct mia__rkyv_map *map,
                          const struct mia__map_shape *shape, mia_str key, uint64_t hash,
                          uint64_t bucket)
{
    struct mia__probe probe = mia__probe_begin(shape, hash);
    do {
        const uint8_t *window = map->control + probe.pos;
        uint32_t equal = mia__window_equal(window, mia__hash_tag(hash));
        for (; equal != 0; equal &= equal - 1) {
            uint64_t other = (probe.pos + (uint64_t)__builtin_ctz(equal)) % shape->cap;
            if (other == bucket)
                return true;
            if (has_key(c, mia__rkyv_bucket(map, other), key))
                return false;
        }
        if (mia__window_empty(window) != 0)
            return false;
    } while (mia__probe_next(shape, &probe));
    return false;
}

/* S4, mostly decided by the first byte that is equal. */
HOT static inline bool is_key_found(const struct check *c, const struct mia__rkyv_map *map,
                                    const struct mia__map_shape *shape, uint64_t inverse,
                                    uint64_t bucket)
{
    mia_str key = mia_archived_str(mia__rkyv_bucket(map, bucket));
    uint64_t hash = mia_archived_hash(key.data, key.size);
    uint64_t home = mia__map_home(hash, shape->cap, inverse);
    uint32_t equal = mia__window_equal(map->control + home, mia__hash_tag(hash));
    return (equal != 0 && home + (uint64_t)__builtin_ctz(equal) == bucket) ||
           is_found(c, map, shape, key, hash, bucket);
}

/* What rkyv compares: its upper bound is odd, and so is this. */
static bool are_copies_sound_for_rkyv(const uint8_t *control, const struct mia__map_shape *s)
{
    uint64_t end = 2 * s->cap < s->control - s->cap ? 2 * s->cap : s->control - s->cap;
    uint64_t i = s->cap;
    while (i < end && control[i] == control[i % s->cap])
        i++;
    return i >= end;
}

static int64_t check_entries(struct check *c, int64_t lo, int64_t hi,
                             const struct mia__rkyv_map *map, const struct mia__map_shape *shape,
                             int64_t at, int depth)
{
    uint32_t entries = 0;
    uint64_t inverse = UINT64_MAX / map->cap;
    int64_t control = map->control - c->bytes;
    for (uint32_t i = 0; i < map->cap; i += MIA__MAP_WINDOW) {
        uint32_t occupied = mia__rkyv_occupied(map, i);
        for (; occupied != 0; occupied &= occupied - 1, entries++) {
            int64_t bucket = (int64_t)i + __builtin_ctz(occupied);
            int64_t entry = control - (bucket + 1) * MIA__MAP_ENTRY;
            lo = check_str(c, lo, hi, entry);
            if (lo == BAD)
                return BAD;
            if (c->is_strict && !is_key_found(c, map, shape, inverse, (uint64_t)bucket))
                return refuse(c, at, "map: a key is there twice or where no lookup finds it");
            lo = check_value(c, lo, hi, entry + MIA__ARCHIVE_STR, depth);
            if (lo == BAD)
                return BAD;
        }
    }
    return entries == map->len
               ? lo
               : refuse(c, at, "map: the occupied buckets are not as many as its entries");
}

static int64_t check_map(struct check *c, int64_t lo, int64_t hi, int64_t at, int depth)
{
    int64_t target = target_of(c, at);
    struct mia__rkyv_map map = {.len = mia__load_u32le(c->bytes + at + 4),
                                .cap = mia__load_u32le(c->bytes + at + 8)};
    if (c->is_strict && map.cap != mia__map_cap(map.len))
        return refuse(c, at, "map: the number of buckets is not that of its entries");
    if (map.len == 0 && map.cap == 0)
        return !c->is_strict || target - at == 1 ? lo
                                                 : refuse(c, at, "map: an empty one has an offset");
    if (map.len >= map.cap)
        return refuse(c, at, "map: has no free bucket");
    struct mia__map_shape shape = mia__map_shape(map.cap);
    int64_t begin = target - (int64_t)shape.cap * MIA__MAP_ENTRY;
    int64_t end = target + (int64_t)shape.control;
    if (!is_free(lo, hi, begin, end - begin))
        return refuse_place(c, at);
    map.control = c->bytes + target;
    if (c->is_strict && !is_control_sound(map.control, &shape))
        return refuse(c, at, "map: a control byte is wrong");
    lo = check_entries(c, lo, begin, &map, &shape, at, depth);
    if (lo != BAD && !c->is_strict && !are_copies_sound_for_rkyv(map.control, &shape))
        return refuse(c, at, "map: a copy of a control byte differs");
    return lo == BAD ? BAD : skip(c, lo, end);
}

static int64_t check_nested(struct check *c, int64_t lo, int64_t hi, int64_t at, int depth)
{
    if (depth == (c->is_strict ? MOST_NESTED : MOST_NESTED_AS_RKYV))
        return refuse(c, at, too_deep);
    if (c->deepest <= depth)
        c->deepest = depth + 1;
    return c->bytes[at] == MIA__JSON_ARRAY ? check_array(c, lo, hi, at + 1, depth + 1)
                                           : check_map(c, lo, hi, at + 1, depth + 1);
}

/* Every bit pattern of a number is one. */
static int64_t check_i64(struct check *c, int64_t lo, int64_t hi, int64_t at)
{
    (void)c;
    (void)hi;
    (void)at;
    return lo;
}

static int64_t check_u64(struct check *c, int64_t lo, int64_t hi, int64_t at)
{
    return check_i64(c, lo, hi, at);
}

static int64_t check_opt_i64(struct check *c, int64_t lo, int64_t hi, int64_t at)
{
    (void)hi;
    return check_tag(c, lo, at, 2);
}

/* The map of a metadata has no tag, but it is an object of the JSON text unless it wraps another
 * root. The mark of such a root would be read as a key that another one is read as, too. */
static int64_t check_metadata(struct check *c, int64_t lo, int64_t hi, int64_t at)
{
    c->deepest = 0;
    lo = check_map(c, lo, hi, at, 0);
    if (lo == BAD || !c->is_strict)
        return lo;
    struct mia__rkyv_map map = mia__rkyv_map(c->bytes + at);
    bool is_wrapped = map.len > 0 && mia__rkyv_map_get(&map, MIA_STR("\0")) != NULL;
    if (is_wrapped && map.len > 1)
        return refuse(c, at, "map: its key U+0000 is not alone");
    return is_wrapped || c->deepest < MOST_NESTED ? lo : refuse(c, at, too_deep);
}

static int64_t check_json(struct check *c, int64_t lo, int64_t hi, int64_t at)
{
    return check_value(c, lo, hi, at, 0);
}

static int64_t check_feedback_type(struct check *c, int64_t lo, int64_t hi, int64_t at)
{
    (void)hi;
    return check_tag(c, lo, at, FEEDBACK_TYPES);
}

static int64_t check_feedback_record(struct check *c, int64_t lo, int64_t hi, int64_t at);

static int64_t check_opt_feedback(struct check *c, int64_t lo, int64_t hi, int64_t at)
{
    if (check_tag(c, lo, at, 2) == BAD)
        return BAD;
    return c->bytes[at] == 0 ? lo : check_feedback_record(c, lo, hi, at + 1);
}

/* The innermost record comes first. */
COLD static int64_t blame(struct check *c, const char *record, const char *field)
{
    if (c->field == NULL) {
        c->record = record;
        c->field = field;
    }
    return BAD;
}

/* check_chat_record and so on: the fields in their order, by the functions of their types. */
#define RECORD(rec, variant, kind, text)                                                           \
    COLD static int64_t check_##rec##_record(struct check *c, int64_t lo, int64_t hi, int64_t at)  \
    {
#define FIELD(rec, type, name, text)                                                               \
    lo = check_##type(c, lo, hi, at + (int64_t)offsetof(struct mia__arch_##rec##_record, name));   \
    if (lo == BAD)                                                                                 \
        return blame(c, #rec, #name);
#define RECORD_END(rec)                                                                            \
    return lo;                                                                                     \
    }
#include "model/schema.def"

static int64_t check_record(struct check *c, int number, int64_t root, int64_t at)
{
    switch (number) {
#define RECORD(rec, variant, kind, text)                                                           \
    case kind:                                                                                     \
        return check_##rec##_record(c, 0, root, at);
#define FIELD(rec, type, name, text)
#define RECORD_END(rec)
#include "model/schema.def"
    }
    return BAD;
}

static bool check_root(struct check *c, enum mia__table table)
{
    int64_t lo, root = c->root;
    if (table != MIA__TABLE_NODES)
        lo = check_record(c, table == MIA__TABLE_EDGES ? MIA_KIND_EDGE : MIA_KIND_EMBEDDING, root,
                          root);
    else if (check_tag(c, 0, root, MIA__NODE_KINDS) != BAD)
        lo = check_record(c, c->bytes[root], root, root + 1);
    else
        lo = BAD;
    return lo != BAD && check_texts(c, lo, lo, lo) != BAD;
}

static mia_status fail(const struct check *c, struct mia_error *err)
{
    if (c->field == NULL)
        return mia__fail(err, MIA_ERR_SERIALIZATION, "archive: at byte %" PRId64 ": %s", c->place,
                         c->fault);
    return mia__fail(err, MIA_ERR_SERIALIZATION, "archive: %s.%s: at byte %" PRId64 ": %s",
                     c->record, c->field, c->place, c->fault);
}

static mia_status check(enum mia__table table, mia_slice archive, bool is_strict,
                        struct mia_error *err)
{
    size_t root_size = mia__archive_root_size(table);
    if (archive.size < root_size)
        return mia__fail(err, MIA_ERR_SERIALIZATION,
                         "archive: %zu bytes are less than the %zu of the record itself",
                         archive.size, root_size);
    const struct check begin = {
        .bytes = archive.data, .root = (int64_t)(archive.size - root_size), .is_strict = is_strict};
    struct check c = begin;
    if (check_root(&c, table))
        return MIA_OK;
    if (c.fault == not_ascii) {
        c = begin;
        c.is_text_by_text = true;
        if (check_root(&c, table))
            return MIA_OK;
    }
    return fail(&c, err);
}

mia_status mia__archive_check(enum mia__table table, mia_slice archive, struct mia_error *err)
{
    return check(table, archive, true, err);
}

mia_status mia__archive_check_as_rkyv(enum mia__table table, mia_slice archive,
                                      struct mia_error *err)
{
    return check(table, archive, false, err);
}
