/*
 * test_json_numbers.c - numbers read to the nearest double and printed with the fewest digits
 *
 * Expected doubles are constants of this file, which the compiler converts: an opinion of its own.
 */
#include "model/json_decimal.h"
#include "model/json_power.h"
#include "model/json_random.h"
#include "model/json_tree.h"
#include "support/check.h"
#include "support/folder.h"

#include <float.h>
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static struct mia__json parse(struct test_json *t, const char *text)
{
    struct mia__json value;
    OK(test_json_parse(t, mia_bytes_of(text), &value));
    return value;
}

static void assert_real(const struct mia__json *value, double expected, const char *text)
{
    if (value->kind != MIA__JSON_REAL || memcmp(&value->u.real, &expected, sizeof expected) != 0)
        fail_msg("'%.60s': kind %d, %a instead of %a", text, (int)value->kind, value->u.real,
                 expected);
}

/* ---------------------------------------------------------------- kinds */

static void integers_of_64_bits_stay_integers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t number;
    } rows[] = {
        {"0", 0},
        {"1", 1},
        {"-1", -1},
        {"9007199254740993", 9007199254740993},
        {"9223372036854775807", INT64_MAX},
        {"-9223372036854775807", -INT64_MAX},
        {"-9223372036854775808", INT64_MIN},
    };
    struct test_json t = {0};
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct mia__json value = parse(&t, rows[i].text);
        assert_int_equal(value.kind, MIA__JSON_INT);
        assert_true(value.u.integer == rows[i].number);
        assert_text(test_json_print(&t, &value), rows[i].text);
    }
    static const char *const naturals[] = {"9223372036854775808", "18446744073709551615"};
    for (size_t i = 0; i < LENGTH(naturals); i++) {
        struct mia__json value = parse(&t, naturals[i]);
        assert_int_equal(value.kind, MIA__JSON_UINT);
        assert_true(value.u.natural == (i == 0 ? UINT64_C(1) << 63 : UINT64_MAX));
        assert_text(test_json_print(&t, &value), naturals[i]);
    }
    test_json_end(&t);
}

/* Text, the double, how that is printed. */
#define READ(number, printed)                                                                      \
    {                                                                                              \
#number, number, printed                                                                   \
    }
static const struct {
    const char *text;
    double number;
    const char *printed;
} reals[] = {
    {"-0", -0.0, "-0.0"},
    {"-0.0", -0.0, "-0.0"},
    {"0.0", 0.0, "0.0"},
    {"0e999999999999999999999", 0.0, "0.0"},
    {"-0E-1", -0.0, "-0.0"},
    READ(1.0, "1.0"),
    READ(1e0, "1.0"),
    READ(-1E+2, "-100.0"),
    READ(1.5, "1.5"),
    READ(0.1, "0.1"),
    READ(0.949999988079071, "0.949999988079071"),
    READ(0.30000000000000004, "0.30000000000000004"),
    READ(2.2250738585072011e-308, "2.225073858507201e-308"),
    /* Integers beyond 64 bits. */
    READ(18446744073709551616.0, "1.8446744073709552e19"),
    {"18446744073709551616", 0x1p64, "1.8446744073709552e19"},
    {"-9223372036854775809", -0x1p63, "-9.223372036854776e18"},
    {"100000000000000000000000", 1e23, "1e23"},
    /* Where the spelling changes. */
    READ(1e15, "1000000000000000.0"),
    READ(1234567890123456.0, "1234567890123456.0"),
    READ(1e16, "1e16"),
    READ(12345678901234567.0, "1.2345678901234568e16"),
    READ(1e-4, "0.0001"),
    READ(1e-5, "0.00001"),
    READ(1.25e-5, "0.0000125"),
    READ(1e-6, "1e-6"),
    READ(1.25e-10, "1.25e-10"),
    READ(1e+16, "1e16"),
    /* The ends of the range. */
    READ(1.7976931348623157e308, "1.7976931348623157e308"),
    READ(2.2250738585072014e-308, "2.2250738585072014e-308"),
    READ(5e-324, "5e-324"),
    READ(-5e-324, "-5e-324"),
    READ(9.9e-324, "1e-323"),
    {"1.7976931348623158e308", DBL_MAX, "1.7976931348623157e308"},
    {"1.797693134862315807e308", DBL_MAX, "1.7976931348623157e308"},
    {"3e-324", 0x1p-1074, "5e-324"},
    {"2e-324", 0.0, "0.0"},
    {"-2e-324", -0.0, "-0.0"},
    {"1e-400", 0.0, "0.0"},
    {"1e-999999999999999999999", 0.0, "0.0"},
    /* Middles of two doubles go to the even one, and a hair more goes up. */
    READ(9007199254740993.0, "9007199254740992.0"),
    READ(9007199254740995.0, "9007199254740996.0"),
    READ(9007199254740993.0000000000000000000000000000001, "9007199254740994.0"),
    {"2.4703282292062327e-324", 0.0, "0.0"},
    READ(2.4703282292062328e-324, "5e-324"),
    READ(1.00000000000000011102230246251565404236316680908203125, "1.0"),
    READ(1.00000000000000011102230246251565404236316680908203126, "1.0000000000000002"),
    READ(1.00000000000000011102230246251565404236316680908203124, "1.0"),
    /* Below a power of two doubles are closer: the nearest decimal of 16 digits is another. */
    {"5.6843418860808015e-14", 0x1p-44, "5.684341886080802e-14"},
    {"5.9604644775390625e-8", 0x1p-24, "5.960464477539063e-8"},
    {"618970019642690137449562112", 0x1p89, "6.189700196426902e26"},
    {"7.120236347223044454e-307", 0x1p-1017, "7.120236347223045e-307"},
};

static void reals_are_rounded_and_spelled_as_they_must(void **state)
{
    (void)state;
    struct test_json t = {0};
    for (size_t i = 0; i < LENGTH(reals); i++) {
        struct mia__json value = parse(&t, reals[i].text);
        assert_real(&value, reals[i].number, reals[i].text);
        assert_text(test_json_print(&t, &value), reals[i].printed);
        value = parse(&t, reals[i].printed);
        assert_real(&value, reals[i].number, reals[i].printed);
    }
    test_json_end(&t);
}

static void what_is_no_double_is_out_of_range(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "1e309",
        "-1e309",
        "1.7976931348623159e308",
        "1.797693134862315808e308",
        "123456789e301",
        "1e400",
        "1e99999999999999999999999999",
        "-1.0E+2147483648",
        "0.1e9223372036854775807",
    };
    struct test_json t = {0};
    struct mia__json value;
    for (size_t i = 0; i < LENGTH(texts); i++) {
        ANSWERS(test_json_parse(&t, mia_bytes_of(texts[i]), &value), MIA_ERR_SERIALIZATION);
        assert_non_null(strstr(ERR->message, "byte 0: the number is too large"));
    }
    test_json_end(&t);
}

static void what_json_cannot_say_is_null(void **state)
{
    (void)state;
    struct mia__buf buf = {0};
    OK(mia__json_print_real((double)NAN, &buf, ERR));
    OK(mia__json_print_real((double)INFINITY, &buf, ERR));
    OK(mia__json_print_real(-(double)INFINITY, &buf, ERR));
    assert_text(mia__buf_slice(&buf), "nullnullnull");
    mia__buf_free(&buf);
}

/* ---------------------------------------------------------------- very many digits */

static void append(struct mia__buf *to, const char *text)
{
    OK(mia__buf_append(to, text, strlen(text), ERR));
}

static void append_many(struct mia__buf *to, char digit, size_t count)
{
    OK(mia__buf_reserve(to, to->size + count, ERR));
    memset(to->data + to->size, digit, count);
    to->size += count;
}

/* front, count times the digit, back. */
static void assert_long(const char *front, char digit, size_t count, const char *back,
                        double expected)
{
    struct test_json t = {0};
    struct mia__buf text = {0};
    struct mia__json value;
    append(&text, front);
    append_many(&text, digit, count);
    append(&text, back);
    if (isinf(expected)) {
        ANSWERS(test_json_parse(&t, mia__buf_slice(&text), &value), MIA_ERR_SERIALIZATION);
    } else {
        OK(test_json_parse(&t, mia__buf_slice(&text), &value));
        assert_real(&value, expected, front);
    }
    mia__buf_free(&text);
    test_json_end(&t);
}

static void any_number_of_digits_is_rounded_once(void **state)
{
    (void)state;
    const char *middle = "1.00000000000000011102230246251565404236316680908203125";
    static const size_t counts[] = {1, 700, 746, 747, 748, 749, 800, 5000, 3000000};
    for (size_t i = 0; i < LENGTH(counts); i++) {
        size_t n = counts[i];
        char exponent[32];
        assert_long(middle, '0', n, "", 1.0);
        assert_long(middle, '0', n, "1", 1.0000000000000002);
        assert_long("0.", '3', n, "", n == 1 ? 0.3 : 1.0 / 3);
        assert_long("0.", '0', n, "1", n == 1 ? 0.01 : 0.0);
        assert_long("1", '0', n, ".5", n == 1 ? 10.5 : (double)INFINITY);
        snprintf(exponent, sizeof exponent, "e-%zu", n);
        assert_long("1", '0', n, exponent, 1.0);
        snprintf(exponent, sizeof exponent, "1e%zu", n + 1);
        assert_long("0.", '0', n, exponent, 1.0);
        assert_long("1e", '0', n, "5", 1e5);
        assert_long("1e-", '9', n + 3, "", 0.0);
        assert_long("1e", '9', n + 3, "", (double)INFINITY);
    }
}

/* Writes number / 2^halvings, exactly, as "0.DIGITS"; returns the digits' end. */
static char *write_fraction(char *to, uint64_t number, int halvings)
{
    enum { BEFORE = 20 }; /* of the digits in front of the point */
    size_t count = (size_t)snprintf(to, BEFORE + 1, "%020" PRIu64, number);
    for (; halvings > 0; halvings--) {
        int rest = 0;
        to[count++] = '0';
        for (size_t i = 0; i < count; i++) {
            int digit = rest * 10 + (to[i] - '0');
            to[i] = (char)('0' + digit / 2);
            rest = digit % 2;
        }
    }
    memmove(to + 2, to + BEFORE, count - BEFORE);
    memcpy(to, "0.", 2);
    to[count - BEFORE + 2] = '\0';
    return to + (count - BEFORE + 2);
}

/* Just above the smallest normal double; the last of the digits decides. */
static void a_middle_of_768_digits_goes_to_the_even_side(void **state)
{
    (void)state;
    for (uint64_t middle = (UINT64_C(1) << 54) - 15; middle < UINT64_C(1) << 54; middle += 2) {
        char text[1200];
        double below = ldexp((double)(middle / 2), -1074);
        double above = ldexp((double)(middle / 2 + 1), -1074);
        char *end = write_fraction(text, middle, 1075);
        assert_int_equal(end - (text + strspn(text, "0.")), 768);
        assert_long(text, '0', 0, "", middle / 2 % 2 == 0 ? below : above);
        assert_long(text, '0', 100, "1", above);
        end[-1] = '4';
        assert_long(text, '9', 100, "", below);
    }
}

/* ---------------------------------------------------------------- the table of powers */

/* A natural number of any size, the lowest digit first. */
struct natural {
    uint32_t digits[44];
};

static void multiply_by_ten(struct natural *n)
{
    uint64_t carry = 0;
    for (size_t i = 0; i < LENGTH(n->digits); i++) {
        carry += (uint64_t)n->digits[i] * 10;
        n->digits[i] = (uint32_t)carry;
        carry >>= 32;
    }
    assert_true(carry == 0);
}

static void divide_by_ten(struct natural *n)
{
    uint64_t rest = 0;
    for (size_t i = LENGTH(n->digits); i-- > 0;) {
        rest = rest << 32 | n->digits[i];
        n->digits[i] = (uint32_t)(rest / 10);
        rest %= 10;
    }
}

static bool bit_of(const struct natural *n, int i)
{
    return i >= 0 && (n->digits[i / 32] >> i % 32 & 1) != 0;
}

/* Its upper 128 bits, and how many there are. */
static struct mia__power upper_bits(const struct natural *n, int *bits)
{
    struct mia__power top = {0};
    *bits = (int)LENGTH(n->digits) * 32;
    while (!bit_of(n, *bits - 1))
        --*bits;
    for (int i = 1; i <= 128; i++) {
        top.high = top.high << 1 | top.low >> 63;
        top.low = top.low << 1 | bit_of(n, *bits - i);
    }
    return top;
}

static void assert_power(int n, const struct natural *value, int shift)
{
    int bits;
    struct mia__power wanted = upper_bits(value, &bits);
    const struct mia__power *found = &mia__powers[n - MIA__POWER_FIRST];
    assert_true(found->high == wanted.high && found->low == wanted.low);
    assert_int_equal(mia__power_binary(n), bits - 1 - shift);
    assert_true(found->low < UINT64_MAX); /* so that it can be rounded up */
}

static void the_powers_are_rounded_down(void **state)
{
    (void)state;
    enum { SHIFT = 1400 }; /* leaves 128 bits of the smallest one */
    struct natural n = {{1}};
    for (int i = 0; i <= MIA__POWER_LAST; i++, multiply_by_ten(&n))
        assert_power(i, &n, 0);
    n = (struct natural){0};
    n.digits[SHIFT / 32] = UINT32_C(1) << SHIFT % 32;
    for (int i = 0; i >= MIA__POWER_FIRST; i--, divide_by_ten(&n))
        assert_power(i, &n, SHIFT);
}

/* ---------------------------------------------------------------- up to 19 digits */

/* Returns whether that was decided without libc. */
static bool assert_rounded(uint64_t digits, int exponent)
{
    char text[64];
    double found = 0;
    snprintf(text, sizeof text, "%" PRIu64 "e%d", digits, exponent);
    bool is_decided = mia__decimal_short_to_double(digits, exponent, &found);
    if (is_decided && found != strtod(text, NULL))
        fail_msg("%s: %a instead of %a", text, found, strtod(text, NULL));
    return is_decided;
}

/* The first 19 digits of the middle between a double and the next one: it is hard to say to which
 * side they belong. */
static void assert_middle_rounded(double number)
{
    char text[64];
    int exponent;
    uint64_t digits = 0;
    long double middle = ((long double)number + (long double)nextafter(number, DBL_MAX)) / 2;
    snprintf(text, sizeof text, "%.18Le", middle);
    for (const char *at = text; *at != 'e'; at++)
        if (*at >= '0' && *at <= '9')
            digits = digits * 10 + (uint64_t)(*at - '0');
    exponent = (int)strtol(strchr(text, 'e') + 1, NULL, 10) - 18;
    for (uint64_t near = digits - 1; near <= digits + 1; near++)
        assert_rounded(near, exponent);
}

static void short_decimals_are_rounded_as_libc_does(void **state)
{
    (void)state;
    struct test_random r = {test_seed()};
    uint64_t all = test_setting("MIA_TEST_DOUBLES", 1000000) / 4, decided = 0;
    for (uint64_t i = 0; i < all; i++) {
        uint64_t digits = test_random(&r) % UINT64_C(10000000000000000000) >> test_below(&r, 64);
        int exponent = (int)test_below(&r, 700) - 350;
        decided += assert_rounded(digits, test_below(&r, 2) == 0 ? exponent : exponent / 10);
        assert_middle_rounded(fabs(test_double_random(&r)));
    }
    assert_true(decided > all / 2); /* the others are not normal doubles */
    assert_false(assert_rounded(9007199254740993, 1000));
}

/* ---------------------------------------------------------------- there and back */

static void assert_survives(struct test_json *t, double number)
{
    struct mia__json value = {MIA__JSON_REAL, 0, {.real = number}};
    mia_slice printed = test_json_print(t, &value);
    mia__arena_reset(&t->arena);
    OK(mia__json_parse((mia_str){printed.data, printed.size}, &t->arena, &value, ERR));
    assert_real(&value, number, printed.data);
}

/* With one digit less, rounded down or up, it is another number. */
static void assert_shortest(double number)
{
    struct mia__decimal d;
    if (number == 0)
        return;
    mia__decimal_of_double(number, &d);
    size_t fewer = d.count - 1;
    if (fewer == 0)
        return;
    d.digits[fewer] = '\0';
    uint64_t below = strtoull(d.digits, NULL, 10);
    for (uint64_t digits = below; digits <= below + 1; digits++) {
        char text[64];
        snprintf(text, sizeof text, "%" PRIu64 "e%" PRId64, digits, d.point - (int64_t)fewer);
        if (strtod(text, NULL) == number)
            fail_msg("%a is %s, too", number, text);
    }
}

static void every_power_of_two_survives(void **state)
{
    (void)state;
    struct test_json t = {0};
    for (int exponent = -1074; exponent < 1024; exponent++) {
        double power = ldexp(1, exponent);
        assert_survives(&t, power);
        assert_survives(&t, nextafter(power, 0));
        assert_survives(&t, -nextafter(power, 2 * power));
        assert_shortest(power);
        assert_shortest(nextafter(power, 0));
    }
    test_json_end(&t);
}

static void random_doubles_survive(void **state)
{
    (void)state;
    struct test_random r = {test_seed()};
    struct test_json t = {0};
    for (uint64_t left = test_setting("MIA_TEST_DOUBLES", 1000000); left > 0; left--) {
        double number = test_double_random(&r);
        assert_survives(&t, number);
        if (left % 8 == 0)
            assert_shortest(fabs(number));
    }
    test_json_end(&t);
}

/* ---------------------------------------------------------------- locale */

/* Makes a locale with this name in the folder, as distributions do when one is installed. */
static bool make_locale(const char *folder, const char *name)
{
    char command[TEST_PATH + 200];
    snprintf(command, sizeof command, "localedef -i %s -f UTF-8 %s/%s.UTF-8 >/dev/null 2>&1", name,
             folder, name);
    return system(command) == 0;
}

/* A decimal comma, and one of two bytes. */
static void the_locale_does_not_matter(void **state)
{
    (void)state;
    static const char *const names[] = {"de_DE", "ps_AF"};
    struct test_json t = {0};
    char folder[TEST_PATH], name[32];
    size_t tried = 0;
    test_folder_make(folder);
    setenv("LOCPATH", folder, 1);
    for (size_t l = 0; l < LENGTH(names); l++) {
        snprintf(name, sizeof name, "%s.UTF-8", names[l]);
        if (!make_locale(folder, names[l]) || setlocale(LC_ALL, name) == NULL)
            continue;
        assert_string_not_equal(localeconv()->decimal_point, ".");
        tried++;
        for (size_t i = 0; i < LENGTH(reals); i++) {
            struct mia__json value = parse(&t, reals[i].text);
            assert_real(&value, reals[i].number, reals[i].text);
            assert_text(test_json_print(&t, &value), reals[i].printed);
        }
        setlocale(LC_ALL, "C");
    }
    unsetenv("LOCPATH");
    test_folder_remove(folder);
    test_json_end(&t);
    if (tried == 0) {
        print_message("no locale with a decimal comma can be made here\n");
        skip();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_of_64_bits_stay_integers),
        cmocka_unit_test(reals_are_rounded_and_spelled_as_they_must),
        cmocka_unit_test(what_is_no_double_is_out_of_range),
        cmocka_unit_test(what_json_cannot_say_is_null),
        cmocka_unit_test(any_number_of_digits_is_rounded_once),
        cmocka_unit_test(a_middle_of_768_digits_goes_to_the_even_side),
        cmocka_unit_test(the_powers_are_rounded_down),
        cmocka_unit_test(short_decimals_are_rounded_as_libc_does),
        cmocka_unit_test(every_power_of_two_survives),
        cmocka_unit_test(random_doubles_survive),
        cmocka_unit_test(the_locale_does_not_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
