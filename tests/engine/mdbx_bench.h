/* engine/mdbx_bench.h - a libmdbx database in a folder of its own */
#ifndef MIA_TEST_ENGINE_MDBX_BENCH_H
#define MIA_TEST_ENGINE_MDBX_BENCH_H

#include "mia/db.h"
#include "support/check.h"
#include "support/folder.h"

struct mdbx_bench {
    char folder[TEST_PATH], path[TEST_PATH];
    mia_db *db; /* NULL: not open */
};

/* cmocka's setup and teardown: *state is a struct mdbx_bench whose database is not open yet. */
int mdbx_bench_make(void **state);
int mdbx_bench_remove(void **state);
#define MDBX_TEST(name) cmocka_unit_test_setup_teardown(name, mdbx_bench_make, mdbx_bench_remove)

/* opt NULL: the defaults. */
void mdbx_bench_open(struct mdbx_bench *b, const struct mia_db_options *opt);
/* A transaction and the tree "t" in it, which WRITE makes. */
mia_txn *mdbx_bench_begin(struct mdbx_bench *b, enum mia_txn_mode mode, mia_tree *tree);
void mdbx_bench_put(struct mdbx_bench *b, const char *tree, const char *key, const char *value);
uint64_t mdbx_bench_count(struct mdbx_bench *b, const char *tree);
/* libmdbx's own check finds nothing. */
void mdbx_bench_check(mia_db *db);

#endif
