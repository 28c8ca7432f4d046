/* index/index.c - the trees of the index, and which layout does the work */
#include "index/index.h"

#include "base/error.h"
#include "base/try.h"
#include "index/legacy.h"
#include "index/multi.h"
#include "index/spaces.h"

struct tree {
    const char *name; /* NULL: the layout has none */
    uint32_t flags;
};

static struct tree tree_of(enum mia_index_layout layout, enum mia__index_tree tree)
{
    static const struct tree multi[MIA__INDEX_TREES] = {
        [MIA__INDEX_PROPERTY] = {"idx_prop", MIA_TREE_MULTI},
        [MIA__INDEX_OUTGOING] = {"idx_out", MIA_TREE_MULTI},
        [MIA__INDEX_INCOMING] = {"idx_in", MIA_TREE_MULTI},
        [MIA__INDEX_LONG] = {"idx_long", 0},
        [MIA__INDEX_SPACES] = {"vec_spaces", 0},
        [MIA__INDEX_VECTORS] = {"vec_ids", 0},
        [MIA__INDEX_VECTOR_KEYS] = {"vec_keys", 0},
    };
    static const enum mia__derived legacy[] = {
        [MIA__INDEX_PROPERTY] = MIA__DERIVED_STRUCTURAL,
        [MIA__INDEX_OUTGOING] = MIA__DERIVED_OUTGOING,
        [MIA__INDEX_INCOMING] = MIA__DERIVED_INCOMING,
    };
    if (layout == MIA_INDEX_MULTI)
        return multi[tree];
    return tree < MIA__INDEX_LONG ? (struct tree){mia__derived_name(legacy[tree]), 0}
                                  : (struct tree){0};
}

mia_status mia__index_open(mia_txn *txn, enum mia_index_layout layout, bool create,
                           struct mia__index *index, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    *index = (struct mia__index){.layout = layout};
    bool is_present = true;
    for (int i = 0; i < MIA__INDEX_TREES; i++) {
        struct tree tree = tree_of(layout, (enum mia__index_tree)i);
        if (tree.name == NULL)
            continue;
        TRY(mia_tree_open(txn, mia_bytes_of(tree.name),
                          tree.flags | (create ? MIA_TREE_CREATE : 0u), &index->trees[i], err));
        is_present = is_present && rc == MIA_OK;
    }
    index->is_present = is_present;
    rc = MIA_OK;
done:
    return rc;
}

mia_status mia__index_clear(mia_txn *txn, const struct mia__index *index, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    for (int i = 0; i < MIA__INDEX_SPACES; i++)
        if (tree_of(index->layout, (enum mia__index_tree)i).name != NULL)
            TRY(mia_tree_clear(txn, index->trees[i], err));
    if (index->layout == MIA_INDEX_MULTI)
        rc = mia__spaces_clear(txn, index, err);
done:
    return rc;
}

mia_status mia__index_change_node(mia_txn *txn, const struct mia__index *index,
                                  struct mia__index_scratch *s, const mia_view *before,
                                  const mia_view *after, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    bool is_multi = index->layout == MIA_INDEX_MULTI;
    struct mia__term old[MIA__TERMS_MOST] = {{0}}, new[MIA__TERMS_MOST] = {{0}};
    bool may_keep = before != NULL && after != NULL &&
                    (!is_multi || mia_view_time(*before) == mia_view_time(*after));
    size_t old_kept = may_keep ? mia__terms_of(*before, old) : 0;
    size_t new_kept = may_keep ? mia__terms_of(*after, new) : 0;
    if (before != NULL)
        TRY(is_multi ? mia__multi_change_terms(txn, index, s, *before, new, new_kept, false, err)
                     : mia__legacy_change_terms(txn, index, s, *before, new, new_kept, false, err));
    if (after != NULL)
        TRY(is_multi ? mia__multi_change_terms(txn, index, s, *after, old, old_kept, true, err)
                     : mia__legacy_change_terms(txn, index, s, *after, old, old_kept, true, err));
done:
    return rc;
}

mia_status mia__index_change(mia_txn *txn, const struct mia__index *index,
                             struct mia__index_scratch *scratch, const mia_view *before,
                             const mia_view *after, struct mia_error *err)
{
    if (before == NULL && after == NULL)
        return MIA_OK;
    return index->layout == MIA_INDEX_MULTI
               ? mia__multi_change(txn, index, scratch, before, after, err)
               : mia__legacy_change(txn, index, scratch, before, after, err);
}

void mia__index_scratch_free(struct mia__index_scratch *scratch)
{
    mia__buf_free(&scratch->key);
    mia__buf_free(&scratch->value);
    mia__buf_free(&scratch->other_key);
    mia__buf_free(&scratch->other_value);
    mia__set_free(&scratch->set);
}
