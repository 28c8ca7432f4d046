/* test_lines.c - lines of words: what is written is read, and whatever is read stays inside */
#include "base/lines.h"
#include "support/check.h"
#include "support/folder.h"

#include <stdlib.h>
#include <unistd.h>

#define FILE_NAME "some-lines"

static const char *const names[] = {"one", "two"};

/* A reader at a text in memory of exactly its size, so that sanitizers see what is behind. */
struct reader {
    char *text;
    struct mia__lines lines;
};

static struct reader reader_of(const char *text)
{
    struct reader r = {.text = malloc(strlen(text))};
    memcpy(r.text, text, strlen(text));
    r.lines = mia__lines_of((mia_slice){r.text, strlen(text)}, ERR);
    return r;
}

static bool end(struct reader *r)
{
    bool is_done = mia__lines_are_done(&r->lines);
    free(r->text);
    return is_done;
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    struct mia__buf text = {0}, got = {0};
    uint8_t some[] = {0, 255, 16};
    struct mia__buf bytes = {some, sizeof some, sizeof some}, none = {0};
    char *taken, word[4], digest[MIA__SHA256_HEX], hex[MIA__SHA256_HEX];
    OK(mia__sha256_hex_of(MIA_BYTES("x"), hex, ERR));
    OK(mia__lines_put_line(&text, "word", "abc", ERR));
    OK(mia__lines_put_number(&text, "number", UINT64_MAX, ERR));
    OK(mia__lines_put_text(&text, "text", "a b\n%\xff", ERR));
    OK(mia__lines_put(&text, "bytes", ERR));
    OK(mia__lines_put_bytes(&text, &bytes, ERR));
    OK(mia__lines_put_bytes(&text, &none, ERR));
    OK(mia__lines_put(&text, "\n", ERR));
    OK(mia__lines_put_line(&text, "digest", hex, ERR));
    OK(mia__lines_put_line(&text, "which", "two", ERR));
    struct mia__lines r = mia__lines_of(mia__buf_slice(&text), ERR);
    mia__lines_expect(&r, "word");
    mia__lines_short(&r, word, sizeof word);
    assert_string_equal(word, "abc");
    mia__lines_expect(&r, "number");
    assert_true(mia__lines_number(&r) == UINT64_MAX);
    mia__lines_expect(&r, "text");
    OK(mia__lines_text(&r, &taken));
    assert_string_equal(taken, "a b\n%\xff");
    mia__free(taken);
    mia__lines_expect(&r, "bytes");
    OK(mia__lines_bytes(&r, &got));
    assert_bytes(mia__buf_slice(&got), mia__buf_slice(&bytes));
    OK(mia__lines_bytes(&r, &got));
    assert_int_equal(got.size, sizeof some); /* nothing was added */
    assert_false(mia__lines_are_done(&r));
    mia__lines_expect(&r, "digest");
    mia__lines_digest(&r, digest);
    assert_string_equal(digest, hex);
    assert_true(mia__lines_name(&r, "which "));
    assert_int_equal(mia__lines_one_of(&r, names, LENGTH(names)), 1);
    assert_true(mia__lines_are_done(&r));
    mia__buf_free(&got);
    mia__buf_free(&text);
}

static void numbers_are_digits(void **state)
{
    (void)state;
    static const char *const odd[] = {"",
                                      "\n",
                                      " \n",
                                      "-1\n",
                                      "+1\n",
                                      "1x\n",
                                      "\t1\n",
                                      "0x1\n",
                                      "1",
                                      "18446744073709551616\n",
                                      "99999999999999999999999999999999\n"};
    for (size_t i = 0; i < LENGTH(odd); i++) {
        struct reader r = reader_of(odd[i]);
        assert_int_equal(mia__lines_number(&r.lines), 0);
        assert_true(r.lines.has_failed);
        end(&r);
    }
    struct reader r = reader_of("0 007 18446744073709551615\n");
    assert_int_equal(mia__lines_number(&r.lines), 0);
    assert_int_equal(mia__lines_number(&r.lines), 7);
    assert_true(mia__lines_number(&r.lines) == UINT64_MAX);
    assert_true(end(&r));
}

static void bytes_are_pairs_of_digits(void **state)
{
    (void)state;
    static const char *const odd[] = {"",     "\n",   "0\n",  "000\n", "0g\n",
                                      "g0\n", "AB\n", "--\n", "00"};
    for (size_t i = 0; i < LENGTH(odd); i++) {
        struct mia__buf got = {0};
        struct reader r = reader_of(odd[i]);
        OK(mia__lines_bytes(&r.lines, &got));
        assert_false(end(&r));
        mia__buf_free(&got);
    }
}

static void words_must_fit(void **state)
{
    (void)state;
    char word[4], digest[MIA__SHA256_HEX];
    struct reader r = reader_of("abcd\n");
    mia__lines_short(&r.lines, word, sizeof word);
    assert_string_equal(word, "");
    assert_false(end(&r));
    r = reader_of("- -\n");
    mia__lines_short(&r.lines, word, sizeof word);
    assert_string_equal(word, "");
    mia__lines_digest(&r.lines, digest);
    assert_string_equal(digest, "");
    assert_true(end(&r));
    static const char sixty_four[] =
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    char text[80];
    for (size_t size = 1; size <= 65; size++) { /* of digits, and with another byte in the middle */
        for (int odd = 0; odd < 2; odd++) {
            memcpy(text, sixty_four, 64);
            text[64] = '0';
            text[size / 2] = odd ? 'X' : text[size / 2];
            memcpy(text + size, "\n", 2);
            r = reader_of(text);
            mia__lines_digest(&r.lines, digest);
            assert_int_equal(end(&r), size == 64 && !odd);
        }
    }
}

/* Whatever was asked first, the second question finds nothing. */
static void faults_stick(void **state)
{
    (void)state;
    char *text;
    struct mia__buf bytes = {0};
    struct reader r = reader_of("three 1 %zz\n");
    assert_int_equal(mia__lines_one_of(&r.lines, names, LENGTH(names)), 0);
    assert_true(r.lines.has_failed);
    assert_int_equal(mia__lines_number(&r.lines), 0);
    OK(mia__lines_text(&r.lines, &text));
    assert_null(text);
    for (int i = 0; i < 3; i++) { /* behind the end */
        mia__lines_expect(&r.lines, "name");
        assert_int_equal(mia__lines_number(&r.lines), 0);
        assert_int_equal(mia__lines_one_of(&r.lines, names, LENGTH(names)), 0);
        OK(mia__lines_bytes(&r.lines, &bytes));
        assert_int_equal(bytes.size, 0);
    }
    assert_false(end(&r));
    mia__buf_free(&bytes);
    r = reader_of("name\n");
    mia__lines_expect(&r.lines, "name"); /* and no word */
    assert_false(end(&r));
    r = reader_of("na");
    assert_false(mia__lines_name(&r.lines, "name"));
    assert_false(end(&r));
}

static mia_status take_one(void *ctx, struct mia__lines *r)
{
    mia__lines_expect(r, "number");
    *(uint64_t *)ctx = mia__lines_number(r);
    return MIA_OK;
}

static void files_have_a_checksum(void **state)
{
    (void)state;
    char folder[TEST_PATH], path[TEST_PATH];
    struct mia__buf text = {0};
    uint64_t number;
    size_t size;
    test_folder_make(folder);
    test_path(path, folder, FILE_NAME);
    ANSWERS(mia__lines_read(folder, FILE_NAME, take_one, &number, ERR), MIA_NOTFOUND);
    OK(mia__lines_put_number(&text, "number", 5, ERR));
    OK(mia__lines_write(folder, FILE_NAME, &text, ERR));
    OK(mia__lines_read(folder, FILE_NAME, take_one, &number, ERR));
    assert_int_equal(number, 5);
    uint8_t *bytes = test_file_read(path, &size);
    for (size_t i = 0; i < size; i++) {
        bytes[i] ^= 1;
        test_file_write(path, bytes, size);
        ANSWERS(mia__lines_read(folder, FILE_NAME, take_one, &number, ERR), MIA_ERR_CORRUPT);
        bytes[i] ^= 1;
        test_file_write(path, bytes, i);
        ANSWERS(mia__lines_read(folder, FILE_NAME, take_one, &number, ERR), MIA_ERR_CORRUPT);
        assert_non_null(strstr(test_error.message, path));
    }
    text.size = 0;
    OK(mia__lines_put_line(&text, "number", "5 6", ERR));
    OK(mia__lines_write(folder, FILE_NAME, &text, ERR));
    ANSWERS(mia__lines_read(folder, FILE_NAME, take_one, &number, ERR), MIA_ERR_VERSION);
    free(bytes);
    mia__buf_free(&text);
    test_folder_remove(folder);
}

static void large_files_are_not_read(void **state)
{
    (void)state;
    char folder[TEST_PATH], path[TEST_PATH];
    uint64_t number;
    test_folder_make(folder);
    test_path(path, folder, FILE_NAME);
    test_file_write(path, "", 0);
    assert_int_equal(truncate(path, (64 << 20) + 1), 0);
    ANSWERS(mia__lines_read(folder, FILE_NAME, take_one, &number, ERR), MIA_ERR_CORRUPT);
    assert_non_null(strstr(test_error.message, "too large"));
    assert_int_equal(truncate(path, 64 << 20), 0);
    ANSWERS(mia__lines_read(folder, FILE_NAME, take_one, &number, ERR), MIA_ERR_CORRUPT);
    assert_non_null(strstr(test_error.message, "checksum"));
    test_folder_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(numbers_are_digits),
        cmocka_unit_test(bytes_are_pairs_of_digits),
        cmocka_unit_test(words_must_fit),
        cmocka_unit_test(faults_stick),
        cmocka_unit_test(files_have_a_checksum),
        cmocka_unit_test(large_files_are_not_read),
    };
    return cmocka_run_group_tests_name("lines", tests, NULL, NULL);
}
