/* model/utf8.h - is text UTF-8, and where does it stop being so? */
#ifndef MIA_MODEL_UTF8_H
#define MIA_MODEL_UTF8_H

#include "base/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* How many bytes at the front are whole, well-formed characters; size if all of text is. */
size_t mia__utf8_prefix(const void *text, size_t size);

/* As many bytes as all processors look at together. */
enum { MIA__UTF8_WORD = 16 };
typedef uint64_t mia__utf8_word __attribute__((vector_size(MIA__UTF8_WORD)));

static inline mia__utf8_word mia__utf8_load(const uint8_t *at)
{
    mia__utf8_word word;
    memcpy(&word, at, sizeof word);
    return word;
}

static inline bool mia__utf8_has_high(mia__utf8_word word)
{
#ifdef __SSE2__
    return _mm_movemask_epi8((__m128i)word) != 0;
#else
    return ((word[0] | word[1]) & UINT64_C(0x8080808080808080)) != 0;
#endif
}

/* Whether no byte is above 0x7f. Stops soon at one that is. */
static inline bool mia__utf8_is_ascii(const uint8_t *at, size_t size)
{
    mia__utf8_word seen = {0};
    if (size >= MIA__UTF8_WORD) {
        const uint8_t *last = at + size - MIA__UTF8_WORD; /* overlaps what comes before */
        for (; last - at >= 4 * MIA__UTF8_WORD; at += 4 * MIA__UTF8_WORD) {
            seen = mia__utf8_load(at) | mia__utf8_load(at + MIA__UTF8_WORD) |
                   mia__utf8_load(at + 2 * MIA__UTF8_WORD) |
                   mia__utf8_load(at + 3 * MIA__UTF8_WORD);
            if (mia__utf8_has_high(seen))
                return false;
        }
        for (; at < last; at += MIA__UTF8_WORD)
            seen |= mia__utf8_load(at);
        seen |= mia__utf8_load(last);
    } else if (size >= 8) {
        seen[0] = mia__load_u64le(at) | mia__load_u64le(at + size - 8);
    } else {
        for (size_t i = 0; i < size; i++)
            seen[0] |= at[i];
    }
    return !mia__utf8_has_high(seen);
}

/* Well-formed UTF-8: no surrogates, no overlong forms, at most U+10FFFF; U+0000 allowed. */
static inline bool mia__utf8_is_valid(const void *text, size_t size)
{
    return mia__utf8_is_ascii(text, size) || mia__utf8_prefix(text, size) == size;
}

#endif
