/*
 * rounds.h - contenders in interleaved rounds, and the table of what came out
 *
 * A shared machine drifts: whatever runs second may look slower. So every round runs all
 * contenders, every second round in reverse, and what is reported is the minimum and the median
 * over rounds.
 */
#ifndef BENCH_ROUNDS_H
#define BENCH_ROUNDS_H

#include <stddef.h>
#include <stdint.h>

enum { ROUNDS_MAX = 101 };

struct contender {
    const char *name;
    /* One run: its seconds. Whatever must not be timed is done in `before`, which may be NULL. A
     * failure ends the program: a benchmark of something broken is worth nothing. */
    void (*before)(void *ctx);
    double (*run)(void *ctx);
    void *ctx;
    double seconds[ROUNDS_MAX]; /* filled in by rounds_run, by round, as the rest */
    double min, median;
    /* The median of what it took over what the first contender took in the same round: what
     * drifts takes both along. */
    double ratio;
};

/* One unmeasured run of each, then `rounds` (1..ROUNDS_MAX) measured ones. */
void rounds_run(struct contender *contenders, size_t count, unsigned rounds);

/* The median over rounds of what a took over what b took in the same round. */
double rounds_ratio(const struct contender *a, const struct contender *b, unsigned rounds);

double now_seconds(void);

/* Prints one line: processor, cores, memory, kernel, and the file system of path. */
void machine_print(const char *path);

/* Prints "PROGRAM: message" like printf and ends the program with exit code 1. */
_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
