/*
 * mia/db.h - one database over any engine: trees, transactions, pairs, cursors
 *
 * Before the first call, what bites users of memory-mapped databases:
 *   - A READ transaction that is kept open stops the reuse of every page freed after it began: the
 *     file grows. End it as soon as you can; mia_db_readers shows who does not.
 *   - Slices point into the map. They are dead when their transaction ends (rule R4).
 *   - One process opens a database once and shares the handle: mia_db_retain.
 *   - Do not use a handle in a forked child.
 *   - Keep libmdbx databases on a local disk: network file systems are refused.
 */
#ifndef MIA_DB_H
#define MIA_DB_H

#include "mia/engine.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mia_db mia_db;
typedef struct mia_txn mia_txn;
typedef struct mia_cursor mia_cursor;
typedef uint32_t mia_tree; /* a tree of one mia_db; valid until the last handle is closed */

/* Opens or creates the database in the directory path. engine NULL: the one whose files are there,
 * mdbx for an empty or missing directory, which is made with those above it. opt NULL: defaults.
 * The handle starts with one reference. MIA_NOTFOUND with must_exist; MIA_ERR_BUSY if it is locked
 * or open in this process already; MIA_ERR_CORRUPT or MIA_ERR_INVALID for files that are no
 * database of this engine; MIA_ERR_UNSUPPORTED on a network file system. */
MIA_API mia_status mia_db_open(const struct mia_engine_ops *engine, const char *path,
                               const struct mia_db_options *opt, mia_db **db,
                               struct mia_error *err);
/* One more reference to the same open database, for another owner. Returns db. Any thread. */
MIA_API mia_db *mia_db_retain(mia_db *db);
/* Gives one reference back; the last one closes the database. MIA_ERR_BUSY, and nothing is
 * closed, while the last reference has live transactions. NULL is MIA_OK. */
MIA_API mia_status mia_db_close(mia_db *db, struct mia_error *err);

MIA_API const struct mia_engine_ops *mia_db_engine(const mia_db *db);
/* The directory it was opened with; lives as long as the handle. */
MIA_API const char *mia_db_path(const mia_db *db);
/* out->struct_size must be set. Sizes and limits as they are now. Any thread. */
MIA_API mia_status mia_db_info(mia_db *db, struct mia_db_info *out, struct mia_error *err);
/* Calls fn for every open reader of every process, after clearing those of dead processes.
 * MIA_ERR_UNSUPPORTED on engines without a reader table. */
MIA_API mia_status mia_db_readers(mia_db *db, mia_reader_fn fn, void *ctx, struct mia_error *err);
/* Returns when every commit so far is on disk. Waits for a running WRITE transaction;
 * MIA_ERR_TXN when the calling thread has one itself. */
MIA_API mia_status mia_db_sync(mia_db *db, struct mia_error *err);
/* A consistent copy into the directory dest, which must not exist; writers go on meanwhile.
 * compact: without free pages. MIA_ERR_UNSUPPORTED without MIA_CAP_COPY. */
MIA_API mia_status mia_db_copy(mia_db *db, const char *dest, bool compact, struct mia_error *err);
/* Checks the engine's own structures; one line to fn per problem. MIA_OK with *problems == 0:
 * sound. MIA_ERR_UNSUPPORTED where the engine has no such check. */
MIA_API mia_status mia_db_check(mia_db *db, mia_problem_fn fn, void *ctx, uint64_t *problems,
                                struct mia_error *err);

/* Begins a transaction. WRITE waits for the one writer there may be (threads of this process, and
 * where the engine allows several processes those too); MIA_ERR_TXN if the calling thread holds it
 * already, MIA_ERR_READONLY on a read-only handle. READ never waits for writers; MIA_ERR_BUSY when
 * max_readers are open. */
MIA_API mia_status mia_txn_begin(mia_db *db, enum mia_txn_mode mode, mia_txn **txn,
                                 struct mia_error *err);
/* Makes all changes visible at once, closes the transaction's cursors and frees txn, whatever it
 * returns: on failure nothing was changed. Exception: MIA_ERR_TXN from another thread than the
 * one that began it leaves txn as it is. */
MIA_API mia_status mia_txn_commit(mia_txn *txn, struct mia_error *err);
/* Undoes all changes, closes cursors, frees txn; also the ordinary end of a READ transaction. A
 * WRITE transaction must be aborted by the thread that began it. */
MIA_API void mia_txn_abort(mia_txn *txn);
MIA_API mia_db *mia_txn_db(const mia_txn *txn);

/* Finds a tree or, with MIA_TREE_CREATE in a WRITE transaction, makes it. Names are bytes, empty
 * allowed. MIA_NOTFOUND: no such tree; MIA_ERR_INVALID: it exists with another MIA_TREE_MULTI;
 * MIA_ERR_TOO_LONG: longer than the engine can name; MIA_ERR_FULL: max_trees are open. */
MIA_API mia_status mia_tree_open(mia_txn *txn, mia_slice name, uint32_t flags, mia_tree *tree,
                                 struct mia_error *err);
/* The first tree name above *after by bytes; NULL: the first of all; MIA_NOTFOUND at the end.
 * *name lives until the next call or the end of the transaction. */
MIA_API mia_status mia_tree_next(mia_txn *txn, const mia_slice *after, mia_slice *name,
                                 struct mia_error *err);
/* Removes every pair, keeps the tree. */
MIA_API mia_status mia_tree_clear(mia_txn *txn, mia_tree tree, struct mia_error *err);

/* The value of key; of a multi tree the first. MIA_NOTFOUND if there is none. */
MIA_API mia_status mia_kv_get(mia_txn *txn, mia_tree tree, mia_slice key, mia_slice *value,
                              struct mia_error *err);
/* flags: enum mia_put_flags. In a multi tree UPSERT adds the value, if it is not there yet.
 * MIA_ERR_TOO_LONG: over a limit of mia_db_info; MIA_ERR_FULL: no room. After another failure than
 * MIA_ERR_INVALID or MIA_ERR_TOO_LONG the transaction can only be aborted. */
MIA_API mia_status mia_kv_put(mia_txn *txn, mia_tree tree, mia_slice key, mia_slice value,
                              uint32_t flags, struct mia_error *err);
/* Removes key (all its values) or, with value, that one pair of a multi tree. MIA_NOTFOUND: it was
 * not there. */
MIA_API mia_status mia_kv_del(mia_txn *txn, mia_tree tree, mia_slice key, const mia_slice *value,
                              struct mia_error *err);
/* Pairs in the tree; with key: its values. Constant time on mdbx, a scan on sled. */
MIA_API mia_status mia_kv_count(mia_txn *txn, mia_tree tree, const mia_slice *key, uint64_t *n,
                                struct mia_error *err);

/* A position in a tree. A fresh cursor stands before the first and behind the last pair: NEXT is
 * FIRST, PREV is LAST. Its position is a key, not a place: after writes in the same transaction,
 * also the removal of the very pair it stands on, NEXT goes to the first key above it. */
MIA_API mia_status mia_cursor_open(mia_txn *txn, mia_tree tree, mia_cursor **cur,
                                   struct mia_error *err);
/* A cursor that sees only the keys beginning with prefix (copied). Plain and multi trees. */
MIA_API mia_status mia_cursor_open_prefix(mia_txn *txn, mia_tree tree, mia_slice prefix,
                                          mia_cursor **cur, struct mia_error *err);
/* Moves; *key and *value say where to. MIA_NOTFOUND: no such pair. After the end a further NEXT
 * stays MIA_NOTFOUND and PREV goes to the last pair; the same the other way round. */
MIA_API mia_status mia_cursor_move(mia_cursor *cur, enum mia_move move, mia_slice *key,
                                   mia_slice *value, struct mia_error *err);
/* Up to max (>= 1) pairs of a plain tree forward, starting with the pair on which the cursor
 * stands (a fresh one: the first), then where the last batch ended: several times faster than
 * NEXT. All pairs live until the next call on the cursor. MIA_NOTFOUND: none left. Before another
 * relative move, move absolutely (FIRST, LAST, SEEK). */
MIA_API mia_status mia_cursor_batch(mia_cursor *cur, struct mia_pair *pairs, size_t max, size_t *n,
                                    struct mia_error *err);
/* Before its transaction ends; commit and abort close what is left. */
MIA_API void mia_cursor_close(mia_cursor *cur);

#ifdef __cplusplus
}
#endif
#endif
