/*
 * model/json_decimal.h - doubles and decimal digits, correctly rounded in both directions
 *
 * The few numbers that the table of powers does not decide are libc's, whose strtod is given no
 * decimal point: so nothing here looks at the locale. The rounding mode of the thread must be to
 * nearest, as C programs start.
 */
#ifndef MIA_MODEL_JSON_DECIMAL_H
#define MIA_MODEL_JSON_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* No double and no middle between two has more than 768 digits, so digits behind these matter only
 * by being zero or not. */
enum { MIA__DECIMAL_DIGITS = 800, MIA__DECIMAL_SUFFIX = 32 };

/* 0.DIGITS * 10^point. The first digit is not '0'; no digits: zero. */
struct mia__decimal {
    size_t count;
    int64_t point;
    char digits[MIA__DECIMAL_DIGITS + MIA__DECIMAL_SUFFIX]; /* those behind count are scratch */
};

/* The nearest double to digits * 10^exponent, ties to even. False: that is not known without more
 * work, and nothing is stored; so with all that are infinite or next to 0. */
bool mia__decimal_short_to_double(uint64_t digits, int64_t exponent, double *out);

/* The nearest double, ties to even; infinite if it is too large. */
double mia__decimal_to_double(struct mia__decimal *decimal);

/* The fewest digits that give number back, and of those the nearest. number is finite and greater
 * than 0. At most 17 digits, the last not '0'. */
void mia__decimal_of_double(double number, struct mia__decimal *out);

/* Writes a number without a NUL and returns the place behind it. It may be 20 digits long; seven
 * bytes more may be written to. */
enum { MIA__DECIMAL_ROOM = 20 + 7 };
char *mia__decimal_write(char *to, uint64_t number);

#endif
