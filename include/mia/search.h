/*
 * mia/search.h - the embeddings nearest to a vector
 *
 * By cosine distance, 1 - cosine: 0 is the same direction, 2 the opposite one. Vectors that have no
 * direction (zeros, or with something in them that is not finite) are kept, and never found. Where
 * many vectors are searched, some of the very nearest may be missed, as in any such index; what is
 * found is in the transaction's snapshot, its distances are exact, and it is in their order. With
 * up to 2048 vectors, or with `exact`, nothing is missed.
 *
 * The graph that makes it fast is in memory. A thread of the store makes it when it is first needed
 * and adds what was committed since; until it has come so far, vectors are compared one by one. It
 * is kept in files below the database, DIR/vectors, which may be removed at any time. On an engine
 * with MIA's own indexes (sled) vectors are always compared one by one.
 */
#ifndef MIA_SEARCH_H
#define MIA_SEARCH_H

#include "mia/db.h"
#include "mia/text.h"

#ifdef __cplusplus
extern "C" {
#endif

struct mia_hit {
    mia_str embedding_id; /* until the transaction ends, in a WRITE one until its next write */
    float distance;
    float score; /* 1 - distance */
};

struct mia_search_options {
    uint32_t struct_size;
    mia_str model; /* vectors of this model alone; data NULL: of every model that has vectors of
                      the query's dimension, though distances of two models mean little */
    uint32_t ef;   /* how many near vectors are looked at; 0 = the larger of 50 and 2 k */
    bool exact;    /* all of them: the reference result */
    float max_distance;                              /* farther ones are left out; 0 = no limit */
    bool (*filter)(void *ctx, mia_str embedding_id); /* false: left out. Must not use the
                                                        transaction. NULL: all are wanted */
    void *filter_ctx;
    const mia_str *candidates; /* only these ids, compared one by one; NULL: all */
    size_t candidate_count;
};

/* Writes up to k hits, nearest first, equal distances by id; *found says how many. query: dimension
 * floats. opt NULL: defaults. txn: of mia_store_begin. Without any vectors in the store nothing is
 * found. MIA_ERR_INVALID: the query has no direction, or the store has vectors but none of its
 * dimension (the message lists those it has); MIA_ERR_UNSUPPORTED: the store has no index, and
 * neither `exact` nor candidates are asked for. */
MIA_API mia_status mia_search(mia_txn *txn, const float *query, size_t dimension, size_t k,
                              const struct mia_search_options *opt, struct mia_hit *hits,
                              size_t *found, struct mia_error *err);

#ifdef __cplusplus
}
#endif
#endif
