/* engine/flusher.c - the background sync of lazy databases */
#include "base/error.h"
#include "engine/internal.h"

#include <errno.h>
#include <time.h>

struct mia__flusher {
    mia_db *db;
    pthread_t thread;
    pthread_mutex_t lock; /* stop */
    pthread_cond_t wake;
    bool stop;
    uint32_t interval_ms;
};

static struct timespec after_ms(uint32_t ms)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_sec += ms / 1000;
    t.tv_nsec += (long)(ms % 1000) * 1000000;
    if (t.tv_nsec >= 1000000000) {
        t.tv_sec++;
        t.tv_nsec -= 1000000000;
    }
    return t;
}

static bool wait_interval(struct mia__flusher *f)
{
    struct timespec until = after_ms(f->interval_ms);
    int waited = 0;
    pthread_mutex_lock(&f->lock);
    while (!f->stop && waited != ETIMEDOUT)
        waited = pthread_cond_timedwait(&f->wake, &f->lock, &until);
    bool goes_on = !f->stop;
    pthread_mutex_unlock(&f->lock);
    return goes_on;
}

/* A failed sync leaves `synced` behind, so the next round tries again; who needs to know calls
 * mia_db_sync. */
static void *run(void *argument)
{
    struct mia__flusher *f = argument;
    uint64_t synced = 0;
    while (wait_interval(f)) {
        uint64_t commits = atomic_load(&f->db->commits);
        if (commits == synced)
            continue;
        if (f->db->ops->sync_ahead != NULL)
            f->db->ops->sync_ahead(f->db->handle);
        if (mia__db_sync_locked(f->db, NULL) == MIA_OK)
            synced = commits;
    }
    return NULL;
}

mia_status mia__flusher_start(mia_db *db, uint32_t interval_ms, struct mia_error *err)
{
    struct mia__flusher *f = mia__alloc_zero(sizeof *f);
    if (f == NULL)
        return mia__fail_nomem(err);
    f->db = db;
    f->interval_ms = interval_ms;
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&f->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&f->lock, NULL);
    int failed = pthread_create(&f->thread, NULL, run, f);
    if (failed != 0) {
        pthread_cond_destroy(&f->wake);
        pthread_mutex_destroy(&f->lock);
        mia__free(f);
        return mia__fail_errno(err, failed, "%s: cannot start the thread that syncs", db->path);
    }
    db->flusher = f;
    return MIA_OK;
}

void mia__flusher_stop(mia_db *db)
{
    struct mia__flusher *f = db->flusher;
    if (f == NULL)
        return;
    pthread_mutex_lock(&f->lock);
    f->stop = true;
    pthread_cond_signal(&f->wake);
    pthread_mutex_unlock(&f->lock);
    pthread_join(f->thread, NULL);
    pthread_cond_destroy(&f->wake);
    pthread_mutex_destroy(&f->lock);
    mia__free(f);
    db->flusher = NULL;
}
