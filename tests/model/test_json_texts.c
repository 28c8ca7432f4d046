/* test_json_texts.c - what is JSON and what is not, as serde_json 1.0.145 judges, and how it prints
 */
#include "model/json_tree.h"
#include "support/check.h"

#include <stdio.h>

#define TEXT(literal)                                                                              \
    {                                                                                              \
        "" literal, sizeof(literal) - 1                                                            \
    }

/* ---------------------------------------------------------------- accepted */

/* Text, and what serde_json prints after reading it. */
static const struct {
    mia_slice text, printed;
} accepted[] = {
    {TEXT("null"), TEXT("null")},
    {TEXT("true"), TEXT("true")},
    {TEXT("false"), TEXT("false")},
    {TEXT("\t\n\r {\t\"a\"\n:\r[ 1 , 2 ] } \t"), TEXT("{\"a\":[1,2]}")},
    {TEXT("[]"), TEXT("[]")},
    {TEXT("[ ]"), TEXT("[]")},
    {TEXT("{}"), TEXT("{}")},
    {TEXT("{ }"), TEXT("{}")},
    {TEXT("[[],{},[[]]]"), TEXT("[[],{},[[]]]")},
    {TEXT("[null,true,false,0,\"\"]"), TEXT("[null,true,false,0,\"\"]")},
    /* Objects: ascending bytes, a prefix first; the last of duplicates. */
    {TEXT("{\"b\":1,\"a\":2}"), TEXT("{\"a\":2,\"b\":1}")},
    {TEXT("{\"ab\":1,\"a\":2,\"\":3}"), TEXT("{\"\":3,\"a\":2,\"ab\":1}")},
    {TEXT("{\"\xc3\xa9\":1,\"z\":2,\"Z\":3}"), TEXT("{\"Z\":3,\"z\":2,\"\xc3\xa9\":1}")},
    {TEXT("{\"\xef\xbf\xbf\":1,\"\xf0\x90\x80\x80\":2}"),
     TEXT("{\"\xef\xbf\xbf\":1,\"\xf0\x90\x80\x80\":2}")},
    {TEXT("{\"a\":1,\"a\":2}"), TEXT("{\"a\":2}")},
    {TEXT("{\"a\":1,\"b\":0,\"\\u0061\":{\"x\":[]},\"b\":\"\"}"),
     TEXT("{\"a\":{\"x\":[]},\"b\":\"\"}")},
    {TEXT("{\"a\\u0000\":1,\"a\":2,\"\\u0000\":3}"),
     TEXT("{\"\\u0000\":3,\"a\":2,\"a\\u0000\":1}")},
    /* Strings. */
    {TEXT("\"\""), TEXT("\"\"")},
    {TEXT("\"plain text that is longer than a machine word\""),
     TEXT("\"plain text that is longer than a machine word\"")},
    {TEXT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""), TEXT("\"\\\"\\\\/\\b\\f\\n\\r\\t\"")},
    {TEXT("\"\\u0000\\u0001\\u001F\\u007f\""), TEXT("\"\\u0000\\u0001\\u001f\x7f\"")},
    {TEXT("\"\x7f\xc2\x80\""), TEXT("\"\x7f\xc2\x80\"")},
    {TEXT("\"\\u00e9\\u00E9\""), TEXT("\"\xc3\xa9\xc3\xa9\"")},
    {TEXT("\"\\u07ff\\u0800\\ud7ff\\ue000\\uFFFF\""),
     TEXT("\"\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf\"")},
    {TEXT("\"\\ud800\\udc00\\uDBFF\\uDFFF\""), TEXT("\"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\"")},
    {TEXT("\"\xe2\x80\xa8</script>\""), TEXT("\"\xe2\x80\xa8</script>\"")},
    {TEXT("\"\\\\u0041\""), TEXT("\"\\\\u0041\"")},
};

static void every_accepted_text_prints_as_serde_json_prints_it(void **state)
{
    (void)state;
    struct test_json t = {0};
    struct mia__json value;
    for (size_t i = 0; i < LENGTH(accepted); i++) {
        OK(test_json_parse(&t, accepted[i].text, &value));
        assert_true(test_json_is_sound(&value));
        assert_bytes(test_json_print(&t, &value), accepted[i].printed);
        OK(test_json_parse(&t, accepted[i].printed, &value));
        assert_bytes(test_json_print(&t, &value), accepted[i].printed);
    }
    test_json_end(&t);
}

/* A value in brackets or quotes is over with its last byte and not before. */
static void no_text_may_be_cut(void **state)
{
    (void)state;
    struct test_json t = {0};
    struct mia__json value;
    size_t cuts = 0;
    for (size_t i = 0; i < LENGTH(accepted); i++) {
        mia_slice text = accepted[i].printed;
        if (strchr("[{\"", *(const char *)text.data) == NULL)
            continue;
        for (text.size--; text.size > 0; text.size--, cuts++)
            ANSWERS(test_json_parse(&t, text, &value), MIA_ERR_SERIALIZATION);
    }
    assert_true(cuts > 300);
    test_json_end(&t);
}

/* ---------------------------------------------------------------- refused */

/* Text, the byte that the message names, and a part of the message. */
static const struct {
    mia_slice text;
    size_t at;
    const char *reason;
} refused[] = {
    {TEXT(""), 0, "a value is missing"},
    {TEXT(" \n"), 2, "a value is missing"},
    {TEXT("\0"), 0, "a value is missing"},
    {TEXT("null\0"), 4, "something follows"},
    {TEXT("\xef\xbb\xbf{}"), 0, "a value is missing"}, /* byte order mark */
    {TEXT("\xc2\xa0{}"), 0, "a value is missing"},     /* no-break space */
    {TEXT("\v1"), 0, "a value is missing"},
    {TEXT("1 \f"), 2, "something follows"},
    {TEXT("{} {}"), 3, "something follows"},
    {TEXT("1 2"), 2, "something follows"},
    {TEXT("nul"), 0, "a word that is not"},
    {TEXT("NULL"), 0, "a word that is not"},
    {TEXT("True"), 0, "a word that is not"},
    {TEXT("nulll"), 4, "something follows"},
    {TEXT("NaN"), 0, "a word that is not"},
    {TEXT("Infinity"), 0, "a word that is not"},
    {TEXT("undefined"), 0, "a word that is not"},
    {TEXT("'a'"), 0, "a value is missing"},
    {TEXT("// c\n1"), 0, "a value is missing"},
    {TEXT("1/**/"), 1, "something follows"},
    /* Arrays and objects. */
    {TEXT("["), 1, "a value is missing"},
    {TEXT("]"), 0, "a value is missing"},
    {TEXT("[1"), 2, "',' or ']'"},
    {TEXT("[1,"), 3, "a value is missing"},
    {TEXT("[1,]"), 3, "a value is missing"},
    {TEXT("[,1]"), 1, "a value is missing"},
    {TEXT("[1,,2]"), 3, "a value is missing"},
    {TEXT("[1 2]"), 3, "',' or ']'"},
    {TEXT("[1}"), 2, "',' or ']'"},
    {TEXT("[1:2]"), 2, "',' or ']'"},
    {TEXT("{"), 1, "a key"},
    {TEXT("{\"a\""), 4, "':' is missing"},
    {TEXT("{\"a\":"), 5, "a value is missing"},
    {TEXT("{\"a\":1"), 6, "',' or '}'"},
    {TEXT("{\"a\":1,"), 7, "a key"},
    {TEXT("{\"a\":1,}"), 7, "a key"},
    {TEXT("{,}"), 1, "a key"},
    {TEXT("{\"a\"}"), 4, "':' is missing"},
    {TEXT("{\"a\",1}"), 4, "':' is missing"},
    {TEXT("{\"a\":}"), 5, "a value is missing"},
    {TEXT("{\"a\":1]"), 6, "',' or '}'"},
    {TEXT("{\"a\":1 \"b\":2}"), 7, "',' or '}'"},
    {TEXT("{a:1}"), 1, "a key"},
    {TEXT("{1:1}"), 1, "a key"},
    {TEXT("{null:1}"), 1, "a key"},
    {TEXT("{[]:1}"), 1, "a key"},
    /* Strings. */
    {TEXT("\""), 0, "has no end"},
    {TEXT("[\"abcdefghijk]"), 1, "has no end"},
    {TEXT("\"\\"), 0, "has no end"},
    {TEXT("\"\\\""), 0, "has no end"},
    {TEXT("\"a\"\""), 3, "something follows"},
    {TEXT("\"a\nb\""), 2, "control character"},
    {TEXT("\"\0\""), 1, "control character"},
    {TEXT("\"12345678\x1f\""), 9, "control character"},
    {TEXT("\"\\x41\""), 1, "no such escape"},
    {TEXT("\"\\'\""), 1, "no such escape"},
    {TEXT("\"\\\0\""), 1, "no such escape"},
    {TEXT("\"\\U0041\""), 1, "no such escape"},
    {TEXT("\"\\u\""), 1, "four hexadecimal digits"},
    {TEXT("\"\\u123\""), 1, "four hexadecimal digits"},
    {TEXT("\"\\u12g4\""), 1, "four hexadecimal digits"},
    {TEXT("\"\\u+123\""), 1, "four hexadecimal digits"},
    {TEXT("\"ab\\u 123\""), 3, "four hexadecimal digits"},
    {TEXT("\"\\ud800\""), 1, "high surrogate"},
    {TEXT("\"\\ud800x\""), 1, "high surrogate"},
    {TEXT("\"\\ud800\\n\""), 1, "high surrogate"},
    {TEXT("\"\\ud800\\u0041\""), 1, "high surrogate"},
    {TEXT("\"\\ud800\\ud800\""), 1, "high surrogate"},
    {TEXT("\"\\ud800\\udc0\""), 1, "high surrogate"},
    {TEXT("\"\\udc00\""), 1, "low surrogate"},
    {TEXT("\"\\udfff\\ud800\""), 1, "low surrogate"},
    {TEXT("{\"\\udc00\":1}"), 2, "low surrogate"},
    /* Not UTF-8, wherever it is. */
    {TEXT("\"\xff\""), 1, "not UTF-8"},
    {TEXT("\"\x80\""), 1, "not UTF-8"},
    {TEXT("\"\xc0\x80\""), 1, "not UTF-8"},
    {TEXT("\"\xed\xa0\x80\""), 1, "not UTF-8"},
    {TEXT("\"\xf4\x90\x80\x80\""), 1, "not UTF-8"},
    {TEXT("\"12345678\xe2\x82\""), 9, "not UTF-8"},
    {TEXT("\xff"), 0, "not UTF-8"},
    {TEXT("{\"\xfe\":1}"), 2, "not UTF-8"},
    /* Numbers. */
    {TEXT("-"), 1, "a digit must follow the minus sign"},
    {TEXT("--1"), 1, "a digit must follow the minus sign"},
    {TEXT("-a"), 1, "a digit must follow the minus sign"},
    {TEXT("-Infinity"), 1, "a digit must follow the minus sign"},
    {TEXT("+1"), 0, "a value is missing"},
    {TEXT(".5"), 0, "a value is missing"},
    {TEXT("-.5"), 1, "a digit must follow the minus sign"},
    {TEXT("00"), 0, "must not begin with 0"},
    {TEXT("01"), 0, "must not begin with 0"},
    {TEXT("-01"), 1, "must not begin with 0"},
    {TEXT("1."), 2, "a digit must follow the decimal point"},
    {TEXT("1.e5"), 2, "a digit must follow the decimal point"},
    {TEXT("1.-5"), 2, "a digit must follow the decimal point"},
    {TEXT("1e"), 2, "a digit must follow the exponent"},
    {TEXT("1E+"), 3, "a digit must follow the exponent"},
    {TEXT("1e-"), 3, "a digit must follow the exponent"},
    {TEXT("1e+-1"), 3, "a digit must follow the exponent"},
    {TEXT("1.5.5"), 3, "something follows"},
    {TEXT("1e5.5"), 3, "something follows"},
    {TEXT("0x10"), 1, "something follows"},
    {TEXT("1_000"), 1, "something follows"},
    {TEXT("1,5"), 1, "something follows"},
};

static void every_refusal_names_byte_and_reason(void **state)
{
    (void)state;
    struct test_json t = {0};
    for (size_t i = 0; i < LENGTH(refused); i++) {
        char place[64];
        struct mia__json value = {.kind = MIA__JSON_UINT, .count = 7};
        ANSWERS(test_json_parse(&t, refused[i].text, &value), MIA_ERR_SERIALIZATION);
        assert_true(value.kind == MIA__JSON_NULL && value.count == 0);
        snprintf(place, sizeof place, "%zu bytes: byte %zu: ", refused[i].text.size, refused[i].at);
        if (strstr(ERR->message, place) == NULL || strstr(ERR->message, refused[i].reason) == NULL)
            fail_msg("refused[%zu]: '%s' instead of '%s%s'", i, ERR->message, place,
                     refused[i].reason);
    }
    test_json_end(&t);
}

static void an_absent_text_is_an_empty_one(void **state)
{
    (void)state;
    struct mia__arena arena = {0};
    struct mia__json value;
    mia_str nothing = {0};
    ANSWERS(mia__json_parse(nothing, &arena, &value, ERR), MIA_ERR_SERIALIZATION);
    assert_int_equal(mia__json_parse(nothing, &arena, &value, NULL), MIA_ERR_SERIALIZATION);
    mia__arena_free(&arena);
}

/* A stop byte is found at every distance from the begin of the text and from its end. */
static void strings_end_where_they_end(void **state)
{
    (void)state;
    enum { MOST = 40 };
    struct test_json t = {0};
    struct mia__json value;
    for (size_t size = 0; size <= MOST; size++)
        for (size_t at = 0; at < size; at++)
            for (int byte = 1; byte < 0x80; byte++) {
                char text[MOST + 2];
                memset(text, 'a', sizeof text);
                text[0] = text[size + 1] = '"';
                text[1 + at] = (char)byte;
                bool is_text = byte >= 0x20 && byte != '"' && byte != '\\';
                mia_slice whole = {text, size + 2};
                if (is_text)
                    OK(test_json_parse(&t, whole, &value));
                else
                    ANSWERS(test_json_parse(&t, whole, &value), MIA_ERR_SERIALIZATION);
                assert_true(!is_text || value.u.string.size == size);
            }
    test_json_end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_accepted_text_prints_as_serde_json_prints_it),
        cmocka_unit_test(no_text_may_be_cut),
        cmocka_unit_test(every_refusal_names_byte_and_reason),
        cmocka_unit_test(an_absent_text_is_an_empty_one),
        cmocka_unit_test(strings_end_where_they_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
