/* ab/trace_engine.h - an engine around an engine, which writes down what is asked of it */
#ifndef MIA_AB_TRACE_ENGINE_H
#define MIA_AB_TRACE_ENGINE_H

#include "base/memory.h"
#include "mia/trace.h"

#include <pthread.h>

struct mia__traced_db {
    struct mia_engine_ops ops; /* ours, with what the inner engine says of itself */
    const struct mia_engine_ops *inner;
    void *handle;
    mia_trace *trace;
    pthread_mutex_t lock;   /* of the names */
    struct mia__buf *names; /* by the number of the tree */
    bool *is_multi;
    uint32_t trees;
};

/* The table of such an engine, but for open. */
void mia__trace_table(const struct mia_engine_ops *inner, struct mia_engine_ops *ops);
/* Around what inner has opened; takes the handle, on failure too. *db is a handle of the table. */
mia_status mia__trace_wrap(const struct mia_engine_ops *inner, void *handle, mia_trace *trace,
                           struct mia__traced_db **db, struct mia_error *err);

#endif
