/*
 * ab/side.h - one of the databases, open, and operations done on it
 */
#ifndef MIA_AB_SIDE_H
#define MIA_AB_SIDE_H

#include "ab/plan.h"
#include "mia/store.h"
#include "raw/raw.h"

/* What a directory holds, found out before anything is opened to be measured. */
struct mia__ab_content {
    bool is_sled, is_typed;
    bool has_records; /* a tree of MIA's records */
};
mia_status mia__ab_inspect(const char *path, struct mia__ab_content *content,
                           struct mia_error *err);

/* How it is opened. */
enum mia__ab_access {
    MIA__AB_IN_PLACE,   /* libmdbx, read-only, where it lies */
    MIA__AB_COPY,       /* libmdbx, a copy */
    MIA__AB_SLED_FILES, /* sled's files by our own reader */
    MIA__AB_SLED        /* the real sled, a copy */
};
const char *mia__ab_access_text(enum mia__ab_access access); /* half a sentence; static */

struct mia__ab_side {
    const struct mia__ab_plan *plan;
    mia_db *db;       /* of the store, if there is one */
    mia_store *store; /* NULL: pairs of bytes */
    struct mia__raw raw;
    mia_tree trees[MIA__AB_TREES];
    bool has_trees[MIA__AB_TREES];
};

/* Opens path. *side is closed whatever it answers. */
mia_status mia__ab_side_open(struct mia__ab_side *side, const struct mia__ab_plan *plan,
                             enum mia__ab_access access, const char *path, bool is_lazy,
                             struct mia_error *err);
void mia__ab_side_close(struct mia__ab_side *side);
/* Returns when what a store makes for its searches is made: graphs of vectors. */
void mia__ab_side_settle(struct mia__ab_side *side);

enum { MIA__AB_NEAREST = 10 };

/* What an operation answered, and how long it took. */
struct mia__ab_answer {
    uint64_t began_ns; /* of the monotonic clock */
    uint64_t ns;
    uint64_t print; /* of everything that it answered: equal answers, equal prints */
    int32_t status; /* mia_status */
    uint32_t items; /* of a list */
};

/* What a thread keeps from operation to operation. {0} to begin with. */
struct mia__ab_worker {
    mia_encoder *encoder;
    struct mia__buf value;
    mia_txn *txn; /* that the last operation left open */
    float *query;
    size_t query_capacity;
    uint32_t *near; /* prints of the hits of the search that was done last; NULL: not wanted */
};
void mia__ab_worker_free(struct mia__ab_worker *worker);

/* Does one operation in a transaction of its own. A failure of the operation is an answer. */
void mia__ab_side_do(struct mia__ab_side *side, struct mia__ab_worker *worker,
                     const struct mia__ab_op *op, struct mia__ab_answer *answer);
/* record.c, pair.c: the two levels of it. */
void mia__ab_do_record(struct mia__ab_side *side, struct mia__ab_worker *worker,
                       const struct mia__ab_op *op, struct mia__ab_answer *answer);
void mia__ab_do_pair(struct mia__ab_side *side, struct mia__ab_worker *worker,
                     const struct mia__ab_op *op, struct mia__ab_answer *answer);

#endif
