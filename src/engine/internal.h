/*
 * engine/internal.h - what stands behind mia_db, mia_txn and mia_cursor
 *
 * The wrappers check what engines need not check, hold the writer lock, keep cursors in place over
 * writes, and bound prefix cursors; so every engine behaves the same.
 */
#ifndef MIA_ENGINE_INTERNAL_H
#define MIA_ENGINE_INTERNAL_H

#include "base/memory.h"
#include "mia/db.h"

#include <pthread.h>
#include <stdatomic.h>

struct mia__flusher;

struct mia_db {
    const struct mia_engine_ops *engine; /* as the caller gave it */
    const struct mia_engine_ops *ops;    /* the same, or the multi-value emulation around it */
    void *handle;                        /* of ops */
    char *path;
    bool read_only;
    enum mia_durability durability;
    struct mia_db_info limits; /* max_*: fixed at open */
    atomic_size_t references, transactions;
    pthread_mutex_t writer; /* error-checking: from begin to end of a WRITE transaction, and sync */
    atomic_uint_fast64_t commits;
    struct mia__flusher *flusher; /* lazy databases only */
};

/* What somebody above keeps with a transaction, from its begin to its end. */
struct mia__guest {
    void (*end)(struct mia__guest *guest, bool is_committed); /* the transaction is over */
};

struct mia_txn {
    mia_db *db;
    struct mia__guest *guest; /* NULL: none */
    void *handle;
    bool is_write;
    bool has_failed; /* a write failed half-way: only abort is left */
    pthread_t owner;
    uint64_t writes; /* counts changes: cursors notice */
    mia_cursor *cursors;
};

/* A public tree id is the engine's with this bit on for multi trees. */
#define MIA__TREE_MULTI_BIT (UINT32_C(1) << 31)

static inline bool mia__tree_is_multi(mia_tree tree)
{
    return (tree & MIA__TREE_MULTI_BIT) != 0;
}

static inline uint32_t mia__tree_id(mia_tree tree)
{
    return tree & ~MIA__TREE_MULTI_BIT;
}

/* Defaults in the place of zeros, as an engine's open wants them. MIA_ERR_INVALID: a page size. */
mia_status mia__db_defaults(struct mia_db_options *opt, struct mia_error *err);

/* A database over what an engine has opened already: for engines that are made of others, which
 * need more to open than a path says. Takes the handle, on failure too. opt as for mia_db_open. */
mia_status mia__db_adopt(const struct mia_engine_ops *engine, void *handle, const char *path,
                         const struct mia_db_options *opt, mia_db **db, struct mia_error *err);

/* Calls ops->sync with the writer lock held. MIA_ERR_TXN when the caller holds it already. */
mia_status mia__db_sync_locked(mia_db *db, struct mia_error *err);

/* flusher.c: a thread that syncs a lazy database every interval_ms if anything was committed. */
mia_status mia__flusher_start(mia_db *db, uint32_t interval_ms, struct mia_error *err);
void mia__flusher_stop(mia_db *db); /* before the engine is closed; no flusher is fine */

/* txn.c: the id of the last transaction that changed the tree. MIA_ERR_UNSUPPORTED: the engine does
 * not know. */
mia_status mia__tree_changed(mia_txn *txn, mia_tree tree, uint64_t *id, struct mia_error *err);

/* cursor.c: closes every open cursor of a transaction. */
void mia__cursors_close(mia_txn *txn);

/* multi/database.c: an engine around an opened engine without MIA_CAP_MULTI. *handle becomes the
 * wrapper's; on failure it stays the engine's. */
mia_status mia__multi_wrap(const struct mia_engine_ops **ops, void **handle, struct mia_error *err);

/* A change of several writes, which began at txn->writes, ended with rc: if it failed half-way,
 * only abort is left. Returns rc. */
static inline mia_status mia__txn_whole(mia_txn *txn, uint64_t writes, mia_status rc)
{
    txn->has_failed = txn->has_failed || (rc < 0 && txn->writes != writes);
    return rc;
}

mia_status mia__txn_refuse(const mia_txn *txn, struct mia_error *err); /* txn.c: says why */

static inline mia_status mia__txn_check(const mia_txn *txn, bool for_write, struct mia_error *err)
{
    return for_write && (!txn->is_write || txn->has_failed) ? mia__txn_refuse(txn, err) : MIA_OK;
}

#endif
