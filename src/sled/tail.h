/*
 * sled/tail.h - where the log ends by sled's rule, and what lies behind that
 *
 * sled takes the first message that it cannot read in the unstable end of its log for the end: what
 * a crash tore. If that message was damaged instead, everything behind it goes too, without a word.
 *
 * Source: sled 0.34.7, src/pagecache/{snapshot,iterator}.rs.
 */
#ifndef MIA_SLED_TAIL_H
#define MIA_SLED_TAIL_H

#include "sled/scan.h"

struct mia__sled_tail {
    int64_t end;      /* the last LSN that counts; -1: none does */
    bool is_torn;     /* there are intact messages behind it */
    uint64_t torn_at; /* offset in the file `db` where sled stops */
    uint64_t
        lost_messages; /* intact ones behind it; those that such a tear hides are not counted */
    uint64_t lost_segments; /* segments with such messages, the one with the tear included */
};

/* Finds the end of the log. floor: LSN of the segment in which the snapshot's LSN lies. Checks the
 * segments of the tail. */
void mia__sled_tail_find(const struct mia__sled_scan_job *job,
                         const struct mia__sled_segments *segments, int64_t floor,
                         struct mia__sled_tail *out);

/* Intact messages in the slot from `at` on, wherever they begin, of segments with these numbers.
 * Caps and cancelled ones do not count. */
uint64_t mia__sled_count_messages(const struct mia__sled_log *log, uint64_t offset, uint32_t at,
                                  uint64_t first_number, uint64_t last_number);

#endif
