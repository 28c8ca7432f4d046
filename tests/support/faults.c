/* support/faults.c - see faults.h */
#include "support/faults.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>

static struct {
    _Atomic int kind;
    _Atomic uint64_t left; /* calls until the one that fails; 0: it has been */
    int errnum;
} fault;

static bool fails(enum fault_kind kind)
{
    if (atomic_load(&fault.kind) != (int)kind)
        return false;
    uint64_t left = atomic_load(&fault.left);
    while (left > 0 && !atomic_compare_exchange_weak(&fault.left, &left, left - 1))
        continue;
    if (left == 1)
        errno = fault.errnum;
    return left == 1;
}

void fault_arm(enum fault_kind kind, uint64_t nth, int errnum)
{
    fault.errnum = errnum;
    atomic_store(&fault.left, nth);
    atomic_store(&fault.kind, (int)kind);
}

bool fault_disarm(void)
{
    atomic_store(&fault.kind, FAULT_NONE);
    return atomic_load(&fault.left) == 0;
}

#define WRAP(kind, failed, type, name, parameters, arguments)                                      \
    type __real_##name parameters;                                                                 \
    type __wrap_##name parameters;                                                                 \
    type __wrap_##name parameters                                                                  \
    {                                                                                              \
        return fails(kind) ? (failed) : __real_##name arguments;                                   \
    }

WRAP(FAULT_MEMORY, NULL, void *, mia__alloc, (size_t size), (size))
WRAP(FAULT_MEMORY, NULL, void *, mia__alloc_zero, (size_t size), (size))
WRAP(FAULT_MEMORY, NULL, void *, mia__alloc_array, (size_t count, size_t size), (count, size))
WRAP(FAULT_MEMORY, NULL, void *, mia__realloc, (void *at, size_t size), (at, size))
WRAP(FAULT_MEMORY, NULL, char *, mia__strdup, (const char *text), (text))
WRAP(FAULT_FILES, -1, ssize_t, write, (int fd, const void *from, size_t size), (fd, from, size))
WRAP(FAULT_FILES, -1, ssize_t, pwrite64, (int fd, const void *from, size_t size, off_t at),
     (fd, from, size, at))
WRAP(FAULT_FILES, -1, ssize_t, pwritev64, (int fd, const struct iovec *from, int n, off_t at),
     (fd, from, n, at))
WRAP(FAULT_FILES, -1, int, fsync, (int fd), (fd))
WRAP(FAULT_FILES, -1, int, fdatasync, (int fd), (fd))
WRAP(FAULT_FILES, -1, int, ftruncate64, (int fd, off_t size), (fd, size))
WRAP(FAULT_FILES, -1, int, mkdir, (const char *path, mode_t mode), (path, mode))
WRAP(FAULT_FILES, -1, int, renameat2,
     (int from_dir, const char *from, int to_dir, const char *to, unsigned flags),
     (from_dir, from, to_dir, to, flags))

/* After some failed syncs libmdbx 0.13.11 calls the environment broken, and mdbx_txn_abort refuses
 * to free the read transactions that are kept for the next use. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:mdbx_txn_begin_ex";
}
