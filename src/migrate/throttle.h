/*
 * migrate/throttle.h - how fast a long call may read, and whether it is to stand still
 *
 * A token bucket over a clock that the caller reads: bytes flow in at the rate, at most a quarter
 * of a second of them are kept, and who has taken more than there are waits until they have come.
 * So no second sees much more than the rate, and after a pause nothing is caught up with.
 */
#ifndef MIA_MIGRATE_THROTTLE_H
#define MIA_MIGRATE_THROTTLE_H

#include "mia/status.h"

struct mia__throttle {
    uint64_t rate;          /* bytes a second; 0: as fast as it goes */
    const char *pause_file; /* while it exists nothing goes on; NULL: none */
    double filled_at, tokens;
    bool is_begun;
    double looked_at; /* at the pause file, and what was seen */
    bool is_paused, has_looked;
};

/* Takes bytes at a time `now`, in seconds; returns the seconds to wait before going on. */
double mia__throttle_take(struct mia__throttle *t, uint64_t bytes, double now);
/* Whether the pause file exists; it is looked for at most twenty times a second. */
bool mia__throttle_is_paused(struct mia__throttle *t, double now);
/* What a transaction may hold so that one that waits does not stay open for more than about two
 * seconds; most without a rate. */
uint64_t mia__throttle_batch(const struct mia__throttle *t, uint64_t most);

#endif
