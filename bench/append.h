/*
 * append.h - the physical bound of a migration: its very pairs, in memory and in order, appended
 * with plain libmdbx and synced
 *
 * Nothing is read, decoded, checked or compared, and there is no way to write a libmdbx file that
 * was measured to be faster: kept cursors, MDBX_APPEND, 4 MiB a transaction, MDBX_SAFE_NOSYNC with
 * a threshold of 64 MiB, one forced sync at the end.
 */
#ifndef BENCH_APPEND_H
#define BENCH_APPEND_H

#include <stdbool.h>
#include <stddef.h>

struct append_set;

/* Reads every pair of every table of a libmdbx directory. with_indexes: the tables that begin with
 * idx_ or vec_, too. Ends the program if it cannot. */
struct append_set *append_load(const char *path, bool with_indexes);
/* Makes the directory `target`; returns the seconds from its opening to its closing. */
double append_run(const struct append_set *set, const char *target);
void append_free(struct append_set *set);

#endif
