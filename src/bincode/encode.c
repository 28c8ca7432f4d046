/* bincode/encode.c - records to bincode, field by field as the list of records has them */
#include "bincode/encode.h"

#include "base/error.h"
#include "bincode/format.h"
#include "bincode/write.h"
#include "model/schema.h"
#include "model/utf8.h"

/* A record on its way, or the feedback in it. */
struct encoding {
    struct mia__bincode_writer *w;
    const struct mia__record_type *type;
    const struct mia__field *field; /* the current one */
};

static void write_text(struct encoding *e, mia_str text)
{
    if (text.data == NULL)
        text.size = 0;
    if (e->w->status == MIA_OK && !mia__utf8_is_valid(text.data, text.size))
        e->w->status =
            mia__fail(e->w->err, MIA_ERR_SERIALIZATION,
                      "%s.%s: not UTF-8, which every text must be", e->type->name, e->field->name);
    mia__bincode_write_str(e->w, (mia_slice){text.data, text.size});
}

static void write_strs(struct encoding *e, mia_strs list)
{
    mia__bincode_write_u64(e->w, list.count);
    for (size_t i = 0; i < list.count && e->w->status == MIA_OK; i++)
        write_text(e, list.items[i]);
}

static void write_feedback_type(struct encoding *e, enum mia_feedback_type type)
{
    if (e->w->status == MIA_OK && (unsigned)type >= MIA__BINCODE_FEEDBACK_TYPES)
        e->w->status = mia__fail(e->w->err, MIA_ERR_INVALID, "%s.%s: %d is no kind of feedback",
                                 e->type->name, e->field->name, (int)type);
    mia__bincode_write_u64(e->w, (uint64_t)type);
}

static void write_fields(struct mia__bincode_writer *w, const struct mia__record_type *type,
                         const void *record);

static void write_field(struct encoding *e, const void *value)
{
    switch (e->field->type) {
    case MIA__TYPE_str:
        write_text(e, *(const mia_str *)value);
        break;
    case MIA__TYPE_metadata:
    case MIA__TYPE_json: {
        const mia_str *text = value;
        write_text(e, text->data != NULL ? *text : MIA_STR("{}"));
        break;
    }
    case MIA__TYPE_opt_str: {
        const mia_str *text = value;
        mia__bincode_write_option(e->w, text->data != NULL);
        if (text->data != NULL)
            write_text(e, *text);
        break;
    }
    case MIA__TYPE_strs:
        write_strs(e, *(const mia_strs *)value);
        break;
    case MIA__TYPE_i64:
        mia__bincode_write_i64(e->w, *(const int64_t *)value);
        break;
    case MIA__TYPE_u64:
        mia__bincode_write_u64(e->w, *(const uint64_t *)value);
        break;
    case MIA__TYPE_opt_i64: {
        const mia_opt_i64 *number = value;
        mia__bincode_write_option(e->w, number->present);
        if (number->present)
            mia__bincode_write_i64(e->w, number->value);
        break;
    }
    case MIA__TYPE_floats:
        mia__bincode_write_floats(e->w, *(const mia_floats *)value);
        break;
    case MIA__TYPE_feedback_type:
        write_feedback_type(e, *(const enum mia_feedback_type *)value);
        break;
    case MIA__TYPE_opt_feedback: {
        const struct mia_feedback *feedback = *(const struct mia_feedback *const *)value;
        mia__bincode_write_option(e->w, feedback != NULL);
        if (feedback != NULL)
            write_fields(e->w, mia__record_type(MIA__KIND_FEEDBACK), feedback);
        break;
    }
    }
}

/* Recursion ends at once: a feedback has no feedback. */
static void write_fields(struct mia__bincode_writer *w, const struct mia__record_type *type,
                         const void *record)
{
    struct encoding e = {.w = w, .type = type};
    for (size_t i = 0; i < type->field_count && w->status == MIA_OK; i++) {
        e.field = &type->fields[i];
        write_field(&e, (const char *)record + e.field->owned);
    }
}

mia_status mia__bincode_encode(const struct mia_record *record, struct mia__buf *to,
                               struct mia_error *err)
{
    const struct mia__record_type *type = mia__record_type((int)record->kind);
    if (type == NULL || type->kind == MIA__KIND_FEEDBACK)
        return mia__fail(err, MIA_ERR_INVALID, "%d is no kind of record (enum mia_kind)",
                         (int)record->kind);
    struct mia__bincode_writer w = mia__bincode_begin(to, err);
    if (mia__kind_is_node(type->kind))
        mia__bincode_write_u64(&w, (uint64_t)type->kind);
    write_fields(&w, type, &record->u);
    if (w.status != MIA_OK)
        to->size = w.begin;
    return w.status;
}
