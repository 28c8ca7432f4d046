/* support/check.h - cmocka, and assertions on answers and bytes that say what they saw */
#ifndef MIA_TEST_CHECK_H
#define MIA_TEST_CHECK_H

#include "mia/status.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Where the calls of a test write their errors, one a thread. A macro, so that a call that takes it
 * can be told from one that does not. */
extern _Thread_local struct mia_error test_error;
#define ERR (&test_error)

/* The call must answer so. Rule R2 is checked along the way: a call with ERR fills it if it fails
 * and leaves it alone if it does not. */
#define ANSWERS(call, expected)                                                                    \
    do {                                                                                           \
        test_error = (struct mia_error){0};                                                        \
        test_answers((call), (expected), #call, __FILE__, __LINE__);                               \
    } while (0)
#define OK(call) ANSWERS(call, MIA_OK)
void test_answers(mia_status got, mia_status expected, const char *call, const char *file,
                  int line);

/* The bytes must be those of the text. */
#define assert_text(slice, text) test_bytes((slice), mia_bytes_of(text), __FILE__, __LINE__)
#define assert_bytes(slice, expected) test_bytes((slice), (expected), __FILE__, __LINE__)
void test_bytes(mia_slice got, mia_slice expected, const char *file, int line);

/* Runs the tests as "group/name", those with a slash in their names as they are called. With
 * MIA_TEST_LIST in the environment the names are printed instead, one a line: for the test
 * named_cases. Returns how many failed. */
int test_run_group(const char *group, const struct CMUnitTest *tests, size_t count);

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#endif
