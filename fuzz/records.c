/* records.c - an accepted archive, read and written by everything that reads and writes records */
#include "records.h"

#include "bincode/encode.h"
#include "mia/model.h"
#include "model/schema.h"
#include "rkyv/check.h"
#include "rkyv/read_json.h"

#include <assert.h>
#include <stdlib.h>

/* ---- every accessor */

static void look_at_str(mia_str text)
{
    assert(mia__utf8_is_valid(text.data, text.size));
}

static void look_at_strs(mia_texts texts)
{
    for (size_t i = 0; i < texts.count; i++)
        look_at_str(mia_texts_at(texts, i));
    assert(mia_texts_at(texts, texts.count).data == NULL);
}

static void look_at_floats(mia_floats floats)
{
    float *copy = malloc(floats.count * sizeof *copy + 1);
    assert(copy != NULL);
    mia_floats_copy(floats, copy);
    assert(floats.count == 0 || memcmp(copy, floats.data, floats.count * sizeof *copy) == 0);
    mia_floats_dot(floats, floats);
    free(copy);
}

/* All the way down; every member is found under its key. */
static void look_at_json(mia_json value)
{
    mia_json found;
    struct mia_json_members m = mia_json_members(value);
    size_t count = mia_json_count(value), members = 0;
    look_at_str(mia_json_string(value));
    mia_json_bool(value);
    mia_json_int(value);
    mia_json_uint(value);
    mia_json_real(value);
    for (; mia_json_next(&m); members++) {
        look_at_str(m.key);
        assert(mia_json_get(value, m.key, &found) && found.content == m.value.content);
        look_at_json(m.value);
    }
    assert(value.type != MIA_JSON_OBJECT || members == count);
    for (size_t i = 0; value.type == MIA_JSON_ARRAY && i < count; i++)
        look_at_json(mia_json_item(value, i));
    assert(mia_json_item(value, count).content == NULL);
}

/* Accessors give nothing for records of other kinds, so all are called. */
#define RECORD(rec, variant, kind, text)                                                           \
    static void look_at_##rec(mia_view v)                                                          \
    {
#define FIELD(rec, type, name, text) look_at_##type(mia_##rec##_##name(v));
#define RECORD_END(rec) }
#define look_at_opt_str look_at_str
#define look_at_metadata look_at_json
#define look_at_i64 (void)
#define look_at_u64 (void)
#define look_at_opt_i64 (void)
#define look_at_feedback_type(type) assert((type) <= MIA_FEEDBACK_NEUTRAL)
#define look_at_opt_feedback look_at_feedback
static void look_at_feedback(mia_view v);
#include "model/schema.def"

static void look_at_all(mia_view v)
{
#define RECORD(rec, variant, kind, text) look_at_##rec(v);
#define FIELD(rec, type, name, text)
#define RECORD_END(rec)
#include "model/schema.def"
    look_at_str(mia_view_id(v));
    look_at_str(mia_view_embedding_id(v));
    look_at_json(mia_view_metadata(v));
    mia_view_time(v);
    assert(mia_view_equal(v, v));
}

/* ---- a struct filled with the fields */

static void *take(struct fuzz_memory *m, size_t size)
{
    void *memory = mia__arena_alloc(&m->arena, size);
    assert(memory != NULL);
    return memory;
}

static mia_strs own_strs(struct fuzz_memory *m, mia_texts texts)
{
    mia_str *items = take(m, texts.count * sizeof *items);
    for (size_t i = 0; i < texts.count; i++)
        items[i] = mia_texts_at(texts, i);
    return (mia_strs){items, texts.count};
}

static mia_str own_json(struct fuzz_memory *m, const uint8_t *at, bool is_metadata)
{
    struct mia__json tree;
    struct mia__buf *text = &m->transcoder.text;
    mia_status rc = is_metadata ? mia__read_metadata(at, &m->arena, &tree, NULL)
                                : mia__read_json(at, &m->arena, &tree, NULL);
    assert(rc == MIA_OK);
    text->size = 0;
    rc = mia__json_print(&tree, text, NULL);
    assert(rc == MIA_OK);
    char *copy = take(m, text->size);
    memcpy(copy, text->data, text->size);
    return (mia_str){copy, text->size};
}

static void own_fields(struct fuzz_memory *m, const struct mia__record_type *type,
                       const uint8_t *fields, void *record);

static void own_field(struct fuzz_memory *m, enum mia__type type, const uint8_t *at, void *to)
{
    switch (type) {
    case MIA__TYPE_str:
        *(mia_str *)to = mia_archived_str(at);
        break;
    case MIA__TYPE_opt_str:
        *(mia_str *)to = mia_archived_opt_str(at);
        break;
    case MIA__TYPE_strs:
        *(mia_strs *)to = own_strs(m, mia_archived_strs(at));
        break;
    case MIA__TYPE_i64:
        *(int64_t *)to = mia_archived_i64(at);
        break;
    case MIA__TYPE_u64:
        *(uint64_t *)to = mia_archived_u64(at);
        break;
    case MIA__TYPE_opt_i64:
        *(mia_opt_i64 *)to = mia_archived_opt_i64(at);
        break;
    case MIA__TYPE_floats:
        *(mia_floats *)to = mia_archived_floats(at);
        break;
    case MIA__TYPE_metadata:
    case MIA__TYPE_json:
        *(mia_str *)to = own_json(m, at, type == MIA__TYPE_metadata);
        break;
    case MIA__TYPE_feedback_type:
        *(enum mia_feedback_type *)to = mia_archived_feedback_type(at);
        break;
    case MIA__TYPE_opt_feedback: {
        mia_view v = mia_archived_opt_feedback(at);
        const struct mia__record_type *feedback = mia__record_type(MIA__KIND_FEEDBACK);
        void *owned = v.fields != NULL ? take(m, feedback->owned_size) : NULL;
        *(const struct mia_feedback **)to = owned;
        if (owned != NULL)
            own_fields(m, feedback, v.fields, owned);
        break;
    }
    }
}

static void own_fields(struct fuzz_memory *m, const struct mia__record_type *type,
                       const uint8_t *fields, void *record)
{
    for (size_t i = 0; i < type->field_count; i++) {
        const struct mia__field *f = &type->fields[i];
        own_field(m, f->type, fields + f->archived, (char *)record + f->owned);
    }
}

static void encode_owned(struct fuzz_memory *m, mia_view v, struct mia__buf *to)
{
    struct mia_record record = {.kind = v.kind};
    mia__arena_reset(&m->arena);
    own_fields(m, mia__record_type((int)v.kind), v.fields, &record.u);
    mia_status rc = mia__bincode_encode(&record, to, NULL);
    assert(rc == MIA_OK);
}

/* ---- all of it */

static void transcode(struct fuzz_memory *m, enum mia__table table, mia_slice bincode,
                      struct mia__buf *to)
{
    struct mia__transcoded record;
    to->size = 0;
    mia_status rc = mia__transcode(&m->transcoder, table, bincode, to, &record, NULL);
    assert(rc == MIA_OK && record.trailing == 0);
}

static void transcode_back(struct fuzz_memory *m, enum mia__table table, mia_slice archive,
                           struct mia__buf *to)
{
    to->size = 0;
    mia_status rc = mia__transcode_back(&m->transcoder, table, archive, to, NULL);
    assert(rc == MIA_OK);
}

/* A foreign archive may have 5 as a UInt, which becomes an Int: so texts are compared. */
static void check_same_text(mia_view a, mia_view b)
{
    char *first, *second;
    size_t first_size, second_size;
    mia_status rc = mia_view_json(a, &first, &first_size, NULL);
    assert(rc == MIA_OK && strlen(first) == first_size);
    assert(mia__utf8_is_valid(first, first_size));
    rc = mia_view_json(b, &second, &second_size, NULL);
    assert(rc == MIA_OK && first_size == second_size && memcmp(first, second, first_size) == 0);
    mia_free(first);
    mia_free(second);
}

void fuzz_check_accepted(struct fuzz_memory *m, enum mia__table table, mia_slice archive)
{
    mia_view view, ours;
    mia_status rc = mia_view_open((enum mia_table)table, archive, &view, NULL);
    assert(rc == MIA_OK);
    rc = mia__archive_check_as_rkyv(table, archive, NULL);
    assert(rc == MIA_OK);
    look_at_all(view);
    transcode_back(m, table, archive, &m->first);
    transcode(m, table, mia__buf_slice(&m->first), &m->second);
    rc = mia_view_open((enum mia_table)table, mia__buf_slice(&m->second), &ours, NULL);
    assert(rc == MIA_OK);
    look_at_all(ours);
    check_same_text(view, ours);
    transcode_back(m, table, mia__buf_slice(&m->second), &m->third);
    assert(mia_slice_equal(mia__buf_slice(&m->third), mia__buf_slice(&m->first)));
    m->third.size = 0;
    encode_owned(m, view, &m->third);
    assert(mia_slice_equal(mia__buf_slice(&m->third), mia__buf_slice(&m->first)));
}

void fuzz_check_refusal(mia_status rc, const struct mia_error *err)
{
    assert(rc == MIA_ERR_SERIALIZATION && err->status == rc && strlen(err->message) > 10);
}

void fuzz_memory_free(struct fuzz_memory *m)
{
    mia__transcoder_free(&m->transcoder);
    mia__arena_free(&m->arena);
    mia__buf_free(&m->first);
    mia__buf_free(&m->second);
    mia__buf_free(&m->third);
}
