/* migrate/workspace.c - the partial target's directory: made, locked, published, removed */
#include "migrate/workspace.h"

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/try.h"

#define PARTIAL_SUFFIX ".mia-partial"

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

mia_status mia__workspace_begin(struct mia__workspace *w, struct mia_error *err)
{
    w->lock = -1;
    w->parent = mia__path_parent(w->target);
    w->partial = mia__format("%s" PARTIAL_SUFFIX, w->target);
    return w->parent != NULL && w->partial != NULL ? MIA_OK : mia__fail_nomem(err);
}

mia_status mia__workspace_take(struct mia__workspace *w, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    struct mia__obstacles found = {0};
    if (w->partial == NULL)
        TRY(mia__workspace_begin(w, err));
    if (!w->is_checked)
        mia__workspace_check(w, &found);
    TRY(mia__obstacles_judge(&found, err));
    TRY(take_partial(w, err));
done:
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
    mia__free(w->parent);
    w->partial = w->parent = NULL;
}
