/* engine/sled/internal.h - what the files of the sled engine share */
#ifndef MIA_ENGINE_SLED_INTERNAL_H
#define MIA_ENGINE_SLED_INTERNAL_H

#include "mia/engine.h"

#define MIA__SLED_NAME "sled"

/* detect.c: judges the directory by plain reads. */
bool mia__sled_detect(const char *path);

/* check.c: reads every pair of every tree in order. sled verifies a checksum over each piece of the
 * log that it reads. */
mia_status mia__sled_check(void *db, mia_problem_fn fn, void *ctx, uint64_t *problems,
                           struct mia_error *err);

#endif
