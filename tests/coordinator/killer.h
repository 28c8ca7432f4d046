/* coordinator/killer.h - a real engine whose process ends at a commit of one's choice */
#ifndef MIA_TEST_KILLER_H
#define MIA_TEST_KILLER_H

#include "mia/engine.h"

/* The engine, but with the n-th commit from now on (1: the next) the process is killed: before it
 * or, is_after, behind it. 0: never. Counts over all databases; one thread. */
const struct mia_engine_ops *killer_engine(const struct mia_engine_ops *real);
void killer_arm(unsigned n, bool is_after);

#endif
