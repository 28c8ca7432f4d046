/* engine/sled/check.c - reads everything once */
#include "engine/sled/internal.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/try.h"
#include "mia_native.h"

#include <stdio.h>

enum { BATCH = 256 };

struct check {
    mia_problem_fn fn;
    void *ctx;
    uint64_t problems;
    void *txn;
};

static void report(struct check *check, mia_slice tree, const char *what)
{
    char name[80];
    char *line = mia__format("tree %s: %s", mia__print_bytes(name, sizeof name, tree), what);
    check->problems++;
    check->fn(check->ctx, line != NULL ? line : what);
    mia__free(line);
}

/* Compares each key with the one before; *last holds the last key of the batch before this one. */
static mia_status check_order(struct check *check, mia_slice tree, struct mia__buf *last,
                              bool is_first, const struct mia_pair *pairs, size_t n,
                              struct mia_error *err)
{
    mia_slice before = mia__buf_slice(last);
    for (size_t i = 0; i < n; i++) {
        if ((i > 0 || !is_first) && mia_slice_compare(before, pairs[i].key) >= 0) {
            char shown[100], what[160];
            snprintf(what, sizeof what, "key %s is out of order",
                     mia__print_bytes(shown, sizeof shown, pairs[i].key));
            report(check, tree, what);
        }
        before = pairs[i].key;
    }
    return mia__buf_set(last, before, err);
}

static mia_status scan(struct check *check, void *cur, mia_slice tree, struct mia_error *err)
{
    mia_status rc;
    struct mia__buf last = {0};
    struct mia_pair pairs[BATCH];
    size_t n;
    for (bool is_first = true;; is_first = false) {
        TRY(mia_sled_batch(cur, pairs, BATCH, &n, err));
        if (rc == MIA_NOTFOUND)
            break;
        TRY(check_order(check, tree, &last, is_first, pairs, n, err));
    }
    rc = MIA_OK;
done:
    mia__buf_free(&last);
    return rc;
}

/* What cannot be read is a problem found, not a failure of the check. */
static void check_tree(struct check *check, mia_slice name)
{
    struct mia_error err = {0};
    uint32_t tree;
    void *cur = NULL;
    mia_status rc = mia_sled_tree(check->txn, name, 0, &tree, &err);
    if (rc == MIA_OK)
        rc = mia_sled_cursor(check->txn, tree, &cur, &err);
    if (rc == MIA_OK)
        rc = scan(check, cur, name, &err);
    if (rc < 0)
        report(check, name, err.message);
    if (cur != NULL)
        mia_sled_cursor_close(cur);
}

mia_status mia__sled_check(void *db, mia_problem_fn fn, void *ctx, uint64_t *problems,
                           struct mia_error *err)
{
    struct check check = {.fn = fn, .ctx = ctx};
    mia_slice name = {0};
    mia_status rc = mia_sled_begin(db, MIA_TXN_READ, &check.txn, err);
    if (rc < 0)
        return rc;
    TRY(mia_sled_tree_next(check.txn, NULL, &name, err));
    while (rc == MIA_OK) {
        check_tree(&check, name);
        /* unusable after a panic: what was found stands */
        rc = mia_sled_tree_next(check.txn, &name, &name, check.problems == 0 ? err : NULL);
    }
    if (rc == MIA_NOTFOUND || check.problems > 0)
        rc = MIA_OK;
    *problems = check.problems;
done:
    mia_sled_abort(check.txn);
    return rc;
}
