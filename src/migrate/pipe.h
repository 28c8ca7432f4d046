/*
 * migrate/pipe.h - reads a source in a thread of its own, ahead of whoever uses the pairs
 *
 * Chunks of about a MiB go through a short queue, so memory is bounded: MIA__PIPE_CHUNKS chunks,
 * each as large as the largest single pair at least.
 */
#ifndef MIA_MIGRATE_PIPE_H
#define MIA_MIGRATE_PIPE_H

#include "base/memory.h"
#include "mia/source.h"

enum { MIA__PIPE_CHUNKS = 4, MIA__PIPE_CHUNK_BYTES = 1 << 20, MIA__PIPE_CHUNK_PAIRS = 4096 };

/* Pairs of one tree, in key order. */
struct mia__chunk {
    size_t tree;
    struct mia_pair *pairs;
    size_t count;
    uint64_t bytes; /* of keys and values */
    struct mia__buf storage;
};

struct mia__pipe;

/* Starts reading at tree and behind key (NULL: at the tree's first pair), to the end of the last
 * tree. The source must live until close. */
mia_status mia__pipe_open(mia_source *source, size_t tree, const mia_slice *behind,
                          struct mia__pipe **pipe, struct mia_error *err);
/* The next chunk, never empty, valid until the next call. MIA_NOTFOUND: that was all. A failure of
 * the source comes after every chunk read before it. One thread. */
mia_status mia__pipe_next(struct mia__pipe *pipe, const struct mia__chunk **chunk,
                          struct mia_error *err);
/* Stops the reading, wherever it is, and waits for the thread. NULL is fine. */
void mia__pipe_close(struct mia__pipe *pipe);

#endif
