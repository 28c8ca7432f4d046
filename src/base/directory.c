/* base/directory.c - making, walking, removing and publishing directories */
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/try.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

mia_status mia__dir_create(const char *path, struct mia_error *err)
{
    return mkdir(path, 0777) == 0 ? MIA_OK
                                  : mia__fail_errno(err, errno, "cannot make directory %s", path);
}

mia_status mia__dir_create_parents(const char *path, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    char *parent = mia__path_parent(path);
    if (parent == NULL)
        return mia__fail_nomem(err);
    if (mia__file_kind(parent) == MIA__FILE_NONE) {
        TRY(mia__dir_create_parents(parent, err));
        rc = mia__dir_create(parent, err);
        if (rc < 0 && mia__file_kind(parent) == MIA__FILE_DIRECTORY)
            rc = MIA_OK; /* somebody else was first */
        TRY(rc);
        rc = mia__dir_sync_holder(parent, err);
    }
done:
    mia__free(parent);
    return rc;
}

mia_status mia__dir_create_temporary(const char *parent, const char *prefix, char **path,
                                     struct mia_error *err)
{
    *path = mia__format("%s/%sXXXXXX", parent, prefix);
    if (*path == NULL)
        return mia__fail_nomem(err);
    if (mkdtemp(*path) != NULL)
        return MIA_OK;
    int reason = errno;
    mia__free(*path);
    *path = NULL;
    return mia__fail_errno(err, reason, "cannot make a directory in %s", parent);
}

static mia_status sync_path(const char *path, int flags, struct mia_error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | flags);
    if (fd < 0)
        return mia__fail_errno(err, errno, "cannot open %s", path);
    int failed = fsync(fd) != 0 ? errno : 0;
    close(fd);
    return failed ? mia__fail_errno(err, failed, "cannot sync %s", path) : MIA_OK;
}

mia_status mia__dir_sync(const char *path, struct mia_error *err)
{
    return sync_path(path, O_DIRECTORY, err);
}

mia_status mia__dir_sync_holder(const char *path, struct mia_error *err)
{
    char *parent = mia__path_parent(path);
    mia_status rc = parent != NULL ? mia__dir_sync(parent, err) : mia__fail_nomem(err);
    mia__free(parent);
    return rc;
}

static mia_status sync_below(const char *path, struct mia_error *err);

static mia_status sync_entry(void *ctx, const char *name, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    char *path = mia__path_join(ctx, name);
    if (path == NULL)
        return mia__fail_nomem(err);
    enum mia__file_kind kind = mia__file_kind(path);
    if (kind == MIA__FILE_DIRECTORY)
        rc = sync_below(path, err);
    else if (kind == MIA__FILE_REGULAR)
        rc = sync_path(path, 0, err);
    mia__free(path);
    return rc;
}

static mia_status sync_below(const char *path, struct mia_error *err)
{
    mia_status rc = mia__dir_each(path, sync_entry, (void *)(uintptr_t)path, err);
    return rc < 0 ? rc : mia__dir_sync(path, err);
}

/* One syncfs brings thousands of files down together; what fails in it, and on old kernels it does
 * not say so, fails again in the sync of the file. */
mia_status mia__dir_sync_tree(const char *path, struct mia_error *err)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return mia__fail_errno(err, errno, "cannot open %s", path);
    (void)syncfs(fd);
    close(fd);
    return sync_below(path, err);
}

static int remove_entry(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    return remove(path);
}

mia_status mia__dir_remove_tree(const char *path, struct mia_error *err)
{
    if (!mia__file_exists(path))
        return MIA_OK;
    if (nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS) != 0)
        return mia__fail_errno(err, errno, "cannot remove %s", path);
    return MIA_OK;
}

void mia__dir_remove_empty(const char *path)
{
    (void)rmdir(path);
}

mia_status mia__dir_each(const char *path, mia__entry_fn fn, void *ctx, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    DIR *dir = opendir(path);
    if (dir == NULL)
        return mia__fail_errno(err, errno, "cannot open directory %s", path);
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(dir);
        if (entry == NULL) {
            if (errno != 0)
                rc = mia__fail_errno(err, errno, "cannot read directory %s", path);
            break;
        }
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (fn != NULL)
            TRY(fn(ctx, entry->d_name, err));
    }
done:
    closedir(dir);
    return rc;
}

struct size_walk {
    const char *path;
    uint64_t bytes;
};

static mia_status add_entry(void *ctx, const char *name, struct mia_error *err)
{
    struct size_walk *walk = ctx;
    mia_status rc = MIA_OK;
    struct stat st = {0};
    uint64_t below = 0;
    char *path = mia__path_join(walk->path, name);
    if (path == NULL)
        return mia__fail_nomem(err);
    if (lstat(path, &st) == 0 && S_ISREG(st.st_mode))
        walk->bytes += (uint64_t)st.st_size;
    else if (S_ISDIR(st.st_mode))
        TRY(mia__dir_size(path, &below, err));
    walk->bytes += below;
done:
    mia__free(path);
    return rc;
}

mia_status mia__dir_size(const char *path, uint64_t *bytes, struct mia_error *err)
{
    struct size_walk walk = {.path = path};
    mia_status rc = mia__dir_each(path, add_entry, &walk, err);
    *bytes = walk.bytes;
    return rc;
}

/* File systems without RENAME_NOREPLACE: the check and the rename are two steps; rename() itself
 * refuses to replace a directory that is not empty, so no database can be lost between them. */
static int rename_in_two_steps(const char *from, const char *to)
{
    if (mia__file_exists(to)) {
        errno = EEXIST;
        return -1;
    }
    return rename(from, to);
}

mia_status mia__rename_noreplace(const char *from, const char *to, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    char *parent = mia__path_parent(to);
    if (parent == NULL)
        return mia__fail_nomem(err);
    int failed = renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
    if (failed && (errno == EINVAL || errno == ENOSYS))
        failed = rename_in_two_steps(from, to);
    if (failed && (errno == EEXIST || errno == ENOTEMPTY))
        rc = mia__fail(err, MIA_ERR_INVALID, "%s exists already; the finished copy is in %s", to,
                       from);
    else if (failed)
        rc = mia__fail_errno(err, errno, "cannot rename %s to %s", from, to);
    else
        rc = mia__dir_sync(parent, err);
    mia__free(parent);
    return rc;
}

mia_status mia__rename_over(const char *from, const char *to, struct mia_error *err)
{
    char *parent = mia__path_parent(to);
    if (parent == NULL)
        return mia__fail_nomem(err);
    mia_status rc = MIA_OK;
    if (rename(from, to) != 0)
        rc = mia__fail_errno(err, errno, "cannot rename %s to %s", from, to);
    else
        rc = mia__dir_sync(parent, err);
    mia__free(parent);
    return rc;
}
