/* ab/zipf.c - rejection-inversion: the names are those of the paper, h for the law, H its integral
 */
#include "ab/zipf.h"

#include <math.h>

static double h(const struct mia__ab_zipf *z, double x)
{
    return exp(-z->exponent * log(x));
}

/* (x^(1-e) - 1) / (1 - e), also near e = 1, where it becomes the logarithm. */
static double integral(const struct mia__ab_zipf *z, double x)
{
    double log_x = log(x), t = (1 - z->exponent) * log_x;
    double grown = fabs(t) > 1e-8 ? expm1(t) / t : 1 + t / 2 * (1 + t / 3);
    return grown * log_x;
}

static double integral_inverse(const struct mia__ab_zipf *z, double x)
{
    double t = x * (1 - z->exponent);
    if (t < -1)
        t = -1; /* rounding */
    double grown = fabs(t) > 1e-8 ? log1p(t) / t : 1 - t / 2 * (1 - 2 * t / 3);
    return exp(grown * x);
}

struct mia__ab_zipf mia__ab_zipf(uint64_t count, double exponent)
{
    struct mia__ab_zipf z = {.exponent = exponent, .count = (double)count};
    z.at_one = integral(&z, 1.5) - 1;
    z.at_end = integral(&z, z.count + 0.5);
    z.skip = 2 - integral_inverse(&z, integral(&z, 2.5) - h(&z, 2));
    return z;
}

uint64_t mia__ab_zipf_next(const struct mia__ab_zipf *z, struct mia__ab_random *random)
{
    if (z->exponent <= 0)
        return mia__ab_below(random, (uint64_t)z->count);
    for (;;) {
        double u = z->at_end + mia__ab_unit(random) * (z->at_one - z->at_end);
        double x = integral_inverse(z, u), k = floor(x + 0.5);
        if (k < 1)
            k = 1;
        else if (k > z->count)
            k = z->count;
        if (k - x <= z->skip || u >= integral(z, k + 0.5) - h(z, k))
            return (uint64_t)k - 1;
    }
}
