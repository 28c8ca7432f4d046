/* test_plan.c - what only a caller of the library sees of a plan: changes meanwhile, stops, sums */
#include "mia/mia.h"
#include "support/check.h"
#include "support/folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RECORDS = 20000 };

struct bench {
    char folder[TEST_PATH], source[TEST_PATH], target[TEST_PATH], db[TEST_PATH];
    bool is_to_stop, is_to_change, has_changed;
    uint64_t trees, records, obstacles;
    char said[MIA_OBSTACLE_CLASSES][sizeof((struct mia_error *)0)->message];
};

static int open_bench(void **state)
{
    struct bench *b = calloc(1, sizeof *b);
    test_folder_make(b->folder);
    test_path(b->source, b->folder, "source");
    test_path(b->target, b->folder, "target");
    test_path(b->db, b->source, "db");
    struct mia_sample_options opt = {
        .struct_size = sizeof opt, .target = b->source, .records = RECORDS};
    OK(mia_sample(&opt, ERR));
    *state = b;
    return 0;
}

static int close_bench(void **state)
{
    struct bench *b = *state;
    test_folder_remove(b->folder);
    free(b);
    return 0;
}

static void take_obstacle(void *ctx, const struct mia_obstacle *obstacle)
{
    struct bench *b = ctx;
    b->obstacles++;
    snprintf(b->said[obstacle->obstacle], sizeof b->said[0], "%s", obstacle->message);
}

static void take_tree(void *ctx, const struct mia_plan_tree *tree)
{
    struct bench *b = ctx;
    b->trees++;
    b->records += tree->records;
}

/* An application that appends to its file while it is read. */
static bool meanwhile(void *ctx, const struct mia_progress *progress)
{
    struct bench *b = ctx;
    if (b->is_to_change && !b->has_changed && strcmp(progress->phase, "read") == 0) {
        FILE *file = fopen(b->db, "ab");
        assert_non_null(file);
        fputc(0, file);
        fclose(file);
        b->has_changed = true;
    }
    return !b->is_to_stop;
}

static mia_status plan(struct bench *b, struct mia_plan_report *report, struct mia_error *err)
{
    struct mia_plan_options opt = {.struct_size = sizeof opt,
                                   .source = b->source,
                                   .target = b->target,
                                   .obstacle = take_obstacle,
                                   .obstacle_ctx = b,
                                   .tree = take_tree,
                                   .tree_ctx = b,
                                   .progress = meanwhile,
                                   .progress_ctx = b};
    *report = (struct mia_plan_report){.struct_size = sizeof *report};
    return mia_plan(&opt, report, err);
}

static void it_says_what_the_migration_does(void **state)
{
    struct bench *b = *state;
    struct mia_plan_report report;
    struct mia_migrate_report made = {.struct_size = sizeof made};
    struct mia_migrate_options opt = {
        .struct_size = sizeof opt, .source = b->source, .target = b->target};
    OK(plan(b, &report, ERR));
    OK(mia_migrate(&opt, &made, ERR));
    assert_int_equal(report.failure, MIA_FAILURE_NONE);
    assert_true(report.is_read && report.typed);
    assert_int_equal(report.records, made.records);
    assert_int_equal(report.trees, made.trees);
    assert_int_equal(report.left_out_trees, made.left_out_trees);
    assert_int_equal(report.left_out_records, made.left_out_records);
    assert_int_equal(report.key_bytes, made.key_bytes);
    assert_int_equal(report.value_bytes, made.value_bytes);
    assert_int_equal(report.index_entries, made.index_entries);
    assert_int_equal(report.page_size, made.page_size);
    assert_int_equal(b->trees, report.trees + report.left_out_trees);
    assert_int_equal(b->records, RECORDS);
    uint64_t values = 0;
    for (int i = 0; i < MIA_PLAN_VALUE_SIZES; i++)
        values += report.value_sizes[i];
    assert_int_equal(values, report.records);
}

/* Indexes depend on when their transactions were synced; what is appended does not. */
static void it_knows_how_large_the_target_will_be(void **state)
{
    struct bench *b = *state;
    struct mia_plan_report report = {.struct_size = sizeof report};
    struct mia_plan_options how = {
        .struct_size = sizeof how, .source = b->source, .without_indexes = true};
    struct mia_migrate_report made = {.struct_size = sizeof made};
    struct mia_migrate_options opt = {.struct_size = sizeof opt,
                                      .source = b->source,
                                      .target = b->target,
                                      .without_indexes = true};
    OK(mia_plan(&how, &report, ERR));
    OK(mia_migrate(&opt, &made, ERR));
    if (report.target_bytes < made.target_bytes * 9 / 10 ||
        report.target_bytes > made.target_bytes * 11 / 10)
        fail_msg("%llu bytes were planned, %llu it has", (unsigned long long)report.target_bytes,
                 (unsigned long long)made.target_bytes);
}

static void a_change_meanwhile_is_noticed(void **state)
{
    struct bench *b = *state;
    struct mia_plan_report report;
    b->is_to_change = true;
    OK(plan(b, &report, ERR));
    assert_true(b->has_changed);
    assert_int_equal(report.failure, MIA_FAILURE_REFUSED);
    assert_non_null(strstr(b->said[MIA_OBSTACLE_SOURCE_CHANGED], "was changed while"));
}

static void it_can_be_stopped(void **state)
{
    struct bench *b = *state;
    struct mia_plan_report report;
    b->is_to_stop = true;
    ANSWERS(plan(b, &report, ERR), MIA_ERR_CANCELLED);
    assert_int_equal(report.failure, MIA_FAILURE_INTERRUPTED);
    assert_false(test_exists(b->target));
}

static void bad_options_are_refused(void **state)
{
    struct bench *b = *state;
    struct mia_plan_report report = {0};
    struct mia_plan_options opt = {.struct_size = sizeof opt, .source = b->source};
    ANSWERS(mia_plan(&opt, &report, ERR), MIA_ERR_INVALID);
    report.struct_size = sizeof report;
    OK(mia_plan(&opt, &report, ERR)); /* without a target, and without a single callback */
    assert_int_equal(report.failure, MIA_FAILURE_NONE);
    opt.source = NULL;
    ANSWERS(mia_plan(&opt, &report, ERR), MIA_ERR_INVALID);
}

static void names_are_stable(void **state)
{
    (void)state;
    assert_string_equal(mia_obstacle_name(MIA_OBSTACLE_TARGET_EXISTS), "target_exists");
    assert_string_equal(mia_obstacle_name(MIA_OBSTACLE_CLASSES), "?");
    assert_string_equal(mia_weight_name(MIA_WEIGHT_REFUSAL), "refusal");
    assert_string_equal(mia_weight_name(MIA_WEIGHTS), "?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_says_what_the_migration_does, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(it_knows_how_large_the_target_will_be, open_bench,
                                        close_bench),
        cmocka_unit_test_setup_teardown(a_change_meanwhile_is_noticed, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(it_can_be_stopped, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(bad_options_are_refused, open_bench, close_bench),
        cmocka_unit_test(names_are_stable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
