/* test_ab.c - reads done again on both sides: wrong answers are found, and nobody notices */
#include "shadow/ab_bench.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct timing {
    uint64_t calls[MIA_SHADOW_AB_OPERATIONS], candidate_first, empty;
};

static void note(void *ctx, const struct mia_shadow_ab_sample *sample)
{
    struct timing *t = ctx;
    t->calls[sample->operation]++;
    t->candidate_first += sample->candidate_first;
    t->empty += sample->primary_ns == 0 || sample->candidate_ns == 0;
}

static void all_is_well(const struct mia_engine_ops *first)
{
    struct pair_bench b;
    struct timing timing = {{0}, 0, 0};
    ab_open_pair(&b, first);
    struct mia_shadow_ab_options opt = {
        .struct_size = sizeof opt, .percent = 100, .fn = note, .fn_ctx = &timing, .seed = 5};
    OK(mia_shadow_ab_start(mia_store_db(b.store), &opt, ERR));
    ANSWERS(mia_shadow_ab_start(mia_store_db(b.store), &opt, ERR), MIA_ERR_INVALID);
    struct mia_shadow_ab_report report = {.struct_size = sizeof report};
    for (int i = 0; i < 100 && report.operations[MIA_SHADOW_AB_SCAN].compared < 10; i++) {
        ab_read_all(&b, 30); /* a busy machine skips many, or all of them */
        report = ab_settle(&b);
    }
    OK(mia_shadow_ab_stop(mia_store_db(b.store), ERR));
    const struct mia_shadow_ab_counts *gets = &report.operations[MIA_SHADOW_AB_GET];
    assert_true(report.is_running && !ab_report_of(&b).is_running);
    assert_true(gets->sampled >= 30 * 7 && gets->compared > 0);
    assert_true(report.operations[MIA_SHADOW_AB_SCAN].compared > 0);
    assert_int_equal(report.kept, 0);
    assert_int_equal(timing.calls[MIA_SHADOW_AB_GET], gets->compared);
    assert_int_equal(timing.empty, 0);
    /* by chance, and by the seed */
    assert_true(timing.candidate_first > gets->compared / 4);
    assert_true(timing.candidate_first < gets->compared);
    uint64_t before = report.operations[MIA_SHADOW_AB_GET].sampled;
    ab_read_all(&b, 5);
    assert_int_equal(ab_report_of(&b).operations[MIA_SHADOW_AB_GET].sampled, before);
    assert_int_equal(pair_status(&b).state, MIA_SHADOW_VERIFIED);
    opt.percent = 30;
    OK(mia_shadow_ab_start(mia_store_db(b.store), &opt, ERR));
    ab_read_all(&b, 100);
    uint64_t sampled = ab_report_of(&b).operations[MIA_SHADOW_AB_GET].sampled;
    assert_true(sampled > 100 && sampled < 400); /* of at least 700 */
    pair_close(&b);
    pair_remove(&b);
}

static void equal_answers_on_mdbx(void **state)
{
    (void)state;
    all_is_well(mia_engine_mdbx());
}

static void equal_answers_on_sled(void **state)
{
    (void)state;
    if (mia_engine_sled() == NULL)
        skip();
    all_is_well(mia_engine_sled());
}

static void wrong_answers_are_found(void **state)
{
    struct pair_bench *b = *state;
    struct mia_shadow_ab_mismatch m;
    const struct mia_shadow_ab_rule rules[] = {
        {.tree = MIA_BYTES("edges")},
        {.tree = MIA_BYTES("nodes"),
         .prefix = MIA_BYTES("wrong3"),
         .has_class = true,
         .difference = MIA_DIFF_VALUE},
    };
    struct mia_shadow_ab_options opt = {
        .struct_size = sizeof opt, .percent = 100, .rules = rules, .rule_count = LENGTH(rules)};
    OK(mia_shadow_ab_start(mia_store_db(b->store), &opt, ERR));
    ab_wrong_values = 1;
    for (int i = 0; i < 20; i++) {
        ab_read_all(b, 5);
        ab_settle(b);
    }
    ab_wrong_values = 0;
    struct mia_shadow_ab_report report = ab_report_of(b);
    const struct mia_shadow_ab_counts *gets = &report.operations[MIA_SHADOW_AB_GET];
    assert_true(gets->mismatches[MIA_DIFF_MISSING] > 0);
    assert_true(gets->mismatches[MIA_DIFF_VALUE] > 0);
    assert_int_equal(gets->mismatches[MIA_DIFF_EXTRA], 0);
    assert_true(gets->ignored > 0);
    assert_true(report.kept >= 2 && report.kept <= 200);
    for (size_t i = 0; i < report.kept; i++) {
        OK(mia_shadow_ab_mismatch_at(mia_store_db(b->store), i, &m, ERR));
        const char *id = m.difference == MIA_DIFF_MISSING ? "wrong1" : "wrong2";
        assert_string_equal(m.tree, "nodes");
        assert_bytes(((mia_slice){m.key, m.key_size}), mia_bytes_of(id));
    }
    ANSWERS(mia_shadow_ab_mismatch_at(mia_store_db(b->store), report.kept, &m, ERR), MIA_NOTFOUND);
    assert_int_equal(pair_status(b).state, MIA_SHADOW_FOLLOWING); /* no longer verified */
    ANSWERS(mia_shadow_switch_store(b->store, 10, ERR), MIA_ERR_BUSY);
    pair_verify(b);
}

static void a_failing_candidate_is_not_the_callers(void **state)
{
    struct pair_bench *b = *state;
    ab_start(b);
    ab_errors = 1;
    ab_read_all(b, 20);
    struct mia_shadow_ab_report report = ab_settle(b);
    assert_true(report.operations[MIA_SHADOW_AB_GET].errors > 0);
    assert_string_equal(report.last_error, "the candidate's disk errs");
    pair_put(b, "right1", "changed"); /* now it is behind: skipped */
    ab_read_all(b, 20);
    ab_settle(b);
    ab_errors = 0;
    assert_true(ab_report_of(b).operations[MIA_SHADOW_AB_GET].skipped > 0);
    OK(mia_shadow_ab_stop(mia_store_db(b->store), ERR));
    pair_verify(b);
}

/* Changes on their way are no mismatches. */
static void under_writes_nothing_is_wrong(void **state)
{
    struct pair_bench *b = *state;
    ab_start(b);
    for (int i = 0; i < 300; i++) {
        char text[16];
        snprintf(text, sizeof text, "t%d", i);
        pair_put(b, "right2", text);
        ab_read_all(b, 1);
        if (i % 50 == 0)
            pair_wait(b);
    }
    pair_wait(b);
    ab_read_all(b, 20);
    struct mia_shadow_ab_report report = ab_settle(b);
    assert_true(report.operations[MIA_SHADOW_AB_GET].compared > 0);
    assert_int_equal(report.kept, 0);
}

/* ---- times */

enum { DELAY_US = 4000, TIMED = 40 };

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static int compare_times(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* The median of what the reads took that a caller did. */
static uint64_t time_reads(struct pair_bench *b)
{
    uint64_t took[TIMED];
    for (int i = 0; i < TIMED; i++) {
        mia_txn *txn = NULL;
        mia_view view;
        uint64_t begin = now_ns();
        OK(mia_store_begin(b->store, MIA_TXN_READ, &txn, ERR));
        OK(mia_get(txn, MIA_TABLE_NODES, MIA_STR("right2"), &view, ERR));
        mia_txn_abort(txn);
        took[i] = now_ns() - begin;
    }
    qsort(took, TIMED, sizeof took[0], compare_times);
    return took[TIMED / 2];
}

/* A busy machine skips many, or all of them. Returns the longest median. */
static uint64_t time_until_compared(struct pair_bench *b, struct mia_shadow_ab_report *report)
{
    uint64_t longest = 0, before = ab_report_of(b).operations[MIA_SHADOW_AB_GET].compared;
    for (int i = 0; i < 100; i++) {
        uint64_t median = time_reads(b);
        longest = median > longest ? median : longest;
        *report = ab_settle(b);
        if (report->operations[MIA_SHADOW_AB_GET].compared >= before + 10)
            break;
    }
    return longest;
}

static void expect_order(const struct mia_ab_latency *l, uint64_t compared)
{
    assert_int_equal(l->count, compared);
    assert_true(l->min > 0 && l->min <= l->p50 && l->p50 <= l->p90 && l->p90 <= l->p99);
    assert_true(l->p99 <= l->p999 && l->p999 <= l->max);
    assert_true(l->mean >= (double)l->min && l->mean <= (double)l->max);
}

static void expect_no_percentiles(const struct mia_shadow_ab_report *report)
{
    const struct mia_shadow_ab_report none = {0};
    assert_memory_equal(report->primary, none.primary, sizeof none.primary);
    assert_memory_equal(report->candidate, none.candidate, sizeof none.candidate);
}

static void a_slow_candidate_is_seen_in_its_own_times_only(void **state)
{
    struct pair_bench *b = *state;
    const uint64_t delay_ns = DELAY_US * UINT64_C(1000);
    ab_start(b);
    ab_delay_us = DELAY_US;
    struct mia_shadow_ab_report report;
    assert_true(time_until_compared(b, &report) < delay_ns);
    ab_delay_us = 0;
    const struct mia_shadow_ab_counts *gets = &report.operations[MIA_SHADOW_AB_GET];
    const struct mia_ab_latency *primary = &report.primary[MIA_SHADOW_AB_GET];
    const struct mia_ab_latency *candidate = &report.candidate[MIA_SHADOW_AB_GET];
    assert_true(gets->compared > 0);
    assert_int_equal(gets->compared + gets->skipped, gets->sampled);
    assert_true(gets->candidate_ns >= gets->compared * delay_ns);
    if (report.has_percentiles) {
        expect_order(primary, gets->compared);
        expect_order(candidate, gets->compared);
        assert_true(candidate->min >= delay_ns * 99 / 100); /* three digits */
        assert_true(primary->p50 < delay_ns);
    } else {
        expect_no_percentiles(&report);
    }
    OK(mia_shadow_ab_stop(mia_store_db(b->store), ERR));
    ab_start(b); /* from zero */
    assert_int_equal(ab_report_of(b).candidate[MIA_SHADOW_AB_GET].count, 0);
    assert_int_equal(ab_report_of(b).operations[MIA_SHADOW_AB_GET].candidate_ns, 0);
}

static void after_a_switch_times_stay_with_their_database(void **state)
{
    struct pair_bench *b = *state;
    ab_start(b);
    ab_delay_us = DELAY_US;
    struct mia_shadow_ab_report before, after;
    time_until_compared(b, &before);
    ab_delay_us = 0;
    assert_true(before.operations[MIA_SHADOW_AB_GET].compared > 0);
    OK(mia_shadow_switch_store(b->store, 5000, ERR));
    after = ab_report_of(b);
    assert_true(after.is_running);
    assert_memory_equal(&after.primary[MIA_SHADOW_AB_GET], &before.candidate[MIA_SHADOW_AB_GET],
                        sizeof after.primary[0]); /* the switch itself only scans */
    assert_memory_equal(&after.candidate[MIA_SHADOW_AB_GET], &before.primary[MIA_SHADOW_AB_GET],
                        sizeof after.candidate[0]);
    assert_int_equal(after.operations[MIA_SHADOW_AB_GET].primary_ns,
                     before.operations[MIA_SHADOW_AB_GET].candidate_ns);
    time_until_compared(b, &after);
    assert_true(after.operations[MIA_SHADOW_AB_GET].compared >
                before.operations[MIA_SHADOW_AB_GET].compared);
    if (after.has_percentiles) /* the long ones are among them */
        assert_true(after.primary[MIA_SHADOW_AB_GET].max >= DELAY_US * UINT64_C(990));
}

/* ---- threads */

static void *start_and_stop(void *argument)
{
    struct pair_bench *b = argument;
    struct mia_shadow_ab_options opt = {
        .struct_size = sizeof opt, .percent = 100, .write_every_ms = 1};
    for (int i = 0; i < 20; i++) {
        struct mia_shadow_ab_report report = {.struct_size = sizeof report};
        mia_status rc = mia_shadow_ab_start(b->db, &opt, ERR);
        if ((rc != MIA_OK && rc != MIA_ERR_INVALID) || /* another one's runs */
            mia_shadow_ab_report(b->db, &report, ERR) != MIA_OK ||
            mia_shadow_ab_stop(b->db, ERR) != MIA_OK)
            return b;
    }
    return NULL;
}

static void many_threads_start_and_stop_it(void **state)
{
    struct pair_bench *b = *state;
    pthread_t threads[4];
    b->db = mia_store_db(b->store);
    for (size_t i = 0; i < LENGTH(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, start_and_stop, b), 0);
    ab_read_all(b, 50);
    for (size_t i = 0; i < LENGTH(threads); i++) {
        void *failed;
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
    assert_false(ab_report_of(b).is_running);
    OK(mia_shadow_ab_stop(mia_store_db(b->store), ERR)); /* it does not run */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_answers_on_mdbx),
        cmocka_unit_test(equal_answers_on_sled),
        AB_TEST(wrong_answers_are_found),
        AB_TEST(a_failing_candidate_is_not_the_callers),
        AB_TEST(under_writes_nothing_is_wrong),
        AB_TEST(a_slow_candidate_is_seen_in_its_own_times_only),
        AB_TEST(after_a_switch_times_stay_with_their_database),
        AB_TEST(many_threads_start_and_stop_it),
    };
    return cmocka_run_group_tests_name("shadow_ab", tests, NULL, NULL);
}
