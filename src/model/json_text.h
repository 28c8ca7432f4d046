/* model/json_text.h - what in text needs an escape: the same bytes for reader and writer */
#ifndef MIA_MODEL_JSON_TEXT_H
#define MIA_MODEL_JSON_TEXT_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static inline bool mia__json_is_plain(char c)
{
    return c != '"' && c != '\\' && (uint8_t)c >= 0x20;
}

/* The first byte of at .. end that is a quote, a backslash or below 0x20; end if there is none. */
static inline const char *mia__json_skip_plain(const char *at, const char *end)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    while (end - at >= (int)sizeof ones) {
        uint64_t w;
        memcpy(&w, at, sizeof w);
        /* The top bit of a byte is set if the byte is below 0x20, or equal to the one it is
         * compared with; bytes of 0x80 and more never count. A borrow can only spoil a byte
         * behind one that counts, so the question "any?" is answered exactly. */
        uint64_t control = w - ones * 0x20;
        uint64_t quote = (w ^ ones * '"') - ones;
        uint64_t backslash = (w ^ ones * '\\') - ones;
        if ((control | quote | backslash) & ~w & ones * 0x80)
            break;
        at += sizeof w;
    }
    while (at < end && mia__json_is_plain(*at))
        at++;
    return at;
}

#endif
