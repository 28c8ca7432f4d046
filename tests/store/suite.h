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

struct mia_record chat_of(const char *id, const char *topic, int64_t updated_at);
struct mia_record message_of(const char *id, const char *chat, const char *sender,
                             int64_t timestamp);
struct mia_record edge_of(const char *id, const char *from, const char *type, const char *to);

struct engine_cases cases_of_records(void);
struct engine_cases cases_of_kinds(void);
struct engine_cases cases_of_ids(void);
struct engine_cases cases_of_properties(void);
struct engine_cases cases_of_edges(void);
struct engine_cases cases_of_upkeep(void);
struct engine_cases cases_of_store_transactions(void);

#endif
