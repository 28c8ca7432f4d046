/* model/json_text.h - what in text needs an escape: the same bytes for reader and writer */
#ifndef MIA_MODEL_JSON_TEXT_H
#define MIA_MODEL_JSON_TEXT_H

#include "base/bytes.h"

/* The lowest bit that is set belongs to the first of 8 bytes that is a quote, a backslash or below
 * 0x20; no bit: there is none. A byte's top bit is set if the byte is below 0x20, or equal to the
 * one it is compared with; bytes of 0x80 and more never count. A borrow can only spoil a byte
 * behind one that counts. */
static inline uint64_t mia__json_special(uint64_t bytes)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t control = bytes - ones * 0x20;
    uint64_t quote = (bytes ^ ones * '"') - ones;
    uint64_t backslash = (bytes ^ ones * '\\') - ones;
    return (control | quote | backslash) & ~bytes & ones * 0x80;
}

/* The first byte of at .. end that is a quote, a backslash or below 0x20; end if there is none. */
static inline const char *mia__json_skip_plain(const char *at, const char *end)
{
    for (; end - at >= (int)sizeof(uint64_t); at += sizeof(uint64_t)) {
        uint64_t special = mia__json_special(mia__load_u64le(at));
        if (special != 0)
            return at + __builtin_ctzll(special) / 8;
    }
    /* The zeros behind the last bytes are special, too. */
    return at + __builtin_ctzll(mia__json_special(mia__load_short(at, (size_t)(end - at)))) / 8;
}

#endif
