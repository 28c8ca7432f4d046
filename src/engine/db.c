/* engine/db.c - opening, sharing and closing a database */
#include "base/error.h"
#include "base/file.h"
#include "base/options.h"
#include "base/try.h"
#include "engine/internal.h"
#include "engine/map_size.h"

#include <errno.h>

enum { DEFAULT_READERS = 128, DEFAULT_PAGE = 4096, MOST_PAGE = 65536, DEFAULT_INTERVAL_MS = 500 };

/* ThreadSanitizer leaves programs little room for maps; under AddressSanitizer libmdbx refuses
 * those of more than 64 times the memory that is free. */
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
const uint64_t mia__map_size = UINT64_C(16) << 30;
#else
const uint64_t mia__map_size = UINT64_C(1) << 40;
#endif

mia_status mia__db_defaults(struct mia_db_options *opt, struct mia_error *err)
{
    if (opt->cache_bytes == 0)
        opt->cache_bytes = 64u << 20;
    if (opt->page_size == 0)
        opt->page_size = DEFAULT_PAGE;
    if (opt->max_readers == 0)
        opt->max_readers = DEFAULT_READERS;
    if (opt->lazy_interval_ms == 0)
        opt->lazy_interval_ms = DEFAULT_INTERVAL_MS;
    bool is_power = (opt->page_size & (opt->page_size - 1)) == 0;
    if (!is_power || opt->page_size < DEFAULT_PAGE || opt->page_size > MOST_PAGE)
        return mia__fail(err, MIA_ERR_INVALID,
                         "page_size %u: a power of two from %d to %d is needed", opt->page_size,
                         DEFAULT_PAGE, MOST_PAGE);
    return MIA_OK;
}

const struct mia_engine_ops *mia_engine_detect(const char *path)
{
    const struct mia_engine_ops *known[] = {mia_engine_mdbx(), mia_engine_sled()};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i] != NULL && known[i]->detect(path))
            return known[i];
    return NULL;
}

static mia_status is_empty(void *ctx, const char *name, struct mia_error *err)
{
    (void)ctx, (void)name, (void)err;
    return MIA_ERR_INVALID;
}

/* The engine whose files are there; mdbx where there are none; an error for anything else. */
static mia_status choose_engine(const char *path, const struct mia_engine_ops **engine,
                                struct mia_error *err)
{
    *engine = mia_engine_detect(path);
    if (*engine != NULL)
        return MIA_OK;
    *engine = mia_engine_mdbx();
    enum mia__file_kind kind = mia__file_kind(path);
    if (kind == MIA__FILE_NONE)
        return MIA_OK;
    if (kind != MIA__FILE_DIRECTORY)
        return mia__fail(err, MIA_ERR_INVALID, "%s is not a directory: a database is one", path);
    if (mia__dir_each(path, is_empty, NULL, NULL) == MIA_OK)
        return MIA_OK;
    return mia__fail(err, MIA_ERR_INVALID,
                     "%s has files, but not of a database that this build knows", path);
}

static mia_status check_engine(const struct mia_engine_ops *engine, struct mia_error *err)
{
    if (engine->abi == MIA_ENGINE_ABI && engine->struct_size == sizeof *engine)
        return MIA_OK;
    return mia__fail(
        err, MIA_ERR_VERSION,
        "engine %.15s was built for engine interface %u (%u bytes), this libmia has %u "
        "(%zu bytes)",
        engine->name, engine->abi, engine->struct_size, MIA_ENGINE_ABI, sizeof *engine);
}

static mia_status allocate(const char *path, const struct mia_db_options *opt, mia_db **out,
                           struct mia_error *err)
{
    mia_db *db = mia__alloc_zero(sizeof *db);
    char *copy = mia__strdup(path);
    if (db == NULL || copy == NULL) {
        mia__free(db);
        mia__free(copy);
        return mia__fail_nomem(err);
    }
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
    pthread_mutex_init(&db->writer, &attributes);
    pthread_mutexattr_destroy(&attributes);
    db->path = copy;
    db->read_only = opt->read_only;
    db->durability = opt->durability;
    atomic_init(&db->references, 1);
    *out = db;
    return MIA_OK;
}

static void release(mia_db *db)
{
    if (db == NULL)
        return;
    if (db->handle != NULL) {
        mia__flusher_stop(db);
        db->ops->close(db->handle);
    }
    pthread_mutex_destroy(&db->writer);
    mia__free(db->path);
    mia__free(db);
}

/* What is the same for every engine, around what it opened. */
static mia_status surround(mia_db *db, const struct mia_db_options *opt, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    if (!(db->engine->caps & MIA_CAP_MULTI))
        TRY(mia__multi_wrap(&db->ops, &db->handle, err));
    db->limits.struct_size = sizeof db->limits;
    TRY(db->ops->info(db->handle, &db->limits, err));
    if (opt->durability == MIA_SYNC_LAZY && !opt->read_only)
        TRY(mia__flusher_start(db, opt->lazy_interval_ms, err));
done:
    return rc;
}

mia_status mia_db_open(const struct mia_engine_ops *engine, const char *path,
                       const struct mia_db_options *options, mia_db **out, struct mia_error *err)
{
    mia_status rc;
    struct mia_db_options opt;
    mia_db *db = NULL;
    *out = NULL;
    if (path == NULL || path[0] == '\0')
        return mia__fail(err, MIA_ERR_INVALID, "the path of the database is empty");
    TRY(mia__options_read(&opt, sizeof opt, options, "mia_db_options", err));
    TRY(mia__db_defaults(&opt, err));
    if (engine == NULL)
        TRY(choose_engine(path, &engine, err));
    TRY(check_engine(engine, err));
    TRY(allocate(path, &opt, &db, err));
    db->engine = db->ops = engine;
    if (!opt.read_only && !opt.must_exist)
        TRY(mia__dir_create_parents(path, err));
    TRY(engine->open(path, &opt, &db->handle, err));
    if (rc == MIA_NOTFOUND) {
        db->handle = NULL;
        goto done;
    }
    rc = surround(db, &opt, err);
done:
    if (rc == MIA_OK)
        *out = db;
    else
        release(db);
    return rc;
}

mia_status mia__db_adopt(const struct mia_engine_ops *engine, void *handle, const char *path,
                         const struct mia_db_options *options, mia_db **out, struct mia_error *err)
{
    mia_status rc;
    struct mia_db_options opt;
    mia_db *db = NULL;
    *out = NULL;
    TRY(mia__options_read(&opt, sizeof opt, options, "mia_db_options", err));
    TRY(mia__db_defaults(&opt, err));
    TRY(allocate(path, &opt, &db, err));
    db->engine = db->ops = engine;
    db->handle = handle;
    rc = surround(db, &opt, err);
done:
    if (rc == MIA_OK)
        *out = db;
    else if (db != NULL)
        release(db);
    else
        engine->close(handle);
    return rc;
}

mia_db *mia_db_retain(mia_db *db)
{
    atomic_fetch_add_explicit(&db->references, 1, memory_order_relaxed);
    return db;
}

mia_status mia_db_close(mia_db *db, struct mia_error *err)
{
    if (db == NULL)
        return MIA_OK;
    size_t references = atomic_load(&db->references);
    do {
        if (references == 1 && atomic_load(&db->transactions) != 0)
            return mia__fail(err, MIA_ERR_BUSY,
                             "%s: %zu transactions are still open: end them first", db->path,
                             atomic_load(&db->transactions));
    } while (!atomic_compare_exchange_weak(&db->references, &references, references - 1));
    if (references == 1)
        release(db);
    return MIA_OK;
}

const struct mia_engine_ops *mia_db_engine(const mia_db *db)
{
    return db->engine;
}

const char *mia_db_path(const mia_db *db)
{
    return db->path;
}

mia_status mia_db_info(mia_db *db, struct mia_db_info *out, struct mia_error *err)
{
    struct mia_db_info info = {.struct_size = sizeof info};
    mia_status rc;
    TRY(mia__report_check(out, "mia_db_info", err));
    TRY(db->ops->info(db->handle, &info, err));
    mia__report_write(out, &info, sizeof info);
done:
    return rc;
}

static mia_status lacks(const mia_db *db, const char *what, struct mia_error *err)
{
    return mia__fail_engine(err, MIA_ERR_UNSUPPORTED, db->engine->name, 0,
                            "%s: engine %s has no %s", db->path, db->engine->name, what);
}

mia_status mia_db_readers(mia_db *db, mia_reader_fn fn, void *ctx, struct mia_error *err)
{
    if (db->ops->readers == NULL)
        return lacks(db, "reader table", err);
    return db->ops->readers(db->handle, fn, ctx, err);
}

mia_status mia_db_copy(mia_db *db, const char *dest, bool compact, struct mia_error *err)
{
    if (db->ops->copy == NULL)
        return lacks(db, "hot copy", err);
    if (mia__file_exists(dest))
        return mia__fail(err, MIA_ERR_INVALID, "%s exists already", dest);
    return db->ops->copy(db->handle, dest, compact, err);
}

mia_status mia_db_check(mia_db *db, mia_problem_fn fn, void *ctx, uint64_t *problems,
                        struct mia_error *err)
{
    *problems = 0;
    if (db->ops->check == NULL)
        return lacks(db, "check of its own structures", err);
    return db->ops->check(db->handle, fn, ctx, problems, err);
}

mia_status mia__db_sync_locked(mia_db *db, struct mia_error *err)
{
    if (pthread_mutex_lock(&db->writer) == EDEADLK)
        return mia__fail(err, MIA_ERR_TXN,
                         "%s: this thread has a WRITE transaction open: end it before sync",
                         db->path);
    mia_status rc = db->ops->sync(db->handle, err);
    pthread_mutex_unlock(&db->writer);
    return rc;
}

mia_status mia_db_sync(mia_db *db, struct mia_error *err)
{
    return db->read_only ? MIA_OK : mia__db_sync_locked(db, err);
}
