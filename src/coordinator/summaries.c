/*
 * coordinator/summaries.c - a summary is in one tier
 *
 * It is put into one with an intent, if it is in others, too; then it is removed from those, and
 * the intent with it. Each step has all tiers that are there locked for writers, in their order, so
 * nobody comes between what is seen and what is done. Whatever was interrupted is settled before
 * the summary changes its tier again.
 */
#include "base/error.h"
#include "base/try.h"
#include "coordinator/intents.h"

enum { TIERS = MIA_DATABASE_TIERS_MOST };

struct tiers {
    enum mia_tier names[TIERS];
    struct mia__slot *slots[TIERS]; /* NULL: not on disk */
    mia_txn *txns[TIERS];
    size_t count, home;
    bool is_elsewhere; /* it is in another tier than its home, too */
};

static void let_go_txns(struct tiers *t)
{
    for (size_t i = 0; i < t->count; i++) {
        mia_txn_abort(t->txns[i]);
        t->txns[i] = NULL;
    }
}

static void let_go(mia_coordinator *c, struct tiers *t)
{
    let_go_txns(t);
    for (size_t i = 0; i < t->count; i++)
        mia__unpin(c, t->slots[i]);
}

static mia_status lock_all(mia_coordinator *c, struct tiers *t, enum mia_tier home,
                           struct mia_error *err)
{
    mia_status rc = MIA_OK;
    t->count = mia__tiers_of(MIA_DATABASE_SUMMARIES, false, t->names);
    for (size_t i = 0; i < t->count; i++) {
        struct mia__where where = mia__where(MIA_DATABASE_SUMMARIES, t->names[i]);
        if (t->names[i] == home)
            t->home = i;
        TRY(mia__pin(c, &where, t->names[i] == home, &t->slots[i], err));
    }
    for (size_t i = 0; i < t->count; i++)
        if (t->slots[i] != NULL)
            TRY(mia_store_begin(t->slots[i]->store, MIA_TXN_WRITE, &t->txns[i], err));
    rc = MIA_OK;
done:
    return rc;
}

/* Out of every tier but its home; the changes are not committed. */
static mia_status remove_elsewhere(struct tiers *t, mia_str id, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    for (size_t i = 0; i < t->count; i++) {
        mia_view view;
        if (t->txns[i] == NULL || i == t->home)
            continue;
        TRY(mia_get(t->txns[i], MIA_TABLE_NODES, id, &view, err));
        if (rc != MIA_OK || view.kind != MIA_KIND_SUMMARY)
            continue;
        TRY(mia_delete(t->txns[i], MIA_TABLE_NODES, id, MIA_DELETE_PLAIN, NULL, err));
        t->is_elsewhere = true;
    }
    rc = MIA_OK;
done:
    return rc;
}

/* All but the home, whose transaction has ended. */
static mia_status commit_elsewhere(mia_coordinator *c, struct tiers *t, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    bool is_changed[TIERS] = {false};
    atomic_fetch_add(&c->retiers, 1);
    for (size_t i = 0; i < t->count; i++) {
        mia_txn *txn = t->txns[i];
        if (txn == NULL)
            continue;
        t->txns[i] = NULL;
        is_changed[i] = true;
        TRY(mia_txn_commit(txn, err));
    }
    for (size_t i = 0; i < t->count; i++) /* with no lock held: to sync is to wait for writers */
        if (is_changed[i] && c->db.durability == MIA_SYNC_LAZY)
            TRY(mia_db_sync(mia_store_db(t->slots[i]->store), err));
done:
    return rc;
}

static mia_status drop_intent(struct mia__slot *slot, mia_str id, struct mia_error *err)
{
    mia_txn *txn;
    mia_status rc = mia_store_begin(slot->store, MIA_TXN_WRITE, &txn, err);
    if (rc < 0)
        return rc;
    rc = mia__intent_del(txn, MIA_TABLE_NODES, id, err);
    if (rc >= 0)
        return mia_txn_commit(txn, err);
    mia_txn_abort(txn);
    return rc;
}

mia_status mia__settle_summary(mia_coordinator *c, struct mia__slot *home, mia_str id,
                               struct mia_error *err)
{
    mia_status rc;
    mia_view view;
    struct mia__intent intent;
    struct tiers t = {0};
    TRY(lock_all(c, &t, home->where.tier, err));
    TRY(mia__intent_get(t.txns[t.home], MIA_TABLE_NODES, id, &intent, err));
    if (rc == MIA_NOTFOUND) /* somebody else has settled it */
        goto done;
    TRY(mia_get(t.txns[t.home], MIA_TABLE_NODES, id, &view, err));
    if (rc == MIA_OK) /* else it was deleted since */
        TRY(remove_elsewhere(&t, id, err));
    mia_txn_abort(t.txns[t.home]);
    t.txns[t.home] = NULL;
    if (t.is_elsewhere)
        TRY(commit_elsewhere(c, &t, err));
    let_go_txns(&t);
    rc = drop_intent(home, id, err);
done:
    let_go(c, &t);
    return rc < 0 ? rc : MIA_OK;
}

/* What an earlier change of tiers left undone, because it failed. */
static mia_status settle_earlier(mia_coordinator *c, mia_str id, struct mia_error *err)
{
    mia_status rc;
    struct tiers t = {0};
    struct mia__slot *unsettled = NULL;
    TRY(lock_all(c, &t, MIA_TIER_NONE, err));
    for (size_t i = 0; i < t.count && unsettled == NULL; i++) {
        struct mia__intent intent;
        if (t.txns[i] == NULL)
            continue;
        TRY(mia__intent_get(t.txns[i], MIA_TABLE_NODES, id, &intent, err));
        if (rc == MIA_OK)
            unsettled = t.slots[i];
    }
    let_go_txns(&t);
    rc = unsettled != NULL ? mia__settle_summary(c, unsettled, id, err) : MIA_OK;
done:
    let_go(c, &t);
    return rc;
}

static mia_status put(mia_coordinator *c, struct tiers *t, const struct mia_record *record,
                      enum mia_tier tier, struct mia_error *err)
{
    mia_status rc;
    struct mia__intent intent = {.table = MIA_TABLE_NODES, .id = record->u.summary.id};
    TRY(lock_all(c, t, tier, err));
    TRY(mia_put(t->txns[t->home], record, err));
    TRY(remove_elsewhere(t, intent.id, err)); /* to see whether there is anything: not committed */
    if (t->is_elsewhere)
        TRY(mia__intent_put(t->txns[t->home], &intent, err));
    rc = mia_txn_commit(t->txns[t->home], err);
    t->txns[t->home] = NULL;
    let_go_txns(t);
    if (rc >= 0 && t->is_elsewhere && c->db.durability == MIA_SYNC_LAZY)
        rc = mia_db_sync(mia_store_db(t->slots[t->home]->store), err);
done:
    return rc;
}

mia_status mia_coordinator_put_summary(mia_coordinator *c, const struct mia_summary *summary,
                                       enum mia_tier tier, struct mia_error *err)
{
    mia_status rc;
    struct tiers t = {0};
    struct mia_record record = {.kind = MIA_KIND_SUMMARY, .u.summary = *summary};
    if (!mia_database_has_tier(MIA_DATABASE_SUMMARIES, tier))
        return mia__fail(err, MIA_ERR_INVALID, "summaries have no tier '%s'", mia_tier_name(tier));
    pthread_mutex_lock(&c->moving);
    TRY(settle_earlier(c, summary->id, err));
    TRY(put(c, &t, &record, tier, err));
    if (t.is_elsewhere)
        rc = mia__settle_summary(c, t.slots[t.home], summary->id, err);
done:
    let_go(c, &t);
    pthread_mutex_unlock(&c->moving);
    return rc < 0 ? rc : MIA_OK;
}
