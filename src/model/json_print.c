/* model/json_print.c - trees to text as serde_json 1.0.145 writes it (src/ser.rs; ryu for floats)
 */
#include "base/bytes.h"
#include "base/error.h"
#include "base/try.h"
#include "model/json.h"
#include "model/json_decimal.h"
#include "model/json_text.h"

#include <math.h>

static mia_status put(struct mia__buf *to, char c, struct mia_error *err)
{
    mia_status rc = mia__buf_reserve(to, to->size + 1, err);
    if (rc == MIA_OK)
        to->data[to->size++] = (uint8_t)c;
    return rc;
}

enum { LONGEST_ESCAPE = 6 };

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
    TRY(put(to, '"', err));
    for (;;) {
        const char *plain = at;
        /* For what is left, an escape and the quote. */
        TRY(mia__buf_reserve(to, to->size + (size_t)(end - at) + LONGEST_ESCAPE + 1, err));
        at = mia__json_skip_plain(at, end);
        mia__copy(to->data + to->size, plain, (size_t)(at - plain));
        to->size += (size_t)(at - plain);
        if (at == end)
            break;
        to->size += write_escape((char *)to->data + to->size, *at++);
    }
    to->data[to->size++] = '"';
done:
    if (rc < 0)
        to->size = begin;
    return rc;
}

static char *write_text(char *to, const char *text, size_t size)
{
    mia__copy(to, text, size);
    return to + size;
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
            to = write_zeros(write_text(to, d->digits, n), before - n);
            return write_text(to, ".0", 2);
        }
        to = write_text(to, d->digits, before);
        *to++ = '.';
        return write_text(to, d->digits + before, n - before);
    }
    if (d->point > -5 && d->point <= 0) {
        to = write_zeros(write_text(to, "0.", 2), (size_t)-d->point);
        return write_text(to, d->digits, n);
    }
    *to++ = d->digits[0];
    if (n > 1) {
        *to++ = '.';
        to = write_text(to, d->digits + 1, n - 1);
    }
    int64_t exponent = d->point - 1;
    *to++ = 'e';
    if (exponent < 0)
        *to++ = '-';
    return mia__decimal_write(to, (uint64_t)(exponent < 0 ? -exponent : exponent));
}

static char *write_positive(char *to, double number)
{
    struct mia__decimal d;
    mia__decimal_of_double(number, &d);
    return spell(&d, to);
}

mia_status mia__json_print_real(double number, struct mia__buf *to, struct mia_error *err)
{
    enum { LONGEST = 24 }; /* -1.7976931348623157e-308 and the like */
    mia_status rc = mia__buf_reserve(to, to->size + LONGEST + MIA__DECIMAL_ROOM, err);
    if (rc < 0)
        return rc;
    char *end = (char *)to->data + to->size;
    if (!isfinite(number)) {
        end = write_text(end, "null", 4);
    } else {
        if (signbit(number))
            *end++ = '-';
        end = number == 0 ? write_text(end, "0.0", 3) : write_positive(end, fabs(number));
    }
    to->size = (size_t)((uint8_t *)end - to->data);
    return MIA_OK;
}

static mia_status print_integer(bool is_negative, uint64_t magnitude, struct mia__buf *to,
                                struct mia_error *err)
{
    mia_status rc = mia__buf_reserve(to, to->size + 1 + MIA__DECIMAL_ROOM, err);
    if (rc < 0)
        return rc;
    char *end = (char *)to->data + to->size;
    if (is_negative)
        *end++ = '-';
    end = mia__decimal_write(end, magnitude);
    to->size = (size_t)((uint8_t *)end - to->data);
    return MIA_OK;
}

static mia_status print_value(const struct mia__json *value, int depth, struct mia__buf *to,
                              struct mia_error *err);

static mia_status print_array(const struct mia__json *value, int depth, struct mia__buf *to,
                              struct mia_error *err)
{
    mia_status rc;
    TRY(put(to, '[', err));
    for (uint32_t i = 0; i < value->count; i++) {
        if (i > 0)
            TRY(put(to, ',', err));
        TRY(print_value(&value->u.items[i], depth, to, err));
    }
    TRY(put(to, ']', err));
done:
    return rc;
}

static mia_status print_object(const struct mia__json *value, int depth, struct mia__buf *to,
                               struct mia_error *err)
{
    mia_status rc;
    TRY(put(to, '{', err));
    for (uint32_t i = 0; i < value->count; i++) {
        const struct mia__json_member *member = &value->u.members[i];
        if (i > 0)
            TRY(put(to, ',', err));
        TRY(mia__json_print_string(member->key, to, err));
        TRY(put(to, ':', err));
        TRY(print_value(&member->value, depth, to, err));
    }
    TRY(put(to, '}', err));
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
        return mia__buf_append(to, "null", 4, err);
    case MIA__JSON_BOOL:
        return value->u.boolean ? mia__buf_append(to, "true", 4, err)
                                : mia__buf_append(to, "false", 5, err);
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
