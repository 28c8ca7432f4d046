/* base/file_writer.c - a new file, front to back */
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/try.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

mia_status mia__fd_write(int fd, const char *path, const void *from, size_t size,
                         struct mia_error *err)
{
    const uint8_t *at = from;
    while (size > 0) {
        ssize_t n = write(fd, at, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return mia__fail_errno(err, errno, "cannot write %s", path);
        at += n;
        size -= (size_t)n;
    }
    return MIA_OK;
}

enum { START_BYTES = 8 << 20 };

struct mia__file_writer {
    int fd;
    bool is_scratch;
    uint64_t written, started; /* bytes in all; of these the kernel was told to write to disk */
    char path[];               /* for messages */
};

static mia_status create(const char *path, int flags, struct mia__file_writer **out,
                         struct mia_error *err)
{
    *out = NULL;
    size_t size = strlen(path) + 1;
    struct mia__file_writer *file = mia__alloc_zero(sizeof *file + size);
    if (file == NULL)
        return mia__fail_nomem(err);
    memcpy(file->path, path, size);
    file->fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0666);
    if (file->fd < 0) {
        int reason = errno;
        mia__free(file);
        return mia__fail_errno(err, reason, "cannot create %s", path);
    }
    *out = file;
    return MIA_OK;
}

mia_status mia__file_create(const char *path, struct mia__file_writer **out, struct mia_error *err)
{
    return create(path, O_EXCL, out, err);
}

mia_status mia__file_create_scratch(const char *path, struct mia__file_writer **out,
                                    struct mia_error *err)
{
    mia_status rc = create(path, O_EXCL, out, err);
    if (rc == MIA_OK)
        (*out)->is_scratch = true;
    return rc;
}

mia_status mia__file_create_over(const char *path, struct mia__file_writer **out,
                                 struct mia_error *err)
{
    return create(path, O_TRUNC | O_NOFOLLOW | O_NONBLOCK, out, err); /* a FIFO: ENXIO, no wait */
}

mia_status mia__file_append(struct mia__file_writer *file, const void *data, size_t size,
                            struct mia_error *err)
{
    mia_status rc = mia__fd_write(file->fd, file->path, data, size, err);
    if (rc < 0)
        return rc;
    file->written += size;
    if (file->is_scratch || file->written - file->started < START_BYTES)
        return rc;
    /* The disk begins now, so that little is left for the sync, which is what answers for errors.
     */
    (void)sync_file_range(file->fd, (off_t)file->started, (off_t)(file->written - file->started),
                          SYNC_FILE_RANGE_WRITE);
    file->started = file->written;
    return rc;
}

mia_status mia__file_sync(struct mia__file_writer *file, struct mia_error *err)
{
    if (fsync(file->fd) != 0)
        return mia__fail_errno(err, errno, "cannot sync %s", file->path);
    return MIA_OK;
}

mia_status mia__file_close(struct mia__file_writer *file, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    if (close(file->fd) != 0)
        rc = mia__fail_errno(err, errno, "cannot write %s", file->path);
    mia__free(file);
    return rc;
}

void mia__file_abandon(struct mia__file_writer *file)
{
    if (file == NULL)
        return;
    close(file->fd);
    mia__free(file);
}

void mia__file_discard(struct mia__file_writer *file)
{
    if (file == NULL)
        return;
    unlink(file->path);
    mia__file_abandon(file);
}

mia_status mia__file_remove(const char *path, struct mia_error *err)
{
    if (unlink(path) == 0 || errno == ENOENT)
        return MIA_OK;
    return mia__fail_errno(err, errno, "cannot remove %s", path);
}

mia_status mia__file_replace(const char *path, const mia_slice *parts, size_t count,
                             struct mia_error *err)
{
    mia_status rc;
    struct mia__file_writer *file = NULL;
    char *fresh = mia__format("%s.tmp", path);
    if (fresh == NULL)
        return mia__fail_nomem(err);
    TRY(mia__file_create_over(fresh, &file, err));
    for (size_t i = 0; i < count; i++)
        TRY(mia__file_append(file, parts[i].data, parts[i].size, err));
    TRY(mia__file_sync(file, err));
    TRY(mia__rename_over(fresh, path, err));
    rc = mia__file_close(file, err);
    file = NULL;
done:
    mia__file_discard(file);
    mia__free(fresh);
    return rc;
}
