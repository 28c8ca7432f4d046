/* engine/fault.c - an engine around an engine that fails once */
#include "engine/fault.h"

#include <stdio.h>

static struct {
    const struct mia_engine_ops *inner;
    struct mia_engine_ops ops;
    uint64_t left; /* calls until the one that fails; 0: it has been, or there is none */
    mia_status status;
    bool half, has_fired;
} fault;

void fault_arm(uint64_t nth, mia_status status, bool half)
{
    fault.left = nth;
    fault.status = status;
    fault.half = half;
    fault.has_fired = false;
}

bool fault_disarm(void)
{
    fault.left = 0;
    return fault.has_fired;
}

static bool fails(const char *call, struct mia_error *err)
{
    if (fault.left == 0 || --fault.left > 0)
        return false;
    fault.has_fired = true;
    if (err != NULL) {
        *err = (struct mia_error){.status = fault.status, .code = 4711, .engine = "fault"};
        snprintf(err->message, sizeof err->message, "%s fails as the test asked", call);
    }
    return true;
}

static mia_status fault_open(const char *path, const struct mia_db_options *opt, void **db,
                             struct mia_error *err)
{
    return fails("open", err) ? fault.status : fault.inner->open(path, opt, db, err);
}

static mia_status fault_info(void *db, struct mia_db_info *out, struct mia_error *err)
{
    return fails("info", err) ? fault.status : fault.inner->info(db, out, err);
}

static mia_status fault_sync(void *db, struct mia_error *err)
{
    return fails("sync", err) ? fault.status : fault.inner->sync(db, err);
}

static mia_status fault_begin(void *db, enum mia_txn_mode mode, void **txn, struct mia_error *err)
{
    return fails("begin", err) ? fault.status : fault.inner->begin(db, mode, txn, err);
}

static mia_status fault_commit(void *txn, struct mia_error *err)
{
    if (!fails("commit", err))
        return fault.inner->commit(txn, err);
    fault.inner->abort(txn);
    return fault.status;
}

static mia_status fault_tree(void *txn, mia_slice name, uint32_t flags, uint32_t *tree,
                             struct mia_error *err)
{
    return fails("tree", err) ? fault.status : fault.inner->tree(txn, name, flags, tree, err);
}

static mia_status fault_tree_next(void *txn, const mia_slice *after, mia_slice *name,
                                  struct mia_error *err)
{
    return fails("tree_next", err) ? fault.status : fault.inner->tree_next(txn, after, name, err);
}

static mia_status fault_clear(void *txn, uint32_t tree, struct mia_error *err)
{
    if (!fails("clear", err))
        return fault.inner->clear(txn, tree, err);
    if (fault.half)
        fault.inner->clear(txn, tree, NULL);
    return fault.status;
}

static mia_status fault_get(void *txn, uint32_t tree, mia_slice key, mia_slice *value,
                            struct mia_error *err)
{
    return fails("get", err) ? fault.status : fault.inner->get(txn, tree, key, value, err);
}

static mia_status fault_put(void *txn, uint32_t tree, mia_slice key, mia_slice value,
                            uint32_t flags, struct mia_error *err)
{
    if (!fails("put", err))
        return fault.inner->put(txn, tree, key, value, flags, err);
    if (fault.half)
        fault.inner->put(txn, tree, key, value, flags, NULL);
    return fault.status;
}

static mia_status fault_del(void *txn, uint32_t tree, mia_slice key, const mia_slice *value,
                            struct mia_error *err)
{
    if (!fails("del", err))
        return fault.inner->del(txn, tree, key, value, err);
    if (fault.half)
        fault.inner->del(txn, tree, key, value, NULL);
    return fault.status;
}

static mia_status fault_count(void *txn, uint32_t tree, const mia_slice *key, uint64_t *n,
                              struct mia_error *err)
{
    return fails("count", err) ? fault.status : fault.inner->count(txn, tree, key, n, err);
}

static mia_status fault_cursor(void *txn, uint32_t tree, void **cur, struct mia_error *err)
{
    return fails("cursor", err) ? fault.status : fault.inner->cursor(txn, tree, cur, err);
}

static mia_status fault_move(void *cur, enum mia_move move, mia_slice *key, mia_slice *value,
                             struct mia_error *err)
{
    return fails("move", err) ? fault.status : fault.inner->move(cur, move, key, value, err);
}

static mia_status fault_batch(void *cur, struct mia_pair *pairs, size_t max, size_t *n,
                              struct mia_error *err)
{
    return fails("batch", err) ? fault.status : fault.inner->batch(cur, pairs, max, n, err);
}

const struct mia_engine_ops *test_engine_fault(const struct mia_engine_ops *inner)
{
    fault.inner = inner;
    fault.ops = *inner;
    fault.ops.name = "fault";
    fault.ops.changed = NULL; /* its transactions are not those of the inner one */
    fault.ops.open = fault_open;
    fault.ops.info = fault_info;
    fault.ops.sync = fault_sync;
    fault.ops.begin = fault_begin;
    fault.ops.commit = fault_commit;
    fault.ops.tree = fault_tree;
    fault.ops.tree_next = fault_tree_next;
    fault.ops.clear = fault_clear;
    fault.ops.get = fault_get;
    fault.ops.put = fault_put;
    fault.ops.del = fault_del;
    fault.ops.count = fault_count;
    fault.ops.cursor = fault_cursor;
    fault.ops.move = fault_move;
    fault.ops.batch = inner->batch != NULL ? fault_batch : NULL;
    return &fault.ops;
}
