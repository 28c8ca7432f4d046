/* base/file.c - reading, mapping and locking one file */
#include "base/file.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/try.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
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
    off_t end = lseek(fd, 0, SEEK_END); /* less than half of an fstat's time */
    if (end < 0)
        return mia__fail_errno(err, errno, "cannot ask for the size of an open file");
    *bytes = (uint64_t)end;
    return MIA_OK;
}

void mia__fd_sync_ahead(int fd)
{
    (void)fdatasync(fd);
}

void mia__fd_write_ahead(int fd)
{
#ifdef SYNC_FILE_RANGE_WRITE
    (void)sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE);
#else
    (void)fd;
#endif
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
