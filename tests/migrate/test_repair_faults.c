/*
 * Every allocation and every change of a file fails once, in turn, during a whole repair: either it
 * says so, and the next one comes to the end, or it did not matter. And during a verification that
 * keeps checkpoints: it may only be that it cannot go on from one.
 */
#include "base/file.h"
#include "migrate/fingerprint.h"
#include "plant.h"
#include "support/check.h"
#include "support/faults.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { RECORDS = 150 };

/* A field with plants, its planted target kept apart, and the source as it must stay. */
struct bench {
    struct field f;
    char source[TEST_PATH], planted[TEST_PATH], fingerprint[MIA__SHA256_HEX];
};

static int open_bench(void **state, bool is_typed)
{
    struct bench *b = calloc(1, sizeof *b);
    struct field *f = &b->f;
    field_make(f, is_typed, RECORDS, 7);
    test_path(b->planted, f->folder, "planted");
    field_reset(f);
    field_open(f);
    for (int plant = 0; plant < (is_typed ? PLANT_DAMAGED_BOTH : PLANT_LAST_UNTYPED); plant++)
        field_plant(f, (enum plant)plant, MIA_SIDE_TARGET);
    field_plant(f, PLANT_NEW_TREE, MIA_SIDE_SOURCE);
    if (is_typed)
        field_plant(f, PLANT_QUARANTINED, MIA_SIDE_SOURCE);
    field_close(f);
    test_path(b->source, f->folder, "source as it was");
    field_copy(f->sides[0], b->source);
    field_copy(f->sides[1], b->planted);
    OK(mia__fingerprint(f->sides[0], b->fingerprint, ERR));
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
    field_free(&b->f);
    free(b);
    return 0;
}

static mia_status repair(struct bench *b, struct mia_verify_report *report)
{
    struct mia_error err = {0};
    struct mia_verify_options opt = {.struct_size = sizeof opt,
                                     .source = b->f.sides[0],
                                     .target = b->f.sides[1],
                                     .batch_bytes = 1,
                                     .repair = true,
                                     .force = true};
    *report = (struct mia_verify_report){.struct_size = sizeof *report};
    return mia_verify(&opt, report, &err);
}

static void fail_each(struct bench *b, enum fault_kind kind, int errnum)
{
    uint64_t n = 1, failed = 0;
    char now[MIA__SHA256_HEX];
    for (bool fired = true; fired; n += ROUNDS_SHARE) { /* until a run makes fewer calls */
        struct mia_verify_report report;
        field_copy(b->planted, b->f.sides[1]);
        fault_arm(kind, n, errnum);
        mia_status rc = repair(b, &report);
        fired = fault_disarm();
        assert_true(fired || rc == MIA_OK);
        assert_int_equal(rc < 0, report.failure != MIA_FAILURE_NONE);
        failed += rc < 0;
        if (rc < 0)
            OK(repair(b, &report));
        assert_int_equal(report.failure, MIA_FAILURE_NONE);
        OK(mia__fingerprint(b->f.sides[0], now, ERR));
        assert_string_equal(now, b->fingerprint);
        field_check(&b->f);
        field_copy(b->source, b->f.sides[0]); /* the check opens it for writing */
        OK(mia__fingerprint(b->f.sides[0], b->fingerprint, ERR));
    }
    print_message("%llu calls failed in turn, %llu of them ended the work\n",
                  ((unsigned long long)n - 2) / ROUNDS_SHARE, (unsigned long long)failed);
    assert_true(failed > 10);
}

static void any_allocation_may_fail(void **state)
{
    fail_each(*state, FAULT_MEMORY, ENOMEM);
}

static void any_change_of_a_file_may_fail(void **state)
{
    fail_each(*state, FAULT_FILES, EIO);
}

static void the_disk_may_be_full_at_any_time(void **state)
{
    fail_each(*state, FAULT_FILES, ENOSPC);
}

/* ---- verification */

static bool go_on(void *ctx, const struct mia_progress *now)
{
    (void)now;
    return ctx == NULL;
}

/* stops: at the first place where it can. */
static mia_status verify(struct bench *b, bool stops, bool resume, struct mia_verify_report *report,
                         struct lines *found)
{
    struct mia_error err = {0};
    struct mia_verify_options opt = {.struct_size = sizeof opt,
                                     .source = b->f.sides[0],
                                     .target = b->f.sides[1],
                                     .difference = lines_take,
                                     .difference_ctx = found,
                                     .progress = go_on,
                                     .progress_ctx = stops ? b : NULL,
                                     .resume = resume,
                                     .checkpoint_ms = 1};
    *report = (struct mia_verify_report){.struct_size = sizeof *report};
    return mia_verify(&opt, report, &err);
}

static void a_verification_may_fail_anywhere(void **state)
{
    static const int errors[] = {ENOMEM, EIO, ENOSPC};
    struct bench *b = *state;
    struct mia_verify_report whole, report;
    struct lines found = {0};
    char file[TEST_PATH];
    test_path(file, b->f.folder, "target.mia-verify");
    OK(verify(b, false, false, &whole, &found));
    lines_equal(&b->f.wanted, &found);
    for (size_t i = 0; i < LENGTH(errors); i++) {
        uint64_t n = 1;
        for (bool fired = true; fired; n++) {
            lines_free(&found);
            fault_arm(errors[i] == ENOMEM ? FAULT_MEMORY : FAULT_FILES, n, errors[i]);
            mia_status rc = verify(b, true, false, &report, &found);
            fired = fault_disarm();
            assert_true(rc < 0);
            bool resume = rc == MIA_ERR_CANCELLED && report.resumable;
            assert_true(fired || resume);
            if (!resume)
                lines_free(&found);
            OK(verify(b, false, resume, &report, &found));
            assert_string_equal(report.digest, whole.digest);
            lines_equal(&b->f.wanted, &found);
            assert_false(test_exists(file));
        }
        assert_true(n > 3);
    }
    lines_free(&found);
}

#define CASE(kind, name)                                                                           \
    {                                                                                              \
#kind "/" #name, name, open_##kind, close_bench, NULL                                      \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(typed, any_allocation_may_fail),
        CASE(raw, any_allocation_may_fail),
        CASE(typed, any_change_of_a_file_may_fail),
        CASE(raw, any_change_of_a_file_may_fail),
        CASE(typed, the_disk_may_be_full_at_any_time),
        CASE(typed, a_verification_may_fail_anywhere),
        CASE(raw, a_verification_may_fail_anywhere),
    };
    if (mia__dir_is_writable("/dev/shm"))
        setenv("TMPDIR", "/dev/shm", 0);
    return cmocka_run_group_tests_name("repair_faults", tests, NULL, NULL);
}
