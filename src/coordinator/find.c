/* coordinator/find.c - one record, wherever it is */
#include "base/try.h"
#include "coordinator/coordinator.h"

static mia_status search(struct mia__walk walk, enum mia_kind kind, mia_str id, mia_view *view,
                         struct mia_error *err)
{
    mia_status rc;
    mia_txn *txn;
    while ((rc = mia__walk_next(&walk, &txn, err)) == MIA_OK) {
        TRY(mia_get(txn, mia_table_of(kind), id, view, err));
        if (rc == MIA_OK && view->kind == kind)
            goto done;
    }
    *view = (mia_view){0};
done:
    return rc;
}

mia_status mia_find(mia_snapshot *s, enum mia_kind kind, mia_str id, const int64_t *hint_ms,
                    mia_view *view, struct mia_error *err)
{
    mia_status rc;
    uint64_t seen;
    const atomic_uint_fast64_t *retiers = &s->coordinator->retiers;
    struct mia__walk walk = {.snapshot = s};
    *view = (mia_view){0};
    TRY(mia__database_of(kind, &walk.database, err));
    if (hint_ms != NULL)
        mia_quarter(*hint_ms, walk.hint);
    /* Engines without snapshots show every change at once, so a record may pass by. */
    do {
        seen = atomic_load(retiers);
        rc = search(walk, kind, id, view, err);
    } while (rc == MIA_NOTFOUND && atomic_load(retiers) != seen);
done:
    return rc;
}

mia_status mia_find_embedding_of(mia_snapshot *s, mia_view node, mia_view *view,
                                 struct mia_error *err)
{
    int64_t time_ms = mia_view_time(node);
    mia_str id = mia_view_embedding_id(node);
    *view = (mia_view){0};
    return id.size > 0 ? mia_find(s, MIA_KIND_EMBEDDING, id, &time_ms, view, err) : MIA_NOTFOUND;
}
