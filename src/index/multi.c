/* index/multi.c - the index in multi-value trees: its entries, and how they change */
#include "index/multi.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/try.h"
#include "index/spaces.h"

static const uint64_t sign = UINT64_C(1) << 63;

void mia__time_store(uint8_t *to, int64_t time_ms)
{
    mia__store_u64be(to, (uint64_t)time_ms ^ sign);
}

int64_t mia__time_load(const void *from)
{
    return (int64_t)(mia__load_u64be(from) ^ sign);
}

mia_status mia__multi_property_key(struct mia__buf *key, enum mia__property_number property,
                                   mia_str value, struct mia_error *err)
{
    mia_status rc;
    uint8_t number = (uint8_t)property;
    key->size = 0;
    TRY(mia__buf_append(key, &number, 1, err));
    rc = mia__fit_escaped(key, value, MIA__FIT_VALUE, err);
done:
    return rc;
}

mia_status mia__multi_property_value(struct mia__buf *value, int64_t time_ms, mia_str id,
                                     struct mia_error *err)
{
    mia_status rc;
    uint8_t time[MIA__TIME_SIZE];
    mia__time_store(time, time_ms);
    value->size = 0;
    TRY(mia__buf_append(value, time, sizeof time, err));
    rc = mia__fit(value, id, MIA__FIT_ID, err);
done:
    return rc;
}

mia_status mia__multi_edge_key(struct mia__buf *key, enum mia__index_tree tree, mia_view edge,
                               struct mia_error *err)
{
    key->size = 0;
    return mia__fit(key,
                    tree == MIA__INDEX_OUTGOING ? mia_edge_from_node(edge) : mia_edge_to_node(edge),
                    MIA__FIT_ID, err);
}

mia_status mia__multi_edge_value(struct mia__buf *value, enum mia__index_tree tree, mia_view edge,
                                 struct mia_error *err)
{
    mia_status rc;
    value->size = 0;
    TRY(mia__fit_escaped(value, mia_edge_edge_type(edge), MIA__FIT_TYPE, err));
    TRY(mia__buf_append(value, "", 1, err));
    TRY(mia__fit_escaped(
        value, tree == MIA__INDEX_OUTGOING ? mia_edge_to_node(edge) : mia_edge_from_node(edge),
        MIA__FIT_ID, err));
    TRY(mia__buf_append(value, "", 1, err));
    rc = mia__fit(value, mia_edge_id(edge), MIA__FIT_ID, err);
done:
    return rc;
}

mia_status mia__index_broken(mia_txn *txn, const char *tree, struct mia_error *err)
{
    return mia__fail(err, MIA_ERR_CORRUPT,
                     "%s: %s: an entry that no index has; run `mia index rebuild`",
                     mia_db_path(mia_txn_db(txn)), tree);
}

/* ---- long ids */

static mia_status long_key(struct mia__buf *key, enum mia_table table, mia_slice fitted,
                           struct mia_error *err)
{
    mia_status rc;
    uint8_t number = (uint8_t)table;
    key->size = 0;
    TRY(mia__buf_append(key, &number, 1, err));
    rc = mia__buf_append(key, fitted.data, fitted.size, err);
done:
    return rc;
}

mia_status mia__multi_id(const struct mia__index_reader *reader, enum mia_table table,
                         mia_slice fitted, mia_str *id, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    struct mia__buf key = {0};
    mia_slice value;
    *id = (mia_str){fitted.data, fitted.size};
    if (fitted.size < MIA__FIT_ID)
        goto done;
    TRY(long_key(&key, table, fitted, err));
    TRY(mia_kv_get(reader->txn, reader->index->trees[MIA__INDEX_LONG], mia__buf_slice(&key), &value,
                   err));
    if (rc == MIA_NOTFOUND)
        rc = mia__index_broken(reader->txn, "idx_long", err);
    else
        *id = (mia_str){value.data, value.size};
done:
    mia__buf_free(&key);
    return rc;
}

/* The entry of a record with a long id; no other has one. */
static mia_status each_long(struct mia__index_scratch *s, mia_view record,
                            const struct mia__entries *to, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    mia_str id = mia_view_id(record);
    if (id.size < MIA__FIT_ID)
        goto done;
    s->value.size = 0;
    TRY(mia__fit(&s->value, id, MIA__FIT_ID, err));
    TRY(long_key(&s->key, mia_table_of(record.kind), mia__buf_slice(&s->value), err));
    rc = to->take(to->ctx, MIA__INDEX_LONG, mia__buf_slice(&s->key), (mia_slice){id.data, id.size},
                  err);
done:
    return rc;
}

/* ---- entries */

static mia_status each_term(struct mia__index_scratch *s, mia_view node,
                            const struct mia__term *kept, size_t kept_count,
                            const struct mia__entries *to, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    struct mia__term terms[MIA__TERMS_MOST];
    size_t count = mia__terms_of(node, terms);
    for (size_t i = 0; i < count; i++) {
        if (mia__terms_have(kept, kept_count, &terms[i]))
            continue;
        TRY(mia__multi_property_key(&s->key, terms[i].property, terms[i].value, err));
        TRY(mia__multi_property_value(&s->value, mia_view_time(node), mia_view_id(node), err));
        TRY(to->take(to->ctx, MIA__INDEX_PROPERTY, mia__buf_slice(&s->key),
                     mia__buf_slice(&s->value), err));
    }
    rc = MIA_OK;
done:
    return rc;
}

static mia_status each_end(struct mia__index_scratch *s, enum mia__index_tree tree, mia_view edge,
                           const struct mia__entries *to, struct mia_error *err)
{
    mia_status rc;
    TRY(mia__multi_edge_key(&s->key, tree, edge, err));
    TRY(mia__multi_edge_value(&s->value, tree, edge, err));
    rc = to->take(to->ctx, tree, mia__buf_slice(&s->key), mia__buf_slice(&s->value), err);
done:
    return rc;
}

mia_status mia__multi_entries(struct mia__index_scratch *s, mia_view record,
                              const struct mia__entries *to, struct mia_error *err)
{
    mia_status rc;
    TRY(each_long(s, record, to, err));
    TRY(each_term(s, record, NULL, 0, to, err)); /* of a node */
    if (record.kind != MIA_KIND_EDGE)
        goto done;
    TRY(each_end(s, MIA__INDEX_OUTGOING, record, to, err));
    rc = each_end(s, MIA__INDEX_INCOMING, record, to, err);
done:
    return rc;
}

/* ---- changes */

struct change {
    mia_txn *txn;
    const struct mia__index *index;
};

static mia_status put(void *ctx, enum mia__index_tree tree, mia_slice key, mia_slice value,
                      struct mia_error *err)
{
    const struct change *c = ctx;
    return mia_kv_put(c->txn, c->index->trees[tree], key, value, MIA_PUT_UPSERT, err);
}

/* An entry that is missing already is no reason to stop. */
static mia_status del(void *ctx, enum mia__index_tree tree, mia_slice key, mia_slice value,
                      struct mia_error *err)
{
    const struct change *c = ctx;
    return mia_kv_del(c->txn, c->index->trees[tree], key, tree == MIA__INDEX_LONG ? NULL : &value,
                      err);
}

mia_status mia__multi_change_terms(mia_txn *txn, const struct mia__index *index,
                                   struct mia__index_scratch *s, mia_view node,
                                   const struct mia__term *kept, size_t kept_count, bool is_added,
                                   struct mia_error *err)
{
    struct change change = {txn, index};
    struct mia__entries to = {is_added ? put : del, &change};
    return each_term(s, node, kept, kept_count, &to, err);
}

static mia_status change_edge(mia_txn *txn, const struct mia__index *index,
                              struct mia__index_scratch *s, enum mia__index_tree tree,
                              const mia_view *before, const mia_view *after, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    s->key.size = s->value.size = 0;
    s->other_key.size = s->other_value.size = 0;
    if (after != NULL) {
        TRY(mia__multi_edge_key(&s->other_key, tree, *after, err));
        TRY(mia__multi_edge_value(&s->other_value, tree, *after, err));
    }
    if (before != NULL) {
        TRY(mia__multi_edge_key(&s->key, tree, *before, err));
        TRY(mia__multi_edge_value(&s->value, tree, *before, err));
        if (after != NULL &&
            mia_slice_equal(mia__buf_slice(&s->key), mia__buf_slice(&s->other_key)) &&
            mia_slice_equal(mia__buf_slice(&s->value), mia__buf_slice(&s->other_value)))
            goto done;
        struct change change = {txn, index};
        TRY(del(&change, tree, mia__buf_slice(&s->key), mia__buf_slice(&s->value), err));
    }
    rc = MIA_OK;
    if (after != NULL)
        rc = mia_kv_put(txn, index->trees[tree], mia__buf_slice(&s->other_key),
                        mia__buf_slice(&s->other_value), MIA_PUT_UPSERT, err);
done:
    return rc;
}

mia_status mia__multi_change(mia_txn *txn, const struct mia__index *index,
                             struct mia__index_scratch *s, const mia_view *before,
                             const mia_view *after, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    mia_view record = before != NULL ? *before : *after;
    struct change change = {txn, index};
    struct mia__entries to = {before == NULL ? put : del, &change};
    if ((before == NULL) != (after == NULL))
        TRY(each_long(s, record, &to, err));
    if (record.kind == MIA_KIND_EMBEDDING) {
        rc = mia__spaces_change(txn, index, s, before, after, err);
        goto done;
    }
    if (record.kind != MIA_KIND_EDGE) {
        rc = mia__index_change_node(txn, index, s, before, after, err);
        goto done;
    }
    TRY(change_edge(txn, index, s, MIA__INDEX_OUTGOING, before, after, err));
    rc = change_edge(txn, index, s, MIA__INDEX_INCOMING, before, after, err);
done:
    return rc < 0 ? rc : MIA_OK;
}
