/* ab/usage.h - what this process takes, and what machine it is on, as the kernel says */
#ifndef MIA_AB_USAGE_H
#define MIA_AB_USAGE_H

#include "mia/ab.h"

/* 0 where the kernel does not say. */
struct mia__ab_usage {
    uint64_t bytes_read, bytes_written; /* from and to disks, since the process began */
    uint64_t memory_own, memory_mapped; /* resident: anonymous pages, pages of files */
};
void mia__ab_usage(struct mia__ab_usage *usage);
void mia__ab_machine(struct mia_ab_report *report);
/* What one look at the clock costs, in ns. */
double mia__ab_clock_cost(void);

#endif
