/* raw/change.c - when data was changed last */
#include "base/error.h"
#include "base/try.h"
#include "engine/internal.h"
#include "engine/meta.h"
#include "raw/raw.h"

/* Tables that hold nothing but what the data says: indexes, and what the file says of itself. */
static bool is_derived(mia_slice name)
{
    return name.size >= 4 &&
           (memcmp(name.data, "idx_", 4) == 0 || memcmp(name.data, "vec_", 4) == 0 ||
            mia_slice_equal(name, MIA_BYTES(MIA__META_TREE)));
}

/* Tables of other owners may hold several values a key. */
static mia_status changed(mia_txn *txn, mia_slice name, uint64_t *id, struct mia_error *err)
{
    mia_tree tree;
    mia_status rc = mia_tree_open(txn, name, 0, &tree, NULL);
    if (rc == MIA_ERR_INVALID)
        rc = mia_tree_open(txn, name, MIA_TREE_MULTI, &tree, err);
    else if (rc < 0)
        rc = mia_tree_open(txn, name, 0, &tree, err);
    return rc == MIA_OK ? mia__tree_changed(txn, tree, id, err) : rc;
}

mia_status mia__raw_changed(mia_txn *txn, uint64_t *last, struct mia__buf *table,
                            struct mia_error *err)
{
    mia_status rc;
    struct mia__buf name = {0};
    mia_slice stored, after;
    *last = 0;
    for (const mia_slice *from = NULL;; from = &after) {
        uint64_t id = 0;
        TRY(mia_tree_next(txn, from, &stored, err));
        if (rc == MIA_NOTFOUND)
            break;
        TRY(mia__buf_set(&name, stored, err));
        after = mia__buf_slice(&name);
        if (after.data == NULL)
            after.data = "";
        if (!is_derived(after))
            TRY(changed(txn, after, &id, err));
        if (id <= *last)
            continue;
        *last = id;
        if (table != NULL)
            TRY(mia__buf_set(table, after, err));
    }
    rc = MIA_OK;
done:
    mia__buf_free(&name);
    return rc;
}
