/*
 * coordinator/snapshot.c - one moment of many databases
 *
 * Each database has its own snapshots, taken one after the other. A record that moves is put where
 * it goes before it is removed from where it was. So whoever looks into databases in the order of
 * the moves finds it in one of them; knowledge and summaries are searched in another order, or move
 * in any, and are therefore looked into all at once, again if something was removed meanwhile.
 */
#include "base/error.h"
#include "base/try.h"
#include "coordinator/coordinator.h"

static struct mia__touched *touched(const mia_snapshot *s, size_t *count)
{
    *count = s->touched.size / sizeof(struct mia__touched);
    return (struct mia__touched *)(void *)s->touched.data;
}

mia_status mia_snapshot_begin(mia_coordinator *c, mia_snapshot **out, struct mia_error *err)
{
    mia_snapshot *s = *out = mia__alloc_zero(sizeof *s);
    if (s == NULL)
        return mia__fail_nomem(err);
    s->coordinator = c;
    pthread_mutex_lock(&c->lock);
    c->snapshots++;
    pthread_mutex_unlock(&c->lock);
    return MIA_OK;
}

/* Ends the transactions that were begun last, until only so many are left. */
static void let_go(mia_snapshot *s, size_t left)
{
    size_t count;
    struct mia__touched *all = touched(s, &count);
    while (count > left) {
        struct mia__touched *last = &all[--count];
        mia_txn_abort(last->txn);
        mia__unpin(s->coordinator, last->slot);
    }
    s->touched.size = count * sizeof *all;
}

void mia_snapshot_end(mia_snapshot *s)
{
    if (s == NULL)
        return;
    mia_coordinator *c = s->coordinator;
    let_go(s, 0);
    mia__buf_free(&s->touched);
    for (size_t i = 0; i < sizeof s->quarters / sizeof s->quarters[0]; i++)
        mia__free(s->quarters[i].names);
    mia__free(s);
    pthread_mutex_lock(&c->lock);
    c->snapshots--;
    pthread_mutex_unlock(&c->lock);
}

static mia_status touch(mia_snapshot *s, const struct mia__where *where, struct mia_error *err)
{
    mia_status rc;
    struct mia__touched touch = {.where = *where};
    TRY(mia__pin(s->coordinator, where, false, &touch.slot, err));
    if (rc == MIA_OK)
        TRY(mia_store_begin(touch.slot->store, MIA_TXN_READ, &touch.txn, err));
    TRY(mia__buf_append(&s->touched, &touch, sizeof touch, err));
done:
    if (rc < 0) {
        mia_txn_abort(touch.txn);
        mia__unpin(s->coordinator, touch.slot);
    }
    return rc;
}

static mia_status touch_all(mia_snapshot *s, enum mia_database database, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    size_t before;
    uint64_t seen;
    enum mia_tier tiers[MIA_DATABASE_TIERS_MOST];
    size_t count = mia__tiers_of(database, true, tiers);
    touched(s, &before);
    do {
        let_go(s, before);
        seen = atomic_load(&s->coordinator->retiers);
        for (size_t i = 0; i < count; i++) {
            struct mia__where where = mia__where(database, tiers[i]);
            TRY(touch(s, &where, err));
        }
    } while (atomic_load(&s->coordinator->retiers) != seen);
done:
    return rc;
}

static const struct mia__touched *find_touched(const mia_snapshot *s,
                                               const struct mia__where *where)
{
    size_t count;
    const struct mia__touched *all = touched(s, &count);
    for (size_t i = 0; i < count; i++)
        if (all[i].where.database == where->database && all[i].where.tier == where->tier &&
            strcmp(all[i].where.quarter, where->quarter) == 0)
            return &all[i];
    return NULL;
}

mia_status mia__snapshot_txn(mia_snapshot *s, const struct mia__where *where, mia_txn **txn,
                             struct mia_error *err)
{
    mia_status rc;
    bool is_searched_otherwise =
        (where->database == MIA_DATABASE_KNOWLEDGE || where->database == MIA_DATABASE_SUMMARIES) &&
        where->tier != MIA_TIER_NONE;
    *txn = NULL;
    if (find_touched(s, where) == NULL)
        TRY(is_searched_otherwise ? touch_all(s, where->database, err) : touch(s, where, err));
    *txn = find_touched(s, where)->txn;
    rc = *txn != NULL ? MIA_OK : MIA_NOTFOUND;
done:
    return rc;
}

/* ---- walking through the tiers */

static mia_status quarters_of(mia_snapshot *s, enum mia_database database,
                              const struct mia__quarters **quarters, struct mia_error *err)
{
    size_t i = database == MIA_DATABASE_EMBEDDINGS;
    *quarters = &s->quarters[i];
    if (s->has_quarters[i])
        return MIA_OK;
    mia_status rc = mia__list_quarters(s->coordinator, database, &s->quarters[i], err);
    s->has_quarters[i] = rc == MIA_OK;
    return rc;
}

/* The n-th archive: the hinted one, then all the others. *where without a quarter: none here. */
static mia_status nth_archive(const struct mia__walk *walk, size_t n, struct mia__where *where,
                              struct mia_error *err)
{
    const struct mia__quarters *quarters;
    mia_status rc = quarters_of(walk->snapshot, walk->database, &quarters, err);
    if (rc < 0 || n > quarters->count)
        return rc < 0 ? rc : MIA_NOTFOUND;
    *where = mia__where(walk->database, MIA_TIER_ARCHIVE);
    const char *quarter = n == 0 ? walk->hint : quarters->names[n - 1];
    if (n == 0 || strcmp(quarter, walk->hint) != 0)
        memcpy(where->quarter, quarter, sizeof where->quarter);
    return MIA_OK;
}

/* MIA_NOTFOUND: the walk is over. */
static mia_status next_place(struct mia__walk *walk, struct mia__where *where,
                             struct mia_error *err)
{
    enum mia_tier tiers[MIA_DATABASE_TIERS_MOST];
    size_t count = mia__tiers_of(walk->database, false, tiers);
    size_t step = walk->step++;
    bool has_archives = tiers[count - 1] == MIA_TIER_ARCHIVE;
    if (has_archives && step >= count - 1)
        return nth_archive(walk, step - (count - 1), where, err);
    if (step >= count)
        return MIA_NOTFOUND;
    *where = mia__where(walk->database, tiers[step]);
    return MIA_OK;
}

mia_status mia__walk_next(struct mia__walk *walk, mia_txn **txn, struct mia_error *err)
{
    mia_status rc;
    struct mia__where where;
    *txn = NULL;
    while ((rc = next_place(walk, &where, err)) == MIA_OK) {
        if (where.tier == MIA_TIER_ARCHIVE && where.quarter[0] == '\0')
            continue;
        rc = mia__snapshot_txn(walk->snapshot, &where, txn, err);
        if (rc != MIA_NOTFOUND)
            break;
    }
    return rc;
}
