/* shadow/bench.h - a pair in a folder of the test's own */
#ifndef MIA_TEST_SHADOW_BENCH_H
#define MIA_TEST_SHADOW_BENCH_H

#include "mia/shadow.h"
#include "store/suite.h"
#include "support/random.h"

struct pair_bench {
    char folder[TEST_PATH], pair[TEST_PATH], sides[2][TEST_PATH];
    const struct mia_engine_ops *engines[2];
    struct mia_db_options db_options;
    struct mia_shadow_options options;
    mia_db *db; /* if it is open; borrowed from the store while there is one */
    mia_store *store;
};

/* A folder with nothing in it. The databases are lazy, so that a commit costs no flush. */
void pair_make(struct pair_bench *b, const struct mia_engine_ops *first,
               const struct mia_engine_ops *second);
void pair_create(struct pair_bench *b);
void pair_open(struct pair_bench *b); /* db */
void pair_open_store(struct pair_bench *b);
void pair_close(struct pair_bench *b);
void pair_remove(struct pair_bench *b);

void pair_wait(struct pair_bench *b);
/* Waits, verifies, and wants no difference. */
void pair_verify(struct pair_bench *b);
struct mia_shadow_status pair_status(struct pair_bench *b);
void pair_put(struct pair_bench *b, const char *id, const char *text);
/* Messages m00000 and so on, each with an edge and an embedding, in one transaction. */
void pair_put_many(mia_store *store, int from, int to, int64_t time);
/* The side as a store on its own; the pair must be closed or detached. */
mia_store *pair_side(struct pair_bench *b, int side);
/* Both have the same records, and sound indexes; the pair must be closed or detached. */
void pair_sides_are_equal(struct pair_bench *b, uint64_t *records);

#endif
