/* base/limits.h - what the operating system lets this process have, and a disk hold: looked at, not
 * changed */
#ifndef MIA_BASE_LIMITS_H
#define MIA_BASE_LIMITS_H

#include "mia/status.h"

#define MIA__NO_LIMIT UINT64_MAX

struct mia__limits {
    uint64_t address_space; /* bytes that may still be mapped (ulimit -v) */
    uint64_t open_files;    /* descriptors that are left (ulimit -n) */
    uint64_t file_size;     /* bytes of the largest file (ulimit -f) */
};
void mia__limits_read(struct mia__limits *limits);

struct mia__volume {
    uint64_t free_bytes;  /* for an unprivileged process */
    uint64_t free_inodes; /* MIA__NO_LIMIT where the file system does not count them */
    bool is_read_only;
    bool is_memory; /* tmpfs, ramfs: gone with the power */
};
mia_status mia__volume_read(const char *path, struct mia__volume *volume, struct mia_error *err);

/* Which process holds an exclusive flock on a file, where the system tells: "; PID 12, name" into
 * out, otherwise "". Returns out. */
const char *mia__lock_holder(const char *path, char *out, size_t size);

#endif
