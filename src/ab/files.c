/* ab/files.c - the operations of an engine over a mia_source */
#include "ab/files.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/try.h"
#include "mia/source.h"

#define NAME "sled-files"

enum { MOST_BYTES = INT32_MAX };

struct files_txn {
    mia_source *source;
    mia_source_cursor **cursors; /* for single pairs, one a tree, opened when needed */
    struct mia__arena values;
};

struct files_cursor {
    mia_source_cursor *cursor;
    struct mia_pair pair; /* where it stands; key NULL: before the first or behind the last */
};

static mia_status refuse_write(struct mia_error *err)
{
    return mia__fail_engine(err, MIA_ERR_READONLY, NAME, 0,
                            "sled's files are only read in this build");
}

/* ---- the database */

static mia_status open_files(const char *path, const struct mia_db_options *opt, void **db,
                             struct mia_error *err)
{
    mia_source *source;
    if (!opt->read_only)
        return refuse_write(err);
    mia_status rc = mia_source_open(path, NULL, &source, err);
    if (rc == MIA_OK)
        *db = source;
    return rc;
}

static void close_files(void *db)
{
    mia_source_close(db);
}

static mia_status info(void *db, struct mia_db_info *out, struct mia_error *err)
{
    struct mia_source_info source = {.struct_size = sizeof source};
    mia_status rc = mia_source_info(db, &source, err);
    if (rc < 0)
        return rc;
    *out = (struct mia_db_info){.struct_size = sizeof *out,
                                .size_on_disk = source.size_on_disk,
                                .max_key = MOST_BYTES,
                                .max_value = MOST_BYTES,
                                .max_multi_key = MOST_BYTES,
                                .max_multi_value = MOST_BYTES};
    return MIA_OK;
}

static mia_status sync_files(void *db, struct mia_error *err)
{
    (void)db, (void)err;
    return MIA_OK;
}

static bool detect(const char *path)
{
    (void)path;
    return false; /* by name only */
}

/* ---- transactions */

static mia_status begin(void *db, enum mia_txn_mode mode, void **out, struct mia_error *err)
{
    if (mode != MIA_TXN_READ)
        return refuse_write(err);
    size_t trees = mia_source_tree_count(db);
    struct files_txn *txn = mia__alloc_zero(sizeof *txn);
    mia_source_cursor **cursors = mia__alloc_array(trees + 1, sizeof(mia_source_cursor *));
    if (txn == NULL || cursors == NULL) {
        mia__free(txn);
        mia__free(cursors);
        return mia__fail_nomem(err);
    }
    txn->source = db;
    txn->cursors = cursors;
    *out = txn;
    return MIA_OK;
}

static void end(void *handle)
{
    struct files_txn *txn = handle;
    for (size_t i = 0; i < mia_source_tree_count(txn->source); i++)
        mia_source_cursor_close(txn->cursors[i]);
    mia__arena_free(&txn->values);
    mia__free(txn->cursors);
    mia__free(txn);
}

static mia_status commit(void *txn, struct mia_error *err)
{
    (void)err;
    end(txn);
    return MIA_OK;
}

static mia_status find_tree(void *handle, mia_slice name, uint32_t flags, uint32_t *tree,
                            struct mia_error *err)
{
    struct files_txn *txn = handle;
    size_t index;
    mia_status rc = mia_source_tree_find(txn->source, name, &index, err);
    if (rc == MIA_NOTFOUND && (flags & MIA_TREE_CREATE) != 0)
        return refuse_write(err);
    if (rc == MIA_OK)
        *tree = (uint32_t)index;
    return rc;
}

static mia_status next_tree(void *handle, const mia_slice *after, mia_slice *name,
                            struct mia_error *err)
{
    struct files_txn *txn = handle;
    (void)err;
    for (size_t i = 0; i < mia_source_tree_count(txn->source); i++) {
        mia_slice one = mia_source_tree_name(txn->source, i);
        if (after == NULL || mia_slice_compare(one, *after) > 0) {
            *name = one;
            return MIA_OK;
        }
    }
    return MIA_NOTFOUND;
}

/* ---- single pairs */

static mia_status keep(struct files_txn *txn, mia_slice from, mia_slice *to, struct mia_error *err)
{
    void *copy = mia__arena_alloc(&txn->values, from.size);
    if (copy == NULL)
        return mia__fail_nomem(err);
    if (from.size > 0)
        memcpy(copy, from.data, from.size);
    *to = (mia_slice){copy, from.size};
    return MIA_OK;
}

static mia_status get(void *handle, uint32_t tree, mia_slice key, mia_slice *value,
                      struct mia_error *err)
{
    mia_status rc;
    struct files_txn *txn = handle;
    struct mia_pair pair;
    size_t n;
    if (txn->cursors[tree] == NULL)
        TRY(mia_source_cursor_open(txn->source, tree, &txn->cursors[tree], err));
    TRY(mia_source_cursor_seek(txn->cursors[tree], key, err));
    TRY(mia_source_cursor_next(txn->cursors[tree], &pair, 1, &n, err));
    if (rc == MIA_OK && !mia_slice_equal(pair.key, key))
        rc = MIA_NOTFOUND;
    if (rc == MIA_OK)
        rc = keep(txn, pair.value, value, err);
done:
    return rc;
}

static mia_status count(void *handle, uint32_t tree, const mia_slice *key, uint64_t *n,
                        struct mia_error *err)
{
    struct files_txn *txn = handle;
    mia_slice value;
    if (key == NULL)
        return mia_source_count(txn->source, tree, n, err);
    mia_status rc = get(txn, tree, *key, &value, err);
    if (rc < 0)
        return rc;
    *n = rc == MIA_OK;
    return MIA_OK;
}

static mia_status put(void *txn, uint32_t tree, mia_slice key, mia_slice value, uint32_t flags,
                      struct mia_error *err)
{
    (void)txn, (void)tree, (void)key, (void)value, (void)flags;
    return refuse_write(err);
}

static mia_status del(void *txn, uint32_t tree, mia_slice key, const mia_slice *value,
                      struct mia_error *err)
{
    (void)txn, (void)tree, (void)key, (void)value;
    return refuse_write(err);
}

static mia_status clear(void *txn, uint32_t tree, struct mia_error *err)
{
    (void)txn, (void)tree;
    return refuse_write(err);
}

/* ---- cursors */

static mia_status open_cursor(void *handle, uint32_t tree, void **out, struct mia_error *err)
{
    struct files_txn *txn = handle;
    struct files_cursor *c = mia__alloc_zero(sizeof *c);
    if (c == NULL)
        return mia__fail_nomem(err);
    mia_status rc = mia_source_cursor_open(txn->source, tree, &c->cursor, err);
    if (rc == MIA_OK)
        *out = c;
    else
        mia__free(c);
    return rc;
}

static void close_cursor(void *handle)
{
    struct files_cursor *c = handle;
    mia_source_cursor_close(c->cursor);
    mia__free(c);
}

static mia_status step(struct files_cursor *c, struct mia_error *err)
{
    size_t n;
    c->pair = (struct mia_pair){0};
    return mia_source_cursor_next(c->cursor, &c->pair, 1, &n, err);
}

static mia_status move(void *handle, enum mia_move move, mia_slice *key, mia_slice *value,
                       struct mia_error *err)
{
    struct files_cursor *c = handle;
    mia_status rc = MIA_OK;
    if (move == MIA_MOVE_FIRST)
        TRY(mia_source_cursor_seek(c->cursor, (mia_slice){0}, err));
    else if (move == MIA_MOVE_SEEK)
        TRY(mia_source_cursor_seek(c->cursor, *key, err));
    else if (move != MIA_MOVE_NEXT)
        return mia__fail_engine(err, MIA_ERR_UNSUPPORTED, NAME, 0,
                                "sled's files are read forwards only");
    TRY(step(c, err));
    if (rc == MIA_OK) {
        *key = c->pair.key;
        *value = c->pair.value;
    }
done:
    return rc;
}

static mia_status batch(void *handle, struct mia_pair *pairs, size_t max, size_t *n,
                        struct mia_error *err)
{
    mia_status rc;
    struct files_cursor *c = handle;
    if (c->pair.key.data != NULL) { /* it begins with where the cursor stands */
        TRY(mia_source_cursor_seek(c->cursor, c->pair.key, err));
        c->pair = (struct mia_pair){0};
    }
    rc = mia_source_cursor_next(c->cursor, pairs, max, n, err);
done:
    return rc;
}

static const struct mia_engine_ops files_ops = {
    .abi = MIA_ENGINE_ABI,
    .struct_size = sizeof(struct mia_engine_ops),
    .name = NAME,
    .value_format = MIA_VALUE_BINCODE,
    .index_layout = MIA_INDEX_LEGACY_SETS,
    .open = open_files,
    .close = close_files,
    .info = info,
    .sync = sync_files,
    .detect = detect,
    .begin = begin,
    .commit = commit,
    .abort = end,
    .tree = find_tree,
    .tree_next = next_tree,
    .clear = clear,
    .get = get,
    .put = put,
    .del = del,
    .count = count,
    .cursor = open_cursor,
    .move = move,
    .batch = batch,
    .cursor_close = close_cursor,
};

const struct mia_engine_ops *mia__ab_engine_files(void)
{
    return &files_ops;
}
