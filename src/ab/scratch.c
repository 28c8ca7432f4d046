/* ab/scratch.c - room, and copies of databases */
#include "ab/scratch.h"

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/try.h"
#include "mia/db.h"

#include <inttypes.h>
#include <stdlib.h>

enum { DEPTH = 8, ROOM_BESIDE = 64 << 20 }; /* of folders in a database; for what is written */

mia_status mia__ab_scratch_make(const char *parent, char **path, struct mia_error *err)
{
    if (parent == NULL)
        parent = getenv("TMPDIR");
    if (parent == NULL || parent[0] == '\0')
        parent = "/tmp";
    return mia__dir_create_temporary(parent, "mia-ab.", path, err);
}

mia_status mia__ab_scratch_check(const char *scratch, uint64_t bytes, struct mia_error *err)
{
    uint64_t free_bytes, wanted = bytes + bytes / 8 + ROOM_BESIDE;
    mia_status rc = mia__disk_free(scratch, &free_bytes, err);
    if (rc < 0 || free_bytes >= wanted)
        return rc;
    return mia__fail(err, MIA_ERR_FULL,
                     "%s: the copies need %" PRIu64 " MB and %" PRIu64 " MB are free; name another "
                     "directory with --scratch",
                     scratch, wanted >> 20, free_bytes >> 20);
}

struct copying {
    const char *from, *to;
    int depth;
};

static mia_status copy_folder(const char *from, const char *to, int depth, struct mia_error *err);

static mia_status copy_file(const char *from, const char *to, struct mia_error *err)
{
    enum { AT_ONCE = 4 << 20 };
    mia_status rc;
    struct mia__map map = {0};
    struct mia__file_writer *file = NULL;
    TRY(mia__file_map(from, &map, err));
    TRY(mia__file_create(to, &file, err));
    for (uint64_t at = 0; at < map.size; at += AT_ONCE) {
        uint64_t left = map.size - at;
        TRY(mia__file_append(file, map.bytes + at, left < AT_ONCE ? (size_t)left : AT_ONCE, err));
    }
    rc = mia__file_close(file, err);
    file = NULL;
done:
    mia__file_abandon(file);
    mia__file_unmap(&map);
    return rc;
}

static mia_status copy_entry(void *ctx, const char *name, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    const struct copying *c = ctx;
    char *from = mia__path_join(c->from, name), *to = mia__path_join(c->to, name);
    if (from == NULL || to == NULL)
        rc = mia__fail_nomem(err);
    else if (mia__file_kind(from) == MIA__FILE_DIRECTORY)
        rc = copy_folder(from, to, c->depth + 1, err);
    else if (mia__file_kind(from) == MIA__FILE_REGULAR)
        rc = copy_file(from, to, err);
    mia__free(from);
    mia__free(to);
    return rc;
}

static mia_status copy_folder(const char *from, const char *to, int depth, struct mia_error *err)
{
    struct copying c = {from, to, depth};
    if (depth > DEPTH)
        return mia__fail(err, MIA_ERR_INVALID, "%s: folders lie too deep for a database", from);
    mia_status rc = mia__dir_create(to, err);
    return rc < 0 ? rc : mia__dir_each(from, copy_entry, &c, err);
}

static mia_status copy_sled(const char *from, const char *to, struct mia_error *err)
{
    mia_status rc;
    int lock = -1;
    char *log = mia__path_join(from, "db");
    if (log == NULL)
        return mia__fail_nomem(err);
    TRY(mia__file_lock_shared(log, &lock, err));
    rc = copy_folder(from, to, 0, err);
done:
    mia__file_unlock(lock);
    mia__free(log);
    return rc;
}

/* Graphs of vectors that were saved beside the database belong to it. */
static mia_status copy_mdbx(const char *from, const char *to, struct mia_error *err)
{
    mia_status rc;
    mia_db *db = NULL;
    struct mia_db_options options = {
        .struct_size = sizeof options, .read_only = true, .must_exist = true};
    char *vectors = mia__path_join(from, "vectors"), *copy = mia__path_join(to, "vectors");
    if (vectors == NULL || copy == NULL) {
        rc = mia__fail_nomem(err);
        goto done;
    }
    TRY(mia_db_open(mia_engine_mdbx(), from, &options, &db, err));
    if (rc == MIA_NOTFOUND) {
        rc = mia__fail(err, MIA_ERR_INVALID, "%s does not exist", from);
        goto done;
    }
    TRY(mia_db_copy(db, to, false, err));
    if (mia__file_kind(vectors) == MIA__FILE_DIRECTORY)
        rc = copy_folder(vectors, copy, 1, err);
done:
    mia_db_close(db, NULL);
    mia__free(vectors);
    mia__free(copy);
    return rc;
}

mia_status mia__ab_scratch_copy(const char *from, bool is_sled, const char *to,
                                struct mia_error *err)
{
    return is_sled ? copy_sled(from, to, err) : copy_mdbx(from, to, err);
}
