/*
 * coordinator/move.c - records from one database into another
 *
 * No transaction spans two databases, so a move is three, each durable before the next:
 *   1. where the record is: it may move, and an intent says where to;
 *   2. where it goes: it is put there;
 *   3. where it was: it and the intent are removed.
 * Readers look into the first database first, so they never miss it and never count it twice. The
 * first database stays locked for writers from before 2 until 3: the record that is removed is the
 * one that was copied. After a crash the intent leads back to 2. An intent whose record is gone
 * (somebody deleted it), or may no longer move (somebody put a younger one), takes the copy back.
 */
#include "base/error.h"
#include "base/try.h"
#include "coordinator/intents.h"

static bool is_old_enough(int64_t time_ms, int64_t now_ms, enum mia_tier tier)
{
    int64_t age;
    if (__builtin_sub_overflow(now_ms, time_ms, &age))
        return now_ms > time_ms;
    return age >= mia__age_ms(tier);
}

static bool may_move(mia_view view, enum mia_tier tier, const char *quarter, int64_t now_ms)
{
    char own[MIA_QUARTER_SIZE];
    switch ((int)view.kind) {
    case MIA_KIND_MESSAGE:
        mia_quarter(mia_view_time(view), own);
        return (tier == MIA_TIER_RECENT ||
                (tier == MIA_TIER_ARCHIVE && strcmp(own, quarter) == 0)) &&
               is_old_enough(mia_view_time(view), now_ms, tier);
    case MIA_KIND_ENTITY:
        return tier == MIA_TIER_STABLE;
    case MIA_KIND_EMBEDDING: /* has no age of its own: it goes where its message went */
        return tier == MIA_TIER_RECENT || tier == MIA_TIER_ARCHIVE;
    default:
        return false;
    }
}

/* On a database that syncs later: now, because the next step relies on it. */
static mia_status make_durable(mia_coordinator *c, struct mia__slot *slot, struct mia_error *err)
{
    return c->db.durability == MIA_SYNC_LAZY ? mia_db_sync(mia_store_db(slot->store), err) : MIA_OK;
}

/* ---- 1 */

static mia_status intend(mia_txn *txn, const struct mia__moves *m, mia_str id, bool *intended,
                         struct mia_error *err)
{
    mia_view view;
    const struct mia__where *to = &m->to;
    mia_status rc = mia_get(txn, m->table, id, &view, err);
    *intended = rc == MIA_OK && may_move(view, to->tier, to->quarter, m->now_ms);
    if (rc < 0 || !*intended)
        return rc;
    struct mia__intent intent = {m->table, to->tier, "", m->now_ms, id};
    memcpy(intent.quarter, to->quarter, sizeof intent.quarter);
    return mia__intent_put(txn, &intent, err);
}

static mia_status intend_all(mia_coordinator *c, const struct mia__moves *m, uint64_t *count,
                             struct mia_error *err)
{
    mia_status rc;
    mia_txn *txn;
    bool intended;
    *count = 0;
    TRY(mia_store_begin(m->from->store, MIA_TXN_WRITE, &txn, err));
    for (size_t i = 0; i < m->count; i++) {
        TRY(intend(txn, m, m->ids[i], &intended, err));
        *count += intended;
    }
    if (*count > 0) {
        rc = mia_txn_commit(txn, err);
        txn = NULL;
    }
    if (rc >= 0 && *count > 0)
        rc = make_durable(c, m->from, err);
done:
    mia_txn_abort(txn);
    return rc < 0 ? rc : MIA_OK;
}

/* ---- 2 and 3 */

/* Whether an intent leads to this place; and the record, if it is to be moved there. */
static mia_status look_up(mia_txn *from, const struct mia__moves *m, mia_str id, bool *is_intended,
                          mia_slice *archive, struct mia_error *err)
{
    mia_status rc;
    struct mia__intent intent;
    mia_view view;
    const struct mia__where *to = &m->to;
    *archive = (mia_slice){0};
    TRY(mia__intent_get(from, m->table, id, &intent, err));
    *is_intended =
        rc == MIA_OK && intent.tier == to->tier && strcmp(intent.quarter, to->quarter) == 0;
    if (!*is_intended)
        return MIA_OK;
    TRY(mia_get(from, m->table, id, &view, err));
    if (rc == MIA_OK && may_move(view, intent.tier, intent.quarter, intent.now_ms))
        rc = mia_get_archive(from, m->table, id, archive, err);
done:
    return rc < 0 ? rc : MIA_OK;
}

static mia_status arrive(mia_txn *from, mia_txn *to, const struct mia__moves *m,
                         struct mia_error *err)
{
    mia_status rc = MIA_OK;
    for (size_t i = 0; i < m->count; i++) {
        bool is_intended;
        mia_slice archive;
        TRY(look_up(from, m, m->ids[i], &is_intended, &archive, err));
        if (archive.size > 0)
            TRY(mia_put_archive(to, m->table, archive, err));
        else if (is_intended)
            TRY(mia_delete(to, m->table, m->ids[i], MIA_DELETE_PLAIN, NULL, err));
    }
done:
    return rc < 0 ? rc : MIA_OK;
}

static mia_status leave(mia_txn *from, const struct mia__moves *m, uint64_t *moved,
                        struct mia_error *err)
{
    mia_status rc = MIA_OK;
    for (size_t i = 0; i < m->count; i++) {
        bool is_intended;
        mia_slice archive;
        TRY(look_up(from, m, m->ids[i], &is_intended, &archive, err));
        if (archive.size > 0) {
            TRY(mia_delete(from, m->table, m->ids[i], MIA_DELETE_PLAIN, NULL, err));
            (*moved)++;
        }
        if (is_intended)
            TRY(mia__intent_del(from, m->table, m->ids[i], err));
    }
done:
    return rc < 0 ? rc : MIA_OK;
}

static mia_status carry_out(mia_coordinator *c, const struct mia__moves *m, uint64_t *moved,
                            struct mia_error *err)
{
    mia_status rc;
    uint64_t count = 0;
    struct mia__slot *slot = NULL;
    mia_txn *from = NULL, *to = NULL;
    TRY(mia__pin(c, &m->to, true, &slot, err));
    TRY(mia_store_begin(m->from->store, MIA_TXN_WRITE, &from, err));
    TRY(mia_store_begin(slot->store, MIA_TXN_WRITE, &to, err));
    TRY(arrive(from, to, m, err));
    rc = mia_txn_commit(to, err);
    to = NULL;
    TRY(rc);
    TRY(make_durable(c, slot, err));
    TRY(leave(from, m, &count, err));
    atomic_fetch_add(&c->retiers, 1);
    rc = mia_txn_commit(from, err);
    from = NULL;
    if (rc >= 0)
        *moved += count;
done:
    mia_txn_abort(to);
    mia_txn_abort(from);
    mia__unpin(c, slot);
    return rc;
}

mia_status mia__move(mia_coordinator *c, const struct mia__moves *m, uint64_t *moved,
                     struct mia_error *err)
{
    uint64_t count;
    pthread_mutex_lock(&c->moving);
    mia_status rc = intend_all(c, m, &count, err);
    if (rc >= 0 && count > 0)
        rc = carry_out(c, m, moved, err);
    pthread_mutex_unlock(&c->moving);
    return rc;
}

/* ---- after a crash */

static mia_status finish_move(mia_coordinator *c, struct mia__slot *from,
                              const struct mia__intent *intent, struct mia_error *err)
{
    uint64_t moved = 0;
    struct mia__where to = mia__where(from->where.database, intent->tier);
    memcpy(to.quarter, intent->quarter, sizeof to.quarter);
    struct mia__moves one = {from, to, intent->table, &intent->id, 1, intent->now_ms};
    return carry_out(c, &one, &moved, err);
}

static mia_status finish(mia_coordinator *c, struct mia__slot *slot, enum mia_table table,
                         mia_str id, struct mia_error *err)
{
    mia_status rc;
    mia_txn *txn;
    struct mia__intent intent;
    TRY(mia_store_begin(slot->store, MIA_TXN_READ, &txn, err));
    rc = mia__intent_get(txn, table, id, &intent, err);
    mia_txn_abort(txn);
    if (rc != MIA_OK)
        goto done;
    intent.id = id;
    if (intent.tier == MIA_TIER_NONE)
        rc = mia__settle_summary(c, slot, id, err);
    else
        rc = finish_move(c, slot, &intent, err);
    if (rc >= 0)
        mia__log(c, "%s: finished the interrupted move of %.*s",
                 mia_db_path(mia_store_db(slot->store)), (int)(id.size & 255), id.data);
done:
    return rc;
}

static mia_status list_intents(struct mia__slot *slot, struct mia__buf *all, struct mia_error *err)
{
    mia_txn *txn;
    mia_status rc = mia_store_begin(slot->store, MIA_TXN_READ, &txn, err);
    if (rc < 0)
        return rc;
    rc = mia__intents(txn, all, err);
    mia_txn_abort(txn);
    return rc;
}

void mia__finish_moves(mia_coordinator *c, struct mia__slot *slot)
{
    struct mia_error why;
    struct mia__buf all = {0};
    enum mia_table table;
    mia_str id;
    size_t at = 0;
    if (c->db.read_only)
        return;
    pthread_mutex_lock(&c->moving);
    mia_status rc = list_intents(slot, &all, &why);
    while (rc >= 0 && mia__intents_next(&all, &at, &table, &id))
        if (finish(c, slot, table, id, &why) < 0)
            mia__log(c, "%s: the interrupted move of %.*s cannot be finished: %s",
                     mia_db_path(mia_store_db(slot->store)), (int)(id.size & 255), id.data,
                     why.message);
    if (rc < 0)
        mia__log(c, "%s: interrupted moves cannot be finished: %s",
                 mia_db_path(mia_store_db(slot->store)), why.message);
    pthread_mutex_unlock(&c->moving);
    mia__buf_free(&all);
}
