/* What the writer of sled directories answers, and its smallest database, byte for byte. What is in
 * larger ones, the real sled judges: writable.sh. */
#include "base/file.h"
#include "sled/write_varint.h"
#include "sled/writer.h"
#include "support/check.h"
#include "support/folder.h"

#include <stdio.h>
#include <stdlib.h>

struct bench {
    char folder[TEST_PATH];
    struct mia__sled_writer *writer;
};

static int open_bench(void **state)
{
    struct bench *b = calloc(1, sizeof *b);
    test_folder_make(b->folder);
    *state = b;
    return 0;
}

static int close_bench(void **state)
{
    struct bench *b = *state;
    mia__sled_writer_close(b->writer);
    test_folder_remove(b->folder);
    free(b);
    return 0;
}

static mia_status open_writer(struct bench *b, const struct mia__sled_writer_options *opt)
{
    return mia__sled_writer_open(b->folder, opt, &b->writer, ERR);
}

static mia_status begin(struct bench *b, const char *name)
{
    return mia__sled_writer_begin_tree(b->writer, mia_bytes_of(name), ERR);
}

static mia_status put(struct bench *b, const char *key)
{
    return mia__sled_writer_put(b->writer, mia_bytes_of(key), MIA_BYTES("value"), ERR);
}

static mia_status end(struct bench *b)
{
    return mia__sled_writer_end_tree(b->writer, ERR);
}

static void assert_message(const char *part)
{
    if (strstr(test_error.message, part) == NULL)
        fail_msg("the message is: %s", test_error.message);
}

static void assert_file(const struct bench *b, const char *name, const void *bytes, size_t size)
{
    char path[TEST_PATH];
    size_t got;
    test_path(path, b->folder, name);
    uint8_t *content = test_file_read(path, &got);
    assert_bytes(((mia_slice){content, got}), ((mia_slice){bytes, size}));
    free(content);
}

/* Checksums by another program; the rest can be read off the description of the format. */
static void one_pair_is_these_bytes(void **state)
{
    static const char conf[] = "segment_size: 524288\nuse_compression: false\nversion: 0.34\n"
                               "\x76\x19\x51\xc1";
    static const char db[] =
        "\xff\xba\xc7\x0f"                 /* segment: checksum, */
        "\xff\xff\xff\xff\xff\xff\xff\x7f" /* LSN 0, */
        "\0\0\0\0\0\0\0\x80"               /* stable up to -1 */
        "\xf6\x21\xf3\x7d\x08\x14\0\x02"   /* node, 20 bytes, segment 0, page 2: */
        "\0\0\0\0\0\0\0\1\5hello\5world"   /* a leaf of one pair */
        "\xf1\x22\x73\x6f\x08\x0a\0\x03"   /* node, page 3: */
        "\0\0\0\0\0\0\1\1\0\2"             /* an index: empty key, page 2 */
        "\x71\xa2\xc6\x78\x05\1\0\1\0"     /* counter, page 1: 0 */
        "\xcb\x82\xba\x8d\x06\x11\0\0"     /* meta, page 0: a name, page 3 */
        "\x0f__sled__default\3";
    struct bench *b = *state;
    OK(open_writer(b, NULL));
    OK(begin(b, "__sled__default"));
    OK(mia__sled_writer_put(b->writer, MIA_BYTES("hello"), MIA_BYTES("world"), ERR));
    OK(end(b));
    OK(mia__sled_writer_finish(b->writer, ERR));
    assert_file(b, "conf", conf, sizeof conf - 1);
    assert_file(b, "db", db, sizeof db - 1);
}

static void keys_must_ascend(void **state)
{
    struct bench *b = *state;
    OK(open_writer(b, NULL));
    OK(begin(b, "tree"));
    OK(put(b, ""));
    ANSWERS(put(b, ""), MIA_ERR_INVALID);
    OK(put(b, "b"));
    ANSWERS(put(b, "b"), MIA_ERR_INVALID);
    assert_message("key 'b' was there already");
    ANSWERS(put(b, "a"), MIA_ERR_INVALID);
    assert_message("key 'a' is out of order");
    char key[16];
    for (unsigned i = 0; i < 500; i++) { /* across many nodes: the last key is never forgotten */
        snprintf(key, sizeof key, "c%04u", i);
        OK(put(b, key));
        ANSWERS(put(b, key), MIA_ERR_INVALID);
        ANSWERS(put(b, "c"), MIA_ERR_INVALID);
    }
    OK(put(b, "c04999")); /* nothing of that broke the writer */
    OK(end(b));
    OK(begin(b, "other"));
    OK(put(b, "a")); /* the order begins anew */
    OK(end(b));
    OK(mia__sled_writer_finish(b->writer, ERR));
}

static void a_tree_is_written_once(void **state)
{
    struct bench *b = *state;
    OK(open_writer(b, NULL));
    OK(begin(b, "m"));
    OK(end(b));
    ANSWERS(begin(b, "m"), MIA_ERR_INVALID);
    assert_message("tree 'm'");
    OK(begin(b, "z"));
    OK(end(b));
    OK(begin(b, ""));
    OK(end(b));
    ANSWERS(begin(b, "z"), MIA_ERR_INVALID);
    ANSWERS(begin(b, ""), MIA_ERR_INVALID);
    OK(begin(b, "a"));
    OK(end(b));
    OK(mia__sled_writer_finish(b->writer, ERR));
}

static void calls_come_in_their_order(void **state)
{
    struct bench *b = *state;
    OK(open_writer(b, NULL));
    ANSWERS(put(b, "k"), MIA_ERR_INVALID);
    assert_message("no tree is begun");
    ANSWERS(end(b), MIA_ERR_INVALID);
    OK(begin(b, "tree"));
    ANSWERS(begin(b, "other"), MIA_ERR_INVALID);
    assert_message("the last tree is not ended");
    ANSWERS(mia__sled_writer_finish(b->writer, ERR), MIA_ERR_INVALID);
    OK(end(b));
    OK(mia__sled_writer_finish(b->writer, ERR));
    ANSWERS(begin(b, "other"), MIA_ERR_INVALID);
    assert_message("the directory is finished");
    ANSWERS(mia__sled_writer_finish(b->writer, ERR), MIA_ERR_INVALID);
}

static void options_must_be_sleds(void **state)
{
    struct bench *b = *state;
    static const uint32_t wrong[] = {1, 128, 255, 257, 1000, 524287, 32 << 20, UINT32_MAX};
    for (size_t i = 0; i < LENGTH(wrong); i++) {
        struct mia__sled_writer_options opt = {.segment_size = wrong[i]};
        ANSWERS(open_writer(b, &opt), MIA_ERR_INVALID);
        assert_message("powers of two from 256 to 16777216");
        assert_null(b->writer);
    }
    struct mia__sled_writer_options opt = {.use_compression = true, .compression_level = 23};
    ANSWERS(open_writer(b, &opt), MIA_ERR_INVALID);
    assert_message("1 to 22");
    char path[TEST_PATH];
    test_path(path, b->folder, "conf");
    assert_false(test_exists(path)); /* refused before anything was written */
}

static void files_that_are_there_stay(void **state)
{
    static const char *const names[] = {"conf", "db", "blobs"};
    struct bench *b = *state;
    for (size_t i = 0; i < LENGTH(names); i++) {
        char path[TEST_PATH];
        test_folder_remove(b->folder);
        test_folder_make(b->folder);
        test_path(path, b->folder, names[i]);
        test_file_write(path, "mine", 4);
        ANSWERS(open_writer(b, NULL), MIA_ERR_IO);
        assert_message(names[i]);
        assert_file(b, names[i], "mine", 4);
    }
}

/* sled 0.34.7, src/serialization.rs: the last number of each length and the first of the next. */
static void varints_are_sleds(void **state)
{
    (void)state;
    static const struct {
        uint64_t number;
        size_t size;
        const char *bytes;
    } known[] = {
        {0, 1, "\x00"},
        {240, 1, "\xf0"},
        {241, 2, "\xf1\x01"},
        {496, 2, "\xf2\x00"},
        {2287, 2, "\xf8\xff"},
        {2288, 3, "\xf9\x00\x00"},
        {67823, 3, "\xf9\xff\xff"},
        {67824, 4, "\xfa\xf0\x08\x01"},
        {0xffffff, 4, "\xfa\xff\xff\xff"},
        {0x1000000, 5, "\xfb\x00\x00\x00\x01"},
        {UINT64_MAX >> 8, 8, "\xfe\xff\xff\xff\xff\xff\xff\xff"},
        {UINT64_MAX, 9, "\xff\xff\xff\xff\xff\xff\xff\xff\xff"},
    };
    for (size_t i = 0; i < LENGTH(known); i++) {
        uint8_t bytes[MIA__SLED_VARINT];
        size_t size = mia__sled_put_varint(bytes, known[i].number);
        assert_bytes(((mia_slice){bytes, size}), ((mia_slice){known[i].bytes, known[i].size}));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_pair_is_these_bytes, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(keys_must_ascend, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(a_tree_is_written_once, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(calls_come_in_their_order, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(options_must_be_sleds, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(files_that_are_there_stay, open_bench, close_bench),
        cmocka_unit_test(varints_are_sleds),
    };
    return cmocka_run_group_tests_name("fresh_sled_writer", tests, NULL, NULL);
}
