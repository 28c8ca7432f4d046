/* vector/without_ann.c - the functions of the graph's library in a build that has none: no graph is
 * ever made, so of the others nothing is called */
#include "mia_native.h"

#include "base/error.h"

static mia_status none(struct mia_error *err)
{
    return mia__fail(err, MIA_ERR_UNSUPPORTED, "this build has no vector graph (MIA_WITH_ANN=OFF)");
}

uint32_t mia_ann_version(void)
{
    return 0;
}

mia_status mia_ann_create(uint32_t dimension, uint32_t m, uint32_t ef_add, uint32_t threads,
                          void **graph, struct mia_error *err)
{
    (void)dimension, (void)m, (void)ef_add, (void)threads;
    *graph = NULL;
    return none(err);
}

void mia_ann_free(void *graph)
{
    (void)graph;
}

mia_status mia_ann_reserve(void *graph, size_t points, struct mia_error *err)
{
    (void)graph, (void)points;
    return none(err);
}

mia_status mia_ann_add(void *graph, uint64_t key, const float *vector, size_t dimension,
                       struct mia_error *err)
{
    (void)graph, (void)key, (void)vector, (void)dimension;
    return none(err);
}

mia_status mia_ann_search(void *graph, const float *query, size_t dimension, size_t ef,
                          mia_ann_filter *filter, void *ctx, uint64_t *keys, float *distances,
                          size_t most, size_t *found, struct mia_error *err)
{
    (void)graph, (void)query, (void)dimension, (void)ef, (void)filter, (void)ctx;
    (void)keys, (void)distances, (void)most;
    *found = 0;
    return none(err);
}

bool mia_ann_contains(void *graph, uint64_t key)
{
    (void)graph, (void)key;
    return false;
}

size_t mia_ann_size(void *graph)
{
    (void)graph;
    return 0;
}

size_t mia_ann_memory(void *graph)
{
    (void)graph;
    return 0;
}

size_t mia_ann_saved_size(void *graph)
{
    (void)graph;
    return 0;
}

mia_status mia_ann_save(void *graph, uint8_t *to, size_t size, struct mia_error *err)
{
    (void)graph, (void)to, (void)size;
    return none(err);
}

mia_status mia_ann_load(void *graph, const uint8_t *from, size_t size, struct mia_error *err)
{
    (void)graph, (void)from, (void)size;
    return none(err);
}
