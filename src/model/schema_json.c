/* model/schema_json.c - the list of records as a JSON Schema */
#include "base/error.h"
#include "base/memory.h"
#include "base/try.h"
#include "mia/model.h"
#include "model/schema.h"

#include <stdarg.h>
#include <stdio.h>

/* The schema of a field's values, by type. */
static const char *const type_schemas[] = {
    [MIA__TYPE_str] = "\"type\": \"string\"",
    [MIA__TYPE_opt_str] = "\"type\": [\"string\", \"null\"]",
    [MIA__TYPE_strs] = "\"type\": \"array\", \"items\": {\"type\": \"string\"}",
    [MIA__TYPE_i64] = "\"$ref\": \"#/$defs/i64\"",
    [MIA__TYPE_u64] = "\"$ref\": \"#/$defs/u64\"",
    [MIA__TYPE_opt_i64] = "\"anyOf\": [{\"$ref\": \"#/$defs/i64\"}, {\"type\": \"null\"}]",
    [MIA__TYPE_floats] = "\"type\": \"array\", \"items\": {\"type\": \"number\"}",
    [MIA__TYPE_metadata] = "\"$comment\": \"any JSON\"",
    [MIA__TYPE_json] = "\"$comment\": \"any JSON\"",
    [MIA__TYPE_feedback_type] =
        "\"enum\": [\"Correction\", \"Approval\", \"Rejection\", \"Neutral\"]",
    [MIA__TYPE_opt_feedback] =
        "\"anyOf\": [{\"$ref\": \"#/$defs/UserFeedback\"}, {\"type\": \"null\"}]",
};

static const char opening[] =
    "{\n"
    "  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n"
    "  \"title\": \"MIA's records\",\n"
    "  \"oneOf\": [{\"$ref\": \"#/$defs/Node\"}, {\"$ref\": \"#/$defs/Edge\"}, "
    "{\"$ref\": \"#/$defs/Embedding\"}],\n"
    "  \"$defs\": {\n"
    "    \"i64\": {\"type\": \"integer\", \"minimum\": -9223372036854775808, "
    "\"maximum\": 9223372036854775807},\n"
    "    \"u64\": {\"type\": \"integer\", \"minimum\": 0, \"maximum\": 18446744073709551615},\n"
    "    \"u32\": {\"type\": \"integer\", \"minimum\": 0, \"maximum\": 4294967295},\n";

__attribute__((format(printf, 3, 4))) static mia_status
add(struct mia__buf *to, struct mia_error *err, const char *format, ...)
{
    char line[1024];
    va_list args;
    va_start(args, format);
    int size = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    if (size < 0 || (size_t)size >= sizeof line)
        return mia__fail(err, MIA_ERR_INTERNAL, "a line of the schema is too long");
    return mia__buf_append(to, line, (size_t)size, err);
}

static bool is_bits(const struct mia__field *field)
{
    return field->type == MIA__TYPE_floats;
}

static mia_status add_properties(struct mia__buf *to, const struct mia__record_type *record,
                                 struct mia_error *err)
{
    mia_status rc = MIA_OK;
    for (size_t i = 0; i < record->field_count; i++) {
        const struct mia__field *field = &record->fields[i];
        TRY(add(to, err, "        \"%s\": {%s}%s\n", field->name, type_schemas[field->type],
                i + 1 < record->field_count || is_bits(field) ? "," : ""));
        if (is_bits(field)) /* floats that JSON has no numbers for */
            TRY(add(to, err,
                    "        \"%s_bits\": {\"type\": \"array\", \"items\": {\"$ref\": "
                    "\"#/$defs/u32\"}}%s\n",
                    field->name, i + 1 < record->field_count ? "," : ""));
    }
done:
    return rc;
}

/* Floats are there as numbers or as bits; everything else always is. */
static mia_status add_required(struct mia__buf *to, const struct mia__record_type *record,
                               struct mia_error *err)
{
    mia_status rc;
    const char *floats = NULL, *comma = "";
    TRY(add(to, err, "      \"required\": ["));
    for (size_t i = 0; i < record->field_count; i++) {
        const struct mia__field *field = &record->fields[i];
        if (is_bits(field)) {
            floats = field->name;
            continue;
        }
        TRY(add(to, err, "%s\"%s\"", comma, field->name));
        comma = ", ";
    }
    TRY(add(to, err, "],\n"));
    if (floats != NULL)
        TRY(add(to, err,
                "      \"oneOf\": [{\"required\": [\"%s\"]}, {\"required\": [\"%s_bits\"]}],\n",
                floats, floats));
done:
    return rc;
}

static mia_status add_record(struct mia__buf *to, const struct mia__record_type *record,
                             struct mia_error *err)
{
    mia_status rc;
    TRY(add(to, err, "    \"%s\": {\n      \"type\": \"object\",\n      \"properties\": {\n",
            record->variant));
    TRY(add_properties(to, record, err));
    TRY(add(to, err, "      },\n"));
    TRY(add_required(to, record, err));
    TRY(add(to, err, "      \"additionalProperties\": false\n    },\n"));
done:
    return rc;
}

static mia_status add_node(struct mia__buf *to, struct mia_error *err)
{
    mia_status rc;
    TRY(add(to, err, "    \"Node\": {\n      \"oneOf\": [\n"));
    for (int kind = 0; kind < MIA__NODE_KINDS; kind++) {
        const char *name = mia__record_type(kind)->variant;
        TRY(add(to, err,
                "        {\"type\": \"object\", \"properties\": {\"%s\": {\"$ref\": "
                "\"#/$defs/%s\"}}, \"required\": [\"%s\"], \"additionalProperties\": false}%s\n",
                name, name, name, kind + 1 < MIA__NODE_KINDS ? "," : ""));
    }
    TRY(add(to, err, "      ]\n    }\n  }\n}\n"));
done:
    return rc;
}

mia_status mia_schema_json(char **json, size_t *size, struct mia_error *err)
{
    mia_status rc;
    struct mia__buf text = {0};
    *json = NULL;
    *size = 0;
    TRY(mia__buf_append(&text, opening, sizeof opening - 1, err));
    for (int kind = 0; kind <= UINT8_MAX; kind++) {
        const struct mia__record_type *record = mia__record_type(kind);
        if (record != NULL)
            TRY(add_record(&text, record, err));
    }
    TRY(add_node(&text, err));
    TRY(mia__buf_append(&text, "", 1, err));
    *json = (char *)text.data;
    *size = text.size - 1;
    text.data = NULL;
done:
    mia__buf_free(&text);
    return rc;
}
