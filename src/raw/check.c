/* raw/check.c - are the layers of folded keys whole? */
#include "base/bytes.h"
#include "base/error.h"
#include "base/try.h"
#include "raw/raw.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct layers {
    mia_txn *txn;
    const struct mia__raw *raw;
    struct mia__buf pointed; /* uint64_t: every layer that a pointer names */
    mia_problem_fn fn;
    void *ctx;
    uint64_t problems;
};

static void report(struct layers *l, const char *what, uint64_t layer)
{
    char line[120];
    snprintf(line, sizeof line, MIA__RAW_LONG_TREE ": layer %" PRIu64 " %s", layer, what);
    l->problems++;
    if (l->fn != NULL)
        l->fn(l->ctx, line);
}

/* Notes every pointer of a tree: the entries whose key is exactly as long as the limit. */
static mia_status note_pointers(struct layers *l, mia_tree tree, struct mia_error *err)
{
    mia_status rc;
    mia_cursor *cur;
    struct mia_pair pairs[64];
    size_t n;
    TRY(mia_cursor_open(l->txn, tree, &cur, err));
    for (;;) {
        TRY(mia_cursor_batch(cur, pairs, 64, &n, err));
        if (rc == MIA_NOTFOUND)
            break;
        for (size_t i = 0; i < n; i++) {
            if (pairs[i].key.size != l->raw->limit || pairs[i].value.size != MIA__RAW_ID_SIZE)
                continue; /* a pointer of another size is found by whoever reads the pairs */
            uint64_t layer = mia__load_u64be(pairs[i].value.data);
            TRY(mia__buf_append(&l->pointed, &layer, sizeof layer, err));
        }
    }
    rc = MIA_OK;
done:
    mia_cursor_close(cur);
    return rc;
}

static mia_status note_all_pointers(struct layers *l, struct mia_error *err)
{
    mia_status rc;
    mia_slice stored, after;
    struct mia__buf last = {0}, name = {0};
    TRY(note_pointers(l, l->raw->layers, err));
    for (const mia_slice *from = NULL;; from = &after) {
        mia_tree tree;
        TRY(mia_tree_next(l->txn, from, &stored, err));
        if (rc == MIA_NOTFOUND)
            break;
        TRY(mia__buf_set(&last, stored, err));
        after = mia__buf_slice(&last);
        TRY(mia__raw_name(l->txn, l->raw, after, &name, err));
        if (rc == MIA_NOTFOUND)
            continue;
        TRY(mia_tree_open(l->txn, after, 0, &tree, err));
        TRY(note_pointers(l, tree, err));
    }
    rc = MIA_OK;
done:
    mia__buf_free(&last);
    mia__buf_free(&name);
    return rc;
}

static int by_number(const void *a, const void *b)
{
    uint64_t first, second;
    memcpy(&first, a, sizeof first);
    memcpy(&second, b, sizeof second);
    return (first > second) - (first < second);
}

/* Layers in the table and layers pointed to, both ascending, must be the same. */
static mia_status match(struct layers *l, struct mia_error *err)
{
    mia_status rc;
    mia_cursor *cur;
    struct mia_pair pair;
    size_t n, at = 0, count = l->pointed.size / sizeof(uint64_t);
    const uint64_t *pointed = (const uint64_t *)(const void *)l->pointed.data;
    uint64_t last = 0;
    TRY(mia_cursor_open(l->txn, l->raw->layers, &cur, err));
    for (;;) {
        TRY(mia_cursor_batch(cur, &pair, 1, &n, err));
        if (rc == MIA_NOTFOUND)
            break;
        uint64_t layer = pair.key.size >= MIA__RAW_ID_SIZE ? mia__load_u64be(pair.key.data) : 0;
        if (layer == last && layer != 0)
            continue;
        last = layer;
        while (at < count && pointed[at] < layer)
            report(l, "is missing", pointed[at++]);
        if (at == count || pointed[at] != layer)
            report(l, "belongs to no key", layer);
        else
            at++;
        for (; at < count && pointed[at] == layer; at++)
            report(l, "belongs to two keys", layer);
    }
    while (at < count)
        report(l, "is missing", pointed[at++]);
    rc = MIA_OK;
done:
    mia_cursor_close(cur);
    return rc;
}

mia_status mia__raw_check(mia_txn *txn, const struct mia__raw *raw, mia_problem_fn fn, void *ctx,
                          uint64_t *problems, struct mia_error *err)
{
    mia_status rc;
    struct layers l = {.txn = txn, .raw = raw, .fn = fn, .ctx = ctx};
    TRY(note_all_pointers(&l, err));
    if (l.pointed.size > 0)
        qsort(l.pointed.data, l.pointed.size / sizeof(uint64_t), sizeof(uint64_t), by_number);
    TRY(match(&l, err));
done:
    *problems = l.problems;
    mia__buf_free(&l.pointed);
    return rc;
}
