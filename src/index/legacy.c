/* index/legacy.c - MIA's own index trees, changed set by set */
#include "index/legacy.h"

#include "base/error.h"
#include "base/try.h"

static mia_status append(struct mia__buf *to, mia_str text, struct mia_error *err)
{
    return mia__buf_append(to, text.data, text.size, err);
}

mia_status mia__legacy_property_key(struct mia__buf *key, enum mia__property_number property,
                                    mia_str value, struct mia_error *err)
{
    mia_status rc;
    key->size = 0;
    TRY(append(key, MIA_STR("prop:"), err));
    TRY(append(key, mia_str_of(mia__property_name(property)), err));
    TRY(append(key, MIA_STR(":"), err));
    rc = append(key, value, err);
done:
    return rc;
}

mia_status mia__legacy_edge_key(struct mia__buf *key, mia_str node, struct mia_error *err)
{
    mia_status rc;
    key->size = 0;
    TRY(append(key, MIA_STR("in:"), err));
    rc = append(key, node, err);
done:
    return rc;
}

static const char *tree_name(enum mia__index_tree tree)
{
    return mia__derived_name(tree == MIA__INDEX_PROPERTY   ? MIA__DERIVED_STRUCTURAL
                             : tree == MIA__INDEX_OUTGOING ? MIA__DERIVED_OUTGOING
                                                           : MIA__DERIVED_INCOMING);
}

mia_status mia__legacy_set(mia_txn *txn, const struct mia__index *index, enum mia__index_tree tree,
                           mia_slice key, struct mia__buf *kept, struct mia__set *set,
                           struct mia_error *err)
{
    mia_status rc;
    mia_slice value;
    struct mia_error why;
    char text[120];
    TRY(mia_kv_get(txn, index->trees[tree], key, &value, err));
    if (rc == MIA_NOTFOUND)
        value = MIA_BYTES("\0");
    if (kept != NULL) {
        TRY(mia__buf_set(kept, value, err));
        value = mia__buf_slice(kept);
    }
    rc = mia__set_read(set, value, &why);
    if (rc == MIA_ERR_SERIALIZATION)
        rc = mia__fail(err, rc, "%s: %s: key %s: %s; run `mia index rebuild`",
                       mia_db_path(mia_txn_db(txn)), tree_name(tree),
                       mia__print_bytes(text, sizeof text, key), why.message);
    else if (rc < 0 && err != NULL)
        *err = why;
done:
    return rc;
}

/* Adds an id to the set under scratch's key, or removes it. A set that became empty goes. */
static mia_status change_set(mia_txn *txn, const struct mia__index *index,
                             struct mia__index_scratch *s, enum mia__index_tree tree, mia_str id,
                             bool is_added, struct mia_error *err)
{
    mia_status rc;
    bool changed;
    mia_slice key = mia__buf_slice(&s->key);
    TRY(mia__legacy_set(txn, index, tree, key, NULL, &s->set, err));
    if (is_added)
        TRY(mia__set_add(&s->set, id, &changed, err));
    else
        mia__set_remove(&s->set, id, &changed);
    rc = MIA_OK;
    if (!changed)
        goto done;
    s->value.size = 0;
    TRY(mia__set_write(&s->set, &s->value, err));
    rc = s->set.count > 0 ? mia_kv_put(txn, index->trees[tree], key, mia__buf_slice(&s->value),
                                       MIA_PUT_UPSERT, err)
                          : mia_kv_del(txn, index->trees[tree], key, NULL, err);
done:
    return rc;
}

mia_status mia__legacy_change_terms(mia_txn *txn, const struct mia__index *index,
                                    struct mia__index_scratch *s, mia_view node,
                                    const struct mia__term *kept, size_t kept_count, bool is_added,
                                    struct mia_error *err)
{
    mia_status rc = MIA_OK;
    struct mia__term terms[MIA__TERMS_MOST];
    size_t count = mia__terms_of(node, terms);
    for (size_t i = 0; i < count; i++) {
        if (mia__terms_have(kept, kept_count, &terms[i]))
            continue;
        TRY(mia__legacy_property_key(&s->key, terms[i].property, terms[i].value, err));
        TRY(change_set(txn, index, s, MIA__INDEX_PROPERTY, mia_view_id(node), is_added, err));
    }
done:
    return rc;
}

static mia_str end_of(mia_view edge, enum mia__index_tree tree)
{
    return tree == MIA__INDEX_OUTGOING ? mia_edge_from_node(edge) : mia_edge_to_node(edge);
}

static bool is_same(mia_str a, mia_str b)
{
    return mia_slice_equal((mia_slice){a.data, a.size}, (mia_slice){b.data, b.size});
}

static mia_status change_edge(mia_txn *txn, const struct mia__index *index,
                              struct mia__index_scratch *s, enum mia__index_tree tree,
                              const mia_view *before, const mia_view *after, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    if (before != NULL && after != NULL && is_same(end_of(*before, tree), end_of(*after, tree)))
        goto done;
    if (before != NULL) {
        TRY(mia__legacy_edge_key(&s->key, end_of(*before, tree), err));
        TRY(change_set(txn, index, s, tree, mia_edge_id(*before), false, err));
    }
    if (after != NULL) {
        TRY(mia__legacy_edge_key(&s->key, end_of(*after, tree), err));
        TRY(change_set(txn, index, s, tree, mia_edge_id(*after), true, err));
    }
done:
    return rc;
}

mia_status mia__legacy_change(mia_txn *txn, const struct mia__index *index,
                              struct mia__index_scratch *s, const mia_view *before,
                              const mia_view *after, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    enum mia_kind kind = before != NULL ? before->kind : after->kind;
    if (kind == MIA_KIND_EMBEDDING)
        goto done;
    if (kind != MIA_KIND_EDGE) {
        rc = mia__index_change_node(txn, index, s, before, after, err);
        goto done;
    }
    TRY(change_edge(txn, index, s, MIA__INDEX_OUTGOING, before, after, err));
    rc = change_edge(txn, index, s, MIA__INDEX_INCOMING, before, after, err);
done:
    return rc;
}
