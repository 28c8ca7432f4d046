/*
 * sled/tail.h - is there intact data behind the place where sled stops reading its log?
 *
 * sled takes the first message that it cannot read in the unstable end of its log for the end: what
 * a crash tore. If that message was damaged instead, everything behind it goes too, without a word.
 * Here the end is found by sled's own rule, and then it is looked whether messages with right
 * checksums follow.
 */
#ifndef MIA_SLED_TAIL_H
#define MIA_SLED_TAIL_H

#include "mia/status.h"

struct mia__sled_tail {
    bool is_torn;
    uint64_t torn_at; /* offset in the file `db` where sled stops */
    uint64_t
        lost_messages; /* intact ones behind it; those that such a tear hides are not counted */
    uint64_t lost_segments; /* segments with such messages, the one with the tear included */
};

/* Looks at the files of a sled directory, reading them only. An unreadable or foreign `conf` is
 * left to sled to complain about: then nothing is found. */
mia_status mia__sled_find_tear(const char *directory, struct mia__sled_tail *out,
                               struct mia_error *err);

#endif
