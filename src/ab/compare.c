/* ab/compare.c - are these the same answers? */
#include "ab/tally.h"

#include "base/error.h"
#include "base/try.h"

/* What B's answer is beside A's; false: the same. */
static bool differs(const struct mia__ab_op *op, const struct mia__ab_answer *a,
                    const struct mia__ab_answer *b, enum mia_ab_mismatch_class *how)
{
    bool is_list =
        op->kind == MIA__AB_SCAN || op->kind == MIA__AB_NEIGHBOURS || op->kind == MIA__AB_PROPERTY;
    if (a->status == b->status && a->print == b->print && a->items == b->items)
        return false;
    if (a->status < 0 || b->status < 0)
        *how = MIA_AB_FAILED;
    else if (a->status != b->status)
        *how = a->status == MIA_OK ? MIA_AB_ONLY_A : MIA_AB_ONLY_B;
    else
        *how = is_list ? MIA_AB_LIST : MIA_AB_VALUE;
    return true;
}

static uint64_t common_hits(const uint32_t *a, const uint32_t *b, uint64_t *of_a)
{
    uint64_t common = 0;
    for (size_t i = 0; i < MIA__AB_NEAREST && a[i] != 0; i++) {
        *of_a += 1;
        for (size_t j = 0; j < MIA__AB_NEAREST; j++)
            if (b[j] == a[i]) {
                common++;
                break;
            }
    }
    return common;
}

static void compare_search(const struct mia__ab_process sides[MIA_AB_SIDES], uint64_t i,
                           struct mia_ab_report *report)
{
    uint64_t again = 0;
    const uint32_t *a = sides[MIA_AB_A].near + i * MIA__AB_NEAREST;
    report->searches++;
    report->hits_common +=
        common_hits(a, sides[MIA_AB_B].near + i * MIA__AB_NEAREST, &report->hits_a);
    report->hits_control +=
        common_hits(a, sides[MIA_AB_CONTROL].near + i * MIA__AB_NEAREST, &again);
}

static mia_status keep_slice(mia_slice bytes, mia_slice *kept, struct mia_error *err)
{
    void *copy = mia__alloc(bytes.size + 1);
    if (copy == NULL)
        return mia__fail_nomem(err);
    if (bytes.size > 0)
        memcpy(copy, bytes.data, bytes.size);
    *kept = (mia_slice){copy, bytes.size};
    return MIA_OK;
}

static mia_status note_mismatch(const struct mia__ab_plan *plan, uint64_t number,
                                const struct mia__ab_answer *a, const struct mia__ab_answer *b,
                                enum mia_ab_mismatch_class how, struct mia_ab_report *report,
                                struct mia_error *err)
{
    mia_status rc;
    const struct mia__ab_op *op = &plan->ops[number];
    struct mia_ab_mismatch *m = &report->first[report->first_count];
    report->mismatches[how]++;
    if (report->first_count == MIA_AB_MISMATCHES_KEPT)
        return MIA_OK;
    *m = (struct mia_ab_mismatch){.mismatch = how,
                                  .operation = number,
                                  .kind = mia__ab_op_name((enum mia__ab_op_kind)op->kind),
                                  .a = (mia_status)a->status,
                                  .b = (mia_status)b->status};
    report->first_count++;
    TRY(keep_slice(mia__ab_bytes(plan, plan->trees[op->tree]), &m->tree, err));
    TRY(keep_slice(mia__ab_bytes(plan, op->key), &m->key, err));
done:
    return rc;
}

mia_status mia__ab_compare(const struct mia__ab_plan *plan, struct mia__ab_command what,
                           const struct mia__ab_process sides[MIA_AB_SIDES],
                           struct mia_ab_report *report, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    enum mia_ab_mismatch_class how;
    for (uint64_t i = 0; i < what.count; i++) {
        const struct mia__ab_op *op = &plan->ops[what.first + i];
        const struct mia__ab_answer *a = &sides[MIA_AB_A].answers[i];
        const struct mia__ab_answer *b = &sides[MIA_AB_B].answers[i];
        report->compared++;
        if (op->kind == MIA__AB_SEARCH && a->status >= 0 && b->status >= 0) {
            compare_search(sides, i, report);
            continue;
        }
        report->unsteady += differs(op, a, &sides[MIA_AB_CONTROL].answers[i], &how);
        if (differs(op, a, b, &how))
            TRY(note_mismatch(plan, what.first + i, a, b, how, report, err));
    }
    rc = MIA_OK;
done:
    return rc;
}
