/* migrate/fingerprint.c - names, sizes and times of a directory's files */
#include "migrate/fingerprint.h"

#include "base/error.h"
#include "base/file.h"
#include "base/try.h"

#include <inttypes.h>
#include <stdlib.h>

/* Directories list their entries in any order: lines are sorted before they are hashed. */
struct listing {
    const char *path, *below; /* directory, and its name inside the database ("" or "blobs/") */
    char **lines;
    size_t count, capacity;
};

static mia_status add_line(struct listing *l, char *line, struct mia_error *err)
{
    if (line == NULL)
        return mia__fail_nomem(err);
    if (l->count == l->capacity) {
        size_t capacity = l->capacity ? 2 * l->capacity : 16;
        char **lines = mia__realloc(l->lines, capacity * sizeof *lines);
        if (lines == NULL) {
            mia__free(line);
            return mia__fail_nomem(err);
        }
        l->lines = lines;
        l->capacity = capacity;
    }
    l->lines[l->count++] = line;
    return MIA_OK;
}

static mia_status add_entry(void *ctx, const char *name, struct mia_error *err)
{
    struct listing *l = ctx;
    mia_status rc = MIA_OK;
    struct mia__file_stat st;
    if (strcmp(name, "mdbx.lck") == 0) /* the reader table, rewritten by whoever reads */
        return rc;
    char *path = mia__path_join(l->path, name);
    if (path == NULL)
        return mia__fail_nomem(err);
    enum mia__file_kind kind = mia__file_kind(path);
    if (kind == MIA__FILE_REGULAR) {
        TRY(mia__file_stat(path, &st, err));
        TRY(add_line(
            l,
            mia__format("%s%s %" PRIu64 " %" PRId64 "\n", l->below, name, st.size, st.changed_ns),
            err));
    } else if (kind == MIA__FILE_DIRECTORY && l->below[0] == '\0') {
        struct listing inner = *l;
        inner.path = path;
        inner.below = "blobs/";
        rc = mia__dir_each(path, add_entry, &inner, err);
        l->lines = inner.lines;
        l->count = inner.count;
        l->capacity = inner.capacity;
    }
done:
    mia__free(path);
    return rc;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static mia_status hash(const struct listing *l, char out[MIA__SHA256_HEX], struct mia_error *err)
{
    mia_status rc;
    struct mia__sha256 *sha;
    uint8_t sum[MIA__SHA256_SIZE];
    TRY(mia__sha256_open(&sha, err));
    TRY(mia__sha256_begin(sha, err));
    for (size_t i = 0; i < l->count; i++)
        TRY(mia__sha256_add(sha, mia_bytes_of(l->lines[i]), err));
    TRY(mia__sha256_end(sha, sum, err));
    mia__sha256_hex(sum, out);
done:
    mia__sha256_close(sha);
    return rc;
}

mia_status mia__fingerprint(const char *path, char out[MIA__SHA256_HEX], struct mia_error *err)
{
    mia_status rc;
    struct listing l = {.path = path, .below = ""};
    TRY(mia__dir_each(path, add_entry, &l, err));
    if (l.count > 1)
        qsort(l.lines, l.count, sizeof *l.lines, by_text);
    rc = hash(&l, out, err);
done:
    for (size_t i = 0; i < l.count; i++)
        mia__free(l.lines[i]);
    mia__free(l.lines);
    return rc;
}
