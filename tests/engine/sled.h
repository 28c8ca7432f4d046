/* tests/engine/sled.h - a sled database in a temporary directory, used through its table only */
#ifndef MIA_TEST_ENGINE_SLED_H
#define MIA_TEST_ENGINE_SLED_H

#include "mia/engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define OK(call) assert_int_equal((call), MIA_OK)

struct bench {
    const struct mia_engine_ops *ops;
    struct mia_db_options opt; /* as mia_db_open would fill it */
    char directory[64];        /* temporary */
    char path[80];             /* of the database, in it */
    void *db;                  /* NULL while closed */
    struct mia_error err;
};

/* cmocka's setup and teardown: *state is a struct bench with an open, empty database. */
int bench_open(void **state);
int bench_close(void **state);

/* Opens it again. */
void bench_start(struct bench *b);
void bench_stop(struct bench *b);

void *bench_begin(struct bench *b, enum mia_txn_mode mode);
/* MIA_OK is asserted. */
void bench_commit(struct bench *b, void *txn);
uint32_t bench_tree(struct bench *b, void *txn, mia_slice name, uint32_t flags);
void bench_put(struct bench *b, void *txn, uint32_t tree, const char *key, const char *value);
/* value NULL: the key must be absent. */
void bench_expect(struct bench *b, void *txn, uint32_t tree, const char *key, const char *value);
void bench_expect_text(struct bench *b, const char *part); /* the last error says so */

/* xorshift; *seed is not 0. Below limit. */
uint32_t bench_random(uint64_t *seed, uint32_t limit);

#endif
