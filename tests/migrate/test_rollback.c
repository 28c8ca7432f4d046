/* What can happen to a rollback between its steps: the progress callback is where it happens. */
#include "base/file.h"
#include "mia/mia.h"
#include "support/check.h"
#include "support/folder.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RECORDS = 20000 };

struct bench {
    char folder[TEST_PATH], source[TEST_PATH], target[TEST_PATH], partial[TEST_PATH];
    struct mia_rollback_options opt;
    struct mia_rollback_report report;
};

static void fill(mia_db *db)
{
    mia_txn *txn;
    mia_tree tree;
    OK(mia_txn_begin(db, MIA_TXN_WRITE, &txn, ERR));
    OK(mia_tree_open(txn, MIA_BYTES("tree"), MIA_TREE_CREATE, &tree, ERR));
    for (int i = 0; i < RECORDS; i++) {
        char key[32];
        int size = snprintf(key, sizeof key, "key %08d", i);
        mia_slice bytes = {key, (size_t)size};
        OK(mia_kv_put(txn, tree, bytes, bytes, MIA_PUT_APPEND, ERR));
    }
    OK(mia_txn_commit(txn, ERR));
}

static int open_bench(void **state)
{
    struct bench *b = calloc(1, sizeof *b);
    mia_db *db;
    test_folder_make(b->folder);
    test_path(b->source, b->folder, "source");
    test_path(b->target, b->folder, "target");
    test_path(b->partial, b->folder, "target.mia-partial");
    OK(mia_db_open(mia_engine_mdbx(), b->source, NULL, &db, ERR));
    fill(db);
    OK(mia_db_close(db, ERR));
    b->opt = (struct mia_rollback_options){.struct_size = sizeof b->opt,
                                           .source = b->source,
                                           .target = b->target,
                                           .segment_size = 16 << 10,
                                           .without_verify = true,
                                           .progress_ctx = b};
    b->report.struct_size = sizeof b->report;
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

static mia_status rollback(struct bench *b)
{
    return mia_rollback(&b->opt, &b->report, ERR);
}

static void nothing_is_left(const struct bench *b)
{
    assert_false(test_exists(b->target));
    assert_false(test_exists(b->partial));
}

static bool stop(void *ctx, const struct mia_progress *progress)
{
    (void)ctx;
    assert_int_equal(progress->records_total, RECORDS);
    return progress->records_done < RECORDS / 2;
}

static void a_stopped_one_leaves_nothing(void **state)
{
    struct bench *b = *state;
    b->opt.progress = stop;
    ANSWERS(rollback(b), MIA_ERR_CANCELLED);
    assert_int_equal(b->report.failure, MIA_FAILURE_INTERRUPTED);
    assert_in_range(b->report.records, RECORDS / 2, RECORDS - 1);
    nothing_is_left(b);
}

static bool change_source(void *ctx, const struct mia_progress *progress)
{
    const struct bench *b = ctx;
    char path[TEST_PATH];
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = 1}};
    test_path(path, b->source, "mdbx.dat");
    if (progress->records_done > RECORDS / 2)
        assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    return true;
}

static void a_source_that_changes_is_refused(void **state)
{
    struct bench *b = *state;
    b->opt.progress = change_source;
    ANSWERS(rollback(b), MIA_ERR_BUSY);
    assert_int_equal(b->report.failure, MIA_FAILURE_REFUSED);
    nothing_is_left(b);
}

static void wrong_options_leave_nothing(void **state)
{
    struct bench *b = *state;
    b->opt.segment_size = 1000;
    ANSWERS(rollback(b), MIA_ERR_INVALID);
    assert_int_equal(b->report.failure, MIA_FAILURE_REFUSED);
    nothing_is_left(b);
    b->opt.segment_size = 0;
    b->opt.target = "";
    ANSWERS(rollback(b), MIA_ERR_INVALID);
    assert_int_equal(b->report.failure, MIA_FAILURE_REFUSED);
    b->report.struct_size = 0;
    ANSWERS(rollback(b), MIA_ERR_INVALID);
}

/* One byte of the second segment, which is on the disk by then. */
static bool damage_target(void *ctx, const struct mia_progress *progress)
{
    const struct bench *b = ctx;
    char path[TEST_PATH], byte;
    if (strcmp(progress->phase, "write") != 0 || progress->records_done < RECORDS)
        return true;
    test_path(path, b->partial, "sled/db");
    int fd = open(path, O_RDWR);
    const off_t at = (16 << 10) + 1000;
    assert_int_equal(pread(fd, &byte, 1, at), 1);
    byte ^= 1;
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    assert_int_equal(close(fd), 0);
    return true;
}

static void verification_reads_what_is_on_the_disk(void **state)
{
    struct bench *b = *state;
    b->opt.progress = damage_target;
    OK(rollback(b)); /* nobody looked */
    test_folder_remove(b->target);
    b->opt.without_verify = false;
    assert_true(rollback(b) < 0);
    assert_true(b->report.failure == MIA_FAILURE_DIFFERENT ||
                b->report.failure == MIA_FAILURE_TARGET);
    assert_false(test_exists(b->target));
    OK(mia__dir_remove_tree(b->partial, ERR)); /* kept, if it could be read at all */
    b->opt.progress = NULL;
    b->report.failure = MIA_FAILURE_DEFECT;
    OK(rollback(b));
    assert_int_equal(b->report.failure, MIA_FAILURE_NONE);
    assert_int_equal(b->report.verified, RECORDS);
    assert_int_equal(strlen(b->report.digest), 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_stopped_one_leaves_nothing, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(a_source_that_changes_is_refused, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(wrong_options_leave_nothing, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(verification_reads_what_is_on_the_disk, open_bench,
                                        close_bench),
    };
    return cmocka_run_group_tests_name("rollback", tests, NULL, NULL);
}
