/* ab/run.h - one comparison, from its options to its report */
#ifndef MIA_AB_RUN_H
#define MIA_AB_RUN_H

#include "ab/tally.h"

struct mia__ab_job {
    struct mia_ab_options opt; /* complete: defaults are filled in */
    struct mia_ab_report *report;
    struct mia__ab_plan plan;
    struct mia__ab_content a, b;
    char *scratch;
    char *copies[MIA_AB_SIDES]; /* NULL: where it lies */
    struct mia__ab_process sides[MIA_AB_SIDES];
    struct mia__ab_usage warm[MIA_AB_SIDES]; /* behind the warm-up */
    struct mia__ab_run run;
    struct mia__ab_tally tally;
};

/* prepare.c. Looks at both databases, chooses the level, makes the plan, copies what has to be
 * copied. */
mia_status mia__ab_prepare(struct mia__ab_job *job, struct mia_error *err);
/* rounds.c. Starts the sides, does all rounds, fills the report. */
mia_status mia__ab_rounds(struct mia__ab_job *job, struct mia_error *err);
/* MIA_ERR_CANCELLED if the caller does not want to go on. */
mia_status mia__ab_tell(const struct mia__ab_job *job, const char *phase, uint64_t done,
                        uint64_t total, struct mia_error *err);

#endif
