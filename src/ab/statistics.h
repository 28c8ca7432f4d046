/*
 * ab/statistics.h - what ratios of rounds say, and what they do not
 *
 * Rounds are few and latencies are not normally distributed, so everything stands on order
 * statistics: of n values drawn from any continuous distribution, the median lies below the k-th
 * smallest with the probability that at most k - 1 of n fair coins show heads. Pure functions.
 */
#ifndef MIA_AB_STATISTICS_H
#define MIA_AB_STATISTICS_H

#include "mia/ab.h"

/* The middle value, or the mean of the two. Sorts values; count is at least 1. */
double mia__ab_median(double *values, size_t count);

/* The largest k with which the k-th smallest and the k-th largest of count values enclose the
 * median with at least this probability; *confidence is the one that they have. 0: there are too
 * few values. */
size_t mia__ab_median_rank(size_t count, double at_least, double *confidence);

/* From the ratios of B's rounds to A's and the control's to A's, each of count > 0 positive
 * numbers, which it sorts. With too few rounds for 95 % nothing is real. */
struct mia_ab_change mia__ab_change(double *ratios, double *control, size_t count);

#endif
