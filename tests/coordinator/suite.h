/*
 * coordinator/suite.h - MIA's databases as one: what the cases share
 *
 * A case is a function over a struct coordinator_bench with an open coordinator over an empty base.
 * Each runs on each engine of this build, and on a mixture of them.
 */
#ifndef MIA_TEST_COORDINATOR_SUITE_H
#define MIA_TEST_COORDINATOR_SUITE_H

#include "mia/coordinator.h"
#include "store/suite.h"

struct coordinator_bench {
    const struct test_engine *engine; /* NULL: libmdbx and sled side by side */
    char folder[TEST_PATH], base[TEST_PATH];
    char spill[TEST_PATH]; /* "": none */
    mia_coordinator *c;
    uint32_t max_open_archives;
    int64_t now_ms;
    char log[4096];
};

static const int64_t day = 86400000;

void coordinator_open(struct coordinator_bench *b);
void coordinator_close(struct coordinator_bench *b);
/* Closes and opens again; skips the rest of the case where nothing persists. */
void coordinator_reopen(struct coordinator_bench *b);
bool coordinator_persists(const struct coordinator_bench *b);

void coordinator_put(struct coordinator_bench *b, struct mia_record record);
/* Into one database of the coordinator, which is made for it. */
void put_at(struct coordinator_bench *b, struct mia_place place, struct mia_record record);
bool is_at(struct coordinator_bench *b, struct mia_place place, enum mia_table table,
           const char *id);
bool is_on_disk(const struct coordinator_bench *b, const char *directory);
/* The record must be found, or must not. */
mia_view found(mia_snapshot *s, enum mia_kind kind, const char *id);
void assert_found(struct coordinator_bench *b, enum mia_kind kind, const char *id);
void assert_lost(struct coordinator_bench *b, enum mia_kind kind, const char *id);
/* The ids of a list that is closed here, with blanks between them. */
void assert_list(mia_list *list, const char *expected);
void assert_all_sound(struct coordinator_bench *b); /* every index of every database */

mia_snapshot *snapshot(struct coordinator_bench *b);

static inline struct mia_place conversations(enum mia_tier tier, const char *quarter)
{
    return (struct mia_place){MIA_DATABASE_CONVERSATIONS, tier, quarter};
}

struct mia_record entity_of(const char *id, const char *label);
struct mia_record summary_of(const char *id, const char *content);
struct mia_record embedding_of(const char *id, float first);
struct mia_record outcome_of(const char *id, const char *type, int64_t timestamp);

/* A case that shows a defect of MIA cured, by the number that the defect has. */
#define DEFECT(number, function)                                                                   \
    {                                                                                              \
        "defects/" #number, function, NULL, NULL, NULL                                             \
    }

struct engine_cases cases_of_opening_a_base(void);
struct engine_cases cases_of_tiers(void);
struct engine_cases cases_of_moves(void);
struct engine_cases cases_of_lists(void);
struct engine_cases cases_of_outcomes(void);

#endif
