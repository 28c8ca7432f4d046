/* store/upkeep.c - indexes compared with the records, and made anew from them */
#include "base/error.h"
#include "base/options.h"
#include "base/try.h"
#include "engine/meta.h"
#include "index/spaces.h"
#include "store/store.h"

struct upkeep {
    mia_store *store;
    mia_progress_fn progress;
    void *ctx;
    struct mia_progress shown;
    struct mia_index_report report;
    struct mia_error *err;
};

static mia_status tell(struct upkeep *u)
{
    if (u->progress == NULL || u->progress(u->ctx, &u->shown))
        return MIA_OK;
    return mia__fail(u->err, MIA_ERR_CANCELLED, "%s: stopped at %s", mia_db_path(u->store->db),
                     u->shown.phase);
}

static mia_status count_records(struct upkeep *u, mia_txn *txn)
{
    mia_status rc = MIA_OK;
    u->shown.records_total = 0;
    for (int i = 0; i <= MIA_TABLE_EMBEDDINGS; i++) {
        uint64_t n;
        if (!u->store->has_tables[i])
            continue;
        TRY(mia_kv_count(txn, u->store->tables[i], NULL, &n, u->err));
        u->shown.records_total += n;
    }
done:
    return rc;
}

/* A record under another key than its id cannot be found by its id, so it is in no index. */
static bool is_under_its_id(mia_str key, mia_view view)
{
    mia_str id = mia_view_id(view);
    return mia_slice_equal((mia_slice){key.data, key.size}, (mia_slice){id.data, id.size});
}

/* view NULL: it is damaged. */
static void count_record(struct upkeep *u, enum mia_table table, const mia_view *view)
{
    if (table != MIA_TABLE_EMBEDDINGS)
        u->report.records++;
    else if (view != NULL && mia__spaces_want(*view))
        u->report.vectors++;
    else
        u->report.vectors_skipped++;
}

/* ---- check */

static mia_status sum_up_table(struct upkeep *u, mia_txn *txn, enum mia_table table,
                               uint64_t *wanted)
{
    enum { TELL_EVERY = 1024 };
    mia_status rc;
    mia_scan *scan = NULL;
    mia_str id;
    mia_view view;
    TRY(mia_scan_open(txn, table, (mia_str){0}, &scan, u->err));
    while ((rc = mia_scan_next(scan, &id, &view, u->err)) != MIA_NOTFOUND) {
        if (rc == MIA_ERR_SERIALIZATION)
            u->report.damaged++;
        else
            TRY(rc);
        if (rc == MIA_OK && is_under_its_id(id, view))
            *wanted += mia__index_wanted(&u->store->index, view);
        count_record(u, table, rc == MIA_OK ? &view : NULL);
        u->shown.records_done++;
        if (u->shown.records_done % TELL_EVERY == 0)
            TRY(tell(u));
    }
done:
    mia_scan_close(scan);
    return rc < 0 ? rc : MIA_OK;
}

static bool tick(void *ctx, uint64_t entries)
{
    enum { TELL_EVERY = 1024 };
    struct upkeep *u = ctx;
    u->shown.records_done = entries;
    return entries % TELL_EVERY != 0 || u->progress == NULL || u->progress(u->ctx, &u->shown);
}

/* Records on their way to another database, whose move was interrupted. */
static mia_status count_moves(struct upkeep *u, mia_txn *txn)
{
    mia_tree tree;
    mia_status rc = mia_tree_open(txn, MIA_BYTES("mia_moves"), 0, &tree, u->err);
    if (rc == MIA_OK)
        rc = mia_kv_count(txn, tree, NULL, &u->report.moves, u->err);
    return rc < 0 ? rc : MIA_OK;
}

/* What is sound is wanted; so what is wanted and not sound is missing. */
static mia_status check(struct upkeep *u, mia_txn *txn)
{
    mia_status rc;
    struct mia__session *s;
    struct mia__index_reader reader;
    uint64_t wanted = 0, sound = 0;
    TRY(mia__session_of(txn, &s, u->err));
    TRY(mia__store_index(s, &reader, u->err));
    TRY(count_records(u, txn));
    u->shown.phase = "records";
    TRY(sum_up_table(u, txn, MIA_TABLE_NODES, &wanted));
    TRY(sum_up_table(u, txn, MIA_TABLE_EDGES, &wanted));
    TRY(sum_up_table(u, txn, MIA_TABLE_EMBEDDINGS, &wanted));
    TRY(count_moves(u, txn));
    u->shown = (struct mia_progress){.phase = "index", .records_total = wanted};
    TRY(mia__index_verify(&reader, tick, u, &u->report.entries, &sound, u->err));
    u->report.stale = u->report.entries - sound;
    u->report.missing = wanted - sound;
done:
    return rc;
}

mia_status mia_index_check(mia_store *store, mia_progress_fn progress, void *ctx,
                           struct mia_index_report *report, struct mia_error *err)
{
    mia_status rc;
    mia_txn *txn = NULL;
    struct upkeep u = {.store = store, .progress = progress, .ctx = ctx, .err = err};
    TRY(mia__report_check(report, "mia_index_report", err));
    TRY(mia__store_begin(store, MIA_TXN_READ, &txn, err));
    rc = check(&u, txn);
    if (rc >= 0)
        mia__report_write(report, &u.report, sizeof u.report);
done:
    mia_txn_abort(txn);
    return rc;
}

/* ---- rebuild */

/* Empty trees, and a mark that they are not complete. Writers keep them up from here on. */
static mia_status begin_rebuild(struct upkeep *u)
{
    mia_status rc;
    mia_txn *txn = NULL;
    struct mia__index index;
    mia_store *store = u->store;
    int before = atomic_load(&store->index_state);
    TRY(mia__store_begin(store, MIA_TXN_WRITE, &txn, u->err));
    TRY(mia__index_open(txn, store->index.layout, true, &index, u->err));
    TRY(mia__index_clear(txn, &index, u->err));
    if (store->has_meta)
        TRY(mia__meta_put(txn, store->raw.meta, MIA__INDEX_MARK, (mia_slice){0}, u->err));
    TRY(count_records(u, txn));
    if (!store->index.is_present) /* others may be reading it */
        store->index = index;
    atomic_store(&store->index_state, MIA__INDEX_REBUILDING); /* before the next writer begins */
    rc = mia_txn_commit(txn, u->err);
    txn = NULL;
    if (rc < 0)
        atomic_store(&store->index_state, before);
done:
    mia_txn_abort(txn);
    return rc;
}

/* Adds the entries of the records behind *from, as many as go into one transaction; *from is empty
 * at the end of the table. */
static mia_status add_batch(struct upkeep *u, enum mia_table table, struct mia__buf *from)
{
    enum { BATCH = 20000 };
    mia_status rc;
    mia_txn *txn = NULL;
    mia_scan *scan = NULL;
    struct mia__session *s;
    mia_str id;
    mia_view view;
    size_t done = 0;
    TRY(mia__store_begin(u->store, MIA_TXN_WRITE, &txn, u->err));
    TRY(mia__session_of(txn, &s, u->err));
    TRY(mia__scan_open_from(txn, table, mia__buf_slice(from), &scan, u->err));
    while (done < BATCH && (rc = mia_scan_next(scan, &id, &view, u->err)) != MIA_NOTFOUND) {
        if (rc != MIA_ERR_SERIALIZATION)
            TRY(rc);
        count_record(u, table, rc == MIA_OK ? &view : NULL);
        u->report.damaged += rc < 0;
        u->shown.records_done++;
        done++;
        if (rc == MIA_OK && is_under_its_id(id, view)) {
            u->report.entries += mia__index_wanted(&u->store->index, view);
            TRY(mia__index_change(txn, &u->store->index, &s->scratch, NULL, &view, u->err));
        }
        TRY(mia__buf_set(from, (mia_slice){id.data, id.size}, u->err));
    }
    if (done < BATCH)
        from->size = 0;
    mia_scan_close(scan);
    scan = NULL;
    rc = mia_txn_commit(txn, u->err);
    txn = NULL;
done:
    mia_scan_close(scan);
    mia_txn_abort(txn);
    return rc;
}

static mia_status end_rebuild(struct upkeep *u)
{
    mia_status rc;
    mia_txn *txn = NULL;
    mia_store *store = u->store;
    TRY(mia__store_begin(store, MIA_TXN_WRITE, &txn, u->err));
    if (store->has_meta)
        TRY(mia__meta_del(txn, store->raw.meta, MIA__INDEX_MARK, u->err));
    rc = mia_txn_commit(txn, u->err);
    txn = NULL;
    if (rc == MIA_OK)
        atomic_store(&store->index_state, MIA__INDEX_READY);
done:
    mia_txn_abort(txn);
    return rc;
}

static mia_status rebuild_table(struct upkeep *u, enum mia_table table)
{
    mia_status rc = MIA_OK;
    struct mia__buf from = {0};
    do {
        TRY(add_batch(u, table, &from));
        TRY(tell(u));
    } while (from.size > 0);
done:
    mia__buf_free(&from);
    return rc;
}

mia_status mia_index_rebuild(mia_store *store, mia_progress_fn progress, void *ctx,
                             struct mia_index_report *report, struct mia_error *err)
{
    mia_status rc;
    struct upkeep u = {.store = store, .progress = progress, .ctx = ctx, .err = err};
    u.shown.phase = "index";
    TRY(mia__report_check(report, "mia_index_report", err));
    if (store->without_indexes) {
        rc = mia__fail(err, MIA_ERR_INVALID, "%s was opened without indexes",
                       mia_db_path(store->db));
        goto done;
    }
    TRY(begin_rebuild(&u));
    TRY(rebuild_table(&u, MIA_TABLE_NODES));
    TRY(rebuild_table(&u, MIA_TABLE_EDGES));
    TRY(rebuild_table(&u, MIA_TABLE_EMBEDDINGS));
    rc = end_rebuild(&u);
done:
    if (rc >= 0)
        mia__report_write(report, &u.report, sizeof u.report);
    return rc;
}
