/* store/observe.c - telling somebody what was asked of a store */
#include "store/store.h"

#include <time.h>

uint64_t mia__observe_start(const struct mia__session *session)
{
    struct timespec now;
    if (session == NULL || !session->is_observed)
        return 0;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

void mia__observe(const struct mia__session *session, const struct mia_store_event *event)
{
    if (event->started_ns == 0)
        return;
    struct mia_store_event told = *event;
    told.txn = session->number;
    session->store->observer(session->store->observer_ctx, &told);
}
