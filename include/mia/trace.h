/*
 * mia/trace.h - what a running program asks of a database, written down: for mia_ab_run to repeat
 *
 *     mia_trace_create("day.trace", NULL, &trace, &err);
 *     struct mia_store_options opt = {.struct_size = sizeof opt, .observer = mia_trace_observe,
 *                                     .observer_ctx = trace};
 *     mia_store_open(NULL, "data/main", &opt, &store, &err);   // MIA's records
 *     ... or ...
 *     mia_trace_open(NULL, "data/other", NULL, trace, &db, &err); // pairs of bytes
 *     ...
 *     mia_trace_close(trace, NULL, &err);   // behind the database
 *
 * Recording never fails the program: what cannot be written ends the recording and is counted. It
 * costs each call a lock and, whenever 64 KiB have come together, the write of them. The format is
 * docs/trace-format.md.
 */
#ifndef MIA_TRACE_H
#define MIA_TRACE_H

#include "mia/store.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One recording. Any number of threads and databases may use it; the databases must be of one sort,
 * stores or pairs: what comes from the other is left out, and counted. */
typedef struct mia_trace mia_trace;

struct mia_trace_options {
    uint32_t struct_size;
    bool hash_keys;     /* keys as 128 bits of SHA-256 with a salt of the file: they can be found
                           again in the database, and not read without it */
    bool with_values;   /* what is put as it is; otherwise its size only */
    uint64_t max_bytes; /* the file grows no further; 0 = 1 GiB */
};

struct mia_trace_report {
    uint32_t struct_size;
    uint64_t events;      /* that were written */
    uint64_t bytes;       /* of the file */
    uint64_t lost;        /* calls that came after recording had ended by itself */
    uint64_t left_out;    /* calls that a trace cannot hold: mia_tree_clear, steps backwards,
                             multi-value trees */
    struct mia_error why; /* why it ended by itself; status MIA_OK: it did not */
};

/* Makes the file, which must not exist. opt NULL: defaults. */
MIA_API mia_status mia_trace_create(const char *path, const struct mia_trace_options *opt,
                                    mia_trace **trace, struct mia_error *err);
/* Writes what is left and closes the file; out may be NULL. After the databases and stores that use
 * it are closed. An error of the recording itself is no error of this call: see out->why. NULL is
 * fine. */
MIA_API mia_status mia_trace_close(mia_trace *trace, struct mia_trace_report *out,
                                   struct mia_error *err);
/* How far it is. out->struct_size must be set. Any thread. */
MIA_API mia_status mia_trace_report(mia_trace *trace, struct mia_trace_report *out,
                                    struct mia_error *err);
/* A mia_store_observer_fn; ctx is the mia_trace. */
MIA_API void mia_trace_observe(void *ctx, const struct mia_store_event *event);
/* As mia_db_open, and every call on the database is recorded. trace: until the database is closed.
 */
MIA_API mia_status mia_trace_open(const struct mia_engine_ops *engine, const char *path,
                                  const struct mia_db_options *opt, mia_trace *trace, mia_db **db,
                                  struct mia_error *err);

#ifdef __cplusplus
}
#endif
#endif
