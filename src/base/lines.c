/* base/lines.c - lines of words, written and taken apart: see base/lines.h */
#include "base/lines.h"
#include "base/percent.h"
#include "base/try.h"

#include <inttypes.h>
#include <stdio.h>

/* ---- writing */

mia_status mia__lines_put(struct mia__buf *to, const char *text, struct mia_error *err)
{
    return mia__buf_append(to, text, strlen(text), err);
}

mia_status mia__lines_put_line(struct mia__buf *to, const char *name, const char *word,
                               struct mia_error *err)
{
    mia_status rc;
    TRY(mia__lines_put(to, name, err));
    TRY(mia__lines_put(to, " ", err));
    TRY(mia__lines_put(to, word, err));
    rc = mia__lines_put(to, "\n", err);
done:
    return rc;
}

mia_status mia__lines_put_number(struct mia__buf *to, const char *name, uint64_t number,
                                 struct mia_error *err)
{
    char word[24];
    snprintf(word, sizeof word, "%" PRIu64, number);
    return mia__lines_put_line(to, name, word, err);
}

mia_status mia__lines_put_text(struct mia__buf *to, const char *name, const char *text,
                               struct mia_error *err)
{
    mia_status rc;
    TRY(mia__lines_put(to, name, err));
    TRY(mia__lines_put(to, " ", err));
    TRY(mia__percent_put(to, text, err));
    rc = mia__lines_put(to, "\n", err);
done:
    return rc;
}

mia_status mia__lines_put_bytes(struct mia__buf *to, const struct mia__buf *bytes,
                                struct mia_error *err)
{
    mia_status rc;
    if (bytes->size == 0)
        return mia__lines_put(to, " -", err);
    TRY(mia__lines_put(to, " ", err));
    TRY(mia__buf_reserve(to, to->size + 2 * bytes->size, err));
    mia__put_hex((char *)to->data + to->size, bytes->data, bytes->size);
    to->size += 2 * bytes->size;
done:
    return rc;
}

/* ---- reading */

struct mia__lines mia__lines_of(mia_slice text, struct mia_error *err)
{
    return (struct mia__lines){text.data, (const char *)text.data + text.size, false, err};
}

bool mia__lines_are_done(const struct mia__lines *r)
{
    return !r->has_failed && r->at == r->end;
}

static void want(struct mia__lines *r, bool is_so)
{
    r->has_failed = r->has_failed || !is_so;
}

/* The word up to a blank or the end of its line, which is taken too. */
static mia_slice take_word(struct mia__lines *r)
{
    const char *from = r->at;
    while (r->at < r->end && *r->at != ' ' && *r->at != '\n')
        r->at++;
    mia_slice word = {from, (size_t)(r->at - from)};
    want(r, r->at < r->end);
    if (r->at < r->end)
        r->at++;
    return word;
}

bool mia__lines_name(struct mia__lines *r, const char *name)
{
    size_t size = strlen(name);
    if ((size_t)(r->end - r->at) < size || memcmp(r->at, name, size) != 0)
        return false;
    r->at += size;
    return true;
}

void mia__lines_expect(struct mia__lines *r, const char *name)
{
    want(r, mia__lines_name(r, name) && mia__lines_name(r, " "));
}

uint64_t mia__lines_number(struct mia__lines *r)
{
    mia_slice word = take_word(r);
    const char *digits = word.data;
    uint64_t number = 0;
    want(r, word.size > 0);
    for (size_t i = 0; i < word.size && !r->has_failed; i++) {
        want(r, digits[i] >= '0' && digits[i] <= '9' &&
                    !__builtin_mul_overflow(number, 10, &number) &&
                    !__builtin_add_overflow(number, (uint64_t)(digits[i] - '0'), &number));
    }
    return r->has_failed ? 0 : number;
}

size_t mia__lines_one_of(struct mia__lines *r, const char *const *names, size_t count)
{
    mia_slice word = take_word(r);
    for (size_t i = 0; i < count; i++)
        if (mia_slice_equal(word, mia_bytes_of(names[i])))
            return i;
    r->has_failed = true;
    return 0;
}

mia_status mia__lines_text(struct mia__lines *r, char **text)
{
    mia_status rc = mia__percent_take(take_word(r), text, r->err);
    want(r, *text != NULL);
    return rc;
}

void mia__lines_short(struct mia__lines *r, char *to, size_t size)
{
    mia_slice word = take_word(r);
    to[0] = '\0';
    if (word.size >= size) {
        r->has_failed = true;
    } else if (!mia_slice_equal(word, MIA_BYTES("-"))) {
        memcpy(to, word.data, word.size);
        to[word.size] = '\0';
    }
}

static int hex_value(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void mia__lines_digest(struct mia__lines *r, char hex[MIA__SHA256_HEX])
{
    mia__lines_short(r, hex, MIA__SHA256_HEX);
    size_t size = 0;
    while (hex_value(hex[size]) >= 0)
        size++;
    want(r, hex[size] == '\0' && (size == 0 || size == MIA__SHA256_HEX - 1));
}

mia_status mia__lines_bytes(struct mia__lines *r, struct mia__buf *to)
{
    mia_slice word = take_word(r);
    const char *text = word.data;
    if (mia_slice_equal(word, MIA_BYTES("-")))
        return MIA_OK;
    want(r, word.size > 0 && word.size % 2 == 0);
    mia_status rc = mia__buf_reserve(to, to->size + word.size / 2, r->err);
    for (size_t i = 0; rc == MIA_OK && i + 1 < word.size; i += 2) {
        int high = hex_value(text[i]), low = hex_value(text[i + 1]);
        want(r, high >= 0 && low >= 0);
        to->data[to->size++] = (uint8_t)((high & 15) << 4 | (low & 15));
    }
    return rc;
}
