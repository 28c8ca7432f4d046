/*
 * sled/salvage_log.h - every message of a damaged log that still has its checksum
 *
 * Unlike recovery (sled/recover.h), which stops where sled stops, this goes on behind what cannot
 * be read: byte by byte to the next intact message of the same segment. A slot whose header is
 * damaged belongs to the segment that its messages name. Batches that were never completed are
 * left out.
 */
#ifndef MIA_SLED_SALVAGE_LOG_H
#define MIA_SLED_SALVAGE_LOG_H

#include "mia/status.h"
#include "sled/store.h"

/* Bytes that could not be read, where the log should have some. lsn: the last that is missing; -1:
 * none is. reason NULL: a whole segment, which sled may have thrown away itself. */
typedef mia_status (*mia__sled_gap_fn)(void *ctx, int64_t lsn, uint64_t offset, uint64_t bytes,
                                       const char *reason);
typedef mia_status (*mia__sled_intact_fn)(void *ctx, int64_t lsn, uint64_t offset,
                                          const struct mia__sled_message *message);

struct mia__sled_salvage_log {
    mia__sled_gap_fn gap;
    mia__sled_intact_fn message; /* in the order of the log */
    void *ctx;
    bool (*stopped)(void *ctx, uint64_t segments_done, uint64_t segments_total);
};

/* Fills store->segments by headers and, where those are damaged, by messages. */
mia_status mia__sled_salvage_segments(struct mia__sled_store *store,
                                      const struct mia__sled_salvage_log *log,
                                      struct mia_error *err);
/* Goes through all of them. *end: the LSN behind the last message. MIA_ERR_CANCELLED. */
mia_status mia__sled_salvage_each(struct mia__sled_store *store,
                                  const struct mia__sled_salvage_log *log, int64_t *end,
                                  struct mia_error *err);

/* What `conf` should have said, from the log itself. False: there is no segment in it. */
bool mia__sled_salvage_conf(const struct mia__map *map, struct mia__sled_conf *conf);

#endif
