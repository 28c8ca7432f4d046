/* crash/deeds_one.c - one database migrated, taken back */
#include "crash/explore.h"

#include "support/check.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct paths {
    char target[TEST_PATH], partial[TEST_PATH];
};

static struct paths paths_of(const struct site *s)
{
    struct paths p;
    test_path(p.target, s->disk, "target");
    test_path(p.partial, s->disk, "target.mia-partial");
    return p;
}

/* ---- migrate */

enum way { PLAIN, RESUME, FORCE };

/* The background sync comes in between, as in a migration that takes long. */
static bool slowly(void *ctx, const struct mia_progress *now)
{
    (void)ctx, (void)now;
    if (explore_is_recording())
        usleep(3000);
    return true;
}

static mia_status migrate(struct site *s, const char *source, bool raw, enum way way,
                          struct mia_migrate_report *report)
{
    struct paths p = paths_of(s);
    struct mia_migrate_options opt = {.struct_size = sizeof opt,
                                      .source = source,
                                      .target = p.target,
                                      .raw = raw,
                                      .resume = way == RESUME,
                                      .force = way == FORCE,
                                      .batch_bytes = 8 << 10,
                                      .progress = slowly};
    *report = (struct mia_migrate_report){.struct_size = sizeof *report};
    return mia_migrate(&opt, report, &s->error);
}

static void keep_problem(void *ctx, const char *line)
{
    struct site *s = ctx;
    snprintf(s->error.message, sizeof s->error.message, "%s", line);
}

static const char *check_target(struct site *s, const char *source)
{
    struct paths p = paths_of(s);
    struct mia_check_report report = {.struct_size = sizeof report};
    const char *why = site_compare(s, source, p.target);
    if (why == NULL && mia_check(p.target, NULL, keep_problem, s, &report, &s->error) != MIA_OK)
        why = "a target cannot be checked";
    if (why == NULL && report.problems != 0)
        why = "a target is not sound";
    return why;
}

/* A refusal is one before anything was written, and says how to go on. */
static bool names_force(const struct site *s, enum mia_failure failure)
{
    return failure == MIA_FAILURE_REFUSED && strstr(s->error.message, "--force") != NULL;
}

/* As it is documented: --resume goes on; where it says that it cannot, --force starts over. */
static const char *go_on(struct site *s, const char *source, bool raw, struct test_random *r)
{
    struct paths p = paths_of(s);
    struct mia_migrate_report report;
    bool is_left = test_exists(p.partial);
    if (is_left && test_below(r, 8) == 0) { /* it must not guess */
        if (migrate(s, source, raw, PLAIN, &report) >= 0 || !names_force(s, report.failure) ||
            strstr(s->error.message, "--resume") == NULL)
            return "what was left was not noticed";
    }
    enum way way = !is_left ? PLAIN : test_below(r, 8) == 0 ? FORCE : RESUME;
    mia_status rc = migrate(s, source, raw, way, &report);
    if (rc < 0 && way == RESUME) {
        if (!names_force(s, report.failure))
            return "--resume fails and names no remedy";
        rc = migrate(s, source, raw, FORCE, &report);
    }
    if (rc < 0)
        return "it cannot be gone on with";
    s->error = (struct mia_error){0};
    return test_exists(p.partial) ? "unfinished work is left" : NULL;
}

static const char *judge_migration(struct site *s, const char *source, bool raw,
                                   struct test_random *r)
{
    struct paths p = paths_of(s);
    const char *why = NULL;
    if (!test_exists(p.target))
        why = go_on(s, source, raw, r);
    return why != NULL ? why : check_target(s, source);
}

static void nothing(struct site *s)
{
    (void)s;
}

static mia_status run_migration(struct site *s, const char *source, bool raw, enum way way,
                                enum mia_failure *failure)
{
    struct mia_migrate_report report;
    mia_status rc = migrate(s, source, raw, way, &report);
    *failure = report.failure;
    return rc;
}

static mia_status migrate_typed(struct site *s, enum mia_failure *failure)
{
    return run_migration(s, s->typed, false, PLAIN, failure);
}

static const char *judge_typed(struct site *s, struct test_random *r)
{
    return judge_migration(s, s->typed, false, r);
}

static mia_status migrate_raw(struct site *s, enum mia_failure *failure)
{
    return run_migration(s, s->raw, true, PLAIN, failure);
}

static const char *judge_raw(struct site *s, struct test_random *r)
{
    return judge_migration(s, s->raw, true, r);
}

/* ---- migrate --force over what another migration left */

static bool stop_at_once(void *ctx, const struct mia_progress *now)
{
    (void)ctx;
    return now->records_done == 0 || strcmp(now->phase, "copy") != 0;
}

static void leave_unfinished(struct site *s)
{
    struct paths p = paths_of(s);
    struct mia_migrate_report report = {.struct_size = sizeof report};
    struct mia_migrate_options opt = {.struct_size = sizeof opt,
                                      .source = s->other,
                                      .target = p.target,
                                      .progress = stop_at_once};
    ANSWERS(mia_migrate(&opt, &report, ERR), MIA_ERR_CANCELLED);
    assert_true(test_exists(p.partial));
}

static mia_status start_over(struct site *s, enum mia_failure *failure)
{
    return run_migration(s, s->typed, false, FORCE, failure);
}

/* ---- rollback */

static mia_status roll_back(struct site *s, bool force, enum mia_failure *failure)
{
    struct paths p = paths_of(s);
    char source[TEST_PATH];
    struct mia_rollback_report report = {.struct_size = sizeof report};
    test_path(source, s->folder, "migrated");
    struct mia_rollback_options opt = {.struct_size = sizeof opt,
                                       .source = source,
                                       .target = p.target,
                                       .force = force,
                                       .segment_size = 4096};
    mia_status rc = mia_rollback(&opt, &report, &s->error);
    *failure = report.failure;
    return rc;
}

/* The source of the rollbacks is beside the disk; it is made once. */
static void make_migrated(struct site *s, const char *source, bool raw)
{
    char path[TEST_PATH];
    struct mia_migrate_report report = {.struct_size = sizeof report};
    test_path(path, s->folder, "migrated");
    if (test_exists(path))
        test_folder_remove(path);
    struct mia_migrate_options opt = {
        .struct_size = sizeof opt, .source = source, .target = path, .raw = raw};
    OK(mia_migrate(&opt, &report, ERR));
}

static void make_migrated_typed(struct site *s)
{
    make_migrated(s, s->typed, false);
}

static void make_migrated_raw(struct site *s)
{
    make_migrated(s, s->raw, true);
}

static mia_status run_rollback(struct site *s, enum mia_failure *failure)
{
    return roll_back(s, false, failure);
}

static const char *judge_rollback(struct site *s, const char *source, struct test_random *r)
{
    struct paths p = paths_of(s);
    if (!test_exists(p.target)) {
        bool is_left = test_exists(p.partial);
        enum mia_failure failure;
        if (is_left && test_below(r, 4) == 0) {
            if (roll_back(s, false, &failure) >= 0 || !names_force(s, failure))
                return "what was left was not noticed";
        }
        if (roll_back(s, is_left, &failure) < 0)
            return "it cannot be gone on with";
        s->error = (struct mia_error){0};
        if (test_exists(p.partial))
            return "unfinished work is left";
    }
    return site_compare(s, source, p.target);
}

static const char *judge_rollback_typed(struct site *s, struct test_random *r)
{
    return judge_rollback(s, s->typed, r);
}

static const char *judge_rollback_raw(struct site *s, struct test_random *r)
{
    return judge_rollback(s, s->raw, r);
}

const struct deed deeds_of_one[] = {
    {"migrate", nothing, migrate_typed, judge_typed},
    {"migrate --raw", nothing, migrate_raw, judge_raw},
    {"migrate --force", leave_unfinished, start_over, judge_typed},
    {"rollback", make_migrated_typed, run_rollback, judge_rollback_typed},
    {"rollback of a raw database", make_migrated_raw, run_rollback, judge_rollback_raw},
    {0},
};
