/*
 * peer.h - the Rust program that is measured in turns with us
 *
 * It has the same records in memory as we have: it makes them and sends them once. Then it runs an
 * operation over a group when it is told to, and says how long that took by its own clock.
 */
#ifndef BENCH_PEER_H
#define BENCH_PEER_H

#include "mia/status.h"

#include "pipes.h"

/* The numbers of the peer's own list. */
enum peer_operation {
    PEER_TRANSCODE,
    PEER_TRANSCODE_BACK,
    PEER_CHECK,
    PEER_READ_FIELDS,
    PEER_LOOK_UP,
    PEER_MULTIPLY
};

struct item {
    int kind; /* enum mia_kind */
    mia_slice bincode, archive;
};

struct group {
    char name[64];
    struct item *items;
    uint32_t count;
};

struct peer {
    struct pipes pipes;
    struct group *groups;
    uint32_t group_count;
};

/* What an operation came to, run `times` times over all records of a group. */
struct outcome {
    double seconds;
    uint64_t sum; /* of what each returned: equal on both sides */
    uint64_t allocations;
};

/* Starts the program and takes its records. Ends our own if anything fails. */
void peer_start(struct peer *peer, const char *program);
struct outcome peer_run(struct peer *peer, enum peer_operation operation, uint32_t group,
                        uint32_t times);
void peer_stop(struct peer *peer);

#endif
