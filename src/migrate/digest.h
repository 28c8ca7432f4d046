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
#include "base/sha256.h"
#include "mia/status.h"

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
