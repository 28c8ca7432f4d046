/*
 * A verification that is stopped, or killed, at any time goes on where it was: counts, digest and
 * the list of differences are those of one that nobody disturbed. And what it must not go on with.
 */
#include "base/file.h"
#include "plant.h"
#include "support/check.h"
#include "support/process.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { RECORDS = 8000 / ROUNDS_SHARE, KILLS = 32 / ROUNDS_SHARE };

static uint64_t seed;

/* A field with plants, what a whole verification says of it, and where its report goes. */
struct bench {
    struct field f;
    char file[TEST_PATH], list[TEST_PATH];
    struct mia_verify_report whole;
    uint8_t *listed; /* by that verification */
    size_t listed_size;
};

/* One run: its list as `mia verify --report` would keep it, and where it is stopped. */
struct run {
    FILE *list;
    uint64_t stop_at, calls; /* calls of progress; stop_at 0: never */
    bool kills;
};

static void list(void *ctx, const struct mia_difference *d)
{
    struct run *r = ctx;
    struct lines one = {0};
    lines_add(&one, d->difference, d->side, d->tree, d->key);
    fprintf(r->list, "%s\n", one.lines[0]);
    lines_free(&one);
}

static mia_status mark(void *ctx, uint64_t *mark, struct mia_error *err)
{
    struct run *r = ctx;
    (void)err;
    fflush(r->list);
    *mark = (uint64_t)ftell(r->list);
    return MIA_OK;
}

static mia_status rewind_to(void *ctx, uint64_t mark, struct mia_error *err)
{
    struct run *r = ctx;
    (void)err;
    if (ftruncate(fileno(r->list), (off_t)mark) != 0 || fseek(r->list, 0, SEEK_END) != 0)
        abort();
    return MIA_OK;
}

static bool step(void *ctx, const struct mia_progress *now)
{
    struct run *r = ctx;
    if (strcmp(now->phase, "verify") != 0)
        return true;
    bool is_it = ++r->calls == r->stop_at;
    if (is_it && r->kills)
        kill(getpid(), SIGKILL);
    return !is_it;
}

static mia_status verify(const char *folder, struct run *r, bool resume,
                         struct mia_verify_report *report)
{
    char source[TEST_PATH], target[TEST_PATH], path[TEST_PATH];
    test_path(source, folder, "source");
    test_path(target, folder, "target");
    test_path(path, folder, "list");
    struct mia_verify_options opt = {.struct_size = sizeof opt,
                                     .source = source,
                                     .target = target,
                                     .difference = list,
                                     .difference_ctx = r,
                                     .progress = step,
                                     .progress_ctx = r,
                                     .resume = resume,
                                     .checkpoint_ms = 1,
                                     .mark = mark,
                                     .rewind = rewind_to,
                                     .mark_ctx = r};
    *report = (struct mia_verify_report){.struct_size = sizeof *report};
    r->list = fopen(path, resume ? "r+" : "w");
    assert_non_null(r->list);
    mia_status rc = mia_verify(&opt, report, ERR);
    fclose(r->list);
    return rc;
}

static int open_bench(void **state, bool is_typed)
{
    struct bench *b = calloc(1, sizeof *b);
    struct field *f = &b->f;
    struct run run = {0};
    field_make(f, is_typed, RECORDS, seed);
    test_path(b->file, f->folder, "target.mia-verify");
    test_path(b->list, f->folder, "list");
    field_reset(f);
    field_open(f);
    for (int i = 0; i < 300; i++)
        field_plant(f, (enum plant)test_below(&f->random, is_typed ? PLANTS : PLANT_LAST_UNTYPED),
                    test_below(&f->random, 2) ? MIA_SIDE_SOURCE : MIA_SIDE_TARGET);
    mia_tree tree; /* one that only the target has, in which it can stop, too */
    OK(mia__raw_tree(f->txn[1], &f->raw[1], MIA_BYTES("zz extra"), true, &tree, ERR));
    for (int i = 0; i < 20000; i++) {
        char key[16];
        sprintf(key, "%08d", i);
        OK(mia__raw_put(f->txn[1], &f->raw[1], tree, mia_bytes_of(key), MIA_BYTES(""),
                        MIA_PUT_APPEND, NULL, ERR));
    }
    field_close(f);
    OK(verify(f->folder, &run, false, &b->whole));
    assert_false(test_exists(b->file));
    b->listed = test_file_read(b->list, &b->listed_size);
    assert_true(b->listed_size > 0);
    *state = b;
    return 0;
}

static int open_typed(void **state)
{
    return open_bench(state, true);
}

static int open_raw(void **state)
{
    return open_bench(state, false);
}

static int close_bench(void **state)
{
    struct bench *b = *state;
    free(b->listed);
    field_free(&b->f);
    free(b);
    return 0;
}

static void is_as_the_whole(const struct bench *b, const struct mia_verify_report *report)
{
    size_t size;
    uint8_t *listed = test_file_read(b->list, &size);
    assert_string_equal(report->digest, b->whole.digest);
    assert_int_equal(report->records, b->whole.records);
    assert_int_equal(report->bytes, b->whole.bytes);
    assert_int_equal(report->left_out_records, b->whole.left_out_records);
    assert_memory_equal(report->differences, b->whole.differences, sizeof report->differences);
    assert_memory_equal(report->findings, b->whole.findings, sizeof report->findings);
    assert_int_equal(size, b->listed_size);
    assert_memory_equal(listed, b->listed, size);
    assert_false(test_exists(b->file));
    free(listed);
}

/* At each place where it can stop, one after the other: once from there to the end, and once all
 * of them in one verification. */
static void it_can_stop_anywhere(void **state)
{
    struct bench *b = *state;
    struct mia_verify_report report;
    mia_status rc = MIA_ERR_CANCELLED;
    uint64_t stops = 0, resumed = 0;
    for (uint64_t at = 1; rc == MIA_ERR_CANCELLED; at++) {
        struct run run = {.stop_at = at};
        rc = verify(b->f.folder, &run, false, &report);
        if (rc == MIA_ERR_CANCELLED) {
            assert_true(report.resumable);
            assert_int_equal(report.failure, MIA_FAILURE_INTERRUPTED);
            assert_true(test_exists(b->file));
            run = (struct run){0};
            OK(verify(b->f.folder, &run, true, &report));
            assert_true(report.resumed_records >= resumed);
            resumed = report.resumed_records;
            stops++;
        }
        is_as_the_whole(b, &report);
    }
    print_message("%d places\n", (int)stops);
    assert_true(stops > 5);
    rc = MIA_ERR_CANCELLED;
    for (uint64_t i = 0; rc == MIA_ERR_CANCELLED; i++) {
        struct run run = {.stop_at = 1};
        rc = verify(b->f.folder, &run, i > 0, &report);
        assert_true(i <= stops);
    }
    is_as_the_whole(b, &report);
}

static int play_verify(const char *folder, const char *argument)
{
    struct mia_verify_report report;
    unsigned long long stop_at;
    int resume;
    sscanf(argument, "%d %llu", &resume, &stop_at);
    struct run run = {.stop_at = stop_at, .kills = true};
    return verify(folder, &run, resume != 0, &report) == MIA_OK ? 0 : 1;
}

static size_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (size_t)now.tv_sec * 1000000 + (size_t)now.tv_nsec / 1000;
}

/* At any instant, or at a place where it could stop. */
static void kill_one(struct bench *b, size_t whole_us, bool at_place)
{
    char argument[40];
    size_t us = test_below(&b->f.random, whole_us);
    struct timespec pause = {.tv_nsec = (long)(us % 1000000) * 1000,
                             .tv_sec = (time_t)(us / 1000000)};
    sprintf(argument, "%d %zu", test_exists(b->file),
            at_place ? 3 + test_below(&b->f.random, 10) : 0);
    struct test_process process = test_start("verify", b->f.folder, argument);
    if (!at_place) {
        nanosleep(&pause, NULL);
        kill(process.pid, SIGKILL);
    }
    int code = test_end(&process);
    assert_true(code == 0 || code == -SIGKILL);
}

static void kills_at_any_time_are_survived(void **state)
{
    struct bench *b = *state;
    size_t whole_us = now_us(), resumed = 0;
    assert_int_equal(test_run("verify", b->f.folder, "0 0"), 0);
    whole_us = now_us() - whole_us;
    for (int round = 0; round < KILLS; round++) {
        struct mia_verify_report report;
        for (int i = 0; i < 3; i++) /* each goes on from the one before, if that came so far */
            kill_one(b, whole_us, round % 2 == 0);
        struct run run = {0};
        OK(verify(b->f.folder, &run, test_exists(b->file), &report));
        resumed += report.resumed_records > 0;
        is_as_the_whole(b, &report);
    }
    print_message("%zu of %d were gone on with\n", resumed, KILLS);
    assert_true(resumed > 0);
}

/* ---- what it must not go on with */

static void interrupt(struct bench *b)
{
    struct mia_verify_report report;
    struct run run = {.stop_at = 3};
    ANSWERS(verify(b->f.folder, &run, false, &report), MIA_ERR_CANCELLED);
    assert_true(report.resumable);
}

static void resume_is_refused(struct bench *b, const char *why)
{
    struct mia_verify_report report;
    struct run run = {0};
    ANSWERS(verify(b->f.folder, &run, true, &report), MIA_ERR_INVALID);
    assert_int_equal(report.failure, MIA_FAILURE_REFUSED);
    if (strstr(test_error.message, why) == NULL)
        fail_msg("%s", test_error.message);
}

static void touch(const char *path)
{
    mia_db *db;
    mia_txn *txn;
    mia_tree tree;
    OK(mia_db_open(mia_engine_mdbx(), path, NULL, &db, ERR));
    OK(mia_txn_begin(db, MIA_TXN_WRITE, &txn, ERR));
    OK(mia_tree_open(txn, MIA_BYTES("mia_meta"), 0, &tree, ERR));
    OK(mia_kv_put(txn, tree, MIA_BYTES("x"), MIA_BYTES("y"), MIA_PUT_UPSERT, ERR));
    OK(mia_txn_commit(txn, ERR));
    OK(mia_db_close(db, ERR));
}

static void it_goes_on_with_what_it_was_only(void **state)
{
    struct bench *b = *state;
    size_t size;
    resume_is_refused(b, "nothing to go on with");
    interrupt(b);
    touch(b->f.sides[1]);
    resume_is_refused(b, "target is not what it was");
    interrupt(b);
    touch(b->f.sides[0]);
    resume_is_refused(b, "source is not what it was");
    interrupt(b);
    uint8_t *bytes = test_file_read(b->file, &size);
    for (size_t at = 0; at < size; at += 7) { /* no bit of it can be wrong unnoticed */
        bytes[at] ^= 4;
        test_file_write(b->file, bytes, size);
        bytes[at] ^= 4;
        resume_is_refused(b, b->file);
    }
    for (size_t cut = 0; cut < size; cut += 11) {
        test_file_write(b->file, bytes, cut);
        resume_is_refused(b, b->file);
    }
    test_file_write(b->file, bytes, size);
    free(bytes);
    struct mia_verify_report report = {.struct_size = sizeof report};
    struct mia_verify_options opt = {.struct_size = sizeof opt,
                                     .source = b->f.sides[0],
                                     .target = b->f.sides[1],
                                     .resume = true,
                                     .settings = "another list"};
    ANSWERS(mia_verify(&opt, &report, ERR), MIA_ERR_INVALID);
    assert_non_null(strstr(test_error.message, "other options"));
    opt.without_checkpoint = true;
    ANSWERS(mia_verify(&opt, &report, ERR), MIA_ERR_INVALID);
    struct run run = {0};
    OK(verify(b->f.folder, &run, true, &report)); /* nothing of that harmed it */
    is_as_the_whole(b, &report);
}

static void a_file_of_others_is_left_alone(void **state)
{
    struct bench *b = *state;
    struct mia_verify_report report;
    struct run run = {.stop_at = 3};
    size_t size;
    test_file_write(b->file, "somebody's", 10);
    ANSWERS(verify(b->f.folder, &run, false, &report), MIA_ERR_CANCELLED);
    assert_false(report.resumable);
    assert_non_null(strstr(test_error.message, "it cannot go on from there: "));
    assert_non_null(strstr(test_error.message, "is no checkpoint"));
    run = (struct run){0};
    OK(verify(b->f.folder, &run, false, &report));
    uint8_t *bytes = test_file_read(b->file, &size);
    assert_int_equal(size, 10);
    assert_memory_equal(bytes, "somebody's", 10);
    free(bytes);
    assert_int_equal(unlink(b->file), 0);
}

static void where_it_cannot_be_saved_it_is_said(void **state)
{
    struct bench *b = *state;
    struct mia_verify_report report;
    struct run run = {.stop_at = 3};
    if (geteuid() == 0)
        assert_int_equal(mkdir(b->file, 0777), 0); /* to root nothing is read-only */
    else
        assert_int_equal(chmod(b->f.folder, 0555), 0);
    ANSWERS(verify(b->f.folder, &run, false, &report), MIA_ERR_CANCELLED);
    assert_false(report.resumable);
    assert_non_null(strstr(test_error.message, "it cannot go on from there: "));
    run = (struct run){0};
    OK(verify(b->f.folder, &run, false, &report));
    assert_string_equal(report.digest, b->whole.digest);
    assert_int_equal(geteuid() == 0 ? rmdir(b->file) : chmod(b->f.folder, 0777), 0);
}

/* ---- the verification of a migration */

static bool stop_in_verification(void *ctx, const struct mia_progress *now)
{
    return step(ctx, now);
}

static mia_status migrate(struct bench *b, struct run *run, bool resume,
                          struct mia_migrate_report *report)
{
    char target[TEST_PATH];
    test_path(target, b->f.folder, "migrated");
    struct mia_migrate_options opt = {.struct_size = sizeof opt,
                                      .source = b->f.origin,
                                      .target = target,
                                      .raw = !b->f.is_typed,
                                      .resume = resume,
                                      .checkpoint_ms = 1,
                                      .progress = stop_in_verification,
                                      .progress_ctx = run};
    *report = (struct mia_migrate_report){.struct_size = sizeof *report};
    return mia_migrate(&opt, report, ERR);
}

static int play_migrate(const char *folder, const char *argument)
{
    struct bench b = {.f.is_typed = argument[0] == 't'};
    struct run run = {.stop_at = strtoull(argument + 1, NULL, 10), .kills = true};
    struct mia_migrate_report report;
    strcpy(b.f.folder, folder);
    test_path(b.f.origin, folder, "origin");
    return migrate(&b, &run, false, &report) == MIA_OK ? 0 : 1;
}

static void check_migrated(struct bench *b, const struct mia_migrate_report *report)
{
    char target[TEST_PATH], file[TEST_PATH], unfinished[TEST_PATH], beside[TEST_PATH];
    struct mia_verify_report verified = {.struct_size = sizeof verified};
    test_path(target, b->f.folder, "migrated");
    test_path(file, target, "mia-verify");
    test_path(unfinished, target, "mia-verify.tmp");
    test_path(beside, b->f.folder, "migrated.mia-partial");
    struct mia_verify_options opt = {
        .struct_size = sizeof opt, .source = b->f.origin, .target = target};
    OK(mia_verify(&opt, &verified, ERR));
    assert_int_equal(verified.failure, MIA_FAILURE_NONE);
    assert_string_equal(report->digest, verified.digest);
    assert_int_equal(report->verified, verified.records);
    assert_int_equal(report->left_out_records, verified.left_out_records);
    assert_false(test_exists(file));
    assert_false(test_exists(unfinished));
    assert_false(test_exists(beside));
    test_folder_remove(target);
}

static void a_migration_goes_on_in_its_verification(void **state)
{
    struct bench *b = *state;
    struct mia_migrate_report report;
    mia_status rc = MIA_ERR_CANCELLED;
    uint64_t resumed = 0;
    for (uint64_t at = 2; rc == MIA_ERR_CANCELLED; at += 3) {
        struct run run = {.stop_at = at};
        rc = migrate(b, &run, false, &report);
        if (rc == MIA_ERR_CANCELLED) {
            run = (struct run){0};
            OK(migrate(b, &run, true, &report));
            assert_true(report.resumed_verified >= resumed);
            resumed = report.resumed_verified;
        }
        check_migrated(b, &report);
    }
    assert_true(resumed > 0);
    resumed = 0;
    for (int at = 2, code = -SIGKILL; code != 0; at += 2) {
        char argument[24];
        struct run run = {0};
        sprintf(argument, "%c%d", b->f.is_typed ? 't' : 'r', at);
        code = test_run("migrate", b->f.folder, argument);
        assert_true(code == 0 || code == -SIGKILL);
        if (code == 0)
            break;
        char unfinished[TEST_PATH]; /* as if it had been killed in the middle of writing it */
        test_path(unfinished, b->f.folder, "migrated.mia-partial/mia-verify.tmp");
        test_file_write(unfinished, "mia", 3);
        OK(migrate(b, &run, true, &report));
        resumed += report.resumed_verified; /* what was saved before: the first may come too soon */
        check_migrated(b, &report);
    }
    assert_true(resumed > 0);
}

#define CASE(kind, name)                                                                           \
    {                                                                                              \
#kind "/" #name, name, open_##kind, close_bench, NULL                                      \
    }

int main(int argc, char **argv)
{
    int code;
    const struct test_role roles[] = {{"verify", play_verify}, {"migrate", play_migrate}};
    const struct CMUnitTest tests[] = {
        CASE(typed, it_can_stop_anywhere),
        CASE(raw, it_can_stop_anywhere),
        CASE(typed, kills_at_any_time_are_survived),
        CASE(raw, kills_at_any_time_are_survived),
        CASE(raw, it_goes_on_with_what_it_was_only),
        CASE(raw, a_file_of_others_is_left_alone),
        CASE(raw, where_it_cannot_be_saved_it_is_said),
        CASE(typed, a_migration_goes_on_in_its_verification),
        CASE(raw, a_migration_goes_on_in_its_verification),
    };
    if (test_role(argc, argv, roles, LENGTH(roles), &code))
        return code;
    seed = test_seed();
    if (mia__dir_is_writable("/dev/shm")) /* every checkpoint is synced */
        setenv("TMPDIR", "/dev/shm", 0);
    return cmocka_run_group_tests_name("verify_resume", tests, NULL, NULL);
}
