/* engine/mdbx/check.c - libmdbx's own check of every page, with its findings as lines */
#include "engine/mdbx/internal.h"

#include "base/error.h"

#include <inttypes.h>
#include <stdio.h>

struct findings {
    MDBX_chk_context_t context; /* first: libmdbx hands it back */
    struct mia__mdbx_db *db;
    mia_problem_fn fn;
    void *ctx;
    uint64_t count;
};

static void report(MDBX_chk_context_t *context, const char *object, uint64_t entry,
                   const char *issue, const char *extra, va_list args)
{
    struct findings *f = (struct findings *)(void *)context;
    char line[512];
    int used = snprintf(line, sizeof line, "%s %" PRIu64 ": %s", object ? object : "file", entry,
                        issue ? issue : "problem");
    if (extra != NULL && used > 0 && (size_t)used + 2 < sizeof line) {
        line[used++] = ' ';
        vsnprintf(line + used, sizeof line - (size_t)used, extra, args);
    }
    f->count++;
    if (f->fn != NULL)
        f->fn(f->ctx, line);
}

/* libmdbx 0.13.11 compares the pages of each tree with what the check's transaction knows of it, and
 * of a tree that was opened before in this process it knows nothing until somebody asks. */
static int look_up_trees(MDBX_chk_context_t *context, MDBX_chk_stage_t stage)
{
    struct mia__mdbx_db *db = ((struct findings *)(void *)context)->db;
    if (stage != MDBX_chk_tables)
        return MDBX_SUCCESS;
    pthread_mutex_lock(&db->lock);
    for (uint32_t i = 0; i < db->tree_count; i++) {
        MDBX_stat stat;
        MDBX_dbi dbi = atomic_load_explicit(&db->trees[i].dbi, memory_order_relaxed);
        if (dbi != 0) /* one that the transaction cannot see is not checked either */
            (void)mdbx_dbi_stat(context->txn, dbi, &stat, sizeof stat);
    }
    pthread_mutex_unlock(&db->lock);
    return MDBX_SUCCESS;
}

mia_status mia__mdbx_check(void *database, mia_problem_fn fn, void *ctx, uint64_t *problems,
                           struct mia_error *err)
{
    struct mia__mdbx_db *db = database;
    static const MDBX_chk_callbacks_t callbacks = {.issue = report, .stage_begin = look_up_trees};
    struct findings f = {.db = db, .fn = fn, .ctx = ctx};
    int code = mdbx_env_chk(db->env, &callbacks, &f.context, MDBX_CHK_DEFAULTS, MDBX_chk_result, 0);
    uint64_t total = f.context.result.total_problems;
    if (code == MDBX_CORRUPTED || code == MDBX_PROBLEM || code == MDBX_PAGE_NOTFOUND)
        code = MDBX_SUCCESS, total += total == 0;
    *problems = total > f.count ? total : f.count;
    if (code == MDBX_SUCCESS && *problems > f.count && f.count == 0 && fn != NULL)
        fn(ctx, "libmdbx found damage that it could not place");
    return code == MDBX_SUCCESS ? MIA_OK : mia__mdbx_fail(db, code, err, "check");
}
