/* base/path.c - paths as text, and questions about what they name */
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

enum mia__file_kind mia__file_kind(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return MIA__FILE_NONE;
    return S_ISREG(st.st_mode)   ? MIA__FILE_REGULAR
           : S_ISDIR(st.st_mode) ? MIA__FILE_DIRECTORY
                                 : MIA__FILE_OTHER;
}

bool mia__file_exists(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0;
}

char *mia__path_join(const char *directory, const char *name)
{
    size_t size = strlen(directory);
    bool has_slash = size > 0 && directory[size - 1] == '/';
    return mia__format(has_slash ? "%s%s" : "%s/%s", directory, name);
}

char *mia__path_trim(const char *path)
{
    size_t size = strlen(path);
    while (size > 1 && path[size - 1] == '/')
        size--;
    return mia__format("%.*s", (int)size, path);
}

mia_status mia__path_absolute(const char *path, char **absolute, struct mia_error *err)
{
    char *real = realpath(path, NULL);
    *absolute = real != NULL ? mia__strdup(real) : NULL;
    int reason = errno;
    bool is_found = real != NULL;
    free(real);
    if (!is_found)
        return mia__fail_errno(err, reason, "cannot find %s", path);
    return *absolute != NULL ? MIA_OK : mia__fail_nomem(err);
}

char *mia__path_parent(const char *path)
{
    char *trimmed = mia__path_trim(path);
    if (trimmed == NULL)
        return NULL;
    char *slash = strrchr(trimmed, '/');
    char *parent;
    if (slash == NULL)
        parent = mia__strdup(".");
    else
        parent = mia__format("%.*s", slash == trimmed ? 1 : (int)(slash - trimmed), trimmed);
    mia__free(trimmed);
    return parent;
}

char *mia__path_existing(const char *path)
{
    char *at = mia__path_trim(path);
    while (at != NULL && !mia__file_exists(at) && strcmp(at, "/") != 0 && strcmp(at, ".") != 0) {
        char *above = mia__path_parent(at);
        mia__free(at);
        at = above;
    }
    return at;
}

mia_status mia__file_stat(const char *path, struct mia__file_stat *out, struct mia_error *err)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return mia__fail_errno(err, errno, "%s", path);
    out->size = (uint64_t)st.st_size;
    out->changed_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
    return MIA_OK;
}

bool mia__dir_is_writable(const char *path)
{
    return access(path, W_OK | X_OK) == 0;
}

mia_status mia__file_may_read(const char *path, struct mia_error *err)
{
    return access(path, R_OK) == 0 ? MIA_OK : mia__fail_errno(err, errno, "cannot open %s", path);
}

mia_status mia__disk_free(const char *path, uint64_t *bytes, struct mia_error *err)
{
    struct statvfs vfs;
    if (statvfs(path, &vfs) != 0)
        return mia__fail_errno(err, errno, "%s", path);
    *bytes = (uint64_t)vfs.f_bavail * vfs.f_frsize;
    return MIA_OK;
}

const char *mia__network_file_system(const char *path)
{
    static const struct {
        uint32_t magic; /* linux/magic.h, and the file systems' own sources */
        const char *name;
    } network[] = {
        {0x6969, "NFS"},        {0x517b, "SMB"},      {0xff534d42, "CIFS"},  {0xfe534d42, "SMB2"},
        {0x564c, "NCP"},        {0x73757245, "Coda"}, {0x5346414f, "AFS"},   {0x6b414653, "AFS"},
        {0x01021997, "9P"},     {0x00c36400, "Ceph"}, {0x7461636f, "OCFS2"}, {0x01161970, "GFS2"},
        {0x0bd00bd0, "Lustre"}, {0x47504653, "GPFS"},
    };
    struct statfs fs;
    if (statfs(path, &fs) != 0)
        return NULL;
    for (size_t i = 0; i < sizeof network / sizeof network[0]; i++)
        if ((uint32_t)fs.f_type == network[i].magic)
            return network[i].name;
    return NULL;
}

bool mia__path_is_inside(const char *path, const char *directory)
{
    char *inner = realpath(path, NULL), *outer = realpath(directory, NULL);
    bool is_inside = false;
    if (inner != NULL && outer != NULL) {
        size_t size = strlen(outer);
        bool is_root = size == 1;
        is_inside = strncmp(inner, outer, size) == 0 &&
                    (is_root || inner[size] == '/' || inner[size] == '\0');
    }
    free(inner);
    free(outer);
    return is_inside;
}
