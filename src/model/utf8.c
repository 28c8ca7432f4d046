/* model/utf8.c - well-formed UTF-8 by table 3-7 of the Unicode standard */
#include "model/utf8.h"

#include "model/utf8_blocks.h"

enum { BLOCK = 4 * MIA__UTF8_WORD };

static const uint64_t high_bits = UINT64_C(0x8080808080808080);

/* Behind the ASCII at the front, but for some of the last block. */
static const uint8_t *skip_ascii_blocks(const uint8_t *at, const uint8_t *end)
{
    while (end - at >= BLOCK) {
        if (mia__utf8_has_high(mia__utf8_load(at) | mia__utf8_load(at + MIA__UTF8_WORD) |
                               mia__utf8_load(at + 2 * MIA__UTF8_WORD) |
                               mia__utf8_load(at + 3 * MIA__UTF8_WORD)))
            break;
        at += BLOCK;
    }
    return at;
}

/* Behind all of the ASCII at the front. */
static const uint8_t *skip_ascii(const uint8_t *at, const uint8_t *end)
{
    while (end - at >= (int)sizeof high_bits) {
        uint64_t high = mia__load_u64le(at) & high_bits;
        if (high != 0)
            return at + __builtin_ctzll(high) / 8;
        at += sizeof high_bits;
    }
    while (at < end && *at < 0x80)
        at++;
    return at;
}

/* The next four bytes, zeros behind the end: no character of more than one byte has a zero. */
static uint32_t load_character(const uint8_t *at, const uint8_t *end)
{
    uint32_t bytes = 0;
    if (end - at >= 4)
        return mia__load_u32le(at);
    for (int i = 0; i < end - at; i++)
        bytes |= (uint32_t)at[i] << 8 * i;
    return bytes;
}

/* Bytes of the character of two or more bytes that begins these four; 0 if it is malformed. The
 * first byte is the lowest, as in memory. */
static size_t measure_character(uint32_t bytes)
{
    if ((bytes & 0x00c0c0f0) == 0x008080e0) { /* 1110aaaa 10abbbbb 10bbbbbb: a decides */
        uint32_t a = bytes & 0x200f;
        return a != 0 && a != 0x200d ? 3 : 0; /* overlong, a surrogate */
    }
    if ((bytes & 0x0000c0e0) == 0x000080c0) /* 110aaaab 10bbbbbb */
        return (bytes & 0x1e) != 0 ? 2 : 0;
    if ((bytes & 0xc0c0c0f8) == 0x808080f0) { /* 11110aaa 10aabbbb 10bbbbbb 10bbbbbb */
        uint32_t a = (bytes & 7) << 2 | (bytes >> 12 & 3);
        return a >= 1 && a <= 16 ? 4 : 0; /* overlong, beyond U+10FFFF */
    }
    return 0;
}

size_t mia__utf8_prefix(const void *text, size_t size)
{
    const uint8_t *begin = text, *end = begin + size;
    const uint8_t *at = mia__utf8_skip_blocks(skip_ascii_blocks(begin, end), end);
    at = skip_ascii(at, end);
    while (at < end) {
        size_t character = measure_character(load_character(at, end));
        if (character == 0)
            break;
        at += character;
        if (at < end && *at < 0x80)
            at = skip_ascii(at, end);
    }
    return (size_t)(at - begin);
}
