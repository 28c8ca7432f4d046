/*
 * engine/mdbx/internal.h - what the files of the libmdbx engine share
 *
 * Source of all facts: libmdbx 0.13.11, mdbx.h. The caller (engine/db.c) holds one lock over every
 * WRITE transaction and sync of a database: with MDBX_NOSTICKYTHREADS libmdbx 0.13 takes any live
 * write transaction of the process for the caller's own.
 */
#ifndef MIA_ENGINE_MDBX_INTERNAL_H
#define MIA_ENGINE_MDBX_INTERNAL_H

#include "mia/engine.h"

#include <mdbx.h>
#include <pthread.h>
#include <stdatomic.h>

#define MIA__MDBX_NAME "mdbx"

struct mia__mdbx_txn;

/* One tree that was asked for by name. Its index is the public tree id. dbi is 0 while the tree
 * does not exist (never created, or its creation was undone); written under the db's lock, read
 * without: whoever has the id got it after the write. */
struct mia__mdbx_tree {
    char *name; /* name_size bytes */
    size_t name_size;
    bool is_multi;
    _Atomic MDBX_dbi dbi;
    const struct mia__mdbx_txn *creator; /* the WRITE transaction that has not committed it yet */
};

enum { MIA__MDBX_IDLE_TXNS = 64 };

struct mia__mdbx_db {
    MDBX_env *env;
    char *path;
    bool read_only;
    pthread_mutex_t lock;         /* trees, tree_count, idle, idle_count */
    struct mia__mdbx_tree *trees; /* max_trees slots; never moves */
    uint32_t tree_count, max_trees;
    struct mia__mdbx_txn *idle[MIA__MDBX_IDLE_TXNS]; /* READ transactions, reset */
    size_t idle_count;
    bool is_filled;     /* lazily, by one who has it alone */
    uint64_t unwritten; /* bytes of commits since, of which the disk was not told; the writer's */
};

struct mia__mdbx_txn {
    struct mia__mdbx_db *db;
    MDBX_txn *txn;
    bool is_write;
    MDBX_cursor *append; /* kept over appends: twice as fast as a search for each */
    uint32_t append_tree;
    MDBX_cursor *names; /* of tree_next; stands on the last name given out */
};

/* error.c: an MDBX_* or errno number as a status; what: the thing and the act, for the message. */
mia_status mia__mdbx_fail(const struct mia__mdbx_db *db, int code, struct mia_error *err,
                          const char *what);

/* preflight.c: judges mdbx.dat by plain reads before libmdbx maps it. MIA_NOTFOUND: no file, or an
 * empty one. *page_size is the file's. */
mia_status mia__mdbx_preflight(const char *path, uint32_t *page_size, struct mia_error *err);
bool mia__mdbx_detect(const char *path);

/* env.c */
mia_status mia__mdbx_open(const char *path, const struct mia_db_options *opt, void **db,
                          struct mia_error *err);
void mia__mdbx_close(void *db);
mia_status mia__mdbx_info(void *db, struct mia_db_info *out, struct mia_error *err);
mia_status mia__mdbx_sync(void *db, struct mia_error *err);
void mia__mdbx_sync_ahead(void *db);
void mia__mdbx_write_ahead(struct mia__mdbx_db *db, uint64_t committed); /* bytes */
mia_status mia__mdbx_copy(void *db, const char *dest, bool compact, struct mia_error *err);
mia_status mia__mdbx_readers(void *db, mia_reader_fn fn, void *ctx, struct mia_error *err);
mia_status mia__mdbx_check(void *db, mia_problem_fn fn, void *ctx, uint64_t *problems,
                           struct mia_error *err);

/* txn.c */
mia_status mia__mdbx_begin(void *db, enum mia_txn_mode mode, void **txn, struct mia_error *err);
mia_status mia__mdbx_commit(void *txn, struct mia_error *err);
void mia__mdbx_abort(void *txn);
void mia__mdbx_free_idle(struct mia__mdbx_db *db);

/* tree.c */
mia_status mia__mdbx_tree(void *txn, mia_slice name, uint32_t flags, uint32_t *tree,
                          struct mia_error *err);
mia_status mia__mdbx_tree_next(void *txn, const mia_slice *after, mia_slice *name,
                               struct mia_error *err);
mia_status mia__mdbx_clear(void *txn, uint32_t tree, struct mia_error *err);
mia_status mia__mdbx_count(void *txn, uint32_t tree, const mia_slice *key, uint64_t *n,
                           struct mia_error *err);
mia_status mia__mdbx_changed(void *txn, uint32_t tree, uint64_t *id, struct mia_error *err);
/* The trees that txn created are everybody's after a commit, dead after an abort. */
void mia__mdbx_settle_trees(struct mia__mdbx_txn *txn, bool committed);
void mia__mdbx_free_trees(struct mia__mdbx_db *db);
/* The handle behind a tree id; MIA_ERR_INVALID for an id that stands for no tree. */
mia_status mia__mdbx_dbi(const struct mia__mdbx_txn *txn, uint32_t tree, MDBX_dbi *dbi,
                         struct mia_error *err);

/* cursor.c */
mia_status mia__mdbx_cursor(void *txn, uint32_t tree, void **cur, struct mia_error *err);
mia_status mia__mdbx_move(void *cur, enum mia_move move, mia_slice *key, mia_slice *value,
                          struct mia_error *err);
mia_status mia__mdbx_batch(void *cur, struct mia_pair *pairs, size_t max, size_t *n,
                           struct mia_error *err);
void mia__mdbx_cursor_close(void *cur);

/* An address even for no bytes: libmdbx hands it to memcpy. */
static inline MDBX_val mia__mdbx_val(mia_slice s)
{
    MDBX_val v = {(void *)(uintptr_t)(s.size > 0 ? s.data : ""), s.size};
    return v;
}

static inline mia_slice mia__mdbx_slice(MDBX_val v)
{
    mia_slice s = {v.iov_base, v.iov_len};
    return s;
}

#endif
