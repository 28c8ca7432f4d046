/*
 * migrate/scan.h - what is in a source: a sample to plan with, and totals for the progress
 *
 * A source that keeps no counts has to be read to be counted. That is done by a thread of its own
 * while the copy runs, so that nobody waits for it; the progress has no total until it is done.
 */
#ifndef MIA_MIGRATE_SCAN_H
#define MIA_MIGRATE_SCAN_H

#include "mia/source.h"

enum { MIA__PAGE_SIZES = 5 }; /* 4, 8, 16, 32, 64 KiB */

struct mia__sample {
    uint64_t records, bytes;             /* of keys and values */
    uint64_t long_keys[MIA__PAGE_SIZES]; /* keys that pages of this size cannot hold whole */
    uint64_t middle_bytes;               /* of values that 32 KiB pages store best */
    uint64_t large_bytes;                /* of values that 64 KiB pages store best */
};

/* Reads the first pairs of each tree. */
mia_status mia__sample(mia_source *source, struct mia__sample *out, struct mia_error *err);
/* The page size for a new target, and why: static text. */
uint32_t mia__sample_page_size(const struct mia__sample *sample, const char **why);
/* The shortest key that pages of this size do not hold whole. */
size_t mia__key_limit(uint32_t page_size);
/* The longest value that libmdbx 0.13 holds: mdbx_env_get_maxvalsize_ex. */
#define MIA__VALUE_LIMIT 0x7ff00000u
/* MIA_ERR_TOO_LONG: a value is longer. */
mia_status mia__fail_value_size(const char *path, mia_slice tree, mia_slice key, size_t size,
                                struct mia_error *err);

struct mia__totals {
    uint64_t records, bytes;
};
struct mia__count;

/* Starts counting the pairs of a source, which must live until stop. One thread uses the result.
 * without_derived: MIA's index trees are not counted. */
mia_status mia__count_start(mia_source *source, bool without_derived, struct mia__count **count,
                            struct mia_error *err);
/* True, with *totals, once all is counted. A source that cannot be read is never counted. */
bool mia__count_poll(struct mia__count *count, struct mia__totals *totals);
void mia__count_stop(struct mia__count *count); /* waits for the thread; NULL is fine */

#endif
