/* migrate/meter.c - progress */
#include "migrate/meter.h"

#include "base/error.h"

#include <time.h>

void mia__meter_begin(struct mia__meter *meter, const char *phase, uint64_t records_total,
                      uint64_t bytes_total)
{
    meter->now = (struct mia_progress){
        .phase = phase, .records_total = records_total, .bytes_total = bytes_total};
}

mia_status mia__meter_add(struct mia__meter *meter, uint64_t records, uint64_t bytes,
                          struct mia_error *err)
{
    meter->now.records_done += records;
    meter->now.bytes_done += bytes;
    if (meter->fn == NULL || meter->fn(meter->ctx, &meter->now))
        return MIA_OK;
    return mia__fail(err, MIA_ERR_CANCELLED, "stopped on request during: %s", meter->now.phase);
}

double mia__seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}
