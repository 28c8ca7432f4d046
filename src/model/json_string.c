/* model/json_string.c - reading strings: borrowed as they are, or with their escapes resolved */
#include "base/error.h"
#include "model/json_reader.h"
#include "model/json_text.h"

/* From behind the opening quote to the closing one, which is where *close points. */
static mia_status find_close(const struct mia__json_reader *r, const char **close, bool *has_escape)
{
    *has_escape = false;
    for (const char *at = r->at + 1;; at += 2) {
        at = mia__json_skip_plain(at, r->end);
        if (at == r->end || (*at == '\\' && r->end - at < 2))
            return mia__json_fail(r, r->at, "the string that begins here has no end");
        if (*at == '"') {
            *close = at;
            return MIA_OK;
        }
        if (*at != '\\')
            return mia__json_fail(r, at, "a control character in a string must be escaped");
        *has_escape = true;
    }
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* The unit of the escape "\uXXXX" at `at`; negative if that is not what stands there. */
static int32_t read_unit(const char *at, const char *end)
{
    if (end - at < 6 || at[0] != '\\' || at[1] != 'u')
        return -1;
    int32_t unit = 0;
    for (int i = 2; i < 6; i++) {
        int digit = hex_digit(at[i]);
        if (digit < 0)
            return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

static bool is_high_surrogate(int32_t unit)
{
    return unit >= 0xd800 && unit < 0xdc00;
}

static bool is_low_surrogate(int32_t unit)
{
    return unit >= 0xdc00 && unit < 0xe000;
}

static char *write_character(char *to, int32_t c)
{
    if (c < 0x80) {
        *to++ = (char)c;
        return to;
    }
    if (c < 0x800) {
        *to++ = (char)(0xc0 | c >> 6);
    } else {
        if (c < 0x10000) {
            *to++ = (char)(0xe0 | c >> 12);
        } else {
            *to++ = (char)(0xf0 | c >> 18);
            *to++ = (char)(0x80 | (c >> 12 & 0x3f));
        }
        *to++ = (char)(0x80 | (c >> 6 & 0x3f));
    }
    *to++ = (char)(0x80 | (c & 0x3f));
    return to;
}

/* One or, for a pair of surrogates, two escapes. end is the closing quote. */
static mia_status read_unicode(const struct mia__json_reader *r, const char **at, const char *end,
                               char **to)
{
    int32_t c = read_unit(*at, end);
    if (c < 0)
        return mia__json_fail(r, *at, "\\u must be followed by four hexadecimal digits");
    const char *next = *at + 6;
    if (is_high_surrogate(c)) {
        int32_t low = read_unit(next, end);
        if (!is_low_surrogate(low))
            return mia__json_fail(r, *at, "a high surrogate without the low one behind it");
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
        next += 6;
    } else if (is_low_surrogate(c)) {
        return mia__json_fail(r, *at, "a low surrogate without the high one before it");
    }
    *to = write_character(*to, c);
    *at = next;
    return MIA_OK;
}

static mia_status read_escape(const struct mia__json_reader *r, const char **at, const char *end,
                              char **to)
{
    static const char escapes[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    if ((*at)[1] == 'u')
        return read_unicode(r, at, end, to);
    const char *found = memchr(escapes, (*at)[1], sizeof escapes - 1);
    if (found == NULL)
        return mia__json_fail(r, *at, "there is no such escape");
    *(*to)++ = meanings[found - escapes];
    *at += 2;
    return MIA_OK;
}

/* No escape is shorter than the bytes it stands for, so the room of the raw text is enough. */
static mia_status resolve(const struct mia__json_reader *r, mia_str raw, mia_str *out)
{
    mia_status rc = MIA_OK;
    char *begin = mia__arena_alloc(r->arena, raw.size);
    if (begin == NULL)
        return mia__fail_nomem(r->err);
    char *to = begin;
    const char *at = raw.data, *end = raw.data + raw.size;
    while (rc == MIA_OK && at < end) {
        const char *plain = at;
        at = mia__json_skip_plain(at, end);
        memcpy(to, plain, (size_t)(at - plain));
        to += at - plain;
        if (at < end)
            rc = read_escape(r, &at, end, &to);
    }
    *out = (mia_str){begin, (size_t)(to - begin)};
    return rc;
}

mia_status mia__json_read_string(struct mia__json_reader *reader, mia_str *out)
{
    const char *close = NULL;
    bool has_escape = false;
    mia_status rc = find_close(reader, &close, &has_escape);
    if (rc < 0)
        return rc;
    *out = (mia_str){reader->at + 1, (size_t)(close - reader->at) - 1};
    if (has_escape)
        rc = resolve(reader, *out, out);
    reader->at = close + 1;
    return rc;
}
