/* index/ids.c - nodes with a property of a value, as a time line */
#include "base/error.h"
#include "base/try.h"
#include "index/legacy.h"
#include "index/multi.h"
#include "mia/index.h"

#include <stdlib.h>

struct posting {
    int64_t time_ms;
    mia_str id;
};

struct mia_ids {
    struct mia__index_reader reader;
    int64_t from_ms, to_ms;
    bool newest_first, is_started, is_over;
    /* MIA_INDEX_MULTI */
    mia_cursor *cursor;
    struct mia__buf key;
    /* MIA_INDEX_LEGACY_SETS */
    struct mia__buf kept; /* the set's value, which writes do not change */
    struct mia__set set;
    struct mia__buf postings;
    size_t count, at;
};

void mia_ids_close(struct mia_ids *ids)
{
    if (ids == NULL)
        return;
    mia_cursor_close(ids->cursor);
    mia__buf_free(&ids->key);
    mia__buf_free(&ids->kept);
    mia__set_free(&ids->set);
    mia__buf_free(&ids->postings);
    mia__free(ids);
}

/* ---- multi-value trees */

static mia_status move(struct mia_ids *ids, enum mia_move how, mia_slice *value,
                       struct mia_error *err)
{
    mia_slice key = mia__buf_slice(&ids->key);
    return mia_cursor_move(ids->cursor, how, &key, value, err);
}

/* To the key's last value that is not later than to_ms. */
static mia_status seek_last(struct mia_ids *ids, mia_slice *value, struct mia_error *err)
{
    mia_status rc;
    uint8_t behind[MIA__TIME_SIZE];
    if (ids->to_ms < INT64_MAX) {
        mia__time_store(behind, ids->to_ms + 1);
        *value = (mia_slice){behind, sizeof behind};
        TRY(move(ids, MIA_MOVE_SEEK_MULTI, value, err));
        if (rc == MIA_OK)
            return move(ids, MIA_MOVE_PREV_SAME, value, err);
    }
    *value = (mia_slice){0};
    TRY(move(ids, MIA_MOVE_SEEK_MULTI, value, err));
    if (rc == MIA_OK)
        rc = move(ids, MIA_MOVE_LAST_SAME, value, err);
done:
    return rc;
}

static mia_status step(struct mia_ids *ids, mia_slice *value, struct mia_error *err)
{
    uint8_t first[MIA__TIME_SIZE];
    if (ids->is_started)
        return move(ids, ids->newest_first ? MIA_MOVE_PREV_SAME : MIA_MOVE_NEXT_SAME, value, err);
    ids->is_started = true;
    if (ids->newest_first)
        return seek_last(ids, value, err);
    mia__time_store(first, ids->from_ms);
    *value = (mia_slice){first, sizeof first};
    return move(ids, MIA_MOVE_SEEK_MULTI, value, err);
}

static mia_status next_multi(struct mia_ids *ids, mia_str *id, int64_t *time_ms,
                             struct mia_error *err)
{
    mia_slice value;
    mia_status rc = step(ids, &value, err);
    if (rc != MIA_OK)
        return rc;
    if (value.size <= MIA__TIME_SIZE)
        return mia__index_broken(ids->reader.txn, "idx_prop", err);
    *time_ms = mia__time_load(value.data);
    if (*time_ms < ids->from_ms || *time_ms > ids->to_ms)
        return MIA_NOTFOUND;
    mia_slice fitted = {(const uint8_t *)value.data + MIA__TIME_SIZE, value.size - MIA__TIME_SIZE};
    return mia__multi_id(&ids->reader, MIA_TABLE_NODES, fitted, id, err);
}

static mia_status open_multi(struct mia_ids *ids, enum mia__property_number property, mia_str value,
                             struct mia_error *err)
{
    mia_status rc;
    mia_tree tree = ids->reader.index->trees[MIA__INDEX_PROPERTY];
    TRY(mia__multi_property_key(&ids->key, property, value, err));
    rc = mia_cursor_open(ids->reader.txn, tree, &ids->cursor, err);
done:
    return rc;
}

/* ---- MIA's sets */

static int by_time(const void *a, const void *b)
{
    const struct posting *first = a, *second = b;
    if (first->time_ms != second->time_ms)
        return first->time_ms < second->time_ms ? -1 : 1;
    return mia_slice_compare((mia_slice){first->id.data, first->id.size},
                             (mia_slice){second->id.data, second->id.size});
}

/* Takes the id in if its record has the property; a damaged one is taken in at time 0. */
static mia_status add_posting(struct mia_ids *ids, const struct mia__term *term, mia_str id,
                              struct mia_error *err)
{
    mia_view view;
    struct mia__term terms[MIA__TERMS_MOST];
    struct posting posting = {0, id};
    const struct mia__records *records = &ids->reader.records;
    mia_status rc = records->get(records->ctx, MIA_TABLE_NODES, id, &view, err);
    if (rc == MIA_OK) {
        if (!mia__terms_have(terms, mia__terms_of(view, terms), term))
            return MIA_OK;
        posting.time_ms = mia_view_time(view);
    }
    if (rc != MIA_OK && rc != MIA_ERR_SERIALIZATION)
        return rc == MIA_NOTFOUND ? MIA_OK : rc;
    if (posting.time_ms < ids->from_ms || posting.time_ms > ids->to_ms)
        return MIA_OK;
    ids->count++;
    return mia__buf_append(&ids->postings, &posting, sizeof posting, err);
}

static mia_status open_legacy(struct mia_ids *ids, enum mia__property_number property,
                              mia_str value, struct mia_error *err)
{
    mia_status rc;
    struct mia__term term = {property, value};
    const struct mia__index_reader *r = &ids->reader;
    TRY(mia__legacy_property_key(&ids->key, property, value, err));
    TRY(mia__legacy_set(r->txn, r->index, MIA__INDEX_PROPERTY, mia__buf_slice(&ids->key),
                        &ids->kept, &ids->set, err));
    for (size_t i = 0; i < ids->set.count; i++)
        TRY(add_posting(ids, &term, mia__set_members(&ids->set)[i], err));
    if (ids->count > 1)
        qsort(ids->postings.data, ids->count, sizeof(struct posting), by_time);
done:
    return rc;
}

static mia_status next_legacy(struct mia_ids *ids, mia_str *id, int64_t *time_ms)
{
    const struct posting *all = (const struct posting *)(const void *)ids->postings.data;
    if (ids->at == ids->count)
        return MIA_NOTFOUND;
    size_t i = ids->newest_first ? ids->count - 1 - ids->at : ids->at;
    ids->at++;
    *id = all[i].id;
    *time_ms = all[i].time_ms;
    return MIA_OK;
}

/* ---- both */

mia_status mia__ids_open(const struct mia__index_reader *reader, const struct mia__ids_query *query,
                         struct mia_ids **out, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    enum mia__property_number property = mia__property_named(query->property);
    struct mia_ids *ids = mia__alloc_zero(sizeof *ids);
    *out = NULL;
    if (ids == NULL)
        return mia__fail_nomem(err);
    ids->reader = *reader;
    ids->from_ms = query->from_ms;
    ids->to_ms = query->to_ms;
    ids->newest_first = query->newest_first;
    ids->is_over = property == MIA__PROPERTY_NONE || query->from_ms > query->to_ms;
    if (!ids->is_over)
        TRY(reader->index->layout == MIA_INDEX_MULTI
                ? open_multi(ids, property, query->value, err)
                : open_legacy(ids, property, query->value, err));
done:
    if (rc < 0)
        mia_ids_close(ids);
    else
        *out = ids;
    return rc;
}

mia_status mia_ids_next(struct mia_ids *ids, mia_str *id, int64_t *time_ms, struct mia_error *err)
{
    int64_t time = 0;
    *id = (mia_str){0};
    if (ids->is_over)
        return MIA_NOTFOUND;
    mia_status rc = ids->reader.index->layout == MIA_INDEX_MULTI ? next_multi(ids, id, &time, err)
                                                                 : next_legacy(ids, id, &time);
    ids->is_over = rc != MIA_OK;
    if (time_ms != NULL)
        *time_ms = time;
    return rc;
}

static mia_status count_multi(const struct mia__index_reader *reader, mia_str property,
                              mia_str value, uint64_t *n, struct mia_error *err)
{
    mia_status rc;
    struct mia__buf key = {0};
    enum mia__property_number number = mia__property_named(property);
    if (number == MIA__PROPERTY_NONE)
        return MIA_OK;
    TRY(mia__multi_property_key(&key, number, value, err));
    mia_slice bytes = mia__buf_slice(&key);
    TRY(mia_kv_count(reader->txn, reader->index->trees[MIA__INDEX_PROPERTY], &bytes, n, err));
    rc = MIA_OK;
done:
    mia__buf_free(&key);
    return rc;
}

mia_status mia__ids_count(const struct mia__index_reader *reader, mia_str property, mia_str value,
                          uint64_t *n, struct mia_error *err)
{
    *n = 0;
    if (reader->index->layout == MIA_INDEX_MULTI)
        return count_multi(reader, property, value, n, err);
    struct mia_ids *ids;
    struct mia__ids_query query = {property, value, INT64_MIN, INT64_MAX, false};
    mia_status rc = mia__ids_open(reader, &query, &ids, err);
    if (rc == MIA_OK)
        *n = ids->count;
    mia_ids_close(rc == MIA_OK ? ids : NULL);
    return rc;
}
