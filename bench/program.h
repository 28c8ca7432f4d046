/* program.h - programs as contenders: run to their end, timed, their memory seen */
#ifndef BENCH_PROGRAM_H
#define BENCH_PROGRAM_H

#include <stddef.h>

enum { PROGRAM_ARGUMENTS = 8, PROGRAM_LINE = 256 };

struct program {
    const char *arguments[PROGRAM_ARGUMENTS]; /* NULL behind the last */
    long max_rss_kib;        /* the largest of all runs; both looked at every few ms */
    long max_anon_kib;       /* of it what is no file's */
    char line[PROGRAM_LINE]; /* what it wrote first to stdout, the last time */
};

/* Its seconds from start to end. Ends this program if it fails. What it writes to stdout is not
 * shown, what it writes to stderr is. */
double program_run(struct program *program);
/* The same for a program of no further interest: arguments, NULL behind the last. */
void program_call(const char *const *arguments);

void remove_tree(const char *path);
double tree_bytes(const char *path); /* of all files below a directory */

#endif
