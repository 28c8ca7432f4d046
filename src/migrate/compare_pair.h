/*
 * migrate/compare_pair.h - what is said of one pair: whether two values are the same, and why not
 *
 * Apart from the merge (compare.c), which only knows keys.
 */
#ifndef MIA_MIGRATE_COMPARE_PAIR_H
#define MIA_MIGRATE_COMPARE_PAIR_H

#include "migrate/compare.h"
#include "migrate/record_print.h"
#include "migrate/typed.h"

/* A value as a cursor gives it out. */
struct mia__marked {
    mia_slice value;
    uint8_t mark; /* MIA__MARK_UNDECODABLE: an archive, as it is stored */
};

struct mia__comparer {
    struct mia__compare *job;
    mia_slice tree;        /* that is being compared */
    enum mia__table table; /* what it is, if is_table */
    bool is_table, is_set; /* how values of it may be the same in other bytes */
    struct mia__transcoder transcoder;
    struct mia__buf archives;
    struct mia__record_printer printers[2]; /* source, target */
};
void mia__comparer_free(struct mia__comparer *c);

/* Counts and tells a difference of a key. NULL: that side has no such pair. */
mia_status mia__tell_difference(struct mia__comparer *c, enum mia_difference_class class,
                                enum mia_side side, mia_slice key, const struct mia__marked *source,
                                const struct mia__marked *target, struct mia_error *err);
/* The same for a key that one side has alone: missing, extra, or an archive that does not validate.
 */
mia_status mia__tell_alone(struct mia__comparer *c, enum mia_side side, mia_slice key,
                           const struct mia__marked *value, struct mia_error *err);
/* Compares the two values of a key, and tells what there is to tell. */
mia_status mia__compare_values(struct mia__comparer *c, mia_slice key,
                               const struct mia__marked *source, const struct mia__marked *target,
                               struct mia_error *err);

#endif
