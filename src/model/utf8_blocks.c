/*
 * model/utf8_blocks.c - J. Keiser, D. Lemire, "Validating UTF-8 in less than one instruction per
 * byte", 2021
 *
 * All that can be wrong with two neighbours shows in three of their four halves. Each half of a
 * byte looks up the mistakes that it allows, a bit for each; what all three allow has been made.
 * Only that the third and fourth byte of a character are there is asked for by itself.
 */
#include "model/utf8_blocks.h"

#include "model/utf8.h"

#ifdef __x86_64__
#include <tmmintrin.h>

#define WIDE __attribute__((target("ssse3")))
#define WIDE_INLINE WIDE static inline __attribute__((always_inline))

enum { BLOCK = MIA__UTF8_WORD };

enum mistake {
    TOO_SHORT = 1 << 0,      /* a first byte without the next one */
    TOO_LONG = 1 << 1,       /* a next byte behind ASCII */
    OVERLONG_3 = 1 << 2,     /* below U+0800 in three bytes */
    TOO_LARGE = 1 << 3,      /* above U+10FFFF: f4 90 and more */
    SURROGATE = 1 << 4,      /* U+D800 to U+DFFF */
    OVERLONG_2 = 1 << 5,     /* ASCII in two bytes */
    TOO_LARGE_1000 = 1 << 6, /* above U+10FFFF: f5 80 and more */
    OVERLONG_4 = 1 << 6,     /* below U+10000 in four bytes: f0 80; never where the one above is */
    TWO_NEXT = 1 << 7,       /* two next bytes: a mistake unless a longer character has them */
    ANY_LOW = TOO_SHORT | TOO_LONG | TWO_NEXT /* the first byte's low half says nothing of these */
};

static const uint8_t of_first_high[BLOCK] = {
    TOO_LONG,
    TOO_LONG,
    TOO_LONG,
    TOO_LONG,
    TOO_LONG,
    TOO_LONG,
    TOO_LONG,
    TOO_LONG, /* ASCII */
    TWO_NEXT,
    TWO_NEXT,
    TWO_NEXT,
    TWO_NEXT,                                           /* 8 to b: a next byte */
    TOO_SHORT | OVERLONG_2,                             /* c: of two bytes */
    TOO_SHORT,                                          /* d */
    TOO_SHORT | OVERLONG_3 | SURROGATE,                 /* e: of three */
    TOO_SHORT | TOO_LARGE | TOO_LARGE_1000 | OVERLONG_4 /* f: of four */
};

#define LARGE (ANY_LOW | TOO_LARGE | TOO_LARGE_1000)
static const uint8_t of_first_low[BLOCK] = {ANY_LOW | OVERLONG_2 | OVERLONG_3 | OVERLONG_4,
                                            ANY_LOW | OVERLONG_2,
                                            ANY_LOW,
                                            ANY_LOW,
                                            ANY_LOW | TOO_LARGE,
                                            LARGE,
                                            LARGE,
                                            LARGE,
                                            LARGE,
                                            LARGE,
                                            LARGE,
                                            LARGE,
                                            LARGE,
                                            LARGE | SURROGATE,
                                            LARGE,
                                            LARGE};

#define NEXT (TOO_LONG | TWO_NEXT | OVERLONG_2)
static const uint8_t of_second_high[BLOCK] = {TOO_SHORT,
                                              TOO_SHORT,
                                              TOO_SHORT,
                                              TOO_SHORT,
                                              TOO_SHORT,
                                              TOO_SHORT,
                                              TOO_SHORT,
                                              TOO_SHORT,
                                              NEXT | OVERLONG_3 | OVERLONG_4 | TOO_LARGE_1000,
                                              NEXT | OVERLONG_3 | TOO_LARGE,
                                              NEXT | SURROGATE | TOO_LARGE,
                                              NEXT | SURROGATE | TOO_LARGE,
                                              TOO_SHORT,
                                              TOO_SHORT,
                                              TOO_SHORT,
                                              TOO_SHORT};

WIDE_INLINE __m128i load(const uint8_t *at)
{
    return (__m128i)mia__utf8_load(at);
}

WIDE_INLINE __m128i high_halves(__m128i bytes)
{
    return _mm_and_si128(_mm_srli_epi16(bytes, 4), _mm_set1_epi8(15));
}

/* What is wrong in the block, and before it with what has its end there; zeros if nothing is. */
WIDE_INLINE __m128i mistakes(__m128i before, __m128i block)
{
    __m128i first = _mm_alignr_epi8(block, before, BLOCK - 1);
    __m128i second_back = _mm_alignr_epi8(block, before, BLOCK - 2);
    __m128i third_back = _mm_alignr_epi8(block, before, BLOCK - 3);
    __m128i made = _mm_shuffle_epi8(load(of_first_high), high_halves(first));
    made = _mm_and_si128(
        made, _mm_shuffle_epi8(load(of_first_low), _mm_and_si128(first, _mm_set1_epi8(15))));
    made = _mm_and_si128(made, _mm_shuffle_epi8(load(of_second_high), high_halves(block)));
    /* The highest bit where the first byte of three is two before, or that of four is three before:
     * there, and only there, two next bytes must be. */
    __m128i is_third = _mm_subs_epu8(second_back, _mm_set1_epi8((char)(0xe0 - 0x80)));
    __m128i is_fourth = _mm_subs_epu8(third_back, _mm_set1_epi8((char)(0xf0 - 0x80)));
    __m128i must_be = _mm_and_si128(_mm_or_si128(is_third, is_fourth), _mm_set1_epi8((char)0x80));
    return _mm_xor_si128(made, must_be);
}

WIDE static const uint8_t *skip(const uint8_t *at, const uint8_t *end)
{
    const uint8_t *begin = at;
    __m128i before = _mm_setzero_si128();
    for (; end - at >= BLOCK; at += BLOCK) {
        __m128i block = load(at);
        __m128i is_right = _mm_cmpeq_epi8(mistakes(before, block), _mm_setzero_si128());
        if (_mm_movemask_epi8(is_right) != 0xffff)
            break;
        before = block;
    }
    /* A character may go on behind the last block: back to its first byte. */
    for (int back = 1; back <= 3 && back <= at - begin; back++)
        if (at[-back] >= 0xc0)
            return at - back;
    return at;
}
#endif

const uint8_t *mia__utf8_skip_blocks(const uint8_t *at, const uint8_t *end)
{
#ifdef __x86_64__
    if (end - at >= BLOCK && __builtin_cpu_supports("ssse3"))
        return skip(at, end);
#endif
    return at;
}
