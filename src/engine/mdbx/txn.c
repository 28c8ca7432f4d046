/* engine/mdbx/txn.c - transactions; READ ones are kept and renewed */
#include "engine/mdbx/internal.h"

#include "base/error.h"
#include "base/memory.h"

static struct mia__mdbx_txn *take_idle(struct mia__mdbx_db *db)
{
    struct mia__mdbx_txn *txn = NULL;
    pthread_mutex_lock(&db->lock);
    if (db->idle_count > 0)
        txn = db->idle[--db->idle_count];
    pthread_mutex_unlock(&db->lock);
    return txn;
}

static bool give_idle(struct mia__mdbx_txn *txn)
{
    struct mia__mdbx_db *db = txn->db;
    pthread_mutex_lock(&db->lock);
    bool has_room = db->idle_count < MIA__MDBX_IDLE_TXNS;
    if (has_room)
        db->idle[db->idle_count++] = txn;
    pthread_mutex_unlock(&db->lock);
    return has_room;
}

static void close_cursors(struct mia__mdbx_txn *txn)
{
    if (txn->append != NULL)
        mdbx_cursor_close(txn->append);
    if (txn->names != NULL)
        mdbx_cursor_close(txn->names);
    txn->append = txn->names = NULL;
}

static int renew_idle(struct mia__mdbx_db *db, struct mia__mdbx_txn **txn)
{
    *txn = take_idle(db);
    if (*txn == NULL)
        return MDBX_NOTFOUND;
    int code = mdbx_txn_renew((*txn)->txn);
    if (code == MDBX_SUCCESS)
        return code;
    mdbx_txn_abort((*txn)->txn);
    mia__free(*txn);
    *txn = NULL;
    return code;
}

mia_status mia__mdbx_begin(void *database, enum mia_txn_mode mode, void **out,
                           struct mia_error *err)
{
    struct mia__mdbx_db *db = database;
    struct mia__mdbx_txn *txn = NULL;
    if (mode == MIA_TXN_READ && renew_idle(db, &txn) == MDBX_SUCCESS) {
        *out = txn;
        return MIA_OK;
    }
    txn = mia__alloc_zero(sizeof *txn);
    if (txn == NULL)
        return mia__fail_nomem(err);
    txn->db = db;
    txn->is_write = mode == MIA_TXN_WRITE;
    MDBX_txn_flags_t flags = txn->is_write ? MDBX_TXN_READWRITE : MDBX_TXN_RDONLY;
    int code = mdbx_txn_begin(db->env, NULL, flags, &txn->txn);
    if (code != MDBX_SUCCESS) {
        mia__free(txn);
        return mia__mdbx_fail(db, code, err, "begin");
    }
    *out = txn;
    return MIA_OK;
}

static uint64_t dirty_bytes(const struct mia__mdbx_txn *txn)
{
    MDBX_txn_info info;
    return mdbx_txn_info(txn->txn, &info, false) == MDBX_SUCCESS ? info.txn_space_dirty : 0;
}

mia_status mia__mdbx_commit(void *transaction, struct mia_error *err)
{
    struct mia__mdbx_txn *txn = transaction;
    if (!txn->is_write) {
        mia__mdbx_abort(txn);
        return MIA_OK;
    }
    close_cursors(txn);
    uint64_t dirty = txn->db->is_filled ? dirty_bytes(txn) : 0;
    int code = mdbx_txn_commit(txn->txn);
    if (code == MDBX_SUCCESS && dirty > 0)
        mia__mdbx_write_ahead(txn->db, dirty);
    mia__mdbx_settle_trees(txn, code == MDBX_SUCCESS);
    mia_status rc = code == MDBX_SUCCESS ? MIA_OK : mia__mdbx_fail(txn->db, code, err, "commit");
    mia__free(txn);
    return rc;
}

void mia__mdbx_abort(void *transaction)
{
    struct mia__mdbx_txn *txn = transaction;
    close_cursors(txn);
    if (!txn->is_write && mdbx_txn_reset(txn->txn) == MDBX_SUCCESS && give_idle(txn))
        return;
    mdbx_txn_abort(txn->txn);
    mia__mdbx_settle_trees(txn, false);
    mia__free(txn);
}

void mia__mdbx_free_idle(struct mia__mdbx_db *db)
{
    for (size_t i = 0; i < db->idle_count; i++) {
        mdbx_txn_abort(db->idle[i]->txn);
        mia__free(db->idle[i]);
    }
    db->idle_count = 0;
}
