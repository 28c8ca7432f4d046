/* pretend_nfs.c - to be preloaded: every file system says that it is NFS */
#include <linux/magic.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

int statfs(const char *path, struct statfs *out)
{
    int rc = (int)syscall(SYS_statfs, path, out);
    out->f_type = NFS_SUPER_MAGIC;
    return rc;
}

int fstatfs(int fd, struct statfs *out)
{
    int rc = (int)syscall(SYS_fstatfs, fd, out);
    out->f_type = NFS_SUPER_MAGIC;
    return rc;
}

int statfs64(const char *path, struct statfs64 *out)
{
    return statfs(path, (struct statfs *)out);
}

int fstatfs64(int fd, struct statfs64 *out)
{
    return fstatfs(fd, (struct statfs *)out);
}
