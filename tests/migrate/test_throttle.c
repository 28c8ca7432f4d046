/* test_throttle.c - a rate is kept, whatever is taken and however long the pauses are; by a clock
 * that the test winds itself */
#include "migrate/throttle.h"
#include "support/check.h"

#include <stdlib.h>
#include <unistd.h>

/* Takes pieces for so long; work: seconds that each takes by itself. Returns bytes a second. */
static double rate_of(uint64_t rate, uint64_t piece, double work, double seconds)
{
    struct mia__throttle t = {.rate = rate};
    double now = 1000;
    uint64_t done = 0;
    while (now < 1000 + seconds) {
        now += work;
        done += piece;
        now += mia__throttle_take(&t, piece, now);
    }
    return (double)done / (now - 1000);
}

static void assert_within(double value, double wanted, double share)
{
    if (value < wanted * (1 - share) || value > wanted * (1 + share))
        fail_msg("%.0f instead of %.0f", value, wanted);
}

static void the_rate_is_kept(void **state)
{
    (void)state;
    static const uint64_t rates[] = {100000, 1 << 20, 50000000, 1000000000};
    static const uint64_t pieces[] = {1, 4096, 65536, 1 << 20};
    for (size_t r = 0; r < sizeof rates / sizeof rates[0]; r++)
        for (size_t p = 0; p < sizeof pieces / sizeof pieces[0]; p++)
            if (rates[r] / pieces[p] < 1000000 && pieces[p] * 10 < rates[r] * 3)
                assert_within(rate_of(rates[r], pieces[p], 0, 3), (double)rates[r], 0.1);
    assert_within(rate_of(1 << 20, 4096, 0.002, 3), 1 << 20, 0.1); /* work counts as waiting */
}

static void who_is_slower_does_not_wait(void **state)
{
    (void)state;
    assert_within(rate_of(10 << 20, 4096, 0.1, 3), 40960, 0.01);
    struct mia__throttle none = {0};
    assert_true(mia__throttle_take(&none, UINT64_C(1) << 40, 5) == 0);
}

/* After standing still for an hour at most a quarter of a second is caught up with. */
static void a_pause_is_not_caught_up_with(void **state)
{
    (void)state;
    struct mia__throttle t = {.rate = 1000};
    double now = 10;
    now += mia__throttle_take(&t, 500, now);
    assert_true(now > 10.4 && now < 10.6);
    now += 3600;
    double wait = mia__throttle_take(&t, 1000, now);
    assert_true(wait > 0.7 && wait < 0.8);
}

static void transactions_are_short_where_it_is_slow(void **state)
{
    (void)state;
    struct mia__throttle fast = {0}, slow = {.rate = 1 << 20}, slowest = {.rate = 1024};
    assert_int_equal(mia__throttle_batch(&fast, 16 << 20), 16 << 20);
    assert_int_equal(mia__throttle_batch(&slow, 16 << 20), 2 << 20);
    assert_int_equal(mia__throttle_batch(&slowest, 16 << 20), 64 << 10);
    assert_int_equal(mia__throttle_batch(&slow, 4096), 4096);
}

static void a_file_says_stop(void **state)
{
    (void)state;
    char path[] = "/tmp/mia-pause-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    struct mia__throttle t = {.pause_file = path};
    assert_true(mia__throttle_is_paused(&t, 1));
    close(fd);
    unlink(path);
    assert_true(mia__throttle_is_paused(&t, 1.01)); /* not looked again so soon */
    assert_false(mia__throttle_is_paused(&t, 1.1));
    t.pause_file = NULL;
    assert_false(mia__throttle_is_paused(&t, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rate_is_kept),
        cmocka_unit_test(who_is_slower_does_not_wait),
        cmocka_unit_test(a_pause_is_not_caught_up_with),
        cmocka_unit_test(transactions_are_short_where_it_is_slow),
        cmocka_unit_test(a_file_says_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
