/*
 * rkyv/transcode.c - bincode to archives, field by field
 *
 * The root lies behind all that it points to, so its bytes are gathered on the side. Where a field
 * holds an offset, the target is noted until the root's place is known.
 */
#include "rkyv/transcode.h"

#include "base/bytes.h"
#include "base/error.h"
#include "bincode/read.h"
#include "model/schema.h"
#include "rkyv/put.h"

enum { FIXUPS = 16 }; /* pointers in one root: no record has more fields */

/* An i32 at offset `at` of the root, relative to the object at offset `holder`. */
struct fixup {
    uint8_t at, holder;
    size_t target;
};

struct transcoding {
    struct mia__parse in;
    struct mia__put out;
    uint8_t root[MIA__NODE_SIZE];
    struct fixup fixups[FIXUPS];
    size_t fixup_count;
    /* What is being read, for the message; NULL before the first field. */
    const char *record, *field;
};

static bool is_ok(const struct transcoding *t)
{
    return t->in.fault == 0 && t->out.status == MIA_OK;
}

static void note(struct transcoding *t, size_t at, size_t holder, size_t target)
{
    t->fixups[t->fixup_count++] =
        (struct fixup){.at = (uint8_t)at, .holder = (uint8_t)holder, .target = target};
}

__attribute__((noinline)) static void take_str(struct transcoding *t, size_t at)
{
    mia_str text = mia__bincode_read_str(&t->in);
    if (text.data == NULL)
        return;
    size_t target = mia__put_text(&t->out, text);
    mia__fix_str(t->root + at, 0, text, 0);
    if (text.size > MIA__STR_INLINE)
        note(t, at + 4, at, target);
}

/* True: the value comes next; its place is behind the tag. */
static bool take_option(struct transcoding *t, size_t at)
{
    bool is_some = mia__bincode_read_option(&t->in);
    t->root[at] = is_some;
    return is_some;
}

static void take_opt_str(struct transcoding *t, size_t at)
{
    if (take_option(t, at))
        take_str(t, at + 1);
}

static void take_i64(struct transcoding *t, size_t at)
{
    mia__store_u64le(t->root + at, (uint64_t)mia__bincode_read_i64(&t->in));
}

static void take_u64(struct transcoding *t, size_t at)
{
    mia__store_u64le(t->root + at, mia__bincode_read_u64(&t->in));
}

static void take_opt_i64(struct transcoding *t, size_t at)
{
    if (take_option(t, at))
        take_i64(t, at + 1);
}

/* Twice over the input: the texts first, then their heads, which lie behind all of them. */
static void take_strs(struct transcoding *t, size_t at)
{
    size_t count = mia__bincode_read_count(&t->in);
    struct mia__parse again = t->in;
    size_t text_at = t->out.to->size;
    for (size_t i = 0; i < count && is_ok(t); i++)
        mia__put_text(&t->out, mia__bincode_read_str(&t->in));
    if (!is_ok(t))
        return;
    size_t pos = t->out.to->size, target = pos;
    uint8_t *head = count > 0 ? mia__put_extend(&t->out, count * MIA__ARCHIVE_STR) : NULL;
    if (!is_ok(t))
        return;
    for (size_t i = 0; i < count; i++, pos += MIA__ARCHIVE_STR, head += MIA__ARCHIVE_STR) {
        mia_str text = mia__bincode_read_bytes(&again);
        mia__fix_str(head, pos, text, text_at);
        if (text.size > MIA__STR_INLINE)
            text_at += text.size;
    }
    note(t, at, at, target);
    mia__store_u32le(t->root + at + 4, (uint32_t)count);
}

static void take_floats(struct transcoding *t, size_t at)
{
    mia_floats floats = mia__bincode_read_floats(&t->in);
    if (!is_ok(t))
        return;
    note(t, at, at, t->out.to->size);
    mia__put_bytes(&t->out, floats.data, floats.count * sizeof(float));
    mia__store_u32le(t->root + at + 4, (uint32_t)floats.count);
}

/* False: the text is no JSON, or not even UTF-8; t->out says why. */
static bool parse_json(struct transcoding *t, struct mia__json *value)
{
    mia_str text = mia__bincode_read_bytes(&t->in);
    if (!is_ok(t))
        return false;
    t->out.status = mia__json_parse(text, t->out.arena, value, t->out.err);
    return t->out.status == MIA_OK;
}

static void take_metadata(struct transcoding *t, size_t at)
{
    struct mia__json root;
    uint32_t len;
    if (!parse_json(t, &root))
        return;
    size_t target = mia__put_metadata(&t->out, &root, &len);
    mia__fix_map(t->root + at, 0, len, 0);
    if (len > 0)
        note(t, at, at, target);
}

/* Where in a JSON value its offset is, if it has one. */
static bool has_offset(const struct mia__json *value, size_t *at)
{
    *at = 1;
    if (value->kind == MIA__JSON_STRING) {
        *at = 1 + 4;
        return value->u.string.size > MIA__STR_INLINE;
    }
    return value->kind == MIA__JSON_ARRAY || (value->kind == MIA__JSON_OBJECT && value->count > 0);
}

/* As RkyvValue; a metadata is a map. */
static void take_json(struct transcoding *t, size_t at)
{
    struct mia__json value;
    size_t offset;
    if (!parse_json(t, &value))
        return;
    size_t target = mia__put_json(&t->out, &value);
    mia__fix_json(t->root + at, 0, &value, 0);
    if (has_offset(&value, &offset))
        note(t, at + offset, at + 1, target);
}

static void take_feedback_type(struct transcoding *t, size_t at)
{
    t->root[at] = (uint8_t)mia__bincode_read_tag(&t->in, MIA__BINCODE_FEEDBACK_TYPES);
}

static void take_feedback_record(struct transcoding *t, size_t base);

static void take_opt_feedback(struct transcoding *t, size_t at)
{
    if (take_option(t, at))
        take_feedback_record(t, at + 1);
}

/* take_chat_record and so on: the fields in their order, by the functions of their types. */
#define RECORD(rec, variant, kind, text)                                                           \
    static void take_##rec##_record(struct transcoding *t, size_t base)                            \
    {
#define FIELD(rec, type, name, text)                                                               \
    t->record = #rec;                                                                              \
    t->field = #name;                                                                              \
    take_##type(t, base + offsetof(struct mia__arch_##rec##_record, name));                        \
    if (!is_ok(t))                                                                                 \
        return;
#define RECORD_END(rec) }
#include "model/schema.def"

/* Returns the size of what was filled in. */
static size_t take_record(struct transcoding *t, int kind, size_t base)
{
    switch (kind) {
#define RECORD(rec, variant, kind, text)                                                           \
    case kind:                                                                                     \
        take_##rec##_record(t, base);                                                              \
        return sizeof(struct mia__arch_##rec##_record);
#define FIELD(rec, type, name, text)
#define RECORD_END(rec)
#include "model/schema.def"
    }
    return 0;
}

static int take_kind(struct transcoding *t, enum mia__table table)
{
    if (table == MIA__TABLE_NODES)
        return (int)mia__bincode_read_tag(&t->in, MIA__NODE_KINDS);
    return table == MIA__TABLE_EDGES ? MIA_KIND_EDGE : MIA_KIND_EMBEDDING;
}

static void append_root(struct transcoding *t, size_t size)
{
    size_t pos = t->out.to->size;
    for (size_t i = 0; i < t->fixup_count; i++) {
        const struct fixup *f = &t->fixups[i];
        mia__fix_offset(t->root + f->at, pos + f->holder, f->target);
    }
    mia__put_bytes(&t->out, t->root, size);
}

static mia_status refuse(const struct transcoding *t, const struct mia_error *why,
                         struct mia_error *err)
{
    char fault[128];
    const char *text = why->message;
    mia_status status = t->out.status;
    if (t->in.fault != 0) {
        mia__bincode_print_fault(&t->in, fault, sizeof fault);
        text = fault;
        status = MIA_ERR_SERIALIZATION;
    }
    if (status == MIA_ERR_TOO_LONG)
        status = MIA_ERR_SERIALIZATION; /* the record cannot be an archive */
    size_t offset = (size_t)((t->in.fault != 0 ? t->in.place : t->in.at) - t->in.begin);
    if (status == MIA_ERR_NOMEM)
        return mia__fail_nomem(err);
    if (t->field == NULL) /* only nodes have something before their fields */
        return mia__fail(err, status, "node: at byte %zu: %s", offset, text);
    return mia__fail(err, status, "%s.%s: %s byte %zu: %s", t->record, t->field,
                     t->in.fault != 0 ? "at" : "before", offset, text);
}

static void begin(struct transcoding *t, struct mia__transcoder *transcoder, mia_slice value,
                  struct mia__buf *to, struct mia_error *why)
{
    mia__arena_reset(&transcoder->arena);
    t->in = mia__parse_begin(value);
    t->out =
        (struct mia__put){.to = to, .begin = to->size, .arena = &transcoder->arena, .err = why};
    memset(t->root, 0, sizeof t->root);
    t->fixup_count = 0;
    t->record = t->field = NULL;
    why->message[0] = '\0';
}

mia_status mia__transcode(struct mia__transcoder *transcoder, enum mia__table table,
                          mia_slice value, struct mia__buf *to, struct mia__transcoded *out,
                          struct mia_error *err)
{
    struct mia_error why; /* to make these two zero takes as long as half a short record */
    struct transcoding t;
    begin(&t, transcoder, value, to, &why);
    bool is_node = table == MIA__TABLE_NODES;
    int kind = take_kind(&t, table);
    struct mia__parse fields = t.in;
    if (is_node)
        t.root[0] = (uint8_t)kind;
    size_t size = is_ok(&t) ? take_record(&t, kind, is_node) : 0;
    if (is_ok(&t))
        append_root(&t, is_node ? MIA__NODE_SIZE : size);
    if (!is_ok(&t)) {
        to->size = t.out.begin;
        return refuse(&t, &why, err);
    }
    /* Every record begins with its id. */
    *out = (struct mia__transcoded){kind, mia__bincode_read_bytes(&fields), mia__parse_left(&t.in)};
    return MIA_OK;
}

void mia__transcoder_free(struct mia__transcoder *t)
{
    mia__arena_free(&t->arena);
    mia__buf_free(&t->text);
}
