/* migrate/throttle.c - a token bucket, and a file that says stop */
#include "migrate/throttle.h"

#include "base/file.h"

static const double kept_seconds = 0.25, look_seconds = 0.05;

enum { LEAST_BATCH = 64 << 10 };

double mia__throttle_take(struct mia__throttle *t, uint64_t bytes, double now)
{
    double rate = (double)t->rate;
    if (t->rate == 0)
        return 0;
    if (!t->is_begun)
        t->filled_at = now;
    t->is_begun = true;
    t->tokens += (now - t->filled_at) * rate;
    if (t->tokens > kept_seconds * rate)
        t->tokens = kept_seconds * rate;
    t->filled_at = now;
    t->tokens -= (double)bytes;
    return t->tokens < 0 ? -t->tokens / rate : 0;
}

bool mia__throttle_is_paused(struct mia__throttle *t, double now)
{
    if (t->pause_file == NULL || (t->has_looked && now - t->looked_at < look_seconds))
        return t->is_paused;
    t->has_looked = true;
    t->looked_at = now;
    t->is_paused = mia__file_exists(t->pause_file);
    return t->is_paused;
}

uint64_t mia__throttle_batch(const struct mia__throttle *t, uint64_t most)
{
    uint64_t least = most < LEAST_BATCH ? most : LEAST_BATCH;
    if (t->rate == 0 || t->rate >= most / 2)
        return most;
    return 2 * t->rate > least ? 2 * t->rate : least;
}
