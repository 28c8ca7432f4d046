/* ab/plan.c - operations, keys and trees, collected */
#include "ab/plan.h"

#include "base/error.h"
#include "base/try.h"

static const struct op_type {
    const char *name;
    bool writes;
} op_types[] = {
#define OP_TYPE(code, name, writes) {name, writes},
    MIA__AB_OP_MAP(OP_TYPE)
#undef OP_TYPE
};

const char *mia__ab_op_name(enum mia__ab_op_kind kind)
{
    return op_types[kind].name;
}

bool mia__ab_op_writes(enum mia__ab_op_kind kind)
{
    return op_types[kind].writes;
}

void mia__ab_plan_free(struct mia__ab_plan *plan)
{
    mia__buf_free(&plan->bytes);
    mia__free(plan->ops);
    *plan = (struct mia__ab_plan){0};
}

mia_status mia__ab_plan_add(struct mia__ab_plan *plan, const struct mia__ab_op *op,
                            struct mia_error *err)
{
    if (plan->count == plan->capacity) {
        size_t more = plan->capacity > 0 ? 2 * plan->capacity : 1024;
        struct mia__ab_op *ops = mia__realloc(plan->ops, more * sizeof *ops);
        if (ops == NULL)
            return mia__fail_nomem(err);
        plan->ops = ops;
        plan->capacity = more;
    }
    plan->ops[plan->count++] = *op;
    plan->writes = plan->writes || mia__ab_op_writes((enum mia__ab_op_kind)op->kind);
    plan->searches = plan->searches || op->kind == MIA__AB_SEARCH;
    return MIA_OK;
}

mia_status mia__ab_plan_keep(struct mia__ab_plan *plan, mia_slice bytes, struct mia__ab_span *span,
                             struct mia_error *err)
{
    *span = (struct mia__ab_span){plan->bytes.size, bytes.size};
    return mia__buf_append(&plan->bytes, bytes.data, bytes.size, err);
}

mia_status mia__ab_plan_tree(struct mia__ab_plan *plan, mia_slice name, uint8_t *tree,
                             struct mia_error *err)
{
    mia_status rc;
    for (size_t i = 0; i < plan->tree_count; i++)
        if (mia_slice_equal(mia__ab_bytes(plan, plan->trees[i]), name)) {
            *tree = (uint8_t)i;
            return MIA_OK;
        }
    if (plan->tree_count == MIA__AB_TREES)
        return mia__fail(err, MIA_ERR_INVALID,
                         "operations on more than %d trees cannot be compared", MIA__AB_TREES);
    TRY(mia__ab_plan_keep(plan, name, &plan->trees[plan->tree_count], err));
    *tree = (uint8_t)plan->tree_count++;
done:
    return rc;
}
