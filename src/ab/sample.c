/* ab/sample.c - keys out of a database, each as likely as the other */
#include "ab/plan.h"

#include "ab/random.h"
#include "base/error.h"
#include "base/try.h"
#include "mia/source.h"
#include "model/table.h"

enum { AT_ONCE = 256, RECORDS_DEFAULT = 100000 };

struct taking {
    struct mia__ab_plan *plan;
    const struct mia_ab_options *opt;
    struct mia__ab_random *random;
    struct mia__ab_sample *sample;
    size_t wanted;
    uint64_t seen;
};

/* A reservoir: the n-th key stays with the probability wanted / n. */
static mia_status offer(struct taking *t, uint8_t tree, mia_slice key, struct mia_error *err)
{
    size_t place = t->sample->count;
    t->seen++;
    if (place == t->wanted) {
        uint64_t drawn = mia__ab_below(t->random, t->seen);
        if (drawn >= t->wanted)
            return MIA_OK;
        place = (size_t)drawn;
    } else {
        t->sample->count++;
    }
    t->sample->keys[place].tree = tree;
    return mia__ab_plan_keep(t->plan, key, &t->sample->keys[place].key, err);
}

static bool goes_on(const struct taking *t, struct mia_error *err)
{
    struct mia_progress progress = {.phase = "keys", .records_done = t->seen};
    if (t->opt->progress == NULL || t->opt->progress(t->opt->progress_ctx, &progress))
        return true;
    mia__fail(err, MIA_ERR_CANCELLED, "stopped while keys were drawn from %s", t->opt->a);
    return false;
}

static mia_status take_tree(struct taking *t, mia_source *source, size_t index,
                            struct mia_error *err)
{
    mia_status rc;
    mia_source_cursor *cur = NULL;
    struct mia_pair pairs[AT_ONCE];
    size_t n;
    uint8_t tree;
    TRY(mia__ab_plan_tree(t->plan, mia_source_tree_name(source, index), &tree, err));
    TRY(mia_source_cursor_open(source, index, &cur, err));
    while ((rc = mia_source_cursor_next(cur, pairs, AT_ONCE, &n, err)) == MIA_OK) {
        for (size_t i = 0; i < n; i++)
            TRY(offer(t, tree, pairs[i].key, err));
        if (!goes_on(t, err)) {
            rc = MIA_ERR_CANCELLED;
            goto done;
        }
    }
done:
    mia_source_cursor_close(cur);
    return rc < 0 ? rc : MIA_OK;
}

static bool is_wanted(const struct mia__ab_plan *plan, mia_slice name, mia_slice only)
{
    enum mia__table table;
    if (only.data != NULL)
        return mia_slice_equal(name, only);
    return !plan->is_store || mia__table_find(name, &table);
}

static void shuffle(struct mia__ab_sample *sample, struct mia__ab_random *random)
{
    for (size_t i = sample->count; i > 1; i--) {
        size_t j = (size_t)mia__ab_below(random, i);
        struct mia__ab_key key = sample->keys[j];
        sample->keys[j] = sample->keys[i - 1];
        sample->keys[i - 1] = key;
    }
}

mia_status mia__ab_sample_take(struct mia__ab_plan *plan, const char *path, mia_slice only,
                               const struct mia_ab_options *opt, struct mia__ab_random *random,
                               struct mia__ab_sample *sample, struct mia_error *err)
{
    mia_status rc;
    mia_source *source = NULL;
    struct taking t = {.plan = plan, .opt = opt, .random = random, .sample = sample};
    *sample = (struct mia__ab_sample){0};
    t.wanted = opt->records > 0 ? (size_t)opt->records : RECORDS_DEFAULT;
    sample->keys = mia__alloc_array(t.wanted, sizeof *sample->keys);
    if (sample->keys == NULL)
        return mia__fail_nomem(err);
    TRY(mia_source_open(path, NULL, &source, err));
    if (rc == MIA_NOTFOUND) {
        rc = mia__fail(err, MIA_ERR_INVALID, "%s does not exist", path);
        goto done;
    }
    for (size_t i = 0; i < mia_source_tree_count(source); i++)
        if (is_wanted(plan, mia_source_tree_name(source, i), only))
            TRY(take_tree(&t, source, i, err));
    rc = MIA_OK;
    shuffle(sample, random);
    plan->keys = sample->count;
done:
    mia_source_close(source);
    return rc;
}
