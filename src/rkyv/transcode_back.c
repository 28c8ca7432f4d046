/* rkyv/transcode_back.c - archives to bincode, field by field, as MIA would have written them */
#include "base/error.h"
#include "base/try.h"
#include "bincode/write.h"
#include "rkyv/check.h"
#include "rkyv/layout.h"
#include "rkyv/read_json.h"
#include "rkyv/record.h"
#include "rkyv/transcode.h"

struct writing {
    struct mia__bincode_writer out;
    struct mia__transcoder *transcoder;
};

static void write_text(struct writing *w, mia_str text)
{
    mia__bincode_write_str(&w->out, (mia_slice){text.data, text.size});
}

static void write_str(struct writing *w, const uint8_t *at)
{
    write_text(w, mia_archived_str(at));
}

static void write_strs(struct writing *w, const uint8_t *at)
{
    mia_texts texts = mia_archived_strs(at);
    mia__bincode_write_u64(&w->out, texts.count);
    for (size_t i = 0; i < texts.count; i++)
        write_text(w, mia_texts_at(texts, i));
}

static void write_tree(struct writing *w, const uint8_t *at, enum mia__type type)
{
    struct mia__json tree;
    struct mia__buf *text = &w->transcoder->text;
    struct mia__arena *arena = &w->transcoder->arena;
    if (w->out.status != MIA_OK)
        return;
    text->size = 0;
    mia_status rc = type == MIA__TYPE_metadata ? mia__read_metadata(at, arena, &tree, w->out.err)
                                               : mia__read_json(at, arena, &tree, w->out.err);
    if (rc == MIA_OK)
        rc = mia__json_print(&tree, text, w->out.err);
    if (rc == MIA_OK)
        mia__bincode_write_str(&w->out, mia__buf_slice(text));
    else
        w->out.status = rc;
}

static void write_metadata(struct writing *w, const uint8_t *at)
{
    write_tree(w, at, MIA__TYPE_metadata);
}

static void write_json(struct writing *w, const uint8_t *at)
{
    write_tree(w, at, MIA__TYPE_json);
}

static void write_opt_str(struct writing *w, const uint8_t *at)
{
    mia__bincode_write_option(&w->out, at[0] != 0);
    if (at[0])
        write_str(w, at + 1);
}

static void write_i64(struct writing *w, const uint8_t *at)
{
    mia__bincode_write_i64(&w->out, (int64_t)mia__load_u64le(at));
}

static void write_u64(struct writing *w, const uint8_t *at)
{
    mia__bincode_write_u64(&w->out, mia__load_u64le(at));
}

static void write_opt_i64(struct writing *w, const uint8_t *at)
{
    mia__bincode_write_option(&w->out, at[0] != 0);
    if (at[0])
        write_i64(w, at + 1);
}

static void write_floats(struct writing *w, const uint8_t *at)
{
    mia__bincode_write_floats(&w->out, mia_archived_floats(at));
}

static void write_feedback_type(struct writing *w, const uint8_t *at)
{
    mia__bincode_write_u64(&w->out, at[0]);
}

static void write_feedback_record(struct writing *w, const uint8_t *fields);

static void write_opt_feedback(struct writing *w, const uint8_t *at)
{
    mia__bincode_write_option(&w->out, at[0] != 0);
    if (at[0])
        write_feedback_record(w, at + 1);
}

/* write_chat_record and so on: the fields in their order, by the functions of their types. */
#define RECORD(rec, variant, kind, text)                                                           \
    static void write_##rec##_record(struct writing *w, const uint8_t *fields)                     \
    {
#define FIELD(rec, type, name, text)                                                               \
    write_##type(w, fields + offsetof(struct mia__arch_##rec##_record, name));
#define RECORD_END(rec) }
#include "model/schema.def"

static void write_record(struct writing *w, int number, const uint8_t *fields)
{
    switch (number) {
#define RECORD(rec, variant, kind, text)                                                           \
    case kind:                                                                                     \
        write_##rec##_record(w, fields);                                                           \
        break;
#define FIELD(rec, type, name, text)
#define RECORD_END(rec)
#include "model/schema.def"
    }
}

mia_status mia__transcode_back(struct mia__transcoder *transcoder, enum mia__table table,
                               mia_slice archive, struct mia__buf *to, struct mia_error *err)
{
    mia_status rc;
    TRY(mia__archive_check(table, archive, err));
    struct writing w = {.out = mia__bincode_begin(to, err), .transcoder = transcoder};
    size_t begin = to->size;
    struct mia__archive record = mia__archive_open(table, archive);
    mia__arena_reset(&transcoder->arena);
    if (table == MIA__TABLE_NODES)
        mia__bincode_write_u64(&w.out, (uint64_t)record.type->kind);
    write_record(&w, record.type->kind, record.fields);
    rc = w.out.status;
    if (rc < 0)
        to->size = begin;
done:
    return rc;
}
