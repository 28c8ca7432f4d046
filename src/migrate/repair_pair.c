/*
 * migrate/repair_pair.c - one pair made what the source's is
 *
 * Records of a typed target go through the store, which keeps the index entries right. Where it
 * cannot, because the record that goes was damaged or lay under another key than its id, the index
 * is marked as incomplete in the same transaction, and made anew at the end.
 */
#include "base/error.h"
#include "base/try.h"
#include "engine/meta.h"
#include "index/index.h"
#include "mia/view.h"
#include "migrate/repair.h"

static mia_status enter_tree(struct mia__repair *r, mia_slice tree, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    if (r->has_tree && mia_slice_equal(tree, mia__buf_slice(&r->tree)))
        goto done;
    TRY(mia__buf_set(&r->tree, tree, err));
    TRY(mia__raw_tree(r->txn, &r->raw, tree, true, &r->handle, err));
    r->has_tree = true;
    r->has_quarantine = false;
    r->has_table = r->raw.is_typed && mia__table_find(tree, &r->table);
    if (r->has_table) {
        TRY(mia__typed_quarantine(r->txn, r->table, false, &r->quarantine, err));
        r->has_quarantine = rc == MIA_OK;
    }
    rc = MIA_OK;
done:
    return rc;
}

static mia_status del(struct mia__repair *r, mia_tree tree, mia_slice key, struct mia_error *err)
{
    mia_status rc = mia__raw_del(r->txn, &r->raw, tree, key, err);
    return rc < 0 ? rc : MIA_OK;
}

static mia_status put(struct mia__repair *r, mia_tree tree, mia_slice key, mia_slice value,
                      struct mia_error *err)
{
    return mia__raw_put(r->txn, &r->raw, tree, key, value, MIA_PUT_UPSERT, NULL, err);
}

/* ---- records */

static mia_status doubt_index(struct mia__repair *r, struct mia_error *err)
{
    mia_status rc;
    struct mia__index index;
    TRY(mia__index_open(r->txn, mia_db_engine(r->db)->index_layout, false, &index, err));
    if (index.is_present)
        rc = mia__meta_put(r->txn, r->raw.meta, MIA__INDEX_MARK, (mia_slice){0}, err);
done:
    return rc;
}

static bool is_id(mia_slice key, mia_str id)
{
    return key.size > 0 && mia_slice_equal(key, (mia_slice){id.data, id.size});
}

/* Whether the archive under a key is one that the store can replace and delete by it. */
static mia_status look(struct mia__repair *r, mia_slice key, bool *is_there, bool *is_sound,
                       struct mia_error *err)
{
    mia_view view;
    mia_slice value;
    *is_sound = false;
    mia_status rc = mia__raw_get(r->txn, &r->raw, r->handle, key, &value, err);
    *is_there = rc == MIA_OK;
    if (*is_there)
        *is_sound = mia_view_open((enum mia_table)r->table, value, &view, NULL) == MIA_OK &&
                    is_id(key, mia_view_id(view));
    return rc < 0 ? rc : MIA_OK;
}

/* Nothing, or what the store can replace, is under the key afterwards. */
static mia_status clear(struct mia__repair *r, mia_slice key, bool may_stay, struct mia_error *err)
{
    mia_status rc;
    bool is_there, is_sound;
    TRY(look(r, key, &is_there, &is_sound, err));
    if (!is_there || (is_sound && may_stay))
        goto done;
    if (is_sound) {
        mia_str id = {key.data, key.size};
        rc = mia_delete(r->txn, (enum mia_table)r->table, id, MIA_DELETE_PLAIN, NULL, err);
        goto done;
    }
    TRY(doubt_index(r, err));
    rc = del(r, r->handle, key, err);
done:
    return rc < 0 ? rc : MIA_OK;
}

static mia_status put_archive(struct mia__repair *r, mia_slice key, bool is_own,
                              struct mia_error *err)
{
    mia_status rc;
    mia_slice archive = mia__buf_slice(&r->archive);
    if (is_own)
        return mia_put_archive(r->txn, (enum mia_table)r->table, archive, err);
    TRY(doubt_index(r, err));
    rc = put(r, r->handle, key, archive, err);
done:
    return rc;
}

static mia_status unquarantine(struct mia__repair *r, mia_slice key, struct mia_error *err)
{
    if (!r->has_quarantine)
        return MIA_OK;
    mia_status rc = mia__raw_del(r->txn, &r->raw, r->quarantine, key, err);
    r->quarantined -= rc == MIA_OK;
    return rc < 0 ? rc : MIA_OK;
}

/* As `migrate --salvage` does: nothing of it is lost, and it comes back with a rollback. */
static mia_status quarantine(struct mia__repair *r, mia_slice key, mia_slice value, const char *why,
                             struct mia_error *err)
{
    mia_status rc;
    mia_slice before;
    if (!r->has_quarantine)
        TRY(mia__typed_quarantine(r->txn, r->table, true, &r->quarantine, err));
    r->has_quarantine = true;
    TRY(mia__raw_get(r->txn, &r->raw, r->quarantine, key, &before, err));
    r->quarantined += rc == MIA_NOTFOUND;
    TRY(put(r, r->quarantine, key, value, err));
    struct mia_finding finding = {.finding = MIA_FINDING_QUARANTINED,
                                  .tree = mia__buf_slice(&r->tree),
                                  .key = key,
                                  .detail = why};
    r->report->quarantined++;
    if (r->opt->finding != NULL)
        r->opt->finding(r->opt->finding_ctx, &finding);
done:
    return rc;
}

static mia_status repair_record(struct mia__repair *r, mia_slice key, const mia_slice *value,
                                struct mia_error *err)
{
    mia_status rc;
    struct mia_error why = {0};
    struct mia__transcoded record = {0};
    mia_status decoded = MIA_NOTFOUND;
    r->archive.size = 0;
    if (value != NULL)
        decoded = mia__transcode(&r->transcoder, r->table, *value, &r->archive, &record, &why);
    if (decoded == MIA_ERR_NOMEM)
        return mia__fail_nomem(err);
    bool is_own = decoded == MIA_OK && is_id(key, record.id);
    TRY(clear(r, key, is_own, err));
    if (decoded == MIA_OK)
        TRY(put_archive(r, key, is_own, err));
    rc = decoded == MIA_ERR_SERIALIZATION ? quarantine(r, key, *value, why.message, err)
                                          : unquarantine(r, key, err);
done:
    return rc;
}

/* ---- */

mia_status mia__repair_pair(struct mia__repair *r, mia_slice tree, mia_slice key,
                            const mia_slice *value, struct mia_error *err)
{
    mia_status rc;
    TRY(mia__repair_begin(r, err));
    TRY(enter_tree(r, tree, err));
    if (r->has_table)
        rc = repair_record(r, key, value, err);
    else
        rc = value != NULL ? put(r, r->handle, key, *value, err) : del(r, r->handle, key, err);
    TRY(rc);
    r->pairs++;
    r->bytes += key.size + (value != NULL ? value->size : 0);
done:
    return rc;
}

mia_status mia__repair_twice(struct mia__repair *r, mia_slice tree, mia_slice key,
                             struct mia_error *err)
{
    mia_status rc;
    bool is_there = false, is_sound;
    TRY(mia__repair_begin(r, err));
    TRY(enter_tree(r, tree, err));
    if (r->has_table)
        TRY(look(r, key, &is_there, &is_sound, err));
    if (is_there)
        TRY(unquarantine(r, key, err));
    r->pairs++;
done:
    return rc;
}
