/* sled/blob.c - the files in blobs/ */
#include "sled/blob.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/try.h"

#include <errno.h>
#include <libdeflate.h>
#include <stdlib.h>

enum { CRC_SIZE = 4 };

/* True for the one way in which sled writes the number. */
static bool parse_id(const char *name, int64_t *id)
{
    char *end;
    if (name[0] < '0' || name[0] > '9' || (name[0] == '0' && name[1] != '\0'))
        return false;
    errno = 0;
    *id = strtoll(name, &end, 10);
    return errno == 0 && *end == '\0';
}

static mia_status note_blob(void *ctx, const char *name, struct mia_error *err)
{
    struct mia__sled_blobs *blobs = ctx;
    int64_t id;
    if (!parse_id(name, &id))
        return MIA_OK;
    if (blobs->count == blobs->capacity) {
        size_t capacity = blobs->capacity ? 2 * blobs->capacity : 64;
        void *ids = mia__realloc(blobs->ids, capacity * sizeof *blobs->ids);
        if (ids == NULL)
            return mia__fail_nomem(err);
        blobs->ids = ids;
        blobs->capacity = capacity;
    }
    blobs->ids[blobs->count++] = id;
    return MIA_OK;
}

static int by_value(const void *a, const void *b)
{
    int64_t first = *(const int64_t *)a, second = *(const int64_t *)b;
    return (first > second) - (first < second);
}

mia_status mia__sled_blobs_list(const char *database, struct mia__sled_blobs *out,
                                struct mia_error *err)
{
    memset(out, 0, sizeof *out);
    out->directory = mia__path_join(database, "blobs");
    if (out->directory == NULL)
        return mia__fail_nomem(err);
    if (mia__file_kind(out->directory) == MIA__FILE_NONE)
        return MIA_OK;
    mia_status rc = mia__dir_each(out->directory, note_blob, out, err);
    if (rc == MIA_OK && out->count > 0)
        qsort(out->ids, out->count, sizeof *out->ids, by_value);
    return rc;
}

void mia__sled_blobs_free(struct mia__sled_blobs *blobs)
{
    mia__free(blobs->directory);
    mia__free(blobs->ids);
    memset(blobs, 0, sizeof *blobs);
}

bool mia__sled_blob_exists(const struct mia__sled_blobs *blobs, int64_t id)
{
    return blobs->count > 0 && bsearch(&id, blobs->ids, blobs->count, sizeof id, by_value) != NULL;
}

static mia_status check(const char *path, const struct mia__map *map, uint8_t kind,
                        struct mia_error *err)
{
    const char *reason = NULL;
    if (map->size < MIA__SLED_BLOB_HEADER)
        reason = "it is too short";
    else if (mia__load_u32le(map->bytes) !=
             libdeflate_crc32(0, map->bytes + CRC_SIZE, (size_t)map->size - CRC_SIZE))
        reason = "its checksum is wrong";
    else if (map->bytes[CRC_SIZE] != kind)
        reason = "it is not of the kind that the log says";
    return reason == NULL ? MIA_OK : mia__fail(err, MIA_ERR_CORRUPT, "%s: %s", path, reason);
}

mia_status mia__sled_blob_open(const struct mia__sled_blobs *blobs, int64_t id, uint8_t kind,
                               struct mia__map *map, struct mia_error *err)
{
    mia_status rc;
    memset(map, 0, sizeof *map);
    if (!mia__sled_blob_exists(blobs, id))
        return MIA_NOTFOUND;
    char *path = mia__format("%s/%lld", blobs->directory, (long long)id);
    if (path == NULL)
        return mia__fail_nomem(err);
    TRY(mia__file_map(path, map, err));
    rc = check(path, map, kind, err);
done:
    if (rc < 0)
        mia__file_unmap(map);
    mia__free(path);
    return rc;
}
