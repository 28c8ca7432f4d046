/* migrate/scan.h - what is in a source: the figures that a migration is planned with */
#ifndef MIA_MIGRATE_SCAN_H
#define MIA_MIGRATE_SCAN_H

#include "mia/source.h"
#include "migrate/meter.h"

enum { MIA__PAGE_SIZES = 5 }; /* 4, 8, 16, 32, 64 KiB */

struct mia__scan {
    uint64_t records, key_bytes, value_bytes;
    uint64_t long_keys[MIA__PAGE_SIZES]; /* keys that pages of this size cannot hold whole */
    uint64_t middle_bytes;               /* of values that 32 KiB pages store best */
    uint64_t large_bytes;                /* of values that 64 KiB pages store best */
    uint64_t overflow_bytes;             /* of values on pages of their own, rounded up to 4 KiB */
};

/* Reads every pair once. */
mia_status mia__scan(mia_source *source, struct mia__meter *meter, struct mia__scan *out,
                     struct mia_error *err);
/* The page size for a new target. */
uint32_t mia__scan_page_size(const struct mia__scan *scan);
/* Bytes that the target's file will take at most, roughly. */
uint64_t mia__scan_target_bytes(const struct mia__scan *scan);

#endif
