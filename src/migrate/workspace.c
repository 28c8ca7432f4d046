/* migrate/workspace.c - the partial target's directory: made, locked, published, removed */
#include "migrate/workspace.h"

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/try.h"

#define PARTIAL_SUFFIX ".mia-partial"

static mia_status check_target(struct mia__workspace *w, const char *parent, struct mia_error *err)
{
    if (mia__file_exists(w->target))
        return mia__fail(err, MIA_ERR_INVALID,
                         "%s exists already: choose another target or move it away", w->target);
    if (mia__file_kind(parent) != MIA__FILE_DIRECTORY)
        return mia__fail(err, MIA_ERR_INVALID,
                         "%s, where the target would be, is no directory: "
                         "make it first",
                         parent);
    if (mia__path_is_inside(parent, w->source))
        return mia__fail(err, MIA_ERR_INVALID,
                         "%s would be inside the source: choose a target elsewhere", w->target);
    const char *network = w->is_mapped ? mia__network_file_system(parent) : NULL;
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

/* An estimate: a disk that turns out too small later is a clean stop. */
static mia_status check_space(struct mia__workspace *w, const char *parent, struct mia_error *err)
{
    uint64_t free_bytes, needed = w->source_bytes / 100 * w->needed_percent;
    mia_status rc = mia__disk_free(parent, &free_bytes, err);
    if (rc < 0 || free_bytes >= needed)
        return rc;
    return mia__fail(err, MIA_ERR_FULL,
                     "%s: about %llu MB are needed and %llu MB are free: make "
                     "room or choose another target",
                     w->target, (unsigned long long)(needed >> 20) + 1,
                     (unsigned long long)(free_bytes >> 20));
}

static mia_status check_partial(struct mia__workspace *w, struct mia_error *err)
{
    if (!mia__file_exists(w->partial) || w->resume || w->force)
        return MIA_OK;
    return mia__fail(err, MIA_ERR_INVALID,
                     "%s is left of an interrupted %s: %sstart over with --force", w->partial,
                     w->what, w->can_resume ? "go on with --resume, or " : "");
}

/* A lock on the directory itself: two runs to one target must not meet. */
static mia_status lock_partial(struct mia__workspace *w, struct mia_error *err)
{
    mia_status rc = mia__dir_lock(w->partial, &w->lock, err);
    if (rc == MIA_ERR_BUSY)
        rc = mia__fail(err, rc, "another %s to %s is running", w->what, w->target);
    return rc;
}

static mia_status empty_partial(struct mia__workspace *w, struct mia_error *err)
{
    mia_status rc;
    TRY(mia__dir_remove_tree(w->partial, err));
    mia__file_unlock(w->lock);
    w->lock = -1;
    TRY(mia__dir_create(w->partial, err));
    TRY(lock_partial(w, err));
done:
    return rc;
}

static mia_status take_partial(struct mia__workspace *w, struct mia_error *err)
{
    mia_status rc;
    bool is_there = mia__file_exists(w->partial);
    if (!is_there)
        TRY(mia__dir_create(w->partial, err));
    TRY(lock_partial(w, err));
    if (is_there && w->force && !w->resume)
        TRY(empty_partial(w, err));
    w->keep = is_there && w->resume;
done:
    return rc;
}

mia_status mia__workspace_take(struct mia__workspace *w, struct mia_error *err)
{
    mia_status rc;
    char *parent = mia__path_parent(w->target);
    w->partial = mia__format("%s" PARTIAL_SUFFIX, w->target);
    if (parent == NULL || w->partial == NULL) {
        rc = mia__fail_nomem(err);
        goto done;
    }
    TRY(check_target(w, parent, err));
    TRY(check_partial(w, err));
    TRY(check_writable(parent, err));
    TRY(mia__dir_size(w->source, &w->source_bytes, err));
    if (!w->resume) /* what an earlier run wrote takes no space again */
        TRY(check_space(w, parent, err));
    TRY(take_partial(w, err));
done:
    mia__free(parent);
    return rc;
}

mia_status mia__workspace_publish(struct mia__workspace *w, const char *made, struct mia_error *err)
{
    mia_status rc;
    TRY(mia__dir_sync(made, err));
    TRY(mia__rename_noreplace(made, w->target, err));
done:
    return rc;
}

void mia__workspace_release(struct mia__workspace *w)
{
    if (w->lock >= 0 && !w->keep)
        mia__dir_remove_tree(w->partial, NULL);
    mia__file_unlock(w->lock);
    w->lock = -1;
    mia__free(w->partial);
    w->partial = NULL;
}
