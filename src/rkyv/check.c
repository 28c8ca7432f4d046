/*
 * rkyv/check.c - the validator
 *
 * The state is a window [lo, hi) of the archive that nobody has claimed. An object claims its own
 * bytes, then its content claims what lies before them; afterwards what comes behind is free. So
 * what an object points to lies before it, siblings lie in their order, and nothing is shared. Each
 * function gets the window and the object's place, and returns the new lo, or BAD.
 *
 * Most texts lie one behind the other, so they are looked at together, when something else comes:
 * if none begins in the middle of a character, all are UTF-8 if the whole is. Where the whole is
 * not, the archive is checked again, text by text, for the message.
 *
 * Of records in their usual form every instruction counts: half of the time goes into their maps.
 */
#include "rkyv/check.h"

#include "base/error.h"
#include "model/json.h"
#include "model/utf8.h"
#include "rkyv/control.h"
#include "rkyv/layout.h"
#include "rkyv/record.h"

enum { MOST_NESTED = 127, MOST_NESTED_AS_RKYV = 1024, FEEDBACK_TYPES = MIA_FEEDBACK_NEUTRAL + 1 };

#define HOT __attribute__((always_inline))
#define APART __attribute__((noinline))

/* An address as a number, because pointers of an archive may lead anywhere. */
typedef uintptr_t place;
enum { BAD = 0 };

struct check {
    place begin, root;  /* of the archive, of the record itself */
    place texts;        /* from here to lo there are texts, not yet looked at */
    uint32_t far_texts; /* how many sizes of texts are looked at together: all, or none */
    bool is_strict;     /* S1 and S3 to S6, too */
    bool has_mark;      /* a map has the key U+0000 */
    int deepest;        /* arrays and objects inside one another, seen so far */
    /* For the message: what is wrong, the object that is, and where it belongs to. */
    const char *fault, *record, *field;
    place where;
};

static const char not_utf8[] = "text is not UTF-8";
static const char too_deep[] = "too many arrays and objects inside one another";
static const char no_such_tag[] = "has a tag that does not exist";
static const char outside[] = "points outside the bytes that are left for it";

static inline const uint8_t *bytes_of(place at)
{
    return (const uint8_t *)at;
}

APART static place refuse(struct check *c, place where, const char *fault)
{
    c->fault = fault;
    c->where = where;
    return BAD;
}

/* Looks at the texts before lo; the next ones begin at `next`. Returns `then` if they are sound. */
APART static place check_texts(struct check *c, place lo, place next, place then)
{
    if (!mia__utf8_is_valid(bytes_of(c->texts), lo - c->texts))
        return refuse(c, c->texts, not_utf8);
    c->texts = next;
    return then;
}

/* Goes on at `to`: between lo and there is something else than texts. */
HOT static inline place skip(struct check *c, place lo, place to)
{
    return lo == to ? lo : check_texts(c, lo, to, to);
}

/* What the pointer at `at` leads to, relative to its holder. */
HOT static inline place target_of(place holder, place at)
{
    return holder + (place)(intptr_t)(int32_t)mia__load_u32le(bytes_of(at));
}

/* Whether n bytes at a place are free; n is far from any overflow. */
HOT static inline bool is_free(place lo, place hi, place at, uint64_t n)
{
    return at >= lo && at <= hi && n <= hi - at;
}

static place check_text(struct check *c, place lo, place head, place at, size_t size)
{
    return mia__utf8_is_valid(bytes_of(at), size) ? lo : refuse(c, head, not_utf8);
}

/* A head of bytes that are not all ASCII, as where 0xff follows the text. */
APART static place check_odd_head(struct check *c, place lo, place at)
{
    return check_text(c, lo, at, at, mia_archived_str_near_size(bytes_of(at)));
}

/* A text outside its head that may be anywhere. */
APART static place check_far_str(struct check *c, place lo, place hi, place at)
{
    place target = target_of(at, at + 4);
    size_t size = mia_archived_str_far_size(bytes_of(at));
    if (size <= MIA__STR_INLINE)
        return refuse(c, at, "a short text lies outside its head");
    if (!is_free(lo, hi, target, size))
        return refuse(c, at, outside);
    if (c->far_texts > 0)
        return check_texts(c, lo, target, target + size);
    return check_text(c, c->texts = target + size, at, target, size);
}

/* 10xxxxxx */
HOT static inline bool is_inside_character(place at)
{
    return *(const int8_t *)bytes_of(at) < -0x40;
}

/* The end of a text that begins where the last one ended, as it mostly does; or BAD. */
HOT static inline place end_of_next(const struct check *c, place lo, place hi, place at)
{
    uint32_t size = (uint32_t)mia_archived_str_far_size(bytes_of(at));
    bool is_next = target_of(at, at + 4) == lo && size - (MIA__STR_INLINE + 1) < c->far_texts &&
                   lo + size <= hi && !is_inside_character(lo);
    return is_next ? lo + size : BAD;
}

/* Text that lies in its head. */
HOT static inline place check_near_str(struct check *c, place lo, place at)
{
    uint64_t word = mia__load_u64le(bytes_of(at)), high = word & UINT64_C(0x8080808080808080);
    bool is_ascii = high == 0 || (uint8_t)(word >> (__builtin_ctzll(high) - 7)) == 0xff;
    return is_ascii ? lo : check_odd_head(c, lo, at);
}

/* The text is a leaf: nothing lies before it that is its own. */
HOT static inline place check_str(struct check *c, place lo, place hi, place at)
{
    if (!mia_archived_str_is_far(bytes_of(at)))
        return check_near_str(c, lo, at);
    place end = end_of_next(c, lo, hi, at);
    return end != BAD ? end : check_far_str(c, lo, hi, at);
}

HOT static inline place check_tag(struct check *c, place lo, place at, unsigned tags)
{
    return *bytes_of(at) < tags ? lo : refuse(c, at, no_such_tag);
}

HOT static inline place check_opt_str(struct check *c, place lo, place hi, place at)
{
    if (check_tag(c, lo, at, 2) == BAD)
        return BAD;
    return *bytes_of(at) == 0 ? lo : check_str(c, lo, hi, at + 1);
}

/* What a list's 8 bytes lead to; begin BAD: something that is not free. */
struct items {
    place begin, end;
};

HOT static inline struct items items_of(struct check *c, place lo, place hi, place at,
                                        uint64_t item_size)
{
    place begin = target_of(at, at);
    uint64_t size = mia__load_u32le(bytes_of(at + 4)) * item_size;
    if (!is_free(lo, hi, begin, size))
        return (struct items){refuse(c, at, outside), BAD};
    return (struct items){begin, begin + size};
}

static place check_strs(struct check *c, place lo, place hi, place at)
{
    struct items items = items_of(c, lo, hi, at, MIA__ARCHIVE_STR);
    if (items.begin == BAD)
        return BAD;
    for (place item = items.begin; item < items.end; item += MIA__ARCHIVE_STR) {
        lo = check_str(c, lo, items.begin, item);
        if (lo == BAD)
            return BAD;
    }
    return skip(c, lo, items.end);
}

static place check_floats(struct check *c, place lo, place hi, place at)
{
    struct items items = items_of(c, lo, hi, at, sizeof(float));
    return items.begin != BAD ? skip(c, lo, items.end) : BAD;
}

static inline bool is_finite(place at)
{
    const uint64_t exponent = UINT64_C(0x7ff) << 52;
    return (mia__load_u64le(bytes_of(at)) & exponent) != exponent;
}

/* An array or object inside `depth` others. */
static place check_nested(struct check *c, place lo, place hi, place at, int depth);

HOT static inline place check_value(struct check *c, place lo, place hi, place at, int depth)
{
    switch (*bytes_of(at)) {
    case MIA__JSON_NULL:
    case MIA__JSON_INT:
    case MIA__JSON_UINT:
        return lo;
    case MIA__JSON_BOOL:
        return check_tag(c, lo, at + 1, 2);
    case MIA__JSON_REAL:
        return is_finite(at + 1) || !c->is_strict ? lo : refuse(c, at + 1, "number is not finite");
    case MIA__JSON_STRING:
        return check_str(c, lo, hi, at + 1);
    case MIA__JSON_ARRAY:
    case MIA__JSON_OBJECT:
        return check_nested(c, lo, hi, at, depth);
    default:
        return refuse(c, at, no_such_tag);
    }
}

static place check_array(struct check *c, place lo, place hi, place at, int depth)
{
    struct items items = items_of(c, lo, hi, at, MIA__ARCHIVE_VALUE);
    if (items.begin == BAD)
        return BAD;
    for (place item = items.begin; item < items.end; item += MIA__ARCHIVE_VALUE) {
        lo = check_value(c, lo, items.begin, item, depth);
        if (lo == BAD)
            return BAD;
    }
    return skip(c, lo, items.end);
}

/* ---------------------------------------------------------------- maps */

struct map {
    place begin;   /* of its buckets */
    place control; /* behind them */
    place end;
    uint64_t cap, inverse; /* see mia__map_home */
};

HOT static inline place entry_of(const struct map *map, uint64_t bucket)
{
    return map->control - (bucket + 1) * MIA__MAP_ENTRY;
}

/* Whether the key of a bucket is this one. A bucket that was not checked yet may point anywhere. */
static bool has_key(const struct check *c, place bucket, mia_str key)
{
    mia_str other = mia_archived_str(bytes_of(bucket));
    return other.size == key.size && is_free(c->begin, c->root, (place)other.data, key.size) &&
           memcmp(other.data, key.data, key.size) == 0;
}

/* S4: a lookup of the key of this bucket ends at it. */
APART static bool is_found(const struct check *c, const struct map *map, mia_str key, uint64_t hash,
                           uint64_t bucket)
{
    struct mia__map_shape shape = mia__map_shape(map->cap);
    struct mia__probe probe = mia__probe_begin(&shape, hash);
    do {
        const uint8_t *window = bytes_of(map->control) + probe.pos;
        uint32_t equal = mia_archived_window(window, mia__hash_tag(hash));
        for (; equal != 0; equal &= equal - 1) {
            uint64_t other = probe.pos + (uint64_t)__builtin_ctz(equal);
            other = other < shape.cap ? other : other % shape.cap;
            if (other == bucket)
                return true;
            if (has_key(c, entry_of(map, other), key))
                return false;
        }
        if (mia__window_empty(window) != 0)
            return false;
    } while (mia__probe_next(&shape, &probe));
    return false;
}

/* S4, mostly decided by the first byte that is equal, which may be a copy. */
HOT static inline bool is_key_found(const struct check *c, const struct map *map, mia_str key,
                                    uint64_t bucket)
{
    uint64_t hash = mia_archived_hash(key.data, key.size);
    uint64_t home = mia__map_home(hash, map->cap, map->inverse);
    uint32_t equal = mia_archived_window(bytes_of(map->control + home), mia__hash_tag(hash));
    uint64_t first = home + (uint64_t)__builtin_ctz(equal | UINT32_C(1) << MIA__MAP_WINDOW);
    first -= first < map->cap ? 0 : map->cap;
    return (first == bucket && equal != 0) || is_found(c, map, key, hash, bucket);
}

/* As check_str; and S4. */
HOT static inline place check_key(struct check *c, place lo, place hi, const struct map *map,
                                  uint64_t bucket)
{
    place at = entry_of(map, bucket), end;
    mia_str key;
    if (mia_archived_str_is_far(bytes_of(at))) {
        end = end_of_next(c, lo, hi, at);
        key = (mia_str){(const char *)lo, end - lo};
        if (end == BAD) {
            end = check_far_str(c, lo, hi, at);
            if (end == BAD)
                return BAD;
            key = mia_archived_str(bytes_of(at));
        }
    } else {
        end = check_near_str(c, lo, at);
        key = (mia_str){(const char *)at, mia_archived_str_near_size(bytes_of(at))};
        c->has_mark |= key.size == 1 && *key.data == '\0';
        if (end == BAD)
            return BAD;
    }
    return is_key_found(c, map, key, bucket)
               ? end
               : refuse(c, at, "map: a key is there twice or where no lookup finds it");
}

/* lo, behind what belongs to the entries. */
HOT static inline place check_entries(struct check *c, place lo, place at, const struct map *map,
                                      int depth, bool is_strict)
{
    uint32_t count = 0;
    for (uint64_t i = 0; i < map->cap; i += MIA__MAP_WINDOW) {
        uint32_t occupied = mia__window_occupied(bytes_of(map->control + i), map->cap - i);
        for (; occupied != 0; occupied &= occupied - 1, count++) {
            uint64_t bucket = i + (uint32_t)__builtin_ctz(occupied);
            place entry = entry_of(map, bucket);
            lo = is_strict ? check_key(c, lo, map->begin, map, bucket)
                           : check_str(c, lo, map->begin, entry);
            if (lo == BAD)
                return BAD;
            lo = check_value(c, lo, map->begin, entry + MIA__ARCHIVE_STR, depth);
            if (lo == BAD)
                return BAD;
        }
    }
    return count == mia__load_u32le(bytes_of(at + 4))
               ? lo
               : refuse(c, at, "map: the occupied buckets are not as many as its entries");
}

/* begin BAD: it is not free. cap > 0 */
HOT static inline struct map map_of(struct check *c, place lo, place hi, place at, uint32_t cap)
{
    uint64_t size = (uint64_t)cap * MIA__MAP_ENTRY, control_size = mia__map_control(cap);
    place control = target_of(at, at), begin = control - size;
    if (!is_free(lo, hi, begin, size + control_size))
        begin = refuse(c, at, outside);
    return (struct map){begin, control, control + control_size, cap, UINT64_MAX / cap};
}

APART static place check_map_as_rkyv(struct check *c, place lo, place hi, place at, int depth)
{
    uint32_t len = mia__load_u32le(bytes_of(at + 4)), cap = mia__load_u32le(bytes_of(at + 8));
    if (len == 0 && cap == 0)
        return lo;
    if (len >= cap)
        return refuse(c, at, "map: has no free bucket");
    struct map map = map_of(c, lo, hi, at, cap);
    if (map.begin == BAD)
        return BAD;
    lo = check_entries(c, lo, at, &map, depth, false);
    if (lo == BAD)
        return BAD;
    if (!mia__control_is_sound_for_rkyv(bytes_of(map.control), cap))
        return refuse(c, at, "map: a copy of a control byte differs");
    return skip(c, lo, map.end);
}

static place check_map(struct check *c, place lo, place hi, place at, int depth)
{
    uint32_t len = mia__load_u32le(bytes_of(at + 4)), cap = mia__load_u32le(bytes_of(at + 8));
    if (!c->is_strict)
        return check_map_as_rkyv(c, lo, hi, at, depth);
    if (cap != mia__map_cap(len))
        return refuse(c, at, "map: the number of buckets is not that of its entries");
    if (len == 0)
        return mia__load_u32le(bytes_of(at)) == 1
                   ? lo
                   : refuse(c, at, "map: an empty one has an offset");
    struct map map = map_of(c, lo, hi, at, cap);
    if (map.begin == BAD)
        return BAD;
    if (!mia__control_is_sound(bytes_of(map.control), cap))
        return refuse(c, at, "map: a control byte is wrong");
    lo = check_entries(c, lo, at, &map, depth, true);
    return lo == BAD ? BAD : skip(c, lo, map.end);
}

static place check_nested(struct check *c, place lo, place hi, place at, int depth)
{
    if (depth == (c->is_strict ? MOST_NESTED : MOST_NESTED_AS_RKYV))
        return refuse(c, at, too_deep);
    if (c->deepest <= depth)
        c->deepest = depth + 1;
    return *bytes_of(at) == MIA__JSON_ARRAY ? check_array(c, lo, hi, at + 1, depth + 1)
                                            : check_map(c, lo, hi, at + 1, depth + 1);
}

/* ---------------------------------------------------------------- records */

/* Every bit pattern of a number is one. */
HOT static inline place check_i64(struct check *c, place lo, place hi, place at)
{
    (void)c;
    (void)hi;
    (void)at;
    return lo;
}

HOT static inline place check_u64(struct check *c, place lo, place hi, place at)
{
    return check_i64(c, lo, hi, at);
}

HOT static inline place check_opt_i64(struct check *c, place lo, place hi, place at)
{
    (void)hi;
    return check_tag(c, lo, at, 2);
}

/* The map of a metadata has no tag, but it is an object of the JSON text unless it wraps another
 * root. The mark of such a root would be read as a key that another one is read as, too. */
static place check_metadata(struct check *c, place lo, place hi, place at)
{
    c->deepest = 0;
    c->has_mark = false;
    lo = check_map(c, lo, hi, at, 0);
    if (lo == BAD || !c->is_strict || (!c->has_mark && c->deepest < MOST_NESTED))
        return lo;
    bool is_wrapped = mia__rkyv_map_get(bytes_of(at), MIA_STR("\0")) != NULL;
    if (is_wrapped && mia__rkyv_map(bytes_of(at)).len > 1)
        return refuse(c, at, "map: its key U+0000 is not alone");
    return is_wrapped || c->deepest < MOST_NESTED ? lo : refuse(c, at, too_deep);
}

static place check_json(struct check *c, place lo, place hi, place at)
{
    return check_value(c, lo, hi, at, 0);
}

static place check_feedback_type(struct check *c, place lo, place hi, place at)
{
    (void)hi;
    return check_tag(c, lo, at, FEEDBACK_TYPES);
}

static place check_feedback_record(struct check *c, place lo, place hi, place at);

static place check_opt_feedback(struct check *c, place lo, place hi, place at)
{
    if (check_tag(c, lo, at, 2) == BAD)
        return BAD;
    return *bytes_of(at) == 0 ? lo : check_feedback_record(c, lo, hi, at + 1);
}

/* The innermost record comes first. */
APART static place blame(struct check *c, const char *record, const char *field)
{
    if (c->field == NULL) {
        c->record = record;
        c->field = field;
    }
    return BAD;
}

/* check_chat_record and so on: the fields in their order, by the functions of their types. */
#define RECORD(rec, variant, kind, text)                                                           \
    APART static place check_##rec##_record(struct check *c, place lo, place hi, place at)         \
    {
#define FIELD(rec, type, name, text)                                                               \
    lo = check_##type(c, lo, hi, at + offsetof(struct mia__arch_##rec##_record, name));            \
    if (lo == BAD)                                                                                 \
        return blame(c, #rec, #name);
#define RECORD_END(rec)                                                                            \
    return lo;                                                                                     \
    }
#include "model/schema.def"

HOT static inline place check_record(struct check *c, int number, place at)
{
    switch (number) {
#define RECORD(rec, variant, kind, text)                                                           \
    case kind:                                                                                     \
        return check_##rec##_record(c, c->begin, c->root, at);
#define FIELD(rec, type, name, text)
#define RECORD_END(rec)
#include "model/schema.def"
    }
    return BAD;
}

HOT static inline bool check_root(struct check *c, enum mia__table table)
{
    place lo, root = c->root;
    if (table != MIA__TABLE_NODES)
        lo = check_record(c, table == MIA__TABLE_EDGES ? MIA_KIND_EDGE : MIA_KIND_EMBEDDING, root);
    else if (check_tag(c, root, root, MIA__NODE_KINDS) != BAD)
        lo = check_record(c, *bytes_of(root), root + 1);
    else
        lo = BAD;
    return lo != BAD && check_texts(c, lo, lo, lo) != BAD;
}

static mia_status fail(const struct check *c, struct mia_error *err)
{
    size_t at = c->where - c->begin;
    if (c->field == NULL)
        return mia__fail(err, MIA_ERR_SERIALIZATION, "archive: at byte %zu: %s", at, c->fault);
    return mia__fail(err, MIA_ERR_SERIALIZATION, "archive: %s.%s: at byte %zu: %s", c->record,
                     c->field, at, c->fault);
}

APART static void check_text_by_text(struct check *c, enum mia__table table)
{
    *c = (struct check){
        .begin = c->begin, .root = c->root, .texts = c->begin, .is_strict = c->is_strict};
    check_root(c, table);
}

HOT static inline mia_status check(enum mia__table table, mia_slice archive, bool is_strict,
                                   struct mia_error *err)
{
    size_t root_size = mia__archive_root_size(table);
    if (archive.size < root_size)
        return mia__fail(err, MIA_ERR_SERIALIZATION,
                         "archive: %zu bytes are less than the %zu of the record itself",
                         archive.size, root_size);
    place begin = (place)archive.data;
    struct check c = {.begin = begin,
                      .root = begin + archive.size - root_size,
                      .texts = begin,
                      .far_texts = MIA__STR_MAX - MIA__STR_INLINE,
                      .is_strict = is_strict};
    if (check_root(&c, table))
        return MIA_OK;
    if (c.fault == not_utf8)
        check_text_by_text(&c, table);
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
