/* store/record_of.c - a view as a struct, to be changed and put again */
#include "base/error.h"
#include "base/try.h"
#include "model/schema.h"
#include "rkyv/read_json.h"
#include "store/store.h"

struct unpacking {
    struct mia__arena *arena; /* of the transaction */
    struct mia__arena trees;
    struct mia__buf text;
    struct mia_error *err;
};

static mia_status unpack(struct unpacking *u, const struct mia__record_type *type,
                         const uint8_t *fields, char *to);

static void *reserve(struct unpacking *u, size_t count, size_t size)
{
    return count <= SIZE_MAX / size ? mia__arena_alloc(u->arena, count * size + 1) : NULL;
}

static mia_status unpack_strs(struct unpacking *u, const uint8_t *at, char *to)
{
    mia_texts texts = mia_archived_strs(at);
    mia_str *items = reserve(u, texts.count, sizeof *items);
    if (items == NULL)
        return mia__fail_nomem(u->err);
    for (size_t i = 0; i < texts.count; i++)
        items[i] = mia_texts_at(texts, i);
    mia_strs strs = {items, texts.count};
    memcpy(to, &strs, sizeof strs);
    return MIA_OK;
}

static mia_status unpack_json(struct unpacking *u, enum mia__type type, const uint8_t *at, char *to)
{
    mia_status rc;
    struct mia__json tree;
    u->text.size = 0;
    TRY(type == MIA__TYPE_metadata ? mia__read_metadata(at, &u->trees, &tree, u->err)
                                   : mia__read_json(at, &u->trees, &tree, u->err));
    TRY(mia__json_print(&tree, &u->text, u->err));
    char *copy = reserve(u, u->text.size, 1);
    if (copy == NULL) {
        rc = mia__fail_nomem(u->err);
        goto done;
    }
    memcpy(copy, u->text.data, u->text.size);
    mia_str text = {copy, u->text.size};
    memcpy(to, &text, sizeof text);
done:
    return rc;
}

static mia_status unpack_feedback(struct unpacking *u, const uint8_t *at, char *to)
{
    mia_status rc = MIA_OK;
    struct mia_feedback *feedback = NULL;
    if (at[0]) {
        feedback = reserve(u, 1, sizeof *feedback);
        if (feedback == NULL)
            return mia__fail_nomem(u->err);
        rc = unpack(u, mia__record_type(MIA__KIND_FEEDBACK), at + 1, (char *)feedback);
    }
    memcpy(to, &feedback, sizeof feedback);
    return rc;
}

static mia_status unpack_field(struct unpacking *u, enum mia__type type, const uint8_t *at,
                               char *to)
{
#define COPY(value, of)                                                                            \
    do {                                                                                           \
        of copied_ = (value);                                                                      \
        memcpy(to, &copied_, sizeof copied_);                                                      \
    } while (0)
    switch (type) {
    case MIA__TYPE_str:
        COPY(mia_archived_str(at), mia_str);
        break;
    case MIA__TYPE_opt_str:
        COPY(mia_archived_opt_str(at), mia_str);
        break;
    case MIA__TYPE_i64:
        COPY(mia_archived_i64(at), int64_t);
        break;
    case MIA__TYPE_u64:
        COPY(mia_archived_u64(at), uint64_t);
        break;
    case MIA__TYPE_opt_i64:
        COPY(mia_archived_opt_i64(at), mia_opt_i64);
        break;
    case MIA__TYPE_floats:
        COPY(mia_archived_floats(at), mia_floats);
        break;
    case MIA__TYPE_feedback_type:
        COPY(mia_archived_feedback_type(at), enum mia_feedback_type);
        break;
    case MIA__TYPE_strs:
        return unpack_strs(u, at, to);
    case MIA__TYPE_metadata:
    case MIA__TYPE_json:
        return unpack_json(u, type, at, to);
    case MIA__TYPE_opt_feedback:
        return unpack_feedback(u, at, to);
    }
#undef COPY
    return MIA_OK;
}

static mia_status unpack(struct unpacking *u, const struct mia__record_type *type,
                         const uint8_t *fields, char *to)
{
    mia_status rc = MIA_OK;
    for (size_t i = 0; i < type->field_count; i++) {
        const struct mia__field *field = &type->fields[i];
        TRY(unpack_field(u, field->type, fields + field->archived, to + field->owned));
    }
done:
    return rc;
}

mia_status mia_record_of(mia_txn *txn, mia_view view, struct mia_record *record,
                         struct mia_error *err)
{
    mia_status rc;
    struct mia__session *s;
    struct unpacking u = {.err = err};
    const struct mia__record_type *type = NULL;
    memset(record, 0, sizeof *record);
    TRY(mia__session_of(txn, &s, err));
    type = view.fields != NULL ? mia__record_type((int)view.kind) : NULL;
    if (type == NULL || view.kind == MIA_KIND_FEEDBACK) {
        rc = mia__fail(err, MIA_ERR_INVALID, "the view is of no record");
        goto done;
    }
    u.arena = &s->arena;
    record->kind = view.kind;
    rc = unpack(&u, type, view.fields, (char *)&record->u);
done:
    mia__arena_free(&u.trees);
    mia__buf_free(&u.text);
    return rc;
}
