/* vector/test_memory.c - any allocation of ours may fail: MIA_ERR_NOMEM, nothing leaks, and what
 * was there before goes on */
#include "vector/exact.h"
#include "vector/graph.h"

#include "support/check.h"
#include "vector/cloud.h"

/* The allocation that is to fail, counted down; 0: none. Linked by -Wl,--wrap. */
static unsigned countdown;

static bool fails(void)
{
    return countdown > 0 && --countdown == 0;
}

#define WRAP(name, parameters, arguments)                                                          \
    void *__real_##name parameters;                                                                \
    void *__wrap_##name parameters;                                                                \
    void *__wrap_##name parameters                                                                 \
    {                                                                                              \
        return fails() ? NULL : __real_##name arguments;                                           \
    }

WRAP(mia__alloc, (size_t size), (size))
WRAP(mia__alloc_zero, (size_t size), (size))
WRAP(mia__alloc_array, (size_t count, size_t size), (count, size))
WRAP(mia__realloc, (void *at, size_t size), (at, size))

enum { POINTS = 200, DIMENSION = 8, K = 50 };
static struct cloud cloud;

static mia_status search_exactly(struct mia_error *err)
{
    struct mia__exact exact;
    size_t found = 0;
    mia_status rc = mia__exact_begin(&exact, cloud_at(&cloud, 0), K, NULL, NULL, err);
    for (size_t i = 0; i < POINTS && rc == MIA_OK; i++)
        rc = mia__exact_offer(&exact, i, cloud_at(&cloud, i), err);
    if (rc == MIA_OK)
        mia__exact_end(&exact, &found);
    mia__exact_free(&exact);
    assert_int_equal(found, rc == MIA_OK ? K : 0);
    return rc;
}

static mia_status use(struct mia__graph *graph, struct mia__buf *bytes, struct mia_error *err)
{
    struct mia__graph_query query = {.vector = cloud_at(&cloud, 0), .k = K};
    struct mia__graph_stat stat;
    struct mia__hit hits[K];
    size_t skipped, found;
    mia_status rc = MIA_OK;
    for (size_t i = 0; i < POINTS && rc == MIA_OK; i++) {
        struct mia__graph_point point = {i + 1, cloud_at(&cloud, i)};
        rc = mia__graph_add(graph, &point, 1, &skipped, err);
    }
    for (uint64_t key = 1; key <= 100 && rc == MIA_OK; key++)
        rc = mia__graph_bury(graph, key, err);
    if (rc == MIA_OK)
        rc = mia__graph_search(graph, &query, hits, &found, err);
    return rc == MIA_OK ? mia__graph_save(graph, bytes, &stat, err) : rc;
}

static mia_status use_a_graph(struct mia_error *err)
{
    struct mia__graph_shape shape = {.dimension = DIMENSION};
    struct mia__graph *graph, *loaded = NULL;
    struct mia__graph_stat stat;
    struct mia__buf bytes = {0};
    mia_status rc = mia__graph_create(&shape, &graph, err);
    if (rc < 0) {
        assert_null(graph);
        return rc;
    }
    rc = use(graph, &bytes, err);
    if (rc == MIA_OK)
        rc = mia__graph_load(&shape, mia__buf_slice(&bytes), POINTS, POINTS, &loaded, err);
    countdown = 0;
    struct mia__hit hit; /* it goes on */
    size_t found;
    struct mia__graph_query query = {.vector = cloud_at(&cloud, POINTS - 1), .k = 1};
    OK(mia__graph_search(graph, &query, &hit, &found, ERR));
    mia__graph_stat(graph, &stat);
    assert_int_equal(stat.points, POINTS);
    mia__graph_free(loaded);
    mia__graph_free(graph);
    mia__buf_free(&bytes);
    return rc;
}

static unsigned fail_each(mia_status (*scenario)(struct mia_error *err))
{
    unsigned n = 0;
    mia_status rc = MIA_ERR_NOMEM;
    while (rc != MIA_OK) { /* until it makes fewer than n allocations */
        struct mia_error err = {0};
        countdown = ++n;
        rc = scenario(&err);
        countdown = 0;
        assert_true(rc == MIA_OK || rc == MIA_ERR_NOMEM);
        assert_int_equal(err.status, rc);
    }
    return n - 1;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    struct test_random r = {3};
    cloud = cloud_make(&r, POINTS, DIMENSION, 5);
    unsigned exactly = fail_each(search_exactly), graph = fail_each(use_a_graph);
    print_message("%u allocations of the exact search failed, %u of the graph\n", exactly, graph);
    assert_true(exactly >= 4); /* the query, the hits three times */
    assert_true(graph >= 8);
    cloud_free(&cloud);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_allocation_may_fail)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
