/* migrate/meter.c - progress and pace */
#include "migrate/meter.h"

#include "base/error.h"

#include <time.h>

static const double nap_seconds = 0.1; /* how long a stop may go unnoticed */

void mia__meter_begin(struct mia__meter *meter, const char *phase, uint64_t records_total,
                      uint64_t bytes_total)
{
    meter->now = (struct mia_progress){
        .phase = phase, .records_total = records_total, .bytes_total = bytes_total};
}

static bool tell(const struct mia__meter *meter, const struct mia_progress *progress)
{
    return meter->fn == NULL || meter->fn(meter->ctx, progress);
}

static void sleep_for(double seconds)
{
    if (seconds <= 0)
        return;
    double nap = seconds < nap_seconds ? seconds : nap_seconds;
    struct timespec t = {0, (long)(nap * 1e9)};
    nanosleep(&t, NULL);
}

/* False: the callback wants to stop. */
static bool wait_paused(struct mia__meter *meter, const struct mia_progress *now)
{
    struct mia_progress standing = *now;
    standing.phase = "paused";
    while (mia__throttle_is_paused(&meter->throttle, mia__seconds())) {
        if (!tell(meter, &standing))
            return false;
        sleep_for(nap_seconds);
    }
    return true;
}

static bool wait_for_bytes(struct mia__meter *meter, const struct mia_progress *now, uint64_t bytes)
{
    double began = mia__seconds();
    double until = began + mia__throttle_take(&meter->throttle, bytes, began);
    for (double at = began; at < until; at = mia__seconds()) {
        if (at > began && !tell(meter, now))
            return false;
        sleep_for(until - at);
    }
    return true;
}

static bool pace(struct mia__meter *meter, const struct mia_progress *now, uint64_t bytes)
{
    return wait_paused(meter, now) && wait_for_bytes(meter, now, bytes);
}

static mia_status fail_stopped(const struct mia_progress *now, struct mia_error *err)
{
    return mia__fail(err, MIA_ERR_CANCELLED, "stopped on request during: %s", now->phase);
}

mia_status mia__meter_pace(struct mia__meter *meter, uint64_t bytes, struct mia_error *err)
{
    return pace(meter, &meter->now, bytes) ? MIA_OK : fail_stopped(&meter->now, err);
}

mia_status mia__meter_add(struct mia__meter *meter, uint64_t records, uint64_t bytes,
                          struct mia_error *err)
{
    meter->now.records_done += records;
    meter->now.bytes_done += bytes;
    if (!tell(meter, &meter->now))
        return fail_stopped(&meter->now, err);
    return mia__meter_pace(meter, bytes, err);
}

bool mia__meter_is_paused(struct mia__meter *meter)
{
    return mia__throttle_is_paused(&meter->throttle, mia__seconds());
}

bool mia__meter_relay(void *ctx, const struct mia_progress *progress)
{
    struct mia__meter *meter = ctx;
    bool is_same =
        meter->relayed == progress->phase && progress->bytes_done >= meter->relayed_bytes;
    uint64_t bytes = progress->bytes_done - (is_same ? meter->relayed_bytes : 0);
    meter->relayed = progress->phase;
    meter->relayed_bytes = progress->bytes_done;
    return tell(meter, progress) && pace(meter, progress, bytes);
}

double mia__seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}
