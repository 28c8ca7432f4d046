/* store/rebind.h - an open store goes on over another database that has the same content */
#ifndef MIA_STORE_REBIND_H
#define MIA_STORE_REBIND_H

#include "mia/store.h"

#include <time.h>

/* Holds back transactions that are begun from now on until mia__store_release, and waits for those
 * that run. MIA_ERR_BUSY: they did not end by that time (CLOCK_REALTIME); nothing is held then. One
 * thread at a time. */
mia_status mia__store_hold(mia_store *store, const struct timespec *until, struct mia_error *err);
void mia__store_release(mia_store *store);

/* With the store held: db, whose reference is taken also on failure, in the place of the one that
 * it is over, which is closed. On failure the store is as it was. */
mia_status mia__store_rebind(mia_store *store, mia_db *db, struct mia_error *err);

#endif
