/*
 * bench_sled.c - reading a sled database whole: open, then every pair of every tree in order
 *
 *   bench_sled DIR [ROUNDS]
 *
 * Prints the seconds of each round and what was seen, in the words of its peer, interop's
 * `sled-scan DIR`, which does the same with the real sled.
 */
#include "rounds.h"

#include "sled/database.h"

#include <stdio.h>
#include <stdlib.h>

struct seen {
    uint64_t pairs, bytes;
};

static mia_status scan_tree(struct mia__sled_database *db, size_t tree, struct seen *seen,
                            struct mia_error *err)
{
    enum { AT_ONCE = 64 };
    struct mia__sled_cursor *cur;
    struct mia_pair pairs[AT_ONCE];
    size_t n;
    mia_status rc = mia__sled_tree_cursor(db, tree, &cur, err);
    while (rc == MIA_OK && (rc = mia__sled_cursor_next(cur, pairs, AT_ONCE, &n, err)) == MIA_OK) {
        seen->pairs += n;
        for (size_t i = 0; i < n; i++)
            seen->bytes += pairs[i].key.size + pairs[i].value.size;
    }
    mia__sled_cursor_close(cur);
    return rc == MIA_NOTFOUND ? MIA_OK : rc;
}

static void scan(const char *path)
{
    struct mia__sled_database *db;
    struct mia_error err;
    struct seen seen = {0};
    double start = now_seconds();
    if (mia__sled_database_open(path, NULL, &db, &err) < 0)
        die("%s", err.message);
    double opened = now_seconds();
    for (size_t i = 0; i < mia__sled_tree_count(db); i++)
        if (scan_tree(db, i, &seen, &err) < 0)
            die("%s", err.message);
    double end = now_seconds();
    printf("open %.3f scan %.3f total %.3f pairs %llu bytes %llu\n", opened - start, end - opened,
           end - start, (unsigned long long)seen.pairs, (unsigned long long)seen.bytes);
    mia__sled_database_close(db);
}

int main(int argc, char **argv)
{
    if (argc < 2 || argc > 3)
        die("usage: bench_sled DIR [ROUNDS]");
    for (long rounds = argc == 3 ? strtol(argv[2], NULL, 10) : 3; rounds > 0; rounds--)
        scan(argv[1]);
    return EXIT_SUCCESS;
}
