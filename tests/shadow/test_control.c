/* test_control.c - the file of a pair: what is written is read, and nothing else is */
#include "shadow/control.h"
#include "support/check.h"
#include "support/folder.h"
#include "support/lines.h"

#include <stdio.h>
#include <stdlib.h>

#define FINGERPRINT "00000000000000000000000000000000000000000000000000000000000abcde"

static struct mia__control example(void)
{
    static char first[] = "/a path/with % and \x01", second[] = "/b";
    static uint8_t name[] = {0, 255, 7}, key[] = {'k', 0};
    return (struct mia__control){
        .is_raw = true,
        .is_clean = true,
        .sides = {{first, "sled", 0, ""}, {second, "mdbx", 1, FINGERPRINT}},
        .primary = 1,
        .state = MIA_SHADOW_VERIFIED,
        .has_position = true,
        .position_role = 4,
        .position_table = 2,
        .position_literal = 1,
        .position_name = {name, sizeof name, sizeof name},
        .position_key = {key, sizeof key, sizeof key},
        .copied = UINT64_MAX,
        .switches = 3,
        .verified_ms = 1700000000000,
        .reason = "a reason\nof two lines",
    };
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    char folder[TEST_PATH];
    struct mia__control wanted = example(), found;
    test_folder_make(folder);
    ANSWERS(mia__control_read(folder, &found, ERR), MIA_NOTFOUND);
    OK(mia__control_write(folder, &wanted, ERR));
    OK(mia__control_read(folder, &found, ERR));
    assert_true(found.is_raw && found.is_clean && found.has_position);
    for (int i = 0; i < 2; i++) {
        assert_string_equal(found.sides[i].path, wanted.sides[i].path);
        assert_string_equal(found.sides[i].engine, wanted.sides[i].engine);
        assert_string_equal(found.sides[i].fingerprint, wanted.sides[i].fingerprint);
        assert_int_equal(found.sides[i].is_folded, i);
    }
    assert_int_equal(found.primary, 1);
    assert_int_equal(found.state, MIA_SHADOW_VERIFIED);
    assert_int_equal(found.position_role, 4);
    assert_int_equal(found.position_table, 2);
    assert_int_equal(found.position_literal, 1);
    assert_bytes(mia__buf_slice(&found.position_name), mia__buf_slice(&wanted.position_name));
    assert_bytes(mia__buf_slice(&found.position_key), mia__buf_slice(&wanted.position_key));
    assert_true(found.copied == UINT64_MAX);
    assert_int_equal(found.switches, 3);
    assert_int_equal(found.verified_ms, 1700000000000);
    assert_string_equal(found.reason, wanted.reason);
    mia__control_free(&found);
    test_folder_remove(folder);
}

/* Every byte of it counts; no part of it is taken for the whole. */
static void a_damaged_file_is_refused(void **state)
{
    (void)state;
    char folder[TEST_PATH], file[TEST_PATH];
    struct mia__control c = example(), found;
    size_t size;
    test_folder_make(folder);
    test_path(file, folder, MIA__CONTROL_FILE);
    OK(mia__control_write(folder, &c, ERR));
    uint8_t *bytes = test_file_read(file, &size);
    for (size_t i = 0; i < size; i++) {
        bytes[i] ^= 1;
        test_file_write(file, bytes, size);
        ANSWERS(mia__control_read(folder, &found, ERR), MIA_ERR_CORRUPT);
        bytes[i] ^= 1;
        test_file_write(file, bytes, i);
        ANSWERS(mia__control_read(folder, &found, ERR), MIA_ERR_CORRUPT);
    }
    free(bytes);
    test_folder_remove(folder);
}

static mia_status read_control(const char *folder, struct mia_error *err)
{
    struct mia__control found;
    mia_status rc = mia__control_read(folder, &found, err);
    if (rc < 0)
        assert_true(found.sides[0].path == NULL && found.position_key.data == NULL);
    mia__control_free(&found);
    return rc;
}

static void other_words_are_of_another_version(void **state)
{
    (void)state;
    static const char *const others[][2] = {
        {"mia-shadow 1", "mia-shadow 2"},
        {"content bytes", "content others"},
        {"first ", "third "},
        {" sled ", " a-long-engine-name "},
        {"abcde\n", "abcd\n"},
        {"primary second", "primary third"},
        {"clean 1", "clean +1"},
        {"position 4", "position "},
        {" 00ff07 ", " 00ff0 "},
        {"18446744073709551615", "18446744073709551616"},
        {"reason ", "reason %0"},
    };
    char folder[TEST_PATH];
    struct mia__control c = example();
    test_folder_make(folder);
    OK(mia__control_write(folder, &c, ERR));
    test_lines_cut(folder, MIA__CONTROL_FILE, false, read_control);
    for (size_t i = 0; i < LENGTH(others); i++)
        test_lines_alter(folder, MIA__CONTROL_FILE, others[i][0], others[i][1], read_control);
    OK(read_control(folder, ERR));
    test_folder_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_written_is_read),
                                       cmocka_unit_test(a_damaged_file_is_refused),
                                       cmocka_unit_test(other_words_are_of_another_version)};
    return cmocka_run_group_tests_name("shadow_control", tests, NULL, NULL);
}
