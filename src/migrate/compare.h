/* migrate/compare.h - two sources pair by pair, in both directions */
#ifndef MIA_MIGRATE_COMPARE_H
#define MIA_MIGRATE_COMPARE_H

#include "mia/migrate.h"
#include "migrate/digest.h"
#include "migrate/meter.h"

struct mia__compare {
    mia_source *source, *target; /* opened with `original` */
    bool typed;  /* index trees do not matter, and records are compared by value if need be */
    bool values; /* records, and index trees as the sets they are, are compared so too */
    mia_difference_fn fn; /* NULL: count only */
    void *fn_ctx;
    mia_finding_fn finding; /* NULL: count only */
    void *finding_ctx;
    struct mia__meter *meter;
    /* results */
    uint64_t trees, records, bytes; /* of the source, compared */
    uint64_t left_out_records;      /* of the source, in index trees */
    uint64_t differences[MIA_DIFF_CLASSES];
    uint64_t findings[MIA_FINDING_CLASSES];
    char digest[MIA__SHA256_HEX]; /* of the source */
};

/* Reads both from end to end and compares every pair. The source is read by a thread of its own. */
mia_status mia__compare(struct mia__compare *job, struct mia_error *err);
uint64_t mia__compare_total(const uint64_t differences[MIA_DIFF_CLASSES]);

#endif
