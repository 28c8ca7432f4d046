/* allocations.h - how often the heap was asked, by anything linked into the program */
#ifndef BENCH_ALLOCATIONS_H
#define BENCH_ALLOCATIONS_H

#include <stdint.h>

/* Calls of malloc, calloc and realloc so far. For programs with one thread. */
uint64_t allocations_seen(void);

#endif
