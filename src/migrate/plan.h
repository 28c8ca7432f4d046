/* migrate/plan.h - one plan while it is made: what its steps share */
#ifndef MIA_MIGRATE_PLAN_H
#define MIA_MIGRATE_PLAN_H

#include "mia/plan.h"
#include "migrate/digest.h"
#include "migrate/meter.h"
#include "migrate/obstacles.h"
#include "migrate/plan_size.h"
#include "migrate/scan.h"
#include "migrate/source.h"
#include "migrate/typed.h"
#include "migrate/workspace.h"

struct mia__plan {
    struct mia_plan_options opt;
    struct mia_plan_report report;
    struct mia__obstacles found;
    struct mia__meter meter;
    char *source_path, *target_path; /* target_path NULL: none */
    char fingerprint[MIA__SHA256_HEX];
    mia_source *source; /* NULL: it could not be opened */
    bool is_damaged;    /* more than by records that do not decode */
    struct mia__sample sample;
    struct mia__workspace place;
    struct mia__database_size size;
    struct mia__index_size indexes;
};

/* plan_read.c: opens the source and reads it to its end, or as far as it can be; what is found on
 * the way is told. MIA_ERR_CANCELLED, MIA_ERR_NOMEM. */
mia_status mia__plan_read(struct mia__plan *p, struct mia_error *err);

#endif
