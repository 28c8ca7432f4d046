/* engine/mdbx/env.c - opening, closing, syncing and describing an environment */
#include "engine/mdbx/internal.h"

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/try.h"
#include "engine/map_size.h"

#include <errno.h>

enum { MAIN_DBI = 1, SPARE_TREES = 64, MOST_TREES = 32000 };

static const intptr_t default_growth = 16 << 20;

/* Lazy commits must still reuse pages: without a threshold the file only grows. Whoever has the
 * file alone fills it, and would be kept waiting for nothing: what is filled frees few pages. */
static const uint64_t lazy_sync_bytes = 64u << 20, alone_sync_bytes = 512u << 20;
static const uint64_t write_ahead_bytes = 8u << 20;

static MDBX_env_flags_t env_flags(const struct mia_db_options *opt)
{
    MDBX_env_flags_t flags = MDBX_NOSTICKYTHREADS | MDBX_LIFORECLAIM;
    if (opt->read_only)
        flags |= MDBX_RDONLY | MDBX_ACCEDE;
    if (opt->exclusive)
        flags |= MDBX_EXCLUSIVE;
    if (opt->untrusted)
        flags |= MDBX_VALIDATION;
    if (opt->durability == MIA_SYNC_LAZY && !opt->read_only)
        flags |= MDBX_SAFE_NOSYNC;
    return flags;
}

/* A file that is there keeps its shape unless another is asked for: it would be written to by being
 * opened, and whoever remembers its size and time would take it for changed. */
static int shape(MDBX_env *env, const struct mia_db_options *opt, bool is_new)
{
    if (!is_new && opt->max_size == 0 && opt->growth_bytes == 0)
        return MDBX_SUCCESS;
    intptr_t most = opt->max_size ? (intptr_t)opt->max_size : (intptr_t)mia__map_size;
    intptr_t growth = opt->growth_bytes ? (intptr_t)opt->growth_bytes : default_growth;
    return mdbx_env_set_geometry(env, -1, -1, most, growth, -1,
                                 is_new ? (intptr_t)opt->page_size : -1);
}

static int configure(MDBX_env *env, const struct mia_db_options *opt, uint32_t max_trees,
                     bool is_new)
{
    int code = mdbx_env_set_maxdbs(env, max_trees);
    if (code == MDBX_SUCCESS)
        code = mdbx_env_set_maxreaders(env, opt->max_readers);
    if (code == MDBX_SUCCESS && !opt->read_only)
        code = shape(env, opt, is_new);
    return code;
}

static mia_status open_env(struct mia__mdbx_db *db, const struct mia_db_options *opt,
                           uint32_t max_trees, bool is_new, struct mia_error *err)
{
    int code = mdbx_env_create(&db->env);
    if (code == MDBX_SUCCESS)
        code = configure(db->env, opt, max_trees, is_new);
    if (code == MDBX_SUCCESS)
        code = mdbx_env_open(db->env, db->path, env_flags(opt), 0644);
    if (code == MDBX_SUCCESS && opt->durability == MIA_SYNC_LAZY && !opt->read_only)
        code = mdbx_env_set_syncbytes(db->env, opt->exclusive ? alone_sync_bytes : lazy_sync_bytes);
    db->max_trees = max_trees;
    if (code == EACCES && opt->read_only)
        return mia__fail_engine(err, MIA_ERR_READONLY, MIA__MDBX_NAME, code,
                                "%s: no permission; readers too write to its lock file mdbx.lck: "
                                "copy the database, or ask for the right to write that file",
                                db->path);
    return code == MDBX_SUCCESS ? MIA_OK : mia__mdbx_fail(db, code, err, "open");
}

static void close_env(struct mia__mdbx_db *db)
{
    if (db->env != NULL)
        mdbx_env_close(db->env);
    db->env = NULL;
}

static mia_status count_trees(struct mia__mdbx_db *db, uint64_t *trees, struct mia_error *err)
{
    MDBX_txn *txn;
    MDBX_stat stat = {0};
    int code = mdbx_txn_begin(db->env, NULL, MDBX_TXN_RDONLY, &txn);
    if (code == MDBX_SUCCESS) {
        code = mdbx_dbi_stat(txn, MAIN_DBI, &stat, sizeof stat);
        mdbx_txn_abort(txn);
    }
    *trees = stat.ms_entries;
    return code == MDBX_SUCCESS ? MIA_OK : mia__mdbx_fail(db, code, err, "list of trees");
}

/* How many trees the file holds is known only once it is open, and then the limit is fixed. */
static mia_status open_with_room(struct mia__mdbx_db *db, const struct mia_db_options *opt,
                                 bool is_new, struct mia_error *err)
{
    mia_status rc;
    uint64_t trees;
    TRY(open_env(db, opt, opt->max_trees ? opt->max_trees : SPARE_TREES, is_new, err));
    if (opt->max_trees != 0)
        goto done;
    TRY(count_trees(db, &trees, err));
    if (trees <= SPARE_TREES / 2)
        goto done;
    close_env(db);
    if (trees > MOST_TREES - SPARE_TREES)
        trees = MOST_TREES - SPARE_TREES;
    TRY(open_env(db, opt, (uint32_t)trees + SPARE_TREES, false, err));
done:
    return rc;
}

/* libmdbx would take a file for a database without a directory, and a small one for a new one. */
static mia_status refuse_file(const char *path, struct mia_error *err)
{
    enum mia__file_kind kind = mia__file_kind(path);
    if (kind == MIA__FILE_NONE || kind == MIA__FILE_DIRECTORY)
        return MIA_OK;
    return mia__fail_engine(err, MIA_ERR_INVALID, MIA__MDBX_NAME, 0,
                            "%s is not a directory: a database is one", path);
}

static mia_status refuse_network(const char *path, struct mia_error *err)
{
    char *parent = mia__path_parent(path);
    if (parent == NULL)
        return mia__fail_nomem(err);
    const char *network = mia__network_file_system(mia__file_exists(path) ? path : parent);
    mia__free(parent);
    if (network == NULL)
        return MIA_OK;
    return mia__fail_engine(err, MIA_ERR_UNSUPPORTED, MIA__MDBX_NAME, MDBX_EREMOTE,
                            "%s is on a network file system (%s), where libmdbx cannot lock: use a "
                            "local disk",
                            path, network);
}

mia_status mia__mdbx_open(const char *path, const struct mia_db_options *opt, void **out,
                          struct mia_error *err)
{
    mia_status rc;
    uint32_t page_size;
    bool is_new = false;
    struct mia__mdbx_db *db = mia__alloc_zero(sizeof *db);
    if (db == NULL)
        return mia__fail_nomem(err);
    pthread_mutex_init(&db->lock, NULL);
    db->read_only = opt->read_only;
    db->is_filled = opt->durability == MIA_SYNC_LAZY && opt->exclusive;
    db->path = mia__strdup(path);
    if (db->path == NULL) {
        rc = mia__fail_nomem(err);
        goto done;
    }
    TRY(refuse_file(path, err));
    TRY(mia__mdbx_preflight(path, &page_size, err));
    is_new = rc == MIA_NOTFOUND;
    if (is_new && (opt->must_exist || opt->read_only))
        goto done;
    TRY(refuse_network(path, err));
    TRY(open_with_room(db, opt, is_new, err));
    db->trees = mia__alloc_array(db->max_trees, sizeof *db->trees);
    if (db->trees == NULL)
        rc = mia__fail_nomem(err);
done:
    if (rc == MIA_OK)
        *out = db;
    else
        mia__mdbx_close(db);
    return rc;
}

void mia__mdbx_close(void *database)
{
    struct mia__mdbx_db *db = database;
    mia__mdbx_free_idle(db);
    close_env(db);
    mia__mdbx_free_trees(db);
    pthread_mutex_destroy(&db->lock);
    mia__free(db->path);
    mia__free(db);
}

static mia_status env_info(struct mia__mdbx_db *db, MDBX_envinfo *info, struct mia_error *err)
{
    void *txn;
    mia_status rc = mia__mdbx_begin(db, MIA_TXN_READ, &txn, err);
    if (rc < 0)
        return rc;
    const struct mia__mdbx_txn *read = txn;
    int code = mdbx_env_info_ex(db->env, read->txn, info, sizeof *info);
    mia__mdbx_abort(txn);
    return code == MDBX_SUCCESS ? MIA_OK : mia__mdbx_fail(db, code, err, "info");
}

static size_t limit(int size)
{
    return size > 0 ? (size_t)size : 0;
}

/* The transaction that env_info needs is itself a reader: it is not counted. */
static bool note_oldest(void *ctx, const struct mia_reader *reader)
{
    uint64_t *oldest = ctx;
    if (reader->txn != 0 && (*oldest == 0 || reader->txn < *oldest))
        *oldest = reader->txn;
    return true;
}

mia_status mia__mdbx_info(void *database, struct mia_db_info *out, struct mia_error *err)
{
    struct mia__mdbx_db *db = database;
    mia_status rc;
    MDBX_envinfo info;
    TRY(env_info(db, &info, err));
    out->size_on_disk = info.mi_geo.current;
    out->size_limit = info.mi_geo.upper;
    out->page_size = info.mi_dxb_pagesize;
    out->last_txn = info.mi_recent_txnid;
    out->max_key = limit(mdbx_env_get_maxkeysize_ex(db->env, MDBX_DB_DEFAULTS));
    out->max_value = limit(mdbx_env_get_maxvalsize_ex(db->env, MDBX_DB_DEFAULTS));
    out->max_multi_key = limit(mdbx_env_get_maxkeysize_ex(db->env, MDBX_DUPSORT));
    out->max_multi_value = limit(mdbx_env_get_maxvalsize_ex(db->env, MDBX_DUPSORT));
    out->oldest_reader = 0;
    TRY(mia__mdbx_readers(db, note_oldest, &out->oldest_reader, err));
done:
    return rc;
}

mia_status mia__mdbx_sync(void *database, struct mia_error *err)
{
    struct mia__mdbx_db *db = database;
    int code = mdbx_env_sync_ex(db->env, true, false);
    if (code == MDBX_RESULT_TRUE) /* nothing to do */
        code = MDBX_SUCCESS;
    return code == MDBX_SUCCESS ? MIA_OK : mia__mdbx_fail(db, code, err, "sync");
}

void mia__mdbx_sync_ahead(void *database)
{
    struct mia__mdbx_db *db = database;
    mdbx_filehandle_t fd;
    if (mdbx_env_get_fd(db->env, &fd) == MDBX_SUCCESS)
        mia__fd_sync_ahead(fd);
}

/* The disk is kept busy while a database is filled; otherwise all of it would be written during the
 * sync, for which the writer waits. Not where pages are changed again and again: each would be
 * written as often. */
void mia__mdbx_write_ahead(struct mia__mdbx_db *db, uint64_t committed)
{
    mdbx_filehandle_t fd;
    db->unwritten += committed;
    if (db->unwritten < write_ahead_bytes || mdbx_env_get_fd(db->env, &fd) != MDBX_SUCCESS)
        return;
    mia__fd_write_ahead(fd);
    db->unwritten = 0;
}

mia_status mia__mdbx_copy(void *database, const char *dest, bool compact, struct mia_error *err)
{
    struct mia__mdbx_db *db = database;
    mia_status rc;
    bool made = false;
    char *file = mia__path_join(dest, "mdbx.dat");
    if (file == NULL)
        return mia__fail_nomem(err);
    TRY(mia__dir_create(dest, err));
    made = true;
    int code = mdbx_env_copy(db->env, file, compact ? MDBX_CP_COMPACT : MDBX_CP_DEFAULTS);
    if (code != MDBX_SUCCESS) {
        rc = mia__mdbx_fail(db, code, err, "copy");
        goto done;
    }
    TRY(mia__dir_sync(dest, err));
done:
    if (rc < 0 && made)
        mia__dir_remove_tree(dest, NULL);
    mia__free(file);
    return rc;
}

struct reader_walk {
    mia_reader_fn fn;
    void *ctx;
};

static int pass_reader(void *ctx, int num, int slot, mdbx_pid_t pid, mdbx_tid_t thread,
                       uint64_t txnid, uint64_t lag, size_t used, size_t retained)
{
    (void)num, (void)slot, (void)used;
    const struct reader_walk *walk = ctx;
    struct mia_reader reader = {.process = (uint64_t)pid,
                                .thread = (uint64_t)(uintptr_t)thread,
                                .txn = txnid,
                                .lag = txnid ? lag : 0,
                                .retained_bytes = txnid ? retained : 0};
    return walk->fn(walk->ctx, &reader) ? 0 : -1;
}

mia_status mia__mdbx_readers(void *database, mia_reader_fn fn, void *ctx, struct mia_error *err)
{
    struct mia__mdbx_db *db = database;
    struct reader_walk walk = {fn, ctx};
    int dead;
    int code = mdbx_reader_check(db->env, &dead);
    if (code == MDBX_SUCCESS || code == MDBX_RESULT_TRUE)
        code = mdbx_reader_list(db->env, pass_reader, &walk);
    if (code == MDBX_RESULT_TRUE || code == -1) /* an empty table; the caller has seen enough */
        code = MDBX_SUCCESS;
    return code == MDBX_SUCCESS ? MIA_OK : mia__mdbx_fail(db, code, err, "list of readers");
}
