/*
 * Every allocation fails once, in turn, and every read, write and change of a file: with EIO, with
 * ENOSPC, or it does less than was asked for, once or always. The source stays as it was, what has
 * failed says so by a documented answer, and the command run again comes to its end.
 *
 * The linker sends the calls here (calls.c). Where a deed makes very many of one kind, some in
 * turn, other ones in each run; with MIA_FAULTS=all all of them. MIA_CRASH_DEED: only what is
 * called so.
 */
#include "crash/calls.h"
#include "crash/disk.h"
#include "crash/explore.h"
#include "support/check.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

bool explore_is_recording(void)
{
    return false;
}

/* ---- what fails */

struct kind {
    const char *name;
    unsigned calls; /* bits by enum calls_kind */
    int errnum;     /* 0: it does half of what was asked for */
    bool is_always; /* from the n-th on */
};

enum {
    MEMORY = 1u << CALLS_MEMORY,
    READS = 1u << CALLS_READ | 1u << CALLS_PAGES,
    WRITES = 1u << CALLS_WRITE,
    CHANGES = WRITES | 1u << CALLS_CHANGE
};

static const struct kind kinds[] = {
    {"no memory", MEMORY, ENOMEM, false},
    {"EIO", CHANGES, EIO, false},
    {"EIO from then on", CHANGES, EIO, true},
    {"disk full", CHANGES, ENOSPC, false},
    {"short write", WRITES, 0, false},
    {"short writes from then on", WRITES, 0, true},
    {"EIO in reading", READS, EIO, false},
    {"short read", 1u << CALLS_READ, 0, false},
    {"short reads from then on", 1u << CALLS_READ, 0, true},
    /* The last. libmdbx makes a new database of a file whose first page it cannot read whole: no
     * file system that it may be used on does that, but a migration does not publish it. */
    {"short read of a page", 1u << CALLS_PAGES, 0, false},
};

static struct {
    const struct kind *kind;
    _Atomic uint64_t calls; /* of the kind, so far */
    uint64_t nth;           /* that fails; 0: none */
} fault;

static bool fail_nth(enum calls_kind call, size_t *size)
{
    if ((fault.kind->calls & 1u << call) == 0)
        return false;
    uint64_t n = atomic_fetch_add(&fault.calls, 1) + 1;
    if (fault.nth == 0 || n < fault.nth || (n > fault.nth && !fault.kind->is_always))
        return false;
    if (fault.kind->errnum == 0) {
        *size = (*size + 1) / 2;
        return false;
    }
    errno = fault.kind->errnum;
    return true;
}

static void arm(const struct kind *kind, uint64_t nth)
{
    fault.kind = kind;
    fault.nth = nth;
    atomic_store(&fault.calls, 0);
    calls_fault = fail_nth;
}

/* How many calls of the kind there were. */
static uint64_t disarm(void)
{
    calls_fault = NULL;
    return atomic_load(&fault.calls);
}

/* ---- one fault */

struct bench {
    struct site *site;
    struct disk *disk; /* as it is before the deed */
    struct test_random random;
    bool is_of_one; /* database */
    uint64_t tried, bad, all_bad;
};

/* A fault of the disk is nobody's difference and no defect of ours, and what cannot be written is
 * not the source's. */
static const char *check_answer(const struct kind *kind, mia_status rc, enum mia_failure failure)
{
    if ((rc < 0) != (failure != MIA_FAILURE_NONE))
        return "the answer and the report do not agree";
    if (failure == MIA_FAILURE_DIFFERENT || failure == MIA_FAILURE_DEFECT ||
        failure == MIA_FAILURE_INTERRUPTED)
        return "it is called a difference, a defect or an interruption";
    if (failure == MIA_FAILURE_SOURCE && (kind->calls & READS) == 0)
        return "the source is blamed";
    return NULL;
}

static void try_one(struct bench *b, const struct deed *deed, const struct kind *kind, uint64_t nth)
{
    enum mia_failure failure = MIA_FAILURE_NONE;
    struct site *s = b->site;
    struct disk_choice as_it_is = {.is_process = true, .seed = nth};
    disk_write(b->disk, &as_it_is, s->disk);
    s->error = (struct mia_error){0};
    arm(kind, nth);
    mia_status rc = deed->run(s, &failure);
    bool came = disarm() >= nth;
    struct mia_error error = s->error;
    const char *why = check_answer(kind, rc, failure);
    if (why == NULL && rc < 0 && !came)
        why = "it fails without a fault";
    if (why == NULL && rc < 0 && error.message[0] == '\0')
        why = "it fails without a word";
    s->error = (struct mia_error){0};
    if (why == NULL)
        why = deed->judge(s, &b->random);
    if (why == NULL)
        why = site_check_sources(s);
    b->tried++;
    if (why == NULL || b->bad++ >= 5)
        return;
    print_error("%s, %s, call %" PRIu64 ": %s\n    answered %d, failure %d: %s\n", deed->name,
                kind->name, nth, why, (int)rc, (int)failure, error.message);
    if (s->error.status != MIA_OK)
        print_error("    then: %s\n", s->error.message);
}

static uint64_t count_calls(struct bench *b, const struct deed *deed, const struct kind *kind)
{
    enum mia_failure failure;
    struct disk_choice as_it_is = {.is_process = true};
    disk_write(b->disk, &as_it_is, b->site->disk);
    arm(kind, 0);
    mia_status rc = deed->run(b->site, &failure);
    uint64_t calls = disarm();
    site_must(b->site, rc);
    return calls;
}

static uint64_t most_of(const struct deed *deed)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    enum { ONE = 8, ALL = 3 };
#else
    enum { ONE = 80, ALL = 30 };
#endif
    const char *wanted = getenv("MIA_FAULTS");
    bool is_all = strstr(deed->name, "--base") != NULL;
    return wanted != NULL && strcmp(wanted, "all") == 0 ? UINT64_MAX : is_all ? ALL : ONE;
}

static void fail_each(struct bench *b, const struct deed *deed, const struct kind *kind)
{
    uint64_t calls = count_calls(b, deed, kind), most = most_of(deed);
    for (uint64_t n = 1; n <= calls; n++)
        if (calls <= most || test_below(&b->random, calls) < most)
            try_one(b, deed, kind, n);
}

static void fail_all(struct bench *b, const struct deed *deed)
{
    struct record before;
    struct site *s = b->site;
    const char *wanted = getenv("MIA_CRASH_DEED");
    if (wanted != NULL && wanted[0] != '\0' && strcmp(wanted, deed->name) != 0)
        return;
    if (test_exists(s->disk))
        test_folder_remove(s->disk);
    assert_int_equal(mkdir(s->disk, 0755), 0);
    deed->prepare(s);
    record_begin(&before, s->disk);
    record_end(&before);
    b->disk = disk_open(&before);
    b->tried = b->bad = 0;
    for (size_t i = 0; i < LENGTH(kinds) - !b->is_of_one; i++)
        fail_each(b, deed, &kinds[i]);
    print_message("%s: %" PRIu64 " faults, %" PRIu64 " bad\n", deed->name, b->tried, b->bad);
    disk_close(b->disk);
    record_free(&before);
    b->all_bad += b->bad;
}

static void fail_deeds(void **state, const struct deed *deeds)
{
    struct bench b = {.site = *state, .random = {test_seed()}, .is_of_one = deeds == deeds_of_one};
    for (const struct deed *deed = deeds; deed->name != NULL; deed++)
        fail_all(&b, deed);
    assert_int_equal(b.all_bad, 0);
}

static void one_database(void **state)
{
    fail_deeds(state, deeds_of_one);
}

static void a_whole_base(void **state)
{
    fail_deeds(state, deeds_of_all);
}

static void everything_else(void **state)
{
    fail_deeds(state, deeds_of_others);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_database, site_open, site_close),
        cmocka_unit_test_setup_teardown(a_whole_base, site_open, site_close),
        cmocka_unit_test_setup_teardown(everything_else, site_open, site_close),
    };
    return test_run_group("faults", tests, LENGTH(tests));
}
