/*
 * coordinator/intents.h - moves between databases that a crash may have interrupted
 *
 * The tree mia_moves of the database that a record leaves:
 *   table (u8), SHA-256 of the id  ->  1 (u8), tier (u8), quarter (16 bytes, zeros behind it),
 *                                      now of the move (i64), the id
 * Little-endian. Tier and quarter are of the database that it goes to. Tier 0, in a database that a
 * summary came into: it is to be removed from all other tiers.
 */
#ifndef MIA_COORDINATOR_INTENTS_H
#define MIA_COORDINATOR_INTENTS_H

#include "coordinator/coordinator.h"

struct mia__intent {
    enum mia_table table;
    enum mia_tier tier;
    char quarter[MIA_QUARTER_SIZE];
    int64_t now_ms;
    mia_str id; /* borrowed */
};

mia_status mia__intent_put(mia_txn *txn, const struct mia__intent *intent, struct mia_error *err);
/* MIA_NOTFOUND: there is none for this record. id is borrowed from the transaction. */
mia_status mia__intent_get(mia_txn *txn, enum mia_table table, mia_str id,
                           struct mia__intent *intent, struct mia_error *err);
mia_status mia__intent_del(mia_txn *txn, enum mia_table table, mia_str id, struct mia_error *err);

/* All of them, copied: each as its table (u8), the size of its id (size_t) and the id. */
mia_status mia__intents(mia_txn *txn, struct mia__buf *all, struct mia_error *err);
/* The next one of these from *at on; false at the end. */
bool mia__intents_next(const struct mia__buf *all, size_t *at, enum mia_table *table, mia_str *id);

#endif
