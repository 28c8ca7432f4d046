/* migrate/rollback.h - one rollback while it runs: what its steps share */
#ifndef MIA_MIGRATE_ROLLBACK_H
#define MIA_MIGRATE_ROLLBACK_H

#include "mia/migrate.h"
#include "migrate/blame.h"
#include "migrate/digest.h"
#include "migrate/meter.h"
#include "migrate/workspace.h"

struct mia__rollback {
    struct mia_rollback_options opt;
    struct mia_rollback_report report;
    struct mia__meter meter;
    char *source_path, *target_path;
    char *made; /* the sled directory in the workspace */
    struct mia__workspace place;
    mia_source *source;
    char fingerprint[MIA__SHA256_HEX];
};

/* rollback_write.c: every pair of the source into the sled directory; with verification, the report
 * has the digest of what was written. */
mia_status mia__rollback_write(struct mia__rollback *r, struct mia_error *err);

#endif
