/* model/json_print.c - trees to text as serde_json 1.0.145 writes it (src/ser.rs; ryu for floats)
 */
#include "base/error.h"
#include "base/try.h"
#include "model/json.h"
#include "model/json_decimal.h"
#include "model/json_text.h"

#include <math.h>

#define APPEND_LITERAL(to, text, err) mia__buf_append(to, text, sizeof(text) - 1, err)

static size_t write_escape(char *to, char c)
{
    static const char digits[] = "0123456789abcdef";
    static const char named[] = "\"\\\b\f\n\r\t", names[] = "\"\\bfnrt";
    const char *found = memchr(named, c, sizeof named - 1);
    if (found != NULL) {
        to[0] = '\\';
        to[1] = names[found - named];
        return 2;
    }
    memcpy(to, "\\u00", 4);
    to[4] = digits[c >> 4];
    to[5] = digits[c & 15];
    return 6;
}

mia_status mia__json_print_string(mia_str text, struct mia__buf *to, struct mia_error *err)
{
    mia_status rc;
    size_t begin = to->size;
    const char *at = text.data != NULL ? text.data : "", *end = at + text.size;
    TRY(mia__buf_reserve(to, to->size + text.size + 2, err));
    TRY(mia__buf_append(to, "\"", 1, err));
    while (at < end) {
        const char *plain = at;
        at = mia__json_skip_plain(at, end);
        TRY(mia__buf_append(to, plain, (size_t)(at - plain), err));
        if (at < end) {
            char escape[8];
            TRY(mia__buf_append(to, escape, write_escape(escape, *at++), err));
        }
    }
    TRY(mia__buf_append(to, "\"", 1, err));
done:
    if (rc < 0)
        to->size = begin;
    return rc;
}

static char *write_digits(char *to, const char *digits, size_t count)
{
    memcpy(to, digits, count);
    return to + count;
}

static char *write_zeros(char *to, size_t count)
{
    memset(to, '0', count);
    return to + count;
}

/* Digits as ryu spells them (src/pretty/mod.rs, format64). */
static char *spell(const struct mia__decimal *d, char *to)
{
    size_t n = d->count;
    if (d->point > 0 && d->point <= 16) {
        size_t before = (size_t)d->point;
        if (n <= before) {
            to = write_zeros(write_digits(to, d->digits, n), before - n);
            return write_digits(to, ".0", 2);
        }
        to = write_digits(to, d->digits, before);
        *to++ = '.';
        return write_digits(to, d->digits + before, n - before);
    }
    if (d->point > -5 && d->point <= 0) {
        to = write_zeros(write_digits(to, "0.", 2), (size_t)-d->point);
        return write_digits(to, d->digits, n);
    }
    *to++ = d->digits[0];
    if (n > 1) {
        *to++ = '.';
        to = write_digits(to, d->digits + 1, n - 1);
    }
    int64_t exponent = d->point - 1;
    *to++ = 'e';
    if (exponent < 0)
        *to++ = '-';
    return mia__decimal_write(to, (uint64_t)(exponent < 0 ? -exponent : exponent));
}

mia_status mia__json_print_real(double number, struct mia__buf *to, struct mia_error *err)
{
    char text[32], *end = text; /* the longest: -1.7976931348623157e308 and the like */
    if (!isfinite(number))
        return APPEND_LITERAL(to, "null", err);
    if (signbit(number))
        *end++ = '-';
    if (number == 0) {
        end = write_digits(end, "0.0", 3);
    } else {
        struct mia__decimal d;
        mia__decimal_of_double(fabs(number), &d);
        end = spell(&d, end);
    }
    return mia__buf_append(to, text, (size_t)(end - text), err);
}

static mia_status print_integer(bool is_negative, uint64_t magnitude, struct mia__buf *to,
                                struct mia_error *err)
{
    char text[24], *end = text;
    if (is_negative)
        *end++ = '-';
    end = mia__decimal_write(end, magnitude);
    return mia__buf_append(to, text, (size_t)(end - text), err);
}

static mia_status print_value(const struct mia__json *value, int depth, struct mia__buf *to,
                              struct mia_error *err);

static mia_status print_array(const struct mia__json *value, int depth, struct mia__buf *to,
                              struct mia_error *err)
{
    mia_status rc;
    TRY(mia__buf_append(to, "[", 1, err));
    for (uint32_t i = 0; i < value->count; i++) {
        if (i > 0)
            TRY(mia__buf_append(to, ",", 1, err));
        TRY(print_value(&value->u.items[i], depth, to, err));
    }
    TRY(mia__buf_append(to, "]", 1, err));
done:
    return rc;
}

static mia_status print_object(const struct mia__json *value, int depth, struct mia__buf *to,
                               struct mia_error *err)
{
    mia_status rc;
    TRY(mia__buf_append(to, "{", 1, err));
    for (uint32_t i = 0; i < value->count; i++) {
        const struct mia__json_member *member = &value->u.members[i];
        if (i > 0)
            TRY(mia__buf_append(to, ",", 1, err));
        TRY(mia__json_print_string(member->key, to, err));
        TRY(mia__buf_append(to, ":", 1, err));
        TRY(print_value(&member->value, depth, to, err));
    }
    TRY(mia__buf_append(to, "}", 1, err));
done:
    return rc;
}

/* depth: open arrays and objects around this value. */
static mia_status print_value(const struct mia__json *value, int depth, struct mia__buf *to,
                              struct mia_error *err)
{
    bool is_container = value->kind == MIA__JSON_ARRAY || value->kind == MIA__JSON_OBJECT;
    if (is_container && depth == MIA__JSON_DEPTH)
        return mia__fail(err, MIA_ERR_SERIALIZATION,
                         "a value has more than %d arrays and objects inside each other, which no "
                         "reader of MIA's accepts; make it flatter",
                         MIA__JSON_DEPTH);
    switch (value->kind) {
    case MIA__JSON_NULL:
        return APPEND_LITERAL(to, "null", err);
    case MIA__JSON_BOOL:
        return value->u.boolean ? APPEND_LITERAL(to, "true", err)
                                : APPEND_LITERAL(to, "false", err);
    case MIA__JSON_REAL:
        return mia__json_print_real(value->u.real, to, err);
    case MIA__JSON_STRING:
        return mia__json_print_string(value->u.string, to, err);
    case MIA__JSON_ARRAY:
        return print_array(value, depth + 1, to, err);
    case MIA__JSON_OBJECT:
        return print_object(value, depth + 1, to, err);
    case MIA__JSON_INT: {
        int64_t n = value->u.integer;
        return print_integer(n < 0, n < 0 ? -(uint64_t)n : (uint64_t)n, to, err);
    }
    case MIA__JSON_UINT:
        return print_integer(false, value->u.natural, to, err);
    }
    return mia__fail(err, MIA_ERR_INTERNAL, "a JSON value of kind %d; report this",
                     (int)value->kind);
}

mia_status mia__json_print(const struct mia__json *value, struct mia__buf *to,
                           struct mia_error *err)
{
    size_t begin = to->size;
    mia_status rc = print_value(value, 0, to, err);
    if (rc < 0)
        to->size = begin;
    return rc;
}
