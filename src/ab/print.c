/* ab/print.c - bytes and records, folded into 64 bits */
#include "ab/print.h"

#include "model/schema.h"

/* Four sums side by side: one multiplication need not wait for the other. */
static uint64_t print_long(uint64_t print, const uint8_t *at, size_t blocks)
{
    uint64_t lanes[4] = {print, print + 1, print + 2, print + 3};
    for (size_t i = 0; i < blocks; i++, at += 32)
        for (size_t lane = 0; lane < 4; lane++)
            lanes[lane] = mia__ab_print_word(lanes[lane], mia__load_u64le(at + 8 * lane));
    for (size_t lane = 0; lane < 4; lane++)
        print = mia__ab_print_word(print, lanes[lane]);
    return print;
}

uint64_t mia__ab_print_bytes(uint64_t print, const void *data, size_t size)
{
    const uint8_t *at = data;
    size_t left = size;
    uint64_t rest = 0;
    if (left >= 64) {
        print = print_long(print, at, left / 32);
        at += left / 32 * 32;
        left %= 32;
    }
    for (; left >= 8; at += 8, left -= 8)
        print = mia__ab_print_word(print, mia__load_u64le(at));
    for (size_t i = 0; i < left; i++)
        rest |= (uint64_t)at[i] << 8 * i;
    return mia__ab_print_word(mia__ab_print_word(print, rest), size);
}

static uint64_t print_json(uint64_t print, mia_json value)
{
    uint64_t sum = 0;
    struct mia_json_members m;
    print = mia__ab_print_word(print, (uint64_t)value.type << 32 | mia_json_count(value));
    switch (value.type) { /* recursion is as deep as archives may be */
    case MIA_JSON_NULL:
        return print;
    case MIA_JSON_BOOL:
        return mia__ab_print_word(print, mia_json_bool(value));
    case MIA_JSON_REAL:
    case MIA_JSON_INT:
    case MIA_JSON_UINT:
        return mia__ab_print_word(print, mia_archived_u64(value.content));
    case MIA_JSON_STRING:
        return mia__ab_print_str(print, mia_json_string(value));
    case MIA_JSON_ARRAY:
        for (size_t i = 0; i < mia_json_count(value); i++)
            print = print_json(print, mia_json_item(value, i));
        return print;
    case MIA_JSON_OBJECT:
        for (m = mia_json_members(value); mia_json_next(&m);)
            sum += print_json(mia__ab_print_str(0, m.key), m.value);
        return mia__ab_print_word(print, sum);
    }
    return print;
}

static uint64_t print_strs(uint64_t print, mia_texts texts)
{
    for (size_t i = 0; i < texts.count; i++)
        print = mia__ab_print_str(print, mia_texts_at(texts, i));
    return mia__ab_print_word(print, texts.count);
}

static uint64_t print_opt_str(uint64_t print, mia_str text)
{
    return text.data == NULL ? mia__ab_print_word(print, 1) : mia__ab_print_str(print, text);
}

static uint64_t print_field(uint64_t print, enum mia__type type, const uint8_t *at)
{
    mia_opt_i64 number;
    mia_floats floats;
    switch (type) {
    case MIA__TYPE_str:
        return mia__ab_print_str(print, mia_archived_str(at));
    case MIA__TYPE_opt_str:
        return print_opt_str(print, mia_archived_opt_str(at));
    case MIA__TYPE_strs:
        return print_strs(print, mia_archived_strs(at));
    case MIA__TYPE_i64:
    case MIA__TYPE_u64:
        return mia__ab_print_word(print, mia_archived_u64(at));
    case MIA__TYPE_opt_i64:
        number = mia_archived_opt_i64(at);
        return mia__ab_print_word(mia__ab_print_word(print, number.present),
                                  (uint64_t)number.value);
    case MIA__TYPE_floats:
        floats = mia_archived_floats(at);
        return mia__ab_print_bytes(print, floats.data, floats.count * sizeof(float));
    case MIA__TYPE_metadata:
        return print_json(print, mia_archived_metadata(at));
    case MIA__TYPE_json:
        return print_json(print, mia_archived_json(at));
    case MIA__TYPE_feedback_type:
        return mia__ab_print_word(print, at[0]);
    case MIA__TYPE_opt_feedback:
        return mia__ab_print_view(print, mia_archived_opt_feedback(at));
    }
    return print;
}

uint64_t mia__ab_print_view(uint64_t print, mia_view view)
{
    const struct mia__record_type *type = mia__record_type((int)view.kind);
    if (view.fields == NULL || type == NULL)
        return mia__ab_print_word(print, UINT64_MAX);
    print = mia__ab_print_word(print, (uint64_t)view.kind);
    for (size_t i = 0; i < type->field_count; i++)
        print = print_field(print, type->fields[i].type, view.fields + type->fields[i].archived);
    return print;
}
