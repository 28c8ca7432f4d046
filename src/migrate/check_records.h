/* migrate/check_records.h - every archive of a typed database, checked by all processors */
#ifndef MIA_MIGRATE_CHECK_RECORDS_H
#define MIA_MIGRATE_CHECK_RECORDS_H

#include "mia/db.h"
#include "raw/raw.h"

/* Checks the archives of all tables in one snapshot. One line to fn per problem, from one thread at
 * a time. Memory: some 100 KiB a thread. */
mia_status mia__check_records(mia_txn *txn, const struct mia__raw *raw, mia_problem_fn fn,
                              void *ctx, uint64_t *problems, struct mia_error *err);

#endif
