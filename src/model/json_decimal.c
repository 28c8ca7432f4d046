/* model/json_decimal.c - an exact short way for usual numbers, strtod and printf for the others */
#include "model/json_decimal.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The short ways count on every operation being rounded once, to 53 bits. */
static_assert(FLT_EVAL_METHOD == 0 && DBL_MANT_DIG == 53, "IEEE 754 doubles");

enum {
    EXACT_POWER = 22, /* 10^22 is the last power of ten that is a double */
    SURE_DIGITS = 15, /* a decimal of so many digits survives the way through a normal double */
    MOST_DIGITS = 17
};

static const double powers[EXACT_POWER + 1] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                               1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                               1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

static double scale(double number, int64_t exponent)
{
    return exponent < 0 ? number / powers[-exponent] : number * powers[exponent];
}

char *mia__decimal_write(char *to, uint64_t number)
{
    char digits[20];
    size_t first = sizeof digits;
    do {
        digits[--first] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    memcpy(to, digits + first, sizeof digits - first);
    return to + (sizeof digits - first);
}

/* Both operands are exact, so the one rounding of the operation is the right one (W. D. Clinger,
 * "How to read floating point numbers accurately", 1990). False: it is not that simple. */
static bool convert_exactly(const struct mia__decimal *d, int64_t exponent, double *out)
{
    if (d->count > 16 || exponent < -EXACT_POWER || exponent > EXACT_POWER)
        return false;
    uint64_t integer = 0;
    for (size_t i = 0; i < d->count; i++)
        integer = integer * 10 + (uint64_t)(d->digits[i] - '0');
    if (integer > UINT64_C(1) << DBL_MANT_DIG)
        return false;
    *out = scale((double)integer, exponent);
    return true;
}

double mia__decimal_to_double(struct mia__decimal *d)
{
    double number;
    int64_t exponent = d->point - (int64_t)d->count;
    if (d->count == 0 || d->point < -400)
        return 0;
    if (d->point > 400)
        return INFINITY;
    if (convert_exactly(d, exponent, &number))
        return number;
    char *to = d->digits + d->count;
    *to++ = 'e';
    if (exponent < 0)
        *to++ = '-';
    to = mia__decimal_write(to, (uint64_t)(exponent < 0 ? -exponent : exponent));
    *to = '\0';
    return strtod(d->digits, NULL);
}

/* Numbers of at most 15 digits that are not very large or small, without libc: scaled to an integer
 * of 15 digits (off by less than 0.3), rounded, and judged by the way back, which is exact as in
 * convert_exactly. No other decimal of 15 digits gives number back. */
static bool find_short(double number, struct mia__decimal *out)
{
    int binary;
    frexp(number, &binary);
    /* floor(log10(2) * (binary - 1)), kept above 0 for the division; may be one too small. */
    int magnitude = (binary - 1 + 4096) * 1233 / 4096 - 1233;
    int power = SURE_DIGITS - 1 - magnitude;
    if (power <= -EXACT_POWER || power > EXACT_POWER)
        return false;
    double scaled = scale(number, power);
    if (scaled >= powers[SURE_DIGITS])
        scaled = scale(number, --power);
    uint64_t integer = (uint64_t)(scaled + 0.5);
    if (scale((double)integer, -power) != number)
        return false;
    out->count = (size_t)(mia__decimal_write(out->digits, integer) - out->digits);
    out->point = (int64_t)out->count - power;
    return true;
}

/* The nearest decimal of so many digits. The radix character between the first digit and the others
 * is the locale's and of any length. */
static void round_to(double number, int digits, struct mia__decimal *out)
{
    char text[MOST_DIGITS + 64];
    snprintf(text, sizeof text, "%.*e", digits - 1, number);
    const char *mark = strchr(text, 'e');
    out->count = (size_t)digits;
    out->digits[0] = text[0];
    memcpy(out->digits + 1, mark - (digits - 1), (size_t)digits - 1);
    out->point = strtol(mark + 1, NULL, 10) + 1;
}

static void add_to_last_digit(struct mia__decimal *d)
{
    while (d->count > 0 && d->digits[d->count - 1] == '9')
        d->count--;
    if (d->count > 0) {
        d->digits[d->count - 1]++;
    } else {
        d->digits[d->count++] = '1';
        d->point++;
    }
}

/* Above a power of two the doubles are twice as far apart as below it. So if the nearest decimal is
 * below and does not give number back, the next one above may. */
static bool find_of(double number, int digits, struct mia__decimal *out)
{
    round_to(number, digits, out);
    if (mia__decimal_to_double(out) == number)
        return true;
    add_to_last_digit(out);
    return mia__decimal_to_double(out) == number;
}

void mia__decimal_of_double(double number, struct mia__decimal *out)
{
    /* Subnormal numbers have fewer digits than 15 and may need but one. */
    int digits = number < DBL_MIN ? 1 : SURE_DIGITS;
    if (digits == 1 || !find_short(number, out))
        while (digits < MOST_DIGITS && !find_of(number, digits, out))
            digits++;
    if (digits == MOST_DIGITS)
        round_to(number, digits, out);
    while (out->digits[out->count - 1] == '0')
        out->count--;
}
