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
    uint64_t digits; /* both as one number, if it has at most MOST_DIGITS */
    size_t digit_count;
    int64_t exponent;
};

enum { MOST_DIGITS = 19 }; /* so many always fit 64 bits */

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

/* The same, of the number itself. Zeros in front do not count. */
static struct span take_significant(struct mia__json_reader *r, struct number *n)
{
    struct span s = {r->at, r->at};
    for (; s.end < r->end && is_digit(*s.end); s.end++) {
        n->digits = n->digits * 10 + (uint64_t)(*s.end - '0'); /* may wrap: digit_count tells */
        n->digit_count += n->digits != 0 || n->digit_count > 0;
    }
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
    n->integer = take_significant(r, n);
    if (n->integer.begin == n->integer.end)
        return mia__json_fail(r, r->at, "a digit must follow the minus sign");
    if (*n->integer.begin == '0' && n->integer.end - n->integer.begin > 1)
        return mia__json_fail(r, n->integer.begin, "a number must not begin with 0");
    if (take(r, '.')) {
        n->is_real = true;
        n->fraction = take_significant(r, n);
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

static bool add_up(struct span digits, uint64_t *sum)
{
    *sum = 0;
    for (const char *at = digits.begin; at < digits.end; at++)
        if (__builtin_mul_overflow(*sum, 10, sum) ||
            __builtin_add_overflow(*sum, (uint64_t)(*at - '0'), sum))
            return false;
    return true;
}

/* False if the number needs more than 64 bits, or is -0, which only a double can be. */
static bool read_integer(const struct number *n, struct mia__json *out)
{
    uint64_t sum = n->digits;
    if (n->digit_count > MOST_DIGITS && !add_up(n->integer, &sum))
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

/* Of any number of digits. */
__attribute__((noinline)) static double read_long(const struct number *n)
{
    struct mia__decimal d;
    d.count = 0;
    d.point = 0;
    gather(&d, n->integer, false);
    gather(&d, n->fraction, true);
    d.point += n->exponent;
    return mia__decimal_to_double(&d);
}

static double read_real(const struct number *n)
{
    double real;
    int64_t exponent = n->exponent - (n->fraction.end - n->fraction.begin);
    bool is_short =
        n->digit_count <= MOST_DIGITS && mia__decimal_short_to_double(n->digits, exponent, &real);
    if (!is_short)
        real = read_long(n);
    return n->is_negative ? -real : real;
}

/* Up to 18 digits with no exponent, as most numbers are. False: nothing was read. */
static bool read_short(struct mia__json_reader *r, struct mia__json *out)
{
    enum { MOST = 18 }; /* below 2^63 */
    const char *begin = r->at + (*r->at == '-'), *at = begin, *point = NULL;
    uint64_t digits = 0;
    for (; at < r->end; at++) {
        unsigned digit = (unsigned)(*at - '0');
        if (digit <= 9)
            digits = digits * 10 + digit;
        else if (*at == '.' && point == NULL)
            point = at;
        else
            break;
    }
    const char *integer_end = point != NULL ? point : at;
    bool is_long = at - begin > MOST || (at < r->end && (*at == 'e' || *at == 'E'));
    bool is_odd = integer_end == begin || (*begin == '0' && integer_end - begin > 1) ||
                  (point != NULL && point + 1 == at) || digits == 0;
    if (is_long || is_odd)
        return false;
    bool is_negative = *r->at == '-';
    if (point == NULL) {
        out->kind = MIA__JSON_INT;
        out->u.integer = is_negative ? -(int64_t)digits : (int64_t)digits;
    } else {
        double real;
        if (!mia__decimal_short_to_double(digits, point + 1 - at, &real))
            return false;
        out->kind = MIA__JSON_REAL;
        out->u.real = is_negative ? -real : real;
    }
    r->at = at;
    return true;
}

mia_status mia__json_read_number(struct mia__json_reader *reader, struct mia__json *out)
{
    if (read_short(reader, out))
        return MIA_OK;
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
