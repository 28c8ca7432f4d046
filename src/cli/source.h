/* cli/source.h - opening the database that a command reads */
#ifndef MIA_CLI_SOURCE_H
#define MIA_CLI_SOURCE_H

#include "cli/progress.h"
#include "mia/mia.h"

/* Opens path; a sled database is copied first, which progress shows. MIA_NOTFOUND is answered as an
 * error with a message. */
mia_status cli_source_open(const char *path, bool accept_torn_log, struct progress *progress,
                           mia_source **source, struct mia_error *err);

/* Finds a tree; its absence is answered as MIA_NOTFOUND with a message that names it. */
mia_status cli_source_tree(mia_source *source, mia_slice name, size_t *tree, struct mia_error *err);

/* The text of MIA_NOTFOUND for a path, which the library answers without one. */
void cli_source_absent(const char *path, struct mia_error *err);

#endif
