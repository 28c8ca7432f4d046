/* index/bulk.c - entries through a sort of files into empty trees */
#include "index/bulk.h"

#include "base/error.h"
#include "base/sort.h"
#include "base/try.h"
#include "index/spaces.h"

struct mia__bulk {
    struct mia__sort *sort;
    struct mia__space_numbers spaces;
    struct mia__index_scratch scratch;
};

mia_status mia__bulk_open(const char *directory, size_t memory, struct mia__bulk **out,
                          struct mia_error *err)
{
    struct mia__bulk *bulk = mia__alloc_zero(sizeof *bulk);
    *out = NULL;
    if (bulk == NULL)
        return mia__fail_nomem(err);
    mia_status rc = mia__sort_open(directory, memory, &bulk->sort, err);
    if (rc < 0)
        mia__bulk_close(bulk);
    else
        *out = bulk;
    return rc;
}

void mia__bulk_close(struct mia__bulk *bulk)
{
    if (bulk == NULL)
        return;
    mia__sort_close(bulk->sort);
    mia__space_numbers_free(&bulk->spaces);
    mia__index_scratch_free(&bulk->scratch);
    mia__free(bulk);
}

static mia_status sort_entry(void *ctx, enum mia__index_tree tree, mia_slice key, mia_slice value,
                             struct mia_error *err)
{
    struct mia__bulk *bulk = ctx;
    return mia__sort_add(bulk->sort, tree, key, value, err);
}

mia_status mia__bulk_add(struct mia__bulk *bulk, mia_view record, struct mia_error *err)
{
    mia_status rc;
    struct mia__entries to = {sort_entry, bulk};
    TRY(mia__multi_entries(&bulk->scratch, record, &to, err));
    if (record.kind == MIA_KIND_EMBEDDING)
        rc = mia__spaces_entries(&bulk->spaces, &bulk->scratch, record, &to, err);
done:
    return rc;
}

struct writing {
    mia_db *db;
    mia_txn *txn;
    const struct mia__bulk_batch *batch;
    mia_tree spaces;
    uint64_t bytes;   /* in txn */
    uint64_t entries; /* those of records: the spaces are none */
};

static mia_status end_batch(struct writing *w, struct mia_error *err)
{
    mia_status rc = w->txn != NULL ? mia_txn_commit(w->txn, err) : MIA_OK;
    w->txn = NULL;
    w->bytes = 0;
    if (rc == MIA_OK && w->batch->tick != NULL && !w->batch->tick(w->batch->tick_ctx, w->entries))
        rc = mia__fail(err, MIA_ERR_CANCELLED, "%s: stopped while its index was made",
                       mia_db_path(w->db));
    return rc;
}

static mia_status append(struct writing *w, mia_tree tree, const struct mia_pair *pair,
                         struct mia_error *err)
{
    mia_status rc = MIA_OK;
    if (w->txn == NULL)
        TRY(mia_txn_begin(w->db, MIA_TXN_WRITE, &w->txn, err));
    TRY(mia_kv_put(w->txn, tree, pair->key, pair->value, MIA_PUT_APPEND, err));
    w->entries += tree != w->spaces;
    w->bytes += pair->key.size + pair->value.size;
    if (w->bytes >= w->batch->bytes)
        TRY(end_batch(w, err));
done:
    return rc;
}

mia_status mia__bulk_write(struct mia__bulk *bulk, mia_db *db, const struct mia__index *index,
                           const struct mia__bulk_batch *batch, uint64_t *entries,
                           struct mia_error *err)
{
    mia_status rc;
    struct mia_pair pair;
    uint32_t tree;
    struct mia__entries to = {sort_entry, bulk};
    struct writing w = {.db = db, .batch = batch, .spaces = index->trees[MIA__INDEX_SPACES]};
    TRY(mia__spaces_numbered(&bulk->spaces, &to, err));
    for (;;) {
        TRY(mia__sort_next(bulk->sort, &tree, &pair, err));
        if (rc == MIA_NOTFOUND)
            break;
        TRY(append(&w, index->trees[tree], &pair, err));
    }
    rc = end_batch(&w, err);
done:
    mia_txn_abort(w.txn);
    *entries = w.entries;
    return rc;
}
