/* What the states of test_crash.c found, each by its name. */
#include "base/file.h"
#include "crash/site.h"
#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int open_with_disk(void **state)
{
    site_open(state);
    const struct site *s = *state;
    assert_int_equal(mkdir(s->disk, 0755), 0);
    return 0;
}

/* ---- one database */

static bool stop_at_once(void *ctx, const struct mia_progress *now)
{
    (void)ctx;
    return now->records_done == 0 || strcmp(now->phase, "copy") != 0;
}

static mia_status migrate(const struct site *s, const char *source, bool resume, bool force,
                          struct mia_migrate_report *report)
{
    char target[TEST_PATH];
    test_path(target, s->disk, "target");
    struct mia_migrate_options opt = {.struct_size = sizeof opt,
                                      .source = source,
                                      .target = target,
                                      .resume = resume,
                                      .force = force};
    if (!resume && !force)
        opt.progress = stop_at_once;
    *report = (struct mia_migrate_report){.struct_size = sizeof *report};
    test_error = (struct mia_error){0};
    return mia_migrate(&opt, report, ERR);
}

/* The file was made and sized, and the machine stopped before its first page was on disk. */
static void a_partial_that_is_empty_inside_names_force(void **state)
{
    static const uint8_t zeros[65536];
    const struct site *s = *state;
    char partial[TEST_PATH], file[TEST_PATH];
    struct mia_migrate_report report;
    test_path(partial, s->disk, "target.mia-partial");
    test_path(file, partial, "mdbx.dat");
    assert_int_equal(mkdir(partial, 0755), 0);
    test_file_write(file, zeros, sizeof zeros);
    assert_int_equal(migrate(s, s->typed, true, false, &report), MIA_ERR_INVALID);
    assert_int_equal(report.failure, MIA_FAILURE_REFUSED);
    assert_non_null(strstr(test_error.message, "--force"));
    OK(migrate(s, s->typed, false, true, &report));
}

/* A wrong source is refused, and the work of hours that is there stays. */
static void a_refused_resume_keeps_the_work(void **state)
{
    const struct site *s = *state;
    struct mia_migrate_report report;
    assert_int_equal(migrate(s, s->typed, false, false, &report), MIA_ERR_CANCELLED);
    assert_int_equal(migrate(s, s->other, true, false, &report), MIA_ERR_INVALID);
    assert_int_equal(report.failure, MIA_FAILURE_REFUSED);
    OK(migrate(s, s->typed, true, false, &report));
    assert_true(report.resumed_records > 0);
}

/* ---- a whole base */

struct installation {
    char root[TEST_PATH], base[TEST_PATH], spill[TEST_PATH];
    struct mia_installation_options opt;
};

/* Of copies of the bases, which may be changed. */
static struct installation *migrate_all(const struct site *s, struct installation *in)
{
    struct mia_installation_report report = {.struct_size = sizeof report};
    test_path(in->root, s->disk, "root");
    test_path(in->base, s->disk, "base");
    test_path(in->spill, s->disk, "spill");
    site_copy(s->base, in->base);
    site_copy(s->spill, in->spill);
    in->opt = (struct mia_installation_options){
        .struct_size = sizeof in->opt, .root = in->root, .base = in->base, .spill_base = in->spill};
    OK(mia_installation_migrate(&in->opt, &report, ERR));
    return in;
}

static void replace(const char *base, const char *name, const char *other)
{
    char path[TEST_PATH];
    test_path(path, base, name);
    test_folder_remove(path);
    site_copy(other, path);
}

static void delete_file(const char *directory, const char *name)
{
    char path[TEST_PATH];
    test_path(path, directory, name);
    assert_int_equal(remove(path), 0);
}

/* The source was changed, so the target is made anew: a stop while the old one was removed. */
static void a_target_that_is_half_removed_is_made_anew(void **state)
{
    const struct site *s = *state;
    struct installation in;
    struct mia_installation_report report = {.struct_size = sizeof report};
    migrate_all(s, &in);
    replace(in.base, "conversations/active", s->other);
    delete_file(in.root, "generations/1/conversations/active/mdbx.dat");
    OK(mia_installation_migrate(&in.opt, &report, ERR));
    assert_int_equal(report.already, SITE_DATABASES - 1);
    OK(mia_installation_cutover(&in.opt, ERR));
}

/* There is no --force for a base: what cannot be gone on with is begun anew. */
static void a_base_starts_over_where_a_partial_is_empty_inside(void **state)
{
    static const uint8_t zeros[65536];
    const struct site *s = *state;
    struct installation in;
    char path[TEST_PATH];
    struct mia_installation_report report = {.struct_size = sizeof report};
    migrate_all(s, &in);
    test_path(path, in.root, "generations/1/notes/deep");
    test_folder_remove(path);
    test_path(path, in.root, "generations/1/notes/deep.mia-partial");
    assert_int_equal(mkdir(path, 0755), 0);
    test_path(path, in.root, "generations/1/notes/deep.mia-partial/mdbx.dat");
    test_file_write(path, zeros, sizeof zeros);
    OK(mia_installation_migrate(&in.opt, &report, ERR));
    OK(mia_installation_cutover(&in.opt, ERR));
}

static void what_a_stopped_finish_left_is_finished(void **state)
{
    const struct site *s = *state;
    struct installation in;
    char path[TEST_PATH];
    migrate_all(s, &in);
    OK(mia_installation_cutover(&in.opt, ERR));
    delete_file(in.base, "notes/deep/db");
    OK(mia_installation_finish(&in.opt, ERR));
    test_path(path, in.base, "notes");
    assert_false(test_exists(path));
}

/* libmdbx databases that lie in each other: to be alone with one changes no time that was noted. */
static void a_rollback_of_nested_databases_comes_to_its_end(void **state)
{
    const struct site *s = *state;
    struct installation in;
    struct mia_installation_report report = {.struct_size = sizeof report};
    migrate_all(s, &in);
    OK(mia_installation_cutover(&in.opt, ERR));
    OK(mia_installation_rollback(&in.opt, &report, ERR));
    assert_int_equal(report.done, SITE_DATABASES);
}

#define CASE_OF(name) cmocka_unit_test_setup_teardown(name, open_with_disk, site_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE_OF(a_partial_that_is_empty_inside_names_force),
        CASE_OF(a_refused_resume_keeps_the_work),
        CASE_OF(a_target_that_is_half_removed_is_made_anew),
        CASE_OF(a_base_starts_over_where_a_partial_is_empty_inside),
        CASE_OF(what_a_stopped_finish_left_is_finished),
        CASE_OF(a_rollback_of_nested_databases_comes_to_its_end),
    };
    return test_run_group("crash_found", tests, LENGTH(tests));
}
