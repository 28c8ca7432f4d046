/* migrate/source_db.c - trees and pairs through an open engine, one READ transaction a cursor */
#include "migrate/source_db.h"

#include "base/error.h"
#include "base/try.h"

/* A table of another owner may hold several values a key; its pairs are shown all the same. */
static mia_status open_any(mia_txn *txn, mia_slice stored, mia_tree *tree, struct mia_error *err)
{
    mia_status rc = mia_tree_open(txn, stored, 0, tree, NULL);
    if (rc == MIA_ERR_INVALID)
        rc = mia_tree_open(txn, stored, MIA_TREE_MULTI, tree, err);
    else if (rc < 0)
        rc = mia_tree_open(txn, stored, 0, tree, err);
    return rc;
}

mia_status mia__source_db_trees(mia_source *source, struct mia__source_db *base,
                                struct mia_error *err)
{
    mia_status rc;
    mia_txn *txn = NULL;
    struct mia__buf last = {0}, name = {0};
    mia_slice stored, after;
    base->source = source;
    TRY(mia_txn_begin(base->db, MIA_TXN_READ, &txn, err));
    for (const mia_slice *from = NULL;; from = &after) {
        mia_tree tree;
        TRY(mia_tree_next(txn, from, &stored, err));
        if (rc == MIA_NOTFOUND)
            break;
        TRY(mia__buf_set(&last, stored, err));
        after = mia__buf_slice(&last);
        if (after.data == NULL)
            after.data = "";
        TRY(mia__raw_name(txn, &base->raw, after, &name, err));
        if (rc == MIA_NOTFOUND)
            continue;
        TRY(open_any(txn, after, &tree, err));
        if (rc == MIA_OK)
            TRY(mia__source_add(source, mia__buf_slice(&name), tree, err));
    }
    rc = mia__source_sort(source, err);
done:
    mia_txn_abort(txn);
    mia__buf_free(&last);
    mia__buf_free(&name);
    return rc;
}

struct db_cursor {
    mia_txn *txn;
    struct mia__raw_cursor *pairs; /* one of the two */
    struct mia__typed_cursor *records;
};

/* Whether a tree's records are shown as MIA had them rather than as they are stored. */
static bool is_converted(const struct mia__source_db *base, size_t tree, enum mia__table *table)
{
    return base->original && base->raw.is_typed &&
           mia__table_find(mia__buf_slice(&base->source->trees[tree].name), table);
}

mia_status mia__source_db_cursor(void *self, size_t tree, void **out, struct mia_error *err)
{
    const struct mia__source_db *base = self;
    mia_status rc;
    struct db_cursor *c = mia__alloc_zero(sizeof *c);
    if (c == NULL)
        return mia__fail_nomem(err);
    TRY(mia_txn_begin(base->db, MIA_TXN_READ, &c->txn, err));
    mia_tree id = base->source->trees[tree].id;
    enum mia__table table;
    TRY(is_converted(base, tree, &table)
            ? mia__typed_cursor_open(c->txn, &base->raw, id, table, &c->records, err)
            : mia__raw_cursor_open(c->txn, &base->raw, id, &c->pairs, err));
    *out = c;
done:
    if (rc < 0)
        mia__source_db_cursor_close(c);
    return rc;
}

mia_status mia__source_db_seek(void *cur, mia_slice key, struct mia_error *err)
{
    struct db_cursor *c = cur;
    return c->records != NULL ? mia__typed_cursor_seek(c->records, key, err)
                              : mia__raw_cursor_seek(c->pairs, key, err);
}

mia_status mia__source_db_next_marked(void *cur, struct mia_pair *pairs, uint8_t *marks, size_t max,
                                      size_t *n, struct mia_error *err)
{
    struct db_cursor *c = cur;
    if (c->records != NULL)
        return mia__typed_cursor_next(c->records, pairs, marks, max, n, err);
    mia_status rc = mia__raw_cursor_next(c->pairs, pairs, max, n, err);
    if (marks != NULL)
        memset(marks, 0, *n);
    return rc;
}

mia_status mia__source_db_next(void *cur, struct mia_pair *pairs, size_t max, size_t *n,
                               struct mia_error *err)
{
    return mia__source_db_next_marked(cur, pairs, NULL, max, n, err);
}

void mia__source_db_cursor_close(void *cur)
{
    struct db_cursor *c = cur;
    mia__raw_cursor_close(c->pairs);
    mia__typed_cursor_close(c->records);
    mia_txn_abort(c->txn);
    mia__free(c);
}

/* With folded keys the tree's own count is of pointers too: then its pairs are walked. */
static mia_status has_layers(mia_txn *txn, const struct mia__raw *raw, bool *has,
                             struct mia_error *err)
{
    uint64_t entries = 0;
    mia_status rc = MIA_OK;
    if (raw->limit != 0)
        rc = mia_kv_count(txn, raw->layers, NULL, &entries, err);
    *has = entries > 0;
    return rc;
}

static mia_status walk_count(mia_txn *txn, const struct mia__raw *raw, mia_tree tree,
                             uint64_t *records, struct mia_error *err)
{
    mia_status rc;
    struct mia__raw_cursor *cur;
    struct mia_pair pairs[64];
    size_t n;
    TRY(mia__raw_cursor_open(txn, raw, tree, &cur, err));
    for (;;) {
        TRY(mia__raw_cursor_next(cur, pairs, 64, &n, err));
        if (rc == MIA_NOTFOUND)
            break;
        *records += n;
    }
    rc = MIA_OK;
done:
    mia__raw_cursor_close(cur);
    return rc;
}

static mia_status count_tree(mia_txn *txn, const struct mia__raw *raw, mia_tree tree,
                             uint64_t *records, struct mia_error *err)
{
    bool must_walk;
    *records = 0;
    mia_status rc = has_layers(txn, raw, &must_walk, err);
    if (rc < 0)
        return rc;
    return must_walk ? walk_count(txn, raw, tree, records, err)
                     : mia_kv_count(txn, tree, NULL, records, err);
}

mia_status mia__source_db_count(void *self, size_t tree, uint64_t *records, struct mia_error *err)
{
    const struct mia__source_db *base = self;
    mia_status rc;
    mia_txn *txn;
    mia_tree quarantine;
    enum mia__table table;
    uint64_t more = 0;
    *records = 0;
    TRY(mia_txn_begin(base->db, MIA_TXN_READ, &txn, err));
    TRY(count_tree(txn, &base->raw, base->source->trees[tree].id, records, err));
    if (is_converted(base, tree, &table)) {
        TRY(mia__typed_quarantine(txn, table, false, &quarantine, err));
        if (rc == MIA_OK)
            TRY(count_tree(txn, &base->raw, quarantine, &more, err));
        *records += more;
        rc = MIA_OK;
    }
done:
    mia_txn_abort(txn);
    return rc;
}
