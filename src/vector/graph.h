/*
 * vector/graph.h - the graph of one space in memory: near vectors found without looking at all
 *
 * What is found obeys the graph, not the database: points that were deleted since they were added
 * are found until they are buried or filtered out, and some of the nearest may be missed. Distances
 * are right. Any thread may call anything at any time. Searches run side by side, up to
 * MIA__GRAPH_SEARCHES of them, and the others wait. Add, bury and save come one after the other;
 * add and bury wait for the searches before them and hold up those behind them, for no longer than
 * a few points take; save holds up no search.
 *
 * Memory: about mia__graph_point_bytes a point (1.9 KB with 384 dimensions), 2 MB for any graph, 32
 * bytes for each buried point, and for each search that runs a few bytes a point. What is asked of
 * the system is more: room is doubled when it is used up, and the library takes blocks of which
 * each is twice as large as the one before, 8 MiB at first. Pages that nobody wrote to are not
 * there.
 */
#ifndef MIA_VECTOR_GRAPH_H
#define MIA_VECTOR_GRAPH_H

#include "mia/text.h"

#include "base/memory.h"
#include "vector/hit.h"

enum {
    MIA__GRAPH_NEIGHBOURS = 16,   /* M */
    MIA__GRAPH_WIDTH_ADD = 200,   /* ef_construction */
    MIA__GRAPH_WIDTH_LEAST = 50,  /* of a search */
    MIA__GRAPH_SEARCHES = 64,     /* at once */
    MIA__GRAPH_DIMENSION = 65536, /* at most */
};

struct mia__graph_shape {
    uint32_t dimension;
    uint32_t neighbours, width_add; /* 0: as above */
    uint64_t most_points;           /* 0: no limit of ours; the library's is 2^32 - 1 */
};

struct mia__graph;

/* MIA_ERR_INVALID: dimension 0 or too large. MIA_ERR_UNSUPPORTED: built without the library. */
mia_status mia__graph_create(const struct mia__graph_shape *shape, struct mia__graph **graph,
                             struct mia_error *err);
void mia__graph_free(struct mia__graph *graph); /* NULL is fine; nobody may be inside */
uint64_t mia__graph_point_bytes(const struct mia__graph_shape *shape);
/* Of the library that the graph is from: what one version saved another does not load. */
uint32_t mia__graph_library(void);

struct mia__graph_point {
    uint64_t key; /* neither 0 nor UINT64_MAX */
    mia_floats vector;
};

/* Adds points in ascending order of their keys, all above `applied`; vectors without a direction
 * (vector/cosine.h) get no point and count in *skipped. On failure `applied` says how far it came:
 * the points up to that key are in, the others are not. One adder at a time; a second one waits.
 * MIA_ERR_INVALID: another dimension, or a key that is not above the one before.
 * MIA_ERR_FULL: more than most_points. MIA_ERR_NOMEM, MIA_ERR_INTERNAL: the library failed; then
 * the graph answers MIA_ERR_INTERNAL to all but free and stat: make it anew. */
mia_status mia__graph_add(struct mia__graph *graph, const struct mia__graph_point *points,
                          size_t count, size_t *skipped, struct mia_error *err);
/* `applied` becomes this key, if it is lower: the keys up to it have no vectors any more. */
mia_status mia__graph_advance(struct mia__graph *graph, uint64_t key, struct mia_error *err);
/* The point is no longer found. It stays in the graph, where others are found through it. A key
 * that has no point: nothing happens. */
mia_status mia__graph_bury(struct mia__graph *graph, uint64_t key, struct mia_error *err);

/* True: this key may be found. Called from the search, on its thread; it must not call the graph.
 */
typedef bool mia__graph_filter(void *ctx, uint64_t key);

struct mia__graph_query {
    mia_floats vector;
    size_t k;
    size_t width;              /* how many near points are looked at; 0: the larger of 50 and 2 k */
    mia__graph_filter *filter; /* NULL: all */
    void *filter_ctx;
    mia__tie_fn *tie; /* NULL: equal distances by key */
    void *tie_ctx;
};

/* Up to k hits, nearest first, into hits, which has room for k. Fewer: the graph has, or the search
 * met, no more that the filter lets through. MIA_ERR_INVALID: the query has another dimension, or
 * no direction. */
mia_status mia__graph_search(struct mia__graph *graph, const struct mia__graph_query *query,
                             struct mia__hit *hits, size_t *found, struct mia_error *err);

struct mia__graph_stat {
    uint64_t applied; /* the highest key seen, 0 before the first */
    uint64_t points;  /* buried ones included */
    uint64_t buried;
    uint64_t bytes; /* of memory, asked for: up to twice what is used and 16 MiB */
};
void mia__graph_stat(struct mia__graph *graph, struct mia__graph_stat *stat);

/* The graph as bytes, for vector/checkpoint.h, and what it holds at that moment. Buried points are
 * saved as any others, and are to be buried again after load. */
mia_status mia__graph_save(struct mia__graph *graph, struct mia__buf *bytes,
                           struct mia__graph_stat *stat, struct mia_error *err);
/* A graph from these bytes. They must be what save gave, to the last bit, with the same shape:
 * the library follows pointers in them, so compare a checksum before. MIA_ERR_CORRUPT: it is not a
 * graph of this shape with so many points. */
mia_status mia__graph_load(const struct mia__graph_shape *shape, mia_slice bytes, uint64_t applied,
                           uint64_t points, struct mia__graph **graph, struct mia_error *err);

#endif
