/*
 * ab/traced.c - every engine of the suites with a recording around it
 *
 * Linked with --wrap for three functions: the rules of engines hold all the same.
 */
#include "ab/trace_engine.h"
#include "engine/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

size_t __real_test_engines(struct test_engine engines[3]);
size_t __wrap_test_engines(struct test_engine engines[3]);
const struct mia_engine_ops *__real_mia_engine_detect(const char *at);
const struct mia_engine_ops *__wrap_mia_engine_detect(const char *at);
mia_status __real_mia_db_open(const struct mia_engine_ops *engine, const char *at,
                              const struct mia_db_options *opt, mia_db **db, struct mia_error *err);
mia_status __wrap_mia_db_open(const struct mia_engine_ops *engine, const char *at,
                              const struct mia_db_options *opt, mia_db **db, struct mia_error *err);

static struct {
    const struct mia_engine_ops *inner;
    struct mia_engine_ops ops;
} traced[3];

static mia_trace *trace;
static char path[64];

/* The recording is whole, and was never in anybody's way. */
static void finish(void)
{
    struct mia_trace_report report = {.struct_size = sizeof report};
    mia_trace_close(trace, &report, NULL);
    remove(path);
    if (report.why.status == MIA_OK && report.lost == 0)
        return;
    fprintf(stderr, "the recording ended: %s\n", report.why.message);
    _exit(1);
}

static mia_status open_traced(const struct mia_engine_ops *inner, const char *at,
                              const struct mia_db_options *opt, void **out, struct mia_error *err)
{
    void *handle;
    struct mia__traced_db *db;
    mia_status rc = inner->open(at, opt, &handle, err);
    if (rc != MIA_OK)
        return rc;
    rc = mia__trace_wrap(inner, handle, trace, &db, err);
    if (rc == MIA_OK)
        *out = db;
    return rc;
}

#define OPEN(i)                                                                                    \
    static mia_status open_##i(const char *at, const struct mia_db_options *opt, void **db,        \
                               struct mia_error *err)                                              \
    {                                                                                              \
        return open_traced(traced[i].inner, at, opt, db, err);                                     \
    }
OPEN(0)
OPEN(1)
OPEN(2)

size_t __wrap_test_engines(struct test_engine engines[3])
{
    static mia_status (*const opens[])(const char *, const struct mia_db_options *, void **,
                                       struct mia_error *) = {open_0, open_1, open_2};
    size_t count = __real_test_engines(engines);
    if (trace == NULL) {
        snprintf(path, sizeof path, "/tmp/mia-traced-%d", (int)getpid());
        struct mia_trace_options opt = {.struct_size = sizeof opt, .with_values = true};
        if (mia_trace_create(path, &opt, &trace, NULL) != MIA_OK)
            abort();
        atexit(finish);
    }
    for (size_t i = 0; i < count; i++) {
        if (engines[i].ops == NULL)
            continue;
        traced[i].inner = engines[i].ops;
        mia__trace_table(engines[i].ops, &traced[i].ops);
        traced[i].ops.open = opens[i];
        engines[i].ops = &traced[i].ops;
    }
    return count;
}

/* Files know nothing of a recording: the engine that is found by them stands for the one around. */
const struct mia_engine_ops *__wrap_mia_engine_detect(const char *at)
{
    const struct mia_engine_ops *found = __real_mia_engine_detect(at);
    for (size_t i = 0; i < LENGTH(traced); i++)
        if (found != NULL && traced[i].inner == found)
            return &traced[i].ops;
    return found;
}

mia_status __wrap_mia_db_open(const struct mia_engine_ops *engine, const char *at,
                              const struct mia_db_options *opt, mia_db **db, struct mia_error *err)
{
    if (engine == NULL)
        engine = __wrap_mia_engine_detect(at);
    return __real_mia_db_open(engine, at, opt, db, err);
}
