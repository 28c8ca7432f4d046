/*
 * model/json_decimal.h - doubles and decimal digits, correctly rounded in both directions
 *
 * libc does the hard cases, and neither direction looks at the locale: what strtod is given has no
 * decimal point, and of what printf wrote only digits and the exponent are taken. So there is no
 * locale object to keep. The rounding mode of the thread must be to nearest, as C programs start.
 */
#ifndef MIA_MODEL_JSON_DECIMAL_H
#define MIA_MODEL_JSON_DECIMAL_H

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

/* The nearest double, ties to even; infinite if it is too large. */
double mia__decimal_to_double(struct mia__decimal *decimal);

/* The fewest digits that give number back, and of those the nearest. number is finite and greater
 * than 0. At most 17 digits, the last not '0'. */
void mia__decimal_of_double(double number, struct mia__decimal *out);

/* Writes a number as up to 20 digits without a NUL; returns the place behind them. */
char *mia__decimal_write(char *to, uint64_t number);

#endif
