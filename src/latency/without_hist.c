/* latency/without_hist.c - in a build without the crate hdrhistogram (MIA_WITH_AB=OFF): mia_ab_run
 * says so before it does anything, and reads of a pair are compared without percentiles */
#include "base/error.h"
#include "mia_native.h"

mia_status mia_hist_create(void **hist, struct mia_error *err)
{
    *hist = NULL;
    return mia__fail(err, MIA_ERR_UNSUPPORTED,
                     "this build has no histograms: configure it with -DMIA_WITH_AB=ON");
}

void mia_hist_free(void *hist)
{
    (void)hist;
}

void mia_hist_record(void *hist, uint64_t value)
{
    (void)hist, (void)value;
}

void mia_hist_add(void *hist, const void *other)
{
    (void)hist, (void)other;
}

void mia_hist_reset(void *hist)
{
    (void)hist;
}

uint64_t mia_hist_count(const void *hist)
{
    (void)hist;
    return 0;
}

uint64_t mia_hist_min(const void *hist)
{
    (void)hist;
    return 0;
}

uint64_t mia_hist_max(const void *hist)
{
    (void)hist;
    return 0;
}

double mia_hist_mean(const void *hist)
{
    (void)hist;
    return 0;
}

uint64_t mia_hist_quantile(const void *hist, double quantile)
{
    (void)hist, (void)quantile;
    return 0;
}

uint64_t mia_hist_count_up_to(const void *hist, uint64_t value)
{
    (void)hist, (void)value;
    return 0;
}
