/* index/check.c - does every entry of the index say what its record says? */
#include "base/error.h"
#include "base/try.h"
#include "index/legacy.h"
#include "index/multi.h"
#include "index/spaces.h"

uint64_t mia__index_wanted(const struct mia__index *index, mia_view record)
{
    struct mia__term terms[MIA__TERMS_MOST];
    size_t is_long = index->layout == MIA_INDEX_MULTI && mia_view_id(record).size >= MIA__FIT_ID;
    switch (mia_table_of(record.kind)) {
    case MIA_TABLE_NODES:
        return mia__terms_of(record, terms) + is_long;
    case MIA_TABLE_EDGES:
        return 2 + is_long;
    case MIA_TABLE_EMBEDDINGS:
        if (index->layout == MIA_INDEX_MULTI)
            return (mia__spaces_want(record) ? 2 : 0) + is_long;
        break;
    }
    return 0;
}

struct verifying {
    const struct mia__index_reader *reader;
    mia__index_tick tick;
    void *ctx;
    uint64_t entries, sound;
    struct mia__buf key, value; /* as the record would have them */
    struct mia__set set;
    struct mia_error *err;
};

/* The record that an entry names; MIA_NOTFOUND also for one that is damaged. */
static mia_status find(struct verifying *v, enum mia_table table, mia_str id, mia_view *view)
{
    const struct mia__records *records = &v->reader->records;
    mia_status rc = records->get(records->ctx, table, id, view, v->err);
    return rc == MIA_ERR_SERIALIZATION ? MIA_NOTFOUND : rc;
}

static mia_status find_fitted(struct verifying *v, enum mia_table table, mia_slice fitted,
                              mia_view *view)
{
    mia_str id;
    mia_status rc = mia__multi_id(v->reader, table, fitted, &id, v->err);
    if (rc == MIA_ERR_CORRUPT)
        return MIA_NOTFOUND;
    return rc == MIA_OK ? find(v, table, id, view) : rc;
}

static bool is_wanted(const struct verifying *v, mia_slice key, mia_slice value)
{
    return mia_slice_equal(key, mia__buf_slice(&v->key)) &&
           mia_slice_equal(value, mia__buf_slice(&v->value));
}

/* MIA_NOTFOUND: nothing bears the entry out. */
static mia_status verify_property(struct verifying *v, mia_slice key, mia_slice value)
{
    mia_status rc = MIA_NOTFOUND;
    mia_view node;
    struct mia__term terms[MIA__TERMS_MOST];
    if (value.size <= MIA__TIME_SIZE)
        goto done;
    mia_slice id = {(const uint8_t *)value.data + MIA__TIME_SIZE, value.size - MIA__TIME_SIZE};
    TRY(find_fitted(v, MIA_TABLE_NODES, id, &node));
    size_t count = rc == MIA_OK ? mia__terms_of(node, terms) : 0;
    for (size_t i = 0; i < count; i++) {
        TRY(mia__multi_property_key(&v->key, terms[i].property, terms[i].value, v->err));
        TRY(mia__multi_property_value(&v->value, mia_view_time(node), mia_view_id(node), v->err));
        if (is_wanted(v, key, value))
            return MIA_OK;
    }
    rc = MIA_NOTFOUND;
done:
    return rc;
}

static mia_status verify_edge(struct verifying *v, enum mia__index_tree tree, mia_slice key,
                              mia_slice value)
{
    mia_status rc;
    mia_view edge;
    mia_slice id = value, element;
    if (!mia__fit_take(&id, &element) || !mia__fit_take(&id, &element))
        return MIA_NOTFOUND;
    TRY(find_fitted(v, MIA_TABLE_EDGES, id, &edge));
    if (rc == MIA_NOTFOUND)
        goto done;
    TRY(mia__multi_edge_key(&v->key, tree, edge, v->err));
    TRY(mia__multi_edge_value(&v->value, tree, edge, v->err));
    rc = is_wanted(v, key, value) ? MIA_OK : MIA_NOTFOUND;
done:
    return rc;
}

static mia_status verify_long(struct verifying *v, mia_slice key, mia_slice value)
{
    mia_status rc;
    mia_view view;
    mia_str id = {value.data, value.size};
    const uint8_t *bytes = key.data;
    if (key.size < 1 || bytes[0] > MIA_TABLE_EMBEDDINGS)
        return MIA_NOTFOUND;
    TRY(find(v, (enum mia_table)bytes[0], id, &view));
    if (rc == MIA_NOTFOUND)
        goto done;
    v->value.size = 0;
    TRY(mia__fit(&v->value, id, MIA__FIT_ID, v->err));
    rc = mia_slice_equal(mia__buf_slice(&v->value), (mia_slice){bytes + 1, key.size - 1})
             ? MIA_OK
             : MIA_NOTFOUND;
done:
    return rc;
}

static mia_status verify_vector(struct verifying *v, enum mia__index_tree tree, mia_slice key,
                                mia_slice value)
{
    bool is_sound;
    mia_status rc = mia__spaces_verify(v->reader, tree, key, value, &is_sound, v->err);
    return rc < 0 || is_sound ? rc : MIA_NOTFOUND;
}

static mia_status verify_multi(struct verifying *v, enum mia__index_tree tree, mia_slice key,
                               mia_slice value)
{
    mia_status rc = tree == MIA__INDEX_PROPERTY ? verify_property(v, key, value)
                    : tree == MIA__INDEX_LONG   ? verify_long(v, key, value)
                    : tree > MIA__INDEX_LONG    ? verify_vector(v, tree, key, value)
                                                : verify_edge(v, tree, key, value);
    v->entries++;
    v->sound += rc == MIA_OK;
    return rc < 0 ? rc : MIA_OK;
}

/* Whether a record has this key in one of MIA's trees. */
static mia_status is_under(struct verifying *v, enum mia__index_tree tree, mia_view record,
                           mia_slice key, bool *found)
{
    mia_status rc = MIA_OK;
    struct mia__term terms[MIA__TERMS_MOST];
    *found = false;
    if (tree != MIA__INDEX_PROPERTY) {
        TRY(mia__legacy_edge_key(&v->key,
                                 tree == MIA__INDEX_OUTGOING ? mia_edge_from_node(record)
                                                             : mia_edge_to_node(record),
                                 v->err));
        *found = mia_slice_equal(key, mia__buf_slice(&v->key));
        goto done;
    }
    size_t count = mia__terms_of(record, terms);
    for (size_t i = 0; i < count && !*found; i++) {
        TRY(mia__legacy_property_key(&v->key, terms[i].property, terms[i].value, v->err));
        *found = mia_slice_equal(key, mia__buf_slice(&v->key));
    }
done:
    return rc;
}

static mia_status verify_legacy(struct verifying *v, enum mia__index_tree tree, mia_slice key,
                                mia_slice value)
{
    mia_status rc;
    enum mia_table table = tree == MIA__INDEX_PROPERTY ? MIA_TABLE_NODES : MIA_TABLE_EDGES;
    rc = mia__set_read(&v->set, value, v->err);
    if (rc == MIA_ERR_SERIALIZATION) {
        v->entries++; /* one that is worth nothing */
        return MIA_OK;
    }
    for (size_t i = 0; i < v->set.count && rc >= 0; i++) {
        mia_view view;
        bool found = false;
        TRY(find(v, table, mia__set_members(&v->set)[i], &view));
        if (rc == MIA_OK)
            TRY(is_under(v, tree, view, key, &found));
        v->entries++;
        v->sound += found;
    }
    rc = rc < 0 ? rc : MIA_OK;
done:
    return rc;
}

static mia_status verify_tree(struct verifying *v, enum mia__index_tree tree)
{
    mia_status rc;
    mia_cursor *cur = NULL;
    mia_slice key, value;
    const struct mia__index *index = v->reader->index;
    bool is_multi = index->layout == MIA_INDEX_MULTI;
    TRY(mia_cursor_open(v->reader->txn, index->trees[tree], &cur, v->err));
    while ((rc = mia_cursor_move(cur, MIA_MOVE_NEXT, &key, &value, v->err)) == MIA_OK) {
        TRY(is_multi ? verify_multi(v, tree, key, value) : verify_legacy(v, tree, key, value));
        if (v->tick != NULL && !v->tick(v->ctx, v->entries)) {
            rc = mia__fail(v->err, MIA_ERR_CANCELLED, "stopped while checking the index");
            goto done;
        }
    }
done:
    mia_cursor_close(cur);
    return rc < 0 ? rc : MIA_OK;
}

mia_status mia__index_verify(const struct mia__index_reader *reader, mia__index_tick tick,
                             void *ctx, uint64_t *entries, uint64_t *sound, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    struct verifying v = {.reader = reader, .tick = tick, .ctx = ctx, .err = err};
    bool has_long = reader->index->layout == MIA_INDEX_MULTI;
    for (int i = 0; i < (has_long ? MIA__INDEX_TREES : MIA__INDEX_LONG); i++)
        if (i != MIA__INDEX_SPACES) /* no entries of records */
            TRY(verify_tree(&v, (enum mia__index_tree)i));
done:
    *entries = v.entries;
    *sound = v.sound;
    mia__buf_free(&v.key);
    mia__buf_free(&v.value);
    mia__set_free(&v.set);
    return rc;
}
