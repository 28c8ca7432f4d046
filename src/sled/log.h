/*
 * sled/log.h - the log of a sled 0.34 database: segments and messages, as they lie in its file `db`
 *
 * Source: sled 0.34.7, src/pagecache/{logger,iterator,segment,constants}.rs. The log is one row of
 * messages, addressed by LSN (a count of bytes). It is cut into segments of one size; segment
 * number n holds the LSNs n * size .. (n + 1) * size - 1 and lies in any slot of the file. All
 * integers are little-endian; checksums are CRC-32 (as in zlib), inverted.
 *
 * Slot header, 20 bytes: crc u32 of the rest; LSN i64 and max_stable_lsn i64, both xor INT64_MAX.
 * Message: crc u32 of the body, then of the header behind the crc; kind u8; varint length of the
 * body; varint segment number; varint page id; body.
 */
#ifndef MIA_SLED_LOG_H
#define MIA_SLED_LOG_H

#include "base/file.h"

#include <stdatomic.h>

enum {
    MIA__SLED_SEGMENT_HEADER = 20,
    MIA__SLED_MESSAGE_HEADER = 32, /* at most; none begins in a segment's last 31 bytes */
    MIA__SLED_MESSAGE_LEAST = 8,
    MIA__SLED_WINDOW = 128 /* sled reads so many bytes first; behind the file's end they are zero */
};

enum mia__sled_kind {
    MIA__SLED_CORRUPTED = 0,
    MIA__SLED_CANCELED = 1,
    MIA__SLED_CAP = 2,      /* nothing more in this segment */
    MIA__SLED_MANIFEST = 3, /* i64: LSN of the last byte of the batch that follows */
    MIA__SLED_FREE = 4,
    MIA__SLED_COUNTER = 5,
    MIA__SLED_META = 6,
    MIA__SLED_META_BLOB = 7, /* i64: id of the blob with the payload; so the other two */
    MIA__SLED_NODE = 8,
    MIA__SLED_NODE_BLOB = 9,
    MIA__SLED_LINK = 10,
    MIA__SLED_LINK_BLOB = 11,
    MIA__SLED_KINDS = 12
};

/* The file `db`. Its last bytes are kept a second time, with zeros behind them. */
struct mia__sled_log {
    const uint8_t *bytes;
    uint64_t size;
    uint32_t segment_size;
    uint64_t end_offset; /* where `end` begins in the file */
    uint8_t end[2 * MIA__SLED_WINDOW];
    atomic_uint_fast64_t mapped; /* announced since bytes were forgotten */
};

/* Mapped bytes that were looked at count as memory of the process until they are forgotten, which
 * is done each time when about MIA__SLED_MAPPED of them were announced here. Any thread. */
enum { MIA__SLED_MAPPED = 256 << 20, MIA__SLED_FAULT_AROUND = 256 << 10 };
void mia__sled_log_touch(struct mia__sled_log *log, uint64_t bytes);

void mia__sled_log_begin(struct mia__sled_log *log, const struct mia__map *map,
                         uint32_t segment_size);

/* Slots that can hold a segment's header. */
uint64_t mia__sled_slots(const struct mia__sled_log *log);

/* The header of the slot at offset, a multiple of the segment size. False: the slot is not in use.
 */
struct mia__sled_header {
    int64_t lsn, max_stable_lsn;
};
bool mia__sled_header_read(const struct mia__sled_log *log, uint64_t offset,
                           struct mia__sled_header *out);

struct mia__sled_message {
    uint8_t kind;
    uint32_t header_size, body_size;
    uint64_t segment_number, page;
    const uint8_t *body;
};

static inline bool mia__sled_is_blob(uint8_t kind)
{
    return kind == MIA__SLED_META_BLOB || kind == MIA__SLED_NODE_BLOB ||
           kind == MIA__SLED_LINK_BLOB;
}

static inline uint32_t mia__sled_message_size(const struct mia__sled_message *m)
{
    return m->header_size + m->body_size;
}

enum mia__sled_answer {
    MIA__SLED_READ,
    MIA__SLED_BROKEN, /* sled: Corrupted, which may be the end of what was written */
    MIA__SLED_FAILED  /* sled: an error, the file ends within the message */
};

/* The message at `at` bytes into the slot at offset; at <= segment size - MIA__SLED_MESSAGE_HEADER.
 * It is read if its checksum is right and it belongs to the segment of this number. */
enum mia__sled_answer mia__sled_message_read(const struct mia__sled_log *log, uint64_t offset,
                                             uint64_t number, uint32_t at,
                                             struct mia__sled_message *out);
/* The same message once more, after mia__sled_message_read has answered MIA__SLED_READ. */
void mia__sled_message_again(const struct mia__sled_log *log, uint64_t offset, uint32_t at,
                             struct mia__sled_message *out);

#endif
