/* ab/workload.c - operations made from a sample of keys */
#include "ab/plan.h"

#include "ab/random.h"
#include "ab/zipf.h"
#include "base/error.h"
#include "base/try.h"
#include "mia/index.h"
#include "model/table.h"

#include <stdio.h>

enum {
    OPERATIONS_DEFAULT = 120000,
    ONE_ABSENT_IN = 50,
    SCAN_LEAST = 10,
    SCAN_MOST = 100,
    NEAREST = 10
};

struct making {
    struct mia__ab_plan *plan;
    const struct mia_ab_options *opt;
    struct mia__ab_sample sample;
    struct mia__ab_zipf zipf;
    struct mia__ab_random random;
    /* Of mixed workloads: operations that inserted what was not deleted since. */
    size_t *inserted;
    size_t inserted_count;
    uint64_t fresh; /* numbers given to new keys */
};

/* An operation on a key of the sample. Its lane goes by that key. */
static struct mia__ab_op draw(struct making *m, enum mia__ab_op_kind kind)
{
    uint64_t rank = mia__ab_zipf_next(&m->zipf, &m->random);
    const struct mia__ab_key *key = &m->sample.keys[rank];
    return (struct mia__ab_op){.kind = (uint8_t)kind,
                               .tree = key->tree,
                               .lane = (uint32_t)mia__ab_mix(rank + 1),
                               .key = key->key};
}

/* key, "~" and a number: no key of the database, as far as people name things. */
static mia_status keep_new_key(struct making *m, struct mia__ab_span base, struct mia__ab_span *key,
                               struct mia_error *err)
{
    mia_status rc;
    char text[24];
    struct mia__buf *bytes = &m->plan->bytes;
    int size = snprintf(text, sizeof text, "~%llu", (unsigned long long)++m->fresh);
    TRY(mia__buf_reserve(bytes, bytes->size + base.size + sizeof text, err));
    key->at = bytes->size;
    key->size = base.size + (uint64_t)size;
    TRY(mia__buf_append(bytes, bytes->data + base.at, base.size, err));
    TRY(mia__buf_append(bytes, text, (size_t)size, err));
done:
    return rc;
}

static mia_status add_get(struct making *m, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    struct mia__ab_op op = draw(m, MIA__AB_GET);
    if (m->inserted_count > 0 && mia__ab_below(&m->random, 20) == 0) {
        uint64_t one = mia__ab_below(&m->random, m->inserted_count);
        op = m->plan->ops[m->inserted[one]];
        op.kind = MIA__AB_GET;
        op.value = (struct mia__ab_span){0};
    } else if (mia__ab_below(&m->random, ONE_ABSENT_IN) == 0) {
        TRY(keep_new_key(m, op.key, &op.key, err));
    }
    rc = mia__ab_plan_add(m->plan, &op, err);
done:
    return rc;
}

static mia_status add_insert(struct making *m, struct mia_error *err)
{
    mia_status rc;
    struct mia__ab_op op = draw(m, MIA__AB_INSERT);
    op.value = op.key;
    TRY(keep_new_key(m, op.key, &op.key, err));
    m->inserted[m->inserted_count++] = m->plan->count;
    rc = mia__ab_plan_add(m->plan, &op, err);
done:
    return rc;
}

static mia_status add_delete(struct making *m, struct mia_error *err)
{
    uint64_t one = mia__ab_below(&m->random, m->inserted_count);
    struct mia__ab_op op = m->plan->ops[m->inserted[one]];
    op.kind = MIA__AB_DELETE;
    op.value = (struct mia__ab_span){0};
    m->inserted[one] = m->inserted[--m->inserted_count];
    return mia__ab_plan_add(m->plan, &op, err);
}

static mia_status add_mixed(struct making *m, struct mia_error *err)
{
    uint64_t percent = mia__ab_below(&m->random, 100);
    if (percent < 80)
        return add_get(m, err);
    if (percent >= 95 && m->inserted_count > 0)
        return add_delete(m, err);
    if (percent >= 90)
        return add_insert(m, err);
    struct mia__ab_op op = draw(m, MIA__AB_CHANGE);
    op.extra = (uint32_t)(mia__ab_next(&m->random) | 1); /* by how much it changes */
    return mia__ab_plan_add(m->plan, &op, err);
}

static mia_status add_one(struct making *m, struct mia_error *err)
{
    struct mia__ab_op op;
    switch (m->opt->workload) {
    case MIA_AB_READ:
        return add_get(m, err);
    case MIA_AB_MIXED:
        return add_mixed(m, err);
    case MIA_AB_SCAN:
        op = draw(m, MIA__AB_SCAN);
        op.limit = SCAN_LEAST + (uint32_t)mia__ab_below(&m->random, SCAN_MOST - SCAN_LEAST + 1);
        break;
    case MIA_AB_GRAPH:
        op = draw(m, MIA__AB_NEIGHBOURS);
        op.extra = mia__ab_below(&m->random, 2) ? MIA_DIRECTION_OUT : MIA_DIRECTION_IN;
        break;
    case MIA_AB_VECTOR:
        op = draw(m, MIA__AB_SEARCH);
        op.limit = NEAREST;
        break;
    case MIA_AB_WORKLOADS:
    default:
        return mia__fail(err, MIA_ERR_INVALID, "no such workload: %d", (int)m->opt->workload);
    }
    return mia__ab_plan_add(m->plan, &op, err);
}

static mia_slice only_tree(enum mia_ab_workload workload)
{
    if (workload == MIA_AB_GRAPH)
        return mia_bytes_of(mia__table_name(MIA__TABLE_NODES));
    if (workload == MIA_AB_VECTOR)
        return mia_bytes_of(mia__table_name(MIA__TABLE_EMBEDDINGS));
    return (mia_slice){0};
}

mia_status mia__ab_plan_make(struct mia__ab_plan *plan, const struct mia_ab_options *opt,
                             struct mia_error *err)
{
    mia_status rc;
    uint64_t seed = opt->seed > 0 ? opt->seed : 1;
    uint64_t count = opt->operations > 0 ? opt->operations : OPERATIONS_DEFAULT;
    struct making m = {.plan = plan, .opt = opt, .random = {seed}};
    if (!plan->is_store && only_tree(opt->workload).data != NULL)
        return mia__fail(err, MIA_ERR_INVALID,
                         "%s and %s hold no records of MIA: there is no %s to ask for", opt->a,
                         opt->b, opt->workload == MIA_AB_GRAPH ? "graph" : "vector");
    TRY(mia__ab_sample_take(plan, opt->a, only_tree(opt->workload), opt, &m.random, &m.sample,
                            err));
    if (m.sample.count == 0) {
        rc = mia__fail(err, MIA_ERR_INVALID, "%s has nothing to ask for: no records%s%s", opt->a,
                       only_tree(opt->workload).data != NULL ? " in the tree " : "",
                       only_tree(opt->workload).data != NULL
                           ? (const char *)only_tree(opt->workload).data
                           : "");
        goto done;
    }
    m.zipf = mia__ab_zipf(m.sample.count, opt->skew);
    if (opt->workload == MIA_AB_MIXED)
        m.inserted = mia__alloc_array((size_t)count, sizeof *m.inserted);
    if (opt->workload == MIA_AB_MIXED && m.inserted == NULL) {
        rc = mia__fail_nomem(err);
        goto done;
    }
    for (uint64_t i = 0; i < count; i++)
        TRY(add_one(&m, err));
done:
    mia__free(m.sample.keys);
    mia__free(m.inserted);
    return rc;
}
