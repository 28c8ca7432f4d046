/* model/utf8.c - well-formed UTF-8 by table 3-7 of the Unicode standard */
#include "model/utf8.h"

#include "base/bytes.h"
#include "model/schema.h"

static const uint64_t high_bits = UINT64_C(0x8080808080808080);

static bool is_within(uint8_t byte, uint8_t first, uint8_t last)
{
    return byte >= first && byte <= last;
}

/* Bytes of the character of two or more bytes at `at`; 0 if it is malformed or cut off. The second
 * byte decides about overlong forms, surrogates and what lies beyond U+10FFFF. */
static size_t measure_character(const uint8_t *at, size_t left)
{
    uint8_t lead = at[0];
    size_t size = is_within(lead, 0xc2, 0xdf)   ? 2
                  : is_within(lead, 0xe0, 0xef) ? 3
                  : is_within(lead, 0xf0, 0xf4) ? 4
                                                : 0;
    if (size == 0 || size > left)
        return 0;
    uint8_t first = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    uint8_t last = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (!is_within(at[1], first, last))
        return 0;
    for (size_t i = 2; i < size; i++)
        if (!is_within(at[i], 0x80, 0xbf))
            return 0;
    return size;
}

size_t mia__utf8_prefix(const void *text, size_t size)
{
    const uint8_t *bytes = text;
    size_t done = 0;
    while (done < size) {
        if (size - done >= sizeof high_bits) { /* ASCII is skipped eight bytes at a time */
            uint64_t high = mia__load_u64le(bytes + done) & high_bits;
            if (high == 0) {
                done += sizeof high;
                continue;
            }
            done += (size_t)__builtin_ctzll(high) / 8;
        }
        size_t character = bytes[done] < 0x80 ? 1 : measure_character(bytes + done, size - done);
        if (character == 0)
            break;
        done += character;
    }
    return done;
}

bool mia__utf8_is_valid(const void *text, size_t size)
{
    return mia__utf8_prefix(text, size) == size;
}
