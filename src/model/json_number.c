/* model/json_number.c - RFC 8259 numbers: integers of 64 bits as such, everything else a double */
#include "model/json_decimal.h"
#include "model/json_reader.h"

#include <math.h>

struct span {
    const char *begin, *end;
};

/* The grammar's parts. */
struct number {
    bool is_negative, is_real; /* real: with point or exponent */
    struct span integer, fraction;
    int64_t exponent;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* One digit or more. Empty when there is none. */
static struct span take_digits(struct mia__json_reader *r)
{
    struct span s = {r->at, r->at};
    while (s.end < r->end && is_digit(*s.end))
        s.end++;
    r->at = s.end;
    return s;
}

static bool take(struct mia__json_reader *r, char c)
{
    if (r->at == r->end || *r->at != c)
        return false;
    r->at++;
    return true;
}

/* Stops counting where the digits of a text cannot make up for it any more. */
static int64_t limited(struct span digits, bool is_negative)
{
    const int64_t limit = INT64_MAX / 100;
    int64_t n = 0;
    for (const char *at = digits.begin; at < digits.end && n < limit; at++)
        n = n * 10 + (*at - '0');
    return is_negative ? -n : n;
}

static mia_status scan(struct mia__json_reader *r, struct number *n)
{
    n->is_negative = take(r, '-');
    n->integer = take_digits(r);
    if (n->integer.begin == n->integer.end)
        return mia__json_fail(r, r->at, "a digit must follow the minus sign");
    if (*n->integer.begin == '0' && n->integer.end - n->integer.begin > 1)
        return mia__json_fail(r, n->integer.begin, "a number must not begin with 0");
    if (take(r, '.')) {
        n->is_real = true;
        n->fraction = take_digits(r);
        if (n->fraction.begin == n->fraction.end)
            return mia__json_fail(r, r->at, "a digit must follow the decimal point");
    }
    if (take(r, 'e') || take(r, 'E')) {
        n->is_real = true;
        bool is_negative = take(r, '-');
        if (!is_negative)
            take(r, '+');
        struct span digits = take_digits(r);
        if (digits.begin == digits.end)
            return mia__json_fail(r, r->at, "a digit must follow the exponent mark");
        n->exponent = limited(digits, is_negative);
    }
    return MIA_OK;
}

/* False if the number needs more than 64 bits, or is -0, which only a double can be. */
static bool read_integer(const struct number *n, struct mia__json *out)
{
    uint64_t sum = 0;
    for (const char *at = n->integer.begin; at < n->integer.end; at++)
        if (__builtin_mul_overflow(sum, 10, &sum) ||
            __builtin_add_overflow(sum, (uint64_t)(*at - '0'), &sum))
            return false;
    const uint64_t beyond = UINT64_C(1) << 63;
    if (n->is_negative && (sum == 0 || sum > beyond))
        return false;
    if (n->is_negative || sum < beyond) {
        out->kind = MIA__JSON_INT;
        out->u.integer = !n->is_negative ? (int64_t)sum : sum == beyond ? INT64_MIN : -(int64_t)sum;
    } else {
        out->kind = MIA__JSON_UINT;
        out->u.natural = sum;
    }
    return true;
}

/* Appends digits. Zeros in front of the first other digit only move the point. */
static void gather(struct mia__decimal *d, struct span digits, bool is_fraction)
{
    char *last = &d->digits[MIA__DECIMAL_DIGITS - 1];
    for (const char *at = digits.begin; at < digits.end; at++) {
        if (d->count == 0 && *at == '0') {
            d->point -= is_fraction;
            continue;
        }
        d->point += !is_fraction;
        if (d->count < MIA__DECIMAL_DIGITS)
            d->digits[d->count++] = *at;
        else if (*at != '0' && *last == '0')
            *last = '1'; /* "and something more" */
    }
}

static double read_real(const struct number *n)
{
    struct mia__decimal d;
    d.count = 0;
    d.point = 0;
    gather(&d, n->integer, false);
    gather(&d, n->fraction, true);
    d.point += n->exponent;
    double real = mia__decimal_to_double(&d);
    return n->is_negative ? -real : real;
}

mia_status mia__json_read_number(struct mia__json_reader *reader, struct mia__json *out)
{
    const char *begin = reader->at;
    struct number n = {0};
    mia_status rc = scan(reader, &n);
    if (rc < 0 || (!n.is_real && read_integer(&n, out)))
        return rc;
    double real = read_real(&n);
    if (isinf(real))
        return mia__json_fail(reader, begin, "the number is too large for a double");
    out->kind = MIA__JSON_REAL;
    out->u.real = real;
    return MIA_OK;
}
