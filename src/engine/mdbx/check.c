/* engine/mdbx/check.c - libmdbx's own check of every page, with its findings as lines */
#include "engine/mdbx/internal.h"

#include "base/error.h"

#include <inttypes.h>
#include <stdio.h>

struct findings {
    MDBX_chk_context_t context; /* first: libmdbx hands it back */
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

mia_status mia__mdbx_check(void *database, mia_problem_fn fn, void *ctx, uint64_t *problems,
                           struct mia_error *err)
{
    struct mia__mdbx_db *db = database;
    static const MDBX_chk_callbacks_t callbacks = {.issue = report};
    struct findings f = {.fn = fn, .ctx = ctx};
    int code = mdbx_env_chk(db->env, &callbacks, &f.context, MDBX_CHK_DEFAULTS, MDBX_chk_result, 0);
    uint64_t total = f.context.result.total_problems;
    if (code == MDBX_CORRUPTED || code == MDBX_PROBLEM || code == MDBX_PAGE_NOTFOUND)
        code = MDBX_SUCCESS, total += total == 0;
    *problems = total > f.count ? total : f.count;
    if (code == MDBX_SUCCESS && *problems > f.count && f.count == 0 && fn != NULL)
        fn(ctx, "libmdbx found damage that it could not place");
    return code == MDBX_SUCCESS ? MIA_OK : mia__mdbx_fail(db, code, err, "check");
}
