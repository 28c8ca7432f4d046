/*
 * migrate/compare.h - two sources pair by pair, in both directions
 *
 * A comparison can stop and go on: between two pairs, where it stands is a tree and a key, and all
 * that it knows besides are counts and the state of a digest.
 */
#ifndef MIA_MIGRATE_COMPARE_H
#define MIA_MIGRATE_COMPARE_H

#include "mia/migrate.h"
#include "migrate/digest.h"
#include "migrate/meter.h"

/* How far it is, and what it found until there. {0}: at the beginning. */
struct mia__compare_state {
    bool has_tree, has_key;    /* compared: all trees below `tree`; of it the keys up to `key` */
    struct mia__buf tree, key; /* filled where the comparison stops or is saved */
    uint64_t records, key_bytes, value_bytes; /* of the source, compared */
    uint64_t left_out_records;                /* of the source, in index trees */
    uint64_t differences[MIA_DIFF_CLASSES];
    uint64_t findings[MIA_FINDING_CLASSES];
    uint8_t digest[MIA__SHA256_STATE];
};
void mia__compare_state_free(struct mia__compare_state *state);

/* What happens with a difference; a negative answer ends the comparison. source_mark:
 * MIA__MARK_UNDECODABLE, if source_value is an archive that does not validate. */
typedef mia_status (*mia__difference_fn)(void *ctx, const struct mia_difference *d,
                                         uint8_t source_mark, struct mia_error *err);

struct mia__compare {
    mia_source *source, *target; /* opened with `original` */
    bool typed;   /* index trees do not matter, and records are compared by value if need be */
    bool values;  /* records, and index trees as the sets they are, are compared so too */
    bool content; /* differences with their records as JSON */
    mia__difference_fn fn; /* NULL: count only */
    void *fn_ctx;
    mia_finding_fn finding; /* NULL: count only */
    void *finding_ctx;
    struct mia__meter *meter;
    /* Called every save_seconds, and when the meter says stop, with a state to go on from. NULL:
     * nobody wants it. */
    void (*save)(void *ctx, const struct mia__compare_state *state);
    void *save_ctx;
    double save_seconds;
    struct mia__compare_state state; /* goes on from there; the result, to be freed */
    /* more results */
    uint64_t trees;               /* of the source */
    bool has_source_failed;       /* what ended it was reading the source */
    char digest[MIA__SHA256_HEX]; /* of the source; of undecodable archives as they are stored */
};

/* Reads both, from where the state is to their ends, and compares every pair. The source is read by
 * a thread of its own; everything is called from this one. */
mia_status mia__compare(struct mia__compare *job, struct mia_error *err);
uint64_t mia__compare_total(const uint64_t differences[MIA_DIFF_CLASSES]);

#endif
