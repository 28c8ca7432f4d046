/* engine/mdbx/engine.c - single pairs, and the engine's table */
#include "engine/mdbx/internal.h"

#include "base/error.h"

static mia_status get(void *transaction, uint32_t tree, mia_slice key, mia_slice *value,
                      struct mia_error *err)
{
    struct mia__mdbx_txn *txn = transaction;
    MDBX_dbi dbi;
    mia_status rc = mia__mdbx_dbi(txn, tree, &dbi, err);
    if (rc < 0)
        return rc;
    MDBX_val k = mia__mdbx_val(key), v;
    int code = mdbx_get(txn->txn, dbi, &k, &v);
    if (code == MDBX_NOTFOUND)
        return MIA_NOTFOUND;
    if (code != MDBX_SUCCESS)
        return mia__mdbx_fail(txn->db, code, err, "get");
    *value = mia__mdbx_slice(v);
    return MIA_OK;
}

static int append(struct mia__mdbx_txn *txn, uint32_t tree, MDBX_dbi dbi, const MDBX_val *key,
                  MDBX_val *value)
{
    int code = MDBX_SUCCESS;
    if (txn->append != NULL && txn->append_tree != tree) {
        mdbx_cursor_close(txn->append);
        txn->append = NULL;
    }
    if (txn->append == NULL)
        code = mdbx_cursor_open(txn->txn, dbi, &txn->append);
    txn->append_tree = tree;
    if (code == MDBX_SUCCESS)
        code = mdbx_cursor_put(
            txn->append, key, value,
            MDBX_APPEND | (txn->db->trees[tree].is_multi ? MDBX_APPENDDUP : MDBX_NOOVERWRITE));
    return code;
}

static mia_status put(void *transaction, uint32_t tree, mia_slice key, mia_slice value,
                      uint32_t flags, struct mia_error *err)
{
    struct mia__mdbx_txn *txn = transaction;
    MDBX_dbi dbi;
    mia_status rc = mia__mdbx_dbi(txn, tree, &dbi, err);
    if (rc < 0)
        return rc;
    MDBX_val k = mia__mdbx_val(key), v = mia__mdbx_val(value);
    int code = flags & MIA_PUT_APPEND
                   ? append(txn, tree, dbi, &k, &v)
                   : mdbx_put(txn->txn, dbi, &k, &v,
                              flags & MIA_PUT_INSERT_ONLY ? MDBX_NOOVERWRITE : MDBX_UPSERT);
    return code == MDBX_SUCCESS ? MIA_OK : mia__mdbx_fail(txn->db, code, err, "put");
}

static mia_status del(void *transaction, uint32_t tree, mia_slice key, const mia_slice *value,
                      struct mia_error *err)
{
    struct mia__mdbx_txn *txn = transaction;
    MDBX_dbi dbi;
    mia_status rc = mia__mdbx_dbi(txn, tree, &dbi, err);
    if (rc < 0)
        return rc;
    MDBX_val k = mia__mdbx_val(key), v = {0};
    if (value != NULL)
        v = mia__mdbx_val(*value);
    int code = mdbx_del(txn->txn, dbi, &k, value != NULL ? &v : NULL);
    return code == MDBX_SUCCESS ? MIA_OK : mia__mdbx_fail(txn->db, code, err, "del");
}

static const struct mia_engine_ops mdbx_ops = {
    .abi = MIA_ENGINE_ABI,
    .struct_size = sizeof(struct mia_engine_ops),
    .name = MIA__MDBX_NAME,
    .caps =
        MIA_CAP_ZERO_COPY | MIA_CAP_SNAPSHOT | MIA_CAP_MULTI | MIA_CAP_COPY | MIA_CAP_MULTIPROCESS,
    .value_format = MIA_VALUE_RKYV,
    .index_layout = MIA_INDEX_MULTI,
    .open = mia__mdbx_open,
    .close = mia__mdbx_close,
    .info = mia__mdbx_info,
    .sync = mia__mdbx_sync,
    .sync_ahead = mia__mdbx_sync_ahead,
    .copy = mia__mdbx_copy,
    .readers = mia__mdbx_readers,
    .check = mia__mdbx_check,
    .detect = mia__mdbx_detect,
    .begin = mia__mdbx_begin,
    .commit = mia__mdbx_commit,
    .abort = mia__mdbx_abort,
    .tree = mia__mdbx_tree,
    .tree_next = mia__mdbx_tree_next,
    .clear = mia__mdbx_clear,
    .get = get,
    .put = put,
    .del = del,
    .count = mia__mdbx_count,
    .changed = mia__mdbx_changed,
    .cursor = mia__mdbx_cursor,
    .move = mia__mdbx_move,
    .batch = mia__mdbx_batch,
    .cursor_close = mia__mdbx_cursor_close,
};

const struct mia_engine_ops *mia_engine_mdbx(void)
{
    return &mdbx_ops;
}
