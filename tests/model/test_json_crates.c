/*
 * serde_json as the judge: texts at random, each with its verdict and how it prints them again.
 *
 * MIA_INTEROP is the folder of the programs. MIA_TEST_SEED repeats a run; MIA_TEST_TEXTS sets how
 * many there are.
 */
#include "model/json_tree.h"
#include "support/check.h"
#include "support/random.h"
#include "support/stream.h"

#include <inttypes.h>

static void expect_refusal(mia_status rc)
{
    assert_int_equal(rc, MIA_ERR_SERIALIZATION);
    assert_int_equal(ERR->status, rc);
    assert_true(strlen(ERR->message) > 10);
}

/* The printed text is also read, and means the same tree. */
static void expect_same(struct test_json *t, const struct mia__json *value, mia_slice printed)
{
    struct test_json again = {0};
    struct mia__json other;
    assert_true(test_json_is_sound(value));
    assert_bytes(test_json_print(t, value), printed);
    OK(test_json_parse(&again, printed, &other));
    assert_true(test_json_equal(value, &other));
    test_json_end(&again);
}

static void texts_are_read_and_printed_as_by_serde_json(void **state)
{
    (void)state;
    struct test_stream s;
    struct test_json t = {0};
    uint64_t seed = test_seed(), count = test_setting("MIA_TEST_TEXTS", 100000);
    uint64_t seen = 0, accepted = 0;
    test_stream_open(&s, "make-json", seed, count);
    for (; seen < count; seen++) {
        uint8_t verdict;
        struct mia__json value;
        mia_slice text = test_stream_item(&s, 0);
        assert_true(test_stream_byte(&s, &verdict));
        mia_slice printed = test_stream_item(&s, 1);
        *ERR = (struct mia_error){0};
        mia_status rc = test_json_parse(&t, text, &value);
        if ((rc == MIA_OK) != (verdict == 1))
            fail_msg("text %" PRIu64 " of seed %" PRIu64 ": serde_json says %d; here: %s: %.*s",
                     seen, seed, verdict, rc == MIA_OK ? "accepted" : ERR->message, (int)text.size,
                     (const char *)text.data);
        if (rc == MIA_OK)
            expect_same(&t, &value, printed);
        else
            expect_refusal(rc);
        accepted += rc == MIA_OK;
    }
    test_stream_close(&s);
    assert_true(accepted > count / 20 && accepted < count);
    print_message("%" PRIu64 " texts, %" PRIu64 " of them accepted\n", seen, accepted);
    test_json_end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_read_and_printed_as_by_serde_json),
    };
    return cmocka_run_group_tests_name("json_crates", tests, NULL, NULL);
}
