/* base/limits.c - rlimits, file systems, and who holds a lock */
#include "base/limits.h"

#include "base/error.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

/* Up to size - 1 bytes of a file of /proc; "" if there is none. */
static void read_text(const char *path, char *text, size_t size)
{
    size_t used = 0;
    ssize_t got = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    while (fd >= 0 && used < size - 1 && (got = read(fd, text + used, size - 1 - used)) > 0)
        used += (size_t)got;
    text[used] = '\0';
    if (fd >= 0)
        close(fd);
}

static uint64_t limit_of(int which)
{
    struct rlimit limit;
    bool is_known = getrlimit((__rlimit_resource_t)which, &limit) == 0;
    return !is_known || limit.rlim_cur == RLIM_INFINITY ? MIA__NO_LIMIT : limit.rlim_cur;
}

static uint64_t less(uint64_t limit, uint64_t used)
{
    return limit == MIA__NO_LIMIT ? limit : limit > used ? limit - used : 0;
}

static uint64_t mapped_bytes(void)
{
    char text[128];
    read_text("/proc/self/statm", text, sizeof text);
    return strtoull(text, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* "." and ".." stand for the descriptor of the directory that is read itself. */
static uint64_t open_descriptors(void)
{
    uint64_t count = 0;
    DIR *dir = opendir("/proc/self/fd");
    if (dir == NULL)
        return 0;
    while (readdir(dir) != NULL)
        count++;
    closedir(dir);
    return count > 3 ? count - 3 : 0;
}

void mia__limits_read(struct mia__limits *limits)
{
    limits->address_space = less(limit_of(RLIMIT_AS), mapped_bytes());
    limits->open_files = less(limit_of(RLIMIT_NOFILE), open_descriptors());
    limits->file_size = limit_of(RLIMIT_FSIZE);
}

mia_status mia__volume_read(const char *path, struct mia__volume *volume, struct mia_error *err)
{
    struct statvfs vfs;
    struct statfs fs;
    memset(volume, 0, sizeof *volume);
    if (statvfs(path, &vfs) != 0 || statfs(path, &fs) != 0)
        return mia__fail_errno(err, errno, "%s", path);
    volume->free_bytes = (uint64_t)vfs.f_bavail * vfs.f_frsize;
    volume->free_inodes = vfs.f_files > 0 ? vfs.f_favail : MIA__NO_LIMIT;
    volume->is_read_only = (vfs.f_flag & ST_RDONLY) != 0;
    volume->is_memory = (uint32_t)fs.f_type == TMPFS_MAGIC || (uint32_t)fs.f_type == RAMFS_MAGIC;
    return MIA_OK;
}

/* ---- `1: FLOCK  ADVISORY  WRITE 123 fe:00:456 0 EOF` */

static bool is_lock_of(const char *line, const struct stat *file, long *pid)
{
    unsigned major_number, minor_number;
    unsigned long long inode;
    if (sscanf(line, "%*d: FLOCK ADVISORY WRITE %ld %x:%x:%llu", pid, &major_number, &minor_number,
               &inode) != 4)
        return false;
    return inode == file->st_ino && major_number == major(file->st_dev) &&
           minor_number == minor(file->st_dev);
}

/* A process of another namespace has no number here. */
static void print_process(long pid, char *out, size_t size)
{
    char path[64], name[64];
    if (pid <= 0)
        return;
    snprintf(path, sizeof path, "/proc/%ld/comm", pid);
    read_text(path, name, sizeof name);
    name[strcspn(name, "\n")] = '\0';
    snprintf(out, size, name[0] != '\0' ? "; PID %ld, %s" : "; PID %ld", pid, name);
}

const char *mia__lock_holder(const char *path, char *out, size_t size)
{
    struct stat file;
    char line[256];
    long pid;
    out[0] = '\0';
    FILE *locks = stat(path, &file) == 0 ? fopen("/proc/locks", "re") : NULL;
    if (locks == NULL)
        return out;
    while (out[0] == '\0' && fgets(line, sizeof line, locks) != NULL)
        if (is_lock_of(line, &file, &pid))
            print_process(pid, out, size);
    fclose(locks);
    return out;
}
