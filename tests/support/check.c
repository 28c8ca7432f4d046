/* support/check.c - assertions that say what they saw */
#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>

_Thread_local struct mia_error test_error;

void test_answers(mia_status got, mia_status expected, const char *call, const char *file, int line)
{
    if (got != expected) {
        print_error("%s\n  answered %s instead of %s: %s\n", call, mia_status_name(got),
                    mia_status_name(expected), test_error.message);
        _fail(file, line);
    }
    bool takes_error = strstr(call, "ERR)") != NULL;
    bool is_filled = test_error.status == got && test_error.message[0] != '\0';
    if (takes_error && (got < 0 ? !is_filled : test_error.status != MIA_OK)) {
        print_error("%s\n  answered %s, but the error says %s: '%s'\n", call, mia_status_name(got),
                    mia_status_name(test_error.status), test_error.message);
        _fail(file, line);
    }
}

static void print_bytes(const char *label, mia_slice bytes)
{
    enum { MOST = 48 };
    char text[3 * MOST + 1] = "";
    for (size_t i = 0; i < bytes.size && i < MOST; i++)
        snprintf(text + 3 * i, 4, " %02x", ((const uint8_t *)bytes.data)[i]);
    print_error("  %s: %zu bytes:%s%s\n", label, bytes.size, text, bytes.size > MOST ? " ..." : "");
}

void test_bytes(mia_slice got, mia_slice expected, const char *file, int line)
{
    if (mia_slice_equal(got, expected))
        return;
    print_bytes("got     ", got);
    print_bytes("expected", expected);
    _fail(file, line);
}

static void list(const struct CMUnitTest *tests, size_t count)
{
    for (size_t i = 0; i < count; i++)
        printf("%s\n", tests[i].name);
}

int test_run_group(const char *group, const struct CMUnitTest *tests, size_t count)
{
    enum { MOST = 400, NAME = 100 };
    static char names[MOST][NAME];
    static struct CMUnitTest named[MOST];
    int failed = 0;
    if (count > MOST)
        abort();
    for (size_t i = 0; i < count; i++) {
        bool is_whole = strchr(tests[i].name, '/') != NULL;
        snprintf(names[i], NAME, "%s%s%s", is_whole ? "" : group, is_whole ? "" : "/",
                 tests[i].name);
        named[i] = tests[i];
        named[i].name = names[i];
    }
    if (getenv("MIA_TEST_LIST") != NULL)
        list(named, count);
    else
        failed = _cmocka_run_group_tests(group, named, count, NULL, NULL);
    return failed;
}
