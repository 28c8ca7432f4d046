/* latency/latency.c - see latency/latency.h */
#include "latency/latency.h"

#include "mia_native.h"

struct mia_ab_latency mia__latency_of(const void *hist)
{
    if (hist == NULL)
        return (struct mia_ab_latency){0};
    return (struct mia_ab_latency){.count = mia_hist_count(hist),
                                   .min = mia_hist_min(hist),
                                   .p50 = mia_hist_quantile(hist, 0.5),
                                   .p90 = mia_hist_quantile(hist, 0.9),
                                   .p99 = mia_hist_quantile(hist, 0.99),
                                   .p999 = mia_hist_quantile(hist, 0.999),
                                   .max = mia_hist_max(hist),
                                   .mean = mia_hist_mean(hist)};
}
