/*
 * sled/snapshot.h - the file `snap.<stable LSN>`: the page table as it was at that LSN
 *
 * Source: sled 0.34.7, src/pagecache/snapshot.rs. sled writes it while it opens a database.
 * Content: the LSN, the offset of the segment at the log's tip, the states of the pages 0, 1, 2
 * ...; behind it the length of the content before compression, and a CRC-32 of it as stored.
 */
#ifndef MIA_SLED_SNAPSHOT_H
#define MIA_SLED_SNAPSHOT_H

#include "sled/store.h"

/* The greatest name gives the stable LSN; *name is "" if there is no snapshot, *lsn then 0. */
enum { MIA__SLED_SNAPSHOT_NAME = 5 + 16 + 1 };
mia_status mia__sled_snapshot_find(const char *directory, char name[MIA__SLED_SNAPSHOT_NAME],
                                   int64_t *lsn, struct mia_error *err);

struct mia__sled_snapshot_part {
    int64_t lsn;
    uint64_t offset;
    int64_t blob; /* its id; -1: the payload is in the message */
};

struct mia__sled_snapshot_page {
    uint64_t page;
    bool is_free; /* then the one part is the message that freed it */
    size_t count;
    struct mia__sled_snapshot_part parts[UINT8_MAX];
};
typedef mia_status (*mia__sled_snapshot_fn)(void *ctx, const struct mia__sled_snapshot_page *page,
                                            struct mia_error *err);

/* Calls fn for every page in turn. A file that is no snapshot of this LSN is damage. *count (may be
 * NULL) says how many pages it has; UINT64_MAX: that cannot be known. */
mia_status mia__sled_snapshot_each(const struct mia__sled_store *store, const char *name,
                                   int64_t lsn, mia__sled_snapshot_fn fn, void *ctx,
                                   uint64_t *count, struct mia_error *err);

/* Makes the snapshot's table the store's. */
mia_status mia__sled_snapshot_load(struct mia__sled_store *store, const char *name, int64_t lsn,
                                   struct mia_error *err);
/* Compares it with the store's own table, which came from the log alone: two derivations of the
 * same pages. What the log changed after the snapshot is left out. */
mia_status mia__sled_snapshot_compare(const struct mia__sled_store *store, const char *name,
                                      int64_t lsn, struct mia_error *err);

#endif
