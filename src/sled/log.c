/* sled/log.c - segments and messages */
#include "sled/log.h"

#include "base/bytes.h"
#include "sled/varint.h"

#include <libdeflate.h>

enum { CRC_SIZE = 4 };

static uint32_t checksum(const uint8_t *first, size_t first_size, const uint8_t *second,
                         size_t second_size)
{
    uint32_t crc = libdeflate_crc32(0, first, first_size);
    return libdeflate_crc32(crc, second, second_size) ^ UINT32_MAX;
}

void mia__sled_log_begin(struct mia__sled_log *log, const struct mia__map *map,
                         uint32_t segment_size)
{
    memset(log, 0, sizeof *log);
    log->bytes = map->bytes;
    log->size = map->size;
    log->segment_size = segment_size;
    log->end_offset = map->size > MIA__SLED_WINDOW ? map->size - MIA__SLED_WINDOW : 0;
    if (map->size > 0)
        memcpy(log->end, map->bytes + log->end_offset, (size_t)(map->size - log->end_offset));
}

uint64_t mia__sled_slots(const struct mia__sled_log *log)
{
    return log->size / log->segment_size +
           (log->size % log->segment_size >= MIA__SLED_SEGMENT_HEADER);
}

bool mia__sled_header_read(const struct mia__sled_log *log, uint64_t offset,
                           struct mia__sled_header *out)
{
    if (offset > log->size || log->size - offset < MIA__SLED_SEGMENT_HEADER)
        return false;
    const uint8_t *at = log->bytes + offset;
    uint32_t crc = checksum(at + CRC_SIZE, MIA__SLED_SEGMENT_HEADER - CRC_SIZE, at, 0);
    if (mia__load_u32le(at) != crc)
        return false;
    out->lsn = (int64_t)(mia__load_u64le(at + 4) ^ INT64_MAX);
    out->max_stable_lsn = (int64_t)(mia__load_u64le(at + 12) ^ INT64_MAX);
    return out->lsn >= 0 && out->lsn <= INT64_MAX / 2 &&
           (uint64_t)out->lsn % log->segment_size == 0;
}

/* relaxed: only a rough count, which orders nothing */
void mia__sled_log_touch(struct mia__sled_log *log, uint64_t bytes)
{
    struct mia__map map = {log->bytes, log->size};
    uint64_t mapped = atomic_fetch_add_explicit(&log->mapped, bytes, memory_order_relaxed);
    if (mapped + bytes < MIA__SLED_MAPPED)
        return;
    atomic_store_explicit(&log->mapped, 0, memory_order_relaxed);
    mia__file_forget(&map);
}

/* MIA__SLED_WINDOW bytes from an offset within the file; those behind its end are zero. */
static const uint8_t *window(const struct mia__sled_log *log, uint64_t offset)
{
    return offset <= log->end_offset && log->size >= MIA__SLED_WINDOW
               ? log->bytes + offset
               : log->end + (offset - log->end_offset);
}

/* The longest header is shorter than the window, so nothing here has to look for its end. */
static void parse(const uint8_t *begin, uint64_t *body_size, struct mia__sled_message *out)
{
    const uint8_t *at = begin + CRC_SIZE;
    out->kind = *at++;
    *body_size = mia__sled_varint_load(at);
    at += mia__sled_varint_size(*at);
    out->segment_number = mia__sled_varint_load(at);
    at += mia__sled_varint_size(*at);
    out->page = mia__sled_varint_load(at);
    at += mia__sled_varint_size(*at);
    out->body = at;
    out->header_size = (uint32_t)(at - begin);
    out->body_size = (uint32_t)*body_size;
}

enum mia__sled_answer mia__sled_message_read(const struct mia__sled_log *log, uint64_t offset,
                                             uint64_t number, uint32_t at,
                                             struct mia__sled_message *out)
{
    uint64_t left = log->size - offset, body_size;
    if (left <= at)
        return MIA__SLED_BROKEN;
    const uint8_t *begin = window(log, offset + at);
    parse(begin, &body_size, out);
    if (body_size > log->segment_size - at - out->header_size)
        return MIA__SLED_BROKEN;
    if (out->kind == MIA__SLED_CORRUPTED || out->kind >= MIA__SLED_KINDS)
        return MIA__SLED_BROKEN;
    if (body_size > MIA__SLED_WINDOW - out->header_size && at + out->header_size + body_size > left)
        return MIA__SLED_FAILED;
    uint32_t crc =
        checksum(out->body, out->body_size, begin + CRC_SIZE, out->header_size - CRC_SIZE);
    return mia__load_u32le(begin) == crc && out->segment_number == number ? MIA__SLED_READ
                                                                          : MIA__SLED_BROKEN;
}

void mia__sled_message_again(const struct mia__sled_log *log, uint64_t offset, uint32_t at,
                             struct mia__sled_message *out)
{
    uint64_t body_size;
    parse(window(log, offset + at), &body_size, out);
}
