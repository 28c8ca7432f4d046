/* migrate/meter.h - how far a long call is, for its progress callback */
#ifndef MIA_MIGRATE_METER_H
#define MIA_MIGRATE_METER_H

#include "mia/status.h"

struct mia__meter {
    mia_progress_fn fn; /* NULL: nobody asks */
    void *ctx;
    struct mia_progress now;
};

/* A new phase from zero; totals 0: not known. */
void mia__meter_begin(struct mia__meter *meter, const char *phase, uint64_t records_total,
                      uint64_t bytes_total);
/* Adds what was done and tells; MIA_ERR_CANCELLED when the callback says stop. */
mia_status mia__meter_add(struct mia__meter *meter, uint64_t records, uint64_t bytes,
                          struct mia_error *err);
/* Seconds of a clock that only goes forward. */
double mia__seconds(void);

#endif
