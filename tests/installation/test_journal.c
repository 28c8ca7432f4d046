/* The journal of an installation, and the pointer: written, read, damaged. */
#include "coordinator/pointer.h"
#include "installation/journal.h"
#include "support/check.h"
#include "support/folder.h"
#include "support/lines.h"

#include <stdio.h>
#include <stdlib.h>

static char *copy_of(const char *text)
{
    char *copy = mia__strdup(text);
    assert_non_null(copy);
    return copy;
}

static struct mia__journal make_journal(void)
{
    struct mia__journal j = {.base = copy_of("/a base/with 100%"),
                             .spill = copy_of("/sp\nill/\xff"),
                             .generation = 7,
                             .verified_ms = 1705320000000,
                             .is_finished = true};
    OK(mia__entry_add(&j, "knowledge/stable", "/x/knowledge/stable", ERR));
    OK(mia__entry_add(&j, "conversations/active", "/x/conversations/active", ERR));
    struct mia__entry *entry = mia__entry_find(&j, "knowledge/stable");
    entry->state = MIA__ENTRY_DONE;
    entry->records = UINT64_MAX;
    entry->milliseconds = 12;
    memset(entry->fingerprint, 'a', sizeof entry->fingerprint - 1);
    memset(entry->digest, 'b', sizeof entry->digest - 1);
    return j;
}

static void journals_come_back(void **state)
{
    const char *folder = *state;
    struct mia__journal got, j = make_journal();
    ANSWERS(mia__journal_read(folder, &got, ERR), MIA_NOTFOUND);
    OK(mia__journal_write(folder, &j, ERR));
    OK(mia__journal_write(folder, &j, ERR)); /* over the first */
    OK(mia__journal_read(folder, &got, ERR));
    assert_string_equal(got.base, j.base);
    assert_string_equal(got.spill, j.spill);
    assert_int_equal(got.generation, 7);
    assert_int_equal(got.verified_ms, 1705320000000);
    assert_true(got.is_finished);
    size_t count;
    struct mia__entry *entries = mia__entries(&got, &count);
    assert_int_equal(count, 2);
    assert_string_equal(entries[0].name, "conversations/active"); /* by name */
    assert_int_equal(entries[0].state, MIA__ENTRY_OPEN);
    assert_string_equal(entries[0].digest, "");
    assert_string_equal(entries[1].source, "/x/knowledge/stable");
    assert_int_equal(entries[1].state, MIA__ENTRY_DONE);
    assert_true(entries[1].records == UINT64_MAX);
    assert_int_equal(strlen(entries[1].fingerprint), 64);
    mia__journal_free(&got);
    mia__journal_free(&j);
}

static void changed_bytes_are_noticed(void **state)
{
    const char *folder = *state;
    char path[TEST_PATH];
    size_t size;
    struct mia__journal got, j = make_journal();
    OK(mia__journal_write(folder, &j, ERR));
    mia__journal_free(&j);
    test_path(path, folder, MIA__JOURNAL_FILE);
    uint8_t *bytes = test_file_read(path, &size);
    for (size_t i = 0; i < size; i++) {
        bytes[i] ^= 4;
        test_file_write(path, bytes, size);
        ANSWERS(mia__journal_read(folder, &got, ERR), MIA_ERR_CORRUPT);
        assert_non_null(strstr(test_error.message, path));
        bytes[i] ^= 4;
    }
    for (size_t left = 0; left < size; left++) {
        test_file_write(path, bytes, left);
        ANSWERS(mia__journal_read(folder, &got, ERR), MIA_ERR_CORRUPT);
    }
    free(bytes);
}

static mia_status read_journal(const char *folder, struct mia_error *err)
{
    struct mia__journal got;
    mia_status rc = mia__journal_read(folder, &got, err);
    if (rc < 0)
        assert_true(got.base == NULL && got.spill == NULL && got.entries.data == NULL);
    mia__journal_free(&got);
    return rc;
}

static void other_words_are_of_another_version(void **state)
{
    const char *folder = *state;
    static const char *const others[][2] = {
        {"mia-journal 1", "mia-journal 2"},
        {"base /a", "base %/a"},
        {"spill ", "spills "},
        {"generation 7", "generation -7"},
        {"finished 1", "finished x"},
        {"database ", "databases "},
        {" open ", " opened "},
        {" open - ", " open a "},
        {" done a", " done "},
        {"18446744073709551615", "18446744073709551616"},
    };
    struct mia__journal j = make_journal();
    OK(mia__journal_write(folder, &j, ERR));
    mia__journal_free(&j);
    test_lines_cut(folder, MIA__JOURNAL_FILE, true, read_journal);
    for (size_t i = 0; i < LENGTH(others); i++)
        test_lines_alter(folder, MIA__JOURNAL_FILE, others[i][0], others[i][1], read_journal);
    OK(read_journal(folder, ERR));
}

static void pointers_come_back(void **state)
{
    const char *folder = *state;
    struct mia__pointer p;
    char expected[TEST_PATH];
    ANSWERS(mia__pointer_read(folder, &p, ERR), MIA_NOTFOUND);
    OK(mia__pointer_write(folder, "/some where", "/else\xff", ERR));
    OK(mia__pointer_read(folder, &p, ERR));
    assert_string_equal(p.base, "/some where");
    assert_string_equal(p.spill, "/else\xff");
    mia__pointer_free(&p);
    OK(mia__pointer_write(folder, "generations/3", NULL, ERR));
    OK(mia__pointer_read(folder, &p, ERR));
    test_path(expected, folder, "generations/3");
    assert_string_equal(p.base, expected);
    assert_null(p.spill);
    mia__pointer_free(&p);
}

static void what_is_no_pointer_is_refused(void **state)
{
    const char *folder = *state;
    static const char *const texts[] = {
        "",
        "mia-current 2\nbase x\n",
        "mia-current 1\n",
        "mia-current 1\nbase \n",
        "mia-current 1\nbase x",
        "mia-current 1\nbase x y\n",
        "mia-current 1\nbase x\nspill\n",
        "mia-current 1\nbase x\nspill \n",
        "mia-current 1\nbase x\nspill y",
        "mia-current 1\nbase x\nspill y\nmore\n",
        "mia-current 1\nbase %0\n",
        "mia-current 1\nbase %zz\n",
        "mia-current 1\nbase %00\n",
    };
    char path[TEST_PATH];
    struct mia__pointer p;
    test_path(path, folder, MIA__POINTER_FILE);
    for (size_t i = 0; i < LENGTH(texts); i++) {
        test_file_write(path, texts[i], strlen(texts[i]));
        ANSWERS(mia__pointer_read(folder, &p, ERR), MIA_ERR_CORRUPT);
        assert_null(p.base);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(journals_come_back, test_folder_open, test_folder_close),
        cmocka_unit_test_setup_teardown(changed_bytes_are_noticed, test_folder_open,
                                        test_folder_close),
        cmocka_unit_test_setup_teardown(other_words_are_of_another_version, test_folder_open,
                                        test_folder_close),
        cmocka_unit_test_setup_teardown(pointers_come_back, test_folder_open, test_folder_close),
        cmocka_unit_test_setup_teardown(what_is_no_pointer_is_refused, test_folder_open,
                                        test_folder_close),
    };
    return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
