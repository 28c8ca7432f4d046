/* rkyv/json.c - archived records as JSON text */
#include "rkyv/json.h"

#include "base/error.h"
#include "base/try.h"
#include "rkyv/layout.h"
#include "rkyv/read_json.h"
#include "rkyv/record.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

struct printing {
    struct mia__buf *to;
    struct mia__arena *arena;
    mia_status status; /* the first failure sticks */
    struct mia_error *err;
};

static void put(struct printing *p, const char *text)
{
    if (p->status == MIA_OK)
        p->status = mia__buf_append(p->to, text, strlen(text), p->err);
}

static void put_str(struct printing *p, mia_str text)
{
    if (p->status == MIA_OK)
        p->status = mia__json_print_string(text, p->to, p->err);
}

static void put_signed(struct printing *p, int64_t number)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, number);
    put(p, text);
}

static void put_unsigned(struct printing *p, uint64_t number)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, number);
    put(p, text);
}

static void put_strs(struct printing *p, const uint8_t *at)
{
    mia_texts texts = mia_archived_strs(at);
    put(p, "[");
    for (size_t i = 0; i < texts.count && p->status == MIA_OK; i++) {
        put(p, i > 0 ? "," : "");
        put_str(p, mia_texts_at(texts, i));
    }
    put(p, "]");
}

static float load_float(mia_floats floats, size_t i)
{
    float number;
    uint32_t bits = mia__load_u32le((const uint8_t *)floats.data + i * sizeof bits);
    memcpy(&number, &bits, sizeof number);
    return number;
}

static bool is_finite(mia_floats floats)
{
    for (size_t i = 0; i < floats.count; i++)
        if (!isfinite(load_float(floats, i)))
            return false;
    return true;
}

static void put_floats(struct printing *p, mia_floats floats, bool as_bits)
{
    put(p, "[");
    for (size_t i = 0; i < floats.count && p->status == MIA_OK; i++) {
        put(p, i > 0 ? "," : "");
        if (as_bits)
            put_unsigned(p, mia__load_u32le((const uint8_t *)floats.data + i * sizeof(float)));
        else if (p->status == MIA_OK)
            p->status = mia__json_print_real((double)load_float(floats, i), p->to, p->err);
    }
    put(p, "]");
}

static void put_json(struct printing *p, const uint8_t *at, enum mia__type type)
{
    struct mia__json tree;
    if (p->status == MIA_OK)
        p->status = type == MIA__TYPE_metadata ? mia__read_metadata(at, p->arena, &tree, p->err)
                                               : mia__read_json(at, p->arena, &tree, p->err);
    if (p->status == MIA_OK)
        p->status = mia__json_print(&tree, p->to, p->err);
}

static void put_record(struct printing *p, const struct mia__record_type *type,
                       const uint8_t *fields);

static void put_value(struct printing *p, enum mia__type type, const uint8_t *at)
{
    static const char *const feedback[] = {"\"Correction\"", "\"Approval\"", "\"Rejection\"",
                                           "\"Neutral\""};
    switch (type) {
    case MIA__TYPE_str:
        put_str(p, mia_archived_str(at));
        break;
    case MIA__TYPE_opt_str:
        if (at[0])
            put_str(p, mia_archived_str(at + 1));
        else
            put(p, "null");
        break;
    case MIA__TYPE_strs:
        put_strs(p, at);
        break;
    case MIA__TYPE_i64:
        put_signed(p, (int64_t)mia__load_u64le(at));
        break;
    case MIA__TYPE_u64:
        put_unsigned(p, mia__load_u64le(at));
        break;
    case MIA__TYPE_opt_i64:
        if (at[0])
            put_signed(p, (int64_t)mia__load_u64le(at + 1));
        else
            put(p, "null");
        break;
    case MIA__TYPE_floats:
        break; /* put_field */
    case MIA__TYPE_metadata:
    case MIA__TYPE_json:
        put_json(p, at, type);
        break;
    case MIA__TYPE_feedback_type:
        put(p, feedback[at[0] & 3]);
        break;
    case MIA__TYPE_opt_feedback:
        if (at[0])
            put_record(p, mia__record_type(MIA__KIND_FEEDBACK), at + 1);
        else
            put(p, "null");
        break;
    }
}

static void put_field(struct printing *p, const struct mia__field *field, const uint8_t *at)
{
    put(p, "\"");
    put(p, field->name);
    if (field->type == MIA__TYPE_floats) {
        mia_floats floats = mia_archived_floats(at);
        bool as_bits = !is_finite(floats);
        put(p, as_bits ? "_bits\":" : "\":");
        put_floats(p, floats, as_bits);
    } else {
        put(p, "\":");
        put_value(p, field->type, at);
    }
}

/* Recursion ends at once: a feedback has no feedback. */
static void put_record(struct printing *p, const struct mia__record_type *type,
                       const uint8_t *fields)
{
    put(p, "{");
    for (size_t i = 0; i < type->field_count; i++) {
        put(p, i > 0 ? "," : "");
        put_field(p, &type->fields[i], fields + type->fields[i].archived);
    }
    put(p, "}");
}

mia_status mia__view_print(mia_view view, struct mia__arena *arena, struct mia__buf *to,
                           struct mia_error *err)
{
    struct printing p = {.to = to, .arena = arena, .err = err};
    const struct mia__record_type *type =
        view.fields != NULL ? mia__record_type((int)view.kind) : NULL;
    if (type == NULL)
        return mia__fail(err, MIA_ERR_INVALID, "an empty view cannot be printed");
    mia__arena_reset(arena);
    if (mia__kind_is_node((int)view.kind)) {
        put(&p, "{\"");
        put(&p, type->variant);
        put(&p, "\":");
    }
    put_record(&p, type, view.fields);
    put(&p, mia__kind_is_node((int)view.kind) ? "}" : "");
    return p.status;
}

mia_status mia__archive_print(enum mia__table table, mia_slice archive, struct mia__arena *arena,
                              struct mia__buf *to, struct mia_error *err)
{
    struct mia__archive record = mia__archive_open(table, archive);
    return mia__view_print((mia_view){record.fields, (enum mia_kind)record.type->kind}, arena, to,
                           err);
}
