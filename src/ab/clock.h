/* ab/clock.h - nanoseconds of the monotonic clock */
#ifndef MIA_AB_CLOCK_H
#define MIA_AB_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline uint64_t mia__ab_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

#endif
