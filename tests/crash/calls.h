/*
 * crash/calls.h - the calls by which the library and libmdbx change files, as the tests see them
 *
 * The linker sends each of them here first (--wrap, CMakeLists.txt has the list); whoever wants to
 * know of those that succeeded sets calls_watch, whoever wants some to fail sets calls_fault. Both
 * hold for the whole program. Nothing else of the program changes files in between, or it is seen
 * too.
 */
#ifndef MIA_TEST_CRASH_CALLS_H
#define MIA_TEST_CRASH_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Told behind each call that succeeded, one at a time, in the order in which they were made. */
struct calls_watch {
    void (*wrote)(int fd, const void *bytes, size_t size, uint64_t at);
    void (*sized)(int fd, uint64_t size);
    void (*synced)(int fd); /* a file, or a directory's entries */
    void (*created)(int fd, const char *path);
    void (*made)(const char *path); /* a directory */
    void (*removed)(const char *path);
    void (*renamed)(const char *from, const char *to);
};

enum calls_kind {
    CALLS_MEMORY, /* allocations of the library: libmdbx 0.13.11 crashes when it gets none */
    CALLS_READ,   /* read, pread: what the library does */
    CALLS_PAGES,  /* pread64: libmdbx's */
    CALLS_WRITE,  /* write, pwrite, pwritev, writev: these may be short, too */
    CALLS_CHANGE  /* every other change of a file or directory, and every sync */
};

/* Asked before each call. False: it is made. True: it fails with errno as it is left here. For
 * reads and writes *size is how much is asked for; a smaller one is what will be done instead. */
typedef bool calls_fault_fn(enum calls_kind kind, size_t *size);

/* NULL: nobody. To be set while nothing works on files. */
extern const struct calls_watch *calls_watch;
extern calls_fault_fn *calls_fault;

#endif
