/* base/file.c - reading, copying and locking one file */
#include "base/file.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/try.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static mia_status read_at(int fd, const char *path, uint64_t offset, void *to, size_t size,
                          size_t *got, struct mia_error *err)
{
    *got = 0;
    while (*got < size) {
        ssize_t n = pread(fd, (char *)to + *got, size - *got, (off_t)(offset + *got));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return mia__fail_errno(err, errno, "cannot read %s", path);
        if (n == 0)
            break;
        *got += (size_t)n;
    }
    return MIA_OK;
}

static mia_status open_for_reading(const char *path, int *fd, struct mia_error *err)
{
    *fd = open(path, O_RDONLY | O_CLOEXEC);
    return *fd >= 0 ? MIA_OK : mia__fail_errno(err, errno, "cannot open %s", path);
}

static void close_file(int fd)
{
    if (fd >= 0)
        close(fd);
}

mia_status mia__file_read(const char *path, uint64_t offset, void *to, size_t size, size_t *got,
                          struct mia_error *err)
{
    mia_status rc;
    int fd = -1;
    *got = 0;
    TRY(open_for_reading(path, &fd, err));
    TRY(read_at(fd, path, offset, to, size, got, err));
done:
    close_file(fd);
    return rc;
}

mia_status mia__file_map(const char *path, struct mia__map *map, struct mia_error *err)
{
    mia_status rc;
    struct mia__file_stat st;
    int fd = -1;
    memset(map, 0, sizeof *map);
    TRY(mia__file_stat(path, &st, err));
    TRY(open_for_reading(path, &fd, err));
    if (st.size == 0)
        goto done;
    void *at = mmap(NULL, (size_t)st.size, PROT_READ, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED) {
        rc = mia__fail_errno(err, errno, "cannot map %s", path);
        goto done;
    }
    map->bytes = at;
    map->size = st.size;
done:
    close_file(fd);
    return rc;
}

void mia__file_unmap(struct mia__map *map)
{
    if (map->bytes != NULL)
        munmap((void *)(uintptr_t)map->bytes, (size_t)map->size);
    memset(map, 0, sizeof *map);
}

void mia__file_forget(const struct mia__map *map)
{
    if (map->bytes != NULL)
        madvise((void *)(uintptr_t)map->bytes, (size_t)map->size, MADV_DONTNEED);
}

mia_status mia__fd_size(int fd, uint64_t *bytes, struct mia_error *err)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return mia__fail_errno(err, errno, "cannot ask for the size of an open file");
    *bytes = (uint64_t)st.st_size;
    return MIA_OK;
}

/* Reads and writes: copy_file_range damages copies on some kernels between 5.3 and 5.18. */
static mia_status copy_bytes(int in, int out, const char *from, const char *to,
                             mia__copied_fn copied, void *ctx, struct mia_error *err)
{
    enum { CHUNK = 1 << 20 };
    mia_status rc = MIA_OK;
    uint64_t done = 0;
    uint8_t *chunk = mia__alloc(CHUNK);
    if (chunk == NULL)
        return mia__fail_nomem(err);
    for (;;) {
        size_t got;
        TRY(read_at(in, from, done, chunk, CHUNK, &got, err));
        if (got == 0)
            break;
        TRY(mia__fd_write(out, to, chunk, got, err));
        done += got;
        if (copied != NULL && !copied(ctx, done)) {
            rc = mia__fail(err, MIA_ERR_CANCELLED, "stopped while copying %s", from);
            goto done;
        }
    }
done:
    mia__free(chunk);
    return rc;
}

mia_status mia__file_copy(const char *from, const char *to, mia__copied_fn copied, void *ctx,
                          struct mia_error *err)
{
    mia_status rc;
    int in = -1, out = -1;
    TRY(open_for_reading(from, &in, err));
    out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (out < 0) {
        rc = mia__fail_errno(err, errno, "cannot create %s", to);
        goto done;
    }
    if (ioctl(out, FICLONE, in) != 0)
        TRY(copy_bytes(in, out, from, to, copied, ctx, err));
done:
    close_file(in);
    if (out >= 0 && close(out) != 0 && rc >= 0)
        rc = mia__fail_errno(err, errno, "cannot write %s", to);
    return rc;
}

void mia__fd_sync_ahead(int fd)
{
    (void)fdatasync(fd);
}

static mia_status take_lock(const char *path, int kind, int *lock, struct mia_error *err)
{
    *lock = -1;
    int fd;
    mia_status rc = open_for_reading(path, &fd, err);
    if (rc < 0)
        return rc;
    if (flock(fd, kind | LOCK_NB) != 0) {
        int reason = errno;
        close(fd);
        if (reason == EWOULDBLOCK)
            return mia__fail(err, MIA_ERR_BUSY, "%s is locked by another process", path);
        return mia__fail_errno(err, reason, "cannot lock %s", path);
    }
    *lock = fd;
    return MIA_OK;
}

mia_status mia__file_lock_shared(const char *path, int *lock, struct mia_error *err)
{
    return take_lock(path, LOCK_SH, lock, err);
}

mia_status mia__dir_lock(const char *path, int *lock, struct mia_error *err)
{
    return take_lock(path, LOCK_EX, lock, err);
}

void mia__file_unlock(int lock)
{
    close_file(lock);
}
