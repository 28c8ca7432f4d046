/* test_write.c - bincode items against bytes that bincode 2.0.1 wrote */
#include "bincode/write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
/* cmocka wants the three above first */
#include <cmocka.h>

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

/* Compares what was written with hexadecimal digits and empties the buffer. */
static void assert_written(struct mia__buf *buf, const char *hex)
{
    char written[1024] = "";
    assert_true(2 * buf->size < sizeof written);
    for (size_t i = 0; i < buf->size; i++)
        snprintf(written + 2 * i, 3, "%02x", buf->data[i]);
    assert_string_equal(written, hex);
    buf->size = 0;
}

static void unsigned_numbers_take_the_shortest_form(void **state)
{
    (void)state;
    static const struct {
        uint64_t n;
        const char *hex;
    } rows[] = {
        {0, "00"},
        {1, "01"},
        {250, "fa"},
        {251, "fbfb00"},
        {255, "fbff00"},
        {256, "fb0001"},
        {65535, "fbffff"},
        {65536, "fc00000100"},
        {4294967295u, "fcffffffff"},
        {4294967296u, "fd0000000001000000"},
        {UINT64_MAX, "fdffffffffffffffff"},
    };
    struct mia__buf buf = {0};
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct mia__bincode_writer w = mia__bincode_begin(&buf, NULL);
        mia__bincode_write_u64(&w, rows[i].n);
        assert_int_equal(w.status, MIA_OK);
        assert_written(&buf, rows[i].hex);
    }
    mia__buf_free(&buf);
}

static void signed_numbers_are_zigzag(void **state)
{
    (void)state;
    static const struct {
        int64_t n;
        const char *hex;
    } rows[] = {
        {0, "00"},
        {-1, "01"},
        {1, "02"},
        {-125, "f9"},
        {125, "fa"},
        {-126, "fbfb00"},
        {126, "fbfc00"},
        {1697500000000, "fd00dec47516030000"},
        {INT64_MAX, "fdfeffffffffffffff"},
        {INT64_MIN, "fdffffffffffffffff"},
    };
    struct mia__buf buf = {0};
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct mia__bincode_writer w = mia__bincode_begin(&buf, NULL);
        mia__bincode_write_i64(&w, rows[i].n);
        assert_int_equal(w.status, MIA_OK);
        assert_written(&buf, rows[i].hex);
    }
    mia__buf_free(&buf);
}

static void floats_keep_their_bits(void **state)
{
    (void)state;
    static const uint32_t nan_with_payload = 0x7fc00001;
    struct mia__buf buf = {0};
    struct mia__bincode_writer w = mia__bincode_begin(&buf, NULL);
    float nan;
    memcpy(&nan, &nan_with_payload, sizeof nan);
    mia__bincode_write_f32(&w, 0.5f);
    mia__bincode_write_f32(&w, -1.0f);
    mia__bincode_write_f32(&w, nan);
    assert_int_equal(w.status, MIA_OK);
    assert_written(&buf, "0000003f000080bf0100c07f");
    mia__buf_free(&buf);
}

/* A message that MIA's own Rust types wrote. */
static void a_message_is_what_rust_writes(void **state)
{
    (void)state;
    struct mia__buf buf = {0};
    struct mia__bincode_writer w = mia__bincode_begin(&buf, NULL);
    mia__bincode_write_u64(&w, 1);
    mia__bincode_write_str(&w, MIA_BYTES("msg_1"));
    mia__bincode_write_str(&w, MIA_BYTES("chat_2"));
    mia__bincode_write_str(&w, MIA_BYTES("user"));
    mia__bincode_write_i64(&w, 1697500000000);
    mia__bincode_write_str(&w, MIA_BYTES("Hello, world"));
    mia__bincode_write_u64(&w, 2);
    mia__bincode_write_str(&w, MIA_BYTES("att_1"));
    mia__bincode_write_str(&w, MIA_BYTES("attachment_2"));
    mia__bincode_write_option(&w, true);
    mia__bincode_write_str(&w, MIA_BYTES("emb_1"));
    mia__bincode_write_str(&w, MIA_BYTES("{}"));
    assert_int_equal(w.status, MIA_OK);
    assert_written(&buf, "01056d73675f3106636861745f320475736572fd00dec475160300000c48656c6c6f2c20"
                         "776f726c6402056174745f310c6174746163686d656e745f320105656d625f31027b7d");
    mia__buf_free(&buf);
}

static void options_and_empty_strings_are_one_byte(void **state)
{
    (void)state;
    struct mia__buf buf = {0};
    struct mia__bincode_writer w = mia__bincode_begin(&buf, NULL);
    mia__bincode_write_option(&w, false);
    mia__bincode_write_option(&w, true);
    mia__bincode_write_str(&w, (mia_slice){NULL, 0});
    assert_int_equal(w.status, MIA_OK);
    assert_written(&buf, "000100");
    mia__buf_free(&buf);
}

static void a_value_ends_at_its_limit(void **state)
{
    (void)state;
    struct mia__buf buf = {0};
    struct mia_error err = {0};
    assert_int_equal(mia__buf_append(&buf, "before", 6, &err), MIA_OK);
    struct mia__bincode_writer w = mia__bincode_begin(&buf, &err);
    w.limit = 4;
    mia__bincode_write_str(&w, MIA_BYTES("abc"));
    assert_int_equal(w.status, MIA_OK);
    assert_int_equal(buf.size, 10);
    mia__bincode_write_option(&w, true);
    assert_int_equal(w.status, MIA_ERR_TOO_LONG);
    assert_int_equal(err.status, MIA_ERR_TOO_LONG);
    mia__bincode_write_u64(&w, 0); /* the failure sticks */
    assert_int_equal(w.status, MIA_ERR_TOO_LONG);
    assert_int_equal(buf.size, 10);
    mia__buf_free(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unsigned_numbers_take_the_shortest_form),
        cmocka_unit_test(signed_numbers_are_zigzag),
        cmocka_unit_test(floats_keep_their_bits),
        cmocka_unit_test(a_message_is_what_rust_writes),
        cmocka_unit_test(options_and_empty_strings_are_one_byte),
        cmocka_unit_test(a_value_ends_at_its_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
