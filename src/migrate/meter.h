/* migrate/meter.h - how far a long call is, for its progress callback, and how fast it may go */
#ifndef MIA_MIGRATE_METER_H
#define MIA_MIGRATE_METER_H

#include "mia/status.h"
#include "migrate/throttle.h"

struct mia__meter {
    mia_progress_fn fn; /* NULL: nobody asks */
    void *ctx;
    struct mia__throttle throttle;
    struct mia_progress now;
    const char *relayed; /* the phase that was told last by mia__meter_relay, and how far it was */
    uint64_t relayed_bytes;
};

/* A new phase from zero; totals 0: not known. */
void mia__meter_begin(struct mia__meter *meter, const char *phase, uint64_t records_total,
                      uint64_t bytes_total);
/* Adds what was done and tells, then waits as mia__meter_pace; MIA_ERR_CANCELLED when the callback
 * says stop. */
mia_status mia__meter_add(struct mia__meter *meter, uint64_t records, uint64_t bytes,
                          struct mia_error *err);
/* Waits until so many more bytes may be read, and while there is a pause file; the callback is
 * asked meanwhile. */
mia_status mia__meter_pace(struct mia__meter *meter, uint64_t bytes, struct mia_error *err);
/* Whether the next call would stand still for a pause file: what others may wait for is given back
 * before. */
bool mia__meter_is_paused(struct mia__meter *meter);
/* A mia_progress_fn whose ctx is a meter: tells what somebody else says, and waits likewise. */
bool mia__meter_relay(void *ctx, const struct mia_progress *progress);
/* Seconds of a clock that only goes forward. */
double mia__seconds(void);

#endif
