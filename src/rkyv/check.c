/*
 * rkyv/check.c - the validator
 *
 * The state is a window [lo, hi) of the archive that nobody has claimed. An object claims its own
 * bytes, then its content claims what lies before them; afterwards what comes behind is free. So
 * what an object points to lies before it, siblings lie in their order, and nothing is shared.
 */
#include "rkyv/check.h"

#include "base/error.h"
#include "model/json.h"
#include "rkyv/layout.h"
#include "rkyv/record.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

enum {
    MOST_NESTED = 127,
    MOST_NESTED_AS_RKYV = 1024,
    FEEDBACK_TYPES = MIA_FEEDBACK_NEUTRAL + 1,
    VALUE_TAGS = 8
};

struct check {
    const uint8_t *bytes;
    int64_t lo, hi;
    bool is_strict; /* S1 and S3 to S6, too */
    int deepest;    /* arrays and objects inside one another, seen so far */
    /* For the message. */
    const struct mia__record_type *type;
    const struct mia__field *field;
    const char *fault; /* NULL: sound so far */
    int64_t place;     /* offset of the object that is wrong */
};

static bool refuse(struct check *c, int64_t place, const char *fault)
{
    c->fault = fault;
    c->place = place;
    return false;
}

/* Takes n bytes at p, and saves where the window goes on behind them. */
static inline bool claim(struct check *c, int64_t place, int64_t p, int64_t n, int64_t *saved_hi)
{
    if (p < c->lo || n > c->hi - p)
        return refuse(c, place, "points outside the bytes that are left for it");
    *saved_hi = c->hi;
    c->hi = p;
    return true;
}

static inline void release(struct check *c, int64_t end, int64_t saved_hi)
{
    c->lo = end;
    c->hi = saved_hi;
}

static inline int64_t target_of(const struct check *c, int64_t holder, int64_t at)
{
    return holder + (int32_t)mia__load_u32le(c->bytes + at);
}

static bool check_str(struct check *c, int64_t at)
{
    const uint8_t *head = c->bytes + at;
    int64_t saved;
    if (!mia__rkyv_str_is_far(head)) {
        if (!mia__utf8_is_valid(head, mia__rkyv_str_near_size(head)))
            return refuse(c, at, "text is not UTF-8");
        return true;
    }
    int64_t size = (int64_t)mia__rkyv_str_far_size(head), target = target_of(c, at, at + 4);
    if (size <= MIA__STR_INLINE)
        return refuse(c, at, "a short text lies outside its head");
    if (!claim(c, at, target, size, &saved))
        return false;
    if (!mia__utf8_is_valid(c->bytes + target, (size_t)size))
        return refuse(c, target, "text is not UTF-8");
    release(c, target + size, saved);
    return true;
}

static bool check_tag(struct check *c, int64_t at, unsigned tags)
{
    return c->bytes[at] < tags || refuse(c, at, "has a tag that does not exist");
}

static bool check_opt_str(struct check *c, int64_t at)
{
    return check_tag(c, at, 2) && (c->bytes[at] == 0 || check_str(c, at + 1));
}

/* Claims the elements of a list. */
static bool open_vec(struct check *c, int64_t at, int64_t size, int64_t *items, int64_t *count,
                     int64_t *saved)
{
    *items = target_of(c, at, at);
    *count = mia__load_u32le(c->bytes + at + 4);
    return claim(c, at, *items, *count * size, saved);
}

static bool check_strs(struct check *c, int64_t at)
{
    int64_t items, count, saved;
    if (!open_vec(c, at, MIA__ARCHIVE_STR, &items, &count, &saved))
        return false;
    for (int64_t i = 0; i < count; i++)
        if (!check_str(c, items + i * MIA__ARCHIVE_STR))
            return false;
    release(c, items + count * MIA__ARCHIVE_STR, saved);
    return true;
}

static bool check_floats(struct check *c, int64_t at)
{
    int64_t items, count, saved;
    if (!open_vec(c, at, sizeof(float), &items, &count, &saved))
        return false;
    release(c, items + count * (int64_t)sizeof(float), saved);
    return true;
}

static bool check_value(struct check *c, int64_t at, int depth);

static bool check_array(struct check *c, int64_t at, int depth)
{
    int64_t items, count, saved;
    if (!open_vec(c, at, MIA__ARCHIVE_VALUE, &items, &count, &saved))
        return false;
    for (int64_t i = 0; i < count; i++)
        if (!check_value(c, items + i * MIA__ARCHIVE_VALUE, depth))
            return false;
    release(c, items + count * MIA__ARCHIVE_VALUE, saved);
    return true;
}

/* S1: rkyv looks at some of these bytes only. */
static bool check_control(struct check *c, const uint8_t *control, const struct mia__map_shape *s,
                          int64_t at)
{
    uint64_t copies = mia__map_copies(s);
    for (uint64_t i = 0; i < s->cap; i++)
        if ((control[i] & 0x80) && control[i] != MIA__MAP_EMPTY)
            return refuse(c, at, "map: an empty bucket is marked wrongly");
    if (memcmp(control + s->cap, control, copies) != 0)
        return refuse(c, at, "map: a copy of a control byte differs");
    for (uint64_t i = s->cap + copies; i < s->control; i++)
        if (control[i] != MIA__MAP_EMPTY)
            return refuse(c, at, "map: a byte behind the control bytes is not 0xff");
    return true;
}

/* What rkyv compares: its upper bound is odd, and so is this. */
static bool check_copies_as_rkyv(struct check *c, const uint8_t *control,
                                 const struct mia__map_shape *s, int64_t at)
{
    uint64_t end = 2 * s->cap < s->control - s->cap ? 2 * s->cap : s->control - s->cap;
    for (uint64_t i = s->cap; i < end; i++)
        if (control[i] != control[i % s->cap])
            return refuse(c, at, "map: a copy of a control byte differs");
    return true;
}

static bool check_buckets(struct check *c, const struct mia__rkyv_map *map, int64_t control,
                          int64_t at, int depth)
{
    uint32_t occupied = 0;
    for (uint32_t i = 0; i < map->cap; i++) {
        if (!mia__rkyv_is_occupied(map, i))
            continue;
        int64_t entry = control - ((int64_t)i + 1) * MIA__MAP_ENTRY;
        if (!check_str(c, entry) || !check_value(c, entry + MIA__ARCHIVE_STR, depth))
            return false;
        occupied++;
    }
    return occupied == map->len ||
           refuse(c, at, "map: the occupied buckets are not as many as its entries");
}

/* S4. All keys are known to be texts inside the archive by now. */
static bool check_lookups(struct check *c, const struct mia__rkyv_map *map, int64_t at)
{
    for (uint32_t i = 0; i < map->cap; i++) {
        if (!mia__rkyv_is_occupied(map, i))
            continue;
        const uint8_t *entry = mia__rkyv_bucket(map, i);
        if (mia__rkyv_map_get(map, mia__rkyv_str(entry)) != entry + MIA__ARCHIVE_STR)
            return refuse(c, at, "map: a key is there twice or where no lookup finds it");
    }
    return true;
}

static bool check_map(struct check *c, int64_t at, int depth)
{
    int64_t saved, target = target_of(c, at, at);
    struct mia__rkyv_map map = {.len = mia__load_u32le(c->bytes + at + 4),
                                .cap = mia__load_u32le(c->bytes + at + 8)};
    if (c->is_strict && map.cap != mia__map_cap(map.len))
        return refuse(c, at, "map: the number of buckets is not that of its entries");
    if (map.len == 0 && map.cap == 0)
        return !c->is_strict || target - at == 1 ||
               refuse(c, at, "map: an empty one has an offset");
    if (map.len >= map.cap)
        return refuse(c, at, "map: has no free bucket");
    struct mia__map_shape shape = mia__map_shape(map.cap);
    int64_t buckets = (int64_t)shape.cap * MIA__MAP_ENTRY, control = (int64_t)shape.control;
    if (!claim(c, at, target - buckets, buckets + control, &saved))
        return false;
    map.control = c->bytes + target;
    if (c->is_strict && !check_control(c, map.control, &shape, at))
        return false;
    if (!check_buckets(c, &map, target, at, depth))
        return false;
    if (c->is_strict ? !check_lookups(c, &map, at)
                     : !check_copies_as_rkyv(c, map.control, &shape, at))
        return false;
    release(c, target + control, saved);
    return true;
}

/* The map of a metadata has no tag, but it is an object of the JSON text unless it wraps another
 * root. The mark of such a root would be read as a key that another one is read as, too. */
static bool check_metadata(struct check *c, int64_t at)
{
    c->deepest = 0;
    if (!check_map(c, at, 0))
        return false;
    struct mia__rkyv_map map = mia__rkyv_map(c->bytes + at);
    bool is_wrapped = c->is_strict && map.len > 0 && mia__rkyv_map_get(&map, MIA_STR("\0")) != NULL;
    if (!c->is_strict)
        return true;
    if (is_wrapped && map.len > 1)
        return refuse(c, at, "map: its key U+0000 is not alone");
    return is_wrapped || c->deepest < MOST_NESTED ||
           refuse(c, at, "too many arrays and objects inside one another");
}

static bool check_number(struct check *c, int64_t at)
{
    double number;
    uint64_t bits = mia__load_u64le(c->bytes + at);
    memcpy(&number, &bits, sizeof number);
    return !c->is_strict || isfinite(number) || refuse(c, at, "number is not finite");
}

/* depth: arrays and objects around this value. */
static bool check_value(struct check *c, int64_t at, int depth)
{
    if (!check_tag(c, at, VALUE_TAGS))
        return false;
    switch ((enum mia__json_kind)c->bytes[at]) {
    case MIA__JSON_NULL:
    case MIA__JSON_INT:
    case MIA__JSON_UINT:
        break;
    case MIA__JSON_BOOL:
        return check_tag(c, at + 1, 2);
    case MIA__JSON_REAL:
        return check_number(c, at + 1);
    case MIA__JSON_STRING:
        return check_str(c, at + 1);
    case MIA__JSON_ARRAY:
    case MIA__JSON_OBJECT:
        if (c->deepest <= depth)
            c->deepest = depth + 1;
        if (depth == (c->is_strict ? MOST_NESTED : MOST_NESTED_AS_RKYV))
            return refuse(c, at, "too many arrays and objects inside one another");
        return c->bytes[at] == MIA__JSON_ARRAY ? check_array(c, at + 1, depth + 1)
                                               : check_map(c, at + 1, depth + 1);
    }
    return true;
}

static bool check_fields(struct check *c, const struct mia__record_type *type, int64_t base);

static bool check_field(struct check *c, enum mia__type type, int64_t at)
{
    switch (type) {
    case MIA__TYPE_str:
        return check_str(c, at);
    case MIA__TYPE_opt_str:
        return check_opt_str(c, at);
    case MIA__TYPE_strs:
        return check_strs(c, at);
    case MIA__TYPE_i64:
    case MIA__TYPE_u64:
        return true;
    case MIA__TYPE_opt_i64:
        return check_tag(c, at, 2);
    case MIA__TYPE_floats:
        return check_floats(c, at);
    case MIA__TYPE_metadata:
        return check_metadata(c, at);
    case MIA__TYPE_json:
        return check_value(c, at, 0);
    case MIA__TYPE_feedback_type:
        return check_tag(c, at, FEEDBACK_TYPES);
    case MIA__TYPE_opt_feedback:
        return check_tag(c, at, 2) &&
               (c->bytes[at] == 0 || check_fields(c, mia__record_type(MIA__KIND_FEEDBACK), at + 1));
    }
    return false;
}

/* Recursion ends at once: a feedback has no feedback. */
static bool check_fields(struct check *c, const struct mia__record_type *type, int64_t base)
{
    const struct mia__field *end = type->fields + type->field_count;
    for (const struct mia__field *f = type->fields; f < end; f++) {
        if (!check_field(c, f->type, base + f->archived)) {
            if (c->field == NULL) {
                c->type = type;
                c->field = f;
            }
            return false;
        }
    }
    return true;
}

static bool check_root(struct check *c, enum mia__table table, int64_t root)
{
    if (table != MIA__TABLE_NODES) {
        int kind = table == MIA__TABLE_EDGES ? MIA_KIND_EDGE : MIA_KIND_EMBEDDING;
        return check_fields(c, mia__record_type(kind), root);
    }
    return check_tag(c, root, MIA__NODE_KINDS) &&
           check_fields(c, mia__record_type(c->bytes[root]), root + 1);
}

static mia_status check(enum mia__table table, mia_slice archive, bool is_strict,
                        struct mia_error *err)
{
    struct check c = {.bytes = archive.data, .is_strict = is_strict};
    size_t root_size = mia__archive_root_size(table);
    if (archive.size < root_size)
        return mia__fail(err, MIA_ERR_SERIALIZATION,
                         "archive: %zu bytes are less than the %zu of the record itself",
                         archive.size, root_size);
    c.hi = (int64_t)(archive.size - root_size);
    if (check_root(&c, table, c.hi))
        return MIA_OK;
    if (c.field == NULL)
        return mia__fail(err, MIA_ERR_SERIALIZATION, "archive: at byte %" PRId64 ": %s", c.place,
                         c.fault);
    return mia__fail(err, MIA_ERR_SERIALIZATION, "archive: %s.%s: at byte %" PRId64 ": %s",
                     c.type->name, c.field->name, c.place, c.fault);
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
