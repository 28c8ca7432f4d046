/*
 * migrate/pipe.h - reads a source in a thread of its own, ahead of whoever uses the pairs
 *
 * Chunks of about a MiB go through a short queue, so memory is bounded: MIA__PIPE_CHUNKS chunks. A
 * pair larger than that is a chunk of its own, and none is read while the queue holds one.
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
    uint8_t *marks; /* one for each pair: what the filter said of it */
    size_t count;
    uint64_t key_bytes, value_bytes; /* of the pairs as they were read */
    struct mia__buf storage;
    struct mia__buf notes; /* what the filter notes of the pairs, one behind the other */
    size_t *note_ends;
};
static inline mia_slice mia__chunk_note(const struct mia__chunk *chunk, size_t pair)
{
    size_t begin = pair > 0 ? chunk->note_ends[pair - 1] : 0;
    return (mia_slice){chunk->notes.data + begin, chunk->note_ends[pair] - begin};
}

/* What happens to the pairs in the reading thread. */
struct mia__pipe_filter {
    void *ctx;
    /* Records that do not decode are no failure: see mia__source_cursor_next_marked. */
    bool is_tolerant;
    /* Whether the tree is read at all. NULL: every tree. */
    bool (*wants)(void *ctx, size_t tree);
    /* Appends what is to be given out as the pair's value. NULL: the value as it is. A failure is
     * one of the source. */
    mia_status (*convert)(void *ctx, size_t tree, const struct mia_pair *pair, struct mia__buf *to,
                          uint8_t *mark, struct mia_error *err);
    /* Appends what is to be known of a pair besides, as it was read. NULL: nothing. */
    mia_status (*note)(void *ctx, size_t tree, const struct mia_pair *pair, struct mia__buf *to,
                       struct mia_error *err);
};

struct mia__pipe;

/* Starts reading at tree and behind key (NULL: at the tree's first pair), to the end of the last
 * tree. The source and what the filter (NULL: none) speaks of must live until close. */
mia_status mia__pipe_open(mia_source *source, size_t tree, const mia_slice *behind,
                          const struct mia__pipe_filter *filter, struct mia__pipe **pipe,
                          struct mia_error *err);
/* The next chunk, never empty, valid until the next call. MIA_NOTFOUND: that was all. A failure of
 * the source comes after every chunk read before it. One thread. */
mia_status mia__pipe_next(struct mia__pipe *pipe, const struct mia__chunk **chunk,
                          struct mia_error *err);
/* Stops the reading, wherever it is, and waits for the thread. NULL is fine. */
void mia__pipe_close(struct mia__pipe *pipe);

#endif
