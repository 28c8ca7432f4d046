/* test_statistics.c - intervals against tables that are printed in books, and what is called real
 */
#include "ab/statistics.h"
#include "mia_native.h"
#include "support/check.h"
#include "support/random.h"

#include <math.h>

static void medians(void **state)
{
    (void)state;
    double odd[] = {5, 1, 9, 3, 7}, even[] = {4, 1, 3, 2}, one[] = {2.5};
    assert_float_equal(mia__ab_median(odd, 5), 5, 0);
    assert_float_equal(mia__ab_median(even, 4), 2.5, 0);
    assert_float_equal(mia__ab_median(one, 1), 2.5, 0);
}

/* Conover, Practical Nonparametric Statistics: 95 % intervals of a median by order statistics. */
static void ranks_of_the_books(void **state)
{
    (void)state;
    static const struct {
        size_t count, rank;
        double confidence;
    } known[] = {{5, 0, 0},        {6, 1, 0.96875},  {8, 1, 0.9921875}, {9, 2, 0.9609375},
                 {10, 2, 0.97852}, {12, 3, 0.96143}, {15, 4, 0.96484},  {20, 6, 0.95861},
                 {25, 8, 0.95671}, {30, 10, 0.95723}};
    for (size_t i = 0; i < LENGTH(known); i++) {
        double confidence;
        assert_int_equal(mia__ab_median_rank(known[i].count, 0.95, &confidence), known[i].rank);
        assert_float_equal(confidence, known[i].confidence, 0.00001);
        assert_true(known[i].rank == 0 || confidence >= 0.95);
    }
}

/* The interval has the median of where the numbers come from as often as it says. */
static void intervals_cover(void **state)
{
    (void)state;
    enum { TRIES = 4000, ROUNDS = 12 };
    struct test_random r = {test_seed()};
    int covered = 0;
    for (int i = 0; i < TRIES; i++) {
        double ratios[ROUNDS], control[ROUNDS];
        for (int j = 0; j < ROUNDS; j++) { /* skewed as latencies are: exponential, median log 2 */
            double u = ((double)(test_random(&r) >> 11) + 1) / 9007199254740993.0;
            ratios[j] = -log(u);
            control[j] = 1;
        }
        struct mia_ab_change c = mia__ab_change(ratios, control, ROUNDS);
        covered += c.low <= log(2) && log(2) <= c.high;
    }
    double share = (double)covered / TRIES; /* 0.9614; four standard errors are 0.0122 */
    assert_true(share > 0.9614 - 0.0122 && share < 0.9614 + 0.0122);
}

static void real_is_more_than_noise(void **state)
{
    (void)state;
    double twice[] = {2, 2.1, 1.9, 2.2, 2, 1.8}, quiet[] = {1, 1.1, 0.95, 1, 1.02, 0.99};
    struct mia_ab_change c = mia__ab_change(twice, quiet, 6);
    assert_true(c.is_real);
    assert_float_equal(c.ratio, 2, 0);
    assert_float_equal(c.low, 1.8, 0);
    assert_float_equal(c.high, 2.2, 0);
    assert_float_equal(c.noise, 1.1, 0);

    double faster[] = {0.5, 0.4, 0.45, 0.5, 0.55, 0.5}, calm[] = {1, 1, 1, 1, 1.5, 1};
    assert_true(mia__ab_change(faster, calm, 6).is_real);

    /* The same speed-up, and a control that once was as far from A. */
    double again[] = {0.5, 0.4, 0.45, 0.5, 0.55, 0.5}, restless[] = {1, 1, 0.54, 1, 1, 1};
    assert_false(mia__ab_change(again, restless, 6).is_real);

    double few[] = {9, 9, 9, 9, 9}, still[] = {1, 1, 1, 1, 1};
    assert_false(mia__ab_change(few, still, 5).is_real);
}

/* A database compared with itself: of many honest tests hardly one may call a difference real. */
static void equal_is_not_real(void **state)
{
    (void)state;
    enum { TRIES = 2000, ROUNDS = 12 };
    struct test_random r = {test_seed()};
    int real = 0;
    for (int i = 0; i < TRIES; i++) {
        double ratios[ROUNDS], control[ROUNDS];
        for (int j = 0; j < ROUNDS; j++) {
            ratios[j] = exp(((double)(test_random(&r) % 2001) - 1000) / 5000);
            control[j] = exp(((double)(test_random(&r) % 2001) - 1000) / 5000);
        }
        real += mia__ab_change(ratios, control, ROUNDS).is_real;
    }
    assert_true(real <= TRIES / 1000);
}

static void histogram_of_known_values(void **state)
{
    (void)state;
    void *h, *other;
    OK(mia_hist_create(&h, ERR));
    OK(mia_hist_create(&other, ERR));
    assert_int_equal(mia_hist_count(h), 0);
    assert_int_equal(mia_hist_quantile(h, 0.5), 0);
    for (uint64_t i = 1; i <= 1000000; i++)
        mia_hist_record(i % 2 ? h : other, i);
    mia_hist_add(h, other);
    assert_int_equal(mia_hist_count(h), 1000000);
    assert_int_equal(mia_hist_min(h), 1);
    static const double shares[] = {0.001, 0.01, 0.5, 0.9, 0.99, 0.999, 1};
    for (size_t i = 0; i < LENGTH(shares); i++) {
        double wanted = shares[i] * 1e6, got = (double)mia_hist_quantile(h, shares[i]);
        assert_true(got >= wanted * 0.9999 && got <= wanted * 1.0011);
        double up_to = (double)mia_hist_count_up_to(h, (uint64_t)wanted);
        assert_true(up_to >= wanted * 0.9999 && up_to <= wanted * 1.0011);
    }
    assert_float_equal(mia_hist_mean(h), 500000.5, 600);
    mia_hist_record(h, UINT64_MAX); /* longer than an hour is an hour */
    mia_hist_record(h, 0);
    assert_true(mia_hist_max(h) < UINT64_C(3604000000000));
    assert_int_equal(mia_hist_count(h), 1000002);
    mia_hist_reset(h);
    assert_int_equal(mia_hist_count(h), 0);
    mia_hist_free(h);
    mia_hist_free(other);
    mia_hist_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(medians),           cmocka_unit_test(ranks_of_the_books),
        cmocka_unit_test(intervals_cover),   cmocka_unit_test(real_is_more_than_noise),
        cmocka_unit_test(equal_is_not_real), cmocka_unit_test(histogram_of_known_values),
    };
    return test_run_group("ab statistics", tests, LENGTH(tests)) != 0;
}
