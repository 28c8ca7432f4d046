/*
 * migrate/source_sled.c - sled files as a source, read by sled itself
 *
 * sled writes to what it opens, so it gets a private copy; of the source only a shared lock is
 * taken, which keeps a sled from opening it meanwhile.
 */
#include "base/error.h"
#include "base/file.h"
#include "base/try.h"
#include "migrate/source_db.h"
#include "sled/tail.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#define COPY_PREFIX "mia-sled-"

struct sled_source {
    struct mia__source_db base; /* first */
    char *copy;                 /* directory */
    int lock;                   /* on the source's file `db` */
};

static bool has_file(const char *directory, const char *name)
{
    char *path = mia__path_join(directory, name);
    bool has = path != NULL && mia__file_kind(path) == MIA__FILE_REGULAR;
    mia__free(path);
    return has;
}

bool mia__source_is_sled(const char *path)
{
    return has_file(path, "db") && has_file(path, "conf");
}

static void close_source(void *self)
{
    struct sled_source *s = self;
    mia_db_close(s->base.db, NULL);
    if (s->copy != NULL)
        mia__dir_remove_tree(s->copy, NULL);
    mia__file_unlock(s->lock);
    mia__free(s->copy);
    mia__free(s);
}

static const char *format(const void *self)
{
    (void)self;
    return "sled";
}

static const struct mia__source_ops sled_source_ops = {
    .kind = "sled",
    .close = close_source,
    .format = format,
    .count = mia__source_db_count,
    .cursor = mia__source_db_cursor,
    .seek = mia__source_db_seek,
    .next = mia__source_db_next,
    .cursor_close = mia__source_db_cursor_close,
};

struct copy_job {
    const char *from, *to;
    mia_progress_fn progress;
    void *progress_ctx;
    uint64_t bytes_done, bytes_total; /* of the files before the one being copied */
};

static bool copied(void *ctx, uint64_t bytes)
{
    const struct copy_job *job = ctx;
    struct mia_progress p = {.phase = "private copy",
                             .bytes_done = job->bytes_done + bytes,
                             .bytes_total = job->bytes_total};
    return job->progress == NULL || job->progress(job->progress_ctx, &p);
}

static mia_status add_size(void *ctx, const char *name, struct mia_error *err)
{
    struct copy_job *job = ctx;
    mia_status rc = MIA_OK;
    struct mia__file_stat st;
    char *path = mia__path_join(job->from, name);
    if (path == NULL)
        return mia__fail_nomem(err);
    if (mia__file_kind(path) == MIA__FILE_REGULAR) {
        TRY(mia__file_stat(path, &st, err));
        job->bytes_total += st.size;
    }
done:
    mia__free(path);
    return rc;
}

static mia_status copy_entry(void *ctx, const char *name, struct mia_error *err)
{
    struct copy_job *job = ctx;
    mia_status rc = MIA_OK;
    struct mia__file_stat st;
    char *from = mia__path_join(job->from, name);
    char *to = mia__path_join(job->to, name);
    if (from == NULL || to == NULL) {
        rc = mia__fail_nomem(err);
        goto done;
    }
    if (mia__file_kind(from) != MIA__FILE_REGULAR)
        goto done;
    TRY(mia__file_stat(from, &st, err));
    TRY(mia__file_copy(from, to, copied, job, err));
    job->bytes_done += st.size;
done:
    mia__free(from);
    mia__free(to);
    return rc;
}

/* sled keeps conf, db and snap.* in the directory itself, large values in blobs/. */
static mia_status copy_directory(struct copy_job *job, struct mia_error *err)
{
    mia_status rc;
    struct copy_job blobs = *job;
    char *from = mia__path_join(job->from, "blobs");
    char *to = mia__path_join(job->to, "blobs");
    if (from == NULL || to == NULL) {
        rc = mia__fail_nomem(err);
        goto done;
    }
    blobs.from = from;
    blobs.to = to;
    bool has_blobs = mia__file_kind(from) == MIA__FILE_DIRECTORY;
    TRY(mia__dir_each(job->from, add_size, job, err));
    if (has_blobs)
        TRY(mia__dir_each(from, add_size, &blobs, err));
    job->bytes_total += blobs.bytes_total;
    TRY(mia__dir_each(job->from, copy_entry, job, err));
    if (!has_blobs)
        goto done;
    blobs.bytes_done = job->bytes_done;
    blobs.bytes_total = job->bytes_total;
    TRY(mia__dir_create(to, err));
    TRY(mia__dir_each(from, copy_entry, &blobs, err));
done:
    mia__free(from);
    mia__free(to);
    return rc;
}

static mia_status lock_source(const char *path, int *lock, struct mia_error *err)
{
    char *file = mia__path_join(path, "db");
    if (file == NULL)
        return mia__fail_nomem(err);
    mia_status rc = mia__file_lock_shared(file, lock, err);
    if (rc == MIA_ERR_BUSY)
        rc = mia__fail(err, rc,
                       "%s is open in another process (sled holds its lock): stop that "
                       "program first",
                       path);
    mia__free(file);
    return rc;
}

static mia_status refuse_tear(const char *path, struct mia_error *err)
{
    struct mia__sled_tail tail;
    mia_status rc = mia__sled_find_tear(path, &tail, err);
    if (rc < 0 || !tail.is_torn)
        return rc;
    return mia__fail(err, MIA_ERR_CORRUPT,
                     "%s: damaged, or torn by a crash: sled stops reading its file db at byte %llu "
                     "and would drop %llu intact messages behind it without a word; "
                     "--accept-torn-log takes what sled recovers",
                     path, (unsigned long long)tail.torn_at,
                     (unsigned long long)tail.lost_messages);
}

static mia_status make_copy(const mia_source *source, const struct mia_source_options *opt,
                            char **copy, struct mia_error *err)
{
    mia_status rc;
    const char *scratch = opt->scratch != NULL ? opt->scratch : getenv("TMPDIR");
    struct copy_job job = {
        .from = source->path, .progress = opt->progress, .progress_ctx = opt->progress_ctx};
    TRY(mia__dir_create_temporary(scratch != NULL ? scratch : "/tmp", COPY_PREFIX, copy, err));
    job.to = *copy;
    TRY(copy_directory(&job, err));
done:
    return rc;
}

/* sled reads pages again and again that its cache cannot hold: an eighth of the memory that this
 * process may have, within bounds. */
static uint64_t default_cache(void)
{
    const uint64_t least = 64u << 20, most = 1u << 30;
    uint64_t memory = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
    struct rlimit limit;
    if (getrlimit(RLIMIT_DATA, &limit) == 0 && limit.rlim_cur < memory)
        memory = limit.rlim_cur;
    return memory / 8 < least ? least : memory / 8 > most ? most : memory / 8;
}

static mia_status open_copy(struct sled_source *s, const struct mia_source_options *opt,
                            const char *path, struct mia_error *err)
{
    struct mia_db_options db = {.struct_size = sizeof db,
                                .must_exist = true,
                                .durability = MIA_SYNC_LAZY,
                                .lazy_interval_ms = UINT32_MAX / 4,
                                .cache_bytes =
                                    opt->cache_bytes ? opt->cache_bytes : default_cache()};
    struct mia_error cause = {0};
    mia_status rc = mia_db_open(mia_engine_sled(), s->copy, &db, &s->base.db, &cause);
    if (rc == MIA_NOTFOUND)
        return mia__fail(err, MIA_ERR_CORRUPT, "%s: its file db vanished", path);
    if (rc < 0) /* about the source, not about the copy that nobody will see */
        mia__fail_engine(err, rc, "sled", cause.code, "%s: %s", path, cause.message);
    return rc;
}

mia_status mia__source_open_sled(mia_source *source, const struct mia_source_options *opt,
                                 struct mia_error *err)
{
    mia_status rc;
    if (mia_engine_sled() == NULL)
        return mia__fail(err, MIA_ERR_UNSUPPORTED,
                         "%s is a sled database; this build of libmia "
                         "reads none (build with -DMIA_WITH_SLED=ON)",
                         source->path);
    struct sled_source *s = mia__alloc_zero(sizeof *s);
    if (s == NULL)
        return mia__fail_nomem(err);
    s->lock = -1;
    TRY(lock_source(source->path, &s->lock, err));
    if (!opt->accept_torn_log)
        TRY(refuse_tear(source->path, err));
    TRY(make_copy(source, opt, &s->copy, err));
    TRY(open_copy(s, opt, source->path, err));
    TRY(mia__source_db_trees(source, &s->base, err));
done:
    if (rc < 0) {
        close_source(s);
    } else {
        source->ops = &sled_source_ops;
        source->self = s;
    }
    return rc;
}
