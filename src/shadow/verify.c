/* shadow/verify.c - both sides compared while they are written to */
#include "base/error.h"
#include "base/options.h"
#include "base/try.h"
#include "shadow/shadow.h"

#include <stdio.h>

struct verify {
    struct mia__shadow *s;
    struct mia_shadow_verify_options opt;
    struct mia_shadow_verify_report report;
    struct mia__pass pass;
    uint64_t times_behind; /* when it began */
    struct mia_error *err;
};

static mia_status refuse_behind(struct verify *v)
{
    char reason[256];
    pthread_mutex_lock(&v->s->lock);
    memcpy(reason, v->s->control.reason, sizeof reason);
    pthread_mutex_unlock(&v->s->lock);
    return mia__fail(v->err, MIA_ERR_BUSY,
                     "%s: the secondary is behind: wait with mia_shadow_wait%s%.200s", v->s->path,
                     reason[0] ? "; the last reason was: " : "", reason);
}

/* Whether it has been behind at any time since the beginning. */
static bool was_behind(struct verify *v)
{
    pthread_mutex_lock(&v->s->lock);
    const struct mia__control *c = &v->s->control;
    bool was = c->state == MIA_SHADOW_BACKFILLING || c->state == MIA_SHADOW_DETACHED ||
               c->times_behind != v->times_behind;
    pthread_mutex_unlock(&v->s->lock);
    return was;
}

static void count(struct verify *v, const struct mia__content *c, const struct mia__difference *d)
{
    static const enum mia_side sides[MIA_DIFF_CLASSES] = {[MIA_DIFF_MISSING] = MIA_SIDE_SOURCE,
                                                          [MIA_DIFF_EXTRA] = MIA_SIDE_TARGET,
                                                          [MIA_DIFF_VALUE] = MIA_SIDE_BOTH,
                                                          [MIA_DIFF_ORDER] = MIA_SIDE_BOTH,
                                                          [MIA_DIFF_UNDECODABLE] = MIA_SIDE_BOTH};
    struct mia_difference shown = {.difference = d->class,
                                   .tree = mia__content_name(c),
                                   .key = d->key,
                                   .side = sides[d->class],
                                   .detail = ""};
    v->report.differences[d->class]++;
    if (v->opt.fn != NULL)
        v->opt.fn(v->opt.fn_ctx, &shown);
}

/* With writers held and every change brought over: what differs now is a difference. */
static mia_status look_again(struct verify *v, const struct mia__content *c,
                             const struct mia__buf *found)
{
    mia_status rc;
    struct mia__shadow *s = v->s;
    struct mia__view from = {0}, to = {0};
    struct mia__difference d;
    pthread_mutex_lock(&s->turn);
    TRY(mia__follow_drain(s, v->err));
    TRY(mia__view_begin(&from, mia__shadow_primary(s), MIA_TXN_READ, v->err));
    TRY(mia__view_begin(&to, mia__shadow_secondary(s), MIA_TXN_READ, v->err));
    for (size_t at = 0; mia__differences_next(found, &at, &d);) {
        bool same = false;
        if (d.class != MIA_DIFF_ORDER)
            TRY(mia__apply_same(s, &from, &to, c, d.key, &same, v->err));
        v->report.rechecked += same;
        if (!same)
            count(v, c, &d);
    }
    rc = MIA_OK;
done:
    mia__view_end(&to);
    mia__view_end(&from);
    pthread_mutex_unlock(&s->turn);
    return rc;
}

static mia_status look(struct verify *v, struct mia__buf *found)
{
    mia_status rc;
    struct mia__shadow *s = v->s;
    struct mia__view from = {0}, to = {0};
    bool holds_writers = !mia__side_has_snapshots(mia__shadow_primary(s));
    if (holds_writers)
        pthread_mutex_lock(&s->turn);
    TRY(mia__view_begin(&from, mia__shadow_primary(s), MIA_TXN_READ, v->err));
    TRY(mia__view_begin(&to, mia__shadow_secondary(s), MIA_TXN_READ, v->err));
    rc = mia__pass_step(s, &v->pass, &from, &to, found, v->err);
done:
    if (holds_writers)
        pthread_mutex_unlock(&s->turn);
    mia__view_end(&to);
    mia__view_end(&from);
    return rc;
}

/* With work held. */
static mia_status verify_some(struct verify *v)
{
    mia_status rc;
    struct mia__buf found = {0};
    struct mia__shadow *s = v->s;
    if (was_behind(v))
        return refuse_behind(v);
    TRY(mia__follow_drain(s, v->err));
    TRY(mia__pass_list(s, &v->pass, v->err));
    v->report.trees = v->pass.tree_count;
    if (mia__pass_is_done(&v->pass))
        goto done;
    const struct mia__content *c = &v->pass.trees[v->pass.tree];
    TRY(look(v, &found));
    if (found.size > 0)
        rc = look_again(v, c, &found);
done:
    mia__buf_free(&found);
    v->report.records = v->pass.compared;
    return rc;
}

static mia_status tell(struct verify *v)
{
    struct mia_progress shown = {.phase = "verify", .records_done = v->report.records};
    if (v->opt.progress == NULL || v->opt.progress(v->opt.progress_ctx, &shown))
        return MIA_OK;
    return mia__fail(v->err, MIA_ERR_CANCELLED, "%s: stopped while comparing", v->s->path);
}

static mia_status verify_all(struct verify *v)
{
    mia_status rc = MIA_OK;
    while (rc == MIA_OK && !mia__pass_is_done(&v->pass)) {
        struct timespec pause = {0, (long)v->s->opt.pause_ms * 1000000};
        pthread_mutex_lock(&v->s->work);
        rc = verify_some(v);
        pthread_mutex_unlock(&v->s->work);
        TRY(rc);
        TRY(tell(v));
        nanosleep(&pause, NULL); /* the thread has work too */
    }
done:
    return rc;
}

/* With work held. */
static mia_status conclude(struct verify *v)
{
    struct mia__shadow *s = v->s;
    uint64_t total = 0;
    char why[100];
    for (int i = 0; i < MIA_DIFF_CLASSES; i++)
        total += v->report.differences[i];
    if (was_behind(v))
        return refuse_behind(v);
    if (total > 0) {
        snprintf(why, sizeof why, "a verification found %llu differences",
                 (unsigned long long)total);
        mia__shadow_behind(s, why);
        return MIA_OK;
    }
    pthread_mutex_lock(&s->lock);
    if (s->control.state == MIA_SHADOW_FOLLOWING)
        s->control.state = MIA_SHADOW_VERIFIED;
    s->control.verified_ms = (uint64_t)time(NULL) * 1000;
    s->is_unsaved = true;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
    return MIA_OK;
}

mia_status mia_shadow_verify(mia_db *db, const struct mia_shadow_verify_options *opt,
                             struct mia_shadow_verify_report *out, struct mia_error *err)
{
    mia_status rc;
    struct verify v = {.err = err, .report = {.struct_size = sizeof v.report}};
    struct timespec begin = mia__after_ms(CLOCK_MONOTONIC, 0), end;
    TRY(mia__report_check(out, "mia_shadow_verify_report", err));
    TRY(mia__options_read(&v.opt, sizeof v.opt, opt, "mia_shadow_verify_options", err));
    TRY(mia__shadow_of(db, &v.s, err));
    if (mia__shadow_is_writing(v.s)) {
        rc = mia__fail(err, MIA_ERR_TXN, "%s: this thread has a WRITE transaction open: end it",
                       v.s->path);
        goto done;
    }
    pthread_mutex_lock(&v.s->lock);
    v.times_behind = v.s->control.times_behind;
    pthread_mutex_unlock(&v.s->lock);
    TRY(verify_all(&v));
    pthread_mutex_lock(&v.s->work);
    rc = conclude(&v);
    pthread_mutex_unlock(&v.s->work);
    end = mia__after_ms(CLOCK_MONOTONIC, 0);
    v.report.seconds =
        (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
    if (rc == MIA_OK)
        mia__report_write(out, &v.report, sizeof v.report);
done:
    mia__pass_free(&v.pass);
    return rc;
}
