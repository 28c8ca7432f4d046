/*
 * store/vectors.h - the graphs of a store's spaces, in memory and in files
 *
 * One thread of the store, the builder, makes them: it runs when a search has asked for a graph
 * that is not there or lags behind, and ends when all that was asked for is done. Searches never
 * wait for it.
 */
#ifndef MIA_STORE_VECTORS_H
#define MIA_STORE_VECTORS_H

#include "index/spaces.h"
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
/* No builder from its return until resume. */
void mia__vectors_pause(struct mia__vectors *vectors);
void mia__vectors_resume(struct mia__vectors *vectors);
/* They are another store's now, over the same database. */
void mia__vectors_move(struct mia__vectors *vectors, mia_store *store);

/* The graph of a space, held until mia__vectors_release; NULL: there is none yet, or it lacks
 * points that the transaction of this session can see. The builder is told that keys below `next`
 * are wanted in it. */
struct mia__session;
struct mia__graph *mia__vectors_hold(struct mia__vectors *vectors, const struct mia__space *space,
                                     const struct mia__session *session);
void mia__vectors_release(struct mia__vectors *vectors, const struct mia__space *space,
                          struct mia__graph *graph);
/* A key that this session's snapshot does not have any more: the graph need not find it for those
 * that begin from now on. Sessions that began before get no graph afterwards. */
void mia__vectors_bury(struct mia__vectors *vectors, const struct mia__space *space,
                       struct mia__graph *graph, uint64_t key, const struct mia__session *session);
/* Whether all that a search found in a held graph is still all that this session can see in it. */
bool mia__vectors_is_whole(struct mia__vectors *vectors, const struct mia__space *space,
                           const struct mia__session *session);
/* Waits until the builder has nothing to do. */
void mia__vectors_settle(struct mia__vectors *vectors);

#endif
