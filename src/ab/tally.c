/* ab/tally.c - latencies of the rounds into histograms, curves and ratios */
#include "ab/tally.h"

#include "ab/statistics.h"
#include "base/error.h"
#include "base/try.h"
#include "latency/latency.h"
#include "mia_native.h"

#include <math.h>

enum { SLICES = 4, POINTS = 160 }; /* of a round; of a curve */

mia_status mia__ab_tally_begin(struct mia__ab_tally *tally, const struct mia__ab_plan *plan,
                               uint32_t rounds, uint32_t threads, struct mia_ab_report *report,
                               struct mia_error *err)
{
    mia_status rc;
    *tally = (struct mia__ab_tally){
        .plan = plan, .rounds = rounds, .threads = threads, .report = report};
    TRY(mia_hist_create(&tally->round, err));
    for (int who = 0; who < MIA_AB_SIDES; who++) {
        struct mia_ab_side *side = &report->sides[who];
        TRY(mia_hist_create(&tally->all[who], err));
        side->slices = mia__alloc_array((size_t)rounds * SLICES, sizeof *side->slices);
        rc = side->slices != NULL ? MIA_OK : mia__fail_nomem(err);
        for (int m = 0; m < MIA_AB_MEASURES && rc == MIA_OK; m++) {
            tally->values[who][m] = mia__alloc_array(rounds, sizeof(double));
            rc = tally->values[who][m] != NULL ? MIA_OK : mia__fail_nomem(err);
        }
        TRY(rc);
    }
done:
    return rc;
}

void mia__ab_tally_free(struct mia__ab_tally *tally)
{
    mia_hist_free(tally->round);
    for (int who = 0; who < MIA_AB_SIDES; who++) {
        mia_hist_free(tally->all[who]);
        for (int kind = 0; kind < MIA__AB_OPS; kind++)
            mia_hist_free(tally->kinds[who][kind]);
        for (int m = 0; m < MIA_AB_MEASURES; m++)
            mia__free(tally->values[who][m]);
    }
}

static void add_slice(struct mia__ab_tally *tally, enum mia_ab_who who, uint32_t round,
                      const struct mia__ab_answer *answers, uint64_t count)
{
    double sum = 0;
    struct mia_ab_side *side = &tally->report->sides[who];
    for (uint64_t i = 0; i < count; i++)
        sum += (double)answers[i].ns;
    if (count == 0 || sum <= 0)
        return;
    side->slices[side->slice_count++] = (struct mia_ab_slice){
        .seconds = (double)(answers[count / 2].began_ns - tally->begin_ns) / 1e9,
        .rate = (double)count * tally->threads / sum * 1e9,
        .round = round};
}

mia_status mia__ab_tally_add(struct mia__ab_tally *tally, enum mia_ab_who who, uint32_t round,
                             const struct mia__ab_process *p, struct mia__ab_command what,
                             struct mia_error *err)
{
    mia_status rc = MIA_OK;
    double **values = tally->values[who];
    mia_hist_reset(tally->round);
    for (uint64_t i = 0; i < what.count; i++) {
        const struct mia__ab_op *op = &tally->plan->ops[what.first + i];
        void **kind = &tally->kinds[who][op->kind];
        if (*kind == NULL)
            TRY(mia_hist_create(kind, err));
        mia_hist_record(*kind, p->answers[i].ns);
        mia_hist_record(tally->round, p->answers[i].ns);
    }
    mia_hist_add(tally->all[who], tally->round);
    values[MIA_AB_MEDIAN][round] = (double)mia_hist_quantile(tally->round, 0.5);
    values[MIA_AB_P99][round] = (double)mia_hist_quantile(tally->round, 0.99);
    values[MIA_AB_P999][round] = (double)mia_hist_quantile(tally->round, 0.999);
    values[MIA_AB_MEAN][round] = mia_hist_mean(tally->round);
    for (uint64_t s = 0; s < SLICES; s++) {
        uint64_t from = what.count * s / SLICES, to = what.count * (s + 1) / SLICES;
        add_slice(tally, who, round, p->answers + from, to - from);
    }
done:
    return rc;
}

/* Points at equal distances of the logarithm, from the least to the greatest value. */
static mia_status draw_curve(const void *hist, struct mia_ab_side *side, struct mia_error *err)
{
    double low = log((double)side->latency.min), high = log((double)side->latency.max);
    side->curve = mia__alloc_array(POINTS, sizeof *side->curve);
    if (side->curve == NULL)
        return mia__fail_nomem(err);
    for (int i = 0; i < POINTS; i++) {
        uint64_t ns = (uint64_t)ceil(exp(low + (high - low) * i / (POINTS - 1)));
        if (side->curve_count > 0 && side->curve[side->curve_count - 1].ns == ns)
            continue;
        double share = (double)mia_hist_count_up_to(hist, ns) / (double)side->latency.count;
        side->curve[side->curve_count++] = (struct mia_ab_point){ns, share};
    }
    side->curve[side->curve_count - 1].share = 1;
    return MIA_OK;
}

static mia_status list_kinds(struct mia__ab_tally *tally, struct mia_error *err)
{
    struct mia_ab_report *r = tally->report;
    r->kinds = mia__alloc_array(MIA__AB_OPS, sizeof *r->kinds);
    if (r->kinds == NULL)
        return mia__fail_nomem(err);
    for (int kind = 0; kind < MIA__AB_OPS; kind++) {
        if (tally->kinds[MIA_AB_A][kind] == NULL)
            continue;
        struct mia_ab_kind *k = &r->kinds[r->kind_count++];
        k->name = mia__ab_op_name((enum mia__ab_op_kind)kind);
        for (int who = 0; who < MIA_AB_SIDES; who++)
            k->sides[who] = mia__latency_of(tally->kinds[who][kind]);
    }
    return MIA_OK;
}

/* Overwrites the values of the control and of B by their ratios to A's. */
static void compare_rounds(struct mia__ab_tally *tally)
{
    for (int m = 0; m < MIA_AB_MEASURES; m++) {
        double *a = tally->values[MIA_AB_A][m], *b = tally->values[MIA_AB_B][m];
        double *control = tally->values[MIA_AB_CONTROL][m];
        for (uint32_t i = 0; i < tally->rounds; i++) {
            b[i] /= a[i];
            control[i] /= a[i];
        }
        tally->report->changes[m] = mia__ab_change(b, control, tally->rounds);
    }
    mia__ab_median_rank(tally->rounds, 0.95, &tally->report->confidence);
}

mia_status mia__ab_tally_finish(struct mia__ab_tally *tally, struct mia_error *err)
{
    mia_status rc;
    for (int who = 0; who < MIA_AB_SIDES; who++) {
        struct mia_ab_side *side = &tally->report->sides[who];
        side->latency = mia__latency_of(tally->all[who]);
        side->rate = tally->threads * 1e9 / side->latency.mean;
        TRY(draw_curve(tally->all[who], side, err));
    }
    TRY(list_kinds(tally, err));
    compare_rounds(tally);
done:
    return rc;
}
