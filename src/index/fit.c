/* index/fit.c - long texts cut, and NULs escaped */
#include "index/fit.h"

#include "base/sha256.h"
#include "base/try.h"

enum { HEX = 32, TAIL = HEX + 1 };

static mia_status hash(mia_slice bytes, char hex[HEX], struct mia_error *err)
{
    mia_status rc;
    uint8_t digest[MIA__SHA256_SIZE];
    TRY(mia__sha256_of(bytes, digest, err));
    mia__put_hex(hex, digest, HEX / 2);
done:
    return rc;
}

/* The element that was appended from `begin` on becomes n bytes, if it has as many or more. */
static mia_status cut(struct mia__buf *to, size_t begin, size_t n, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    char tail[TAIL] = {(char)0xff};
    if (to->size - begin < n)
        goto done;
    TRY(hash((mia_slice){to->data + begin, to->size - begin}, tail + 1, err));
    to->size = begin + n - TAIL;
    rc = mia__buf_append(to, tail, TAIL, err);
done:
    return rc;
}

mia_status mia__fit(struct mia__buf *to, mia_str text, size_t n, struct mia_error *err)
{
    mia_status rc;
    size_t begin = to->size;
    TRY(mia__buf_append(to, text.data, text.size, err));
    rc = cut(to, begin, n, err);
done:
    return rc;
}

mia_status mia__fit_escaped(struct mia__buf *to, mia_str text, size_t n, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    size_t begin = to->size, at = 0;
    while (at < text.size) {
        const char *nul = memchr(text.data + at, '\0', text.size - at);
        size_t end = nul != NULL ? (size_t)(nul - text.data) + 1 : text.size;
        TRY(mia__buf_append(to, text.data + at, end - at, err));
        if (nul != NULL)
            TRY(mia__buf_append(to, "\xff", 1, err));
        at = end;
    }
    rc = cut(to, begin, n, err);
done:
    return rc;
}

bool mia__fit_take(mia_slice *rest, mia_slice *element)
{
    const uint8_t *bytes = rest->data;
    for (size_t i = 0; i < rest->size; i++) {
        if (bytes[i] != 0)
            continue;
        if (i + 1 < rest->size && bytes[i + 1] == 0xff)
            continue;
        *element = (mia_slice){bytes, i};
        *rest = (mia_slice){bytes + i + 1, rest->size - i - 1};
        return true;
    }
    return false;
}

mia_status mia__fit_unescape(mia_slice element, struct mia__buf *scratch, mia_str *text,
                             struct mia_error *err)
{
    const uint8_t *bytes = element.data;
    size_t kept = 0;
    *text = (mia_str){element.data, element.size};
    if (element.size == 0 || memchr(bytes, 0, element.size) == NULL)
        return MIA_OK;
    mia_status rc = mia__buf_reserve(scratch, element.size, err);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < element.size; i++) {
        scratch->data[kept++] = bytes[i];
        i += bytes[i] == 0;
    }
    *text = (mia_str){(const char *)scratch->data, kept};
    return MIA_OK;
}
