/* shadow/lines.c - see shadow/lines.h */
#include "shadow/lines.h"

#include "base/error.h"
#include "base/file.h"
#include "base/percent.h"
#include "base/sha256.h"
#include "base/try.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

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

mia_status mia__lines_write(const char *directory, const char *name, struct mia__buf *text,
                            struct mia_error *err)
{
    mia_status rc;
    char hex[MIA__SHA256_HEX];
    char *file = mia__path_join(directory, name);
    if (file == NULL)
        return mia__fail_nomem(err);
    TRY(mia__sha256_hex_of(mia__buf_slice(text), hex, err));
    TRY(mia__lines_put_line(text, "sha256", hex, err));
    mia_slice whole = mia__buf_slice(text);
    rc = mia__file_replace(file, &whole, 1, err);
done:
    mia__free(file);
    return rc;
}

/* ---- reading */

static mia_slice take_word(struct mia__lines *r)
{
    const char *from = r->at;
    while (r->at < r->end && *r->at != ' ' && *r->at != '\n')
        r->at++;
    mia_slice word = {from, (size_t)(r->at - from)};
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
    r->has_failed = r->has_failed || !mia__lines_name(r, name) || !mia__lines_name(r, " ");
}

uint64_t mia__lines_number(struct mia__lines *r)
{
    char text[24] = "", *end = text;
    mia_slice word = take_word(r);
    uint64_t number = 0;
    if (word.size > 0 && word.size < sizeof text) {
        memcpy(text, word.data, word.size);
        text[word.size] = '\0';
        number = strtoull(text, &end, 10);
    }
    r->has_failed = r->has_failed || end == text || *end != '\0';
    return number;
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
    r->has_failed = r->has_failed || *text == NULL;
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

mia_status mia__lines_bytes(struct mia__lines *r, struct mia__buf *to)
{
    mia_slice word = take_word(r);
    const char *text = word.data;
    if (mia_slice_equal(word, MIA_BYTES("-")))
        return MIA_OK;
    mia_status rc = mia__buf_reserve(to, word.size / 2 + 1, r->err);
    for (size_t i = 0; rc == MIA_OK && i + 1 < word.size; i += 2) {
        int high = hex_value(text[i]), low = hex_value(text[i + 1]);
        r->has_failed = r->has_failed || high < 0 || low < 0;
        to->data[to->size++] = (uint8_t)((high & 15) << 4 | (low & 15));
    }
    return rc;
}

static mia_status parse(const char *file, mia_slice text, mia__lines_fn fn, void *ctx,
                        struct mia_error *err)
{
    enum { LAST_LINE = sizeof "sha256 " - 1 + MIA__SHA256_HEX };
    mia_status rc;
    char hex[MIA__SHA256_HEX], line[LAST_LINE + 1] = "";
    struct mia__lines r = {text.data, (const char *)text.data + text.size, false, err};
    if (text.size > LAST_LINE) {
        r.end -= LAST_LINE;
        TRY(mia__sha256_hex_of((mia_slice){text.data, text.size - LAST_LINE}, hex, err));
        snprintf(line, sizeof line, "sha256 %s\n", hex);
    }
    if (line[0] == '\0' || memcmp(r.end, line, LAST_LINE) != 0) {
        rc = mia__fail(err, MIA_ERR_CORRUPT,
                       "%s: the checksum is wrong: the file is damaged, or was edited", file);
        goto done;
    }
    TRY(fn(ctx, &r));
    if (r.has_failed || r.at != r.end)
        rc = mia__fail(err, MIA_ERR_VERSION,
                       "%s: has lines that this libmia %s does not know: update it", file,
                       mia_version());
done:
    return rc;
}

mia_status mia__lines_read(const char *directory, const char *name, mia__lines_fn fn, void *ctx,
                           struct mia_error *err)
{
    enum { LARGEST = 1 << 20 };
    mia_status rc = MIA_NOTFOUND;
    struct mia__buf text = {0};
    char *file = mia__path_join(directory, name);
    if (file == NULL)
        return mia__fail_nomem(err);
    if (!mia__file_exists(file))
        goto done;
    TRY(mia__buf_reserve(&text, LARGEST, err));
    TRY(mia__file_read(file, 0, text.data, LARGEST, &text.size, err));
    rc = parse(file, mia__buf_slice(&text), fn, ctx, err);
done:
    mia__buf_free(&text);
    mia__free(file);
    return rc;
}
