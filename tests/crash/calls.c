/* crash/calls.c - where the linker sends the calls */
#include "crash/calls.h"

#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/uio.h>
#include <unistd.h>

const struct calls_watch *calls_watch;
calls_fault_fn *calls_fault;

/* So that what is told comes in the order in which it happened. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static bool fails(enum calls_kind kind, size_t *size)
{
    return calls_fault != NULL && calls_fault(kind, size);
}

static bool fails_whole(enum calls_kind kind)
{
    size_t none = 0;
    return fails(kind, &none);
}

/* The value of a call, and what the watch is told if it was a success; errno survives. */
#define TELL(success, what)                                                                        \
    do {                                                                                           \
        if ((success) && calls_watch != NULL) {                                                    \
            int saved = errno;                                                                     \
            calls_watch->what;                                                                     \
            errno = saved;                                                                         \
        }                                                                                          \
    } while (0)

#define DECLARE(type, name, parameters)                                                            \
    type __real_##name parameters;                                                                 \
    type __wrap_##name parameters;

/* ---- memory */

#define WRAP_MEMORY(type, name, parameters, arguments)                                             \
    DECLARE(type, name, parameters)                                                                \
    type __wrap_##name parameters                                                                  \
    {                                                                                              \
        return fails_whole(CALLS_MEMORY) ? NULL : __real_##name arguments;                         \
    }

WRAP_MEMORY(void *, mia__alloc, (size_t size), (size))
WRAP_MEMORY(void *, mia__alloc_zero, (size_t size), (size))
WRAP_MEMORY(void *, mia__alloc_array, (size_t count, size_t size), (count, size))
WRAP_MEMORY(void *, mia__realloc, (void *at, size_t size), (at, size))
WRAP_MEMORY(char *, mia__strdup, (const char *text), (text))

/* ---- reading */

DECLARE(ssize_t, read, (int fd, void *to, size_t size))
ssize_t __wrap_read(int fd, void *to, size_t size)
{
    return fails(CALLS_READ, &size) ? -1 : __real_read(fd, to, size);
}

DECLARE(ssize_t, pread, (int fd, void *to, size_t size, off_t at))
ssize_t __wrap_pread(int fd, void *to, size_t size, off_t at)
{
    return fails(CALLS_READ, &size) ? -1 : __real_pread(fd, to, size, at);
}

DECLARE(ssize_t, pread64, (int fd, void *to, size_t size, off_t at))
ssize_t __wrap_pread64(int fd, void *to, size_t size, off_t at)
{
    return fails(CALLS_PAGES, &size) ? -1 : __real_pread64(fd, to, size, at);
}

/* ---- writing */

DECLARE(ssize_t, write, (int fd, const void *from, size_t size))
ssize_t __wrap_write(int fd, const void *from, size_t size)
{
    if (fails(CALLS_WRITE, &size))
        return -1;
    pthread_mutex_lock(&lock);
    ssize_t n = __real_write(fd, from, size);
    off_t end = n > 0 && calls_watch != NULL ? lseek(fd, 0, SEEK_CUR) : -1; /* -1: a terminal */
    TELL(end >= 0, wrote(fd, from, (size_t)n, (uint64_t)(end - n)));
    pthread_mutex_unlock(&lock);
    return n;
}

DECLARE(ssize_t, pwrite64, (int fd, const void *from, size_t size, off_t at))
ssize_t __wrap_pwrite64(int fd, const void *from, size_t size, off_t at)
{
    if (fails(CALLS_WRITE, &size))
        return -1;
    pthread_mutex_lock(&lock);
    ssize_t n = __real_pwrite64(fd, from, size, at);
    TELL(n > 0, wrote(fd, from, (size_t)n, (uint64_t)at));
    pthread_mutex_unlock(&lock);
    return n;
}

static size_t size_of(const struct iovec *from, int count)
{
    size_t size = 0;
    for (int i = 0; i < count; i++)
        size += from[i].iov_len;
    return size;
}

/* Parts one after the other, as far as n goes. */
static void tell_parts(int fd, const struct iovec *from, ssize_t n, off_t at)
{
    size_t left = n > 0 ? (size_t)n : 0;
    for (; left > 0; from++) {
        size_t size = from->iov_len < left ? from->iov_len : left;
        TELL(size > 0, wrote(fd, from->iov_base, size, (uint64_t)at));
        at += (off_t)size;
        left -= size;
    }
}

DECLARE(ssize_t, pwritev64, (int fd, const struct iovec *from, int count, off_t at))
ssize_t __wrap_pwritev64(int fd, const struct iovec *from, int count, off_t at)
{
    size_t whole = size_of(from, count), size = whole;
    if (fails(CALLS_WRITE, &size))
        return -1;
    if (size < whole) /* a short one: of its first part */
        return __wrap_pwrite64(fd, from->iov_base, size < from->iov_len ? size : from->iov_len, at);
    pthread_mutex_lock(&lock);
    ssize_t n = __real_pwritev64(fd, from, count, at);
    tell_parts(fd, from, n, at);
    pthread_mutex_unlock(&lock);
    return n;
}

/* ---- sizes and syncs */

DECLARE(int, ftruncate64, (int fd, off_t size))
int __wrap_ftruncate64(int fd, off_t size)
{
    if (fails_whole(CALLS_CHANGE))
        return -1;
    pthread_mutex_lock(&lock);
    int rc = __real_ftruncate64(fd, size);
    TELL(rc == 0, sized(fd, (uint64_t)size));
    pthread_mutex_unlock(&lock);
    return rc;
}

DECLARE(int, posix_fallocate64, (int fd, off_t at, off_t size))
int __wrap_posix_fallocate64(int fd, off_t at, off_t size)
{
    struct stat st = {0};
    if (fails_whole(CALLS_CHANGE))
        return errno;
    pthread_mutex_lock(&lock);
    int rc = __real_posix_fallocate64(fd, at, size);
    fstat(fd, &st);
    TELL(rc == 0, sized(fd, (uint64_t)st.st_size));
    pthread_mutex_unlock(&lock);
    return rc;
}

#define WRAP_SYNC(name)                                                                            \
    DECLARE(int, name, (int fd))                                                                   \
    int __wrap_##name(int fd)                                                                      \
    {                                                                                              \
        if (fails_whole(CALLS_CHANGE))                                                             \
            return -1;                                                                             \
        pthread_mutex_lock(&lock);                                                                 \
        int rc = __real_##name(fd);                                                                \
        TELL(rc == 0, synced(fd));                                                                 \
        pthread_mutex_unlock(&lock);                                                               \
        return rc;                                                                                 \
    }

WRAP_SYNC(fsync)
WRAP_SYNC(fdatasync)

/* libmdbx leaves out syncs where all is in memory, and the files of the tests are. */
DECLARE(int, fstatfs64, (int fd, struct statfs64 *out))
int __wrap_fstatfs64(int fd, struct statfs64 *out)
{
    int rc = __real_fstatfs64(fd, out);
    if (rc == 0 && out->f_type == TMPFS_MAGIC)
        out->f_type = EXT4_SUPER_MAGIC;
    return rc;
}

/* ---- names */

typedef int open_fn(const char *path, int flags, ...);
open_fn __real_open, __real_open64, __wrap_open, __wrap_open64;

/* A file may be new, or cut to nothing. */
static int open_any(open_fn *real, const char *path, int flags, mode_t mode)
{
    struct stat st;
    if ((flags & O_CREAT) == 0)
        return real(path, flags, mode);
    bool was_there = stat(path, &st) == 0;
    bool changes = !was_there || ((flags & O_TRUNC) != 0 && st.st_size > 0);
    if (changes && fails_whole(CALLS_CHANGE))
        return -1;
    pthread_mutex_lock(&lock);
    int fd = real(path, flags, mode);
    TELL(fd >= 0 && !was_there, created(fd, path));
    TELL(fd >= 0 && was_there && changes, sized(fd, 0));
    pthread_mutex_unlock(&lock);
    return fd;
}

#define WRAP_OPEN(name)                                                                            \
    int __wrap_##name(const char *path, int flags, ...)                                            \
    {                                                                                              \
        mode_t mode = 0;                                                                           \
        if ((flags & O_CREAT) != 0) {                                                              \
            va_list list;                                                                          \
            va_start(list, flags);                                                                 \
            mode = va_arg(list, mode_t);                                                           \
            va_end(list);                                                                          \
        }                                                                                          \
        return open_any(__real_##name, path, flags, mode);                                         \
    }

WRAP_OPEN(open)
WRAP_OPEN(open64)

#define WRAP_NAME(name, parameters, arguments, what)                                               \
    DECLARE(int, name, parameters)                                                                 \
    int __wrap_##name parameters                                                                   \
    {                                                                                              \
        if (fails_whole(CALLS_CHANGE))                                                             \
            return -1;                                                                             \
        pthread_mutex_lock(&lock);                                                                 \
        int rc = __real_##name arguments;                                                          \
        TELL(rc == 0, what);                                                                       \
        pthread_mutex_unlock(&lock);                                                               \
        return rc;                                                                                 \
    }

WRAP_NAME(mkdir, (const char *path, mode_t mode), (path, mode), made(path))
WRAP_NAME(unlink, (const char *path), (path), removed(path))
WRAP_NAME(rmdir, (const char *path), (path), removed(path))
WRAP_NAME(remove, (const char *path), (path), removed(path))
WRAP_NAME(rename, (const char *from, const char *to), (from, to), renamed(from, to))
WRAP_NAME(renameat2, (int from_dir, const char *from, int to_dir, const char *to, unsigned flags),
          (from_dir, from, to_dir, to, flags), renamed(from, to))

/* After some failed syncs libmdbx 0.13.11 calls the environment broken, and mdbx_txn_abort refuses
 * to free the read transactions that are kept for the next use. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:mdbx_txn_begin_ex";
}
