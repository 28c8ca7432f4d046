/*
 * sled/segments.h - which segments the file has, in the order of the log
 *
 * A slot of the file is used again when all in it is out of date, so a segment lies anywhere; its
 * header says which it is. 32 bytes of memory a segment.
 */
#ifndef MIA_SLED_SEGMENTS_H
#define MIA_SLED_SEGMENTS_H

#include "sled/damage.h"
#include "sled/log.h"

/* How the row of messages in a segment ends. */
enum mia__sled_ending {
    MIA__SLED_UNCHECKED,
    MIA__SLED_FULL,        /* too little room for another message */
    MIA__SLED_CAPPED,      /* a Cap */
    MIA__SLED_ENDS_BROKEN, /* MIA__SLED_BROKEN: the tip of the log ends so, and damage */
    MIA__SLED_ENDS_FAILED, /* MIA__SLED_FAILED */
    MIA__SLED_ENDS_BLOB    /* a message whose blob is damaged: an error for sled too */
};

struct mia__sled_segment {
    int64_t lsn, max_stable_lsn;
    uint64_t offset; /* of its slot */
    uint32_t stop;   /* where the row of messages ends, from the slot's begin; set by the scan */
    enum mia__sled_ending ending;
};

struct mia__sled_segments {
    struct mia__sled_segment *items; /* by LSN */
    size_t count;
};

/* Finds the segments. Two of one LSN are damage; a listener that goes on keeps the first in the
 * file. Free with mia__sled_segments_free, also after a failure. */
mia_status mia__sled_segments_list(struct mia__sled_log *log, const struct mia__sled_judge *judge,
                                   struct mia__sled_segments *out, struct mia_error *err);
void mia__sled_segments_free(struct mia__sled_segments *segments);
/* The first segment whose LSN is at least this; the count if there is none. */
size_t mia__sled_segments_find(const struct mia__sled_segments *segments, int64_t lsn);

#endif
