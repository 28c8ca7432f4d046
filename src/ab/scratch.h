/* ab/scratch.h - copies to work on, in a directory that goes when the run is over */
#ifndef MIA_AB_SCRATCH_H
#define MIA_AB_SCRATCH_H

#include "mia/status.h"

/* Makes a new directory below parent; NULL: below $TMPDIR or /tmp. *path is freed with
 * mia__free. */
mia_status mia__ab_scratch_make(const char *parent, char **path, struct mia_error *err);
/* MIA_ERR_FULL unless there is room for that many bytes, and some more, in the directory. */
mia_status mia__ab_scratch_check(const char *scratch, uint64_t bytes, struct mia_error *err);
/* Copies the database at `from`, in the state of one moment, to the directory `to`, which must not
 * exist. Nobody can open a sled database meanwhile; MIA_ERR_BUSY: somebody has it open. A libmdbx
 * database may be in use. */
mia_status mia__ab_scratch_copy(const char *from, bool is_sled, const char *to,
                                struct mia_error *err);

#endif
