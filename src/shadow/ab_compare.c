/* shadow/ab_compare.c - the thread that does noted reads again, on both sides */
#include "base/error.h"
#include "base/try.h"
#include "mia_native.h"
#include "shadow/shadow.h"

#include <stdio.h>

enum { AT_ONCE = 32, SCANNED = 16, CANDIDATE = 1 };

/* One read, done on both: 0 is the primary, CANDIDATE the other. */
struct read {
    struct mia__shadow *s;
    struct mia_shadow_ab_sample sample;
    const struct mia__content *content;
    struct mia__view views[2];
    struct mia__buf found[2]; /* what each answered, as bytes that can be compared */
    uint64_t ns[2];
    mia_status rc[2];
    struct mia_error err;
    struct mia__buf suspect; /* the first key that differs */
    bool differs;
};

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static struct mia_shadow_ab_counts *counts_of(struct read *r)
{
    return &r->s->ab.report.operations[r->sample.operation];
}

/* ---- one side */

/* Appends the key with its size, and the value with its form and size. */
static mia_status append(struct mia__buf *to, mia_slice key, const struct mia__value *value,
                         struct mia_error *err)
{
    mia_status rc;
    uint64_t head[3] = {key.size, (uint64_t)value->form, value->bytes.size};
    TRY(mia__buf_append(to, head, sizeof head, err));
    TRY(mia__buf_append(to, key.data, key.size, err));
    rc = mia__buf_append(to, value->bytes.data, value->bytes.size, err);
done:
    return rc;
}

static bool take(const struct mia__buf *from, size_t *at, mia_slice *key, struct mia__value *value)
{
    uint64_t head[3];
    if (*at >= from->size)
        return false;
    memcpy(head, from->data + *at, sizeof head);
    *at += sizeof head;
    *key = (mia_slice){from->data + *at, (size_t)head[0]};
    *at += key->size;
    *value =
        (struct mia__value){(enum mia__form)head[1], false, {from->data + *at, (size_t)head[2]}};
    *at += value->bytes.size;
    return true;
}

static mia_status get(struct read *r, int side, struct mia__buf *archive)
{
    mia_status rc;
    struct mia__value value;
    TRY(mia__view_get(&r->views[side], &r->s->coder, r->content, r->sample.key, archive, &value,
                      &r->err));
    if (value.form != MIA__FORM_ABSENT)
        rc = append(&r->found[side], r->sample.key, &value, &r->err);
done:
    return rc;
}

static mia_status scan(struct read *r, int side)
{
    mia_status rc;
    struct mia__stream *stream = NULL;
    const mia_slice *behind = r->sample.key.size > 0 ? &r->sample.key : NULL;
    TRY(mia__stream_open(&r->views[side], r->content, behind, &stream, &r->err));
    for (int i = 0; i < SCANNED; i++) {
        mia_slice key;
        struct mia__value value;
        TRY(mia__stream_peek(stream, &key, &value, &r->err));
        if (rc == MIA_NOTFOUND)
            break;
        TRY(append(&r->found[side], key, &value, &r->err));
        mia__stream_advance(stream);
    }
    rc = MIA_OK;
done:
    mia__stream_close(stream);
    return rc;
}

static void read_side(struct read *r, int side)
{
    struct mia__buf archive = {0};
    r->found[side].size = 0;
    uint64_t begin = now_ns();
    r->rc[side] = r->sample.operation == MIA_SHADOW_AB_GET ? get(r, side, &archive) : scan(r, side);
    r->ns[side] = now_ns() - begin;
    mia__buf_free(&archive);
}

/* ---- both */

static bool is_same_value(const struct read *r, const struct mia__value *a,
                          const struct mia__value *b)
{
    if (mia__value_equal(a, b))
        return true;
    enum mia_table table = (enum mia_table)r->content->table;
    return a->form == MIA__FORM_RECORD && b->form == MIA__FORM_RECORD &&
           mia_view_equal(mia_view_trust(table, a->bytes), mia_view_trust(table, b->bytes));
}

/* Where the two answers part, and how. */
static bool find_difference(struct read *r, enum mia_difference_class *difference)
{
    size_t at[2] = {0, 0};
    for (;;) {
        mia_slice keys[2];
        struct mia__value values[2] = {0};
        bool has_a = take(&r->found[0], &at[0], &keys[0], &values[0]);
        bool has_b = take(&r->found[1], &at[1], &keys[1], &values[1]);
        if (!has_a && !has_b)
            return false;
        int order = has_a && has_b ? mia_slice_compare(keys[0], keys[1]) : has_a ? -1 : 1;
        if (order == 0 && is_same_value(r, &values[0], &values[1]))
            continue;
        *difference = order < 0 ? MIA_DIFF_MISSING : order > 0 ? MIA_DIFF_EXTRA : MIA_DIFF_VALUE;
        r->differs = mia__buf_set(&r->suspect, keys[order > 0], NULL) == MIA_OK;
        return r->differs;
    }
}

/* With writers held and every change brought over. */
static mia_status look_again(struct read *r, bool *same)
{
    mia_status rc;
    struct mia__shadow *s = r->s;
    struct mia__view from = {0}, to = {0};
    *same = true;
    pthread_mutex_lock(&s->turn);
    TRY(mia__follow_drain(s, &r->err));
    TRY(mia__view_begin(&from, mia__shadow_primary(s), MIA_TXN_READ, &r->err));
    TRY(mia__view_begin(&to, mia__shadow_secondary(s), MIA_TXN_READ, &r->err));
    rc = mia__apply_same(s, &from, &to, r->content, mia__buf_slice(&r->suspect), same, &r->err);
done:
    mia__view_end(&to);
    mia__view_end(&from);
    pthread_mutex_unlock(&s->turn);
    return rc;
}

static bool is_ignored(const struct read *r, enum mia_difference_class difference)
{
    const struct mia__shadow_ab *ab = &r->s->ab;
    const struct mia__buf *key = &r->suspect;
    for (size_t i = 0; i < ab->rule_count; i++) {
        const struct mia__shadow_ab_rule *rule = &ab->rules[i];
        bool fits =
            (!rule->has_tree || mia_slice_equal(mia__buf_slice(&rule->tree), r->sample.tree)) &&
            (!rule->has_class || rule->difference == difference) && key->size >= rule->prefix.size;
        if (fits && (rule->prefix.size == 0 ||
                     memcmp(key->data, rule->prefix.data, rule->prefix.size) == 0))
            return true;
    }
    return false;
}

static bool is_same_mismatch(const struct mia_shadow_ab_mismatch *a,
                             const struct mia_shadow_ab_mismatch *b)
{
    return a->operation == b->operation && a->difference == b->difference &&
           a->key_size == b->key_size && strcmp(a->tree, b->tree) == 0 &&
           memcmp(a->key, b->key, sizeof a->key) == 0;
}

/* A key that is asked for often is kept once. With results held. */
static void keep(struct read *r, enum mia_difference_class difference)
{
    struct mia__shadow_ab *ab = &r->s->ab;
    struct mia_shadow_ab_mismatch m = {.operation = r->sample.operation, .difference = difference};
    size_t of_class = 0;
    snprintf(m.tree, sizeof m.tree, "%.*s", (int)(r->sample.tree.size & 0xffff),
             (const char *)r->sample.tree.data);
    m.key_size = r->suspect.size;
    if (m.key_size > 0)
        memcpy(m.key, r->suspect.data, m.key_size < sizeof m.key ? m.key_size : sizeof m.key);
    for (size_t i = 0; i < ab->report.kept; i++) {
        of_class += ab->kept[i].difference == difference;
        if (is_same_mismatch(&ab->kept[i], &m))
            return;
    }
    if (of_class < MIA__SHADOW_AB_KEPT)
        ab->kept[ab->report.kept++] = m;
}

static void take_verified_back(struct mia__shadow *s)
{
    pthread_mutex_lock(&s->lock);
    if (s->control.state == MIA_SHADOW_VERIFIED)
        s->control.state = MIA_SHADOW_FOLLOWING;
    pthread_mutex_unlock(&s->lock);
}

static void judge_difference(struct read *r, enum mia_difference_class difference)
{
    bool same;
    struct mia__shadow_ab *ab = &r->s->ab;
    mia_status rc = look_again(r, &same);
    bool ignored = rc == MIA_OK && !same && is_ignored(r, difference);
    pthread_mutex_lock(&ab->results);
    counts_of(r)->settled += rc == MIA_OK && same;
    counts_of(r)->ignored += ignored;
    counts_of(r)->errors += rc < 0;
    if (rc == MIA_OK && !same && !ignored) {
        counts_of(r)->mismatches[difference]++;
        keep(r, difference);
    }
    pthread_mutex_unlock(&ab->results);
    if (rc == MIA_OK && !same && !ignored)
        take_verified_back(r->s);
}

/* By database: work is held, so which one is the primary is what it was. With results held. */
static void record_times(struct read *r)
{
    struct mia__shadow_ab *ab = &r->s->ab;
    int primary = atomic_load(&r->s->primary);
    for (int side = 0; side < 2; side++) {
        int database = side == CANDIDATE ? !primary : primary;
        void *times = ab->times[r->sample.operation][database];
        ab->sums[r->sample.operation][database] += r->ns[side];
        if (times != NULL)
            mia_hist_record(times, r->ns[side]);
    }
}

/* A primary that fails is for its callers to see. */
static void judge(struct read *r)
{
    struct mia__shadow_ab *ab = &r->s->ab;
    enum mia_difference_class difference = MIA_DIFF_VALUE;
    bool is_done = r->rc[0] >= 0 && r->rc[CANDIDATE] >= 0;
    r->sample.is_same = is_done && !find_difference(r, &difference);
    r->sample.primary_ns = r->ns[0];
    r->sample.candidate_ns = r->ns[CANDIDATE];
    pthread_mutex_lock(&ab->results);
    counts_of(r)->compared += is_done;
    if (is_done)
        record_times(r);
    counts_of(r)->errors += r->rc[CANDIDATE] < 0;
    if (r->rc[CANDIDATE] < 0)
        snprintf(ab->report.last_error, sizeof ab->report.last_error, "%.255s", r->err.message);
    pthread_mutex_unlock(&ab->results);
    if (is_done && ab->fn != NULL)
        ab->fn(ab->fn_ctx, &r->sample);
    if (is_done && !r->sample.is_same)
        judge_difference(r, difference);
}

static void skip(struct mia__shadow *s, enum mia_shadow_ab_operation operation)
{
    atomic_fetch_add(&s->ab.skipped[operation], 1);
}

static bool is_behind(struct mia__shadow *s)
{
    pthread_mutex_lock(&s->lock);
    bool is =
        (s->control.state != MIA_SHADOW_FOLLOWING && s->control.state != MIA_SHADOW_VERIFIED) ||
        s->queued + s->taken_left > 0;
    pthread_mutex_unlock(&s->lock);
    return is || mia__shadow_secondary(s)->db == NULL;
}

/* With work held. */
static void do_again(struct mia__shadow *s, const struct mia__shadow_ab_head *head, mia_slice key)
{
    struct mia__content content;
    enum mia_shadow_ab_operation operation = (enum mia_shadow_ab_operation)head->operation;
    struct read r = {.s = s, .content = &content};
    bool is_content = mia__changes_content(s, head->tree, &content) &&
                      (content.role == MIA__ROLE_TABLE || content.role == MIA__ROLE_BYTES);
    if (!is_content || is_behind(s) ||
        mia__view_begin(&r.views[0], mia__shadow_primary(s), MIA_TXN_READ, NULL) < 0) {
        skip(s, operation);
        return;
    }
    r.sample = (struct mia_shadow_ab_sample){.operation = operation,
                                             .tree = mia__content_name(&content),
                                             .key = key,
                                             .candidate_first = mia__shadow_ab_dice(&s->ab) >> 63};
    r.rc[CANDIDATE] =
        mia__view_begin(&r.views[CANDIDATE], mia__shadow_secondary(s), MIA_TXN_READ, &r.err);
    int first = r.sample.candidate_first ? CANDIDATE : 0;
    for (int i = 0; i < 2 && r.rc[CANDIDATE] >= 0; i++)
        read_side(&r, i == 0 ? first : !first);
    mia__view_end(&r.views[0]);
    mia__view_end(&r.views[CANDIDATE]);
    judge(&r);
    mia__buf_free(&r.found[0]);
    mia__buf_free(&r.found[1]);
    mia__buf_free(&r.suspect);
}

/* ---- the thread */

static void do_some(struct mia__shadow *s, const struct mia__buf *samples, size_t *at)
{
    pthread_mutex_lock(&s->work);
    for (int i = 0; i < AT_ONCE && *at < samples->size; i++) {
        struct mia__shadow_ab_head head;
        memcpy(&head, samples->data + *at, sizeof head);
        *at += sizeof head;
        mia_slice key = {samples->data + *at, (size_t)head.key_size};
        *at += key.size;
        if (atomic_load(&s->is_detached))
            skip(s, (enum mia_shadow_ab_operation)head.operation);
        else
            do_again(s, &head, key);
    }
    pthread_mutex_unlock(&s->work);
}

/* With the lock held: until there is something to do. It may be woken for nothing. */
static void rest(struct mia__shadow_ab *ab)
{
    if (ab->is_stopped)
        return;
    if (ab->write_every_ms == 0)
        pthread_cond_wait(&ab->changed, &ab->lock);
    else
        pthread_cond_timedwait(&ab->changed, &ab->lock, &ab->write_at);
}

static void end_report(struct mia__shadow_ab *ab)
{
    pthread_mutex_lock(&ab->results);
    ab->report.is_running = false;
    pthread_mutex_unlock(&ab->results);
}

static void *run(void *argument)
{
    struct mia__shadow *s = argument;
    struct mia__shadow_ab *ab = &s->ab;
    struct mia__buf samples = {0};
    pthread_mutex_lock(&ab->lock);
    while (!ab->is_stopped) {
        mia__shadow_ab_write_sometimes(s);
        if (ab->queue.size == 0) {
            rest(ab);
            continue;
        }
        struct mia__buf empty = samples;
        samples = ab->queue;
        empty.size = 0;
        ab->queue = empty;
        for (size_t at = 0; at < samples.size && !ab->is_stopped;) {
            pthread_mutex_unlock(&ab->lock);
            do_some(s, &samples, &at);
            pthread_mutex_lock(&ab->lock);
            mia__shadow_ab_write_sometimes(s);
        }
    }
    pthread_mutex_unlock(&ab->lock);
    end_report(ab);
    mia__shadow_ab_write(s);
    mia__buf_free(&samples);
    return NULL;
}

mia_status mia__shadow_ab_run(struct mia__shadow *s, struct mia_error *err)
{
    int failed = pthread_create(&s->ab.thread, NULL, run, s);
    if (failed != 0) {
        end_report(&s->ab);
        return mia__fail_errno(err, failed, "%s: cannot start the thread that compares reads",
                               s->path);
    }
    s->ab.has_thread = true;
    return MIA_OK;
}
