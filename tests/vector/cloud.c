/* vector/cloud.c - points around centres */
#include "vector/cloud.h"

#include <stdlib.h>

/* About normal, with deviation 1. */
static float wobble(struct test_random *r)
{
    double sum = 0;
    for (int i = 0; i < 6; i++)
        sum += (double)(test_random(r) >> 11) / (double)(UINT64_C(1) << 53) - 0.5;
    return (float)(sum * 1.4142135623730951);
}

struct cloud cloud_make(struct test_random *r, size_t count, size_t dimension, size_t clusters)
{
    struct cloud cloud = {calloc(count * dimension, sizeof(float)), count, dimension};
    float *centres = calloc(clusters * dimension, sizeof *centres);
    if (cloud.floats == NULL || centres == NULL)
        abort();
    for (size_t i = 0; i < clusters * dimension; i++)
        centres[i] = wobble(r);
    for (size_t row = 0; row < count; row++) {
        const float *centre = centres + test_below(r, clusters) * dimension;
        for (size_t i = 0; i < dimension; i++)
            cloud.floats[row * dimension + i] = centre[i] + 0.5F * wobble(r);
    }
    free(centres);
    return cloud;
}

void cloud_free(struct cloud *cloud)
{
    free(cloud->floats);
    memset(cloud, 0, sizeof *cloud);
}

mia_floats cloud_at(const struct cloud *cloud, size_t row)
{
    mia_floats v = {cloud->floats + row * cloud->dimension, cloud->dimension};
    return v;
}

size_t cloud_scaled(size_t count)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return count / 8;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
    return count / 8;
#else
    return count;
#endif
#else
    return count;
#endif
}
