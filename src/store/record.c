/* store/record.c - single records, and the index entries that go with them */
#include "base/bytes.h"
#include "base/error.h"
#include "base/try.h"
#include "model/schema.h"
#include "model/utf8.h"
#include "store/store.h"

enum { SOON = 1024 }; /* bytes of a value that are asked for before it is validated or read */

static mia_slice bytes_of(mia_str text)
{
    return (mia_slice){text.data, text.size};
}

mia_status mia__store_check_id(enum mia_table table, mia_str id, struct mia_error *err)
{
    static const char *const names[] = {"Node", "Edge", "Embedding"};
    if (id.size == 0)
        return mia__fail(err, MIA_ERR_INVALID, "%s ID cannot be empty", names[table]);
    return mia__utf8_is_valid(id.data, id.size) ? MIA_OK : MIA_NOTFOUND;
}

static mia_status fail_damaged(struct mia__session *s, enum mia_table table, mia_slice id,
                               const struct mia_error *why, struct mia_error *err)
{
    char text[120];
    return mia__fail(err, why->status, "%s: %s: id %s: %s", mia_db_path(s->store->db),
                     mia_table_name(table), mia__print_bytes(text, sizeof text, id), why->message);
}

mia_status mia__store_decode(struct mia__session *s, struct mia__transcoder *transcoder,
                             enum mia_table table, mia_slice id, mia_slice value,
                             struct mia__buf *to, mia_slice *archive, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    struct mia_error why;
    mia_view view;
    struct mia__transcoded ignored;
    size_t soon = value.size < SOON ? value.size : SOON; /* archives are read from their ends on */
    *archive = value;
    if (soon > 0)
        mia__prefetch((const char *)value.data + value.size - soon, soon);
    if (s->store->format == MIA_VALUE_BINCODE) {
        rc = mia__transcode(transcoder, (enum mia__table)table, value, to, &ignored, &why);
        *archive = mia__buf_slice(to);
    } else if (!s->store->trust_values) {
        rc = mia_view_open(table, value, &view, &why);
    }
    return rc < 0 ? fail_damaged(s, table, id, &why, err) : MIA_OK;
}

mia_status mia__store_read(struct mia__session *s, enum mia_table table, mia_str id,
                           struct mia__buf *to, mia_slice *archive, struct mia_error *err)
{
    mia_slice value;
    const mia_store *store = s->store;
    *archive = (mia_slice){0};
    if (!store->has_tables[table])
        return MIA_NOTFOUND;
    mia_status rc =
        mia__raw_get(s->txn, &store->raw, store->tables[table], bytes_of(id), &value, err);
    return rc == MIA_OK
               ? mia__store_decode(s, &s->transcoder, table, bytes_of(id), value, to, archive, err)
               : rc;
}

/* A copy that lives as long as the transaction. */
static mia_status keep(struct mia__session *s, mia_slice archive, mia_slice *kept,
                       struct mia_error *err)
{
    void *copy = mia__arena_alloc(&s->arena, archive.size);
    if (copy == NULL)
        return mia__fail_nomem(err);
    memcpy(copy, archive.data, archive.size);
    *kept = (mia_slice){copy, archive.size};
    return MIA_OK;
}

mia_status mia_get_archive(mia_txn *txn, enum mia_table table, mia_str id, mia_slice *archive,
                           struct mia_error *err)
{
    mia_status rc;
    struct mia__session *s;
    uint64_t started = 0;
    *archive = (mia_slice){0};
    TRY(mia__session_of(txn, &s, err));
    started = mia__observe_start(s);
    TRY(mia__store_check_id(table, id, err));
    if (rc == MIA_NOTFOUND)
        goto done;
    s->looked_up.size = 0;
    TRY(mia__store_read(s, table, id, &s->looked_up, archive, err));
    if (rc == MIA_OK && s->store->format == MIA_VALUE_BINCODE)
        rc = keep(s, *archive, archive, err);
done:
    mia__observe(
        s,
        &(struct mia_store_event){
            .call = MIA_STORE_GET, .table = table, .id = id, .status = rc, .started_ns = started});
    return rc;
}

mia_status mia_get(mia_txn *txn, enum mia_table table, mia_str id, mia_view *view,
                   struct mia_error *err)
{
    mia_slice archive;
    mia_status rc = mia_get_archive(txn, table, id, &archive, err);
    *view = rc == MIA_OK ? mia_view_trust(table, archive) : (mia_view){0};
    return rc;
}

/* The record as it is now, copied: writes may change the memory that it lies in. NULL: none. */
static mia_status read_before(struct mia__session *s, enum mia_table table, mia_str id,
                              mia_view *view, mia_view **before, struct mia_error *err)
{
    mia_status rc;
    mia_slice archive;
    *before = NULL;
    s->before.size = 0;
    TRY(mia__store_read(s, table, id, &s->before, &archive, err));
    if (rc == MIA_NOTFOUND)
        goto done;
    if (s->store->format == MIA_VALUE_RKYV)
        TRY(mia__buf_set(&s->before, archive, err));
    *view = mia_view_trust(table, mia__buf_slice(&s->before));
    *before = view;
done:
    return rc < 0 ? rc : MIA_OK;
}

static bool has_index(const struct mia__session *s)
{
    return atomic_load(&s->store->index_state) != MIA__INDEX_ABSENT;
}

/* The stored form of an archive. */
static mia_status value_of(struct mia__session *s, enum mia_table table, mia_slice archive,
                           mia_slice *value, struct mia_error *err)
{
    *value = archive;
    if (s->store->format == MIA_VALUE_RKYV)
        return MIA_OK;
    s->bincode.size = 0;
    mia_status rc =
        mia__transcode_back(&s->transcoder, (enum mia__table)table, archive, &s->bincode, err);
    *value = mia__buf_slice(&s->bincode);
    return rc;
}

/* archive: sound, and not in memory of the database. */
static mia_status replace(struct mia__session *s, enum mia_table table, mia_slice archive,
                          struct mia_error *err)
{
    mia_status rc;
    mia_slice value;
    mia_store *store = s->store;
    mia_view before_view, *before, after = mia_view_trust(table, archive);
    mia_str id = mia_view_id(after);
    TRY(mia__store_check_id(table, id, err));
    TRY(mia__txn_check(s->txn, true, err));
    TRY(read_before(s, table, id, &before_view, &before, err));
    if (before != NULL && mia_slice_equal(mia__buf_slice(&s->before), archive))
        goto done;
    TRY(value_of(s, table, archive, &value, err));
    TRY(mia__raw_put(s->txn, &store->raw, store->tables[table], bytes_of(id), value, MIA_PUT_UPSERT,
                     NULL, err));
    if (has_index(s))
        rc = mia__index_change(s->txn, &store->index, &s->scratch, before, &after, err);
done:
    return rc;
}

static void observe_put(const struct mia__session *s, enum mia_table table, mia_str id,
                        mia_slice archive, mia_status rc, uint64_t started)
{
    mia__observe(s, &(struct mia_store_event){.call = MIA_STORE_PUT,
                                              .table = table,
                                              .id = id,
                                              .value = archive,
                                              .status = rc,
                                              .started_ns = started});
}

/* Absent for what is no record of its own. */
static mia_str id_of(const struct mia_record *record)
{
    mia_str id = {0};
    const struct mia__record_type *type = mia__record_type((int)record->kind);
    if (type != NULL && type->fields[0].type == MIA__TYPE_str)
        memcpy(&id, (const char *)&record->u + type->fields[0].owned, sizeof id);
    return id;
}

mia_status mia_put(mia_txn *txn, const struct mia_record *record, struct mia_error *err)
{
    mia_status rc;
    struct mia__session *s;
    mia_slice archive;
    uint64_t writes = txn->writes;
    enum mia_table table = mia_table_of(record->kind);
    TRY(mia__session_of(txn, &s, err));
    TRY(mia__store_check_id(table, id_of(record), err));
    if (rc == MIA_NOTFOUND) {
        rc = mia__fail(err, MIA_ERR_INVALID, "%s: an id that is not UTF-8", mia_table_name(table));
        goto done;
    }
    uint64_t started = mia__observe_start(s);
    TRY(mia_encode_archive(s->encoder, record, &archive, err));
    rc = replace(s, table, archive, err);
    observe_put(s, table, id_of(record), archive, rc, started);
done:
    return mia__txn_whole(txn, writes, rc);
}

mia_status mia_put_archive(mia_txn *txn, enum mia_table table, mia_slice archive,
                           struct mia_error *err)
{
    mia_status rc;
    struct mia__session *s;
    mia_view view;
    uint64_t writes = txn->writes;
    TRY(mia__session_of(txn, &s, err));
    TRY(mia_view_open(table, archive, &view, err));
    TRY(mia__store_check_id(table, mia_view_id(view), err));
    uint64_t started = mia__observe_start(s);
    TRY(mia__buf_set(&s->after, archive, err));
    rc = replace(s, table, mia__buf_slice(&s->after), err);
    observe_put(s, table, mia_view_id(mia_view_trust(table, mia__buf_slice(&s->after))),
                mia__buf_slice(&s->after), rc, started);
done:
    return mia__txn_whole(txn, writes, rc);
}

static mia_status remove_value(struct mia__session *s, enum mia_table table, mia_str id,
                               struct mia_error *err)
{
    return mia__raw_del(s->txn, &s->store->raw, s->store->tables[table], bytes_of(id), err);
}

/* The record under the id and its index entries. *archive: as it was, in s->before; empty for one
 * that was damaged. */
static mia_status delete_one(struct mia__session *s, enum mia_table table, mia_str id,
                             bool even_damaged, mia_slice *archive, struct mia_error *err)
{
    mia_status rc;
    struct mia_error why;
    mia_view before_view, *before;
    *archive = (mia_slice){0};
    rc = read_before(s, table, id, &before_view, &before, &why);
    if (rc == MIA_ERR_SERIALIZATION && even_damaged)
        return remove_value(s, table, id, err);
    if (rc < 0) {
        if (err != NULL)
            *err = why;
        return rc;
    }
    if (before == NULL)
        return MIA_NOTFOUND;
    TRY(remove_value(s, table, id, err));
    if (has_index(s))
        TRY(mia__index_change(s->txn, &s->store->index, &s->scratch, before, NULL, err));
    *archive = mia__buf_slice(&s->before);
    rc = MIA_OK;
done:
    return rc;
}

/* Appends the ids of the edges that begin or end at a node, each as a size_t and the bytes. */
static mia_status list_edges(struct mia__session *s, mia_str node, enum mia_direction direction,
                             struct mia__buf *ids, struct mia_error *err)
{
    mia_status rc;
    mia_neighbours *it = NULL;
    struct mia_hop hop;
    bool is_observed = s->is_observed;
    s->is_observed = false; /* it is one call to whoever made it */
    rc = mia_neighbours_open(s->txn, node, direction, (mia_str){0}, &it, err);
    s->is_observed = is_observed;
    TRY(rc);
    while ((rc = mia_neighbours_next(it, &hop, err)) == MIA_OK) {
        TRY(mia__buf_append(ids, &hop.edge_id.size, sizeof hop.edge_id.size, err));
        TRY(mia__buf_append(ids, hop.edge_id.data, hop.edge_id.size, err));
    }
done:
    mia_neighbours_close(it);
    return rc < 0 ? rc : MIA_OK;
}

/* Removes the edges of such a list. */
static mia_status delete_edges(struct mia__session *s, const struct mia__buf *ids,
                               struct mia_error *err)
{
    mia_status rc = MIA_OK;
    for (size_t at = 0; at < ids->size;) {
        mia_slice ignored;
        mia_str id;
        memcpy(&id.size, ids->data + at, sizeof id.size);
        id.data = (const char *)ids->data + at + sizeof id.size;
        at += sizeof id.size + id.size;
        TRY(delete_one(s, MIA_TABLE_EDGES, id, false, &ignored, err)); /* a loop is there twice */
    }
    rc = MIA_OK;
done:
    return rc;
}

/* The edges are listed first: what cannot be listed must change nothing, and the id may lie in
 * memory that the first write changes. */
mia_status mia_delete(mia_txn *txn, enum mia_table table, mia_str id, uint32_t flags,
                      mia_view *deleted, struct mia_error *err)
{
    mia_status rc;
    struct mia__session *s;
    struct mia__buf edges = {0};
    mia_slice archive;
    uint64_t writes = txn->writes, started = 0;
    if (deleted != NULL)
        *deleted = (mia_view){0};
    if (flags & ~(uint32_t)(MIA_DELETE_EDGES | MIA_DELETE_DAMAGED))
        return mia__fail(err, MIA_ERR_INVALID, "unknown delete flags 0x%x", flags);
    TRY(mia__session_of(txn, &s, err));
    started = mia__observe_start(s);
    TRY(mia__txn_check(txn, true, err));
    TRY(mia__store_check_id(table, id, err));
    if (rc == MIA_NOTFOUND)
        goto done;
    if (table == MIA_TABLE_NODES && (flags & MIA_DELETE_EDGES) != 0) {
        TRY(list_edges(s, id, MIA_DIRECTION_OUT, &edges, err));
        TRY(list_edges(s, id, MIA_DIRECTION_IN, &edges, err));
    }
    TRY(delete_one(s, table, id, (flags & MIA_DELETE_DAMAGED) != 0, &archive, err));
    if (rc == MIA_NOTFOUND)
        goto done;
    if (deleted != NULL && archive.size > 0) {
        TRY(keep(s, archive, &archive, err));
        *deleted = mia_view_trust(table, archive);
    }
    rc = delete_edges(s, &edges, err);
done:
    mia__buf_free(&edges);
    mia__observe(s, &(struct mia_store_event){.call = MIA_STORE_DELETE,
                                              .table = table,
                                              .id = id,
                                              .flags = flags,
                                              .status = rc,
                                              .started_ns = started});
    return mia__txn_whole(txn, writes, rc);
}

mia_status mia_embedding_of_node(mia_txn *txn, mia_str node_id, mia_view *view,
                                 struct mia_error *err)
{
    mia_status rc;
    mia_view node;
    *view = (mia_view){0};
    TRY(mia_get(txn, MIA_TABLE_NODES, node_id, &node, err));
    if (rc == MIA_NOTFOUND)
        goto done;
    mia_str id = mia_view_embedding_id(node);
    rc = id.size > 0 ? mia_get(txn, MIA_TABLE_EMBEDDINGS, id, view, err) : MIA_NOTFOUND;
done:
    return rc;
}

/* ---- a transaction each */

mia_status mia_store_put(mia_store *store, const struct mia_record *record, struct mia_error *err)
{
    mia_txn *txn;
    mia_status rc = mia_store_begin(store, MIA_TXN_WRITE, &txn, err);
    if (rc < 0)
        return rc;
    rc = mia_put(txn, record, err);
    if (rc == MIA_OK)
        return mia_txn_commit(txn, err);
    mia_txn_abort(txn);
    return rc;
}

mia_status mia_store_delete(mia_store *store, enum mia_table table, mia_str id, uint32_t flags,
                            struct mia_error *err)
{
    mia_txn *txn;
    mia_status rc = mia_store_begin(store, MIA_TXN_WRITE, &txn, err);
    if (rc < 0)
        return rc;
    rc = mia_delete(txn, table, id, flags, NULL, err);
    if (rc == MIA_OK)
        return mia_txn_commit(txn, err);
    mia_txn_abort(txn);
    return rc;
}
