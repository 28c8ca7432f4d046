/* vector/test_exact.c - the exact search against a plain sort of distances in double precision */
#include "vector/exact.h"

#include "support/check.h"
#include "vector/cloud.h"

#include <math.h>
#include <stdlib.h>

static double plain_distance(mia_floats a, mia_floats b)
{
    const float *x = a.data, *y = b.data;
    double dot = 0, xx = 0, yy = 0;
    for (size_t i = 0; i < a.count; i++) {
        dot += (double)x[i] * (double)y[i];
        xx += (double)x[i] * (double)x[i];
        yy += (double)y[i] * (double)y[i];
    }
    return 1 - dot / (sqrt(xx) * sqrt(yy));
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void agrees_with_a_sort(void **state)
{
    (void)state;
    struct test_random r = {test_seed()};
    static const size_t dimensions[] = {1, 2, 3, 4, 15, 16, 17, 31, 64, 100, 384};
    enum { COUNT = 500, K = 20 };
    for (size_t d = 0; d < LENGTH(dimensions); d++) {
        struct cloud cloud = cloud_make(&r, COUNT, dimensions[d], 10);
        struct cloud queries = cloud_make(&r, 1, dimensions[d], 1);
        mia_floats query = cloud_at(&queries, 0);
        double distances[COUNT];
        struct mia__exact exact;
        OK(mia__exact_begin(&exact, query, K, NULL, NULL, ERR));
        for (size_t i = 0; i < COUNT; i++) {
            distances[i] = plain_distance(query, cloud_at(&cloud, i));
            OK(mia__exact_offer(&exact, i, cloud_at(&cloud, i), ERR));
        }
        size_t found;
        const struct mia__hit *hits = mia__exact_end(&exact, &found);
        assert_int_equal(found, K);
        for (size_t i = 0; i < K; i++) /* the hit has the distance that its vector has */
            assert_true(fabs((double)hits[i].distance - distances[hits[i].key]) < 2e-6);
        qsort(distances, COUNT, sizeof *distances, by_value);
        for (size_t i = 0; i < K; i++) /* and the one that comes at this place */
            assert_true(fabs((double)hits[i].distance - distances[i]) < 2e-6);
        assert_int_equal(exact.seen, COUNT);
        assert_int_equal(exact.skipped, 0);
        mia__exact_free(&exact);
        cloud_free(&cloud);
        cloud_free(&queries);
    }
}

/* Vectors lie at any address in a map. */
static void reads_at_any_address(void **state)
{
    (void)state;
    struct test_random r = {test_seed()};
    struct cloud cloud = cloud_make(&r, 2, 37, 1);
    size_t bytes = 37 * sizeof(float);
    struct mia__hit aligned = {0};
    for (size_t offset = 0; offset < 16; offset++) {
        uint8_t *place = malloc(bytes + offset); /* ends where it ends: ASan sees one byte more */
        uint8_t *query = malloc(bytes + offset);
        assert_non_null(place);
        assert_non_null(query);
        memcpy(query + offset, cloud_at(&cloud, 0).data, bytes);
        memcpy(place + offset, cloud_at(&cloud, 1).data, bytes);
        struct mia__exact exact;
        size_t found;
        OK(mia__exact_begin(&exact, (mia_floats){query + offset, 37}, 1, NULL, NULL, ERR));
        OK(mia__exact_offer(&exact, 9, (mia_floats){place + offset, 37}, ERR));
        const struct mia__hit *hits = mia__exact_end(&exact, &found);
        assert_int_equal(found, 1);
        if (offset == 0)
            aligned = hits[0];
        assert_memory_equal(&hits[0].distance, &aligned.distance, sizeof aligned.distance);
        mia__exact_free(&exact);
        free(place);
        free(query);
    }
    cloud_free(&cloud);
}

/* Runs over vectors whose keys are their places, offered in the order of `order`. */
static size_t run(mia_floats query, size_t k, const mia_floats *vectors, const size_t *order,
                  size_t count, mia__tie_fn *tie, struct mia__hit *hits)
{
    struct mia__exact exact;
    size_t found;
    OK(mia__exact_begin(&exact, query, k, tie, NULL, ERR));
    for (size_t i = 0; i < count; i++)
        OK(mia__exact_offer(&exact, order[i], vectors[order[i]], ERR));
    const struct mia__hit *best = mia__exact_end(&exact, &found);
    if (found > 0)
        memcpy(hits, best, found * sizeof *hits);
    mia__exact_free(&exact);
    return found;
}

static int higher_first(void *ctx, uint64_t a, uint64_t b)
{
    (void)ctx;
    return (a < b) - (a > b);
}

enum { TIES = 40 };

static void shuffle(struct test_random *r, size_t order[TIES])
{
    for (size_t i = 0; i < TIES; i++)
        order[i] = i;
    for (size_t i = TIES; i > 1; i--) {
        size_t j = test_below(r, i), at = order[i - 1];
        order[i - 1] = order[j];
        order[j] = at;
    }
}

static void ties_do_not_depend_on_the_order(void **state)
{
    (void)state;
    struct test_random r = {test_seed()};
    static const float east[2] = {1, 0}, north[2] = {0, 3}, west[2] = {-2, 0};
    const float *const kinds[] = {east, north, west};
    mia_floats vectors[TIES], query = {east, 2};
    for (size_t i = 0; i < TIES; i++)
        vectors[i] = (mia_floats){kinds[i % LENGTH(kinds)], 2};
    for (int round = 0; round < 50; round++) {
        size_t order[TIES];
        struct mia__hit hits[TIES];
        shuffle(&r, order);
        for (size_t k = 1; k <= TIES; k++) {
            assert_int_equal(run(query, k, vectors, order, TIES, NULL, hits), k);
            for (size_t i = 0; i < k; i++) { /* 14 to the east, 13 to the north, 13 to the west */
                size_t kind = i < 14 ? 0 : i < 27 ? 1 : 2;
                size_t before = kind == 0 ? 0 : kind == 1 ? 14 : 27;
                assert_int_equal(hits[i].key, 3 * (i - before) + kind);
                assert_true(hits[i].distance == (float)kind);
            }
            assert_int_equal(run(query, k, vectors, order, TIES, higher_first, hits), k);
            assert_int_equal(hits[0].key, 39);
        }
    }
}

static void edges_of_k(void **state)
{
    (void)state;
    static const float v[3] = {1, 2, 3};
    mia_floats vector = {v, 3};
    size_t order[1] = {0};
    struct mia__hit hits[1];
    assert_int_equal(run(vector, 0, &vector, order, 1, NULL, hits), 0);
    assert_int_equal(run(vector, 5, &vector, order, 1, NULL, hits), 1);
    assert_int_equal(run(vector, SIZE_MAX, &vector, order, 1, NULL, hits), 1);
    assert_int_equal(run(vector, 5, &vector, order, 0, NULL, hits), 0);
}

static void vectors_without_a_direction_are_counted(void **state)
{
    (void)state;
    static const float query[2] = {1, 1};
    static const float bad[][2] = {{0, 0},        {-0.0F, 0},     {NAN, 1},   {1, NAN},
                                   {INFINITY, 1}, {1, -INFINITY}, {1e30F, 1}, {1e-30F, 1e-30F}};
    struct mia__exact exact;
    size_t found;
    OK(mia__exact_begin(&exact, (mia_floats){query, 2}, 10, NULL, NULL, ERR));
    for (size_t i = 0; i < LENGTH(bad); i++)
        OK(mia__exact_offer(&exact, i, (mia_floats){bad[i], 2}, ERR));
    OK(mia__exact_offer(&exact, 77, (mia_floats){query, 2}, ERR));
    assert_int_equal(exact.seen, LENGTH(bad) + 1);
    assert_int_equal(exact.skipped, LENGTH(bad));
    assert_int_equal(mia__exact_end(&exact, &found)[0].key, 77);
    assert_int_equal(found, 1);
    mia__exact_free(&exact);
    for (size_t i = 0; i < LENGTH(bad); i++) {
        ANSWERS(mia__exact_begin(&exact, (mia_floats){bad[i], 2}, 10, NULL, NULL, ERR),
                MIA_ERR_INVALID);
        mia__exact_free(&exact);
    }
    ANSWERS(mia__exact_begin(&exact, (mia_floats){query, 0}, 10, NULL, NULL, ERR), MIA_ERR_INVALID);
}

static void another_dimension_is_an_error(void **state)
{
    (void)state;
    static const float v[4] = {1, 2, 3, 4};
    struct mia__exact exact;
    size_t found;
    OK(mia__exact_begin(&exact, (mia_floats){v, 3}, 10, NULL, NULL, ERR));
    ANSWERS(mia__exact_offer(&exact, 1, (mia_floats){v, 4}, ERR), MIA_ERR_INVALID);
    ANSWERS(mia__exact_offer(&exact, 1, (mia_floats){v, 2}, ERR), MIA_ERR_INVALID);
    OK(mia__exact_offer(&exact, 1, (mia_floats){v, 3}, ERR));
    mia__exact_end(&exact, &found);
    assert_int_equal(found, 1);
    assert_int_equal(exact.seen, 1);
    mia__exact_free(&exact);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_a_sort),
        cmocka_unit_test(reads_at_any_address),
        cmocka_unit_test(ties_do_not_depend_on_the_order),
        cmocka_unit_test(edges_of_k),
        cmocka_unit_test(vectors_without_a_direction_are_counted),
        cmocka_unit_test(another_dimension_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
