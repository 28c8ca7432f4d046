/* sled/log.c - segments and messages */
#include "sled/log.h"

#include "base/bytes.h"

#include <zlib.h>

enum { CRC_SIZE = 4, VARINT_MOST = 9 };

static uint32_t checksum(const uint8_t *first, size_t first_size, const uint8_t *second,
                         size_t second_size)
{
    uLong crc = crc32_z(0, first, first_size);
    return (uint32_t)crc32_z(crc, second, second_size) ^ UINT32_MAX;
}

bool mia__sled_segment(const struct mia__sled_log *log, uint64_t offset,
                       struct mia__sled_segment *out)
{
    if (offset > log->size || log->size - offset < MIA__SLED_SEGMENT_HEADER)
        return false;
    const uint8_t *at = log->bytes + offset;
    if (mia__load_u32le(at) != checksum(at + CRC_SIZE, MIA__SLED_SEGMENT_HEADER - CRC_SIZE, at, 0))
        return false;
    out->lsn = (int64_t)(mia__load_u64le(at + 4) ^ INT64_MAX);
    out->max_stable_lsn = (int64_t)(mia__load_u64le(at + 12) ^ INT64_MAX);
    out->offset = offset;
    return out->lsn >= 0 && out->lsn <= INT64_MAX / 2 &&
           (uint64_t)out->lsn % log->segment_size == 0;
}

/* sled's own varint (not LEB128). *at moves on; false: it does not end before `end`. */
static bool varint(const uint8_t **at, const uint8_t *end, uint64_t *value)
{
    if (*at == end)
        return false;
    const uint8_t *b = *at;
    size_t size = b[0] <= 240 ? 1 : b[0] <= 248 ? 2 : b[0] == 249 ? 3 : b[0] - 246u;
    if (size > (size_t)(end - b))
        return false;
    *at += size;
    if (size == 1) {
        *value = b[0];
    } else if (size == 2) {
        *value = 240 + 256 * (uint64_t)(b[0] - 241) + b[1];
    } else if (b[0] == 249) {
        *value = 2288 + 256 * (uint64_t)b[1] + b[2];
    } else {
        *value = 0;
        for (size_t i = 1; i < size; i++)
            *value |= (uint64_t)b[i] << 8 * (i - 1);
    }
    return true;
}

static bool parse(const uint8_t *at, const uint8_t *end, uint64_t number,
                  struct mia__sled_message *out)
{
    const uint8_t *begin = at;
    uint64_t length, segment, page;
    if ((size_t)(end - at) < CRC_SIZE + 1)
        return false;
    out->kind = at[CRC_SIZE];
    at += CRC_SIZE + 1;
    if (out->kind == MIA__SLED_CORRUPTED || out->kind >= MIA__SLED_KINDS)
        return false;
    if (!varint(&at, end, &length) || !varint(&at, end, &segment) || !varint(&at, end, &page))
        return false;
    if (segment != number || length > (uint64_t)(end - at))
        return false;
    out->header_size = (uint32_t)(at - begin);
    out->body_size = (uint32_t)length;
    out->body = at;
    return true;
}

bool mia__sled_message(const struct mia__sled_log *log, const struct mia__sled_segment *segment,
                       uint32_t at, struct mia__sled_message *out)
{
    uint64_t left = log->size - segment->offset;
    uint32_t size = left < log->segment_size ? (uint32_t)left : log->segment_size;
    if (at >= size)
        return false;
    const uint8_t *begin = log->bytes + segment->offset + at;
    uint64_t number = (uint64_t)segment->lsn / log->segment_size;
    if (!parse(begin, log->bytes + segment->offset + size, number, out))
        return false;
    return mia__load_u32le(begin) ==
           checksum(out->body, out->body_size, begin + CRC_SIZE, out->header_size - CRC_SIZE);
}
