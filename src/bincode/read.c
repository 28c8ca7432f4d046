/* bincode/read.c - bincode 2.0.1 `standard()`: src/varint/decode_unsigned.rs, decode_signed.rs */
#include "bincode/read.h"

#include "base/bytes.h"

#include <inttypes.h>
#include <stdio.h>

uint64_t mia__bincode_read_varint(struct mia__parse *p, uint8_t widest)
{
    const uint8_t *marker = mia__parse_take(p, 1, MIA__BINCODE_TRUNCATED);
    if (marker == NULL)
        return 0;
    if (*marker <= MIA__BINCODE_SINGLE_MAX)
        return *marker;
    if (*marker > widest) {
        mia__parse_refuse(p, marker, MIA__BINCODE_BAD_VARINT, *marker);
        return 0;
    }
    size_t width = (size_t)2 << (*marker - MIA__BINCODE_MARKER_U16);
    const uint8_t *number = mia__parse_take(p, width, MIA__BINCODE_TRUNCATED);
    if (number == NULL)
        return 0;
    return width == 2   ? mia__load_u16le(number)
           : width == 4 ? mia__load_u32le(number)
                        : mia__load_u64le(number);
}

int64_t mia__bincode_read_i64(struct mia__parse *p)
{
    /* Zigzag without overflow: half of it fits, and ~n is -n - 1. */
    uint64_t n = mia__bincode_read_u64(p);
    int64_t half = (int64_t)(n >> 1);
    return n & 1 ? ~half : half;
}

uint32_t mia__bincode_read_tag(struct mia__parse *p, uint32_t variants)
{
    const uint8_t *place = p->at;
    uint64_t tag = mia__bincode_read_varint(p, MIA__BINCODE_MARKER_U32);
    if (tag >= variants)
        mia__parse_refuse(p, place, MIA__BINCODE_BAD_TAG, tag);
    return p->fault == 0 ? (uint32_t)tag : 0;
}

mia_str mia__bincode_read_any_bytes(struct mia__parse *p)
{
    mia_str text = {NULL, 0};
    const uint8_t *place = p->at;
    size_t size = mia__parse_count(p, place, mia__bincode_read_u64(p), 1, MIA__BINCODE_TOO_LARGE);
    text.data = (const char *)mia__parse_take(p, size, MIA__BINCODE_TRUNCATED);
    text.size = text.data != NULL ? size : 0;
    return text;
}

size_t mia__bincode_read_count(struct mia__parse *p)
{
    const uint8_t *place = p->at;
    return mia__parse_count(p, place, mia__bincode_read_u64(p), 1, MIA__BINCODE_TOO_LARGE);
}

mia_floats mia__bincode_read_floats(struct mia__parse *p)
{
    const uint8_t *place = p->at;
    size_t count =
        mia__parse_count(p, place, mia__bincode_read_u64(p), sizeof(float), MIA__BINCODE_TOO_MANY);
    mia_floats floats = {mia__parse_take(p, count * sizeof(float), MIA__BINCODE_TRUNCATED), count};
    return floats;
}

void mia__bincode_print_fault(const struct mia__parse *p, char *out, size_t size)
{
    size_t left = mia__parse_left(p);
    switch ((enum mia__bincode_fault)p->fault) {
    case MIA__BINCODE_TRUNCATED:
        snprintf(out, size, "truncated: %" PRIu64 " bytes wanted, %zu left", p->found, left);
        break;
    case MIA__BINCODE_BAD_VARINT:
        snprintf(out, size, "no number of its type begins with 0x%02" PRIx64, p->found);
        break;
    case MIA__BINCODE_BAD_TAG:
        snprintf(out, size, "there is no variant %" PRIu64, p->found);
        break;
    case MIA__BINCODE_BAD_OPTION:
        snprintf(out, size, "option byte 0x%02" PRIx64 " is neither 0 nor 1", p->found);
        break;
    case MIA__BINCODE_BAD_UTF8:
        snprintf(out, size, "text of %" PRIu64 " bytes is not UTF-8", p->found);
        break;
    case MIA__BINCODE_TOO_LARGE:
        snprintf(out, size, "length %" PRIu64 " is larger than the %zu bytes left", p->found, left);
        break;
    case MIA__BINCODE_TOO_MANY:
        snprintf(out, size, "vector of %" PRIu64 " floats is larger than the %zu bytes left",
                 p->found, left);
        break;
    case MIA__BINCODE_NO_MEMORY:
        snprintf(out, size, "no memory for %" PRIu64 " bytes", p->found);
        break;
    }
}
