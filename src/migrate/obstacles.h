/*
 * migrate/obstacles.h - everything that stands in the way, told one by one
 *
 * Checks go on after they have found something, so that one run finds all of it. Who only wants to
 * know whether it can go on asks mia__obstacles_judge at the end.
 */
#ifndef MIA_MIGRATE_OBSTACLES_H
#define MIA_MIGRATE_OBSTACLES_H

#include "base/error.h"
#include "mia/obstacle.h"

/* fn, ctx, database given, the rest zero to begin with. */
struct mia__obstacles {
    mia_obstacle_fn fn; /* NULL: nobody is told */
    void *ctx;
    const char *database; /* whose they are; NULL: there is one only */
    uint64_t counts[MIA_WEIGHTS];
    struct mia_error first; /* refusal; or else the first damage */
    bool is_out_of_memory;  /* nothing was found: a check could not be made */
};

void mia__obstacle(struct mia__obstacles *o, enum mia_obstacle_class c,
                   enum mia_obstacle_weight weight, mia_status status, const char *format, ...)
    MIA__PRINTF(5, 6);
/* The same, in the words of an error. */
void mia__obstacle_error(struct mia__obstacles *o, enum mia_obstacle_class c,
                         enum mia_obstacle_weight weight, const struct mia_error *why);
/* MIA_OK if nothing was refused; otherwise the first refusal. */
mia_status mia__obstacles_judge(const struct mia__obstacles *o, struct mia_error *err);

#endif
