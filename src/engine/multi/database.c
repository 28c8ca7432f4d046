/* engine/multi/database.c - databases, transactions and trees: mostly passed on */
#include "engine/multi/internal.h"

#include "base/error.h"
#include "base/try.h"
#include "engine/internal.h"

enum { KIND_UNKNOWN, KIND_PLAIN, KIND_MULTI };

static void multi_close(void *handle)
{
    struct mia__multi_db *db = handle;
    db->inner->close(db->handle);
    pthread_mutex_destroy(&db->lock);
    mia__buf_free(&db->kinds);
    mia__free(db);
}

static mia_status multi_info(void *handle, struct mia_db_info *out, struct mia_error *err)
{
    struct mia__multi_db *db = handle;
    mia_status rc = db->inner->info(db->handle, out, err);
    /* escaping doubles a key at worst; key and value share one stored key */
    out->max_multi_key = out->max_multi_value = out->max_key / 4;
    return rc;
}

static mia_status multi_sync(void *handle, struct mia_error *err)
{
    struct mia__multi_db *db = handle;
    return db->inner->sync(db->handle, err);
}

static void multi_sync_ahead(void *handle)
{
    struct mia__multi_db *db = handle;
    db->inner->sync_ahead(db->handle);
}

static mia_status multi_copy(void *handle, const char *dest, bool compact, struct mia_error *err)
{
    struct mia__multi_db *db = handle;
    return db->inner->copy(db->handle, dest, compact, err);
}

static mia_status multi_readers(void *handle, mia_reader_fn fn, void *ctx, struct mia_error *err)
{
    struct mia__multi_db *db = handle;
    return db->inner->readers(db->handle, fn, ctx, err);
}

static mia_status multi_check(void *handle, mia_problem_fn fn, void *ctx, uint64_t *problems,
                              struct mia_error *err)
{
    struct mia__multi_db *db = handle;
    return db->inner->check(db->handle, fn, ctx, problems, err);
}

static mia_status multi_begin(void *handle, enum mia_txn_mode mode, void **out,
                              struct mia_error *err)
{
    struct mia__multi_db *db = handle;
    struct mia__multi_txn *txn = mia__alloc_zero(sizeof *txn);
    if (txn == NULL)
        return mia__fail_nomem(err);
    txn->db = db;
    mia_status rc = db->inner->begin(db->handle, mode, &txn->handle, err);
    if (rc == MIA_OK)
        *out = txn;
    else
        mia__free(txn);
    return rc;
}

static void free_txn(struct mia__multi_txn *txn)
{
    mia__arena_free(&txn->values);
    mia__free(txn);
}

static mia_status multi_commit(void *handle, struct mia_error *err)
{
    struct mia__multi_txn *txn = handle;
    mia_status rc = txn->db->inner->commit(txn->handle, err);
    free_txn(txn);
    return rc;
}

static void multi_abort(void *handle)
{
    struct mia__multi_txn *txn = handle;
    txn->db->inner->abort(txn->handle);
    free_txn(txn);
}

/* is_new: the tree is made now, whatever one of this name was before an abort. */
static mia_status note_kind(struct mia__multi_db *db, uint32_t id, bool is_multi, bool is_new,
                            struct mia_error *err)
{
    mia_status rc;
    uint8_t kind = is_multi ? KIND_MULTI : KIND_PLAIN;
    pthread_mutex_lock(&db->lock);
    TRY(mia__buf_reserve(&db->kinds, (size_t)id + 1, err));
    while (db->kinds.size <= id)
        db->kinds.data[db->kinds.size++] = KIND_UNKNOWN;
    uint8_t *known = &db->kinds.data[id];
    if (!is_new && *known != KIND_UNKNOWN && *known != kind)
        rc = mia__fail(err, MIA_ERR_INVALID, "the tree is open as a %s tree already",
                       is_multi ? "plain" : "multi");
    else
        *known = kind;
done:
    pthread_mutex_unlock(&db->lock);
    return rc;
}

static mia_status multi_tree(void *handle, mia_slice name, uint32_t flags, uint32_t *tree,
                             struct mia_error *err)
{
    struct mia__multi_txn *txn = handle;
    mia_status rc;
    uint32_t id;
    bool is_multi = (flags & MIA_TREE_MULTI) != 0;
    TRY(txn->db->inner->tree(txn->handle, name, 0, &id, err));
    bool is_new = rc == MIA_NOTFOUND && (flags & MIA_TREE_CREATE);
    if (is_new)
        TRY(txn->db->inner->tree(txn->handle, name, MIA_TREE_CREATE, &id, err));
    if (rc == MIA_NOTFOUND)
        goto done;
    TRY(note_kind(txn->db, id, is_multi, is_new, err));
    *tree = is_multi ? id | MIA__MULTI_ID : id;
done:
    return rc;
}

static mia_status multi_tree_next(void *handle, const mia_slice *after, mia_slice *name,
                                  struct mia_error *err)
{
    struct mia__multi_txn *txn = handle;
    return txn->db->inner->tree_next(txn->handle, after, name, err);
}

static mia_status multi_clear(void *handle, uint32_t tree, struct mia_error *err)
{
    struct mia__multi_txn *txn = handle;
    mia_status rc = txn->db->inner->clear(txn->handle, mia__multi_inner_id(tree), err);
    mia__arena_reset(&txn->values);
    return rc;
}

mia_status mia__multi_wrap(const struct mia_engine_ops **ops, void **handle, struct mia_error *err)
{
    const struct mia_engine_ops *inner = *ops;
    struct mia__multi_db *db = mia__alloc_zero(sizeof *db);
    if (db == NULL)
        return mia__fail_nomem(err);
    pthread_mutex_init(&db->lock, NULL);
    db->inner = inner;
    db->handle = *handle;
    db->ops = *inner;
    db->ops.close = multi_close;
    db->ops.info = multi_info;
    db->ops.sync = multi_sync;
    db->ops.sync_ahead = inner->sync_ahead ? multi_sync_ahead : NULL;
    db->ops.copy = inner->copy ? multi_copy : NULL;
    db->ops.readers = inner->readers ? multi_readers : NULL;
    db->ops.check = inner->check ? multi_check : NULL;
    db->ops.begin = multi_begin;
    db->ops.commit = multi_commit;
    db->ops.abort = multi_abort;
    db->ops.tree = multi_tree;
    db->ops.tree_next = multi_tree_next;
    db->ops.clear = multi_clear;
    db->ops.get = mia__multi_get;
    db->ops.put = mia__multi_put;
    db->ops.del = mia__multi_del;
    db->ops.count = mia__multi_count;
    db->ops.changed = NULL; /* of a tree made of two it would be half the truth */
    db->ops.cursor = mia__multi_cursor;
    db->ops.move = mia__multi_move;
    db->ops.batch = inner->batch ? mia__multi_batch : NULL;
    db->ops.cursor_close = mia__multi_cursor_close;
    *ops = &db->ops;
    *handle = db;
    return MIA_OK;
}
