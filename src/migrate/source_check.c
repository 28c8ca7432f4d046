/* migrate/source_check.c - kind, rights, locks and version of a source, by names and small files */
#include "migrate/source_check.h"

#include "base/file.h"
#include "base/memory.h"
#include "migrate/source.h"
#include "sled/store.h"

enum mia_obstacle_class mia__source_obstacle(mia_status status)
{
    switch ((int)status) {
    case MIA_NOTFOUND:
        return MIA_OBSTACLE_SOURCE_MISSING;
    case MIA_ERR_INVALID:
        return MIA_OBSTACLE_SOURCE_KIND;
    case MIA_ERR_BUSY:
        return MIA_OBSTACLE_SOURCE_LOCKED;
    case MIA_ERR_VERSION:
        return MIA_OBSTACLE_SOURCE_VERSION;
    case MIA_ERR_CORRUPT:
        return MIA_OBSTACLE_SOURCE_DAMAGED;
    case MIA_ERR_IO:
    case MIA_ERR_READONLY:
        return MIA_OBSTACLE_SOURCE_UNREADABLE;
    default:
        return MIA_OBSTACLE_OTHER;
    }
}

struct reading {
    const char *path;
    int depth;
};

/* The files of a database lie in its directory and in `blobs`. */
static mia_status may_read(void *ctx, const char *name, struct mia_error *err)
{
    const struct reading *reading = ctx;
    mia_status rc = MIA_OK;
    char *path = mia__path_join(reading->path, name);
    if (path == NULL)
        return mia__fail_nomem(err);
    enum mia__file_kind kind = mia__file_kind(path);
    struct reading below = {path, reading->depth + 1};
    if (kind == MIA__FILE_REGULAR)
        rc = mia__file_may_read(path, err);
    else if (kind == MIA__FILE_DIRECTORY && reading->depth == 0 && strcmp(name, "blobs") == 0)
        rc = mia__dir_each(path, may_read, &below, err);
    mia__free(path);
    return rc;
}

/* sled's own: its lock, and what `conf` says. A damaged `conf` is found by reading. */
static mia_status check_sled(const char *path, struct mia_error *err)
{
    int lock;
    struct mia__sled_conf conf;
    struct mia__sled_judge judge = {path, NULL, NULL};
    mia_status rc = mia__sled_lock(path, &lock, err);
    mia__file_unlock(lock);
    if (rc < 0)
        return rc;
    rc = mia__sled_conf_read(&judge, &conf, err);
    return rc == MIA_ERR_VERSION ? rc : MIA_OK;
}

static mia_status check(const char *path, bool salvage, struct mia_error *err)
{
    enum mia__source_kind kind;
    struct reading reading = {path, 0};
    mia_status rc = mia__source_look(path, salvage, &kind, err);
    if (rc == MIA_NOTFOUND) {
        mia__fail(err, MIA_ERR_INVALID, "%s does not exist", path);
        return MIA_NOTFOUND;
    }
    if (rc == MIA_OK)
        rc = mia__dir_each(path, may_read, &reading, err);
    if (rc == MIA_OK && kind == MIA__SOURCE_SLED)
        rc = check_sled(path, err);
    return rc;
}

bool mia__source_check(const char *path, bool salvage, struct mia__obstacles *o)
{
    struct mia_error why = {0};
    mia_status rc = check(path, salvage, &why);
    if (rc != MIA_OK)
        mia__obstacle_error(o, mia__source_obstacle(rc), MIA_WEIGHT_REFUSAL, &why);
    return rc == MIA_OK;
}
