/* model/utf8.h - is text UTF-8, and where does it stop being so? */
#ifndef MIA_MODEL_UTF8_H
#define MIA_MODEL_UTF8_H

#include "base/bytes.h"

#include <stdbool.h>
#include <stddef.h>

/* How many bytes at the front are whole, well-formed characters; size if all of text is. */
size_t mia__utf8_prefix(const void *text, size_t size);

enum { MIA__UTF8_WORD = 16 };

/* The bits of 16 bytes, or-ed together. */
static inline uint64_t mia__utf8_word(const uint8_t *at)
{
    uint64_t halves[2];
    memcpy(halves, at, sizeof halves);
    return halves[0] | halves[1];
}

/* Whether no byte is above 0x7f. Stops soon at one that is. */
static inline bool mia__utf8_is_ascii(const uint8_t *at, size_t size)
{
    const uint64_t high = UINT64_C(0x8080808080808080);
    uint64_t seen = 0;
    if (size >= MIA__UTF8_WORD) {
        const uint8_t *last = at + size - MIA__UTF8_WORD; /* overlaps what comes before */
        for (; last - at >= 4 * MIA__UTF8_WORD && (seen & high) == 0; at += 4 * MIA__UTF8_WORD)
            seen = mia__utf8_word(at) | mia__utf8_word(at + MIA__UTF8_WORD) |
                   mia__utf8_word(at + 2 * MIA__UTF8_WORD) |
                   mia__utf8_word(at + 3 * MIA__UTF8_WORD);
        for (; at < last && (seen & high) == 0; at += MIA__UTF8_WORD)
            seen |= mia__utf8_word(at);
        seen |= mia__utf8_word(last);
    } else if (size >= 8) {
        seen = mia__load_u64le(at) | mia__load_u64le(at + size - 8);
    } else {
        for (size_t i = 0; i < size; i++)
            seen |= at[i];
    }
    return (seen & high) == 0;
}

/* Well-formed UTF-8: no surrogates, no overlong forms, at most U+10FFFF; U+0000 allowed. */
static inline bool mia__utf8_is_valid(const void *text, size_t size)
{
    return mia__utf8_is_ascii(text, size) || mia__utf8_prefix(text, size) == size;
}

#endif
