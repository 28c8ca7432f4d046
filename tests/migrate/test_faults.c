/*
 * Every allocation and every change of a file fails once, in turn, during a whole migration, a
 * plan, a whole rollback and the making of a sample: the source stays as it was, and the target is
 * there complete or not at all.
 *
 * The linker sends the calls here (--wrap): allocations of the library (libmdbx 0.13.11 itself
 * crashes when mdbx_txn_begin gets no memory), and changes of files by the library and libmdbx
 * alike.
 */
#include "base/file.h"
#include "base/memory.h"
#include "mia/mia.h"
#include "migrate/fingerprint.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cmocka.h>

#define OK(call) assert_int_equal((call), MIA_OK)

/* ---- faults: the n-th call of a kind fails once */

enum kind { NOTHING, MEMORY, FILES };

static struct {
    _Atomic int kind;
    _Atomic uint64_t left; /* calls until the one that fails; 0: it has been */
    int errnum;
} fault;

static bool fails(enum kind kind)
{
    if (atomic_load(&fault.kind) != (int)kind)
        return false;
    uint64_t left = atomic_load(&fault.left);
    while (left > 0 && !atomic_compare_exchange_weak(&fault.left, &left, left - 1))
        continue;
    if (left == 1)
        errno = fault.errnum;
    return left == 1;
}

static void arm(enum kind kind, uint64_t nth, int errnum)
{
    fault.errnum = errnum;
    atomic_store(&fault.left, nth);
    atomic_store(&fault.kind, (int)kind);
}

static bool disarm(void)
{
    atomic_store(&fault.kind, NOTHING);
    return atomic_load(&fault.left) == 0;
}

#define WRAP(kind, failed, type, name, parameters, arguments)                                      \
    type __real_##name parameters;                                                                 \
    type __wrap_##name parameters;                                                                 \
    type __wrap_##name parameters                                                                  \
    {                                                                                              \
        return fails(kind) ? (failed) : __real_##name arguments;                                   \
    }

WRAP(MEMORY, NULL, void *, mia__alloc, (size_t size), (size))
WRAP(MEMORY, NULL, void *, mia__alloc_zero, (size_t size), (size))
WRAP(MEMORY, NULL, void *, mia__alloc_array, (size_t count, size_t size), (count, size))
WRAP(MEMORY, NULL, void *, mia__realloc, (void *at, size_t size), (at, size))
WRAP(MEMORY, NULL, char *, mia__strdup, (const char *text), (text))
WRAP(FILES, -1, ssize_t, write, (int fd, const void *from, size_t size), (fd, from, size))
WRAP(FILES, -1, ssize_t, pwrite64, (int fd, const void *from, size_t size, off_t at),
     (fd, from, size, at))
WRAP(FILES, -1, ssize_t, pwritev64, (int fd, const struct iovec *from, int n, off_t at),
     (fd, from, n, at))
WRAP(FILES, -1, int, fsync, (int fd), (fd))
WRAP(FILES, -1, int, fdatasync, (int fd), (fd))
WRAP(FILES, -1, int, ftruncate64, (int fd, off_t size), (fd, size))
WRAP(FILES, -1, int, mkdir, (const char *path, mode_t mode), (path, mode))
WRAP(FILES, -1, int, renameat2,
     (int from_dir, const char *from, int to_dir, const char *to, unsigned flags),
     (from_dir, from, to_dir, to, flags))

/* After some failed syncs libmdbx 0.13.11 calls the environment broken, and mdbx_txn_abort refuses
 * to free the read transactions that are kept for the next use. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:mdbx_txn_begin_ex";
}

/* ---- a source with every kind of pair, and where the target goes */

struct bench {
    char *directory, *source, *target, *partial;
    char fingerprint[MIA__SHA256_HEX], digest[MIA__SHA256_HEX];
    struct mia__map db; /* the file of this name, of a target that nothing disturbed */
    char *undisturbed;
};

static void fill_tree(mia_txn *txn, const char *name, size_t records, size_t value_size)
{
    mia_tree tree;
    char *value = calloc(1, value_size + 1);
    OK(mia_tree_open(txn, mia_bytes_of(name), MIA_TREE_CREATE, &tree, NULL));
    for (size_t i = 0; i < records; i++) {
        char key[32];
        int size = snprintf(key, sizeof key, "key %08zu", i);
        value[0] = (char)i;
        OK(mia_kv_put(txn, tree, (mia_slice){key, (size_t)size}, (mia_slice){value, value_size},
                      MIA_PUT_APPEND, NULL));
    }
    free(value);
}

static mia_status migrate(const struct bench *b, bool resume, struct mia_migrate_report *report)
{
    struct mia_error err = {0};
    struct mia_migrate_options opt = {.struct_size = sizeof opt,
                                      .source = b->source,
                                      .target = b->target,
                                      .raw = true,
                                      .resume = resume,
                                      .force = !resume,
                                      .batch_bytes = 64 << 10};
    *report = (struct mia_migrate_report){.struct_size = sizeof *report};
    mia_status rc = mia_migrate(&opt, report, &err);
    if (rc < 0 && atomic_load(&fault.kind) == NOTHING)
        print_error("%s\n", err.message); /* without a fault nothing may fail */
    return rc;
}

static int open_bench(void **state)
{
    struct bench *b = calloc(1, sizeof *b);
    struct mia_migrate_report report;
    mia_db *db;
    mia_txn *txn;
    /* in memory where there is such a place: every run syncs several times */
    const char *parent = mia__dir_is_writable("/dev/shm") ? "/dev/shm" : "/tmp";
    OK(mia__dir_create_temporary(parent, "mia-test-faults-", &b->directory, NULL));
    b->source = mia__path_join(b->directory, "source");
    b->target = mia__path_join(b->directory, "target");
    b->partial = mia__path_join(b->directory, "target.mia-partial");
    b->undisturbed = mia__path_join(b->directory, "undisturbed");
    OK(mia_db_open(mia_engine_mdbx(), b->source, NULL, &db, NULL));
    OK(mia_txn_begin(db, MIA_TXN_WRITE, &txn, NULL));
    fill_tree(txn, "many", 1500, 100);
    fill_tree(txn, "large", 3, 100000);
    fill_tree(txn, "mia_clash", 5, 0);
    OK(mia_txn_commit(txn, NULL));
    OK(mia_db_close(db, NULL));
    OK(migrate(b, false, &report));
    memcpy(b->digest, report.digest, sizeof b->digest);
    OK(mia__dir_remove_tree(b->target, NULL));
    OK(mia__fingerprint(b->source, b->fingerprint, NULL));
    *state = b;
    return 0;
}

static int close_bench(void **state)
{
    struct bench *b = *state;
    OK(mia__dir_remove_tree(b->directory, NULL));
    mia__free(b->directory);
    mia__free(b->source);
    mia__free(b->target);
    mia__free(b->partial);
    mia__free(b->undisturbed);
    mia__file_unmap(&b->db);
    free(b);
    return 0;
}

/* The target under its name is whole; otherwise --resume makes it so. */
static void check_outcome(const struct bench *b, mia_status rc)
{
    struct mia_migrate_report report;
    struct mia_verify_options opt = {
        .struct_size = sizeof opt, .source = b->source, .target = b->target};
    struct mia_verify_report verified = {.struct_size = sizeof verified};
    bool is_there = mia__file_exists(b->target);
    if (rc == MIA_OK)
        assert_true(is_there);
    if (!is_there)
        OK(migrate(b, true, &report));
    OK(mia_verify(&opt, &verified, NULL));
    assert_int_equal(verified.failure, MIA_FAILURE_NONE);
    assert_string_equal(verified.digest, b->digest);
    assert_int_equal(verified.records, 1508);
    OK(mia__dir_remove_tree(b->target, NULL));
}

/* What is done with a fault in it, and what must be true afterwards. */
struct deed {
    mia_status (*run)(const struct bench *b, enum mia_failure *failure);
    void (*check)(const struct bench *b, mia_status rc);
};

static mia_status run_migration(const struct bench *b, enum mia_failure *failure)
{
    struct mia_migrate_report report;
    mia_status rc = migrate(b, false, &report);
    *failure = report.failure;
    return rc;
}

static const struct deed migration = {run_migration, check_outcome};

static void fail_each(const struct bench *b, const struct deed *deed, enum kind kind, int errnum)
{
    uint64_t n = 1, failed = 0;
    for (bool fired = true; fired; n++) { /* until a run makes fewer calls: all were tried */
        enum mia_failure failure = MIA_FAILURE_NONE;
        char now[MIA__SHA256_HEX];
        arm(kind, n, errnum);
        mia_status rc = deed->run(b, &failure);
        fired = disarm();
        assert_true(fired || rc == MIA_OK);
        assert_int_equal(rc < 0, failure != MIA_FAILURE_NONE);
        failed += rc < 0;
        deed->check(b, rc);
        OK(mia__fingerprint(b->source, now, NULL));
        assert_string_equal(now, b->fingerprint);
    }
    print_message("%llu calls failed in turn, %llu of them ended the work\n",
                  (unsigned long long)n - 2, (unsigned long long)failed);
    assert_true(failed > 10);
}

/* A plan makes nothing, and what it could not look at is no reason to refuse. */
static mia_status run_plan(const struct bench *b, enum mia_failure *failure)
{
    struct mia_plan_report report = {.struct_size = sizeof report};
    struct mia_plan_options opt = {
        .struct_size = sizeof opt, .source = b->source, .target = b->target, .raw = true};
    mia_status rc = mia_plan(&opt, &report, NULL);
    *failure = report.failure;
    return rc;
}

static void check_nothing_made(const struct bench *b, mia_status rc)
{
    assert_true(rc == MIA_OK || rc == MIA_ERR_NOMEM);
    assert_false(mia__file_exists(b->target));
    assert_false(mia__file_exists(b->partial));
}

static void a_plan_may_run_out_of_memory(void **state)
{
    static const struct deed plan = {run_plan, check_nothing_made};
    fail_each(*state, &plan, MEMORY, ENOMEM);
}

static void any_allocation_may_fail(void **state)
{
    fail_each(*state, &migration, MEMORY, ENOMEM);
}

static void any_change_of_a_file_may_fail(void **state)
{
    fail_each(*state, &migration, FILES, EIO);
}

static void the_disk_may_be_full_at_any_time(void **state)
{
    fail_each(*state, &migration, FILES, ENOSPC);
}

/* ---- sled directories: the same content is the same bytes */

static void map_db(const char *directory, struct mia__map *map)
{
    char *path = mia__path_join(directory, "db");
    OK(mia__file_map(path, map, NULL));
    mia__free(path);
}

static void check_directory(const struct bench *b, mia_status rc)
{
    struct mia__map db;
    bool is_there = mia__file_exists(b->target);
    assert_false(mia__file_exists(b->partial));
    if (rc == MIA_OK)
        assert_true(is_there);
    if (!is_there)
        return;
    map_db(b->target, &db);
    assert_int_equal(db.size, b->db.size);
    assert_memory_equal(db.bytes, b->db.bytes, db.size);
    mia__file_unmap(&db);
    OK(mia__dir_remove_tree(b->target, NULL));
}

/* Leaves and blobs; the segments are small, so that there are many. */
static mia_status run_rollback(const struct bench *b, enum mia_failure *failure)
{
    struct mia_rollback_report report = {.struct_size = sizeof report};
    struct mia_rollback_options opt = {.struct_size = sizeof opt,
                                       .source = b->source,
                                       .target = b->target,
                                       .segment_size = 16 << 10,
                                       .without_verify = true};
    mia_status rc = mia_rollback(&opt, &report, NULL);
    *failure = report.failure;
    return rc;
}

static mia_status run_sample(const struct bench *b, enum mia_failure *failure)
{
    struct mia_sample_options opt = {
        .struct_size = sizeof opt, .target = b->target, .records = 2000};
    mia_status rc = mia_sample(&opt, NULL);
    *failure = rc < 0 ? MIA_FAILURE_TARGET : MIA_FAILURE_NONE;
    return rc;
}

static void fail_each_directory(struct bench *b, const struct deed *deed)
{
    enum mia_failure failure;
    OK(deed->run(b, &failure));
    OK(mia__rename_noreplace(b->target, b->undisturbed, NULL));
    map_db(b->undisturbed, &b->db);
    fail_each(b, deed, MEMORY, ENOMEM);
    fail_each(b, deed, FILES, EIO);
    fail_each(b, deed, FILES, ENOSPC);
}

static void a_rollback_may_fail_anywhere(void **state)
{
    static const struct deed rollback = {run_rollback, check_directory};
    fail_each_directory(*state, &rollback);
}

static void the_making_of_a_sample_may_fail_anywhere(void **state)
{
    static const struct deed sample = {run_sample, check_directory};
    fail_each_directory(*state, &sample);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(any_allocation_may_fail, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(a_plan_may_run_out_of_memory, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(any_change_of_a_file_may_fail, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(the_disk_may_be_full_at_any_time, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(a_rollback_may_fail_anywhere, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(the_making_of_a_sample_may_fail_anywhere, open_bench,
                                        close_bench),
    };
    return cmocka_run_group_tests_name("faults", tests, NULL, NULL);
}
