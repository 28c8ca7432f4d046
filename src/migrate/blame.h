/* migrate/blame.h - whose fault a failure was */
#ifndef MIA_MIGRATE_BLAME_H
#define MIA_MIGRATE_BLAME_H

#include "mia/migrate.h"

/* Notes it in *known, unless that is known already or status is no failure; returns status. */
mia_status mia__blame(enum mia_failure *known, enum mia_failure failure, mia_status status);

#endif
