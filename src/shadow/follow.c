/* shadow/follow.c - the thread that brings the secondary to where the primary is */
#include "base/error.h"
#include "base/try.h"
#include "shadow/shadow.h"

#include <errno.h>

enum { SHORTEST_REST_MS = 10, LONGEST_REST_MS = 5000, SAVE_EVERY_MS = 2000 };

/* ---- changes */

/* More changes into hand. False: there are none. */
static bool take(struct mia__shadow *s)
{
    pthread_mutex_lock(&s->lock);
    if (s->taken_left == 0) {
        struct mia__buf empty = s->taken;
        s->taken = s->queue;
        s->taken_left = s->queued;
        s->taken_at = 0;
        empty.size = 0;
        s->queue = empty; /* its memory is used again */
        s->queued = 0;
    }
    bool has_some = s->taken_left > 0;
    pthread_mutex_unlock(&s->lock);
    return has_some;
}

static void drop_taken(struct mia__shadow *s)
{
    pthread_mutex_lock(&s->lock);
    s->taken.size = s->taken_at = 0;
    s->taken_left = 0;
    pthread_mutex_unlock(&s->lock);
}

static mia_status apply_clear(struct mia__shadow *s, struct mia__view *to,
                              const struct mia__content *c, struct mia_error *err)
{
    mia_tree tree;
    mia_status rc;
    bool is_literal = to->raw.limit == 0 || c->is_literal || c->role == MIA__ROLE_MULTI;
    if ((c->role != MIA__ROLE_BYTES && c->role != MIA__ROLE_MULTI) || !is_literal) {
        mia__shadow_behind(s, "a tree was cleared whose content has to be compared");
        return MIA_OK;
    }
    /* what was put there afterwards comes in later changes */
    TRY(mia__view_tree(to, c, true, &tree, err));
    rc = mia_tree_clear(to->txn, tree, err);
done:
    return rc;
}

static mia_status apply_change(struct mia__shadow *s, struct mia__view *from, struct mia__view *to,
                               const struct mia__change *change, struct mia_error *err)
{
    struct mia__content c;
    if (!mia__changes_content(s, change->tree, &c))
        return MIA_OK; /* a switch forgets trees when nothing is waiting */
    if (c.role == MIA__ROLE_LONG) {
        mia__shadow_behind(s, "a key was changed that is longer than the engine's keys");
        return MIA_OK;
    }
    switch (change->what) {
    case MIA__CHANGED_ALL:
        return apply_clear(s, to, &c, err);
    case MIA__CHANGED_TREE_MADE:
        return mia__apply_tree(s, to, &c, err);
    case MIA__CHANGED_KEY:
        break;
    }
    return mia__apply(s, from, to, &c, change->key, err);
}

/* Whether this key comes again in one transaction: what the primary has under it was read after all
 * of these changes, so once is enough. */
static bool was_seen(struct mia__shadow *s, size_t begin, const struct mia__change *change)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ change->tree;
    const uint8_t *bytes = change->key.data;
    for (size_t i = 0; i < change->key.size; i++)
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    for (size_t slot = (size_t)(hash ^ hash >> 32) % MIA__SEEN;; slot = (slot + 1) % MIA__SEEN) {
        struct mia__change other;
        size_t at = s->seen[slot] - 1;
        if (s->seen[slot] == 0) {
            s->seen[slot] = begin + 1;
            return false;
        }
        mia__changes_next(&s->taken, &at, &other);
        if (other.tree == change->tree && mia_slice_equal(other.key, change->key))
            return true;
    }
}

static mia_status apply_once(struct mia__shadow *s, struct mia__view *from, struct mia__view *to,
                             size_t begin, const struct mia__change *change, struct mia_error *err)
{
    if (change->what == MIA__CHANGED_ALL) /* everything has to be looked at again */
        memset(s->seen, 0, sizeof s->seen);
    else if (change->what == MIA__CHANGED_KEY && was_seen(s, begin, change))
        return MIA_OK;
    return apply_change(s, from, to, change, err);
}

static mia_status apply_some(struct mia__shadow *s, struct mia_error *err)
{
    mia_status rc;
    struct mia__view from = {0}, to = {0};
    struct mia__change change;
    size_t at = s->taken_at;
    uint64_t done = 0;
    TRY(mia__view_begin(&from, mia__shadow_primary(s), MIA_TXN_READ, err));
    TRY(mia__view_begin(&to, mia__shadow_secondary(s), MIA_TXN_WRITE, err));
    memset(s->seen, 0, sizeof s->seen);
    while (done < MIA__FEW_CHANGES) {
        size_t begin = at;
        if (!mia__changes_next(&s->taken, &at, &change))
            break;
        TRY(apply_once(s, &from, &to, begin, &change, err));
        done++;
    }
    TRY(mia__view_commit(&to, err));
    pthread_mutex_lock(&s->lock);
    s->taken_at = at;
    s->taken_left -= done;
    pthread_mutex_unlock(&s->lock);
done:
    mia__view_end(&to);
    mia__view_end(&from);
    return rc;
}

/* Notes that the secondary is behind where it failed. */
static mia_status judge(struct mia__shadow *s, mia_status rc, const struct mia_error *why,
                        struct mia_error *err)
{
    if (rc >= 0)
        return rc;
    mia__shadow_behind(s, why->message);
    if (err != NULL)
        *err = *why;
    return rc;
}

static bool is_done(struct mia__shadow *s, uint64_t noted)
{
    pthread_mutex_lock(&s->lock);
    bool is = mia__shadow_done(s) >= noted;
    pthread_mutex_unlock(&s->lock);
    return is;
}

mia_status mia__follow_drain(struct mia__shadow *s, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    struct mia_error why = {0};
    pthread_mutex_lock(&s->lock);
    uint64_t noted = s->noted; /* what comes meanwhile is for the next time */
    pthread_mutex_unlock(&s->lock);
    while (rc == MIA_OK && !is_done(s, noted) && take(s))
        rc = apply_some(s, &why);
    pthread_mutex_lock(&s->lock);
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
    return judge(s, rc, &why, err);
}

/* ---- backfill */

/* Begins again where it fell behind. */
static void heed_restart(struct mia__shadow *s)
{
    pthread_mutex_lock(&s->lock);
    bool restart = s->restart;
    s->restart = false;
    if (restart)
        s->control.skipped = 0;
    pthread_mutex_unlock(&s->lock);
    if (!restart)
        return;
    mia__pass_free(&s->pass);
    s->resumes = false;
    drop_taken(s);
}

/* Trees with nothing in them go over too. */
static mia_status make_tree(struct mia__shadow *s, struct mia__view *from, struct mia__view *to,
                            struct mia_error *err)
{
    const struct mia__content *c = &s->pass.trees[s->pass.tree];
    mia_tree ignored;
    mia_status rc = MIA_OK;
    if (s->pass.has_key)
        return rc;
    TRY(mia__view_tree(from, c, false, &ignored, err));
    if (rc == MIA_OK)
        TRY(mia__apply_tree(s, to, c, err));
    rc = MIA_OK;
done:
    return rc;
}

/* Writers are held only while readers do not see one moment, and only to look. */
static mia_status look(struct mia__shadow *s, struct mia__view *from, struct mia__view *to,
                       struct mia__buf *found, struct mia_error *err)
{
    bool holds_writers = !mia__side_has_snapshots(mia__shadow_primary(s));
    if (holds_writers)
        pthread_mutex_lock(&s->turn);
    mia_status rc = mia__view_begin(from, mia__shadow_primary(s), MIA_TXN_READ, err);
    if (rc == MIA_OK)
        rc = mia__pass_step(s, &s->pass, from, to, found, err);
    if (holds_writers)
        pthread_mutex_unlock(&s->turn);
    return rc;
}

static mia_status backfill_some(struct mia__shadow *s, struct mia_error *err)
{
    mia_status rc;
    struct mia__view from = {0}, to = {0};
    struct mia__buf found = {0};
    struct mia__difference d;
    TRY(mia__view_begin(&to, mia__shadow_secondary(s), MIA_TXN_WRITE, err));
    const struct mia__content c = s->pass.trees[s->pass.tree];
    TRY(mia__view_begin(&from, mia__shadow_primary(s), MIA_TXN_READ, err));
    TRY(make_tree(s, &from, &to, err));
    mia__view_end(&from);
    TRY(look(s, &from, &to, &found, err));
    for (size_t at = 0; mia__differences_next(&found, &at, &d);)
        TRY(mia__apply(s, &from, &to, &c, d.key, err));
    rc = mia__view_commit(&to, err);
done:
    mia__view_end(&to);
    mia__view_end(&from);
    mia__buf_free(&found);
    return rc;
}

static void note_compared(struct mia__shadow *s)
{
    pthread_mutex_lock(&s->lock);
    s->control.compared = s->pass.compared;
    bool is_done = mia__pass_is_done(&s->pass) && !s->restart;
    if (is_done && s->control.state == MIA_SHADOW_BACKFILLING) {
        s->control.state = MIA_SHADOW_FOLLOWING;
        s->is_unsaved = true;
        pthread_cond_broadcast(&s->changed);
    }
    pthread_mutex_unlock(&s->lock);
    if (is_done)
        mia__pass_free(&s->pass);
}

/* ---- the thread */

static mia_status work_some(struct mia__shadow *s, struct mia_error *err)
{
    mia_status rc;
    heed_restart(s);
    TRY(mia__side_open(s, mia__shadow_secondary(s), true, err));
    TRY(mia__follow_drain(s, err));
    if (mia__shadow_state(s) != MIA_SHADOW_BACKFILLING)
        goto done;
    heed_restart(s);
    TRY(mia__pass_list(s, &s->pass, err));
    if (s->resumes)
        TRY(mia__pass_resume(&s->pass, &s->control, err));
    s->resumes = false;
    if (!mia__pass_is_done(&s->pass))
        TRY(backfill_some(s, err));
    note_compared(s);
done:
    return rc;
}

/* With the lock held. */
static bool has_work(const struct mia__shadow *s)
{
    return s->control.state != MIA_SHADOW_DETACHED &&
           (s->control.state == MIA_SHADOW_BACKFILLING || s->queued + s->taken_left > 0);
}

/* With the lock held: until that time or the end. */
static void rest(struct mia__shadow *s, uint64_t ms)
{
    struct timespec until = mia__after_ms(CLOCK_MONOTONIC, ms);
    int waited = 0;
    while (!s->is_stopped && waited != ETIMEDOUT)
        waited = pthread_cond_timedwait(&s->changed, &s->lock, &until);
}

/* For whoever looks at the file: now and then is enough. */
static void save_sometimes(struct mia__shadow *s, struct timespec *save_at)
{
    if (!mia__is_past(save_at))
        return;
    pthread_mutex_lock(&s->lock);
    s->is_unsaved = false;
    pthread_mutex_unlock(&s->lock);
    mia__shadow_save(s, NULL);
    *save_at = mia__after_ms(CLOCK_MONOTONIC, SAVE_EVERY_MS);
}

static mia_status work(struct mia__shadow *s, struct timespec *save_at)
{
    struct mia_error why = {0};
    pthread_mutex_lock(&s->work);
    bool is_over = mia__shadow_state(s) == MIA_SHADOW_DETACHED;
    mia_status rc = is_over ? MIA_OK : work_some(s, &why);
    judge(s, rc, &why, NULL);
    if (!is_over)
        save_sometimes(s, save_at);
    pthread_mutex_unlock(&s->work);
    return rc;
}

/* With the lock held: until there is something to do, or to be saved. */
static void idle(struct mia__shadow *s, const struct timespec *save_at)
{
    if (s->is_unsaved && s->control.state != MIA_SHADOW_DETACHED)
        pthread_cond_timedwait(&s->changed, &s->lock, save_at);
    else
        pthread_cond_wait(&s->changed, &s->lock);
}

static bool has_to_save(const struct mia__shadow *s, const struct timespec *save_at)
{
    return s->is_unsaved && s->control.state != MIA_SHADOW_DETACHED && mia__is_past(save_at);
}

static uint64_t longer(uint64_t rest_ms)
{
    rest_ms = rest_ms == 0 ? SHORTEST_REST_MS : 2 * rest_ms;
    return rest_ms < LONGEST_REST_MS ? rest_ms : LONGEST_REST_MS;
}

static void *run(void *argument)
{
    struct mia__shadow *s = argument;
    uint64_t rest_ms = 0;
    struct timespec save_at = mia__after_ms(CLOCK_MONOTONIC, SAVE_EVERY_MS);
    pthread_mutex_lock(&s->lock);
    while (!s->is_stopped) {
        if (!has_work(s) && !has_to_save(s, &save_at)) {
            idle(s, &save_at);
            continue;
        }
        pthread_mutex_unlock(&s->lock);
        mia_status rc = work(s, &save_at);
        rest_ms = rc < 0 ? longer(rest_ms) : 0;
        pthread_mutex_lock(&s->lock);
        if (rest_ms > 0)
            rest(s, rest_ms);
        else if (s->control.state == MIA_SHADOW_BACKFILLING)
            rest(s, s->opt.pause_ms);
    }
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

mia_status mia__follow_start(struct mia__shadow *s, struct mia_error *err)
{
    int failed = pthread_create(&s->thread, NULL, run, s);
    if (failed != 0)
        return mia__fail_errno(err, failed, "%s: cannot start the thread that follows", s->path);
    s->has_thread = true;
    return MIA_OK;
}

void mia__follow_stop(struct mia__shadow *s)
{
    if (!s->has_thread)
        return;
    pthread_mutex_lock(&s->lock);
    s->is_stopped = true;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
    pthread_join(s->thread, NULL);
    s->has_thread = false;
}
