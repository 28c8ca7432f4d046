/* crash/deeds_others.c - salvage, sample, verify: what calls that fail are tried on besides */
#include "crash/explore.h"

#include "support/check.h"

#include <stdlib.h>
#include <string.h>

/* ---- salvage */

static void broken_path(const struct site *s, char path[TEST_PATH])
{
    test_path(path, s->folder, "broken");
}

static mia_status salvage(struct site *s, const char *target, bool force, enum mia_failure *failure)
{
    char source[TEST_PATH];
    struct mia_migrate_report report = {.struct_size = sizeof report};
    broken_path(s, source);
    struct mia_migrate_options opt = {.struct_size = sizeof opt,
                                      .source = source,
                                      .target = target,
                                      .raw = true,
                                      .salvage = true,
                                      .force = force};
    mia_status rc = mia_migrate(&opt, &report, &s->error);
    *failure = report.failure;
    return rc;
}

static void wanted_path(const struct site *s, char path[TEST_PATH])
{
    test_path(path, s->folder, "wanted");
}

/* A page in the middle is not what it was; what comes out undisturbed is beside the disk. */
static void prepare_salvage(struct site *s)
{
    char path[TEST_PATH], file[TEST_PATH], wanted[TEST_PATH];
    enum mia_failure failure;
    size_t size;
    broken_path(s, path);
    wanted_path(s, wanted);
    site_copy(s->raw, path);
    test_path(file, path, "db");
    uint8_t *bytes = test_file_read(file, &size);
    memset(bytes + size / 2, 0xa5, 100);
    test_file_write(file, bytes, size);
    free(bytes);
    if (test_exists(wanted))
        test_folder_remove(wanted);
    site_must(s, salvage(s, wanted, false, &failure));
}

static mia_status run_salvage(struct site *s, enum mia_failure *failure)
{
    char target[TEST_PATH];
    test_path(target, s->disk, "target");
    return salvage(s, target, false, failure);
}

static const char *judge_salvage(struct site *s, struct test_random *r)
{
    char target[TEST_PATH], partial[TEST_PATH], wanted[TEST_PATH];
    enum mia_failure failure;
    (void)r;
    test_path(target, s->disk, "target");
    test_path(partial, s->disk, "target.mia-partial");
    wanted_path(s, wanted);
    if (!test_exists(target) && salvage(s, target, test_exists(partial), &failure) < 0)
        return "it cannot be gone on with";
    return site_compare(s, wanted, target);
}

/* ---- sample */

static mia_status sample(struct site *s, const char *target, enum mia_failure *failure)
{
    struct mia_sample_options opt = {.struct_size = sizeof opt, .target = target, .records = 60};
    mia_status rc = mia_sample(&opt, &s->error);
    *failure = rc < 0 ? MIA_FAILURE_TARGET : MIA_FAILURE_NONE; /* it has no report */
    return rc;
}

static void prepare_sample(struct site *s)
{
    char wanted[TEST_PATH];
    enum mia_failure failure;
    wanted_path(s, wanted);
    if (test_exists(wanted))
        test_folder_remove(wanted);
    site_must(s, sample(s, wanted, &failure));
}

static mia_status run_sample(struct site *s, enum mia_failure *failure)
{
    char target[TEST_PATH];
    test_path(target, s->disk, "target");
    return sample(s, target, failure);
}

static const char *judge_sample(struct site *s, struct test_random *r)
{
    char target[TEST_PATH], partial[TEST_PATH], wanted[TEST_PATH];
    enum mia_failure failure;
    (void)r;
    test_path(target, s->disk, "target");
    test_path(partial, s->disk, "target.mia-partial");
    wanted_path(s, wanted);
    if (!test_exists(target) && test_exists(partial)) { /* a disk that no longer removes anything */
        if (sample(s, target, &failure) >= 0 || strstr(s->error.message, "remove it") == NULL)
            return "what was left was not noticed";
        test_folder_remove(partial);
    }
    if (!test_exists(target) && sample(s, target, &failure) < 0)
        return "it cannot be made again";
    return site_compare(s, wanted, target);
}

/* ---- verify */

static void prepare_verify(struct site *s)
{
    char target[TEST_PATH];
    struct mia_migrate_report report = {.struct_size = sizeof report};
    test_path(target, s->disk, "target");
    struct mia_migrate_options opt = {
        .struct_size = sizeof opt, .source = s->typed, .target = target};
    site_must(s, mia_migrate(&opt, &report, &s->error));
}

static mia_status run_verify(struct site *s, enum mia_failure *failure)
{
    char target[TEST_PATH];
    struct mia_verify_report report = {.struct_size = sizeof report};
    test_path(target, s->disk, "target");
    struct mia_verify_options opt = {
        .struct_size = sizeof opt, .source = s->typed, .target = target};
    mia_status rc = mia_verify(&opt, &report, &s->error);
    *failure = report.failure;
    return rc;
}

static const char *judge_verify(struct site *s, struct test_random *r)
{
    char target[TEST_PATH];
    (void)r;
    test_path(target, s->disk, "target");
    return site_compare(s, s->typed, target);
}

const struct deed deeds_of_others[] = {
    {"salvage", prepare_salvage, run_salvage, judge_salvage},
    {"sample", prepare_sample, run_sample, judge_sample},
    {"verify", prepare_verify, run_verify, judge_verify},
    {0},
};
