/* installation/plan_all.h - what stands in the way of any database of a base */
#ifndef MIA_INSTALLATION_PLAN_ALL_H
#define MIA_INSTALLATION_PLAN_ALL_H

#include "installation/root.h"
#include "mia/plan.h"

struct mia__planning {
    const struct mia__root *root; /* its journal has the databases */
    struct mia__obstacles *found;
    struct mia_plan_options how; /* of each database: quick, salvage, accept_torn_log, progress */
    mia_installation_plan_fn fn; /* NULL: nobody is told */
    void *ctx;
    struct mia_installation_plan_report report;
};

/* Plans every database that would be migrated now, and checks the place of all of them together.
 * Changes nothing. */
mia_status mia__plan_databases(struct mia__planning *p, struct mia_error *err);

#endif
