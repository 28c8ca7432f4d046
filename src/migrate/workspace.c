/* migrate/workspace.c - the partial target's directory: made, locked, published, removed */
#include "base/error.h"
#include "base/file.h"
#include "base/try.h"
#include "migrate/job.h"

#define PARTIAL_SUFFIX ".mia-partial"

static mia_status check_target(struct mia__job *job, const char *parent, struct mia_error *err)
{
    if (mia__file_exists(job->target_path))
        return mia__fail(err, MIA_ERR_INVALID,
                         "%s exists already: choose another target or move it away",
                         job->target_path);
    if (mia__file_kind(parent) != MIA__FILE_DIRECTORY)
        return mia__fail(err, MIA_ERR_INVALID,
                         "%s, where the target would be, is no directory: "
                         "make it first",
                         parent);
    if (mia__path_is_inside(parent, job->source_path))
        return mia__fail(err, MIA_ERR_INVALID,
                         "%s would be inside the source: choose a target elsewhere",
                         job->target_path);
    const char *network = mia__network_file_system(parent);
    if (network != NULL)
        return mia__fail(err, MIA_ERR_UNSUPPORTED,
                         "%s is on a network file system (%s), where "
                         "libmdbx cannot lock: migrate to a local disk",
                         parent, network);
    return MIA_OK;
}

/* Works on a read-only file system and for a user without the right alike. */
static mia_status check_writable(const char *parent, struct mia_error *err)
{
    if (mia__dir_is_writable(parent))
        return MIA_OK;
    return mia__fail(err, MIA_ERR_READONLY,
                     "%s cannot be written to (permissions, or a read-only "
                     "file system): choose another target",
                     parent);
}

/* Room for a target half as large as the source: sled's files hold old versions too. A disk that
 * turns out too small later is a clean stop that --resume goes on from. */
static mia_status check_space(struct mia__job *job, const char *parent, struct mia_error *err)
{
    uint64_t free_bytes, needed = job->source_bytes / 2;
    mia_status rc = mia__disk_free(parent, &free_bytes, err);
    if (rc < 0 || free_bytes >= needed)
        return rc;
    return mia__fail(err, MIA_ERR_FULL,
                     "%s: about %llu MB are needed and %llu MB are free: make "
                     "room or choose another target",
                     job->target_path, (unsigned long long)(needed >> 20) + 1,
                     (unsigned long long)(free_bytes >> 20));
}

static mia_status check_partial(struct mia__job *job, struct mia_error *err)
{
    if (!mia__file_exists(job->partial) || job->opt.resume || job->opt.force)
        return MIA_OK;
    return mia__fail(err, MIA_ERR_INVALID,
                     "%s is left of an interrupted migration: go on with "
                     "--resume, or start over with --force",
                     job->partial);
}

/* A lock on the directory itself: two migrations to one target must not meet. */
static mia_status lock_partial(struct mia__job *job, struct mia_error *err)
{
    mia_status rc = mia__dir_lock(job->partial, &job->partial_lock, err);
    if (rc == MIA_ERR_BUSY)
        rc = mia__fail(err, rc, "another migration to %s is running", job->target_path);
    return rc;
}

static mia_status empty_partial(struct mia__job *job, struct mia_error *err)
{
    mia_status rc;
    TRY(mia__dir_remove_tree(job->partial, err));
    mia__file_unlock(job->partial_lock);
    job->partial_lock = -1;
    TRY(mia__dir_create(job->partial, err));
    TRY(lock_partial(job, err));
done:
    return rc;
}

static mia_status take_partial(struct mia__job *job, struct mia_error *err)
{
    mia_status rc;
    bool is_there = mia__file_exists(job->partial);
    if (!is_there)
        TRY(mia__dir_create(job->partial, err));
    TRY(lock_partial(job, err));
    if (is_there && job->opt.force && !job->opt.resume)
        TRY(empty_partial(job, err));
    job->keep_partial = is_there && job->opt.resume;
done:
    return rc;
}

mia_status mia__job_prepare(struct mia__job *job, struct mia_error *err)
{
    mia_status rc;
    char *parent = mia__path_parent(job->target_path);
    job->partial = mia__format("%s" PARTIAL_SUFFIX, job->target_path);
    if (parent == NULL || job->partial == NULL) {
        rc = mia__fail_nomem(err);
        goto done;
    }
    TRY(check_target(job, parent, err));
    TRY(check_partial(job, err));
    TRY(check_writable(parent, err));
    TRY(mia__dir_size(job->source_path, &job->source_bytes, err));
    if (!job->opt.resume) /* what an earlier run wrote takes no space again */
        TRY(check_space(job, parent, err));
    TRY(take_partial(job, err));
done:
    mia__free(parent);
    return rc;
}

mia_status mia__job_publish(struct mia__job *job, struct mia_error *err)
{
    mia_status rc;
    TRY(mia__dir_sync(job->partial, err));
    TRY(mia__rename_noreplace(job->partial, job->target_path, err));
done:
    return rc;
}

void mia__job_release(struct mia__job *job)
{
    if (job->partial_lock >= 0 && !job->keep_partial)
        mia__dir_remove_tree(job->partial, NULL);
    mia__file_unlock(job->partial_lock);
    job->partial_lock = -1;
}
