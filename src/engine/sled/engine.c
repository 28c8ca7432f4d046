/* engine/sled/engine.c - the real sled 0.34.7 as an engine: what open refuses, and the table */
#include "engine/sled/internal.h"

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/try.h"
#include "mia_native.h"

#include <assert.h>

/* native/src/sled/abi.rs has the same types, with the same assertions. */
static_assert(sizeof(mia_status) == sizeof(int) && sizeof(enum mia_txn_mode) == sizeof(int) &&
                  sizeof(enum mia_move) == sizeof(int),
              "enumerations cross the border as int");
static_assert(sizeof(struct mia_error) == 512, "size of Error");
static_assert(offsetof(struct mia_error, message) == 24, "layout of Error");
static_assert(sizeof(struct mia_pair) == 4 * sizeof(size_t), "size of SlicePair");
static_assert((int)MIA_TXN_WRITE == 1 && (int)MIA_TREE_CREATE == 1 && (int)MIA_TREE_MULTI == 2 &&
                  (int)MIA_PUT_INSERT_ONLY == 1 && (int)MIA_PUT_APPEND == 2,
              "flags");
static_assert(MIA_MOVE_FIRST == 0 && MIA_MOVE_LAST == 1 && MIA_MOVE_NEXT == 2 &&
                  MIA_MOVE_PREV == 3 && MIA_MOVE_SEEK == 4,
              "moves");

/* sled has no limit of its own; a pair is held in memory several times over while it is written. */
static const size_t most_bytes = INT32_MAX;

/* MIA_NOTFOUND: there is no database. */
static mia_status find_log(const char *path, struct mia_error *err)
{
    enum mia__file_kind kind = mia__file_kind(path);
    if (kind == MIA__FILE_NONE)
        return MIA_NOTFOUND;
    if (kind != MIA__FILE_DIRECTORY)
        return mia__fail_engine(err, MIA_ERR_INVALID, MIA__SLED_NAME, 0,
                                "%s is not a directory: a sled database is one", path);
    char *log = mia__path_join(path, "db");
    if (log == NULL)
        return mia__fail_nomem(err);
    bool has_log = mia__file_kind(log) == MIA__FILE_REGULAR;
    mia__free(log);
    return has_log ? MIA_OK : MIA_NOTFOUND;
}

static mia_status open_database(const char *path, const struct mia_db_options *opt, void **db,
                                struct mia_error *err)
{
    mia_status rc;
    if (opt->read_only)
        return mia__fail_engine(err, MIA_ERR_UNSUPPORTED, MIA__SLED_NAME, 0,
                                "%s: sled writes when it opens a database, so it cannot open one "
                                "read-only: open a copy of the directory",
                                path);
    TRY(find_log(path, err));
    if (rc == MIA_NOTFOUND && opt->must_exist)
        goto done;
    rc = mia_sled_open(path, opt->cache_bytes, opt->durability == MIA_SYNC_DURABLE, db, err);
done:
    return rc;
}

static mia_status info(void *db, struct mia_db_info *out, struct mia_error *err)
{
    uint64_t size;
    mia_status rc = mia_sled_size(db, &size, err);
    if (rc < 0)
        return rc;
    *out = (struct mia_db_info){
        .struct_size = sizeof *out,
        .size_on_disk = size,
        .max_key = most_bytes,
        .max_value = most_bytes,
        .max_multi_key = most_bytes,
        .max_multi_value = most_bytes,
    };
    return MIA_OK;
}

static const struct mia_engine_ops sled_ops = {
    .abi = MIA_ENGINE_ABI,
    .struct_size = sizeof(struct mia_engine_ops),
    .name = MIA__SLED_NAME,
    .caps = 0,
    .value_format = MIA_VALUE_BINCODE,
    .index_layout = MIA_INDEX_LEGACY_SETS,
    .open = open_database,
    .close = mia_sled_close,
    .info = info,
    .sync = mia_sled_sync,
    .check = mia__sled_check,
    .detect = mia__sled_detect,
    .begin = mia_sled_begin,
    .commit = mia_sled_commit,
    .abort = mia_sled_abort,
    .tree = mia_sled_tree,
    .tree_next = mia_sled_tree_next,
    .clear = mia_sled_clear,
    .get = mia_sled_get,
    .put = mia_sled_put,
    .del = mia_sled_del,
    .count = mia_sled_count,
    .cursor = mia_sled_cursor,
    .move = mia_sled_move,
    .batch = mia_sled_batch,
    .cursor_close = mia_sled_cursor_close,
};

const struct mia_engine_ops *mia_engine_sled(void)
{
    return &sled_ops;
}
