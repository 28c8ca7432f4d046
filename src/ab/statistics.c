/* ab/statistics.c - medians, intervals, and what counts as a difference */
#include "ab/statistics.h"

#include <stdlib.h>

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double mia__ab_median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, by_size);
    double upper = values[count / 2];
    return count % 2 == 1 ? upper : (values[count / 2 - 1] + upper) / 2;
}

size_t mia__ab_median_rank(size_t count, double at_least, double *confidence)
{
    double term = 1, below = 0; /* of binomial(count, 1/2): P(heads = i), P(heads < i) */
    size_t rank = 0;
    *confidence = 0;
    for (size_t i = 0; i < count; i++)
        term /= 2;
    for (size_t i = 0; i < (count + 1) / 2; i++) {
        below += term;
        if (1 - 2 * below < at_least)
            break;
        rank = i + 1;
        *confidence = 1 - 2 * below;
        term = term * (double)(count - i) / (double)(i + 1);
    }
    return rank;
}

static double far_from_one(double ratio)
{
    return ratio < 1 ? 1 / ratio : ratio;
}

struct mia_ab_change mia__ab_change(double *ratios, double *control, size_t count)
{
    struct mia_ab_change change = {.noise = 1};
    double confidence;
    size_t rank = mia__ab_median_rank(count, 0.95, &confidence);
    size_t k = rank > 0 ? rank : 1;
    change.ratio = mia__ab_median(ratios, count);
    change.low = ratios[k - 1];
    change.high = ratios[count - k];
    for (size_t i = 0; i < count; i++)
        if (far_from_one(control[i]) > change.noise)
            change.noise = far_from_one(control[i]);
    change.is_real = rank > 0 && (change.low > change.noise || change.high < 1 / change.noise);
    return change;
}
