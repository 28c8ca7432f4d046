/* vector/test_checkpoint.c - a saved graph comes back whole, or not at all */
#include "base/bytes.h"
#include "base/sha256.h"

#include "support/check.h"
#include "support/random.h"
#include "vector/checkpoint_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEADER = MIA__CHECKPOINT_HEADER, POINTS = 300 };

static void comes_back(void **state)
{
    (void)state;
    struct checkpoint_file c;
    checkpoint_file_make(&c, POINTS);
    ANSWERS(checkpoint_file_read(&c, ERR), MIA_NOTFOUND);
    OK(checkpoint_file_write(&c, ERR));
    OK(checkpoint_file_read(&c, ERR));
    assert_false(test_exists(c.fresh));
    c.at.applied += 5;
    OK(checkpoint_file_write(&c, ERR)); /* over the old one */
    OK(checkpoint_file_read(&c, ERR));

    struct mia__graph_shape shape = {.dimension = c.of.dimension};
    struct mia__graph *graph;
    struct mia__checkpoint_at at;
    struct mia__buf memory = {0};
    mia_slice bytes;
    OK(mia__checkpoint_read(c.folder, &c.of, &at, &memory, &bytes, ERR));
    OK(mia__graph_load(&shape, bytes, at.applied, at.points, &graph, ERR));
    mia__graph_free(graph);
    mia__buf_free(&memory);
    checkpoint_file_free(&c);
}

static void an_empty_graph_comes_back(void **state)
{
    (void)state;
    struct checkpoint_file c;
    checkpoint_file_make(&c, 0);
    OK(checkpoint_file_write(&c, ERR));
    OK(checkpoint_file_read(&c, ERR));
    checkpoint_file_free(&c);
}

/* Refused, with a message, and left where it is. */
static void assert_refused(const struct checkpoint_file *c, const uint8_t *bytes, size_t size)
{
    checkpoint_file_put(c, bytes, size);
    mia_status rc = checkpoint_file_read(c, ERR);
    assert_true(rc == MIA_ERR_CORRUPT || rc == MIA_ERR_VERSION || rc == MIA_ERR_INVALID);
    assert_int_equal(test_error.status, rc);
    assert_non_null(strstr(test_error.message, "3.ann"));
    size_t now;
    uint8_t *left = test_file_read(c->path, &now);
    assert_int_equal(now, size);
    assert_true(size == 0 || memcmp(left, bytes, size) == 0);
    free(left);
}

static void every_changed_byte_is_refused(void **state)
{
    (void)state;
    struct test_random r = {test_seed()};
    struct checkpoint_file c;
    size_t size;
    checkpoint_file_make(&c, POINTS);
    OK(checkpoint_file_write(&c, ERR));
    uint8_t *bytes = test_file_read(c.path, &size);
    assert_int_equal(size, HEADER + c.graph.size);
    for (size_t i = 0; i < HEADER * 8; i++) { /* every bit of the header */
        bytes[i / 8] ^= (uint8_t)(1 << i % 8);
        assert_refused(&c, bytes, size);
        bytes[i / 8] ^= (uint8_t)(1 << i % 8);
    }
    for (int round = 0; round < 1000; round++) {
        size_t at = HEADER + test_below(&r, size - HEADER);
        uint8_t change = (uint8_t)(1 + test_below(&r, 255));
        bytes[at] ^= change;
        assert_refused(&c, bytes, size);
        bytes[at] ^= change;
    }
    for (size_t at = size - 8; at < size; at++) {
        bytes[at] ^= 1;
        assert_refused(&c, bytes, size);
        bytes[at] ^= 1;
    }
    checkpoint_file_put(&c, bytes, size);
    OK(checkpoint_file_read(&c, ERR));
    free(bytes);
    checkpoint_file_free(&c);
}

static void every_other_length_is_refused(void **state)
{
    (void)state;
    struct test_random r = {test_seed()};
    struct checkpoint_file c;
    size_t size;
    checkpoint_file_make(&c, POINTS);
    OK(checkpoint_file_write(&c, ERR));
    uint8_t *bytes = test_file_read(c.path, &size);
    bytes = realloc(bytes, size + 64);
    assert_non_null(bytes);
    memset(bytes + size, 0, 64);
    for (size_t length = 0; length <= HEADER; length++)
        assert_refused(&c, bytes, length);
    for (int round = 0; round < 200; round++)
        assert_refused(&c, bytes, HEADER + test_below(&r, size - HEADER));
    assert_refused(&c, bytes, size - 1);
    for (size_t more = 1; more <= 64; more++)
        assert_refused(&c, bytes, size + more);
    free(bytes);
    checkpoint_file_free(&c);
}

static void another_thing_is_told_apart(void **state)
{
    (void)state;
    struct checkpoint_file c;
    checkpoint_file_make(&c, POINTS);
    OK(checkpoint_file_write(&c, ERR));
    struct mia__checkpoint_of of = c.of;
    c.of.database[15] ^= 1;
    ANSWERS(checkpoint_file_read(&c, ERR), MIA_ERR_INVALID);
    c.of = of;
    c.of.dimension++;
    ANSWERS(checkpoint_file_read(&c, ERR), MIA_ERR_INVALID);
    c.of = of;
    c.of.neighbours++;
    ANSWERS(checkpoint_file_read(&c, ERR), MIA_ERR_INVALID);
    c.of = of;
    c.of.width_add++;
    ANSWERS(checkpoint_file_read(&c, ERR), MIA_ERR_INVALID);
    c.of = of;
    c.of.library++;
    ANSWERS(checkpoint_file_read(&c, ERR), MIA_ERR_VERSION);
    c.of = of;
    char other[TEST_PATH]; /* the file of space 3 under the name of space 4 */
    test_path(other, c.folder, "4.ann");
    assert_int_equal(rename(c.path, other), 0);
    c.of.space = 4;
    ANSWERS(checkpoint_file_read(&c, ERR), MIA_ERR_INVALID);
    checkpoint_file_free(&c);
}

/* The header's fields are proven even when the checksum is right: a program with a fault wrote it.
 */
static void sign(uint8_t *bytes, size_t size)
{
    struct mia__sha256 *sha;
    OK(mia__sha256_open(&sha, ERR));
    OK(mia__sha256_add(sha, (mia_slice){bytes, 96}, ERR));
    OK(mia__sha256_add(sha, (mia_slice){bytes + HEADER, size - HEADER}, ERR));
    OK(mia__sha256_end(sha, bytes + 96, ERR));
    mia__sha256_close(sha);
}

static void counts_are_proven(void **state)
{
    (void)state;
    struct checkpoint_file c;
    size_t size;
    checkpoint_file_make(&c, POINTS);
    OK(checkpoint_file_write(&c, ERR));
    uint8_t *bytes = test_file_read(c.path, &size);
    static const struct {
        size_t at;
        uint64_t value;
        mia_status answer;
    } cases[] = {
        {48, POINTS - 1, MIA_ERR_CORRUPT}, /* fewer keys than points */
        {48, 0, MIA_ERR_CORRUPT},
        {48, UINT64_MAX, MIA_ERR_CORRUPT},
        {56, UINT64_MAX, MIA_ERR_CORRUPT},
        {56, UINT64_MAX / 32 + 1, MIA_ERR_CORRUPT},
        {64, 0, MIA_ERR_CORRUPT},
        {64, UINT64_MAX, MIA_ERR_CORRUPT},
        {64, UINT64_MAX - HEADER + 1, MIA_ERR_CORRUPT},
        {8, (uint64_t)HEADER << 32 | 2, MIA_ERR_VERSION}, /* format 2 */
        {8, (uint64_t)129 << 32 | 1, MIA_ERR_CORRUPT},
        {36, 0, MIA_ERR_INVALID}, /* no dimensions, no neighbours */
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        uint64_t before = mia__load_u64le(bytes + cases[i].at);
        mia__store_u64le(bytes + cases[i].at, cases[i].value);
        sign(bytes, size);
        checkpoint_file_put(&c, bytes, size);
        ANSWERS(checkpoint_file_read(&c, ERR), cases[i].answer);
        mia__store_u64le(bytes + cases[i].at, before);
    }
    sign(bytes, size);
    checkpoint_file_put(&c, bytes, size);
    OK(checkpoint_file_read(&c, ERR));
    free(bytes);
    checkpoint_file_free(&c);
}

static void what_lies_in_the_way(void **state)
{
    (void)state;
    struct checkpoint_file c;
    checkpoint_file_make(&c, POINTS);
    test_file_write(c.fresh, "left by a crash", 15); /* written over */
    OK(checkpoint_file_write(&c, ERR));
    OK(checkpoint_file_read(&c, ERR));

    char elsewhere[TEST_PATH]; /* a link is not followed */
    test_path(elsewhere, c.folder, "precious");
    test_file_write(elsewhere, "precious", 8);
    assert_int_equal(symlink(elsewhere, c.fresh), 0);
    ANSWERS(checkpoint_file_write(&c, ERR), MIA_ERR_IO);
    OK(checkpoint_file_read(&c, ERR));
    size_t size;
    free(test_file_read(elsewhere, &size));
    assert_int_equal(size, 8);
    assert_int_equal(unlink(c.fresh), 0);

    assert_int_equal(mkfifo(c.fresh, 0600), 0); /* nor does a pipe make it wait */
    ANSWERS(checkpoint_file_write(&c, ERR), MIA_ERR_IO);
    assert_int_equal(unlink(c.fresh), 0);

    assert_int_equal(unlink(c.path), 0);
    assert_int_equal(mkdir(c.path, 0700), 0);
    ANSWERS(checkpoint_file_read(&c, ERR), MIA_ERR_CORRUPT);
    ANSWERS(checkpoint_file_write(&c, ERR), MIA_ERR_IO);
    assert_int_equal(rmdir(c.path), 0);
    assert_int_equal(mkfifo(c.path, 0600), 0);
    ANSWERS(checkpoint_file_read(&c, ERR), MIA_ERR_CORRUPT);
    test_folder_remove(c.folder); /* and no directory at all */
    ANSWERS(checkpoint_file_write(&c, ERR), MIA_ERR_IO);
    ANSWERS(checkpoint_file_read(&c, ERR), MIA_NOTFOUND);
    mia__buf_free(&c.graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_back),
        cmocka_unit_test(an_empty_graph_comes_back),
        cmocka_unit_test(every_changed_byte_is_refused),
        cmocka_unit_test(every_other_length_is_refused),
        cmocka_unit_test(another_thing_is_told_apart),
        cmocka_unit_test(counts_are_proven),
        cmocka_unit_test(what_lies_in_the_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
