/* shadow/view.c - what of a database is content, in terms that both sides share */
#include "base/error.h"
#include "base/try.h"
#include "engine/meta.h"
#include "shadow/shadow.h"
#include "store/store.h"

#include <stdio.h>

/* The moves that a crash interrupted (coordinator/intents.h): the same tree on every engine. */
#define MOVES_TREE "mia_moves"
#define QUARANTINE "mia_quarantine_"

static bool has_prefix(mia_slice name, const char *prefix)
{
    size_t size = strlen(prefix);
    return name.size >= size && memcmp(name.data, prefix, size) == 0;
}

/* ---- transactions */

static bool is_layered(const struct mia__side *side)
{
    return side->is_records ? side->has_meta : side->is_folded;
}

/* Without mia_meta nothing else may be there: it would not be seen. */
static mia_status check_is_new(struct mia__view *v, struct mia_error *err)
{
    mia_slice name;
    mia_status rc = mia_tree_next(v->txn, NULL, &name, err);
    if (rc != MIA_OK)
        return rc < 0 ? rc : MIA_OK;
    return mia__fail(err, MIA_ERR_INVALID,
                     "%s: holds something else than MIA's records: a pair of such databases is "
                     "made with options.raw",
                     mia_db_path(v->side->db));
}

static mia_status open_raw(struct mia__view *v, struct mia_error *err)
{
    mia_status rc;
    v->has_raw = true;
    if (!is_layered(v->side))
        return MIA_OK;
    TRY(mia__raw_open(v->txn, &v->raw, err));
    v->has_raw = rc == MIA_OK;
    if (!v->has_raw)
        rc = check_is_new(v, err);
done:
    return rc;
}

mia_status mia__view_begin(struct mia__view *v, struct mia__side *side, enum mia_txn_mode mode,
                           struct mia_error *err)
{
    mia_status rc;
    *v = (struct mia__view){.side = side};
    TRY(side->store != NULL ? mia_store_begin(side->store, mode, &v->txn, err)
                            : mia_txn_begin(side->db, mode, &v->txn, err));
    rc = open_raw(v, err);
    if (rc < 0)
        mia__view_end(v);
done:
    return rc;
}

mia_status mia__view_commit(struct mia__view *v, struct mia_error *err)
{
    mia_txn *txn = v->txn;
    v->txn = NULL;
    return mia_txn_commit(txn, err);
}

void mia__view_end(struct mia__view *v)
{
    mia_txn_abort(v->txn);
    v->txn = NULL;
}

/* ---- trees */

void mia__content_free(struct mia__content *c)
{
    mia__buf_free(&c->name);
}

int mia__content_compare(const struct mia__content *a, const struct mia__content *b)
{
    int left[] = {(int)a->role, (int)a->table, a->is_literal};
    int right[] = {(int)b->role, (int)b->table, b->is_literal};
    for (size_t i = 0; i < sizeof left / sizeof left[0]; i++)
        if (left[i] != right[i])
            return left[i] < right[i] ? -1 : 1;
    return mia_slice_compare(mia__buf_slice(&a->name), mia__buf_slice(&b->name));
}

mia_slice mia__content_name(const struct mia__content *c)
{
    if (c->role == MIA__ROLE_META)
        return MIA_BYTES(MIA__META_TREE);
    if (c->role == MIA__ROLE_TABLE)
        return mia_bytes_of(mia__table_name(c->table));
    return mia__buf_slice(&c->name);
}

bool mia__meta_is_content(mia_slice key)
{
    return mia_slice_equal(key, MIA_BYTES("database")) || mia_slice_equal(key, MIA_BYTES("tier")) ||
           mia_slice_equal(key, MIA_BYTES("quarter")) || has_prefix(key, "origin.");
}

/* Of a database with long keys and odd names folded: the tree behind a stored name. */
static mia_status unfold_name(struct mia__view *v, mia_slice stored, struct mia__content *c,
                              struct mia_error *err)
{
    mia_status rc = MIA_OK;
    struct mia__raw raw = v->raw;
    if (raw.limit == 0)
        TRY(mia__raw_open(v->txn, &raw, err));
    if (rc == MIA_OK)
        TRY(mia__raw_name(v->txn, &raw, stored, &c->name, err));
    c->role = rc == MIA_OK ? MIA__ROLE_BYTES : MIA__ROLE_NONE;
done:
    return rc < 0 ? rc : MIA_OK;
}

/* Of a tree that is ours by its name. False: it is none of those. */
static bool classify_ours(const struct mia__side *side, mia_slice stored, bool both_have_meta,
                          struct mia__content *c)
{
    mia_slice rest = stored;
    if (mia_slice_equal(stored, MIA_BYTES(MIA__RAW_LONG_TREE))) {
        c->role = MIA__ROLE_LONG;
    } else if (!side->is_records) {
        return has_prefix(stored, "mia_") || has_prefix(stored, "idx_") ||
               has_prefix(stored, "vec_");
    } else if (mia_slice_equal(stored, MIA_BYTES(MIA__META_TREE))) {
        c->role = both_have_meta ? MIA__ROLE_META : MIA__ROLE_NONE;
    } else if (has_prefix(stored, QUARANTINE)) {
        rest.data = (const uint8_t *)stored.data + sizeof QUARANTINE - 1;
        rest.size -= sizeof QUARANTINE - 1;
        if (mia__table_find(rest, &c->table))
            c->role = MIA__ROLE_TABLE;
    } else if (!has_prefix(stored, "mia_") && !has_prefix(stored, "idx_") &&
               !has_prefix(stored, "vec_")) {
        return false;
    }
    return true;
}

mia_status mia__view_classify(struct mia__view *v, mia_slice stored, bool is_multi,
                              bool both_have_meta, struct mia__content *c, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    const struct mia__side *side = v->side;
    *c = (struct mia__content){.role = MIA__ROLE_NONE};
    if (side->is_records && mia_slice_equal(stored, MIA_BYTES(MOVES_TREE))) {
        c->role = MIA__ROLE_BYTES;
        c->is_literal = true;
        return mia__buf_set(&c->name, stored, err);
    }
    if (is_layered(side) && classify_ours(side, stored, both_have_meta, c))
        return rc;
    if (is_layered(side) && stored.size > 0 && *(const char *)stored.data == '%') {
        TRY(unfold_name(v, stored, c, err));
        if (c->role == MIA__ROLE_NONE)
            goto done;
    } else {
        TRY(mia__buf_set(&c->name, stored, err));
    }
    mia_slice name = mia__buf_slice(&c->name);
    c->role = is_multi ? MIA__ROLE_MULTI : MIA__ROLE_BYTES;
    if (side->is_records && mia__table_find(name, &c->table))
        c->role = MIA__ROLE_TABLE;
    else if (side->is_records && mia__tree_is_derived(name))
        c->role = MIA__ROLE_NONE;
    if (c->role == MIA__ROLE_TABLE || c->role == MIA__ROLE_NONE)
        c->name.size = 0;
done:
    if (rc < 0)
        mia__content_free(c);
    return rc;
}

mia_status mia__view_tree(struct mia__view *v, const struct mia__content *c, bool create,
                          mia_tree *tree, struct mia_error *err)
{
    uint32_t flags = create ? MIA_TREE_CREATE : 0;
    mia_slice name = mia__content_name(c);
    if (!v->has_raw)
        return MIA_NOTFOUND;
    if (c->role == MIA__ROLE_META) {
        *tree = v->raw.meta;
        return MIA_OK;
    }
    mia_status rc;
    if (c->role == MIA__ROLE_MULTI)
        rc = mia_tree_open(v->txn, name, flags | MIA_TREE_MULTI, tree, err);
    else if (c->is_literal)
        rc = mia_tree_open(v->txn, name, flags, tree, err);
    else
        rc = mia__raw_tree(v->txn, &v->raw, name, create, tree, err);
    /* a tree of this name and the other kind is another tree */
    return rc == MIA_ERR_INVALID && !create ? MIA_NOTFOUND : rc;
}

mia_status mia__view_quarantine(struct mia__view *v, enum mia__table table, bool create,
                                mia_tree *tree, struct mia_error *err)
{
    char name[48];
    if (v->side->format != MIA_VALUE_RKYV || !v->has_raw)
        return MIA_NOTFOUND;
    snprintf(name, sizeof name, QUARANTINE "%s", mia__table_name(table));
    return mia_tree_open(v->txn, mia_bytes_of(name), create ? MIA_TREE_CREATE : 0, tree, err);
}

/* ---- values */

mia_status mia__view_judge(struct mia__view *v, struct mia__transcoder *coder,
                           enum mia__table table, bool in_quarantine, mia_slice stored,
                           struct mia__buf *to, struct mia__value *value, struct mia_error *err)
{
    mia_status rc;
    mia_view view;
    struct mia__transcoded ignored;
    *value = (struct mia__value){MIA__FORM_DAMAGED, in_quarantine, stored};
    if (in_quarantine)
        return MIA_OK;
    if (v->side->format == MIA_VALUE_RKYV) {
        rc = mia_view_open((enum mia_table)table, stored, &view, err);
        value->form = rc == MIA_OK ? MIA__FORM_RECORD : MIA__FORM_BROKEN;
    } else {
        rc = mia__transcode(coder, table, stored, to, &ignored, err);
        if (rc == MIA_OK)
            *value = (struct mia__value){MIA__FORM_RECORD, false, mia__buf_slice(to)};
    }
    return rc == MIA_ERR_SERIALIZATION ? MIA_OK : rc;
}

static mia_status get_record(struct mia__view *v, struct mia__transcoder *coder,
                             enum mia__table table, mia_tree tree, mia_slice key,
                             struct mia__buf *to, struct mia__value *value, struct mia_error *err)
{
    mia_status rc;
    mia_slice stored;
    bool in_quarantine = false;
    TRY(mia__raw_get(v->txn, &v->raw, tree, key, &stored, err));
    if (rc == MIA_NOTFOUND) {
        TRY(mia__view_quarantine(v, table, false, &tree, err));
        if (rc == MIA_OK)
            TRY(mia__raw_get(v->txn, &v->raw, tree, key, &stored, err));
        in_quarantine = true;
    }
    if (rc == MIA_OK)
        rc = mia__view_judge(v, coder, table, in_quarantine, stored, to, value, err);
done:
    return rc < 0 ? rc : MIA_OK;
}

mia_status mia__view_get(struct mia__view *v, struct mia__transcoder *coder,
                         const struct mia__content *c, mia_slice key, struct mia__buf *to,
                         struct mia__value *value, struct mia_error *err)
{
    mia_status rc;
    mia_tree tree;
    *value = (struct mia__value){0};
    to->size = 0;
    TRY(mia__view_tree(v, c, false, &tree, err));
    if (rc == MIA_NOTFOUND)
        return MIA_OK;
    if (c->role == MIA__ROLE_TABLE)
        return get_record(v, coder, c->table, tree, key, to, value, err);
    TRY(mia__raw_get(v->txn, &v->raw, tree, key, &value->bytes, err));
    value->form = rc == MIA_OK ? MIA__FORM_BYTES : MIA__FORM_ABSENT;
done:
    return rc < 0 ? rc : MIA_OK;
}
