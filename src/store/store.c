/* store/store.c - opening a database of MIA's records */
#include "store/store.h"

#include "base/error.h"
#include "base/options.h"
#include "base/try.h"
#include "engine/meta.h"
#include "store/vectors.h"

static mia_status refuse(mia_store *store, const char *why, struct mia_error *err)
{
    return mia__fail(err, MIA_ERR_INVALID, "%s: %s", mia_db_path(store->db), why);
}

static mia_status has_trees(mia_txn *txn, bool *has, struct mia_error *err)
{
    mia_slice name;
    mia_status rc = mia_tree_next(txn, NULL, &name, err);
    *has = rc == MIA_OK;
    return rc < 0 ? rc : MIA_OK;
}

static mia_status check_format(mia_store *store, mia_txn *txn, struct mia_error *err)
{
    bool wants_archives = store->format == MIA_VALUE_RKYV;
    if (wants_archives && !store->raw.is_typed)
        return refuse(store, "holds a sled database byte for byte; migrate it without --raw", err);
    if (!wants_archives && store->raw.is_typed)
        return refuse(store, "holds archives, which this engine does not", err);
    return wants_archives ? mia__raw_check_schema(txn, &store->raw, err) : MIA_OK;
}

/* What the database says of itself; written into a new one. */
static mia_status open_format(mia_store *store, mia_txn *txn, struct mia_error *err)
{
    mia_status rc;
    bool has, is_typed = store->format == MIA_VALUE_RKYV;
    TRY(mia__raw_open(txn, &store->raw, err));
    if (rc == MIA_OK) {
        rc = check_format(store, txn, err);
        goto done;
    }
    TRY(has_trees(txn, &has, err));
    if (has || store->is_read_only) {
        rc = refuse(store, "holds something else than MIA's records", err);
        goto done;
    }
    TRY(mia__raw_create(txn, 0, is_typed, &store->raw, err));
    if (is_typed)
        TRY(mia__raw_write_schema(txn, &store->raw, err));
done:
    return rc;
}

/* By which its files are told from those of other databases. */
static mia_status read_uuid(mia_store *store, mia_txn *txn, struct mia_error *err)
{
    mia_slice uuid;
    mia_status rc = mia__meta_get(txn, store->raw.meta, "uuid", &uuid, err);
    store->has_uuid = rc == MIA_OK && uuid.size == sizeof store->uuid;
    if (store->has_uuid)
        memcpy(store->uuid, uuid.data, sizeof store->uuid);
    return rc < 0 ? rc : MIA_OK;
}

static mia_status open_tables(mia_store *store, mia_txn *txn, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    for (int i = 0; i < MIA__TABLES; i++) {
        mia_slice name = mia_bytes_of(mia__table_name((enum mia__table)i));
        TRY(mia__raw_tree(txn, &store->raw, name, !store->is_read_only, &store->tables[i], err));
        store->has_tables[i] = rc == MIA_OK;
    }
    rc = MIA_OK;
done:
    return rc;
}

static mia_status is_empty(mia_store *store, mia_txn *txn, bool *empty, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    *empty = true;
    for (int i = 0; i < MIA__TABLES && *empty; i++) {
        mia_slice key, value;
        mia_cursor *cur;
        if (!store->has_tables[i])
            continue;
        TRY(mia_cursor_open(txn, store->tables[i], &cur, err));
        rc = mia_cursor_move(cur, MIA_MOVE_FIRST, &key, &value, err);
        mia_cursor_close(cur);
        TRY(rc);
        *empty = rc == MIA_NOTFOUND;
    }
    rc = MIA_OK;
done:
    return rc;
}

static mia_status open_index(mia_store *store, mia_txn *txn, struct mia_error *err)
{
    mia_status rc;
    bool empty;
    enum mia_index_layout layout = mia_db_engine(store->db)->index_layout;
    enum mia__index_state state = MIA__INDEX_ABSENT;
    TRY(mia__index_open(txn, layout, false, &store->index, err));
    if (store->index.is_present && store->without_indexes && !store->is_read_only) {
        rc = refuse(store, "has indexes, which writes without them would leave behind", err);
        goto done;
    }
    TRY(is_empty(store, txn, &empty, err));
    if (!store->index.is_present && empty && !store->without_indexes && !store->is_read_only)
        TRY(mia__index_open(txn, layout, true, &store->index, err));
    if (store->index.is_present && !store->without_indexes)
        state = MIA__INDEX_READY;
    if (state == MIA__INDEX_READY && store->has_meta) {
        mia_slice mark;
        TRY(mia__meta_get(txn, store->raw.meta, MIA__INDEX_MARK, &mark, err));
        if (rc == MIA_OK)
            state = MIA__INDEX_REBUILDING;
    }
    atomic_store(&store->index_state, (int)state);
    rc = MIA_OK;
done:
    return rc;
}

static mia_status prepare(mia_store *store, const struct mia_place *place, struct mia_error *err)
{
    mia_status rc;
    mia_txn *txn = NULL;
    TRY(mia_txn_begin(store->db, store->is_read_only ? MIA_TXN_READ : MIA_TXN_WRITE, &txn, err));
    if (store->has_meta) {
        TRY(open_format(store, txn, err));
        TRY(read_uuid(store, txn, err));
    }
    TRY(mia__store_open_place(store, txn, place, err));
    TRY(open_tables(store, txn, err));
    TRY(open_index(store, txn, err));
    if (!store->is_read_only) {
        rc = mia_txn_commit(txn, err);
        txn = NULL;
    }
done:
    mia_txn_abort(txn);
    return rc;
}

void mia__store_free(mia_store *store)
{
    mia__vectors_free(store->vectors);
    while (store->idle != NULL) {
        struct mia__session *s = store->idle;
        store->idle = s->next;
        mia__session_free(s);
    }
    pthread_cond_destroy(&store->changed);
    pthread_mutex_destroy(&store->lock);
    mia__free(store);
}

/* What the index's entries need at most: index/index.h. */
static mia_status check_limits(mia_store *store, struct mia_error *err)
{
    enum { KEY = 512, MULTI_VALUE = 1160 };
    struct mia_db_info info = {.struct_size = sizeof info};
    mia_status rc = mia_db_info(store->db, &info, err);
    if (rc < 0 || !store->has_meta ||
        (info.max_key >= KEY && info.max_multi_key >= KEY && info.max_multi_value >= MULTI_VALUE))
        return rc;
    return refuse(store, "its engine's keys are too short for indexes", err);
}

static mia_status read_options(const struct mia_store_options *from, struct mia_store_options *to,
                               struct mia_error *err)
{
    return mia__options_read(to, sizeof *to, from, "mia_store_options", err);
}

mia_status mia_store_over(mia_db *db, const struct mia_store_options *opt, mia_store **out,
                          struct mia_error *err)
{
    mia_status rc;
    struct mia_store_options o;
    mia_store *store = NULL;
    *out = NULL;
    TRY(read_options(opt, &o, err));
    store = mia__alloc_zero(sizeof *store);
    if (store == NULL) {
        rc = mia__fail_nomem(err);
        goto done;
    }
    pthread_mutex_init(&store->lock, NULL);
    pthread_cond_init(&store->changed, NULL);
    store->db = db;
    store->format = mia_db_engine(db)->value_format;
    /* a database that MIA itself may open again gets nothing but MIA's trees */
    store->has_meta = mia_db_engine(db)->index_layout != MIA_INDEX_LEGACY_SETS;
    store->is_read_only = db->read_only;
    store->without_indexes = o.without_indexes;
    store->trust_values = o.trust_values;
    store->observer = o.observer;
    store->observer_ctx = o.observer_ctx;
    store->few_vectors = MIA__VECTORS_FEW;
    TRY(check_limits(store, err));
    TRY(prepare(store, o.place, err));
    TRY(mia__vectors_open(store, &store->vectors, err));
    *out = store;
done:
    if (rc < 0) {
        if (store != NULL)
            mia__store_free(store);
        mia_db_close(db, NULL);
    }
    return rc;
}

mia_status mia_store_open(const struct mia_engine_ops *engine, const char *path,
                          const struct mia_store_options *opt, mia_store **store,
                          struct mia_error *err)
{
    mia_status rc;
    mia_db *db;
    struct mia_store_options o;
    *store = NULL;
    TRY(read_options(opt, &o, err));
    TRY(mia_db_open(engine, path, o.db, &db, err));
    if (rc == MIA_OK)
        rc = mia_store_over(db, opt, store, err);
done:
    return rc;
}

mia_status mia_store_close(mia_store *store, struct mia_error *err)
{
    if (store == NULL)
        return MIA_OK;
    mia__vectors_rest(store->vectors); /* its transaction is none of the caller's */
    mia_status rc = mia_db_close(store->db, err);
    if (rc >= 0)
        mia__store_free(store);
    return rc;
}

mia_db *mia_store_db(mia_store *store)
{
    return store->db;
}

bool mia_store_indexed(const mia_store *store)
{
    return atomic_load(&store->index_state) == MIA__INDEX_READY;
}
