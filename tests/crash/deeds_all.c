/* crash/deeds_all.c - a whole base migrated, switched over, taken back, finished */
#include "crash/explore.h"

#include "support/check.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* ---- where things are */

static void root_of(const struct site *s, char root[TEST_PATH])
{
    test_path(root, s->disk, "root");
}

static void generation_of(const struct site *s, int generation, char path[TEST_PATH])
{
    char name[32];
    snprintf(name, sizeof name, "root/generations/%d", generation);
    test_path(path, s->disk, name);
}

/* All databases of a generation are there and have what they came from. */
static const char *check_generation(struct site *s, int generation)
{
    const char *why = NULL;
    for (int i = 0; why == NULL && i < SITE_DATABASES; i++) {
        char source[TEST_PATH], directory[TEST_PATH], target[TEST_PATH];
        const char *name;
        site_database(s, i, source, &name);
        generation_of(s, generation, directory);
        test_path(target, directory, name);
        why = site_compare(s, source, target);
    }
    return why;
}

struct standing {
    enum mia_phase phase;
    int generation; /* that is in use; 0: MIA's own */
    bool is_there;  /* there is an installation */
};

/* Reads journal and pointer; a generation that is in use is complete. */
static const char *look(struct site *s, struct standing *out)
{
    char root[TEST_PATH], first[TEST_PATH];
    mia_installation_status *status;
    *out = (struct standing){0};
    root_of(s, root);
    mia_status rc = mia_installation_status_read(root, &status, &s->error);
    if (rc < 0)
        return "the status cannot be read";
    if (rc == MIA_NOTFOUND)
        return NULL;
    generation_of(s, 0, first);
    size_t size = strlen(first) - 1;
    const char *in_use = mia_installation_in_use(status);
    out->is_there = true;
    out->phase = mia_installation_phase(status);
    out->generation = strncmp(in_use, first, size) == 0 ? in_use[size] - '0' : 0;
    mia_installation_status_free(status);
    return out->generation > 0 ? check_generation(s, out->generation) : NULL;
}

static struct mia_installation_options options(const struct site *s, char root[TEST_PATH])
{
    root_of(s, root);
    return (struct mia_installation_options){.struct_size = sizeof(struct mia_installation_options),
                                             .root = root};
}

/* ---- migrate --base */

static mia_status migrate_bases(struct site *s, const char *base, const char *spill,
                                enum mia_failure *failure)
{
    char root[TEST_PATH];
    struct mia_installation_options opt = options(s, root);
    struct mia_installation_report report = {.struct_size = sizeof report};
    opt.base = base;
    opt.spill_base = spill;
    mia_status rc = mia_installation_migrate(&opt, &report, &s->error);
    *failure = report.failure;
    return rc;
}

static mia_status run_migrate(struct site *s, enum mia_failure *failure)
{
    return migrate_bases(s, s->base, s->spill, failure);
}

static void prepare_cutover(struct site *s)
{
    enum mia_failure failure;
    site_must(s, run_migrate(s, &failure));
}

static mia_status run_cutover(struct site *s, enum mia_failure *failure)
{
    char root[TEST_PATH];
    struct mia_installation_options opt = options(s, root);
    mia_status rc = mia_installation_cutover(&opt, &s->error);
    *failure = rc < 0 ? MIA_FAILURE_REFUSED : MIA_FAILURE_NONE; /* it has no report */
    return rc;
}

static const char *judge_cutover(struct site *s, struct test_random *r)
{
    enum mia_failure failure;
    struct standing now;
    (void)r;
    const char *why = look(s, &now);
    if (why != NULL)
        return why;
    if (!now.is_there || (now.phase != MIA_PHASE_MIGRATED && now.phase != MIA_PHASE_CUT_OVER))
        return "the installation is not where it was";
    if (now.phase == MIA_PHASE_MIGRATED && run_cutover(s, &failure) < 0)
        return "it cannot be cut over";
    why = look(s, &now);
    if (why == NULL && (now.phase != MIA_PHASE_CUT_OVER || now.generation != 1))
        why = "it is not cut over";
    return why;
}

/* What says that it is migrated must be; otherwise the same command goes on. */
static const char *judge_migrate(struct site *s, struct test_random *r)
{
    enum mia_failure failure;
    struct standing now;
    const char *why = look(s, &now);
    if (why != NULL)
        return why;
    bool is_over = now.is_there && now.phase == MIA_PHASE_CUT_OVER; /* stopped in the judging */
    if (now.generation != 0 && !is_over)
        return "it is in use before the cutover";
    bool is_done = now.is_there && now.phase == MIA_PHASE_MIGRATED && test_below(r, 2) == 0;
    if (is_done && run_cutover(s, &failure) < 0) { /* the sources may have been others */
        if (strstr(s->error.message, "again") == NULL)
            return "it cannot be cut over and the remedy is not named";
        is_done = false;
        s->error = (struct mia_error){0};
    }
    if (!is_over && !is_done && run_migrate(s, &failure) < 0)
        return "it cannot be gone on with";
    return judge_cutover(s, r);
}

/* ---- again, because sources were changed since */

/* Something else in the place of a database, and back. */
static void swap_in(struct site *s, const char *name, const char *other, char aside[TEST_PATH])
{
    char path[TEST_PATH];
    test_path(path, s->base, name);
    test_path(aside, s->folder, strrchr(name, '/') + 1);
    assert_int_equal(rename(path, aside), 0);
    site_copy(other, path);
}

static void swap_back(struct site *s, const char *name, const char *aside)
{
    char path[TEST_PATH];
    test_path(path, s->base, name);
    test_folder_remove(path);
    assert_int_equal(rename(aside, path), 0);
}

/* Makes it look as if it had been written to; again: as before. */
static void touch(struct site *s, const char *name, int seconds)
{
    char path[TEST_PATH], file[TEST_PATH];
    struct stat st;
    test_path(path, s->base, name);
    test_path(file, path, "db");
    assert_int_equal(stat(file, &st), 0);
    struct timespec times[2] = {st.st_atim, st.st_mtim};
    times[1].tv_sec += seconds;
    assert_int_equal(utimensat(AT_FDCWD, file, times, 0), 0);
}

/* One of them holds another. */
static void prepare_again(struct site *s)
{
    char active[TEST_PATH];
    swap_in(s, "conversations/active", s->other, active);
    touch(s, "notes", -1);
    prepare_cutover(s);
    swap_back(s, "conversations/active", active);
    touch(s, "notes", 1);
}

/* ---- rollback --base */

static void prepare_return(struct site *s)
{
    enum mia_failure failure;
    prepare_cutover(s);
    site_must(s, run_cutover(s, &failure));
}

static mia_status run_return(struct site *s, enum mia_failure *failure)
{
    char root[TEST_PATH];
    struct mia_installation_options opt = options(s, root);
    struct mia_installation_report report = {.struct_size = sizeof report};
    mia_status rc = mia_installation_rollback(&opt, &report, &s->error);
    *failure = report.failure;
    return rc;
}

static const char *judge_return(struct site *s, struct test_random *r)
{
    enum mia_failure failure;
    struct standing now;
    (void)r;
    const char *why = look(s, &now);
    if (why != NULL)
        return why;
    if (!now.is_there || (now.phase != MIA_PHASE_CUT_OVER && now.phase != MIA_PHASE_RETURNING &&
                          now.phase != MIA_PHASE_RETURNED))
        return "the installation is not where it was";
    if (now.phase != MIA_PHASE_RETURNED && run_return(s, &failure) < 0)
        return "it cannot be taken back";
    why = look(s, &now);
    if (why == NULL && (now.phase != MIA_PHASE_RETURNED || now.generation != 2))
        why = "it is not taken back";
    return why != NULL ? why : check_generation(s, 1);
}

/* ---- finish */

static mia_status run_finish(struct site *s, enum mia_failure *failure)
{
    char root[TEST_PATH];
    struct mia_installation_options opt = options(s, root);
    mia_status rc = mia_installation_finish(&opt, &s->error);
    *failure = rc < 0 ? MIA_FAILURE_REFUSED : MIA_FAILURE_NONE; /* it has no report */
    return rc;
}

/* The bases are on the disk: copies, since they are removed. */
static void prepare_finish(struct site *s)
{
    char base[TEST_PATH], spill[TEST_PATH];
    test_path(base, s->disk, "base");
    test_path(spill, s->disk, "spill");
    site_copy(s->base, base);
    site_copy(s->spill, spill);
    enum mia_failure failure;
    site_must(s, migrate_bases(s, base, spill, &failure));
    site_must(s, run_cutover(s, &failure));
}

static bool is_any_left(const struct site *s, const char *below)
{
    bool is_left = false;
    for (int i = 0; i < SITE_DATABASES; i++) {
        char source[TEST_PATH], directory[TEST_PATH], path[TEST_PATH];
        const char *name;
        site_database(s, i, source, &name);
        test_path(directory, s->disk, below);
        test_path(path, directory, name);
        is_left = is_left || test_exists(path);
    }
    return is_left;
}

static const char *finish_all(struct site *s, enum mia_phase before)
{
    enum mia_failure failure;
    struct standing now;
    const char *why = look(s, &now);
    if (why != NULL)
        return why;
    if (!now.is_there || (now.phase != before && now.phase != MIA_PHASE_FINISHED))
        return "the installation is not where it was";
    if (now.phase == before && run_finish(s, &failure) < 0)
        return "it cannot be finished";
    why = look(s, &now);
    return why == NULL && now.phase != MIA_PHASE_FINISHED ? "it is not finished" : why;
}

static const char *judge_finish(struct site *s, struct test_random *r)
{
    (void)r;
    const char *why = finish_all(s, MIA_PHASE_CUT_OVER);
    if (why == NULL && (is_any_left(s, "base") || is_any_left(s, "spill")))
        why = "what was in use before is still there";
    return why;
}

static void prepare_last(struct site *s)
{
    enum mia_failure failure;
    prepare_return(s);
    site_must(s, run_return(s, &failure));
}

static const char *judge_last(struct site *s, struct test_random *r)
{
    (void)r;
    const char *why = finish_all(s, MIA_PHASE_RETURNED);
    if (why == NULL && is_any_left(s, "root/generations/1"))
        why = "what was in use before is still there";
    return why;
}

static void nothing(struct site *s)
{
    (void)s;
}

const struct deed deeds_of_all[] = {
    {"migrate --base", nothing, run_migrate, judge_migrate},
    {"migrate --base again", prepare_again, run_migrate, judge_migrate},
    {"cutover", prepare_cutover, run_cutover, judge_cutover},
    {"rollback --base", prepare_return, run_return, judge_return},
    {"finish", prepare_finish, run_finish, judge_finish},
    {"finish after a rollback", prepare_last, run_finish, judge_last},
    {0},
};
