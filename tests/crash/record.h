/*
 * crash/record.h - what happened to the files below one directory, call by call, with the bytes
 *
 * A record begins with what is there; that much counts as being on disk since long. Then every
 * change is noted as the calls succeed. crash/disk.h makes from it what a disk may hold after a
 * stop at any of them.
 */
#ifndef MIA_TEST_CRASH_RECORD_H
#define MIA_TEST_CRASH_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum record_kind {
    RECORD_WRITE,  /* bytes of a file */
    RECORD_SIZE,   /* a file cut or extended */
    RECORD_SYNC,   /* a file's bytes and size, or a directory's entries, are on disk */
    RECORD_CREATE, /* a name for a new file or directory */
    RECORD_REMOVE, /* a name */
    RECORD_RENAME  /* a name becomes another, in place of what that named */
};

/* A name in a directory; both are numbers of nodes. */
struct record_name {
    uint32_t directory;
    char *name;
};

struct record_event {
    enum record_kind kind;
    uint32_t node;               /* what is written, sized, synced, created */
    struct record_name name, to; /* CREATE, REMOVE; RENAME: from, to */
    uint64_t at, size;           /* WRITE: where and how much; SIZE: size */
    uint8_t *bytes;
    bool is_durable;    /* WRITE: by O_DSYNC, when the call returns */
    int64_t changed_ns; /* WRITE, SIZE: the file's time then */
};

/* Files and directories that ever were; 0 is the directory itself. */
struct record_node {
    bool is_directory;
    uint64_t inode;
};

struct record {
    struct record_node *nodes;
    size_t node_count, node_room;
    struct record_event *events;
    size_t count, room;
    size_t begin; /* events before: what was there at the beginning */
    /* What some mdbx.lck once was: it is written through a mapping, which nobody sees. */
    uint8_t *lock;
    size_t lock_size;
};

/* Notes what is at path and watches it from now on; one record at a time. */
void record_begin(struct record *r, const char *path);
void record_end(struct record *r);
void record_free(struct record *r);

#endif
