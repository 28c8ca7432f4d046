/* coordinator/put.c - records into the database of their kind, and out of all its tiers */
#include "base/error.h"
#include "base/try.h"
#include "coordinator/coordinator.h"

mia_status mia_coordinator_put(mia_coordinator *c, const struct mia_record *record,
                               struct mia_error *err)
{
    mia_status rc;
    struct mia__where where;
    struct mia__slot *slot = NULL;
    if (record->kind == MIA_KIND_SUMMARY)
        return mia_coordinator_put_summary(c, &record->u.summary,
                                           mia__tier_of_summary(record->u.summary.content), err);
    TRY(mia__home_of(record->kind, &where, err));
    TRY(mia__pin(c, &where, true, &slot, err));
    rc = mia_store_put(slot->store, record, err);
done:
    mia__unpin(c, slot);
    return rc;
}

/* MIA_NOTFOUND: it is not there, or a record of another kind is. */
static mia_status delete_from(mia_store *store, enum mia_kind kind, mia_str id,
                              struct mia_error *err)
{
    mia_status rc;
    mia_txn *txn;
    mia_view view;
    TRY(mia_store_begin(store, MIA_TXN_WRITE, &txn, err));
    rc = mia_get(txn, mia_table_of(kind), id, &view, err);
    if (rc == MIA_OK && view.kind != kind)
        rc = MIA_NOTFOUND;
    if (rc == MIA_OK)
        rc = mia_delete(txn, mia_table_of(kind), id, MIA_DELETE_PLAIN, NULL, err);
    if (rc == MIA_OK)
        return mia_txn_commit(txn, err);
    mia_txn_abort(txn);
done:
    return rc;
}

static mia_status delete_at(mia_coordinator *c, const struct mia__where *where, enum mia_kind kind,
                            mia_str id, bool *was_there, struct mia_error *err)
{
    struct mia__slot *slot;
    mia_status rc = mia__pin(c, where, false, &slot, err);
    if (rc != MIA_OK)
        return rc;
    rc = delete_from(slot->store, kind, id, err);
    *was_there |= rc == MIA_OK;
    mia__unpin(c, slot);
    return rc;
}

/* In the order of moves: a record that moves meanwhile is met in its new place. */
mia_status mia_coordinator_delete(mia_coordinator *c, enum mia_kind kind, mia_str id,
                                  struct mia_error *err)
{
    mia_status rc;
    bool was_there = false;
    struct mia__where where;
    struct mia__quarters quarters = {0};
    enum mia_tier tiers[MIA_DATABASE_TIERS_MOST];
    TRY(mia__database_of(kind, &where.database, err));
    size_t count = mia__tiers_of(where.database, true, tiers);
    for (size_t i = 0; i < count; i++) {
        where = mia__where(where.database, tiers[i]);
        if (tiers[i] != MIA_TIER_ARCHIVE)
            TRY(delete_at(c, &where, kind, id, &was_there, err));
        else
            TRY(mia__list_quarters(c, where.database, &quarters, err));
    }
    for (size_t i = 0; i < quarters.count; i++) {
        memcpy(where.quarter, quarters.names[i], sizeof where.quarter);
        TRY(delete_at(c, &where, kind, id, &was_there, err));
    }
    rc = was_there ? MIA_OK : MIA_NOTFOUND;
done:
    mia__free(quarters.names);
    return rc;
}
