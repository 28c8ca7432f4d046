/*
 * migrate/digest.h - SHA-256 of a database's content
 *
 * A pair's line is `hex(tree) hex(key) sha256hex(value)`; the digest of a database is the SHA-256
 * of all its lines, each with a line feed behind it, trees by their bytes, keys by theirs. So `mia
 * dump --digest DB | sha256sum` prints the same number.
 */
#ifndef MIA_MIGRATE_DIGEST_H
#define MIA_MIGRATE_DIGEST_H

#include "base/memory.h"
#include "mia/status.h"

enum { MIA__SHA256_SIZE = 32, MIA__SHA256_HEX = 65 /* with its NUL */ };

/* One SHA-256 machine, reused. One thread. */
struct mia__sha256;
mia_status mia__sha256_open(struct mia__sha256 **sha, struct mia_error *err);
void mia__sha256_close(struct mia__sha256 *sha);
mia_status mia__sha256_begin(struct mia__sha256 *sha, struct mia_error *err);
mia_status mia__sha256_add(struct mia__sha256 *sha, mia_slice bytes, struct mia_error *err);
mia_status mia__sha256_end(struct mia__sha256 *sha, uint8_t out[MIA__SHA256_SIZE],
                           struct mia_error *err);
void mia__sha256_hex(const uint8_t digest[MIA__SHA256_SIZE], char out[MIA__SHA256_HEX]);

/* The running digest of a database. */
struct mia__digest {
    struct mia__sha256 *value, *all;
    struct mia__buf line;
    size_t tree_size; /* of the line: hex(tree) and a space, kept from pair to pair */
};
mia_status mia__digest_open(struct mia__digest *digest, struct mia_error *err);
void mia__digest_close(struct mia__digest *digest);
mia_status mia__digest_tree(struct mia__digest *digest, mia_slice tree, struct mia_error *err);
/* Makes the line of a pair of the tree last given, with its line feed, into digest->line. */
mia_status mia__digest_line(struct mia__digest *digest, mia_slice key, mia_slice value,
                            struct mia_error *err);
/* mia__digest_line, and the line goes into the sum. */
mia_status mia__digest_add(struct mia__digest *digest, mia_slice key, mia_slice value,
                           struct mia_error *err);
mia_status mia__digest_end(struct mia__digest *digest, char out[MIA__SHA256_HEX],
                           struct mia_error *err);

#endif
