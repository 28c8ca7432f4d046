/* installation/root.c - the directory of an installation */
#include "installation/root.h"
#include "base/error.h"
#include "base/file.h"
#include "base/options.h"
#include "base/try.h"

#include <inttypes.h>
#include <time.h>

uint64_t mia__clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

char *mia__generation_path(const char *root, uint64_t generation)
{
    return mia__format("%s/generations/%" PRIu64, root, generation);
}

static mia_status make_root(const char *path, struct mia_error *err)
{
    mia_status rc;
    if (mia__file_kind(path) == MIA__FILE_DIRECTORY)
        return MIA_OK;
    TRY(mia__dir_create_parents(path, err));
    TRY(mia__dir_create(path, err));
    rc = mia__dir_sync_holder(path, err);
done:
    return rc;
}

mia_status mia__sync_up(const struct mia__root *root, const char *path, struct mia_error *err)
{
    mia_status rc;
    char *at = mia__path_parent(path), *above = NULL;
    if (at == NULL)
        return mia__fail_nomem(err);
    for (;;) {
        TRY(mia__dir_sync(at, err));
        if (strlen(at) <= strlen(root->path))
            break;
        above = mia__path_parent(at);
        if (above == NULL)
            TRY(mia__fail_nomem(err));
        mia__free(at);
        at = above;
    }
done:
    mia__free(at);
    return rc;
}

mia_status mia__root_reopen_below(struct mia__root *root, const char *name, struct mia_error *err)
{
    size_t count, size = strlen(name);
    struct mia__entry *entries = mia__entries(&root->journal, &count);
    for (size_t i = 0; i < count; i++) {
        const char *other = entries[i].name;
        bool is_below = strncmp(other, name, size) == 0 && (other[size] == '/' || !other[size]);
        if (is_below && entries[i].state == MIA__ENTRY_DONE)
            entries[i].state = MIA__ENTRY_OPEN;
    }
    return mia__journal_write(root->path, &root->journal, err);
}

static mia_status lock_root(struct mia__root *root, struct mia_error *err)
{
    mia_status rc = mia__dir_lock(root->path, &root->lock, err);
    if (rc == MIA_ERR_BUSY)
        rc = mia__fail(err, rc, "%s: another command works on this installation", root->path);
    return rc;
}

mia_status mia__root_open(struct mia__root *root, const struct mia_installation_options *opt,
                          bool create, struct mia_error *err)
{
    mia_status rc;
    *root = (struct mia__root){.lock = -1};
    TRY(mia__options_read(&root->opt, sizeof root->opt, opt, "mia_installation_options", err));
    if (root->opt.root == NULL || root->opt.root[0] == '\0') {
        rc = mia__fail(err, MIA_ERR_INVALID, "the installation's directory is missing");
        goto done;
    }
    if (create) {
        root->is_made = mia__file_kind(root->opt.root) != MIA__FILE_DIRECTORY;
        TRY(make_root(root->opt.root, err));
    }
    if (mia__file_kind(root->opt.root) != MIA__FILE_DIRECTORY)
        return MIA_NOTFOUND;
    TRY(mia__path_absolute(root->opt.root, &root->path, err));
    TRY(lock_root(root, err));
    /* What a stopped call has renamed must be there for good before anything is built on it: a finish
     * removes what the pointer led to before. */
    TRY(mia__dir_sync(root->path, err));
    TRY(mia__pointer_read(root->path, &root->pointer, err));
    TRY(mia__generation_in_use(root->path, &root->pointer, &root->in_use, err));
    rc = mia__journal_read(root->path, &root->journal, err);
    if (rc == MIA_NOTFOUND && create)
        rc = MIA_OK;
done:
    return rc;
}

void mia__root_close(struct mia__root *root)
{
    mia__journal_free(&root->journal);
    mia__pointer_free(&root->pointer);
    mia__file_unlock(root->lock);
    mia__free(root->path);
    *root = (struct mia__root){.lock = -1};
}

void mia__root_tell(const struct mia__root *root, const struct mia__entry *entry)
{
    struct mia_installed installed = mia__installed(entry);
    if (root->opt.database != NULL)
        root->opt.database(root->opt.database_ctx, &installed);
}
