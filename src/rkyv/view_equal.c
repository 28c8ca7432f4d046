/* rkyv/view_equal.c - are two records the same in every value? */
#include "mia/model.h"
#include "model/schema.h"

static bool is_same_str(mia_str a, mia_str b)
{
    return (a.data == NULL) == (b.data == NULL) && a.size == b.size &&
           (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

static bool is_same_strs(mia_texts a, mia_texts b)
{
    size_t i = 0;
    while (i < a.count && i < b.count && is_same_str(mia_texts_at(a, i), mia_texts_at(b, i)))
        i++;
    return i == a.count && i == b.count;
}

static bool is_same_json(mia_json a, mia_json b);

static bool is_same_array(mia_json a, mia_json b)
{
    size_t i = 0, count = mia_json_count(a);
    while (i < count && is_same_json(mia_json_item(a, i), mia_json_item(b, i)))
        i++;
    return i == count;
}

/* As many members, and each of one is one of the other. */
static bool is_same_object(mia_json a, mia_json b)
{
    struct mia_json_members m = mia_json_members(a);
    mia_json other;
    while (mia_json_next(&m))
        if (!mia_json_get(b, m.key, &other) || !is_same_json(m.value, other))
            return false;
    return true;
}

/* Recursion is as deep as archives may be. */
static bool is_same_json(mia_json a, mia_json b)
{
    if (a.type != b.type || mia_json_count(a) != mia_json_count(b))
        return false;
    switch (a.type) {
    case MIA_JSON_NULL:
        return true;
    case MIA_JSON_BOOL:
        return mia_json_bool(a) == mia_json_bool(b);
    case MIA_JSON_REAL:
    case MIA_JSON_INT:
    case MIA_JSON_UINT:
        return mia_archived_u64(a.content) == mia_archived_u64(b.content);
    case MIA_JSON_STRING:
        return is_same_str(mia_json_string(a), mia_json_string(b));
    case MIA_JSON_ARRAY:
        return is_same_array(a, b);
    case MIA_JSON_OBJECT:
        return is_same_object(a, b);
    }
    return false;
}

static bool is_same_floats(mia_floats a, mia_floats b)
{
    return a.count == b.count &&
           (a.count == 0 || memcmp(a.data, b.data, a.count * sizeof(float)) == 0);
}

static bool is_same_opt_i64(mia_opt_i64 a, mia_opt_i64 b)
{
    return a.present == b.present && a.value == b.value;
}

static bool is_same_feedback(const uint8_t *a, const uint8_t *b)
{
    mia_view first = mia_archived_opt_feedback(a), second = mia_archived_opt_feedback(b);
    if (first.fields == NULL || second.fields == NULL)
        return first.fields == second.fields;
    return mia_view_equal(first, second);
}

static bool is_same_field(enum mia__type type, const uint8_t *a, const uint8_t *b)
{
    switch (type) {
    case MIA__TYPE_str:
        return is_same_str(mia_archived_str(a), mia_archived_str(b));
    case MIA__TYPE_opt_str:
        return is_same_str(mia_archived_opt_str(a), mia_archived_opt_str(b));
    case MIA__TYPE_strs:
        return is_same_strs(mia_archived_strs(a), mia_archived_strs(b));
    case MIA__TYPE_i64:
    case MIA__TYPE_u64:
        return memcmp(a, b, sizeof(uint64_t)) == 0;
    case MIA__TYPE_opt_i64:
        return is_same_opt_i64(mia_archived_opt_i64(a), mia_archived_opt_i64(b));
    case MIA__TYPE_floats:
        return is_same_floats(mia_archived_floats(a), mia_archived_floats(b));
    case MIA__TYPE_metadata:
        return is_same_json(mia_archived_metadata(a), mia_archived_metadata(b));
    case MIA__TYPE_json:
        return is_same_json(mia_archived_json(a), mia_archived_json(b));
    case MIA__TYPE_feedback_type:
        return a[0] == b[0];
    case MIA__TYPE_opt_feedback:
        return is_same_feedback(a, b);
    }
    return false;
}

bool mia_view_equal(mia_view a, mia_view b)
{
    if (a.fields == NULL || b.fields == NULL)
        return a.fields == b.fields;
    const struct mia__record_type *type = mia__record_type((int)a.kind);
    if (a.kind != b.kind || type == NULL)
        return false;
    for (size_t i = 0; i < type->field_count; i++) {
        const struct mia__field *f = &type->fields[i];
        if (!is_same_field(f->type, a.fields + f->archived, b.fields + f->archived))
            return false;
    }
    return true;
}
