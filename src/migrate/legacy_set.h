/* migrate/legacy_set.h - values of MIA's index trees: sets of ids, written in any order */
#ifndef MIA_MIGRATE_LEGACY_SET_H
#define MIA_MIGRATE_LEGACY_SET_H

#include "base/memory.h"

/* Whether two values are the same set. False for what is no set. scratch is overwritten; keep it
 * for the next call. MIA_ERR_NOMEM. */
mia_status mia__legacy_set_equal(mia_slice a, mia_slice b, struct mia__buf *scratch, bool *equal,
                                 struct mia_error *err);

#endif
