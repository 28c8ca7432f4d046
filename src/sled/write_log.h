/*
 * sled/write_log.h - the log of a fresh sled directory: messages into segments, large ones to blobs
 *
 * Source: sled 0.34.7, src/pagecache/{logger,iobuf,constants}.rs. Segment number n lies in slot n,
 * so that an LSN is an offset. A message begins at `segment size - 32` at the latest and never
 * crosses the end of its segment, which is closed with a Cap. A payload that with the largest
 * header would take more than a quarter of a segment goes to a file of its own, blobs/<LSN of the
 * message>.
 */
#ifndef MIA_SLED_WRITE_LOG_H
#define MIA_SLED_WRITE_LOG_H

#include "base/file.h"
#include "sled/write_zip.h"

enum mia__sled_payload { /* the message's kind; its blob's is one more */
                         MIA__SLED_PAYLOAD_COUNTER = 5,
                         MIA__SLED_PAYLOAD_META = 6,
                         MIA__SLED_PAYLOAD_NODE = 8
};

struct mia__sled_log_writer {
    char *blobs; /* directory */
    struct mia__file_writer *db;
    struct mia__sled_zip zip;
    uint32_t segment_size;
    uint8_t *segment; /* the one being filled */
    uint32_t at;      /* where in it the next message goes; 0: it is not begun */
    uint64_t lsn;     /* of the segment */
};

/* Makes `db` and `blobs` in the directory. log is zero before, and closed afterwards whatever the
 * answer is. level: of zstd; 0 is no compression. */
mia_status mia__sled_log_open(struct mia__sled_log_writer *log, const char *directory,
                              uint32_t segment_size, int level, struct mia_error *err);
/* Appends one message, whose payload comes in two parts. */
mia_status mia__sled_log_append(struct mia__sled_log_writer *log, enum mia__sled_payload kind,
                                uint64_t page, mia_slice head, mia_slice tail,
                                struct mia_error *err);
/* Writes the last segment. Nothing is synced. */
mia_status mia__sled_log_finish(struct mia__sled_log_writer *log, struct mia_error *err);
void mia__sled_log_close(struct mia__sled_log_writer *log);

#endif
