/* engine/txn.c - transactions, trees and single pairs */
#include "base/error.h"
#include "base/try.h"
#include "engine/internal.h"

#include <errno.h>

static mia_status lock_writer(mia_db *db, struct mia_error *err)
{
    if (db->read_only)
        return mia__fail(err, MIA_ERR_READONLY, "%s was opened read-only", db->path);
    if (pthread_mutex_lock(&db->writer) == EDEADLK)
        return mia__fail(err, MIA_ERR_TXN,
                         "%s: this thread has a WRITE transaction open already: end that first",
                         db->path);
    return MIA_OK;
}

mia_status mia_txn_begin(mia_db *db, enum mia_txn_mode mode, mia_txn **out, struct mia_error *err)
{
    mia_status rc;
    bool is_locked = false;
    mia_txn *txn = NULL;
    *out = NULL;
    atomic_fetch_add(&db->transactions, 1);
    if (mode == MIA_TXN_WRITE) {
        TRY(lock_writer(db, err));
        is_locked = true;
    }
    txn = mia__alloc_zero(sizeof *txn);
    if (txn == NULL) {
        rc = mia__fail_nomem(err);
        goto done;
    }
    txn->db = db;
    txn->is_write = mode == MIA_TXN_WRITE;
    txn->owner = pthread_self();
    rc = db->ops->begin(db->handle, mode, &txn->handle, err);
done:
    if (rc == MIA_OK) {
        *out = txn;
        return rc;
    }
    if (is_locked)
        pthread_mutex_unlock(&db->writer);
    mia__free(txn);
    atomic_fetch_sub(&db->transactions, 1);
    return rc;
}

static void end(mia_txn *txn, bool is_committed)
{
    mia_db *db = txn->db;
    struct mia__guest *guest = txn->guest;
    if (txn->is_write)
        pthread_mutex_unlock(&db->writer);
    mia__free(txn);
    if (guest != NULL)
        guest->end(guest, is_committed);
    atomic_fetch_sub(&db->transactions, 1);
}

mia_status mia_txn_commit(mia_txn *txn, struct mia_error *err)
{
    mia_db *db = txn->db;
    if (txn->is_write && !pthread_equal(txn->owner, pthread_self()))
        return mia__fail(err, MIA_ERR_TXN,
                         "%s: a WRITE transaction is committed by the thread that began it",
                         db->path);
    mia__cursors_close(txn);
    mia_status rc;
    if (txn->has_failed) {
        db->ops->abort(txn->handle);
        rc = mia__fail(err, MIA_ERR_TXN,
                       "%s: an earlier write of this transaction failed; all of it was undone",
                       db->path);
    } else {
        rc = db->ops->commit(txn->handle, err);
    }
    if (rc == MIA_OK && txn->writes > 0)
        atomic_fetch_add(&db->commits, 1);
    end(txn, rc == MIA_OK);
    return rc;
}

void mia_txn_abort(mia_txn *txn)
{
    if (txn == NULL || (txn->is_write && !pthread_equal(txn->owner, pthread_self())))
        return;
    mia__cursors_close(txn);
    txn->db->ops->abort(txn->handle);
    end(txn, false);
}

mia_db *mia_txn_db(const mia_txn *txn)
{
    return txn->db;
}

mia_status mia__txn_refuse(const mia_txn *txn, struct mia_error *err)
{
    if (!txn->is_write)
        return mia__fail(err, MIA_ERR_READONLY, "%s: this is a READ transaction", txn->db->path);
    return mia__fail(err, MIA_ERR_TXN, "%s: an earlier write of this transaction failed: abort it",
                     txn->db->path);
}

mia_status mia_tree_open(mia_txn *txn, mia_slice name, uint32_t flags, mia_tree *tree,
                         struct mia_error *err)
{
    *tree = UINT32_MAX;
    if (flags & ~(uint32_t)(MIA_TREE_CREATE | MIA_TREE_MULTI))
        return mia__fail(err, MIA_ERR_INVALID, "unknown tree flags 0x%x", flags);
    mia_status rc = mia__txn_check(txn, (flags & MIA_TREE_CREATE) != 0, err);
    if (rc < 0)
        return rc;
    const struct mia_db_info *limits = &txn->db->limits;
    /* the least of the limits: names are keys in a table of tables */
    size_t most = limits->max_multi_key < limits->max_key ? limits->max_multi_key : limits->max_key;
    if (name.size > most)
        return flags & MIA_TREE_CREATE
                   ? mia__fail(err, MIA_ERR_TOO_LONG,
                               "%s: a tree name of %zu bytes; at most %zu are possible",
                               txn->db->path, name.size, most)
                   : MIA_NOTFOUND;
    uint32_t id;
    rc = txn->db->ops->tree(txn->handle, name, flags, &id, err);
    if (rc != MIA_OK)
        return rc;
    *tree = flags & MIA_TREE_MULTI ? id | MIA__TREE_MULTI_BIT : id;
    txn->writes += (flags & MIA_TREE_CREATE) != 0;
    return rc;
}

mia_status mia_tree_next(mia_txn *txn, const mia_slice *after, mia_slice *name,
                         struct mia_error *err)
{
    mia_slice found = {0};
    mia_status rc = txn->db->ops->tree_next(txn->handle, after, &found, err);
    *name = rc == MIA_OK ? found : (mia_slice){0};
    return rc;
}

/* Judges the outcome of a change: one that may have been done by half dooms the transaction. */
static mia_status changed(mia_txn *txn, mia_status rc)
{
    if (rc == MIA_OK)
        txn->writes++;
    else if (rc < 0 && rc != MIA_ERR_INVALID && rc != MIA_ERR_TOO_LONG)
        txn->has_failed = true;
    return rc;
}

mia_status mia_tree_clear(mia_txn *txn, mia_tree tree, struct mia_error *err)
{
    mia_status rc = mia__txn_check(txn, true, err);
    return rc < 0 ? rc : changed(txn, txn->db->ops->clear(txn->handle, mia__tree_id(tree), err));
}

mia_status mia_kv_get(mia_txn *txn, mia_tree tree, mia_slice key, mia_slice *value,
                      struct mia_error *err)
{
    *value = (mia_slice){0};
    return txn->db->ops->get(txn->handle, mia__tree_id(tree), key, value, err);
}

static mia_status too_long(const mia_txn *txn, const char *what, size_t size, size_t most,
                           struct mia_error *err)
{
    return mia__fail_engine(err, MIA_ERR_TOO_LONG, txn->db->engine->name, 0,
                            "%s: a %s of %zu bytes; engine %s holds at most %zu", txn->db->path,
                            what, size, txn->db->engine->name, most);
}

static mia_status check_put(const mia_txn *txn, mia_tree tree, mia_slice key, mia_slice value,
                            uint32_t flags, struct mia_error *err)
{
    const struct mia_db_info *limits = &txn->db->limits;
    bool is_multi = mia__tree_is_multi(tree);
    size_t max_key = is_multi ? limits->max_multi_key : limits->max_key;
    size_t max_value = is_multi ? limits->max_multi_value : limits->max_value;
    if (flags & ~(uint32_t)(MIA_PUT_INSERT_ONLY | MIA_PUT_APPEND))
        return mia__fail(err, MIA_ERR_INVALID, "unknown put flags 0x%x", flags);
    if (key.size > max_key)
        return too_long(txn, "key", key.size, max_key, err);
    if (value.size > max_value)
        return too_long(txn, "value", value.size, max_value, err);
    return MIA_OK;
}

mia_status mia_kv_put(mia_txn *txn, mia_tree tree, mia_slice key, mia_slice value, uint32_t flags,
                      struct mia_error *err)
{
    mia_status rc = mia__txn_check(txn, true, err);
    if (rc == MIA_OK)
        rc = check_put(txn, tree, key, value, flags, err);
    if (rc < 0)
        return rc;
    uint32_t id = mia__tree_id(tree);
    return changed(txn, txn->db->ops->put(txn->handle, id, key, value, flags, err));
}

mia_status mia_kv_del(mia_txn *txn, mia_tree tree, mia_slice key, const mia_slice *value,
                      struct mia_error *err)
{
    mia_status rc = mia__txn_check(txn, true, err);
    if (rc < 0)
        return rc;
    if (value != NULL && !mia__tree_is_multi(tree))
        return mia__fail(err, MIA_ERR_INVALID,
                         "one value of a key can be removed in multi trees only");
    uint32_t id = mia__tree_id(tree);
    return changed(txn, txn->db->ops->del(txn->handle, id, key, value, err));
}

mia_status mia_kv_count(mia_txn *txn, mia_tree tree, const mia_slice *key, uint64_t *n,
                        struct mia_error *err)
{
    *n = 0;
    return txn->db->ops->count(txn->handle, mia__tree_id(tree), key, n, err);
}

mia_status mia__tree_changed(mia_txn *txn, mia_tree tree, uint64_t *id, struct mia_error *err)
{
    const mia_db *db = txn->db;
    *id = 0;
    if (db->ops->changed == NULL)
        return mia__fail_engine(err, MIA_ERR_UNSUPPORTED, db->engine->name, 0,
                                "%s: engine %s does not know when a tree was changed", db->path,
                                db->engine->name);
    return db->ops->changed(txn->handle, mia__tree_id(tree), id, err);
}
