/*
 * coordinator/pointer.h - which directory's databases an installation uses
 *
 * A base that is an installation's root (src/installation) has a file `current`:
 *   mia-current 1
 *   base PATH      where the databases are; relative: to the root
 *   spill PATH     (may be absent) where those are that are not there
 * Paths are TEXT of base/lines.h. The file is only ever replaced whole, by
 * one rename: that is the moment of a cutover.
 */
#ifndef MIA_COORDINATOR_POINTER_H
#define MIA_COORDINATOR_POINTER_H

#include "mia/status.h"

#define MIA__POINTER_FILE "current"

struct mia__pointer {
    char *base, *spill; /* with the root in front if they are relative; spill NULL: none */
};

/* MIA_NOTFOUND: the root has none. MIA_ERR_CORRUPT: something else is in the file. */
mia_status mia__pointer_read(const char *root, struct mia__pointer *pointer, struct mia_error *err);
/* Paths as they are to be written; spill may be NULL. Durable when it returns. */
mia_status mia__pointer_write(const char *root, const char *base, const char *spill,
                              struct mia_error *err);
void mia__pointer_free(struct mia__pointer *pointer);

#endif
