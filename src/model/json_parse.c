/* model/json_parse.c - the structure of a JSON text, as a tree in an arena */
#include "base/error.h"
#include "base/try.h"
#include "model/json_reader.h"
#include "model/json_text.h"
#include "model/utf8.h"

/* What has been read of the containers that are still open, innermost last. When one closes, its
 * part becomes an array of its own. Usual texts never leave the room on the stack. */
struct pending {
    struct mia__json_member *members; /* of an array only the values count */
    size_t count, capacity;
};

struct parser {
    struct mia__json_reader reader;
    struct pending pending;
    int depth;
};

enum { FIRST_ROOM = 32 };

mia_status mia__json_fail(const struct mia__json_reader *reader, const char *at, const char *reason)
{
    return mia__fail(reader->err, MIA_ERR_SERIALIZATION, "JSON text of %zu bytes: byte %zu: %s",
                     (size_t)(reader->end - reader->begin), (size_t)(at - reader->begin), reason);
}

static inline void skip_space(struct mia__json_reader *r)
{
    if (r->at < r->end && (uint8_t)*r->at > ' ')
        return;
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\n' || *r->at == '\t' || *r->at == '\r'))
        r->at++;
}

/* Skips space; true, and behind it, if the next byte is c. */
static inline bool take(struct mia__json_reader *r, char c)
{
    skip_space(r);
    if (r->at == r->end || *r->at != c)
        return false;
    r->at++;
    return true;
}

/* Doubled: what is left behind in the arena adds up to less than the new room. */
__attribute__((noinline)) static mia_status grow(struct parser *p)
{
    struct pending *pending = &p->pending;
    struct mia__json_member *more =
        mia__arena_alloc(p->reader.arena, 2 * pending->capacity * sizeof *more);
    if (more == NULL)
        return mia__fail_nomem(p->reader.err);
    memcpy(more, pending->members, pending->count * sizeof *more);
    pending->members = more;
    pending->capacity *= 2;
    return MIA_OK;
}

static inline mia_status push(struct parser *p, const struct mia__json_member *member)
{
    mia_status rc = p->pending.count < p->pending.capacity ? MIA_OK : grow(p);
    if (rc == MIA_OK)
        p->pending.members[p->pending.count++] = *member;
    return rc;
}

/* The pending values from first on become the items of *out. */
static mia_status close_array(struct parser *p, size_t first, struct mia__json *out)
{
    size_t count = p->pending.count - first;
    struct mia__json *items = mia__arena_alloc(p->reader.arena, count * sizeof *items);
    if (items == NULL)
        return mia__fail_nomem(p->reader.err);
    for (size_t i = 0; i < count; i++)
        items[i] = p->pending.members[first + i].value;
    p->pending.count = first;
    *out = (struct mia__json){MIA__JSON_ARRAY, (uint32_t)count, {.items = items}};
    return MIA_OK;
}

static mia_status close_object(struct parser *p, size_t first, struct mia__json *out)
{
    struct mia__arena *arena = p->reader.arena;
    size_t count = p->pending.count - first;
    struct mia__json_member *members = mia__arena_alloc(arena, count * sizeof *members);
    if (members == NULL)
        return mia__fail_nomem(p->reader.err);
    memcpy(members, p->pending.members + first, count * sizeof *members);
    p->pending.count = first;
    mia_status rc = mia__json_order_members(arena, &members, &count, p->reader.err);
    *out = (struct mia__json){MIA__JSON_OBJECT, (uint32_t)count, {.members = members}};
    return rc;
}

/* At the opening quote: most strings have no escapes. */
static inline mia_status read_string(struct mia__json_reader *r, mia_str *out)
{
    const char *begin = r->at + 1, *close = mia__json_skip_plain(begin, r->end);
    if (close == r->end || *close != '"')
        return mia__json_read_string(r, out);
    *out = (mia_str){begin, (size_t)(close - begin)};
    r->at = close + 1;
    return MIA_OK;
}

static mia_status read_value(struct parser *p, struct mia__json *out);

static mia_status read_key(struct mia__json_reader *r, mia_str *key)
{
    skip_space(r);
    if (r->at == r->end || *r->at != '"')
        return mia__json_fail(r, r->at, "a key in quotes is missing");
    mia_status rc = read_string(r, key);
    if (rc == MIA_OK && !take(r, ':'))
        return mia__json_fail(r, r->at, "':' is missing behind the key");
    return rc;
}

/* At '[' or '{'. Reads to the closing bracket and leaves the entries pending. */
static mia_status read_entries(struct parser *p, bool is_object)
{
    mia_status rc = MIA_OK;
    struct mia__json_reader *r = &p->reader;
    const char close = is_object ? '}' : ']';
    size_t first = p->pending.count;
    r->at++;
    if (take(r, close))
        return MIA_OK;
    do {
        struct mia__json_member entry = {0};
        if (is_object)
            TRY(read_key(r, &entry.key));
        TRY(read_value(p, &entry.value));
        if (p->pending.count - first == UINT32_MAX)
            return mia__json_fail(r, r->at, "more than 4294967295 entries in one value");
        TRY(push(p, &entry));
    } while (take(r, ','));
    if (!take(r, close))
        return mia__json_fail(r, r->at,
                              is_object ? "',' or '}' is missing" : "',' or ']' is missing");
done:
    return rc;
}

static mia_status read_container(struct parser *p, struct mia__json *out)
{
    bool is_object = *p->reader.at == '{';
    size_t first = p->pending.count;
    if (p->depth == MIA__JSON_DEPTH)
        return mia__json_fail(&p->reader, p->reader.at,
                              "more than 127 arrays and objects inside each other");
    p->depth++;
    mia_status rc = read_entries(p, is_object);
    p->depth--;
    if (rc < 0)
        return rc;
    return is_object ? close_object(p, first, out) : close_array(p, first, out);
}

static mia_status read_word(struct mia__json_reader *r, const char *word, struct mia__json value,
                            struct mia__json *out)
{
    size_t size = strlen(word);
    if ((size_t)(r->end - r->at) < size || memcmp(r->at, word, size) != 0)
        return mia__json_fail(r, r->at,
                              "a value is missing, or a word that is not true, false, null");
    r->at += size;
    *out = value;
    return MIA_OK;
}

static mia_status read_value(struct parser *p, struct mia__json *out)
{
    struct mia__json_reader *r = &p->reader;
    skip_space(r);
    switch (r->at < r->end ? *r->at : '\0') {
    case '{':
    case '[':
        return read_container(p, out);
    case '"':
        out->kind = MIA__JSON_STRING;
        return read_string(r, &out->u.string);
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
        return mia__json_read_number(r, out);
    case 't':
        return read_word(r, "true", (struct mia__json){MIA__JSON_BOOL, 0, {.boolean = true}}, out);
    case 'f':
        return read_word(r, "false", (struct mia__json){MIA__JSON_BOOL, 0, {.boolean = false}},
                         out);
    default:
        return read_word(r, "null", (struct mia__json){0}, out);
    }
}

mia_status mia__json_parse(mia_str text, struct mia__arena *arena, struct mia__json *out,
                           struct mia_error *err)
{
    mia_status rc;
    const char *begin = text.data != NULL ? text.data : "";
    struct mia__json_member room[FIRST_ROOM];
    struct parser p = {{begin, begin, begin + text.size, arena, err}, {room, 0, FIRST_ROOM}, 0};
    struct mia__json value = {0};
    *out = value;
    if (!mia__utf8_is_valid(begin, text.size))
        return mia__json_fail(&p.reader, begin + mia__utf8_prefix(begin, text.size), "not UTF-8");
    TRY(read_value(&p, &value));
    skip_space(&p.reader);
    if (p.reader.at < p.reader.end)
        return mia__json_fail(&p.reader, p.reader.at, "something follows the value");
    *out = value;
done:
    return rc;
}
