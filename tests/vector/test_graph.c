/* vector/test_graph.c - the graph against the exact search over the same vectors */
#include "vector/graph.h"

#include "mia_native.h"

#include "support/check.h"
#include "vector/cloud.h"
#include "vector/exact.h"

#include <math.h>
#include <stdlib.h>

enum { K = 10, QUERIES = 100 };

/* Point i has key i + 1. */
static void fill(struct mia__graph *graph, const struct cloud *cloud)
{
    struct mia__graph_point *points = calloc(cloud->count, sizeof *points);
    assert_non_null(points);
    for (size_t i = 0; i < cloud->count; i++)
        points[i] = (struct mia__graph_point){i + 1, cloud_at(cloud, i)};
    size_t skipped = 1;
    OK(mia__graph_add(graph, points, cloud->count, &skipped, ERR));
    assert_int_equal(skipped, 0);
    free(points);
}

static struct mia__graph *graph_of(const struct cloud *cloud)
{
    struct mia__graph *graph;
    struct mia__graph_shape shape = {.dimension = (uint32_t)cloud->dimension};
    OK(mia__graph_create(&shape, &graph, ERR));
    fill(graph, cloud);
    return graph;
}

/* The exact answer, out of the keys that the filter lets through. */
static size_t exact_of(const struct cloud *cloud, mia_floats query, mia__graph_filter *filter,
                       void *ctx, struct mia__hit hits[K])
{
    struct mia__exact exact;
    size_t found;
    OK(mia__exact_begin(&exact, query, K, NULL, NULL, ERR));
    for (size_t i = 0; i < cloud->count; i++)
        if (filter == NULL || filter(ctx, i + 1))
            OK(mia__exact_offer(&exact, i + 1, cloud_at(cloud, i), ERR));
    const struct mia__hit *best = mia__exact_end(&exact, &found);
    memcpy(hits, best, found * sizeof *hits);
    mia__exact_free(&exact);
    return found;
}

static size_t count_common(const struct mia__hit *a, size_t n, const struct mia__hit *b, size_t m)
{
    size_t common = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < m; j++)
            common += a[i].key == b[j].key;
    return common;
}

static void assert_in_order(const struct mia__hit *hits, size_t found)
{
    for (size_t i = 1; i < found; i++)
        assert_true(mia__hit_order(&hits[i - 1], &hits[i], NULL, NULL) < 0);
}

/* The part of the exact answers that the graph finds too. */
static double recall(struct mia__graph *graph, const struct cloud *cloud,
                     const struct cloud *queries, mia__graph_filter *filter, void *ctx)
{
    size_t common = 0, wanted = 0;
    for (size_t i = 0; i < queries->count; i++) {
        struct mia__hit near[K], exact[K];
        size_t found;
        struct mia__graph_query query = {
            .vector = cloud_at(queries, i), .k = K, .filter = filter, .filter_ctx = ctx};
        OK(mia__graph_search(graph, &query, near, &found, ERR));
        assert_in_order(near, found);
        for (size_t j = 0; j < found && filter != NULL; j++)
            assert_true(filter(ctx, near[j].key));
        size_t n = exact_of(cloud, query.vector, filter, ctx, exact);
        common += count_common(near, found, exact, n);
        wanted += n;
        for (size_t j = 0; j < found && j < n; j++) /* what is missed makes room for farther ones */
            assert_true(near[j].distance > exact[j].distance - 1e-5F);
    }
    return (double)common / (double)wanted;
}

static bool is_even(void *ctx, uint64_t key)
{
    (void)ctx;
    return key % 2 == 0;
}

static bool is_of_a_thousand(void *ctx, uint64_t key)
{
    (void)ctx;
    return key % 1000 == 1;
}

static bool is_none(void *ctx, uint64_t key)
{
    (void)ctx, (void)key;
    return false;
}

static void finds_what_is_near(void **state)
{
    (void)state;
    struct test_random r = {test_seed()};
    struct cloud cloud = cloud_make(&r, cloud_scaled(20000), 64, 200);
    struct cloud queries = cloud_make(&r, QUERIES, 64, QUERIES);
    for (size_t i = 0; i < QUERIES; i++) { /* near a point of the cloud, as questions are */
        const float *near = cloud_at(&cloud, test_below(&r, cloud.count)).data;
        for (size_t j = 0; j < 64; j++)
            queries.floats[i * 64 + j] = near[j] + 0.3F * queries.floats[i * 64 + j];
    }
    struct mia__graph *graph = graph_of(&cloud);
    double all = recall(graph, &cloud, &queries, NULL, NULL);
    double half = recall(graph, &cloud, &queries, is_even, NULL);
    double few = recall(graph, &cloud, &queries, is_of_a_thousand, NULL);
    print_message("recall@10 of %zu: %.4f; of every other: %.4f; of one in 1,000: %.4f\n",
                  cloud.count, all, half, few);
    assert_true(all >= 0.99);
    assert_true(half >= 0.99);
    assert_true(few >= 0.99);
    struct mia__hit hits[K];
    size_t found = 1;
    struct mia__graph_query query = {.vector = cloud_at(&queries, 0), .k = K, .filter = is_none};
    OK(mia__graph_search(graph, &query, hits, &found, ERR));
    assert_int_equal(found, 0);

    struct mia__graph_stat stat;
    mia__graph_stat(graph, &stat);
    struct mia__graph_shape shape = {.dimension = 64};
    print_message("%.0f bytes a point, %.0f stated\n", (double)stat.bytes / (double)stat.points,
                  (double)mia__graph_point_bytes(&shape));
    assert_true(stat.bytes < 4 * stat.points * mia__graph_point_bytes(&shape) + (16 << 20));
    mia__graph_free(graph);
    cloud_free(&queries);
    cloud_free(&cloud);
}

/* Of every point that is found, with dimensions that fill the lanes of the metric and such as do
 * not. In few dimensions many points have one direction, and a graph may not lead to all of them. */
static void distances_are_right(void **state)
{
    (void)state;
    struct test_random r = {test_seed()};
    static const size_t dimensions[] = {1, 2, 3, 7, 8, 31, 32, 33, 63, 64, 65, 100, 384, 1001};
    for (size_t d = 0; d < LENGTH(dimensions); d++) {
        enum { COUNT = 40 };
        struct cloud cloud = cloud_make(&r, COUNT, dimensions[d], 3);
        for (size_t i = 0; i < COUNT * dimensions[d]; i++)
            cloud.floats[i] *= 1000; /* the length of a vector means nothing */
        struct mia__graph *graph = graph_of(&cloud);
        struct mia__graph_query query = {.vector = cloud_at(&cloud, 0), .k = COUNT};
        struct mia__hit hits[COUNT];
        struct mia__exact exact;
        size_t found, n;
        OK(mia__graph_search(graph, &query, hits, &found, ERR));
        assert_in_range(found, COUNT * 3 / 4, COUNT);
        for (size_t i = 0; i < found; i++) {
            OK(mia__exact_begin(&exact, query.vector, 1, NULL, NULL, ERR));
            OK(mia__exact_offer(&exact, 0, cloud_at(&cloud, hits[i].key - 1), ERR));
            float distance = mia__exact_end(&exact, &n)[0].distance;
            assert_true(fabsf(hits[i].distance - distance) < 2e-6F);
            assert_true(hits[i].distance >= 0);
            mia__exact_free(&exact);
        }
        mia__graph_free(graph);
        cloud_free(&cloud);
    }
}

static void the_buried_are_not_found(void **state)
{
    (void)state;
    struct test_random r = {test_seed()};
    struct cloud cloud = cloud_make(&r, 1000, 16, 20);
    struct mia__graph *graph = graph_of(&cloud);
    struct mia__graph_query query = {.vector = cloud_at(&cloud, 500), .k = K};
    bool is_buried[1001] = {false};
    struct mia__graph_stat stat;
    struct mia__hit hits[K];
    size_t found, buried = 0;
    for (int round = 0; round < 30; round++) {
        OK(mia__graph_search(graph, &query, hits, &found, ERR));
        assert_int_equal(found, K);
        for (size_t i = 0; i < found; i++) {
            assert_false(is_buried[hits[i].key]);
            is_buried[hits[i].key] = true;
            OK(mia__graph_bury(graph, hits[i].key, ERR));
            buried++;
        }
    }
    assert_true(is_buried[501]);           /* the point itself was the first */
    OK(mia__graph_bury(graph, 501, ERR));  /* once more */
    OK(mia__graph_bury(graph, 1001, ERR)); /* no such key */
    OK(mia__graph_bury(graph, 0, ERR));
    OK(mia__graph_bury(graph, UINT64_MAX, ERR));
    mia__graph_stat(graph, &stat);
    assert_int_equal(stat.buried, buried);
    assert_int_equal(stat.points, 1000);
    for (size_t key = 1; key <= 1000; key++)
        OK(mia__graph_bury(graph, key, ERR));
    OK(mia__graph_search(graph, &query, hits, &found, ERR));
    assert_int_equal(found, 0);
    mia__graph_free(graph);
    cloud_free(&cloud);
}

static int higher_first(void *ctx, uint64_t a, uint64_t b)
{
    (void)ctx;
    return (a < b) - (a > b);
}

static void equal_distances_are_ordered(void **state)
{
    (void)state;
    enum { COPIES = 30 };
    float floats[COPIES * 2];
    for (size_t i = 0; i < COPIES; i++) {
        floats[2 * i] = 3;
        floats[2 * i + 1] = 4;
    }
    struct cloud cloud = {floats, COPIES, 2};
    struct mia__graph *graph = graph_of(&cloud);
    struct mia__hit hits[COPIES];
    size_t found;
    for (size_t k = 1; k <= COPIES; k++) {
        struct mia__graph_query query = {.vector = cloud_at(&cloud, 0), .k = k};
        OK(mia__graph_search(graph, &query, hits, &found, ERR));
        assert_int_equal(found, k);
        for (size_t i = 0; i < k; i++)
            assert_int_equal(hits[i].key, i + 1);
        query.tie = higher_first;
        OK(mia__graph_search(graph, &query, hits, &found, ERR));
        assert_int_equal(found, k);
        for (size_t i = 0; i < k; i++)
            assert_int_equal(hits[i].key, COPIES - i);
    }
    mia__graph_free(graph);
}

static void edges_of_k(void **state)
{
    (void)state;
    struct test_random r = {test_seed()};
    struct cloud cloud = cloud_make(&r, 7, 8, 1);
    struct mia__graph_shape shape = {.dimension = 8};
    struct mia__graph *graph;
    struct mia__hit hits[20];
    size_t found = 1;
    struct mia__graph_query query = {.vector = cloud_at(&cloud, 0), .k = 20};
    OK(mia__graph_create(&shape, &graph, ERR));
    OK(mia__graph_search(graph, &query, hits, &found, ERR)); /* empty */
    assert_int_equal(found, 0);
    fill(graph, &cloud);
    OK(mia__graph_search(graph, &query, hits, &found, ERR));
    assert_int_equal(found, 7);
    query.k = SIZE_MAX; /* hits has room for all that there are */
    OK(mia__graph_search(graph, &query, hits, &found, ERR));
    assert_int_equal(found, 7);
    query.k = 0;
    OK(mia__graph_search(graph, &query, NULL, &found, ERR));
    assert_int_equal(found, 0);
    query.k = 3;
    query.width = 1; /* less than k makes no sense */
    OK(mia__graph_search(graph, &query, hits, &found, ERR));
    assert_int_equal(found, 3);
    mia__graph_free(graph);
    cloud_free(&cloud);
}

static const float bad[][2] = {{0, 0},     {-0.0F, 0},       {NAN, 1},
                               {1, NAN},   {INFINITY, 1},    {1, -INFINITY},
                               {1e30F, 1}, {1e-30F, 1e-30F}, {NAN, NAN}};

static void vectors_without_a_direction_get_no_point(void **state)
{
    (void)state;
    static const float good[2] = {1, 1};
    struct mia__graph_shape shape = {.dimension = 2};
    struct mia__graph_point points[LENGTH(bad) + 1];
    struct mia__graph *graph;
    struct mia__graph_stat stat;
    struct mia__hit hits[K];
    size_t skipped, found;
    OK(mia__graph_create(&shape, &graph, ERR));
    for (size_t i = 0; i < LENGTH(bad); i++)
        points[i + 1] = (struct mia__graph_point){i + 20, {bad[i], 2}};
    points[0] = (struct mia__graph_point){5, {good, 2}};
    OK(mia__graph_add(graph, points, LENGTH(points), &skipped, ERR));
    assert_int_equal(skipped, LENGTH(bad));
    mia__graph_stat(graph, &stat);
    assert_int_equal(stat.points, 1);
    assert_int_equal(stat.applied, 19 + LENGTH(bad)); /* seen, though not in */
    struct mia__graph_query query = {.vector = {good, 2}, .k = K};
    OK(mia__graph_search(graph, &query, hits, &found, ERR));
    assert_int_equal(found, 1);
    assert_int_equal(hits[0].key, 5);
    for (size_t i = 0; i < LENGTH(bad); i++) {
        query.vector.data = bad[i];
        ANSWERS(mia__graph_search(graph, &query, hits, &found, ERR), MIA_ERR_INVALID);
        assert_int_equal(found, 0);
    }
    mia__graph_free(graph);
}

/* Nobody should, but if such vectors get into the library it must not hang or crash. */
static void the_library_survives_them(void **state)
{
    (void)state;
    struct test_random r = {test_seed()};
    struct cloud cloud = cloud_make(&r, 500, 2, 50);
    void *graph;
    uint64_t keys[50], key = 0;
    float distances[50];
    size_t found;
    OK(mia_ann_create(2, 16, 200, 2, &graph, ERR));
    OK(mia_ann_reserve(graph, 1000, ERR));
    for (size_t i = 0; i < cloud.count; i++) {
        OK(mia_ann_add(graph, ++key, cloud_at(&cloud, i).data, 2, ERR));
        if (i % 10 == 0)
            OK(mia_ann_add(graph, ++key, bad[i / 10 % LENGTH(bad)], 2, ERR));
    }
    for (size_t i = 0; i < LENGTH(bad); i++)
        OK(mia_ann_search(graph, bad[i], 2, 50, NULL, NULL, keys, distances, 50, &found, ERR));
    for (size_t i = 0; i < 50; i++)
        OK(mia_ann_search(graph, cloud_at(&cloud, i).data, 2, 50, NULL, NULL, keys, distances, 50,
                          &found, ERR));
    mia_ann_free(graph);
    cloud_free(&cloud);
}

static void another_dimension_is_an_error(void **state)
{
    (void)state;
    static const float v[4] = {1, 2, 3, 4};
    struct mia__graph_shape shape = {.dimension = 3};
    struct mia__graph_point points[] = {{1, {v, 3}}, {2, {v, 4}}, {3, {v, 3}}};
    struct mia__graph *graph;
    struct mia__graph_stat stat;
    struct mia__hit hits[K];
    size_t skipped, found;
    OK(mia__graph_create(&shape, &graph, ERR));
    ANSWERS(mia__graph_add(graph, points, 3, &skipped, ERR), MIA_ERR_INVALID);
    mia__graph_stat(graph, &stat);
    assert_int_equal(stat.points, 1);
    assert_int_equal(stat.applied, 1);
    OK(mia__graph_add(graph, points + 2, 1, &skipped, ERR)); /* the graph goes on */
    struct mia__graph_query query = {.vector = {v, 4}, .k = K};
    ANSWERS(mia__graph_search(graph, &query, hits, &found, ERR), MIA_ERR_INVALID);
    query.vector.count = 2;
    ANSWERS(mia__graph_search(graph, &query, hits, &found, ERR), MIA_ERR_INVALID);
    query.vector.count = 3;
    OK(mia__graph_search(graph, &query, hits, &found, ERR));
    assert_int_equal(found, 2);
    mia__graph_free(graph);

    shape.dimension = 0;
    ANSWERS(mia__graph_create(&shape, &graph, ERR), MIA_ERR_INVALID);
    assert_null(graph);
    shape.dimension = MIA__GRAPH_DIMENSION + 1;
    ANSWERS(mia__graph_create(&shape, &graph, ERR), MIA_ERR_INVALID);

    void *ann; /* the library's own door says the same */
    OK(mia_ann_create(3, 16, 200, 1, &ann, ERR));
    OK(mia_ann_reserve(ann, 10, ERR));
    ANSWERS(mia_ann_add(ann, 1, v, 4, ERR), MIA_ERR_INVALID);
    ANSWERS(mia_ann_add(ann, 1, v, 0, ERR), MIA_ERR_INVALID);
    OK(mia_ann_add(ann, 1, v, 3, ERR));
    ANSWERS(mia_ann_add(ann, 1, v, 3, ERR), MIA_ERR_INVALID); /* that key again */
    ANSWERS(
        mia_ann_search(ann, v, 4, 10, NULL, NULL, &hits[0].key, &hits[0].distance, 1, &found, ERR),
        MIA_ERR_INVALID);
    mia_ann_free(ann);
}

static void keys_only_grow(void **state)
{
    (void)state;
    static const float v[2] = {1, 2};
    static const uint64_t refused[] = {0, 1, 9, 10, UINT64_MAX};
    struct mia__graph_shape shape = {.dimension = 2};
    struct mia__graph_point point = {10, {v, 2}};
    struct mia__graph *graph;
    struct mia__graph_stat stat;
    size_t skipped;
    OK(mia__graph_create(&shape, &graph, ERR));
    OK(mia__graph_add(graph, &point, 1, &skipped, ERR));
    for (size_t i = 0; i < LENGTH(refused); i++) {
        point.key = refused[i];
        ANSWERS(mia__graph_add(graph, &point, 1, &skipped, ERR), MIA_ERR_INVALID);
    }
    OK(mia__graph_advance(graph, 20, ERR));
    OK(mia__graph_advance(graph, 15, ERR)); /* never back */
    point.key = 20;
    ANSWERS(mia__graph_add(graph, &point, 1, &skipped, ERR), MIA_ERR_INVALID);
    point.key = UINT64_MAX - 1;
    OK(mia__graph_add(graph, &point, 1, &skipped, ERR));
    mia__graph_stat(graph, &stat);
    assert_int_equal(stat.points, 2);
    assert_true(stat.applied == UINT64_MAX - 1);
    mia__graph_free(graph);
}

static void the_limit_holds(void **state)
{
    (void)state;
    struct test_random r = {test_seed()};
    struct cloud cloud = cloud_make(&r, 1501, 4, 20);
    struct mia__graph_shape shape = {.dimension = 4, .most_points = 1500};
    struct mia__graph_point points[1501];
    struct mia__graph *graph;
    struct mia__graph_stat stat;
    struct mia__hit hits[K];
    size_t skipped, found;
    OK(mia__graph_create(&shape, &graph, ERR));
    for (size_t i = 0; i < 1501; i++)
        points[i] = (struct mia__graph_point){i + 1, cloud_at(&cloud, i)};
    OK(mia__graph_add(graph, points, 1500, &skipped, ERR));
    ANSWERS(mia__graph_add(graph, points + 1500, 1, &skipped, ERR), MIA_ERR_FULL);
    mia__graph_stat(graph, &stat);
    assert_int_equal(stat.points, 1500);
    assert_int_equal(stat.applied, 1500);
    struct mia__graph_query query = {.vector = cloud_at(&cloud, 1), .k = K};
    OK(mia__graph_search(graph, &query, hits, &found, ERR)); /* searches go on */
    assert_int_equal(found, K);
    mia__graph_free(graph);
    cloud_free(&cloud);
}

static void comes_back_from_bytes(void **state)
{
    (void)state;
    struct test_random r = {test_seed()};
    struct cloud cloud = cloud_make(&r, 2000, 24, 40);
    struct cloud more = cloud_make(&r, 100, 24, 40);
    struct mia__graph *graph = graph_of(&cloud), *loaded;
    struct mia__graph_shape shape = {.dimension = 24}, other = {.dimension = 25};
    struct mia__graph_stat saved, stat;
    struct mia__buf bytes = {0};
    OK(mia__graph_advance(graph, 3000, ERR));
    OK(mia__graph_save(graph, &bytes, &saved, ERR));
    assert_int_equal(saved.applied, 3000);
    assert_int_equal(saved.points, 2000);
    OK(mia__graph_load(&shape, mia__buf_slice(&bytes), 3000, 2000, &loaded, ERR));
    mia__graph_stat(loaded, &stat);
    assert_int_equal(stat.applied, 3000);
    assert_int_equal(stat.points, 2000);
    for (size_t i = 0; i < 100; i++) {
        struct mia__hit a[K], b[K];
        size_t n, m;
        struct mia__graph_query query = {.vector = cloud_at(&more, i), .k = K};
        OK(mia__graph_search(graph, &query, a, &n, ERR));
        OK(mia__graph_search(loaded, &query, b, &m, ERR));
        assert_int_equal(n, m);
        for (size_t j = 0; j < n; j++) {
            assert_int_equal(a[j].key, b[j].key);
            assert_true(a[j].distance == b[j].distance);
        }
    }
    size_t skipped;
    for (size_t i = 0; i < 100; i++) { /* it goes on from there, past its room */
        struct mia__graph_point point = {3001 + i, cloud_at(&more, i)};
        OK(mia__graph_add(loaded, &point, 1, &skipped, ERR));
    }
    mia__graph_free(loaded);
    ANSWERS(mia__graph_load(&other, mia__buf_slice(&bytes), 3000, 2000, &loaded, ERR),
            MIA_ERR_CORRUPT);
    assert_null(loaded);
    ANSWERS(mia__graph_load(&shape, mia__buf_slice(&bytes), 3000, 1999, &loaded, ERR),
            MIA_ERR_CORRUPT);
    ANSWERS(mia__graph_load(&shape, (mia_slice){NULL, 0}, 0, 0, &loaded, ERR), MIA_ERR_CORRUPT);
    mia__buf_free(&bytes);
    mia__graph_free(graph);
    cloud_free(&more);
    cloud_free(&cloud);
}

static void an_empty_one_comes_back(void **state)
{
    (void)state;
    static const float v[2] = {1, 2};
    struct mia__graph_shape shape = {.dimension = 2};
    struct mia__graph_point point = {1, {v, 2}};
    struct mia__graph *graph;
    struct mia__graph_stat stat;
    struct mia__buf bytes = {0};
    size_t skipped;
    OK(mia__graph_create(&shape, &graph, ERR));
    OK(mia__graph_save(graph, &bytes, &stat, ERR));
    mia__graph_free(graph);
    OK(mia__graph_load(&shape, mia__buf_slice(&bytes), 0, 0, &graph, ERR));
    OK(mia__graph_add(graph, &point, 1, &skipped, ERR));
    mia__graph_stat(graph, &stat);
    assert_int_equal(stat.points, 1);
    mia__graph_free(graph);
    mia__buf_free(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_is_near),
        cmocka_unit_test(distances_are_right),
        cmocka_unit_test(the_buried_are_not_found),
        cmocka_unit_test(equal_distances_are_ordered),
        cmocka_unit_test(edges_of_k),
        cmocka_unit_test(vectors_without_a_direction_get_no_point),
        cmocka_unit_test(the_library_survives_them),
        cmocka_unit_test(another_dimension_is_an_error),
        cmocka_unit_test(keys_only_grow),
        cmocka_unit_test(the_limit_holds),
        cmocka_unit_test(comes_back_from_bytes),
        cmocka_unit_test(an_empty_one_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
