/* test_damage.c - every bit of a small database flipped, every length cut: an answer, and never a
 * pair that was not there */
#include "sled/directory.h"
#include "sled/example.h"
#include "support/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEXT = 4096, OLD_CONTENTS = 3 };

struct file {
    const char *name;
    uint8_t *bytes;
    size_t size;
};

/* What the directory shows is one of its own states, or it is refused. */
static void judge(const char *folder, const char *const *contents, size_t count, size_t *refused)
{
    char text[TEXT];
    for (int from_snapshot = 0; from_snapshot <= 1; from_snapshot++) {
        struct mia__sled_options options = {.from_snapshot = from_snapshot};
        mia_status rc = test_read(folder, &options, text, sizeof text);
        if (rc == MIA_ERR_CORRUPT || rc == MIA_ERR_VERSION) {
            assert_true(strlen(ERR->message) > 10);
            ++*refused;
            continue;
        }
        assert_int_equal(rc, MIA_OK);
        size_t i = 0;
        while (i < count && strcmp(text, contents[i]) != 0)
            i++;
        if (i == count)
            fail_msg("a content that never was: %s", text);
    }
}

/* Returns how many of the damaged directories were refused. */
static size_t try_file(const char *folder, struct file *file, const char *const *contents,
                       size_t count)
{
    char path[TEST_PATH];
    size_t refused = 0;
    test_path(path, folder, file->name);
    for (size_t bit = 0; bit < 8 * file->size; bit++) {
        file->bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        test_file_write(path, file->bytes, file->size);
        judge(folder, contents, count, &refused);
        file->bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t size = 0; size < file->size; size++) {
        test_file_write(path, file->bytes, size);
        judge(folder, contents, count, &refused);
    }
    test_file_write(path, file->bytes, file->size);
    return refused;
}

static void try_all(const char *folder, const char *const *names, const char *const *contents,
                    size_t count)
{
    for (; *names != NULL; names++) {
        char path[TEST_PATH];
        struct file file = {.name = *names};
        test_path(path, folder, file.name);
        file.bytes = test_file_read(path, &file.size);
        assert_true(try_file(folder, &file, contents, count) > file.size);
        free(file.bytes);
    }
    char text[TEXT];
    OK(test_read(folder, NULL, text, sizeof text)); /* whole again: nothing was left behind */
    assert_string_equal(text, contents[0]);
}

static void the_example_with_its_snapshot(void **state)
{
    (void)state;
    char folder[TEST_PATH], path[TEST_PATH];
    static const char *const names[] = {"db", "conf", example_snapshot_name, NULL};
    static const char *const contents[] = {"hello=world", ""};
    test_folder_make(folder);
    test_conf_write(folder, 4096, false);
    test_path(path, folder, "db");
    test_file_write(path, example_db, sizeof example_db);
    test_path(path, folder, example_snapshot_name);
    test_file_write(path, example_snapshot, sizeof example_snapshot);
    try_all(folder, names, contents, 1);
    test_folder_remove(folder);
}

/* Without a snapshot the end of the log may be taken for torn. */
static void segments_with_a_blob(void **state)
{
    (void)state;
    char folder[TEST_PATH], path[TEST_PATH];
    static const char *const names[] = {"db", "conf", NULL};
    static const char *const blob[] = {"blobs/87", NULL};
    static const char *const contents[] = {"a=1 hello=world", "hello=world", ""};
    struct test_log log = {.segment_size = 256};
    test_folder_make(folder);
    test_log_meta(&log, 3, 7);
    test_log_node(&log, 2, &(struct test_node){0});
    test_log_node(&log, 3, &(struct test_node){.is_index = true, .pairs = {"", "2"}});
    test_log_raw(&log, MIA__SLED_LINK_BLOB, 2,
                 example_blob_message + sizeof example_blob_message - 8, 8);
    test_log_segment(&log, 100);
    test_log_link(&log, 2, "a", "1");
    test_log_write(&log, folder);
    test_path(path, folder, "blobs");
    assert_int_equal(mkdir(path, 0755), 0);
    test_path(path, folder, "blobs/87");
    test_file_write(path, example_blob, sizeof example_blob);
    try_all(folder, names, contents, OLD_CONTENTS);
    try_all(folder, blob, contents, OLD_CONTENTS);
    test_folder_remove(folder);
}

/* Bytes made up, with headers that look right: nothing but an answer is asked for. */
static void noise(void **state)
{
    (void)state;
    struct test_random r = {test_seed()};
    char folder[TEST_PATH], text[TEXT];
    uint8_t body[64];
    test_folder_make(folder);
    for (int round = 0; round < 3000; round++) {
        struct test_log log = {.segment_size = 4096, .is_compressed = test_below(&r, 4) == 0};
        test_log_meta(&log, 2 + test_below(&r, 3), 0);
        for (size_t i = 0; i < 12; i++) {
            size_t size = test_below(&r, sizeof body);
            test_fill(&r, body, size);
            for (size_t j = 0; j < size; j++) /* small numbers make sense more often */
                body[j] &= test_below(&r, 3) == 0 ? 255 : 3;
            uint8_t kind = (uint8_t)(MIA__SLED_FREE + test_below(&r, 8));
            test_log_raw(&log, kind, test_below(&r, 5), body, size);
        }
        test_log_write(&log, folder);
        mia_status rc = test_read(folder, NULL, text, sizeof text);
        assert_true(rc == MIA_OK || rc == MIA_ERR_CORRUPT);
    }
    test_folder_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_with_its_snapshot),
        cmocka_unit_test(segments_with_a_blob),
        cmocka_unit_test(noise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
