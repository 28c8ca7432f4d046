/* vector/test_checkpoint_faults.c - whatever fails while a checkpoint is written, the old one or
 * the new one is there, whole, and nothing else is left */
#include "support/check.h"
#include "vector/checkpoint_file.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

/* The call that is to fail, counted down; 0: none. Linked by -Wl,--wrap. */
static unsigned countdown;
static int reason;

static bool fails(void)
{
    if (countdown == 0 || --countdown > 0)
        return false;
    errno = reason;
    return true;
}

#define WRAP(type, name, parameters, arguments, bad)                                               \
    type __real_##name parameters;                                                                 \
    type __wrap_##name parameters;                                                                 \
    type __wrap_##name parameters                                                                  \
    {                                                                                              \
        return fails() ? bad : __real_##name arguments;                                            \
    }

WRAP(ssize_t, write, (int fd, const void *from, size_t size), (fd, from, size), -1)
WRAP(int, fsync, (int fd), (fd), -1)
WRAP(int, rename, (const char *from, const char *to), (from, to), -1)
WRAP(void *, mia__alloc, (size_t size), (size), NULL)
WRAP(void *, mia__alloc_zero, (size_t size), (size), NULL)
WRAP(void *, mia__realloc, (void *at, size_t size), (at, size), NULL)

static void every_call_may_fail(void **state)
{
    (void)state;
    struct checkpoint_file old, fresh;
    checkpoint_file_make(&old, 100);
    checkpoint_file_make(&fresh, 200);
    test_folder_remove(fresh.folder); /* both are of one file */
    memcpy(fresh.folder, old.folder, sizeof old.folder);
    fresh.of = old.of;

    unsigned n = 0;
    static const int reasons[] = {ENOSPC, EIO};
    for (size_t i = 0; i < LENGTH(reasons); i++) {
        mia_status rc = MIA_ERR_IO;
        for (n = 1; rc < 0; n++) { /* until fewer than n calls are made */
            OK(checkpoint_file_write(&old, ERR));
            reason = reasons[i];
            countdown = n;
            rc = checkpoint_file_write(&fresh, ERR);
            bool fired = countdown == 0;
            countdown = 0;
            assert_int_equal(fired, rc < 0);
            assert_false(test_exists(old.fresh));
            struct mia__checkpoint_at at;
            struct mia__buf memory = {0};
            mia_slice graph;
            OK(mia__checkpoint_read(old.folder, &old.of, &at, &memory, &graph, ERR));
            assert_true(at.points == 200 || (rc < 0 && at.points == 100));
            mia__buf_free(&memory);
        }
        assert_true(n > 6); /* memory, two writes, two syncs, the rename */
    }
    mia_status rc = MIA_ERR_NOMEM;
    for (n = 1; rc < 0; n++) { /* and reading */
        countdown = n;
        rc = checkpoint_file_read(&fresh, ERR);
        countdown = 0;
    }
    assert_true(n > 2);
    mia__buf_free(&fresh.graph);
    checkpoint_file_free(&old);
}

/* What a full disk does, by the kernel itself: files may not grow beyond half of what is needed. */
static void a_full_disk_leaves_the_old_one(void **state)
{
    (void)state;
    struct checkpoint_file c;
    checkpoint_file_make(&c, 200);
    OK(checkpoint_file_write(&c, ERR));
    struct rlimit limit, tight;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    tight = limit;
    tight.rlim_cur = c.graph.size / 2;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    c.at.applied++;
    mia_status rc = checkpoint_file_write(&c, ERR);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    c.at.applied--;
    assert_true(rc == MIA_ERR_FULL || rc == MIA_ERR_IO);
    assert_non_null(strstr(test_error.message, "3.ann.tmp"));
    assert_false(test_exists(c.fresh)); /* the disk has its space back */
    OK(checkpoint_file_read(&c, ERR));
    checkpoint_file_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_call_may_fail),
        cmocka_unit_test(a_full_disk_leaves_the_old_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
