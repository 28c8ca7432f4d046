/* base/percent.c - words of visible ASCII for any bytes */
#include "base/percent.h"
#include "base/error.h"
#include "base/try.h"

static const char digits[] = "0123456789ABCDEF";

mia_status mia__percent_put(struct mia__buf *to, const char *text, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++) {
        bool is_plain = *at > 0x20 && *at < 0x7f && *at != '%';
        char escape[3] = {'%', digits[*at >> 4], digits[*at & 15]};
        TRY(is_plain ? mia__buf_append(to, at, 1, err) : mia__buf_append(to, escape, 3, err));
    }
done:
    return rc;
}

static int value_of(char digit)
{
    const char *at = digit != '\0' ? strchr(digits, digit) : NULL;
    return at != NULL ? (int)(at - digits) : -1;
}

/* The next byte of a word, 0 for what is none. */
static char take_byte(const char *word, size_t size, size_t *at)
{
    char c = word[(*at)++];
    if (c != '%')
        return c;
    if (size - *at < 2)
        return '\0';
    int high = value_of(word[*at]), low = value_of(word[*at + 1]);
    *at += 2;
    return (char)(high < 0 || low < 0 ? 0 : high << 4 | low);
}

mia_status mia__percent_take(mia_slice word, char **text, struct mia_error *err)
{
    size_t size = 0;
    *text = mia__alloc(word.size + 1);
    if (*text == NULL)
        return mia__fail_nomem(err);
    for (size_t at = 0; at < word.size;) {
        char c = take_byte(word.data, word.size, &at);
        if (c == '\0') {
            mia__free(*text);
            *text = NULL;
            return MIA_OK;
        }
        (*text)[size++] = c;
    }
    (*text)[size] = '\0';
    return MIA_OK;
}
