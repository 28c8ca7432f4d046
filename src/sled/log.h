/*
 * sled/log.h - the log of a sled 0.34 database: segments and messages, as they lie in its file `db`
 *
 * Source: sled 0.34.7, src/pagecache/{logger,iterator,segment,constants}.rs. The log is one row of
 * messages, addressed by LSN (a count of bytes). It is cut into segments of one size; segment
 * number n holds the LSNs n * size .. (n + 1) * size - 1 and lies in any slot of the file. All
 * integers are little-endian; checksums are CRC-32 (zlib's), inverted.
 *
 * Slot header, 20 bytes: crc u32 of the rest; LSN i64 and max_stable_lsn i64, both xor INT64_MAX.
 * Message: crc u32 of the body, then of the header behind the crc; kind u8; varint length of the
 * body; varint segment number; varint page id; body.
 */
#ifndef MIA_SLED_LOG_H
#define MIA_SLED_LOG_H

#include "mia/status.h"

enum {
    MIA__SLED_SEGMENT_HEADER = 20,
    MIA__SLED_MESSAGE_HEADER = 32, /* at most; none begins in a segment's last 31 bytes */
    MIA__SLED_SEGMENT_MIN = 256,
    MIA__SLED_SEGMENT_MAX = 16 << 20
};

enum mia__sled_kind {
    MIA__SLED_CORRUPTED = 0,
    MIA__SLED_CANCELED = 1,
    MIA__SLED_CAP = 2, /* nothing more in this segment */
    MIA__SLED_KINDS = 12
};

/* The file `db`, mapped or read; segment_size from `conf`. */
struct mia__sled_log {
    const uint8_t *bytes;
    uint64_t size;
    uint32_t segment_size;
};

struct mia__sled_segment {
    int64_t lsn, max_stable_lsn;
    uint64_t offset; /* of its slot */
};

/* The header of the slot at offset, a multiple of the segment size. False: the slot is not in use.
 */
bool mia__sled_segment(const struct mia__sled_log *log, uint64_t offset,
                       struct mia__sled_segment *out);

struct mia__sled_message {
    uint8_t kind;
    uint32_t header_size, body_size;
    const uint8_t *body;
};

/* The message at `at` bytes into a segment. False: what is there is no message of this segment
 * whose checksum is right (damage, the end of what was written, or a left-over of the slot's
 * earlier use). */
bool mia__sled_message(const struct mia__sled_log *log, const struct mia__sled_segment *segment,
                       uint32_t at, struct mia__sled_message *out);

#endif
