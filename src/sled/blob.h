/*
 * sled/blob.h - payloads too large for a segment, each a file in blobs/ named by a decimal number
 *
 * Source: sled 0.34.7, src/pagecache/blob_io.rs. Content: CRC-32 of the rest, the kind of the
 * message that refers to it, the payload. Files that nothing refers to are normal. The list of
 * names is read once, 8 bytes of memory a file. Any thread.
 */
#ifndef MIA_SLED_BLOB_H
#define MIA_SLED_BLOB_H

#include "base/file.h"

struct mia__sled_blobs {
    char *directory;
    int64_t *ids; /* ascending */
    size_t count, capacity;
};

/* No directory blobs/: no blobs. Free with mia__sled_blobs_free, also after a failure. */
mia_status mia__sled_blobs_list(const char *database, struct mia__sled_blobs *out,
                                struct mia_error *err);
void mia__sled_blobs_free(struct mia__sled_blobs *blobs);
bool mia__sled_blob_exists(const struct mia__sled_blobs *blobs, int64_t id);

enum { MIA__SLED_BLOB_HEADER = 5 };

/* Maps a blob and checks it; the payload begins behind the header. MIA_NOTFOUND: no such file;
 * MIA_ERR_CORRUPT: too short, a wrong checksum, or of another kind. Unmap it with
 * mia__file_unmap. */
mia_status mia__sled_blob_open(const struct mia__sled_blobs *blobs, int64_t id, uint8_t kind,
                               struct mia__map *map, struct mia_error *err);

#endif
