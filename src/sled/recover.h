/*
 * sled/recover.h - the page table from the log, exactly as sled would recover it
 *
 *   1  the segments are listed; the snapshot's name says which part of the log is stable
 *   2  the end of the log is found in its unstable part (sled/tail.h)
 *   3  everything up to there is replayed in order; from the snapshot's table instead, only what
 *      came after it
 *   4  what sled would pass over without a word is looked for: damage
 *
 * sled itself passes over damage in the middle of the log, which can show an older state of a page.
 */
#ifndef MIA_SLED_RECOVER_H
#define MIA_SLED_RECOVER_H

#include "mia/status.h"
#include "sled/store.h"

struct mia__sled_recovery {
    bool from_snapshot; /* the table of the snapshot is the beginning, if there is one */
    bool accept_torn;   /* intact messages behind the end of the log are no damage */
    unsigned threads;   /* 0: one per processor */
    mia_progress_fn progress;
    void *progress_ctx;

    int64_t stable_lsn;     /* of the snapshot; 0 without one */
    uint64_t lost_messages; /* intact ones behind the end of the log, if that was accepted */
    uint64_t lost_segments;
};

/* store: all but the segments and the pages is there. Fills these two. */
mia_status mia__sled_recover(struct mia__sled_store *store, struct mia__sled_recovery *recovery,
                             struct mia_error *err);

#endif
