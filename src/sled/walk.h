/*
 * sled/walk.h - the messages of a checked segment, one after the other, up to a limit
 *
 * Source: sled 0.34.7, src/pagecache/iterator.rs. Where the walk stands when it stops matters: the
 * end of the log is computed from it.
 */
#ifndef MIA_SLED_WALK_H
#define MIA_SLED_WALK_H

#include "sled/segments.h"

typedef mia_status (*mia__sled_walk_fn)(void *ctx, int64_t lsn, uint64_t offset,
                                        const struct mia__sled_message *m);

struct mia__sled_walk {
    int64_t cur;   /* LSN where the walk stands; 0 before the first segment */
    int64_t limit; /* inclusive */
    mia__sled_walk_fn
        fn; /* for every message but Caps, manifests and cancelled ones; may be NULL */
    void *ctx;
    mia_status status; /* negative: what fn answered */
};

enum mia__sled_walked {
    MIA__SLED_WALKED,      /* to the end of the segment */
    MIA__SLED_WALK_BROKEN, /* the segment ends in what is no message of it */
    MIA__SLED_WALK_ERROR,  /* sled stops here in any case */
    MIA__SLED_WALK_LIMIT,  /* a message or a batch is beyond the limit */
    MIA__SLED_WALK_STOPPED /* by fn */
};

/* segment: checked by the scan. A segment beyond the limit leaves `cur` as it is. */
enum mia__sled_walked mia__sled_walk(const struct mia__sled_log *log,
                                     const struct mia__sled_segment *segment,
                                     struct mia__sled_walk *walk);

#endif
