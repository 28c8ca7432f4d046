/* rkyv/view.c - views of records: opening, common fields, comparing, printing */
#include "base/error.h"
#include "base/try.h"
#include "mia/model.h"
#include "rkyv/check.h"
#include "rkyv/json.h"
#include "rkyv/record.h"

mia_status mia_view_open(enum mia_table table, mia_slice archive, mia_view *view,
                         struct mia_error *err)
{
    mia_status rc = mia__archive_check((enum mia__table)table, archive, err);
    *view = rc == MIA_OK ? mia_view_trust(table, archive) : (mia_view){0};
    return rc;
}

static const struct mia__record_type *type_of(mia_view view)
{
    return view.fields != NULL ? mia__record_type((int)view.kind) : NULL;
}

mia_str mia_view_id(mia_view view)
{
    bool has_id = view.fields != NULL && view.kind != MIA_KIND_FEEDBACK;
    return has_id ? mia_archived_str(view.fields) : (mia_str){0};
}

/* The field of this name, NULL if the kind has none. */
static const struct mia__field *find_field(const struct mia__record_type *type, const char *name)
{
    for (size_t i = 0; type != NULL && i < type->field_count; i++)
        if (strcmp(type->fields[i].name, name) == 0)
            return &type->fields[i];
    return NULL;
}

mia_str mia_view_embedding_id(mia_view view)
{
    const struct mia__field *field = find_field(type_of(view), "embedding_id");
    return field != NULL ? mia_archived_opt_str(view.fields + field->archived) : (mia_str){0};
}

mia_json mia_view_metadata(mia_view view)
{
    const struct mia__field *field = find_field(type_of(view), "metadata");
    return field != NULL ? mia_archived_metadata(view.fields + field->archived) : (mia_json){0};
}

int64_t mia_view_time(mia_view view)
{
    const struct mia__record_type *type = type_of(view);
    if (type == NULL || type->time_size == 0)
        return 0;
    const uint8_t *at = view.fields + type->time;
    bool is_optional = type->time_size == sizeof(mia__arch_opt_i64);
    return is_optional ? mia_archived_opt_i64(at).value : mia_archived_i64(at);
}

mia_status mia_view_json(mia_view view, char **json, size_t *size, struct mia_error *err)
{
    mia_status rc;
    struct mia__buf text = {0};
    struct mia__arena arena = {0};
    *json = NULL;
    *size = 0;
    TRY(mia__view_print(view, &arena, &text, err));
    TRY(mia__buf_append(&text, "", 1, err));
    *json = (char *)text.data;
    *size = text.size - 1;
    text.data = NULL;
done:
    mia__buf_free(&text);
    mia__arena_free(&arena);
    return rc;
}

void mia_free(void *memory)
{
    mia__free(memory);
}
