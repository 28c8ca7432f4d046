/*
 * store/suite.h - what a store does, on every engine: what the cases share
 *
 * A case is a function over a struct store_bench with an open, empty, indexed store. Each runs on
 * each engine of this build.
 */
#ifndef MIA_TEST_STORE_SUITE_H
#define MIA_TEST_STORE_SUITE_H

#include "engine/suite.h"
#include "mia/store.h"

#include <pthread.h>
#include <stdatomic.h>

struct store_bench {
    const struct test_engine *engine;
    char folder[TEST_PATH], path[TEST_PATH];
    mia_store *store;
};

void store_open(struct store_bench *b, const struct mia_store_options *opt);
void store_close(struct store_bench *b);
/* Closes and opens again; skips the rest of the case where nothing persists. */
void store_reopen(struct store_bench *b);

mia_txn *store_begin(struct store_bench *b, enum mia_txn_mode mode);
void store_put(struct store_bench *b, const struct mia_record *record);
/* The record of this id, in a transaction of the case. */
mia_view store_get(mia_txn *txn, enum mia_table table, const char *id);
void store_lacks(struct store_bench *b, enum mia_table table, const char *id);
void store_delete(struct store_bench *b, enum mia_table table, const char *id);

/* What a transaction finds, as text: "id id", and of edges "type:neighbour:id". */
enum { STORE_LIST = 4096 };
void list_records(mia_txn *txn, enum mia_table table, const char *prefix, char list[STORE_LIST]);
void list_nodes(mia_txn *txn, const char *property, const char *value, char list[STORE_LIST]);
void list_edges(mia_txn *txn, const char *node, enum mia_direction direction, const char *type,
                char list[STORE_LIST]);

/* The ids of a list in order, with blanks between them. */
void assert_nodes(struct store_bench *b, const char *property, const char *value,
                  const char *expected);
void assert_nodes_between(struct store_bench *b, const char *property, const char *value,
                          int64_t from_ms, int64_t to_ms, bool newest_first, const char *expected);
/* The edges of a node: "type:neighbour:id type:neighbour:id"; type NULL: of all. */
void assert_edges(struct store_bench *b, const char *node, enum mia_direction direction,
                  const char *type, const char *expected);
/* mia_index_check finds nothing; this many nodes and edges. */
void assert_index_sound(struct store_bench *b, uint64_t records);
#define assert_str(got, expected) assert_text(((mia_slice){(got).data, (got).size}), (expected))

/* Threads that work on the store of a case. Assertions end the thread that runs the case and no
 * other: the others note what is wrong. */
struct store_crew {
    struct store_bench *b;
    atomic_uint wrong, finished;
    atomic_bool stop;
};
struct store_worker;
typedef void store_work(struct store_worker *w);
struct store_worker {
    struct store_crew *crew;
    int number; /* 0, 1, ... */
    store_work *work;
    pthread_t thread;
};
enum { STORE_THREADS = 5 };
void crew_note(struct store_worker *w, bool is_right);
void crew_start(struct store_crew *crew, struct store_worker workers[STORE_THREADS],
                store_work *work);
/* Whether all of them come to their end of their own accord, within half a minute. */
bool crew_finishes(struct store_crew *crew);
/* Waits for them; nothing may have been wrong. */
void crew_end(struct store_crew *crew, struct store_worker workers[STORE_THREADS]);
/* Starts them and waits for them. */
void crew_run(struct store_bench *b, store_work *work);

struct mia_record chat_of(const char *id, const char *topic, int64_t updated_at);
struct mia_record message_of(const char *id, const char *chat, const char *sender,
                             int64_t timestamp);
struct mia_record edge_of(const char *id, const char *from, const char *type, const char *to);
/* vector is borrowed. */
struct mia_record vector_of(const char *id, const float *vector, size_t count);

struct engine_cases cases_of_records(void);
struct engine_cases cases_of_kinds(void);
struct engine_cases cases_of_the_model(void);
struct engine_cases cases_of_ids(void);
struct engine_cases cases_of_properties(void);
struct engine_cases cases_of_edges(void);
struct engine_cases cases_of_managing(void);
struct engine_cases cases_of_upkeep(void);
struct engine_cases cases_of_searching(void);
struct engine_cases cases_of_graphs(void);
struct engine_cases cases_of_search_defects(void);
struct engine_cases cases_of_store_transactions(void);
struct engine_cases cases_of_threads(void);
struct engine_cases cases_of_foreign_databases(void);

/* The cases of a suite are called "suite/case"; a suite may have several parts. */
struct store_suite {
    const char *name;
    struct engine_cases cases;
};
/* Runs every case on every engine of this build; how many failed. */
int store_run(const struct store_suite *suites, size_t count);

#endif
