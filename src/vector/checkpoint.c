/* vector/checkpoint.c - the header, proven field by field before what is behind it is used */
#include "vector/checkpoint.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/file.h"
#include "base/sha256.h"
#include "base/try.h"

#include <inttypes.h>

enum { FORMAT = 1, DIGEST = 96 /* where it lies */ };
static const char magic[8] = {'M', 'I', 'A', 'A', 'N', 'N', '\r', '\n'};

struct header {
    struct mia__checkpoint_of of;
    struct mia__checkpoint_at at;
    uint64_t size; /* of what is behind it */
};

char *mia__checkpoint_path(const char *directory, uint32_t space)
{
    return mia__format("%s/%" PRIu32 ".ann", directory, space);
}

static mia_status digest_of(const uint8_t *header, mia_slice graph,
                            uint8_t digest[MIA__SHA256_SIZE], struct mia_error *err)
{
    mia_status rc;
    struct mia__sha256 *sha = NULL;
    TRY(mia__sha256_open(&sha, err));
    TRY(mia__sha256_add(sha, (mia_slice){header, DIGEST}, err));
    TRY(mia__sha256_add(sha, graph, err));
    TRY(mia__sha256_end(sha, digest, err));
done:
    mia__sha256_close(sha);
    return rc;
}

// ---------------------------------------------------------------- writing

static void put_header(uint8_t *to, const struct header *h)
{
    memset(to, 0, MIA__CHECKPOINT_HEADER);
    memcpy(to, magic, sizeof magic);
    mia__store_u32le(to + 8, FORMAT);
    mia__store_u32le(to + 12, MIA__CHECKPOINT_HEADER);
    memcpy(to + 16, h->of.database, sizeof h->of.database);
    mia__store_u32le(to + 32, h->of.space);
    mia__store_u32le(to + 36, h->of.dimension);
    mia__store_u32le(to + 40, h->of.neighbours);
    mia__store_u32le(to + 44, h->of.width_add);
    mia__store_u64le(to + 48, h->at.applied);
    mia__store_u64le(to + 56, h->at.points);
    mia__store_u64le(to + 64, h->size);
    mia__store_u32le(to + 72, h->of.library);
}

mia_status mia__checkpoint_write(const char *directory, const struct mia__checkpoint_of *of,
                                 const struct mia__checkpoint_at *at, mia_slice graph,
                                 struct mia_error *err)
{
    mia_status rc;
    struct header h = {*of, *at, graph.size};
    uint8_t header[MIA__CHECKPOINT_HEADER];
    char *path = mia__checkpoint_path(directory, of->space);
    mia_slice parts[] = {{header, sizeof header}, graph};
    if (path == NULL)
        return mia__fail_nomem(err);
    put_header(header, &h);
    TRY(digest_of(header, graph, header + DIGEST, err));
    rc = mia__file_replace(path, parts, sizeof parts / sizeof parts[0], err);
done:
    mia__free(path);
    return rc;
}

// ---------------------------------------------------------------- reading

static mia_status damaged(struct mia_error *err, const char *path, const char *what)
{
    return mia__fail(err, MIA_ERR_CORRUPT,
                     "%s: %s; the vector graph is made anew from the database", path, what);
}

/* What can be said before the checksum: is it such a file, whole, and of a size that memory holds?
 */
static mia_status check_frame(const char *path, const uint8_t *b, size_t got, uint64_t file_size,
                              uint64_t *graph_size, struct mia_error *err)
{
    if (got < MIA__CHECKPOINT_HEADER || file_size < MIA__CHECKPOINT_HEADER)
        return damaged(err, path, "cut off within its header");
    if (memcmp(b, magic, sizeof magic) != 0)
        return damaged(err, path, "no saved vector graph: it begins otherwise");
    if (mia__load_u32le(b + 8) != FORMAT)
        return mia__fail(err, MIA_ERR_VERSION,
                         "%s: format %" PRIu32 " of saved vector graphs; this library reads %d",
                         path, mia__load_u32le(b + 8), FORMAT);
    if (mia__load_u32le(b + 12) != MIA__CHECKPOINT_HEADER)
        return damaged(err, path, "its header has a size that it cannot have");
    uint64_t behind = file_size - MIA__CHECKPOINT_HEADER;
    if (mia__load_u64le(b + 64) != behind || behind > SIZE_MAX)
        return damaged(err, path, "its size is not the one in its header");
    *graph_size = behind;
    return MIA_OK;
}

static mia_status check_digest(const char *path, const uint8_t *header, mia_slice graph,
                               struct mia_error *err)
{
    uint8_t digest[MIA__SHA256_SIZE];
    mia_status rc = digest_of(header, graph, digest, err);
    if (rc < 0)
        return rc;
    if (memcmp(digest, header + DIGEST, sizeof digest) != 0)
        return damaged(err, path, "its checksum does not match");
    return MIA_OK;
}

/* Sound as it is: is it also what the caller wants? */
static mia_status check_identity(const char *path, const uint8_t *b,
                                 const struct mia__checkpoint_of *of, struct mia_error *err)
{
    if (memcmp(b + 16, of->database, sizeof of->database) != 0)
        return mia__fail(err, MIA_ERR_INVALID, "%s is of another database; it is not used", path);
    if (mia__load_u32le(b + 32) != of->space)
        return mia__fail(err, MIA_ERR_INVALID, "%s is of space %" PRIu32 ", not %" PRIu32, path,
                         mia__load_u32le(b + 32), of->space);
    if (mia__load_u32le(b + 36) != of->dimension)
        return mia__fail(err, MIA_ERR_INVALID, "%s is of %" PRIu32 " dimensions, not %" PRIu32,
                         path, mia__load_u32le(b + 36), of->dimension);
    if (mia__load_u32le(b + 40) != of->neighbours || mia__load_u32le(b + 44) != of->width_add)
        return mia__fail(err, MIA_ERR_INVALID, "%s: a graph made with other settings", path);
    if (mia__load_u32le(b + 72) != of->library)
        return mia__fail(err, MIA_ERR_VERSION,
                         "%s: a graph of another version of the vector library", path);
    return MIA_OK;
}

/* A point is a vector and more: a count that the bytes cannot hold is refused, as is one that keys
 * from 1 to `applied` cannot make. */
static mia_status check_counts(const char *path, const uint8_t *b, uint64_t graph_size,
                               struct mia__checkpoint_at *at, struct mia_error *err)
{
    uint64_t applied = mia__load_u64le(b + 48), points = mia__load_u64le(b + 56);
    uint64_t vector = 4 * (uint64_t)mia__load_u32le(b + 36);
    if (vector == 0 || points > graph_size / vector)
        return damaged(err, path, "its points do not fit into it");
    if (points > applied || applied == UINT64_MAX)
        return damaged(err, path, "it has more points than keys");
    at->applied = applied;
    at->points = points;
    return MIA_OK;
}

/* The header alone is read first: of a file of any other kind no more. */
static mia_status read_file(const char *path, struct mia__buf *memory, struct mia_error *err)
{
    mia_status rc;
    struct mia__file_stat st;
    uint64_t graph_size = 0;
    size_t got = 0;
    TRY(mia__file_stat(path, &st, err));
    TRY(mia__buf_reserve(memory, MIA__CHECKPOINT_HEADER, err));
    TRY(mia__file_read(path, 0, memory->data, MIA__CHECKPOINT_HEADER, &got, err));
    TRY(check_frame(path, memory->data, got, st.size, &graph_size, err));
    TRY(mia__buf_reserve(memory, MIA__CHECKPOINT_HEADER + (size_t)graph_size, err));
    TRY(mia__file_read(path, MIA__CHECKPOINT_HEADER, memory->data + MIA__CHECKPOINT_HEADER,
                       (size_t)graph_size, &got, err));
    memory->size = MIA__CHECKPOINT_HEADER + got;
    if (got != graph_size)
        rc = damaged(err, path, "it became shorter while it was read");
done:
    return rc;
}

static mia_status read_whole(const char *path, const struct mia__checkpoint_of *of,
                             struct mia__checkpoint_at *at, struct mia__buf *memory,
                             mia_slice *graph, struct mia_error *err)
{
    mia_status rc;
    TRY(read_file(path, memory, err));
    const uint8_t *b = memory->data;
    mia_slice behind = {b + MIA__CHECKPOINT_HEADER, memory->size - MIA__CHECKPOINT_HEADER};
    TRY(check_digest(path, b, behind, err));
    TRY(check_identity(path, b, of, err));
    TRY(check_counts(path, b, behind.size, at, err));
    *graph = behind;
done:
    return rc;
}

mia_status mia__checkpoint_read(const char *directory, const struct mia__checkpoint_of *of,
                                struct mia__checkpoint_at *at, struct mia__buf *memory,
                                mia_slice *graph, struct mia_error *err)
{
    memset(at, 0, sizeof *at);
    *graph = (mia_slice){NULL, 0};
    char *path = mia__checkpoint_path(directory, of->space);
    if (path == NULL)
        return mia__fail_nomem(err);
    mia_status rc = MIA_NOTFOUND;
    if (mia__file_kind(path) == MIA__FILE_REGULAR)
        rc = read_whole(path, of, at, memory, graph, err);
    else if (mia__file_exists(path))
        rc = damaged(err, path, "no regular file");
    mia__free(path);
    return rc;
}
