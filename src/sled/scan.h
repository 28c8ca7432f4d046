/*
 * sled/scan.h - checks every message of the log, several segments at once
 *
 * Threads go through the segments in the order of the log, a bounded way ahead of the one who waits
 * for them; what a thread has checked is still in memory when the waiting thread goes over it. Each
 * segment gets its `stop` and `ending`.
 */
#ifndef MIA_SLED_SCAN_H
#define MIA_SLED_SCAN_H

#include "sled/blob.h"
#include "sled/segments.h"

struct mia__sled_scan_job {
    const struct mia__sled_log *log;
    const struct mia__sled_blobs *blobs;
    struct mia__sled_segment *segments;
    size_t count;
    int64_t blobs_from; /* blobs of messages from this LSN on are checked too */
    unsigned threads;   /* 0: one per processor, at most 8 */
};

/* Checks one segment at once. */
void mia__sled_scan_segment(const struct mia__sled_scan_job *job,
                            struct mia__sled_segment *segment);

/* A scan under way; it borrows what the job points to until it is closed. */
struct mia__sled_scan;
mia_status mia__sled_scan_open(const struct mia__sled_scan_job *job, struct mia__sled_scan **scan,
                               struct mia_error *err);
/* Waits until the segment is checked. Called for every index in turn: it also says that all before
 * are done with. */
void mia__sled_scan_wait(struct mia__sled_scan *scan, size_t index);
void mia__sled_scan_close(struct mia__sled_scan *scan); /* at any time; NULL is fine */

#endif
