/*
 * migrate/repair.h - a libmdbx target made what the source is, pair by pair
 *
 * Differences come one by one from a comparison, in the order of the keys, and each is removed in
 * the write transaction of the moment; a transaction is bounded, and holds whole pairs with their
 * index entries. So a stop at any instant leaves a target that is as good as before or better, and
 * the next repair finds less to do.
 *
 * Whose writes may be undone? Every transaction of a migration or repair leaves its id in mia_meta
 * (origin.last_txn), and libmdbx keeps with each table the id of the last transaction that changed
 * it. A table of data with a later one was changed by somebody else.
 */
#ifndef MIA_MIGRATE_REPAIR_H
#define MIA_MIGRATE_REPAIR_H

#include "mia/store.h"
#include "migrate/compare.h"
#include "migrate/typed.h"

struct mia__repair {
    const struct mia_verify_options *opt;
    struct mia_verify_report *report;
    mia_source *source;
    struct mia__meter *meter;
    char fingerprint[MIA__SHA256_HEX]; /* of the source */
    mia_db *db;                        /* the target, exclusively */
    mia_store *store;                  /* over it, if it is typed */
    struct mia__raw raw;
    /* the write transaction of the moment */
    mia_txn *txn; /* NULL: none */
    uint64_t bytes, pairs;
    int64_t quarantined; /* more, or less, than before it */
    /* the tree that is being repaired */
    struct mia__buf tree;
    bool has_tree;
    mia_tree handle, quarantine;
    bool has_table, has_quarantine;
    enum mia__table table; /* if has_table: records */
    struct mia__transcoder transcoder;
    struct mia__buf archive;
    uint64_t repaired; /* pairs */
};

/* repair_open.c: everything that can be refused, and the target open. */
mia_status mia__repair_open(struct mia__repair *r, struct mia_error *err);
void mia__repair_close(struct mia__repair *r);
/* A write transaction, begun if there is none. */
mia_status mia__repair_begin(struct mia__repair *r, struct mia_error *err);
mia_status mia__repair_commit(struct mia__repair *r, struct mia_error *err);

/* repair_pair.c: the pair of a key becomes the source's, or none; value NULL. */
mia_status mia__repair_pair(struct mia__repair *r, mia_slice tree, mia_slice key,
                            const mia_slice *value, struct mia_error *err);
/* A record that is in its table and in its quarantine too stays in its table. */
mia_status mia__repair_twice(struct mia__repair *r, mia_slice tree, mia_slice key,
                             struct mia_error *err);

/* repair.c: mia_verify with `repair`. The report's failure is left to the caller, unless it is the
 * target's. */
mia_status mia__repair(const struct mia_verify_options *opt, mia_source *source,
                       struct mia__meter *meter, struct mia_verify_report *report,
                       struct mia_error *err);

#endif
