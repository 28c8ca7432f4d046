/* test_time.c - quarters over the whole calendar, periods of time at both ends of the numbers */
#include "mia/catalog.h"
#include "support/check.h"

#include <stdio.h>

#define DAY INT64_C(86400000)
#define FIRST_MS INT64_C(-377705116800000) /* -9999-01-01 00:00:00 UTC */
#define LAST_MS INT64_C(253402300799999)   /*  9999-12-31 23:59:59.999 UTC */

static void assert_quarter(int64_t time_ms, const char *expected)
{
    char got[MIA_QUARTER_SIZE];
    memset(got, '#', sizeof got);
    size_t length = mia_quarter(time_ms, got);
    assert_string_equal(got, expected);
    assert_int_equal(length, strlen(expected));
    assert_true(mia_quarter_is_valid(got));
}

static void quarter_table(void **state)
{
    (void)state;
    static const struct {
        int64_t time_ms;
        const char *quarter;
    } rows[] = {
        {0, "1970-Q1"},
        {-1, "1970-Q1"},
        {-999, "1970-Q1"},
        {-1000, "1969-Q4"},
        {INT64_C(1705320000000), "2024-Q1"}, /* 2024-01-15 12:00 */
        {INT64_C(1713182400000), "2024-Q2"}, /* 2024-04-15 12:00 */
        {INT64_C(1721044800000), "2024-Q3"}, /* 2024-07-15 12:00 */
        {INT64_C(1728993600000), "2024-Q4"}, /* 2024-10-15 12:00 */
        {INT64_C(1719791999999), "2024-Q2"},
        {INT64_C(1719792000000), "2024-Q3"},
        {LAST_MS, "9999-Q4"},
        {LAST_MS + 1, "1970-Q1"},
        {INT64_MAX, "1970-Q1"},
        {INT64_MIN, "1970-Q1"},
        {FIRST_MS, "-9999-Q1"},
        {FIRST_MS - 999, "-9999-Q1"}, /* cut off toward zero */
        {FIRST_MS - 1000, "1970-Q1"},
        {INT64_C(-62135596800000), "1-Q1"},
        {INT64_C(-62167219200000), "0-Q1"},
        {INT64_C(-62167219201000), "-1-Q4"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++)
        assert_quarter(rows[i].time_ms, rows[i].quarter);
}

/* Independent of the code under test: counts every month of the calendar. */
static void every_month_begins_where_the_last_one_ended(void **state)
{
    (void)state;
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t begin_ms = FIRST_MS;
    for (int year = -9999; year <= 9999; year++) {
        bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        for (int month = 0; month < 12; month++) {
            char expected[24];
            snprintf(expected, sizeof expected, "%d-Q%d", year, month / 3 + 1);
            int64_t days = lengths[month] + (month == 1 && is_leap);
            int64_t end_ms = begin_ms + days * DAY;
            assert_quarter(begin_ms, expected);
            assert_quarter(begin_ms + DAY, expected);
            assert_quarter(end_ms - 1000, expected); /* the last whole second */
            begin_ms = end_ms;
        }
    }
    assert_int_equal(begin_ms, LAST_MS + 1);
}

static void only_quarters_are_quarters(void **state)
{
    (void)state;
    static const char *const good[] = {"2024-Q1", "2024-Q4",  "1-Q1",   "0-Q2",
                                       "-1-Q3",   "-9999-Q4", "0001-Q1"};
    static const char *const bad[] = {
        "",         "-",         "Q1",       "-Q1",      "--1-Q1",   "+1-Q1",      "2024",
        "2024-",    "2024-Q",    "2024-Q0",  "2024-Q5",  "2024-Q9",  "2024-Q:",    "2024-q1",
        "20240-Q1", "-20240-Q1", "2024-Q11", "2024-Q1 ", " 2024-Q1", "2024_Q1",    "2024-Q1/",
        "202a-Q1",  "../..",     ".",        "2024-1",   "2024Q1",   "2024-Q\xb1",
    };
    for (size_t i = 0; i < LENGTH(good); i++)
        assert_true(mia_quarter_is_valid(good[i]));
    for (size_t i = 0; i < LENGTH(bad); i++)
        if (mia_quarter_is_valid(bad[i]))
            fail_msg("'%s' was taken for a quarter", bad[i]);
    assert_false(mia_quarter_is_valid(NULL));
}

static const int64_t now = INT64_C(1705320000000);

static struct mia_time_scope scope_of(enum mia_scope scope)
{
    struct mia_time_scope s = {.scope = scope, .start_ms = 17, .end_ms = 19};
    return s;
}

#define assert_range(scope, now_ms, first, last)                                                   \
    do {                                                                                           \
        int64_t start = 1, end = 2;                                                                \
        mia_time_range((scope), (now_ms), &start, &end);                                           \
        assert_true(start == (first));                                                             \
        assert_true(end == (last));                                                                \
    } while (0)

static void scope_range(void **state)
{
    (void)state;
    assert_range(scope_of(MIA_SCOPE_CURRENT_CHAT), now, 0, INT64_MAX);
    assert_range(scope_of(MIA_SCOPE_TODAY), now, now - INT64_C(86400000), now);
    assert_range(scope_of(MIA_SCOPE_THIS_WEEK), now, now - INT64_C(604800000), now);
    assert_range(scope_of(MIA_SCOPE_THIS_MONTH), now, now - INT64_C(2592000000), now);
    assert_range(scope_of(MIA_SCOPE_THIS_QUARTER), now, now - INT64_C(7776000000), now);
    assert_range(scope_of(MIA_SCOPE_THIS_YEAR), now, now - INT64_C(31536000000), now);
    assert_range(scope_of(MIA_SCOPE_LAST_YEAR), now, now - INT64_C(63072000000),
                 now - INT64_C(31536000000));
    assert_range(scope_of(MIA_SCOPE_CUSTOM), now, 17, 19);
    assert_range((struct mia_time_scope){0}, now, 0, INT64_MAX);
}

static void scope_contains(void **state)
{
    (void)state;
    assert_true(mia_time_contains(scope_of(MIA_SCOPE_TODAY), now, now));
    assert_false(mia_time_contains(scope_of(MIA_SCOPE_TODAY), now - 25 * DAY / 24, now));
    assert_false(mia_time_contains(scope_of(MIA_SCOPE_THIS_WEEK), now - 8 * DAY, now));

    for (int i = MIA_SCOPE_CURRENT_CHAT; i <= MIA_SCOPE_CUSTOM; i++) {
        struct mia_time_scope scope = scope_of((enum mia_scope)i);
        int64_t start, end;
        mia_time_range(scope, now, &start, &end);
        assert_true(mia_time_contains(scope, start, now));
        assert_true(mia_time_contains(scope, end, now));
        assert_false(mia_time_contains(scope, start - 1, now));
        if (end < INT64_MAX)
            assert_false(mia_time_contains(scope, end + 1, now));
    }
    assert_true(mia_time_contains(scope_of(MIA_SCOPE_CURRENT_CHAT), 0, now));
    assert_true(mia_time_contains(scope_of(MIA_SCOPE_CURRENT_CHAT), INT64_MAX, now));
    assert_false(mia_time_contains(scope_of(MIA_SCOPE_CURRENT_CHAT), -1, now));
}

static void a_custom_period_may_be_empty_or_everything(void **state)
{
    (void)state;
    struct mia_time_scope one = {MIA_SCOPE_CUSTOM, 5, 5}, none = {MIA_SCOPE_CUSTOM, 5, 4},
                          all = {MIA_SCOPE_CUSTOM, INT64_MIN, INT64_MAX};
    for (int64_t t = 3; t < 8; t++) {
        assert_int_equal(mia_time_contains(one, t, now), t == 5);
        assert_false(mia_time_contains(none, t, now));
    }
    assert_true(mia_time_contains(all, INT64_MIN, INT64_MIN));
    assert_true(mia_time_contains(all, INT64_MAX, INT64_MIN));
    assert_range(none, now, 5, 4);
}

static void extreme_times_saturate(void **state)
{
    (void)state;
    static const struct {
        enum mia_scope scope;
        int64_t start_ago, end_ago;
    } rows[] = {
        {MIA_SCOPE_TODAY, DAY, 0},           {MIA_SCOPE_THIS_WEEK, 7 * DAY, 0},
        {MIA_SCOPE_THIS_MONTH, 30 * DAY, 0}, {MIA_SCOPE_THIS_QUARTER, 90 * DAY, 0},
        {MIA_SCOPE_THIS_YEAR, 365 * DAY, 0}, {MIA_SCOPE_LAST_YEAR, 730 * DAY, 365 * DAY},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct mia_time_scope s = scope_of(rows[i].scope);
        int64_t ago = rows[i].start_ago, end_ago = rows[i].end_ago;
        assert_range(s, INT64_MAX, INT64_MAX - ago, INT64_MAX - end_ago);
        assert_range(s, INT64_MIN + ago + 1, INT64_MIN + 1, INT64_MIN + ago + 1 - end_ago);
        assert_range(s, INT64_MIN + ago, INT64_MIN, INT64_MIN + ago - end_ago);
        assert_range(s, INT64_MIN + ago - 1, INT64_MIN, INT64_MIN + ago - 1 - end_ago);
        assert_range(s, INT64_MIN, INT64_MIN, INT64_MIN);
        assert_true(mia_time_contains(s, INT64_MIN, INT64_MIN));
        assert_false(mia_time_contains(s, INT64_MAX, INT64_MIN));
    }
    assert_range(scope_of(MIA_SCOPE_CURRENT_CHAT), INT64_MIN, 0, INT64_MAX);
}

static void a_number_that_is_no_scope_contains_nothing(void **state)
{
    (void)state;
    static const int numbers[] = {-1, MIA_SCOPE_CUSTOM + 1, INT32_MAX};
    for (size_t i = 0; i < LENGTH(numbers); i++) {
        struct mia_time_scope s = scope_of((enum mia_scope)numbers[i]);
        assert_false(mia_time_contains(s, 18, now));
        assert_false(mia_time_contains(s, INT64_MIN, now));
        assert_false(mia_time_contains(s, INT64_MAX, now));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quarter_table),
        cmocka_unit_test(every_month_begins_where_the_last_one_ended),
        cmocka_unit_test(only_quarters_are_quarters),
        cmocka_unit_test(scope_range),
        cmocka_unit_test(scope_contains),
        cmocka_unit_test(a_custom_period_may_be_empty_or_everything),
        cmocka_unit_test(extreme_times_saturate),
        cmocka_unit_test(a_number_that_is_no_scope_contains_nothing),
    };
    return test_run_group("time", tests, LENGTH(tests));
}
