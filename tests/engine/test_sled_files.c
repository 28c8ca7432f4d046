/* Files that are not as this sled would make them: other parameters, a lost or strange conf, damage
 * of many kinds. Whatever sled makes of it, the process goes on and stderr stays empty. */
#include "engine/sled.h"
#include "support/folder.h"

#include "base/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAIRS = 4000 };

static void file_of(const struct bench *b, const char *name, char path[160])
{
    snprintf(path, 160, "%s/%s", b->path, name);
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    OK(fclose(file));
}

/* The last four bytes stand for the checksum, which sled does not insist on. */
static void write_conf(const struct bench *b, const char *text)
{
    char path[160];
    file_of(b, "conf", path);
    write_file(path, text);
}

static void fill(struct bench *b)
{
    static char value[700];
    void *txn = bench_begin(b, MIA_TXN_WRITE);
    uint32_t tree = bench_tree(b, txn, MIA_BYTES("data"), MIA_TREE_CREATE);
    for (uint32_t i = 0; i < PAIRS; i++) {
        char key[24];
        snprintf(key, sizeof key, "key %08u", i);
        memset(value, (int)(i * 31), sizeof value);
        mia_slice bytes = {value, i % sizeof value};
        OK(b->ops->put(txn, tree, mia_bytes_of(key), bytes, MIA_PUT_APPEND, &b->err));
    }
    bench_commit(b, txn);
}

static void check_filled(struct bench *b)
{
    uint64_t count, problems;
    void *txn = bench_begin(b, MIA_TXN_READ);
    OK(b->ops->count(txn, bench_tree(b, txn, MIA_BYTES("data"), 0), NULL, &count, &b->err));
    assert_int_equal(count, PAIRS);
    b->ops->abort(txn);
    OK(b->ops->check(b->db, NULL, NULL, &problems, &b->err));
    assert_int_equal(problems, 0);
}

/* Segment size and compression are those of conf, not sled's defaults. */
static void test_other_parameters(void **state)
{
    struct bench *b = *state;
    static const struct {
        const char *segment_size, *use_compression;
    } made_with[] = {{"256", "false"}, {"8192", "false"}, {"8192", "true"}, {"2097152", "true"}};
    for (size_t i = 0; i < sizeof made_with / sizeof made_with[0]; i++) {
        char conf[160];
        bench_stop(b);
        OK(mia__dir_remove_tree(b->path, NULL));
        OK(mkdir(b->path, 0755));
        snprintf(conf, sizeof conf, "use_compression: %s\nversion: 0.34\nsegment_size: %s\n....",
                 made_with[i].use_compression, made_with[i].segment_size);
        write_conf(b, conf);
        bench_start(b);
        fill(b);
        bench_stop(b);
        bench_start(b);
        check_filled(b);
    }
}

static mia_status try_open(struct bench *b)
{
    return b->ops->open(b->path, &b->opt, &b->db, &b->err);
}

static void test_strange_conf(void **state)
{
    struct bench *b = *state;
    char path[160];
    bench_stop(b);
    write_conf(b, "segment_size: 524288\nuse_compression: false\nversion: 0.31\n....");
    assert_int_equal(try_open(b), MIA_ERR_VERSION);
    bench_expect_text(b, "sled 0.31");
    static const char *const damaged[] = {
        "segment_size: many\nuse_compression: false\nversion: 0.34\n....",
        "segment_size: 524288\nuse_compression: maybe\nversion: 0.34\n....",
        "segment_size: 524288\nversion: 0.34\n....", "no parameters at all", "short"};
    for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++) {
        write_conf(b, damaged[i]);
        assert_int_equal(try_open(b), MIA_ERR_CORRUPT);
        bench_expect_text(b, "conf");
    }
    write_conf(b, "segment_size: 1000\nuse_compression: false\nversion: 0.34\n....");
    assert_int_equal(try_open(b), MIA_ERR_UNSUPPORTED);
    file_of(b, "conf", path);
    OK(unlink(path));
    assert_int_equal(try_open(b), MIA_ERR_CORRUPT);
    bench_expect_text(b, "guess");
    write_conf(b, "segment_size: 524288\nuse_compression: false\nversion: 0.34\n....");
    bench_start(b);
}

/* ---- damage */

static void flip(const char *path, uint64_t *seed)
{
    struct stat st;
    int fd = open(path, O_RDWR);
    assert_true(fd >= 0);
    OK(fstat(fd, &st));
    uint8_t junk[64];
    uint32_t size = 1 + bench_random(seed, sizeof junk);
    for (size_t i = 0; i < size; i++)
        junk[i] = (uint8_t)bench_random(seed, 256);
    off_t at = (off_t)bench_random(seed, (uint32_t)st.st_size);
    assert_int_equal(pwrite(fd, junk, size, at), size);
    close(fd);
}

static mia_status copy_entry(void *ctx, const char *name, struct mia_error *err)
{
    char from[160], to[160];
    const struct bench *b = ctx;
    snprintf(from, sizeof from, "%s/good/%s", b->directory, name);
    snprintf(to, sizeof to, "%s/%s", b->path, name);
    if (mia__file_kind(from) != MIA__FILE_REGULAR)
        return mia__dir_create(to, err);
    size_t size;
    uint8_t *bytes = test_file_read(from, &size);
    test_file_write(to, bytes, size);
    free(bytes);
    return MIA_OK;
}

static void copy_good(struct bench *b)
{
    char good[160];
    snprintf(good, sizeof good, "%s/good", b->directory);
    OK(mia__dir_remove_tree(b->path, NULL));
    OK(mkdir(b->path, 0755));
    OK(mia__dir_each(good, copy_entry, b, &b->err));
}

struct snapshots {
    struct bench *b;
    uint64_t *seed; /* NULL: remove them */
};

static mia_status harm_snapshot(void *ctx, const char *name, struct mia_error *err)
{
    (void)err;
    const struct snapshots *with = ctx;
    char path[160];
    file_of(with->b, name, path);
    if (strncmp(name, "snap.", 5) != 0)
        return MIA_OK;
    if (with->seed != NULL)
        flip(path, with->seed);
    else
        OK(unlink(path));
    return MIA_OK;
}

static void harm_snapshots(struct bench *b, uint64_t *seed)
{
    struct snapshots with = {b, seed};
    OK(mia__dir_each(b->path, harm_snapshot, &with, NULL));
}

/* Puts the first segment also in the place of the second. */
static void repeat_segment(const char *path)
{
    static uint8_t segment[512 * 1024];
    int fd = open(path, O_RDWR);
    assert_true(fd >= 0);
    assert_int_equal(pread(fd, segment, sizeof segment, 0), sizeof segment);
    assert_int_equal(pwrite(fd, segment, sizeof segment, sizeof segment), sizeof segment);
    close(fd);
}

enum { KINDS = 6 };

static void damage(struct bench *b, int kind, uint64_t *seed)
{
    char path[160];
    file_of(b, "db", path);
    switch (kind) {
    case 0:
        harm_snapshots(b, seed);
        break;
    case 1:
        OK(truncate(path, 100000 + bench_random(seed, 1000000)));
        break;
    case 2:
        harm_snapshots(b, NULL);
        repeat_segment(path);
        break;
    case 3:
        harm_snapshots(b, NULL);
        for (int i = 0; i < 10; i++)
            flip(path, seed);
        break;
    default:
        for (int i = 0; i < 5 * kind; i++)
            flip(path, seed);
    }
}

static void count_lines(void *ctx, const char *line)
{
    int *lines = ctx;
    assert_true(strlen(line) > 10);
    ++*lines;
}

/* Reads all of what sled opened; a panic leaves a database that says so and can be closed. */
static void use_damaged(struct bench *b, int *dead)
{
    int lines = 0;
    uint64_t problems = 0;
    mia_status rc = b->ops->check(b->db, count_lines, &lines, &problems, &b->err);
    if (rc == MIA_OK)
        assert_int_equal(lines, problems);
    if (b->ops->sync(b->db, &b->err) == MIA_ERR_INTERNAL) {
        bench_expect_text(b, "close it and open it again");
        ++*dead;
    }
}

/* Sends stderr into a file; returns the old one. */
static int catch_stderr(const struct bench *b)
{
    char path[160];
    snprintf(path, sizeof path, "%s/stderr", b->directory);
    int old = dup(STDERR_FILENO), fd = open(path, O_WRONLY | O_CREAT, 0644);
    assert_true(old >= 0 && dup2(fd, STDERR_FILENO) >= 0);
    close(fd);
    return old;
}

static void expect_quiet(const struct bench *b, int old)
{
    char path[160];
    struct stat st;
    snprintf(path, sizeof path, "%s/stderr", b->directory);
    assert_true(dup2(old, STDERR_FILENO) >= 0);
    close(old);
    OK(stat(path, &st));
    assert_int_equal(st.st_size, 0);
}

static void test_damage(void **state)
{
    struct bench *b = *state;
    uint64_t seed = 4711;
    int refused = 0, panicked = 0, opened = 0, dead = 0;
    char good[160];
    fill(b);
    bench_stop(b);
    bench_start(b); /* makes a snapshot */
    bench_stop(b);
    snprintf(good, sizeof good, "%s/good", b->directory);
    OK(rename(b->path, good));
    int old = catch_stderr(b);
    for (int i = 0; i < 60; i++) {
        copy_good(b);
        damage(b, i % KINDS, &seed);
        mia_status rc = try_open(b);
        if (rc == MIA_OK) {
            opened++;
            use_damaged(b, &dead);
            bench_stop(b);
        } else {
            b->db = NULL;
            refused++;
            assert_int_equal(rc, MIA_ERR_CORRUPT);
            bench_expect_text(b, "cannot recover");
            panicked += strstr(b->err.message, "panic: ") != NULL;
        }
    }
    expect_quiet(b, old);
    print_message("%d refused (%d panics), %d opened (%d broke later)\n", refused, panicked, opened,
                  dead);
    assert_true(refused > panicked && panicked > 0 && opened > 0);
    copy_good(b);
    bench_start(b);
    check_filled(b);
}

/* Damage behind the back of an open database, whose cache is too small to hide it. */
static void test_damage_while_open(void **state)
{
    struct bench *b = *state;
    uint64_t seed = 99, problems;
    int lines = 0;
    char path[160];
    fill(b);
    bench_stop(b);
    b->opt.cache_bytes = 100000;
    bench_start(b);
    file_of(b, "db", path);
    for (int i = 0; i < 400; i++)
        flip(path, &seed);
    OK(b->ops->check(b->db, count_lines, &lines, &problems, &b->err));
    assert_true(problems > 0);
    assert_int_equal(lines, problems);
    void *txn = bench_begin(b, MIA_TXN_READ);
    uint32_t tree = bench_tree(b, txn, MIA_BYTES("data"), 0);
    uint64_t count;
    assert_int_equal(b->ops->count(txn, tree, NULL, &count, &b->err), MIA_ERR_CORRUPT);
    bench_expect_text(b, "damaged");
    b->ops->abort(txn);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_open, bench_close)
    const struct CMUnitTest tests[] = {TEST(test_other_parameters), TEST(test_strange_conf),
                                       TEST(test_damage), TEST(test_damage_while_open)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
