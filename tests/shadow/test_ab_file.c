/* test_ab_file.c - the file of what was compared: for others to read, and no matter if it fails */
#include "shadow/ab_bench.h"
#include "support/lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { EVERY_MS = 10, GETS = MIA_SHADOW_AB_GET, WRONG = 30 };

struct read_back {
    struct mia_shadow_ab_report report;
    struct mia_shadow_ab_mismatch mismatches[MIA_SHADOW_AB_IN_FILE];
};

static struct read_back read_file(struct pair_bench *b)
{
    struct read_back got = {.report = {.struct_size = sizeof got.report}};
    OK(mia_shadow_ab_read(b->pair, &got.report, got.mismatches, ERR));
    return got;
}

static void start(struct pair_bench *b, bool no_file)
{
    struct mia_shadow_ab_options opt = {
        .struct_size = sizeof opt, .percent = 100, .write_every_ms = EVERY_MS, .no_file = no_file};
    OK(mia_shadow_ab_start(mia_store_db(b->store), &opt, ERR));
}

static void stop(struct pair_bench *b)
{
    OK(mia_shadow_ab_stop(mia_store_db(b->store), ERR));
}

static void rest(void)
{
    const struct timespec pause = {0, 2000000};
    nanosleep(&pause, NULL);
}

/* A busy machine skips many, or all of them. */
static struct mia_shadow_ab_report read_until_compared(struct pair_bench *b)
{
    struct mia_shadow_ab_report report = {.struct_size = sizeof report};
    for (int i = 0; i < 100 && report.operations[GETS].compared == 0; i++) {
        ab_read_all(b, 10);
        report = ab_settle(b);
    }
    return report;
}

static void the_file_path(struct pair_bench *b, char path[TEST_PATH], const char *end)
{
    char name[40];
    snprintf(name, sizeof name, "mia-shadow-ab%s", end);
    test_path(path, b->pair, name);
}

static void expect_same_report(const struct mia_shadow_ab_report *a,
                               const struct mia_shadow_ab_report *b)
{
    assert_int_equal(a->is_running, b->is_running);
    assert_memory_equal(a->operations, b->operations, sizeof a->operations);
    assert_int_equal(a->has_percentiles, b->has_percentiles);
    for (int i = 0; i < MIA_SHADOW_AB_OPERATIONS; i++) {
        assert_memory_equal(&a->primary[i], &b->primary[i], offsetof(struct mia_ab_latency, mean));
        assert_memory_equal(&a->candidate[i], &b->candidate[i],
                            offsetof(struct mia_ab_latency, mean));
        double difference = a->candidate[i].mean - b->candidate[i].mean; /* whole ns there */
        assert_true(difference <= 0.5 && difference >= -0.5);
    }
    assert_string_equal(a->primary_engine, b->primary_engine);
    assert_string_equal(a->candidate_engine, b->candidate_engine);
    assert_string_equal(a->last_error, b->last_error);
    assert_int_equal(a->started_ms, b->started_ms);
    assert_int_equal(a->written_ms, b->written_ms);
    assert_int_equal(a->write_failures, b->write_failures);
    assert_string_equal(a->last_write_failure, b->last_write_failure);
}

/* ---- written */

static void it_is_written_and_replaced(void **state)
{
    struct pair_bench *b = *state;
    struct mia_shadow_ab_report none = {.struct_size = sizeof none};
    ANSWERS(mia_shadow_ab_read(b->pair, &none, NULL, ERR), MIA_NOTFOUND);
    start(b, true);
    ab_read_all(b, 5);
    ab_settle(b);
    stop(b);
    ANSWERS(mia_shadow_ab_read(b->pair, &none, NULL, ERR), MIA_NOTFOUND);
    start(b, false);
    while (mia_shadow_ab_read(b->pair, &none, NULL, NULL) == MIA_NOTFOUND)
        rest(); /* at once, before anything is read */
    uint64_t compared = read_until_compared(b).operations[GETS].compared;
    assert_true(compared > 0);
    struct read_back got = read_file(b);
    for (int i = 0; i < 5000 && got.report.operations[GETS].compared < compared; i++) {
        rest();
        got = read_file(b);
    }
    assert_true(got.report.is_running);
    assert_int_equal(got.report.operations[GETS].compared, compared);
    int64_t first = got.report.written_ms;
    for (int i = 0; i < 5000 && got.report.written_ms == first; i++) { /* also with nothing new */
        rest();
        got = read_file(b);
    }
    assert_true(got.report.written_ms > first);
    stop(b);
    struct mia_shadow_ab_report report = ab_report_of(b);
    got = read_file(b);
    assert_false(got.report.is_running);
    expect_same_report(&got.report, &report);
    pair_close(b);
    assert_int_equal(read_file(b).report.operations[GETS].compared, compared);
}

/* The candidate does not have those with a 1, and has other values for those with a 2. */
static void wrong_id(char id[40], int i)
{
    snprintf(id, 40, "wrong%d-%03d", 1 + i % 2, i / 2);
}

static void put_wrong(struct pair_bench *b)
{
    char id[40];
    for (int i = 0; i < 2 * WRONG; i++) {
        wrong_id(id, i);
        pair_put(b, id, "text");
    }
    pair_verify(b);
}

static void get_wrong(struct pair_bench *b)
{
    char id[40];
    mia_txn *txn = NULL;
    mia_view view;
    OK(mia_store_begin(b->store, MIA_TXN_READ, &txn, ERR));
    for (int i = 0; i < 2 * WRONG; i++) {
        wrong_id(id, i);
        OK(mia_get(txn, MIA_TABLE_NODES, mia_str_of(id), &view, ERR));
    }
    mia_txn_abort(txn);
}

static void the_first_mismatches_are_in_it_without_values(void **state)
{
    struct pair_bench *b = *state;
    char path[TEST_PATH];
    put_wrong(b);
    start(b, false);
    ab_wrong_values = 1;
    for (int i = 0; i < 100 && ab_report_of(b).kept < 2 * WRONG; i++) {
        get_wrong(b);
        get_wrong(b); /* kept once all the same */
        ab_settle(b);
    }
    ab_wrong_values = 0;
    stop(b);
    struct mia_shadow_ab_report report = ab_report_of(b);
    struct read_back got = read_file(b);
    assert_int_equal(report.kept, 2 * WRONG);
    assert_int_equal(got.report.kept, 20); /* missing and value, 10 of each */
    expect_same_report(&got.report, &report);
    size_t of_class[MIA_DIFF_CLASSES] = {0}, at = 0;
    for (size_t i = 0; i < report.kept; i++) {
        struct mia_shadow_ab_mismatch m;
        OK(mia_shadow_ab_mismatch_at(mia_store_db(b->store), i, &m, ERR));
        if (of_class[m.difference]++ < 10)
            assert_memory_equal(&got.mismatches[at++], &m, sizeof m);
    }
    assert_int_equal(at, 20);
    struct mia_shadow_ab_report counted = {.struct_size = sizeof counted};
    OK(mia_shadow_ab_read(b->pair, &counted, NULL, ERR));
    assert_int_equal(counted.kept, 20);
    pair_close(b);
    the_file_path(b, path, "");
    size_t size;
    char *text = (char *)test_file_read(path, &size);
    assert_null(memmem(text, size, "right", 5)); /* what it answered instead: a value */
    free(text);
}

/* ---- not written */

/* Something is in the way, also for root. */
static void what_cannot_be_written_is_counted(void **state)
{
    struct pair_bench *b = *state;
    char obstacle[TEST_PATH];
    uint64_t times_behind = pair_status(b).times_behind;
    the_file_path(b, obstacle, ".tmp");
    assert_int_equal(mkdir(obstacle, 0755), 0);
    start(b, false);
    for (int i = 0; i < 5000 && ab_report_of(b).write_failures < 3; i++)
        rest();
    struct mia_shadow_ab_report report = read_until_compared(b); /* everything is as ever */
    pair_put(b, "right1", "right1, again");
    pair_wait(b);
    assert_true(report.is_running && report.operations[GETS].compared > 0);
    assert_true(report.write_failures >= 3 && report.written_ms == 0);
    assert_non_null(strstr(report.last_write_failure, "mia-shadow-ab.tmp"));
    assert_int_equal(pair_status(b).times_behind, times_behind);
    struct mia_shadow_ab_report none = {.struct_size = sizeof none};
    ANSWERS(mia_shadow_ab_read(b->pair, &none, NULL, ERR), MIA_NOTFOUND);
    assert_int_equal(rmdir(obstacle), 0);
    for (int i = 0; i < 5000 && ab_report_of(b).written_ms == 0; i++)
        rest();
    assert_true(read_file(b).report.write_failures >= 3); /* and the file tells */
    pair_verify(b);
}

static void a_directory_without_rights_is_counted(void **state)
{
    struct pair_bench *b = *state;
    if (geteuid() == 0)
        skip(); /* may do everything */
    assert_int_equal(chmod(b->pair, 0), 0);
    start(b, false);
    for (int i = 0; i < 5000 && ab_report_of(b).write_failures < 3; i++)
        rest();
    ab_read_all(b, 10);
    assert_true(ab_settle(b).write_failures >= 3);
    stop(b);
    assert_int_equal(chmod(b->pair, 0755), 0);
}

static void a_directory_that_is_gone_is_counted(void **state)
{
    struct pair_bench *b = *state;
    char elsewhere[TEST_PATH];
    test_path(elsewhere, b->folder, "elsewhere");
    assert_int_equal(rename(b->pair, elsewhere), 0);
    start(b, false);
    assert_true(read_until_compared(b).operations[GETS].compared > 0);
    stop(b);
    assert_true(ab_report_of(b).write_failures > 0);
    assert_int_equal(rename(elsewhere, b->pair), 0);
}

/* ---- read */

static mia_status read_report(const char *folder, struct mia_error *err)
{
    struct mia_shadow_ab_report report = {.struct_size = sizeof report};
    return mia_shadow_ab_read(folder, &report, NULL, err);
}

static void what_is_damaged_is_not_believed(void **state)
{
    struct pair_bench *b = *state;
    char path[TEST_PATH];
    size_t size;
    struct mia_shadow_ab_report report = {.struct_size = sizeof report};
    start(b, false);
    ab_wrong_values = 1;
    for (int i = 0; i < 100 && ab_report_of(b).kept < 2; i++) {
        ab_read_all(b, 1);
        ab_settle(b);
    }
    ab_wrong_values = 0;
    pair_close(b); /* ends it */
    the_file_path(b, path, "");
    char *text = (char *)test_file_read(path, &size);
    assert_true(size > 500);
    assert_int_equal(read_file(b).report.is_running, false);
    for (size_t at = 0; at < size; at += 7) {
        text[at] ^= 1;
        test_file_write(path, text, size);
        ANSWERS(mia_shadow_ab_read(b->pair, &report, NULL, ERR), MIA_ERR_CORRUPT);
        text[at] ^= 1;
    }
    test_file_write(path, text, 0);
    ANSWERS(mia_shadow_ab_read(b->pair, &report, NULL, ERR), MIA_ERR_CORRUPT);
    test_file_write(path, text, size);
    test_lines_cut(b->pair, "mia-shadow-ab", false, read_report);
    report.struct_size = 0;
    ANSWERS(mia_shadow_ab_read(b->pair, &report, NULL, ERR), MIA_ERR_INVALID);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        AB_TEST(it_is_written_and_replaced),
        AB_TEST(the_first_mismatches_are_in_it_without_values),
        AB_TEST(what_cannot_be_written_is_counted),
        AB_TEST(a_directory_without_rights_is_counted),
        AB_TEST(a_directory_that_is_gone_is_counted),
        AB_TEST(what_is_damaged_is_not_believed),
    };
    return cmocka_run_group_tests_name("shadow_ab_file", tests, NULL, NULL);
}
