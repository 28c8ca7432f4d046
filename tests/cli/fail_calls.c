/*
 * fail_calls.c - to be preloaded: the n-th call that changes a file fails, and those behind it
 *
 * MIA_FAIL_NTH: n; none: nothing fails. MIA_FAIL_ERRNO: with which errno; 0: what is written is
 * half of what was asked for. MIA_FAIL_ONCE: only the n-th. Standard output and error are left
 * alone.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static _Atomic unsigned long calls;

static unsigned long setting(const char *name)
{
    const char *text = getenv(name);
    return text != NULL ? strtoul(text, NULL, 10) : 0;
}

/* Whether this call is one of those; *size is halved if it is to be short. */
static bool fails(size_t *size)
{
    unsigned long nth = setting("MIA_FAIL_NTH"), reason = setting("MIA_FAIL_ERRNO");
    unsigned long n = atomic_fetch_add(&calls, 1) + 1;
    if (nth == 0 || n < nth || (n > nth && getenv("MIA_FAIL_ONCE") != NULL))
        return false;
    if (reason != 0)
        errno = (int)reason;
    else if (size != NULL)
        *size = (*size + 1) / 2;
    return reason != 0;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *from, size_t size)
{
    return fd > 2 && fails(&size) ? -1 : REAL(write)(fd, from, size);
}

ssize_t pwrite64(int fd, const void *from, size_t size, off64_t at)
{
    return fails(&size) ? -1 : REAL(pwrite64)(fd, from, size, at);
}

ssize_t pwritev64(int fd, const struct iovec *from, int count, off64_t at)
{
    return fails(NULL) ? -1 : REAL(pwritev64)(fd, from, count, at);
}

int fsync(int fd)
{
    return fails(NULL) ? -1 : REAL(fsync)(fd);
}

int fdatasync(int fd)
{
    return fails(NULL) ? -1 : REAL(fdatasync)(fd);
}

int ftruncate64(int fd, off64_t size)
{
    return fails(NULL) ? -1 : REAL(ftruncate64)(fd, size);
}
