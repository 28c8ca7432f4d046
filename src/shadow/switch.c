/* shadow/switch.c - the other database becomes the primary, or the pair ends */
#include "base/error.h"
#include "base/try.h"
#include "shadow/shadow.h"
#include "store/rebind.h"

static mia_status busy(struct mia__shadow *s, const char *why, struct mia_error *err)
{
    return mia__fail(err, MIA_ERR_BUSY, "%s: %s", s->path, why);
}

static mia_status fail_writing(struct mia__shadow *s, struct mia_error *err)
{
    return mia__fail(err, MIA_ERR_TXN, "%s: this thread has a WRITE transaction open: end it first",
                     s->path);
}

/* Whether the file is still what it was. */
static bool is_as_before(const struct mia__shadow *s, const struct mia__control *old)
{
    struct mia__control now;
    bool is = mia__control_read(s->path, &now, NULL) == MIA_OK && now.primary == old->primary &&
              now.state != MIA_SHADOW_DETACHED;
    mia__control_free(&now);
    return is;
}

/* A file that could not be replaced may be the new one all the same: then it is made the old one
 * again, or nothing may be written to either database any more. */
static mia_status put_back(struct mia__shadow *s, const struct mia__control *old, mia_status rc)
{
    pthread_mutex_lock(&s->lock);
    s->control = *old;
    pthread_mutex_unlock(&s->lock);
    if (!is_as_before(s, old) && mia__control_write(s->path, old, NULL) < 0)
        atomic_store(&s->is_lost, true);
    return rc;
}

static mia_status check_verified(struct mia__shadow *s, struct mia_error *err)
{
    pthread_mutex_lock(&s->lock);
    enum mia_shadow_state state = s->control.state;
    pthread_mutex_unlock(&s->lock);
    if (state == MIA_SHADOW_VERIFIED)
        return MIA_OK;
    return mia__fail(err, MIA_ERR_BUSY,
                     "%s: the secondary is %s: only one that mia_shadow_verify found equal can "
                     "become the primary",
                     s->path, mia_shadow_state_text(state));
}

static mia_status sync_both(struct mia__shadow *s, struct mia_error *err)
{
    mia_status rc;
    TRY(mia_db_sync(mia__shadow_secondary(s)->db, err));
    rc = mia_db_sync(mia__shadow_primary(s)->db, err);
done:
    return rc;
}

/* With work and turn held: both are the same, and nobody commits. */
static mia_status exchange(struct mia__shadow *s, struct mia_error *err)
{
    mia_status rc;
    TRY(mia__follow_drain(s, err));
    TRY(check_verified(s, err));
    TRY(sync_both(s, err));
    pthread_mutex_lock(&s->lock);
    struct mia__control old = s->control;
    s->control.primary = !old.primary;
    s->control.switches++;
    pthread_mutex_unlock(&s->lock);
    rc = mia__shadow_save(s, err);
    if (rc < 0)
        return put_back(s, &old, rc);
    atomic_store(&s->primary, s->control.primary);
    mia__changes_forget(s);
    mia_store_close(mia__shadow_primary(s)->store, NULL); /* it kept the indexes up until now */
    mia__shadow_primary(s)->store = NULL;
    /* what fails here fails again in the thread, which then says so */
    mia__side_open(s, mia__shadow_secondary(s), true, NULL);
done:
    return rc;
}

static mia_status lock_by(pthread_mutex_t *mutex, const struct timespec *until,
                          struct mia__shadow *s, const char *why, struct mia_error *err)
{
    return pthread_mutex_timedlock(mutex, until) == 0 ? MIA_OK : busy(s, why, err);
}

static mia_status switch_by(struct mia__shadow *s, const struct timespec *until,
                            struct mia_error *err)
{
    mia_status rc;
    if (mia__shadow_is_writing(s))
        return fail_writing(s, err);
    rc = lock_by(&s->work, until, s, "the secondary is in use for longer than that", err);
    if (rc < 0)
        return rc;
    TRY(check_verified(s, err));
    TRY(mia__follow_drain(s, err)); /* most of it while others still write */
    TRY(lock_by(&s->turn, until, s, "a WRITE transaction did not end in time", err));
    rc = exchange(s, err);
    pthread_mutex_unlock(&s->turn);
done:
    pthread_mutex_unlock(&s->work);
    return rc;
}

mia_status mia_shadow_switch(mia_db *db, uint32_t timeout_ms, struct mia_error *err)
{
    struct mia__shadow *s;
    struct timespec until = mia__after_ms(CLOCK_REALTIME, timeout_ms);
    mia_status rc = mia__shadow_of(db, &s, err);
    return rc < 0 ? rc : switch_by(s, &until, err);
}

/* The store over a database of what is the primary now. */
static mia_status rebind(mia_store *store, struct mia__shadow *s, struct mia_error *err)
{
    mia_db *db;
    struct mia_error why = {0};
    pthread_mutex_lock(&s->lock);
    s->fronts++;
    pthread_mutex_unlock(&s->lock);
    mia_status rc = mia__front_open(s, &db, &why);
    if (rc == MIA_OK)
        rc = mia__store_rebind(store, db, &why);
    if (rc < 0)
        rc = mia__fail(err, MIA_ERR_TXN,
                       "%s: the other database answers now, but this store cannot go on with it: "
                       "close it and open the pair again: %.200s",
                       s->path, why.message);
    return rc;
}

mia_status mia_shadow_switch_store(mia_store *store, uint32_t timeout_ms, struct mia_error *err)
{
    mia_status rc;
    struct mia__shadow *s;
    struct timespec until = mia__after_ms(CLOCK_REALTIME, timeout_ms);
    TRY(mia__shadow_of(mia_store_db(store), &s, err));
    TRY(check_verified(s, err));
    if (mia__shadow_is_writing(s)) {
        rc = fail_writing(s, err);
        goto done;
    }
    TRY(mia__store_hold(store, &until, err));
    rc = switch_by(s, &until, err);
    if (rc == MIA_OK)
        rc = rebind(store, s, err);
    mia__store_release(store);
done:
    return rc;
}

/* With work and turn held. */
static mia_status part(struct mia__shadow *s, bool gives_up, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    if (!gives_up) {
        TRY(mia__follow_drain(s, err));
        if (mia__shadow_state(s) == MIA_SHADOW_BACKFILLING) {
            rc = busy(s, "the secondary fell behind", err);
            goto done;
        }
        TRY(sync_both(s, err));
    }
    pthread_mutex_lock(&s->lock);
    struct mia__control old = s->control;
    s->control.state = MIA_SHADOW_DETACHED;
    s->control.is_clean = true;
    pthread_mutex_unlock(&s->lock);
    rc = mia__shadow_save(s, err);
    if (rc < 0)
        return put_back(s, &old, rc);
    atomic_store(&s->is_detached, true);
    pthread_mutex_lock(&s->lock);
    s->queue.size = s->taken.size = 0;
    s->queued = s->taken_left = 0;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
    mia__side_close(mia__shadow_secondary(s));
done:
    return rc;
}

mia_status mia_shadow_detach(mia_db *db, uint32_t flags, struct mia_error *err)
{
    mia_status rc;
    struct mia__shadow *s;
    bool gives_up = (flags & MIA_SHADOW_DETACH_BEHIND) != 0;
    if (flags & ~(uint32_t)MIA_SHADOW_DETACH_BEHIND)
        return mia__fail(err, MIA_ERR_INVALID, "unknown detach flags 0x%x", flags);
    TRY(mia__shadow_of(db, &s, err));
    if (mia__shadow_is_writing(s))
        return fail_writing(s, err);
    pthread_mutex_lock(&s->work);
    enum mia_shadow_state state = mia__shadow_state(s);
    if (state == MIA_SHADOW_DETACHED) {
        rc = mia__fail(err, MIA_ERR_INVALID, "%s: is detached already", s->path);
    } else if (state == MIA_SHADOW_BACKFILLING && !gives_up) {
        rc = busy(s, "the secondary is behind: wait with mia_shadow_wait, or give it up", err);
    } else {
        pthread_mutex_lock(&s->turn);
        rc = part(s, gives_up && state == MIA_SHADOW_BACKFILLING, err);
        pthread_mutex_unlock(&s->turn);
    }
    pthread_mutex_unlock(&s->work);
done:
    return rc;
}
