/* vector/cloud.h - vectors in clusters, as embeddings of texts lie: some near, most far */
#ifndef MIA_TEST_CLOUD_H
#define MIA_TEST_CLOUD_H

#include "mia/text.h"

#include "support/random.h"

struct cloud {
    float *floats; /* row after row */
    size_t count, dimension;
};

/* Free with cloud_free. */
struct cloud cloud_make(struct test_random *r, size_t count, size_t dimension, size_t clusters);
void cloud_free(struct cloud *cloud);
mia_floats cloud_at(const struct cloud *cloud, size_t row);

/* Sanitizers make everything slow: with one of them, this part of a number is enough. */
size_t cloud_scaled(size_t count);

#endif
