/*
 * ab/tally.h - what the rounds add up to: latencies of every side, answers compared
 */
#ifndef MIA_AB_TALLY_H
#define MIA_AB_TALLY_H

#include "ab/process.h"

struct mia__ab_tally {
    const struct mia__ab_plan *plan;
    uint32_t rounds, threads;
    uint64_t begin_ns; /* of the first round */
    void *all[MIA_AB_SIDES];
    void *kinds[MIA_AB_SIDES][MIA__AB_OPS]; /* NULL: there was none of that kind */
    void *round;                            /* of the round that is being added */
    /* [measure][round] of each side; latencies in ns */
    double *values[MIA_AB_SIDES][MIA_AB_MEASURES];
    struct mia_ab_report *report; /* where mismatches and slices go at once */
};

/* rounds: of the most that will be added. */
mia_status mia__ab_tally_begin(struct mia__ab_tally *tally, const struct mia__ab_plan *plan,
                               uint32_t rounds, uint32_t threads, struct mia_ab_report *report,
                               struct mia_error *err);
void mia__ab_tally_free(struct mia__ab_tally *tally);
/* Adds the latencies of a round of one side. */
mia_status mia__ab_tally_add(struct mia__ab_tally *tally, enum mia_ab_who who, uint32_t round,
                             const struct mia__ab_process *p, struct mia__ab_command what,
                             struct mia_error *err);
/* Fills the report from what was added. */
mia_status mia__ab_tally_finish(struct mia__ab_tally *tally, struct mia_error *err);

/* compare.c. Compares the answers of the three sides to the same operations. */
mia_status mia__ab_compare(const struct mia__ab_plan *plan, struct mia__ab_command what,
                           const struct mia__ab_process sides[MIA_AB_SIDES],
                           struct mia_ab_report *report, struct mia_error *err);

#endif
