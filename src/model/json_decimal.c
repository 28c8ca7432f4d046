/* model/json_decimal.c - decimal to double and back by one multiplication with a power of ten */
#include "model/json_decimal.h"

#include "base/bytes.h"
#include "model/json_power.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The short ways count on every operation being rounded once, to 53 bits. */
static_assert(FLT_EVAL_METHOD == 0 && DBL_MANT_DIG == 53, "IEEE 754 doubles");

enum {
    EXACT_POWER = 22, /* 10^22 is the last power of ten that is a double */
    STORED_BITS = 52, /* of a significand */
    BIAS = 1023,
    MOST_BIASED = 0x7ff /* infinity */
};

typedef unsigned __int128 uint128;

static const uint64_t hidden_bit = UINT64_C(1) << STORED_BITS;

static const struct mia__power *power_of_ten(int64_t exponent)
{
    return &mia__powers[exponent - MIA__POWER_FIRST];
}

/* ---------------------------------------------------------------- writing numbers */

/* Eight digits of a number below 10^8, the first one lowest: four, two and one of them at a time,
 * divided side by side. */
static uint64_t spell_eight(uint32_t number)
{
    uint64_t pairs = number / 10000 | (uint64_t)(number % 10000) << 32;
    uint64_t hundreds = (pairs * 10486 >> 20) & UINT64_C(0x0000007f0000007f);
    pairs = hundreds | (pairs - 100 * hundreds) << 16;
    uint64_t tens = (pairs * 103 >> 10) & UINT64_C(0x000f000f000f000f);
    return tens | (pairs - 10 * tens) << 8;
}

static const uint64_t digit_zeros = UINT64_C(0x3030303030303030);

char *mia__decimal_write(char *to, uint64_t number)
{
    const uint64_t limit = 100000000;
    if (number >= limit) {
        to = mia__decimal_write(to, number / limit);
        mia__store_u64le(to, spell_eight((uint32_t)(number % limit)) + digit_zeros);
        return to + 8;
    }
    uint64_t digits = spell_eight((uint32_t)number);
    unsigned zeros = digits != 0 ? (unsigned)__builtin_ctzll(digits) / 8 : 7;
    mia__store_u64le(to, (digits + digit_zeros) >> 8 * zeros);
    return to + 8 - zeros;
}

/* ---------------------------------------------------------------- decimal to double */

/* Both operands are exact, so the one rounding of the operation is the right one (W. D. Clinger,
 * "How to read floating point numbers accurately", 1990). */
static double convert_exactly(uint64_t digits, int64_t exponent)
{
    static const double powers[EXACT_POWER + 1] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    return exponent < 0 ? (double)digits / powers[-exponent] : (double)digits * powers[exponent];
}

/* D. Lemire, "Number parsing at a gigabyte per second", 2021: the upper bits of the product with a
 * power rounded down are right unless all those behind them are ones. */
static bool multiply(uint64_t digits, int64_t exponent, uint64_t *high, uint64_t *low)
{
    const uint64_t undecided = 0x1ff; /* behind the 55 bits that are wanted */
    const struct mia__power *power = power_of_ten(exponent);
    uint128 product = (uint128)digits * power->high;
    if (((uint64_t)(product >> 64) & undecided) == undecided)
        product += (uint128)digits * power->low >> 64;
    *high = (uint64_t)(product >> 64);
    *low = (uint64_t)product;
    return *low != UINT64_MAX;
}

/* From a significand of 54 bits, the lowest of them to round by. A middle is none of these. */
static uint64_t round_to_double(uint64_t significand, int64_t biased)
{
    if (biased <= 0) /* subnormal, or just not any more: the sum is the next exponent then, too */
        return ((significand >> (1 - biased)) + 1) >> 1;
    significand = (significand + 1) >> 1;
    biased += (int64_t)(significand >> (STORED_BITS + 1)); /* up to the next power of two */
    return (significand & (hidden_bit - 1)) | (uint64_t)biased << STORED_BITS;
}

bool mia__decimal_short_to_double(uint64_t digits, int64_t exponent, double *out)
{
    if (digits <= 2 * hidden_bit && exponent >= -EXACT_POWER && exponent <= EXACT_POWER) {
        *out = convert_exactly(digits, exponent);
        return true;
    }
    if (digits == 0 || exponent < MIA__POWER_FIRST || exponent > MIA__POWER_LAST)
        return false;
    uint64_t high, low;
    int zeros = __builtin_clzll(digits);
    if (!multiply(digits << zeros, exponent, &high, &low))
        return false;
    int upper = (int)(high >> 63), shift = upper + 63 - STORED_BITS - 2;
    int64_t biased = mia__power_binary((int)exponent) + 63 + upper - zeros + BIAS;
    uint64_t significand = high >> shift;
    bool may_be_middle = low <= 1 && (significand & 3) == 1 && significand << shift == high;
    if (may_be_middle || biased <= -STORED_BITS - 2)
        return false;
    uint64_t bits = round_to_double(significand, biased);
    if (bits >= (uint64_t)MOST_BIASED << STORED_BITS)
        return false;
    memcpy(out, &bits, sizeof bits);
    return true;
}

double mia__decimal_to_double(struct mia__decimal *d)
{
    int64_t exponent = d->point - (int64_t)d->count;
    if (d->count == 0 || d->point < -400)
        return 0;
    if (d->point > 400)
        return INFINITY;
    char *to = d->digits + d->count;
    *to++ = 'e';
    if (exponent < 0)
        *to++ = '-';
    to = mia__decimal_write(to, (uint64_t)(exponent < 0 ? -exponent : exponent));
    *to = '\0';
    return strtod(d->digits, NULL);
}

/* ---------------------------------------------------------------- double to decimal */

struct shortest {
    uint64_t digits;
    int exponent;
};

/* The integer part of n * 10^k / 2^126 for the power of ten rounded up; the lowest bit is set if
 * anything is behind it, too. */
static uint64_t scale(const struct mia__power *power, uint64_t n)
{
    uint64_t below = (uint64_t)((uint128)n * power->low >> 64);
    uint128 product = (uint128)n * power->high + below;
    return (uint64_t)(product >> 64) | ((uint64_t)product > 1);
}

/* floor(log10(2^exponent)), or of three quarters of it. */
static int decimal_of_binary(int exponent, bool of_three_quarters)
{
    return (exponent * 1262611 - (of_three_quarters ? 524031 : 0)) >> 22;
}

/* What lies between the middles to both neighbours is read as the number itself: all in quarters of
 * a unit of the last digit. */
struct interval {
    uint64_t lower, number, upper;
};

/* Of the two multiples of `unit` around the number: how many lie in the interval, and the one. */
static bool only_one_inside(const struct interval *in, uint64_t below, uint64_t unit, bool *above)
{
    bool is_below_inside = in->lower <= below;
    *above = below + unit <= in->upper;
    return is_below_inside != *above;
}

/* R. Giulietti, "The Schubfach way to render doubles", 2020. */
static struct shortest choose(const struct interval *in, int exponent)
{
    bool above;
    uint64_t digits = in->number / 4, fewer = digits / 10;
    if (digits >= 10 && only_one_inside(in, 40 * fewer, 40, &above))
        return (struct shortest){fewer + above, exponent + 1};
    if (!only_one_inside(in, 4 * digits, 4, &above)) {
        uint64_t middle = 4 * digits + 2;
        above = in->number > middle || (in->number == middle && (digits & 1) != 0);
    }
    return (struct shortest){digits + above, exponent};
}

static struct shortest shorten(double number)
{
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    uint64_t fraction = bits & (hidden_bit - 1), significand = fraction;
    int biased = (int)(bits >> STORED_BITS), binary = 1 - BIAS - STORED_BITS;
    if (biased > 0) {
        significand |= hidden_bit;
        binary = biased - BIAS - STORED_BITS;
    }
    bool is_integer = binary <= 0 && binary > -STORED_BITS - 1 &&
                      (significand & ((UINT64_C(1) << -binary) - 1)) == 0;
    if (is_integer)
        return (struct shortest){significand >> -binary, 0};
    /* Above a power of two the doubles are twice as far apart as below it. */
    bool is_power = fraction == 0 && biased > 1, is_odd = (significand & 1) != 0;
    int exponent = decimal_of_binary(binary, is_power);
    int shift = binary + mia__power_binary(-exponent) + 1;
    struct mia__power power = *power_of_ten(-exponent);
    bool is_exact = -exponent >= 0 && -exponent <= MIA__POWER_EXACT;
    power.low += !is_exact; /* never all ones: see the test of the table */
    struct interval in = {.lower = scale(&power, (4 * significand - 2 + is_power) << shift),
                          .number = scale(&power, 4 * significand << shift),
                          .upper = scale(&power, (4 * significand + 2) << shift)};
    in.lower += is_odd; /* the middles themselves are read as the even neighbour */
    in.upper -= is_odd;
    return choose(&in, exponent);
}

void mia__decimal_of_double(double number, struct mia__decimal *out)
{
    struct shortest s = shorten(number);
    out->count = (size_t)(mia__decimal_write(out->digits, s.digits) - out->digits);
    out->point = (int64_t)out->count + s.exponent;
    while (out->digits[out->count - 1] == '0')
        out->count--;
}
