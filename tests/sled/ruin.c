/* ruin.c - damage, at random places */
#include "sled/ruin.h"

#include "support/check.h"
#include "support/folder.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

const char *ruin_text(enum ruin ruin)
{
    static const char *const texts[RUINS] = {
#define RUIN_TEXT(name, text) [RUIN_##name] = text,
        RUIN_MAP(RUIN_TEXT)
#undef RUIN_TEXT
    };
    return texts[ruin];
}

/* A random file of a folder whose name begins so. */
static bool find(const char *folder, const char *beginning, struct test_random *r,
                 char path[TEST_PATH])
{
    size_t seen = 0;
    DIR *dir = opendir(folder);
    for (struct dirent *e; dir != NULL && (e = readdir(dir)) != NULL;)
        if (e->d_name[0] != '.' && strncmp(e->d_name, beginning, strlen(beginning)) == 0 &&
            test_below(r, ++seen) == 0)
            test_path(path, folder, e->d_name);
    if (dir != NULL)
        closedir(dir);
    return seen > 0;
}

static void flip(const char *path, size_t bits, struct test_random *r)
{
    size_t size;
    uint8_t *bytes = test_file_read(path, &size);
    for (size_t i = 0; i < bits && size > 0; i++)
        bytes[test_below(r, size)] ^= (uint8_t)(1u << test_below(r, 8));
    test_file_write(path, bytes, size);
    free(bytes);
}

static void cut(const char *path, struct test_random *r)
{
    size_t size;
    uint8_t *bytes = test_file_read(path, &size);
    size = test_below(r, 2) == 0 ? test_below(r, size + 1)
                                 : size - test_below(r, (size < 300 ? size : 300) + 1);
    test_file_write(path, bytes, size);
    free(bytes);
}

enum block { SEGMENT, RANGE, HEADER, DOUBLE };

static void overwrite(const char *path, enum block what, uint32_t segment, struct test_random *r)
{
    size_t size;
    uint8_t *bytes = test_file_read(path, &size);
    size_t slots = size / segment + 1, slot = test_below(r, slots) * segment;
    size_t at = what == RANGE ? test_below(r, size) : slot;
    size_t count = what == HEADER  ? 20
                   : what == RANGE ? test_below(r, 2 * (size_t)segment)
                                   : segment;
    if (at > size)
        at = size;
    if (count > size - at)
        count = size - at;
    size_t from = test_below(r, slots) * segment;
    if (what == DOUBLE && from + count <= size)
        memmove(bytes + at, bytes + from, count);
    else if (what == HEADER && count > 0)
        bytes[at + test_below(r, count)] ^= 1;
    else
        memset(bytes + at, 0, count);
    test_file_write(path, bytes, size);
    free(bytes);
}

static void remove_snapshots(const char *directory, struct test_random *r)
{
    char path[TEST_PATH];
    while (find(directory, "snap.", r, path))
        assert_int_equal(unlink(path), 0);
}

static void put_stale_snapshot(const char *directory, const char *stale, struct test_random *r)
{
    size_t size;
    char from[TEST_PATH], to[TEST_PATH];
    if (!find(stale, "snap.", r, from))
        return;
    remove_snapshots(directory, r);
    uint8_t *bytes = test_file_read(from, &size);
    test_path(to, directory, strrchr(from, '/') + 1);
    test_file_write(to, bytes, size);
    free(bytes);
}

static void ruin_db(enum ruin what, const char *db, uint32_t segment_size, struct test_random *r)
{
    if (what == RUIN_BIT || what == RUIN_BIT_NO_SNAPSHOT)
        flip(db, 1, r);
    if (what == RUIN_BITS)
        flip(db, 16, r);
    if (what == RUIN_CUT || what == RUIN_CUT_NO_SNAPSHOT)
        cut(db, r);
    if (what == RUIN_SEGMENT || what == RUIN_SEGMENT_NO_SNAPSHOT ||
        what == RUIN_SEGMENT_STALE_SNAPSHOT)
        overwrite(db, SEGMENT, segment_size, r);
    if (what == RUIN_RANGE)
        overwrite(db, RANGE, segment_size, r);
    if (what == RUIN_HEADER)
        overwrite(db, HEADER, segment_size, r);
    if (what == RUIN_DOUBLE)
        overwrite(db, DOUBLE, segment_size, r);
}

void ruin(enum ruin what, const char *directory, const char *stale, uint32_t segment_size,
          struct test_random *r)
{
    char db[TEST_PATH], path[TEST_PATH], blobs[TEST_PATH];
    test_path(db, directory, "db");
    test_path(blobs, directory, "blobs");
    ruin_db(what, db, segment_size, r);
    if (what == RUIN_SNAPSHOT_BIT && find(directory, "snap.", r, path))
        flip(path, 1, r);
    if (what == RUIN_SNAPSHOT_CUT && find(directory, "snap.", r, path))
        cut(path, r);
    if (what == RUIN_NO_SNAPSHOT || what == RUIN_BIT_NO_SNAPSHOT ||
        what == RUIN_SEGMENT_NO_SNAPSHOT || what == RUIN_CUT_NO_SNAPSHOT)
        remove_snapshots(directory, r);
    if (what == RUIN_STALE_SNAPSHOT || what == RUIN_SEGMENT_STALE_SNAPSHOT)
        put_stale_snapshot(directory, stale, r);
    if (what == RUIN_NO_BLOB && find(blobs, "", r, path))
        assert_int_equal(unlink(path), 0);
    if (what == RUIN_BLOB_BIT && find(blobs, "", r, path))
        flip(path, 1, r);
    while (what == RUIN_NO_BLOBS && find(blobs, "", r, path))
        assert_int_equal(unlink(path), 0);
    test_path(path, directory, "conf");
    if (what == RUIN_NO_CONF)
        assert_int_equal(unlink(path), 0);
    if (what == RUIN_CONF_BIT)
        flip(path, 1, r);
}
