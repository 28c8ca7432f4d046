/*
 * crash/disk.h - what may be on a disk when the machine stops while a record was made
 *
 * The model. It permits at least what ext4 with data=ordered does, and more, because other file
 * systems do more and what is claimed of the library does not depend on one:
 *
 *   bytes     A file's bytes reach the disk in blocks of 4096, or sectors of 512, each in any of
 *             its versions since the file's last fsync or fdatasync: nothing, all, one of two
 * writes, in any order, torn inside a write. What was written with O_DSYNC is there. sizes     A
 * file's size is any that it had since that sync, whatever became of its bytes; what was never
 * written in it reads as zeros. (ext4 writes data before sizes; with data=writeback and on other
 * file systems that is not so.) names     A name made, removed or renamed is there when its
 * directory, either one of a rename, was fsynced afterwards. Until then any of the changes may be
 * lost, whichever order they came in; only changes of one name keep their order, and a rename is
 * done or not done, never by half. (ext4 keeps the order of all of them, and a file's fsync brings
 * its name along; neither is asked for by POSIX.) syncfs counts for nothing: old kernels do not say
 * when it failed. mdbx.lck  libmdbx's lock file lives in a shared mapping and is made anew by
 * whoever opens the database first: it is gone, empty, as it once was, or any bytes.
 *
 * A stop of the process alone loses nothing; a stop of the machine makes a new boot id, by which
 * libmdbx tells the two apart (the copy gets another one in its meta pages).
 */
#ifndef MIA_TEST_CRASH_DISK_H
#define MIA_TEST_CRASH_DISK_H

#include "crash/record.h"
#include "support/random.h"

/* How much of what was not synced is there. */
enum disk_keeps {
    DISK_NOTHING,
    DISK_ALL,
    DISK_BEGINNING, /* the changes up to one of them, which may be torn */
    DISK_ANY,       /* each unit in a version of its own; each name as it comes */
    DISK_BUT_ONE,   /* all but one */
    DISK_ONE,       /* nothing but one */
    DISK_WAYS
};

struct disk_choice {
    enum disk_keeps bytes, names;
    uint32_t unit;   /* 512 or 4096 */
    bool is_process; /* the process stopped, not the machine: all is there */
    uint64_t seed;   /* of what is left to chance */
};

struct disk;
/* The disk of a record at its beginning; at the end of each step one more event has happened. */
struct disk *disk_open(const struct record *r);
bool disk_step(struct disk *disk); /* false: there is none */
void disk_close(struct disk *disk);

/* Empties path, and makes it what the disk may hold there now; path NULL: does not. The answer is a
 * hash of that: the same for the same. */
uint64_t disk_write(const struct disk *disk, const struct disk_choice *choice, const char *path);

#endif
