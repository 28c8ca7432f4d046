/*
 * engine/suite.h - the rules that hold on every engine: what the cases share
 *
 * A case is a function over a struct bench with an open, empty database. Each runs on each engine;
 * a rule that an engine does not promise is skipped there, visibly.
 */
#ifndef MIA_TEST_ENGINE_SUITE_H
#define MIA_TEST_ENGINE_SUITE_H

#include "mia/db.h"
#include "support/check.h"
#include "support/folder.h"

struct test_engine {
    const char *name;
    const struct mia_engine_ops *ops; /* NULL: not in this build */
    bool persists, reads_only;        /* keeps data over a close; has a read-only mode */
};

/* All of them, the ones that this build lacks included. */
size_t test_engines(struct test_engine engines[3]);

struct bench {
    const struct test_engine *engine;
    char folder[TEST_PATH], path[TEST_PATH]; /* the database is in the folder */
    mia_db *db;
};

/* Lazy, so that a commit costs no flush; 256 trees. */
struct mia_db_options bench_options(void);
void bench_reopen(struct bench *b);
/* Skips the rest of the case where the engine lacks it. */
void bench_needs_caps(const struct bench *b, uint32_t caps);
void bench_needs(bool promised);

mia_txn *bench_begin(struct bench *b, enum mia_txn_mode mode);
mia_tree bench_tree(mia_txn *txn, const char *name, uint32_t flags);
/* A committed tree with these pairs: "key=value key=value"; made if need be. */
mia_tree bench_fill(struct bench *b, const char *name, uint32_t flags, const char *pairs);

void put_text(mia_txn *txn, mia_tree tree, const char *key, const char *value);
void del_text(mia_txn *txn, mia_tree tree, const char *key);
/* value NULL: the key must be absent. */
void assert_get(mia_txn *txn, mia_tree tree, const char *key, const char *value);
/* All pairs of the tree, in order: "key=value key=value". */
void assert_content(mia_txn *txn, mia_tree tree, const char *expected);
void assert_committed(struct bench *b, mia_tree tree, const char *expected);
/* The move must lead to this pair, "key=value"; NULL: MIA_NOTFOUND. */
void assert_move(mia_cursor *cur, enum mia_move move, const char *expected);
void assert_seek(mia_cursor *cur, const char *key, const char *expected);
void assert_seek_multi(mia_cursor *cur, const char *key, const char *value, const char *expected);

typedef void engine_case(void **state);
struct engine_cases {
    const struct CMUnitTest *cases;
    size_t count;
};
#define CASE(name)                                                                                 \
    {                                                                                              \
#name, name, NULL, NULL, NULL                                                              \
    }
#define CASES(array) ((struct engine_cases){(array), LENGTH(array)})

/* One function a file, with what it asks of engines. */
struct engine_cases cases_of_pairs(void);
struct engine_cases cases_of_trees(void);
struct engine_cases cases_of_transactions(void);
struct engine_cases cases_of_opening(void);
struct engine_cases cases_of_cursors(void);
struct engine_cases cases_of_prefixes(void);
struct engine_cases cases_of_batches(void);
struct engine_cases cases_of_multi_trees(void);
struct engine_cases cases_of_multi_cursors(void);
struct engine_cases cases_of_misuse(void);

/* The other process of two_processes, support/process.h. */
int play_counter(const char *path, const char *engine);

#endif
