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

static void write_str(struct writing *w, mia_str text)
{
    mia__bincode_write_str(&w->out, (mia_slice){text.data, text.size});
}

static void write_strs(struct writing *w, const uint8_t *at)
{
    mia_texts texts = mia_archived_strs(at);
    mia__bincode_write_u64(&w->out, texts.count);
    for (size_t i = 0; i < texts.count; i++)
        write_str(w, mia_texts_at(texts, i));
}

static void write_json(struct writing *w, const uint8_t *at, enum mia__type type)
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

static void write_fields(struct writing *w, const struct mia__record_type *type,
                         const uint8_t *fields);

static void write_field(struct writing *w, enum mia__type type, const uint8_t *at)
{
    switch (type) {
    case MIA__TYPE_str:
        write_str(w, mia_archived_str(at));
        break;
    case MIA__TYPE_opt_str:
        mia__bincode_write_option(&w->out, at[0] != 0);
        if (at[0])
            write_str(w, mia_archived_str(at + 1));
        break;
    case MIA__TYPE_strs:
        write_strs(w, at);
        break;
    case MIA__TYPE_i64:
        mia__bincode_write_i64(&w->out, (int64_t)mia__load_u64le(at));
        break;
    case MIA__TYPE_u64:
        mia__bincode_write_u64(&w->out, mia__load_u64le(at));
        break;
    case MIA__TYPE_opt_i64:
        mia__bincode_write_option(&w->out, at[0] != 0);
        if (at[0])
            mia__bincode_write_i64(&w->out, (int64_t)mia__load_u64le(at + 1));
        break;
    case MIA__TYPE_floats:
        mia__bincode_write_floats(&w->out, mia_archived_floats(at));
        break;
    case MIA__TYPE_metadata:
    case MIA__TYPE_json:
        write_json(w, at, type);
        break;
    case MIA__TYPE_feedback_type:
        mia__bincode_write_u64(&w->out, at[0]);
        break;
    case MIA__TYPE_opt_feedback:
        mia__bincode_write_option(&w->out, at[0] != 0);
        if (at[0])
            write_fields(w, mia__record_type(MIA__KIND_FEEDBACK), at + 1);
        break;
    }
}

/* Recursion ends at once: a feedback has no feedback. */
static void write_fields(struct writing *w, const struct mia__record_type *type,
                         const uint8_t *fields)
{
    for (size_t i = 0; i < type->field_count; i++)
        write_field(w, type->fields[i].type, fields + type->fields[i].archived);
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
    write_fields(&w, record.type, record.fields);
    rc = w.out.status;
    if (rc < 0)
        to->size = begin;
done:
    return rc;
}
