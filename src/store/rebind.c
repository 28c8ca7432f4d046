/* store/rebind.c - an open store goes on over another database: see store/rebind.h */
#include "store/rebind.h"

#include "base/error.h"
#include "base/try.h"
#include "store/store.h"
#include "store/vectors.h"

#include <errno.h>

static bool is_past(const struct timespec *t)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec > t->tv_sec || (now.tv_sec == t->tv_sec && now.tv_nsec >= t->tv_nsec);
}

/* Transactions that were begun without the store do not say when they end. */
static bool await_others(const mia_store *store, const struct timespec *until)
{
    const struct timespec pause = {.tv_nsec = 1000000};
    while (atomic_load(&store->db->transactions) > 0) {
        if (is_past(until))
            return false;
        nanosleep(&pause, NULL);
    }
    return true;
}

mia_status mia__store_hold(mia_store *store, const struct timespec *until, struct mia_error *err)
{
    int waited = 0;
    mia__vectors_pause(store->vectors); /* its transactions come from here too */
    pthread_mutex_lock(&store->lock);
    store->is_held = true;
    while (store->live > 0 && waited != ETIMEDOUT)
        waited = pthread_cond_timedwait(&store->changed, &store->lock, until);
    size_t live = store->live;
    pthread_mutex_unlock(&store->lock);
    if (live == 0 && await_others(store, until))
        return MIA_OK;
    mia__store_release(store);
    return mia__fail(err, MIA_ERR_BUSY, "%s: transactions that run did not end in time",
                     mia_db_path(store->db));
}

void mia__store_release(mia_store *store)
{
    mia__vectors_resume(store->vectors);
    pthread_mutex_lock(&store->lock);
    store->is_held = false;
    pthread_cond_broadcast(&store->changed);
    pthread_mutex_unlock(&store->lock);
}

/* Sessions stay: they know of no database. */
static void take_over(mia_store *store, mia_store *fresh)
{
    store->db = fresh->db;
    store->raw = fresh->raw;
    memcpy(store->tables, fresh->tables, sizeof store->tables);
    memcpy(store->has_tables, fresh->has_tables, sizeof store->has_tables);
    store->format = fresh->format;
    store->has_meta = fresh->has_meta;
    store->is_read_only = fresh->is_read_only;
    memcpy(store->uuid, fresh->uuid, sizeof store->uuid);
    store->has_uuid = fresh->has_uuid;
    store->has_place = fresh->has_place;
    store->place = fresh->place;
    memcpy(store->quarter, fresh->quarter, sizeof store->quarter);
    if (store->place.quarter != NULL)
        store->place.quarter = store->quarter;
    store->index = fresh->index;
    atomic_store(&store->index_state, atomic_load(&fresh->index_state));
    mia__vectors_move(fresh->vectors, store);
    store->vectors = fresh->vectors;
    fresh->vectors = NULL;
}

mia_status mia__store_rebind(mia_store *store, mia_db *db, struct mia_error *err)
{
    mia_status rc;
    mia_store *fresh;
    struct mia_store_options opt = {.struct_size = sizeof opt,
                                    .without_indexes = store->without_indexes,
                                    .trust_values = store->trust_values,
                                    .place = store->has_place ? &store->place : NULL};
    TRY(mia_store_over(db, &opt, &fresh, err));
    mia__vectors_rest(store->vectors);
    mia__vectors_free(store->vectors);
    mia_db_close(store->db, NULL); /* nothing is live in it */
    take_over(store, fresh);
    mia__store_free(fresh);
done:
    return rc;
}
