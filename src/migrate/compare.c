/* migrate/compare.c - a merge of two sorted streams, which can stop between any two pairs */
#include "migrate/compare.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/try.h"
#include "migrate/compare_pair.h"
#include "migrate/pipe.h"
#include "migrate/source.h"

enum { AT_ONCE = 64, TELL_EVERY = 4096 };

/* The key of the pair before: what comes must be above it. */
struct order {
    struct mia__buf last;
    bool has_last;
};

/* Pairs of the target's tree that is being compared. */
struct target {
    struct mia_pair pairs[AT_ONCE];
    uint8_t marks[AT_ONCE];
    size_t at, count;
    mia_source_cursor *cursor;
    struct order order;
    size_t next_tree;    /* by name */
    bool is_behind_stop; /* what is not above the place of the stop was judged before it */
};

/* The lines of the digest are made by the thread that reads the source; that spreads the work. */
struct lines {
    mia_source *source;
    struct mia__digest digest;
    size_t tree; /* whose name the lines begin with; SIZE_MAX: none */
};

struct merge {
    struct mia__compare *job;
    struct mia__comparer comparer;
    struct mia__digest digest; /* the sum of the lines */
    struct target target;
    struct order source_order;
    size_t source_tree; /* SIZE_MAX: none yet */
    bool is_left_out;
    uint64_t told_records, told_bytes, untold; /* to the meter; pairs since then */
    uint64_t left_out_bytes;                   /* read since then, not compared */
    double saved;                              /* when */
};

void mia__compare_state_free(struct mia__compare_state *state)
{
    mia__buf_free(&state->tree);
    mia__buf_free(&state->key);
}

static bool is_above(const struct order *order, mia_slice key)
{
    return !order->has_last || mia_slice_compare(key, mia__buf_slice(&order->last)) > 0;
}

static mia_status pass(struct order *order, mia_slice key, struct mia_error *err)
{
    order->has_last = true;
    return mia__buf_set(&order->last, key, err);
}

/* ---- the target's side */

static mia_status fill_target(struct merge *m, struct mia_error *err)
{
    struct target *t = &m->target;
    if (t->at < t->count)
        return MIA_OK;
    t->at = t->count = 0;
    if (t->cursor == NULL)
        return MIA_NOTFOUND;
    return mia__source_cursor_next_marked(t->cursor, t->pairs, t->marks, AT_ONCE, &t->count, err);
}

static struct mia__marked target_value(const struct target *t)
{
    return (struct mia__marked){t->pairs[t->at].value, t->marks[t->at]};
}

/* Makes the target's current pair available. One that is out of order is told and passed over: that
 * it has no counterpart where it stands is no difference of its own. MIA_NOTFOUND: its tree is
 * exhausted. */
static mia_status peek_target(struct merge *m, struct mia_error *err)
{
    mia_status rc;
    struct target *t = &m->target;
    for (;;) {
        TRY(fill_target(m, err));
        if (rc == MIA_NOTFOUND || is_above(&t->order, t->pairs[t->at].key))
            break;
        struct mia__marked value = target_value(t);
        if (!t->is_behind_stop)
            TRY(mia__tell_difference(&m->comparer, MIA_DIFF_ORDER, MIA_SIDE_TARGET,
                                     t->pairs[t->at].key, NULL, &value, err));
        t->at++;
    }
    t->is_behind_stop = false;
done:
    return rc;
}

static mia_status open_target(struct merge *m, size_t tree, struct mia_error *err)
{
    struct target *t = &m->target;
    t->at = t->count = 0;
    t->order.has_last = false;
    return mia_source_cursor_open(m->job->target, tree, &t->cursor, err);
}

/* ---- places where it can stop */

/* Both sides are compared up to the larger of their last keys. */
static mia_status note_place(struct merge *m, struct mia_error *err)
{
    mia_status rc;
    struct mia__compare_state *state = &m->job->state;
    const struct order *source = &m->source_order, *target = &m->target.order;
    TRY(peek_target(m, err)); /* what is out of order behind this place belongs before it */
    const struct order *further = source;
    if (target->has_last && is_above(source, mia__buf_slice(&target->last)))
        further = target;
    state->has_tree = true;
    state->has_key = further->has_last;
    TRY(mia__buf_set(&state->tree, m->comparer.tree, err));
    TRY(mia__buf_set(&state->key, mia__buf_slice(&further->last), err));
    mia__sha256_save(m->digest.all, state->digest);
    rc = MIA_OK;
done:
    return rc;
}

static mia_status save(struct merge *m, struct mia_error *err)
{
    mia_status rc = note_place(m, err);
    if (rc == MIA_OK)
        m->job->save(m->job->save_ctx, &m->job->state);
    m->saved = mia__seconds();
    return rc;
}

/* Tells the meter; saves if it is time, and if the answer is to stop. */
static mia_status rest(struct merge *m, struct mia_error *err)
{
    struct mia__compare *job = m->job;
    uint64_t bytes = job->state.key_bytes + job->state.value_bytes;
    mia_status rc = mia__meter_add(job->meter, job->state.records - m->told_records,
                                   bytes - m->told_bytes, err);
    if (rc == MIA_OK && m->left_out_bytes > 0)
        rc = mia__meter_pace(job->meter, m->left_out_bytes, err);
    m->left_out_bytes = 0;
    m->told_records = job->state.records;
    m->told_bytes = bytes;
    m->untold = 0;
    if (job->save == NULL || (rc < 0 && rc != MIA_ERR_CANCELLED))
        return rc;
    if (rc == MIA_OK && mia__seconds() - m->saved < job->save_seconds)
        return rc;
    mia_status saved = save(m, rc < 0 ? NULL : err);
    return rc < 0 ? rc : saved;
}

static mia_status rest_now_and_then(struct merge *m, struct mia_error *err)
{
    return ++m->untold < TELL_EVERY ? MIA_OK : rest(m, err);
}

/* ---- trees */

/* The target's current pair has no counterpart. */
static mia_status tell_extra(struct merge *m, struct mia_error *err)
{
    mia_status rc;
    struct target *t = &m->target;
    struct mia__marked value = target_value(t);
    mia_slice key = t->pairs[t->at].key;
    TRY(mia__tell_alone(&m->comparer, MIA_SIDE_TARGET, key, &value, err));
    TRY(pass(&t->order, key, err));
    t->at++;
    rc = rest_now_and_then(m, err);
done:
    return rc;
}

static mia_status drain_target(struct merge *m, struct mia_error *err)
{
    mia_status rc;
    struct target *t = &m->target;
    for (;;) {
        TRY(peek_target(m, err));
        if (rc == MIA_NOTFOUND)
            break;
        TRY(tell_extra(m, err));
    }
    rc = MIA_OK;
done:
    mia_source_cursor_close(t->cursor);
    t->cursor = NULL;
    return rc;
}

/* What the tree's name says of its values. */
static void name_tree(struct merge *m, mia_slice name)
{
    const struct mia__compare *job = m->job;
    struct mia__comparer *c = &m->comparer;
    bool is_derived = mia__tree_is_derived(name);
    c->tree = name;
    c->is_table = (job->typed || job->values) && mia__table_find(name, &c->table);
    c->is_set = job->values && is_derived;
    m->is_left_out = job->typed && is_derived;
    m->source_order.has_last = false;
    m->target.order.has_last = false;
}

/* Ends the tree that was being compared and all of the target's trees below `name` (NULL: all that
 * are left), whose pairs are extra; opens the target's tree of that name if it has one. */
static mia_status enter_tree(struct merge *m, const mia_slice *name, struct mia_error *err)
{
    mia_status rc;
    int order = -1;
    struct target *t = &m->target;
    mia_source *target = m->job->target;
    TRY(drain_target(m, err));
    while (order < 0 && t->next_tree < mia_source_tree_count(target)) {
        mia_slice candidate = mia_source_tree_name(target, t->next_tree);
        order = name != NULL ? mia_slice_compare(candidate, *name) : -1;
        if (order > 0)
            break;
        name_tree(m, candidate);
        if (!m->is_left_out)
            TRY(open_target(m, t->next_tree, err));
        t->next_tree++;
        if (order < 0)
            TRY(drain_target(m, err));
    }
    if (name == NULL)
        goto done;
    name_tree(m, *name);
done:
    return rc;
}

/* ---- pairs */

/* Advances the target to the first key >= the source's, and judges the pair. */
static mia_status judge(struct merge *m, mia_slice key, const struct mia__marked *source,
                        struct mia_error *err)
{
    mia_status rc;
    struct target *t = &m->target;
    for (;;) {
        TRY(peek_target(m, err));
        int order = rc == MIA_OK ? mia_slice_compare(t->pairs[t->at].key, key) : 1;
        if (order > 0) {
            rc = mia__tell_alone(&m->comparer, MIA_SIDE_SOURCE, key, source, err);
            break;
        }
        if (order == 0) {
            struct mia__marked target = target_value(t);
            TRY(mia__compare_values(&m->comparer, key, source, &target, err));
            TRY(pass(&t->order, key, err));
            t->at++;
            break;
        }
        TRY(tell_extra(m, err));
    }
done:
    return rc;
}

static mia_status compare_pair(struct merge *m, const struct mia_pair *pair, uint8_t mark,
                               mia_slice line, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    struct mia__compare_state *state = &m->job->state;
    struct mia__marked source = {pair->value, mark};
    if (!is_above(&m->source_order, pair->key))
        TRY(mia__tell_difference(&m->comparer, MIA_DIFF_ORDER, MIA_SIDE_SOURCE, pair->key, &source,
                                 NULL, err));
    else if (!m->is_left_out)
        TRY(judge(m, pair->key, &source, err));
    TRY(pass(&m->source_order, pair->key, err));
    TRY(mia__sha256_add(m->digest.all, line, err));
    if (m->is_left_out) {
        state->left_out_records++;
        m->left_out_bytes += pair->key.size + pair->value.size;
    } else {
        state->records++;
        state->key_bytes += pair->key.size;
        state->value_bytes += pair->value.size;
    }
done:
    return rc;
}

static mia_status run_merge(struct merge *m, struct mia__pipe *pipe, struct mia_error *err)
{
    mia_status rc;
    for (;;) {
        const struct mia__chunk *chunk;
        rc = mia__pipe_next(pipe, &chunk, err);
        m->job->has_source_failed = rc < 0;
        TRY(rc);
        if (rc == MIA_NOTFOUND)
            break;
        if (chunk->tree != m->source_tree) {
            m->source_tree = chunk->tree;
            mia_slice name = mia_source_tree_name(m->job->source, chunk->tree);
            TRY(enter_tree(m, &name, err));
        }
        for (size_t i = 0; i < chunk->count; i++)
            TRY(compare_pair(m, &chunk->pairs[i], chunk->marks[i], mia__chunk_note(chunk, i), err));
        TRY(rest(m, err));
    }
    TRY(enter_tree(m, NULL, err));
    rc = mia__digest_end(&m->digest, m->job->digest, err);
done:
    return rc;
}

/* ---- going on */

/* The first tree whose name is not below this one. */
static size_t find_tree(const mia_source *source, mia_slice name, bool *is_there)
{
    size_t i = 0;
    int order = -1;
    while (i < mia_source_tree_count(source) &&
           (order = mia_slice_compare(mia_source_tree_name(source, i), name)) < 0)
        i++;
    *is_there = i < mia_source_tree_count(source) && order == 0;
    return i;
}

static mia_status go_on_in_target(struct merge *m, mia_slice key, struct mia_error *err)
{
    mia_status rc;
    struct target *t = &m->target;
    TRY(open_target(m, t->next_tree++, err));
    if (!m->job->state.has_key)
        goto done;
    TRY(mia_source_cursor_seek(t->cursor, key, err));
    TRY(pass(&t->order, key, err));
    t->is_behind_stop = true;
done:
    return rc;
}

/* Puts both sides where the state says. *tree: where the source is to be read from, behind the
 * state's key if *is_there. */
static mia_status go_on(struct merge *m, size_t *tree, bool *is_there, struct mia_error *err)
{
    mia_status rc;
    bool in_target;
    struct mia__compare *job = m->job;
    struct mia__compare_state *state = &job->state;
    mia_slice name = mia__buf_slice(&state->tree), key = mia__buf_slice(&state->key);
    TRY(mia__sha256_restore(m->digest.all, state->digest, err));
    *tree = find_tree(job->source, name, is_there);
    m->target.next_tree = find_tree(job->target, name, &in_target);
    if (!*is_there && !in_target)
        return mia__fail(err, MIA_ERR_INVALID, "neither database has the tree it stopped in");
    name_tree(m, *is_there ? mia_source_tree_name(job->source, *tree)
                           : mia_source_tree_name(job->target, m->target.next_tree));
    if (*is_there) {
        m->source_tree = *tree;
        if (state->has_key)
            TRY(pass(&m->source_order, key, err));
    }
    if (in_target && !m->is_left_out)
        TRY(go_on_in_target(m, key, err));
    job->meter->now.records_done = m->told_records = state->records;
    job->meter->now.bytes_done = m->told_bytes = state->key_bytes + state->value_bytes;
done:
    return rc;
}

static mia_status make_line(void *ctx, size_t tree, const struct mia_pair *pair,
                            struct mia__buf *to, struct mia_error *err)
{
    mia_status rc;
    struct lines *lines = ctx;
    if (lines->tree != tree)
        TRY(mia__digest_tree(&lines->digest, mia_source_tree_name(lines->source, tree), err));
    lines->tree = tree;
    TRY(mia__digest_line(&lines->digest, pair->key, pair->value, err));
    rc = mia__buf_append(to, lines->digest.line.data, lines->digest.line.size, err);
done:
    return rc;
}

mia_status mia__compare(struct mia__compare *job, struct mia_error *err)
{
    mia_status rc;
    size_t tree = 0;
    bool is_there = false;
    struct mia__pipe *pipe = NULL;
    struct lines lines = {.source = job->source, .tree = SIZE_MAX};
    struct mia__pipe_filter filter = {.ctx = &lines, .is_tolerant = true, .note = make_line};
    struct merge m = {.job = job, .comparer.job = job, .source_tree = SIZE_MAX};
    mia_slice behind = mia__buf_slice(&job->state.key);
    job->trees = mia_source_tree_count(job->source);
    m.saved = mia__seconds();
    TRY(mia__digest_open(&m.digest, err));
    TRY(mia__digest_open(&lines.digest, err));
    if (job->state.has_tree)
        TRY(go_on(&m, &tree, &is_there, err));
    TRY(mia__pipe_open(job->source, tree, is_there && job->state.has_key ? &behind : NULL, &filter,
                       &pipe, err));
    rc = run_merge(&m, pipe, err);
done:
    mia__pipe_close(pipe);
    mia_source_cursor_close(m.target.cursor);
    mia__buf_free(&m.target.order.last);
    mia__buf_free(&m.source_order.last);
    mia__comparer_free(&m.comparer);
    mia__digest_close(&m.digest);
    mia__digest_close(&lines.digest);
    return rc;
}
