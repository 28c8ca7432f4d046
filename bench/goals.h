/*
 * goals.h - what was measured beside what is wanted, for the report of all benchmarks
 *
 * Each result is a line of JSON at the end of the file that $BENCH_GOALS names; without it nothing
 * is written. report.py makes docs/performance.md and a page of these lines.
 */
#ifndef BENCH_GOALS_H
#define BENCH_GOALS_H

enum goal_is {
    GOAL_NONE, /* nothing is wanted: a figure for scale */
    GOAL_AT_MOST,
    GOAL_AT_LEAST
};

struct goal {
    const char *area; /* "engine", "codecs", ...: a heading of the report */
    const char *what; /* was done */
    const char *peer; /* what it is compared with, in the same run */
    enum goal_is is;
    double limit;        /* of the median */
    double best, median; /* ratios, or figures in `unit`; best: of the fastest runs */
    const char *unit;    /* NULL: a ratio */
    const char *why;     /* what it is bounded by, in half a sentence; NULL: nothing to say */
};

/* Ends the program if it cannot be written. */
void goal_note(const struct goal *goal);

#endif
