/* engine/mdbx/tree.c - names to handles, and whole trees */
#include "engine/mdbx/internal.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/try.h"

#include <stdio.h>

enum { MAIN_DBI = 1, FIRST_NAMED_DBI = 2 };

mia_status mia__mdbx_dbi(const struct mia__mdbx_txn *txn, uint32_t tree, MDBX_dbi *dbi,
                         struct mia_error *err)
{
    struct mia__mdbx_db *db = txn->db;
    *dbi =
        tree < db->max_trees ? atomic_load_explicit(&db->trees[tree].dbi, memory_order_acquire) : 0;
    if (*dbi >= FIRST_NAMED_DBI)
        return MIA_OK;
    return mia__fail_engine(err, MIA_ERR_INVALID, MIA__MDBX_NAME, MDBX_BAD_DBI,
                            "%s: tree id %u stands for no tree: its creation was undone", db->path,
                            tree);
}

/* Opens a tree that other transactions can see, in a READ transaction of its own: its handle then
 * outlives the caller's transaction, whatever becomes of that. */
static int open_committed(struct mia__mdbx_db *db, const MDBX_val *name, MDBX_dbi *dbi)
{
    MDBX_txn *txn;
    int code = mdbx_txn_begin(db->env, NULL, MDBX_TXN_RDONLY, &txn);
    if (code != MDBX_SUCCESS)
        return code;
    code = mdbx_dbi_open2(txn, name, MDBX_DB_ACCEDE, dbi);
    int ended = mdbx_txn_commit(txn); /* commit, not abort: keeps the handle */
    return code != MDBX_SUCCESS ? code : ended;
}

static struct mia__mdbx_tree *find_slot(struct mia__mdbx_db *db, mia_slice name)
{
    for (uint32_t i = 0; i < db->tree_count; i++) {
        struct mia__mdbx_tree *tree = &db->trees[i];
        if (mia_slice_equal(name, (mia_slice){tree->name, tree->name_size}))
            return tree;
    }
    return NULL;
}

static mia_status add_slot(struct mia__mdbx_db *db, mia_slice name, struct mia__mdbx_tree **slot,
                           struct mia_error *err)
{
    if (db->tree_count == db->max_trees)
        return mia__mdbx_fail(db, MDBX_DBS_FULL, err, "open tree");
    struct mia__mdbx_tree *tree = &db->trees[db->tree_count];
    tree->name = mia__alloc(name.size);
    if (tree->name == NULL)
        return mia__fail_nomem(err);
    if (name.size > 0)
        memcpy(tree->name, name.data, name.size);
    tree->name_size = name.size;
    db->tree_count++;
    *slot = tree;
    return MIA_OK;
}

static mia_status fail_tree(struct mia__mdbx_db *db, int code, mia_slice name,
                            struct mia_error *err)
{
    char shown[80], what[100];
    snprintf(what, sizeof what, "tree %s", mia__print_bytes(shown, sizeof shown, name));
    return mia__mdbx_fail(db, code, err, what);
}

/* Finds the handle for a slot that has none: a committed tree first, else a new one. */
static mia_status resolve(struct mia__mdbx_txn *txn, mia_slice name, uint32_t flags, MDBX_dbi *dbi,
                          bool *is_new, struct mia_error *err)
{
    MDBX_val val = mia__mdbx_val(name);
    *is_new = false;
    int code = open_committed(txn->db, &val, dbi);
    if (code == MDBX_NOTFOUND && (flags & MIA_TREE_CREATE) && txn->is_write) {
        MDBX_db_flags_t kind = flags & MIA_TREE_MULTI ? MDBX_DUPSORT : MDBX_DB_DEFAULTS;
        code = mdbx_dbi_open2(txn->txn, &val, kind | MDBX_CREATE, dbi);
        *is_new = code == MDBX_SUCCESS;
    }
    return code == MDBX_SUCCESS ? MIA_OK : fail_tree(txn->db, code, name, err);
}

/* A handle of a tree that txn cannot see (made after its snapshot) is no tree to it. */
static mia_status judge(struct mia__mdbx_txn *txn, struct mia__mdbx_tree *tree, mia_slice name,
                        uint32_t flags, struct mia_error *err)
{
    MDBX_dbi dbi = atomic_load_explicit(&tree->dbi, memory_order_relaxed);
    MDBX_stat stat; /* of no interest: it makes libmdbx look for the tree in this transaction */
    int code = mdbx_dbi_stat(txn->txn, dbi, &stat, sizeof stat);
    if (code == MDBX_BAD_DBI || code == MDBX_NOTFOUND)
        return MIA_NOTFOUND;
    if (code != MDBX_SUCCESS)
        return fail_tree(txn->db, code, name, err);
    bool wants_multi = (flags & MIA_TREE_MULTI) != 0;
    if (wants_multi == tree->is_multi)
        return MIA_OK;
    char shown[80];
    return mia__fail_engine(err, MIA_ERR_INVALID, MIA__MDBX_NAME, MDBX_INCOMPATIBLE,
                            "%s: tree %s holds %s", txn->db->path,
                            mia__print_bytes(shown, sizeof shown, name),
                            tree->is_multi ? "several values a key: open it with MIA_TREE_MULTI"
                                           : "one value a key: open it without MIA_TREE_MULTI");
}

static mia_status open_slot(struct mia__mdbx_txn *txn, mia_slice name, uint32_t flags,
                            struct mia__mdbx_tree **slot, struct mia_error *err)
{
    mia_status rc;
    MDBX_dbi dbi;
    bool is_new;
    TRY(resolve(txn, name, flags, &dbi, &is_new, err));
    if (rc == MIA_NOTFOUND)
        goto done;
    if (*slot == NULL)
        TRY(add_slot(txn->db, name, slot, err));
    unsigned kind = 0, state;
    int code = mdbx_dbi_flags_ex(txn->txn, dbi, &kind, &state);
    if (code == MDBX_BAD_DBI) { /* committed after this transaction's snapshot */
        rc = MIA_NOTFOUND;
        goto done;
    }
    (*slot)->is_multi = (kind & MDBX_DUPSORT) != 0;
    (*slot)->creator = is_new ? txn : NULL;
    atomic_store_explicit(&(*slot)->dbi, dbi, memory_order_release);
done:
    return rc;
}

mia_status mia__mdbx_tree(void *transaction, mia_slice name, uint32_t flags, uint32_t *tree,
                          struct mia_error *err)
{
    struct mia__mdbx_txn *txn = transaction;
    struct mia__mdbx_db *db = txn->db;
    mia_status rc = MIA_OK;
    pthread_mutex_lock(&db->lock);
    struct mia__mdbx_tree *slot = find_slot(db, name);
    if (slot != NULL && slot->creator != NULL && slot->creator != txn)
        rc = MIA_NOTFOUND;
    else if (slot == NULL || atomic_load_explicit(&slot->dbi, memory_order_relaxed) == 0)
        rc = open_slot(txn, name, flags, &slot, err);
    if (rc == MIA_OK)
        rc = judge(txn, slot, name, flags, err);
    if (rc == MIA_OK)
        *tree = (uint32_t)(slot - db->trees);
    pthread_mutex_unlock(&db->lock);
    return rc;
}

void mia__mdbx_settle_trees(struct mia__mdbx_txn *txn, bool committed)
{
    struct mia__mdbx_db *db = txn->db;
    if (!txn->is_write)
        return;
    pthread_mutex_lock(&db->lock);
    for (uint32_t i = 0; i < db->tree_count; i++) {
        struct mia__mdbx_tree *tree = &db->trees[i];
        if (tree->creator != txn)
            continue;
        tree->creator = NULL;
        if (!committed) /* libmdbx closed the handle with the transaction */
            atomic_store_explicit(&tree->dbi, 0, memory_order_release);
    }
    pthread_mutex_unlock(&db->lock);
}

void mia__mdbx_free_trees(struct mia__mdbx_db *db)
{
    for (uint32_t i = 0; i < db->tree_count; i++)
        mia__free(db->trees[i].name);
    mia__free(db->trees);
}

/* Table names are the keys of libmdbx's main table. */
mia_status mia__mdbx_tree_next(void *transaction, const mia_slice *after, mia_slice *name,
                               struct mia_error *err)
{
    struct mia__mdbx_txn *txn = transaction;
    int code = MDBX_SUCCESS;
    if (txn->names == NULL)
        code = mdbx_cursor_open(txn->txn, MAIN_DBI, &txn->names);
    MDBX_val key = {0}, value;
    if (code == MDBX_SUCCESS && after == NULL)
        code = mdbx_cursor_get(txn->names, &key, &value, MDBX_FIRST);
    if (code == MDBX_SUCCESS && after != NULL) {
        key = mia__mdbx_val(*after);
        code = mdbx_cursor_get(txn->names, &key, &value, MDBX_SET_RANGE);
        if (code == MDBX_SUCCESS && mia_slice_equal(mia__mdbx_slice(key), *after))
            code = mdbx_cursor_get(txn->names, &key, &value, MDBX_NEXT);
    }
    if (code != MDBX_SUCCESS)
        return mia__mdbx_fail(txn->db, code, err, "list of trees");
    *name = mia__mdbx_slice(key);
    return MIA_OK;
}

mia_status mia__mdbx_clear(void *transaction, uint32_t tree, struct mia_error *err)
{
    struct mia__mdbx_txn *txn = transaction;
    MDBX_dbi dbi;
    mia_status rc = mia__mdbx_dbi(txn, tree, &dbi, err);
    if (rc < 0)
        return rc;
    int code = mdbx_drop(txn->txn, dbi, false);
    return code == MDBX_SUCCESS ? MIA_OK : mia__mdbx_fail(txn->db, code, err, "clear");
}

static int count_values(struct mia__mdbx_txn *txn, MDBX_dbi dbi, mia_slice key, uint64_t *n)
{
    MDBX_cursor *cur;
    MDBX_val k = mia__mdbx_val(key), v;
    size_t values = 0;
    int code = mdbx_cursor_open(txn->txn, dbi, &cur);
    if (code != MDBX_SUCCESS)
        return code;
    code = mdbx_cursor_get(cur, &k, &v, MDBX_SET);
    if (code == MDBX_SUCCESS)
        code = mdbx_cursor_count(cur, &values);
    else if (code == MDBX_NOTFOUND)
        code = MDBX_SUCCESS;
    mdbx_cursor_close(cur);
    *n = values;
    return code;
}

mia_status mia__mdbx_count(void *transaction, uint32_t tree, const mia_slice *key, uint64_t *n,
                           struct mia_error *err)
{
    struct mia__mdbx_txn *txn = transaction;
    MDBX_dbi dbi;
    mia_status rc = mia__mdbx_dbi(txn, tree, &dbi, err);
    if (rc < 0)
        return rc;
    int code;
    if (key != NULL) {
        code = count_values(txn, dbi, *key, n);
    } else {
        MDBX_stat stat;
        code = mdbx_dbi_stat(txn->txn, dbi, &stat, sizeof stat);
        if (code == MDBX_SUCCESS)
            *n = stat.ms_entries;
    }
    return code == MDBX_SUCCESS ? MIA_OK : mia__mdbx_fail(txn->db, code, err, "count");
}

mia_status mia__mdbx_changed(void *transaction, uint32_t tree, uint64_t *id, struct mia_error *err)
{
    struct mia__mdbx_txn *txn = transaction;
    MDBX_dbi dbi;
    MDBX_stat stat;
    mia_status rc = mia__mdbx_dbi(txn, tree, &dbi, err);
    if (rc < 0)
        return rc;
    int code = mdbx_dbi_stat(txn->txn, dbi, &stat, sizeof stat);
    if (code != MDBX_SUCCESS)
        return mia__mdbx_fail(txn->db, code, err, "stat");
    *id = stat.ms_mod_txnid;
    return MIA_OK;
}
