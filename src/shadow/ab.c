/* shadow/ab.c - reads are noted, to be done again on both sides: begin, end, counts */
#include "base/error.h"
#include "base/options.h"
#include "base/try.h"
#include "latency/latency.h"
#include "mia_native.h"
#include "shadow/shadow.h"

#include <stdio.h>

enum { WRITE_EVERY_MS = 5000 };
static const size_t most_queued = 256u << 10; /* bytes; more reads than that are skipped */

void mia__shadow_ab_init(struct mia__shadow_ab *ab)
{
    pthread_condattr_t monotonic;
    pthread_mutex_init(&ab->lock, NULL);
    pthread_mutex_init(&ab->results, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&ab->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    ab->report.struct_size = sizeof ab->report;
}

static void free_rules(struct mia__shadow_ab *ab)
{
    for (size_t i = 0; i < ab->rule_count; i++) {
        mia__buf_free(&ab->rules[i].tree);
        mia__buf_free(&ab->rules[i].prefix);
    }
    memset(ab->rules, 0, sizeof ab->rules);
    ab->rule_count = 0;
}

void mia__shadow_ab_free(struct mia__shadow_ab *ab)
{
    free_rules(ab);
    for (int i = 0; i < MIA_SHADOW_AB_OPERATIONS; i++) {
        mia_hist_free(ab->times[i][MIA__FIRST]);
        mia_hist_free(ab->times[i][MIA__SECOND]);
    }
    mia__free(ab->kept);
    mia__buf_free(&ab->queue);
    pthread_mutex_destroy(&ab->lock);
    pthread_mutex_destroy(&ab->results);
    pthread_cond_destroy(&ab->changed);
}

/* ---- noting: never waits */

static uint64_t mix(uint64_t x)
{
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

uint64_t mia__shadow_ab_dice(struct mia__shadow_ab *ab)
{
    return mix(atomic_fetch_add_explicit(&ab->dice, 1, memory_order_relaxed));
}

static bool append(struct mia__shadow_ab *ab, const struct mia__shadow_ab_head *head, mia_slice key)
{
    bool has_room = ab->queue.size + sizeof *head + key.size <= most_queued &&
                    mia__buf_append(&ab->queue, head, sizeof *head, NULL) == MIA_OK;
    if (has_room && mia__buf_append(&ab->queue, key.data, key.size, NULL) != MIA_OK) {
        ab->queue.size -= sizeof *head;
        has_room = false;
    }
    return has_room;
}

void mia__shadow_ab_sample(struct mia__shadow *s, enum mia_shadow_ab_operation operation,
                           uint32_t tree, mia_slice key)
{
    struct mia__shadow_ab *ab = &s->ab;
    struct mia__shadow_ab_head head = {(uint32_t)operation, tree, key.size};
    if (mia__shadow_ab_dice(ab) % 100 >= atomic_load_explicit(&ab->percent, memory_order_relaxed))
        return;
    atomic_fetch_add(&ab->sampled[operation], 1);
    bool is_noted = false;
    if (pthread_mutex_trylock(&ab->lock) == 0) {
        is_noted = append(ab, &head, key);
        pthread_cond_signal(&ab->changed);
        pthread_mutex_unlock(&ab->lock);
    }
    if (!is_noted)
        atomic_fetch_add(&ab->skipped[operation], 1);
}

/* ---- begin and end */

static mia_status copy_rules(struct mia__shadow_ab *ab, const struct mia_shadow_ab_options *opt,
                             struct mia_error *err)
{
    mia_status rc = MIA_OK;
    free_rules(ab);
    for (size_t i = 0; i < opt->rule_count; i++) {
        const struct mia_shadow_ab_rule *from = &opt->rules[i];
        struct mia__shadow_ab_rule *to = &ab->rules[ab->rule_count++];
        to->has_tree = from->tree.data != NULL;
        to->has_class = from->has_class;
        to->difference = from->difference;
        TRY(mia__buf_set(&to->tree, from->tree, err));
        TRY(mia__buf_set(&to->prefix, from->prefix, err));
    }
done:
    return rc;
}

/* Empty ones; none in a build that has none. */
static mia_status make_histograms(struct mia__shadow_ab *ab, struct mia_error *err)
{
    memset(ab->sums, 0, sizeof ab->sums);
    for (int i = 0; i < MIA_SHADOW_AB_OPERATIONS * 2; i++) {
        struct mia_error why = {0};
        void **times = &ab->times[i / 2][i % 2];
        mia_status rc = *times == NULL ? mia_hist_create(times, &why) : MIA_OK;
        if (rc == MIA_ERR_UNSUPPORTED)
            return MIA_OK;
        if (rc < 0)
            return mia__fail(err, rc, "%s", why.message);
        mia_hist_reset(*times);
    }
    return MIA_OK;
}

/* With results held. */
static mia_status empty_results(struct mia__shadow_ab *ab, struct mia_error *err)
{
    if (ab->kept == NULL)
        ab->kept = mia__alloc_array(MIA__SHADOW_AB_KEPT * MIA_DIFF_CLASSES, sizeof *ab->kept);
    if (ab->kept == NULL)
        return mia__fail_nomem(err);
    mia_status rc = make_histograms(ab, err);
    if (rc == MIA_OK)
        ab->report = (struct mia_shadow_ab_report){
            .struct_size = sizeof ab->report, .is_running = true, .started_ms = mia__unix_ms()};
    return rc;
}

static mia_status prepare(struct mia__shadow_ab *ab, const struct mia_shadow_ab_options *opt,
                          struct mia_error *err)
{
    mia_status rc;
    TRY(copy_rules(ab, opt, err));
    pthread_mutex_lock(&ab->results);
    rc = empty_results(ab, err);
    pthread_mutex_unlock(&ab->results);
    TRY(rc);
    ab->write_every_ms = opt->write_every_ms != 0 ? opt->write_every_ms : WRITE_EVERY_MS;
    if (opt->no_file)
        ab->write_every_ms = 0;
    ab->write_at = mia__after_ms(CLOCK_MONOTONIC, 0);
    ab->queue.size = 0;
    ab->fn = opt->fn;
    ab->fn_ctx = opt->fn_ctx;
    ab->is_stopped = false;
    for (int i = 0; i < MIA_SHADOW_AB_OPERATIONS; i++) {
        atomic_store(&ab->sampled[i], 0);
        atomic_store(&ab->skipped[i], 0);
    }
    atomic_store(&ab->dice, opt->seed != 0 ? opt->seed : (uint64_t)time(NULL) << 20);
    atomic_store(&ab->percent, opt->percent == 0 ? 1 : opt->percent);
done:
    return rc;
}

mia_status mia_shadow_ab_start(mia_db *db, const struct mia_shadow_ab_options *options,
                               struct mia_error *err)
{
    mia_status rc;
    struct mia__shadow *s;
    struct mia_shadow_ab_options opt;
    TRY(mia__options_read(&opt, sizeof opt, options, "mia_shadow_ab_options", err));
    TRY(mia__shadow_of(db, &s, err));
    if (opt.percent > 100 || opt.rule_count > MIA__SHADOW_AB_RULES)
        return mia__fail(err, MIA_ERR_INVALID, "%s: percent is at most 100, rule_count at most %d",
                         s->path, MIA__SHADOW_AB_RULES);
    pthread_mutex_lock(&s->ab.lock);
    if (s->ab.has_thread || s->is_read_only || atomic_load(&s->is_detached))
        rc = mia__fail(err, MIA_ERR_INVALID, "%s: it runs already, or there is no secondary",
                       s->path);
    else
        rc = prepare(&s->ab, &opt, err);
    if (rc == MIA_OK)
        rc = mia__shadow_ab_run(s, err);
    if (rc == MIA_OK)
        atomic_store(&s->ab.is_on, true);
    pthread_mutex_unlock(&s->ab.lock);
done:
    return rc;
}

/* One of those who stop it joins the thread, the others wait for that. */
void mia__shadow_ab_stop(struct mia__shadow *s)
{
    struct mia__shadow_ab *ab = &s->ab;
    pthread_mutex_lock(&ab->lock);
    bool joins = ab->has_thread && !ab->is_stopped;
    atomic_store(&ab->is_on, false);
    ab->is_stopped = true;
    pthread_cond_broadcast(&ab->changed);
    while (!joins && ab->has_thread)
        pthread_cond_wait(&ab->changed, &ab->lock);
    pthread_mutex_unlock(&ab->lock);
    if (!joins)
        return;
    pthread_join(ab->thread, NULL);
    pthread_mutex_lock(&ab->lock);
    ab->has_thread = false;
    pthread_cond_broadcast(&ab->changed);
    pthread_mutex_unlock(&ab->lock);
}

mia_status mia_shadow_ab_stop(mia_db *db, struct mia_error *err)
{
    struct mia__shadow *s;
    mia_status rc = mia__shadow_of(db, &s, err);
    if (rc < 0)
        return rc;
    if (mia__shadow_is_writing(s)) /* its thread may be waiting for that to end */
        return mia__fail(err, MIA_ERR_TXN, "%s: this thread has a WRITE transaction open: end it",
                         s->path);
    mia__shadow_ab_stop(s);
    return rc;
}

/* ---- what was found */

void mia__shadow_ab_snapshot(struct mia__shadow *s, struct mia_shadow_ab_report *report)
{
    struct mia__shadow_ab *ab = &s->ab;
    int primary = atomic_load(&s->primary);
    *report = ab->report;
    report->has_percentiles = ab->times[0][MIA__FIRST] != NULL;
    for (int i = 0; i < MIA_SHADOW_AB_OPERATIONS; i++) {
        struct mia_shadow_ab_counts *counts = &report->operations[i];
        counts->sampled = atomic_load(&ab->sampled[i]);
        counts->skipped = atomic_load(&ab->skipped[i]);
        counts->primary_ns = ab->sums[i][primary];
        counts->candidate_ns = ab->sums[i][!primary];
        report->primary[i] = mia__latency_of(ab->times[i][primary]);
        report->candidate[i] = mia__latency_of(ab->times[i][!primary]);
    }
    snprintf(report->primary_engine, sizeof report->primary_engine, "%s",
             s->sides[primary].engine->name);
    snprintf(report->candidate_engine, sizeof report->candidate_engine, "%s",
             s->sides[!primary].engine->name);
}

mia_status mia_shadow_ab_report(mia_db *db, struct mia_shadow_ab_report *out, struct mia_error *err)
{
    mia_status rc;
    struct mia__shadow *s;
    TRY(mia__report_check(out, "mia_shadow_ab_report", err));
    TRY(mia__shadow_of(db, &s, err));
    pthread_mutex_lock(&s->ab.results);
    struct mia_shadow_ab_report report;
    mia__shadow_ab_snapshot(s, &report);
    pthread_mutex_unlock(&s->ab.results);
    mia__report_write(out, &report, sizeof report);
done:
    return rc;
}

mia_status mia_shadow_ab_mismatch_at(mia_db *db, size_t i, struct mia_shadow_ab_mismatch *mismatch,
                                     struct mia_error *err)
{
    struct mia__shadow *s;
    memset(mismatch, 0, sizeof *mismatch);
    mia_status rc = mia__shadow_of(db, &s, err);
    if (rc < 0)
        return rc;
    pthread_mutex_lock(&s->ab.results);
    rc = i < s->ab.report.kept ? MIA_OK : MIA_NOTFOUND;
    if (rc == MIA_OK)
        *mismatch = s->ab.kept[i];
    pthread_mutex_unlock(&s->ab.results);
    return rc;
}
