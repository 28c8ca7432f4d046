/* test_utf8.c - every code point, every short sequence of bytes, every place in a text */
#include "model/schema.h"
#include "model/utf8.h"
#include "support/check.h"
#include "support/random.h"

#include <stdlib.h>

/* Independent of the code under test: decodes first and asks afterwards. Bytes of the character at
 * the front; 0 if it is none. */
static size_t decode_naively(const uint8_t *at, size_t left)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t size = at[0] < 0x80             ? 1
                  : (at[0] & 0xe0) == 0xc0 ? 2
                  : (at[0] & 0xf0) == 0xe0 ? 3
                  : (at[0] & 0xf8) == 0xf0 ? 4
                                           : 0;
    if (size == 0 || size > left)
        return 0;
    uint32_t c = size == 1 ? at[0] : at[0] & (0xffu >> (size + 1));
    for (size_t i = 1; i < size; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (at[i] & 0x3f);
    }
    return c >= least[size] && c <= 0x10ffff && !(c >= 0xd800 && c < 0xe000) ? size : 0;
}

static size_t prefix_naively(const uint8_t *text, size_t size)
{
    size_t done = 0, character = 1;
    while (done < size && character > 0)
        done += character = decode_naively(text + done, size - done);
    return done;
}

static void every_start_of_four_bytes_is_judged_right(void **state)
{
    (void)state;
    /* The third and fourth byte only matter by their class. */
    static const uint8_t tails[] = {0x00, 0x7f, 0x80, 0xbf, 0xc0, 0xff};
    for (unsigned pair = 0; pair < 0x10000; pair++)
        for (size_t i = 0; i < LENGTH(tails) * LENGTH(tails); i++) {
            uint8_t text[4] = {(uint8_t)(pair >> 8), (uint8_t)pair, tails[i / LENGTH(tails)],
                               tails[i % LENGTH(tails)]};
            for (size_t size = 0; size <= sizeof text; size++) {
                size_t prefix = prefix_naively(text, size);
                assert_int_equal(mia__utf8_prefix(text, size), prefix);
                assert_int_equal(mia__utf8_is_valid(text, size), prefix == size);
            }
        }
}

static size_t encode(uint32_t c, uint8_t *to)
{
    if (c < 0x80) {
        to[0] = (uint8_t)c;
        return 1;
    }
    size_t size = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = size; i-- > 1; c >>= 6)
        to[i] = (uint8_t)(0x80 | (c & 0x3f));
    to[0] = (uint8_t)(0xf00 >> size | c);
    return size;
}

static void every_code_point_but_surrogates_is_text(void **state)
{
    (void)state;
    for (uint32_t c = 0; c < 0x110400; c++) {
        uint8_t text[4];
        size_t size = encode(c, text);
        bool is_text = c < 0x110000 && !(c >= 0xd800 && c < 0xe000);
        assert_int_equal(mia__utf8_is_valid(text, size), is_text);
    }
}

/* Sixteen bytes are looked at together, and what is wrong may lie on both sides of their end. */
static void every_start_is_judged_right_at_every_place(void **state)
{
    (void)state;
    static const uint8_t firsts[] = {0x41, 0x80, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec,
                                     0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf8, 0xff};
    static const uint8_t others[] = {0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc2, 0xe1};
    static const char *const fillers[] = {"a", "\u00e9", "\u8a18", "\U0001f600"};
    enum { MOST = 64, OTHERS = LENGTH(others) };
    for (size_t filler = 0; filler < LENGTH(fillers); filler++)
        for (size_t place = 0; place < 36; place++)
            for (size_t i = 0; i < LENGTH(firsts) * OTHERS * OTHERS * OTHERS; i++) {
                uint8_t text[MOST + 4];
                size_t width = strlen(fillers[filler]), start = place / width * width;
                for (size_t at = 0; at < MOST; at += width)
                    memcpy(text + at, fillers[filler], width);
                size_t rest = i;
                for (size_t at = 3; at > 0; at--, rest /= OTHERS)
                    text[start + at] = others[rest % OTHERS];
                text[start] = firsts[rest];
                size_t size = MOST / width * width;
                assert_int_equal(mia__utf8_prefix(text, size), prefix_naively(text, size));
            }
}

/* Every place within the words that are looked at together must count. */
static void one_wrong_byte_is_found_anywhere(void **state)
{
    (void)state;
    struct test_random r = {test_seed()};
    static const char *const pieces[] = {"a", "~", "\u00e9", "\u20ac", "\U0001f600", "\0 "};
    for (int round = 0; round < 20000; round++) {
        size_t size = 0, most = 1 + test_below(&r, 100);
        uint8_t *text = malloc(most); /* no slack: a sanitizer sees a byte too far */
        assert_non_null(text);
        while (size < most) {
            const char *piece = pieces[test_below(&r, LENGTH(pieces))];
            size_t add = strlen(piece) + (piece[0] == '\0');
            memcpy(text + size, piece, add < most - size ? add : most - size);
            size += add < most - size ? add : most - size;
        }
        assert_int_equal(mia__utf8_prefix(text, size), prefix_naively(text, size));
        text[test_below(&r, size)] = (uint8_t)test_random(&r);
        assert_int_equal(mia__utf8_prefix(text, size), prefix_naively(text, size));
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_start_of_four_bytes_is_judged_right),
        cmocka_unit_test(every_code_point_but_surrogates_is_text),
        cmocka_unit_test(every_start_is_judged_right_at_every_place),
        cmocka_unit_test(one_wrong_byte_is_found_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
