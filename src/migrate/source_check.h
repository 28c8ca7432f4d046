/* migrate/source_check.h - what can be said against a source without reading it */
#ifndef MIA_MIGRATE_SOURCE_CHECK_H
#define MIA_MIGRATE_SOURCE_CHECK_H

#include "mia/source.h"
#include "migrate/obstacles.h"

/* Tells what speaks against reading it: kind, rights, locks, version. False: it cannot be read.
 * Takes and gives back a shared lock; changes nothing. */
bool mia__source_check(const char *path, bool salvage, struct mia__obstacles *o);
/* Its class by what opening or reading answered. */
enum mia_obstacle_class mia__source_obstacle(mia_status status);

#endif
