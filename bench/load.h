/* load.h - a large store in seconds, where store_fill puts one record after the other */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include "workload.h"

/* A new lazy store at path with messages 0 to count - 1 and their edges. As a migration makes it:
 * all of it is appended, the index too. */
mia_store *store_load(const char *path, uint64_t count);

#endif
