/* shadow/shadow.c - the state of a pair, and what is said of it */
#include "shadow/shadow.h"

#include "base/error.h"
#include "base/options.h"
#include "base/try.h"

#include <errno.h>
#include <stdio.h>

struct timespec mia__after_ms(clockid_t clock, uint64_t ms)
{
    struct timespec t;
    clock_gettime(clock, &t);
    t.tv_sec += (time_t)(ms / 1000);
    t.tv_nsec += (long)(ms % 1000) * 1000000;
    if (t.tv_nsec >= 1000000000) {
        t.tv_sec++;
        t.tv_nsec -= 1000000000;
    }
    return t;
}

bool mia__is_past(const struct timespec *t)
{
    struct timespec now = mia__after_ms(CLOCK_MONOTONIC, 0);
    return now.tv_sec > t->tv_sec || (now.tv_sec == t->tv_sec && now.tv_nsec >= t->tv_nsec);
}

int64_t mia__unix_ms(void)
{
    struct timespec now = mia__after_ms(CLOCK_REALTIME, 0);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* An error-checking mutex says so before it waits. */
bool mia__shadow_is_writing(struct mia__shadow *s)
{
    struct timespec now = mia__after_ms(CLOCK_REALTIME, 0);
    int code = pthread_mutex_timedlock(&s->turn, &now);
    if (code == 0)
        pthread_mutex_unlock(&s->turn);
    return code == EDEADLK;
}

void mia__shadow_behind(struct mia__shadow *s, const char *why)
{
    pthread_mutex_lock(&s->lock);
    struct mia__control *c = &s->control;
    if (c->state != MIA_SHADOW_DETACHED) {
        c->times_behind += c->state != MIA_SHADOW_BACKFILLING;
        c->state = MIA_SHADOW_BACKFILLING;
        snprintf(c->reason, sizeof c->reason, "%s", why);
        s->restart = true;
        s->queue.size = 0; /* a comparison of everything finds it */
        s->queued = 0;
        pthread_cond_broadcast(&s->changed);
    }
    pthread_mutex_unlock(&s->lock);
}

void mia__shadow_skip(struct mia__shadow *s, const char *why)
{
    pthread_mutex_lock(&s->lock);
    s->control.skipped++;
    snprintf(s->control.reason, sizeof s->control.reason, "%s", why);
    pthread_mutex_unlock(&s->lock);
}

enum mia_shadow_state mia__shadow_state(struct mia__shadow *s)
{
    pthread_mutex_lock(&s->lock);
    enum mia_shadow_state state = s->control.state;
    pthread_mutex_unlock(&s->lock);
    return state;
}

/* With the lock held. */
static void note_progress(struct mia__shadow *s)
{
    s->control.pending = s->queued + s->taken_left;
}

mia_status mia__shadow_save(struct mia__shadow *s, struct mia_error *err)
{
    pthread_mutex_lock(&s->lock);
    note_progress(s);
    struct mia__control now = s->control; /* the texts in it stay as they are */
    pthread_mutex_unlock(&s->lock);
    return mia__control_write(s->path, &now, err);
}

mia_status mia_shadow_status(mia_db *db, struct mia_shadow_status *out, struct mia_error *err)
{
    mia_status rc;
    struct mia__shadow *s;
    struct mia_shadow_status status = {.struct_size = sizeof status};
    TRY(mia__report_check(out, "mia_shadow_status", err));
    TRY(mia__shadow_of(db, &s, err));
    pthread_mutex_lock(&s->lock);
    note_progress(s);
    mia__control_status(&s->control, &status);
    pthread_mutex_unlock(&s->lock);
    mia__report_write(out, &status, sizeof status);
done:
    return rc;
}

/* With the lock held: all that had been noted at a time. */
static bool has_everything(const struct mia__shadow *s, uint64_t noted)
{
    return s->control.state == MIA_SHADOW_DETACHED ||
           (s->control.state != MIA_SHADOW_BACKFILLING && mia__shadow_done(s) >= noted);
}

mia_status mia_shadow_wait(mia_db *db, uint32_t timeout_ms, struct mia_error *err)
{
    struct mia__shadow *s;
    struct timespec until = mia__after_ms(CLOCK_MONOTONIC, timeout_ms);
    mia_status rc = mia__shadow_of(db, &s, err);
    int waited = 0;
    if (rc < 0)
        return rc;
    pthread_mutex_lock(&s->lock);
    uint64_t noted = s->noted;
    while (!has_everything(s, noted) && waited != ETIMEDOUT)
        waited = pthread_cond_timedwait(&s->changed, &s->lock, &until);
    if (!has_everything(s, noted))
        rc = mia__fail(err, MIA_ERR_BUSY,
                       "%s: the secondary is %s after %u ms, with %llu changes waiting%s%s",
                       s->path, mia_shadow_state_text(s->control.state), timeout_ms,
                       (unsigned long long)(s->queued + s->taken_left),
                       s->control.reason[0] ? ": " : "", s->control.reason);
    pthread_mutex_unlock(&s->lock);
    return rc;
}
