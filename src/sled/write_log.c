/* sled/write_log.c - segments, messages, blobs */
#include "sled/write_log.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/try.h"
#include "sled/write_varint.h"

#include <inttypes.h>
#include <libdeflate.h>

enum {
    SEGMENT_HEADER = 20,
    HEADER_MOST = 32, /* of a message; none begins where fewer bytes are left */
    CRC = 4,
    KIND_CAP = 2,
    BLOB_ID = 8,
    ITEMS_A_SEGMENT = 4 /* at least: that makes a payload large */
};

static const uint64_t cap_page = UINT64_MAX;
static const mia_slice none = {NULL, 0};

static uint32_t crc_of(uint32_t crc, mia_slice bytes)
{
    return bytes.size == 0 ? crc : libdeflate_crc32(crc, bytes.data, bytes.size);
}

mia_status mia__sled_log_open(struct mia__sled_log_writer *log, const char *directory,
                              uint32_t segment_size, int level, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    char *db = mia__path_join(directory, "db");
    log->segment_size = segment_size;
    log->blobs = mia__path_join(directory, "blobs");
    log->segment = mia__alloc(segment_size);
    if (db == NULL || log->blobs == NULL || log->segment == NULL) {
        rc = mia__fail_nomem(err);
        goto done;
    }
    if (level != 0)
        TRY(mia__sled_zip_open(&log->zip, level, err));
    TRY(mia__dir_create(log->blobs, err));
    TRY(mia__file_create(db, &log->db, err));
done:
    mia__free(db);
    return rc;
}

void mia__sled_log_close(struct mia__sled_log_writer *log)
{
    mia__file_abandon(log->db);
    mia__sled_zip_close(&log->zip);
    mia__free(log->segment);
    mia__free(log->blobs);
    memset(log, 0, sizeof *log);
}

/* Everything below a segment is durable when it begins, says max_stable_lsn: sled then looks for a
 * tear in the last segments only. That nothing is torn, finish and its sync see to. */
static void begin_segment(struct mia__sled_log_writer *log)
{
    uint8_t *at = log->segment;
    int64_t lsn = (int64_t)log->lsn;
    mia__store_u64le(at + 4, (uint64_t)(lsn ^ INT64_MAX));
    mia__store_u64le(at + 12, (uint64_t)((lsn - 1) ^ INT64_MAX));
    mia_slice covered = {at + CRC, SEGMENT_HEADER - CRC};
    mia__store_u32le(at, crc_of(0, covered) ^ UINT32_MAX);
    log->at = SEGMENT_HEADER;
}

/* The header of a message for the segment being filled, the checksum still open. */
static size_t make_header(const struct mia__sled_log_writer *log, uint8_t header[HEADER_MOST],
                          unsigned kind, uint64_t body_size, uint64_t page)
{
    uint8_t *at = header + CRC;
    *at++ = (uint8_t)kind;
    at += mia__sled_put_varint(at, body_size);
    at += mia__sled_put_varint(at, log->lsn / log->segment_size);
    at += mia__sled_put_varint(at, page);
    return (size_t)(at - header);
}

/* The checksum is that of the body, then of the header behind the checksum. */
static void seal_header(uint8_t *header, size_t header_size, mia_slice head, mia_slice tail)
{
    mia_slice covered = {header + CRC, header_size - CRC};
    uint32_t crc = crc_of(crc_of(crc_of(0, head), tail), covered);
    mia__store_u32le(header, crc ^ UINT32_MAX);
}

/* Puts a message that fits at log->at. */
static void put_message(struct mia__sled_log_writer *log, uint8_t *header, size_t header_size,
                        mia_slice head, mia_slice tail)
{
    uint8_t *at = log->segment + log->at;
    seal_header(header, header_size, head, tail);
    memcpy(at, header, header_size);
    at += header_size;
    if (head.size > 0)
        memcpy(at, head.data, head.size);
    if (tail.size > 0)
        memcpy(at + head.size, tail.data, tail.size);
    log->at += (uint32_t)(header_size + head.size + tail.size);
}

static mia_status close_segment(struct mia__sled_log_writer *log, struct mia_error *err)
{
    uint32_t unused = log->segment_size - log->at;
    memset(log->segment + log->at, 0, unused);
    if (unused >= HEADER_MOST) {
        uint8_t header[HEADER_MOST];
        uint32_t body_size = unused - HEADER_MOST;
        size_t header_size = make_header(log, header, KIND_CAP, body_size, cap_page);
        seal_header(header, header_size, (mia_slice){log->segment + log->at, body_size}, none);
        memcpy(log->segment + log->at, header, header_size);
    }
    mia_status rc = mia__file_append(log->db, log->segment, log->segment_size, err);
    log->lsn += log->segment_size;
    log->at = 0;
    return rc;
}

/* Room for a message with such a body, in the next segment if need be. */
static mia_status make_room(struct mia__sled_log_writer *log, unsigned kind, uint64_t body_size,
                            uint64_t page, uint8_t header[HEADER_MOST], size_t *header_size,
                            struct mia_error *err)
{
    mia_status rc = MIA_OK;
    if (log->at == 0)
        begin_segment(log);
    *header_size = make_header(log, header, kind, body_size, page);
    uint32_t left = log->segment_size - log->at;
    if (left >= HEADER_MOST && *header_size + body_size <= left)
        goto done;
    TRY(close_segment(log, err));
    begin_segment(log);
    *header_size = make_header(log, header, kind, body_size, page);
done:
    return rc;
}

/* u32 checksum of what follows, u8 kind, payload. */
static mia_status write_blob(const struct mia__sled_log_writer *log, uint64_t id, unsigned kind,
                             mia_slice head, mia_slice tail, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    struct mia__file_writer *file = NULL;
    uint8_t begin[CRC + 1];
    begin[CRC] = (uint8_t)kind;
    mia_slice covered = {begin + CRC, 1};
    mia__store_u32le(begin, crc_of(crc_of(crc_of(0, covered), head), tail));
    char *path = mia__format("%s/%" PRIu64, log->blobs, id);
    if (path == NULL)
        return mia__fail_nomem(err);
    TRY(mia__file_create(path, &file, err));
    TRY(mia__file_append(file, begin, sizeof begin, err));
    TRY(mia__file_append(file, head.data, head.size, err));
    TRY(mia__file_append(file, tail.data, tail.size, err));
    rc = mia__file_close(file, err);
    file = NULL;
done:
    mia__file_abandon(file);
    mia__free(path);
    return rc;
}

mia_status mia__sled_log_append(struct mia__sled_log_writer *log, enum mia__sled_payload kind,
                                uint64_t page, mia_slice head, mia_slice tail,
                                struct mia_error *err)
{
    mia_status rc = MIA_OK;
    uint8_t header[HEADER_MOST], id[BLOB_ID];
    size_t header_size;
    if (log->zip.zstd != NULL) {
        TRY(mia__sled_zip_payload(&log->zip, head, tail, &head, err));
        tail = none;
    }
    uint64_t size = (uint64_t)head.size + tail.size;
    uint64_t inline_most = log->segment_size / ITEMS_A_SEGMENT - SEGMENT_HEADER;
    bool is_large = HEADER_MOST + size > inline_most;
    if (!is_large || kind == MIA__SLED_PAYLOAD_COUNTER) { /* there is no blob of a counter */
        TRY(make_room(log, kind, size, page, header, &header_size, err));
        put_message(log, header, header_size, head, tail);
        goto done;
    }
    unsigned blob_kind = kind + 1u;
    TRY(make_room(log, blob_kind, sizeof id, page, header, &header_size, err));
    TRY(write_blob(log, log->lsn + log->at, blob_kind, head, tail, err));
    mia__store_u64le(id, log->lsn + log->at);
    put_message(log, header, header_size, (mia_slice){id, sizeof id}, none);
done:
    return rc;
}

mia_status mia__sled_log_finish(struct mia__sled_log_writer *log, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    if (log->segment_size - log->at < HEADER_MOST)
        TRY(close_segment(log, err)); /* as full as any other */
    else
        TRY(mia__file_append(log->db, log->segment, log->at, err));
    rc = mia__file_close(log->db, err);
    log->db = NULL;
done:
    return rc;
}
