/* fast_clock.c - to be preloaded: the monotonic clock runs a hundred times too fast, so that what
 * takes milliseconds is shown as what takes seconds */
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { FASTER = 100, BILLION = 1000000000 };

int clock_gettime(clockid_t clock, struct timespec *out)
{
    int rc = (int)syscall(SYS_clock_gettime, clock, out);
    if (rc != 0 || clock != CLOCK_MONOTONIC)
        return rc;
    long long nanoseconds = (long long)out->tv_nsec * FASTER;
    out->tv_sec = out->tv_sec * FASTER + (time_t)(nanoseconds / BILLION);
    out->tv_nsec = (long)(nanoseconds % BILLION);
    return 0;
}
