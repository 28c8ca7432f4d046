/* migrate/compare.c - a merge of two sorted streams */
#include "migrate/compare.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/try.h"
#include "index/set.h"
#include "migrate/pipe.h"
#include "rkyv/transcode.h"

enum { AT_ONCE = 64 };

/* One side: pairs of the tree that is being compared. */
struct side {
    struct mia_pair pairs[AT_ONCE];
    size_t at, count;
    mia_source_cursor *cursor;
    struct mia__buf last; /* key of the pair before, over the end of a batch */
    bool has_last;
};

struct merge {
    struct mia__compare *job;
    struct mia__digest digest;
    struct side target;
    size_t target_tree; /* its next tree by name */
    mia_slice tree;     /* name of the tree that is being compared */
    struct mia__buf last_source;
    bool has_last_source;
    enum mia__table table; /* what the tree is, if is_table */
    bool is_table, is_left_out, is_set;
    struct mia__transcoder transcoder;
    struct mia__buf archives;
};

const char *mia_difference_text(enum mia_difference_class c)
{
    static const char *const texts[] = {
#define DIFFERENCE_TEXT(name, text) [name] = text,
        MIA_DIFFERENCE_MAP(DIFFERENCE_TEXT)
#undef DIFFERENCE_TEXT
    };
    return (size_t)c < sizeof texts / sizeof texts[0] ? texts[c] : "?";
}

const char *mia_finding_text(enum mia_finding_class c)
{
    static const char *const texts[] = {
#define FINDING_TEXT(name, text) [name] = text,
        MIA_FINDING_MAP(FINDING_TEXT)
#undef FINDING_TEXT
    };
    return (size_t)c < sizeof texts / sizeof texts[0] ? texts[c] : "?";
}

uint64_t mia__compare_total(const uint64_t differences[MIA_DIFF_CLASSES])
{
    uint64_t total = 0;
    for (size_t i = 0; i < MIA_DIFF_CLASSES; i++)
        total += differences[i];
    return total;
}

static void report(struct merge *m, enum mia_difference_class c, mia_slice key)
{
    m->job->differences[c]++;
    if (m->job->fn != NULL) {
        struct mia_difference d = {.difference = c, .tree = m->tree, .key = key};
        m->job->fn(m->job->fn_ctx, &d);
    }
}

static void find(struct merge *m, enum mia_finding_class c, mia_slice key)
{
    m->job->findings[c]++;
    if (m->job->finding != NULL) {
        struct mia_finding f = {.finding = c, .tree = m->tree, .key = key, .detail = ""};
        m->job->finding(m->job->finding_ctx, &f);
    }
}

/* Keys of one side must ascend. */
static mia_status note_order(struct merge *m, struct mia__buf *last, bool *has_last,
                             const struct mia_pair *pairs, size_t count, struct mia_error *err)
{
    for (size_t i = 0; i < count; i++) {
        mia_slice before = i > 0 ? pairs[i - 1].key : mia__buf_slice(last);
        if ((i > 0 || *has_last) && mia_slice_compare(before, pairs[i].key) >= 0)
            report(m, MIA_DIFF_ORDER, pairs[i].key);
    }
    *has_last = true;
    return mia__buf_set(last, pairs[count - 1].key, err);
}

/* Makes the target's current pair available; MIA_NOTFOUND: its tree is exhausted. */
static mia_status fill_target(struct merge *m, struct mia_error *err)
{
    struct side *t = &m->target;
    if (t->at < t->count)
        return MIA_OK;
    t->at = t->count = 0;
    if (t->cursor == NULL)
        return MIA_NOTFOUND;
    mia_status rc = mia_source_cursor_next(t->cursor, t->pairs, AT_ONCE, &t->count, err);
    if (rc == MIA_OK)
        rc = note_order(m, &t->last, &t->has_last, t->pairs, t->count, err);
    return rc;
}

/* The rest of the target's tree has no counterpart. */
static mia_status drain_target(struct merge *m, struct mia_error *err)
{
    mia_status rc;
    struct side *t = &m->target;
    for (;;) {
        TRY(fill_target(m, err));
        if (rc == MIA_NOTFOUND)
            break;
        while (t->at < t->count)
            report(m, MIA_DIFF_EXTRA, t->pairs[t->at++].key);
        TRY(mia__meter_add(m->job->meter, 0, 0, err));
    }
    rc = MIA_OK;
done:
    mia_source_cursor_close(t->cursor);
    t->cursor = NULL;
    return rc;
}

static mia_status open_target(struct merge *m, size_t tree, struct mia_error *err)
{
    m->target.at = m->target.count = 0;
    m->target.has_last = false;
    return mia_source_cursor_open(m->job->target, tree, &m->target.cursor, err);
}

/* Ends the tree that was being compared and all of the target's trees below `name` (NULL: all that
 * are left), whose pairs are extra; opens the target's tree of that name if it has one. */
static mia_status enter_tree(struct merge *m, const mia_slice *name, struct mia_error *err)
{
    mia_status rc;
    mia_source *target = m->job->target;
    TRY(drain_target(m, err));
    while (m->target_tree < mia_source_tree_count(target)) {
        mia_slice candidate = mia_source_tree_name(target, m->target_tree);
        int order = name != NULL ? mia_slice_compare(candidate, *name) : -1;
        if (order > 0)
            break;
        if (order < 0 && m->job->typed && mia__tree_is_derived(candidate)) {
            m->target_tree++;
            continue;
        }
        m->tree = candidate;
        TRY(open_target(m, m->target_tree++, err));
        if (order == 0)
            break;
        TRY(drain_target(m, err));
    }
    if (name == NULL)
        goto done;
    m->tree = *name;
    m->has_last_source = false;
    m->is_table = (m->job->typed || m->job->values) && mia__table_find(*name, &m->table);
    m->is_left_out = m->job->typed && mia__tree_is_derived(*name);
    m->is_set = m->job->values && mia__tree_is_derived(*name);
    TRY(mia__digest_tree(&m->digest, *name, err));
done:
    return rc;
}

/* Records that hold the same values have the same archive. */
static mia_status is_same_record(struct merge *m, mia_slice a, mia_slice b, bool *same,
                                 struct mia_error *err)
{
    mia_status rc;
    struct mia__transcoded ignored;
    struct mia__buf *archives = &m->archives;
    archives->size = 0;
    *same = false;
    TRY(mia__transcode(&m->transcoder, m->table, a, archives, &ignored, err));
    size_t first = archives->size;
    TRY(mia__transcode(&m->transcoder, m->table, b, archives, &ignored, err));
    *same = mia_slice_equal((mia_slice){archives->data, first},
                            (mia_slice){archives->data + first, archives->size - first});
done:
    return rc == MIA_ERR_SERIALIZATION ? MIA_OK : rc;
}

static mia_status compare_values(struct merge *m, const struct mia_pair *source, mia_slice target,
                                 struct mia_error *err)
{
    bool same = false;
    if (mia_slice_equal(target, source->value))
        return MIA_OK;
    mia_status rc = MIA_OK;
    if (m->is_table)
        rc = is_same_record(m, source->value, target, &same, err);
    else if (m->is_set)
        rc = mia__set_equal(source->value, target, &m->archives, &same, err);
    if (rc == MIA_OK && same)
        find(m, MIA_FINDING_RESPELLED, source->key);
    else if (rc == MIA_OK)
        report(m, MIA_DIFF_VALUE, source->key);
    return rc;
}

/* Advances the target to the first key >= the source's, and judges the pair. */
static mia_status judge(struct merge *m, const struct mia_pair *source, struct mia_error *err)
{
    mia_status rc;
    struct side *t = &m->target;
    for (;;) {
        TRY(fill_target(m, err));
        int order = rc == MIA_OK ? mia_slice_compare(t->pairs[t->at].key, source->key) : 1;
        if (order > 0) {
            report(m, MIA_DIFF_MISSING, source->key);
            break;
        }
        const struct mia_pair *target = &t->pairs[t->at++];
        if (order == 0) {
            TRY(compare_values(m, source, target->value, err));
            break;
        }
        report(m, MIA_DIFF_EXTRA, target->key);
    }
    rc = MIA_OK;
done:
    return rc;
}

static mia_status compare_chunk(struct merge *m, const struct mia__chunk *chunk,
                                struct mia_error *err)
{
    mia_status rc;
    TRY(note_order(m, &m->last_source, &m->has_last_source, chunk->pairs, chunk->count, err));
    for (size_t i = 0; i < chunk->count; i++) {
        if (!m->is_left_out)
            TRY(judge(m, &chunk->pairs[i], err));
        TRY(mia__digest_add(&m->digest, chunk->pairs[i].key, chunk->pairs[i].value, err));
    }
    uint64_t bytes = chunk->key_bytes + chunk->value_bytes;
    if (m->is_left_out) {
        m->job->left_out_records += chunk->count;
        TRY(mia__meter_add(m->job->meter, 0, 0, err));
        rc = mia__meter_pace(m->job->meter, bytes, err);
    } else {
        m->job->records += chunk->count;
        m->job->bytes += bytes;
        rc = mia__meter_add(m->job->meter, chunk->count, bytes, err);
    }
done:
    return rc;
}

static mia_status run_merge(struct merge *m, struct mia__pipe *pipe, struct mia_error *err)
{
    mia_status rc;
    size_t tree = SIZE_MAX;
    for (;;) {
        const struct mia__chunk *chunk;
        TRY(mia__pipe_next(pipe, &chunk, err));
        if (rc == MIA_NOTFOUND)
            break;
        if (chunk->tree != tree) {
            tree = chunk->tree;
            mia_slice name = mia_source_tree_name(m->job->source, tree);
            TRY(enter_tree(m, &name, err));
        }
        TRY(compare_chunk(m, chunk, err));
    }
    TRY(enter_tree(m, NULL, err));
    rc = mia__digest_end(&m->digest, m->job->digest, err);
done:
    return rc;
}

mia_status mia__compare(struct mia__compare *job, struct mia_error *err)
{
    mia_status rc;
    struct mia__pipe *pipe = NULL;
    struct merge m = {.job = job};
    job->trees = mia_source_tree_count(job->source);
    TRY(mia__digest_open(&m.digest, err));
    TRY(mia__pipe_open(job->source, 0, NULL, NULL, &pipe, err));
    rc = run_merge(&m, pipe, err);
done:
    mia__pipe_close(pipe);
    mia_source_cursor_close(m.target.cursor);
    mia__buf_free(&m.target.last);
    mia__buf_free(&m.last_source);
    mia__buf_free(&m.archives);
    mia__transcoder_free(&m.transcoder);
    mia__digest_close(&m.digest);
    return rc;
}
