/*
 * store/vectors.h - the graphs of a store's spaces, in memory and in files
 *
 * One thread of the store, the builder, makes them: it runs when a search has asked for a graph
 * that is not there or lags behind, and ends when all that was asked for is done. Searches never
 * wait for it.
 */
#ifndef MIA_STORE_VECTORS_H
#define MIA_STORE_VECTORS_H

#include "mia/store.h"
#include "vector/graph.h"

/* Below so many vectors looking at all of them is as fast. */
enum { MIA__VECTORS_FEW = 2048 };

struct mia__vectors;
mia_status mia__vectors_open(mia_store *store, struct mia__vectors **vectors,
                             struct mia_error *err);
/* Stops the builder and writes what has changed into files. Searches must have ended. */
void mia__vectors_rest(struct mia__vectors *vectors);
void mia__vectors_free(struct mia__vectors *vectors); /* after rest; NULL is fine */

/* The graph of a space, held until mia__vectors_release; NULL: there is none yet. The builder is
 * told that keys below `next` are wanted in it. */
struct mia__graph *mia__vectors_hold(struct mia__vectors *vectors, uint32_t space,
                                     uint32_t dimension, uint64_t next);
void mia__vectors_release(struct mia__vectors *vectors, uint32_t space, struct mia__graph *graph);
/* Waits until the builder has nothing to do. */
void mia__vectors_settle(struct mia__vectors *vectors);

#endif
