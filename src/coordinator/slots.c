/*
 * coordinator/slots.c - which stores are open, who holds them, and which archives are closed again
 *
 * Opening and closing happen without the lock: whoever needs another database does not wait, and
 * whoever needs the same one waits for that alone.
 */
#include "base/error.h"
#include "base/try.h"
#include "coordinator/coordinator.h"

static bool is_at(const struct mia__slot *slot, const struct mia__where *where)
{
    return slot->where.database == where->database && slot->where.tier == where->tier &&
           strcmp(slot->where.quarter, where->quarter) == 0;
}

/* With the lock held. NULL: no memory. */
static struct mia__slot *slot_at(mia_coordinator *c, const struct mia__where *where)
{
    struct mia__slot *slot = c->slots;
    while (slot != NULL && !is_at(slot, where))
        slot = slot->next;
    if (slot != NULL)
        return slot;
    slot = mia__alloc_zero(sizeof *slot);
    if (slot == NULL)
        return NULL;
    slot->where = *where;
    slot->next = c->slots;
    c->slots = slot;
    return slot;
}

static mia_status open_store(mia_coordinator *c, const struct mia__slot *slot, bool create,
                             mia_store **store, struct mia_error *err)
{
    mia_status rc;
    struct mia_place place = mia__place_of(&slot->where);
    struct mia_db_options db = c->db;
    struct mia_store_options opt = {
        .struct_size = sizeof opt, .db = &db, .trust_values = c->opt.trust_values, .place = &place};
    const struct mia_engine_ops *engine = NULL;
    char *path = NULL;
    TRY(mia__path_of(c, &place, &path, err));
    db.must_exist = !create || db.must_exist;
    if (c->opt.engine != NULL)
        engine = c->opt.engine(c->opt.engine_ctx, &place);
    rc = mia_store_open(engine, path, &opt, store, err);
done:
    mia__free(path);
    return rc;
}

/* ---- archives that nobody uses */

/* With the lock held: the one to close, if too many are open. */
static struct mia__slot *oldest_idle_archive(mia_coordinator *c)
{
    struct mia__slot *oldest = NULL;
    uint32_t open = 0;
    for (struct mia__slot *slot = c->slots; slot != NULL; slot = slot->next) {
        if (slot->where.tier != MIA_TIER_ARCHIVE || slot->state != MIA__SLOT_OPEN)
            continue;
        open++;
        if (slot->pins == 0 && (oldest == NULL || slot->used < oldest->used))
            oldest = slot;
    }
    return open > c->opt.max_open_archives ? oldest : NULL;
}

/* With the lock held, which is let go meanwhile. */
static mia_status close_slot(mia_coordinator *c, struct mia__slot *slot, struct mia_error *err)
{
    mia_store *store = slot->store;
    slot->state = MIA__SLOT_BUSY;
    slot->store = NULL; /* another one may get its address: mia_coordinator_release goes by that */
    pthread_mutex_unlock(&c->lock);
    mia_status rc = mia_store_close(store, err);
    pthread_mutex_lock(&c->lock);
    slot->state = rc >= 0 ? MIA__SLOT_CLOSED : MIA__SLOT_OPEN;
    slot->store = rc >= 0 ? NULL : store;
    pthread_cond_broadcast(&c->changed);
    return rc;
}

static void close_idle_archives(mia_coordinator *c)
{
    struct mia__slot *slot;
    pthread_mutex_lock(&c->lock);
    while ((slot = oldest_idle_archive(c)) != NULL)
        if (close_slot(c, slot, NULL) < 0)
            break;
    pthread_mutex_unlock(&c->lock);
}

/* ---- */

/* With the lock held, which is let go meanwhile. *was_opened: by this call. */
static mia_status hold(mia_coordinator *c, struct mia__slot *slot, bool create, bool *was_opened,
                       struct mia_error *err)
{
    mia_status rc = MIA_OK;
    *was_opened = false;
    while (slot->state == MIA__SLOT_BUSY)
        pthread_cond_wait(&c->changed, &c->lock);
    if (slot->state == MIA__SLOT_CLOSED) {
        mia_store *store = NULL;
        slot->state = MIA__SLOT_BUSY;
        pthread_mutex_unlock(&c->lock);
        rc = open_store(c, slot, create, &store, err);
        pthread_mutex_lock(&c->lock);
        slot->store = store;
        *was_opened = rc == MIA_OK;
        slot->state = rc == MIA_OK ? MIA__SLOT_OPEN : MIA__SLOT_CLOSED;
        pthread_cond_broadcast(&c->changed);
    }
    if (rc == MIA_OK) {
        slot->pins++;
        slot->used = ++c->uses;
    }
    return rc;
}

mia_status mia__pin(mia_coordinator *c, const struct mia__where *where, bool create,
                    struct mia__slot **out, struct mia_error *err)
{
    mia_status rc;
    bool was_opened = false;
    *out = NULL;
    pthread_mutex_lock(&c->lock);
    struct mia__slot *slot = slot_at(c, where);
    rc = slot != NULL ? hold(c, slot, create, &was_opened, err) : mia__fail_nomem(err);
    pthread_mutex_unlock(&c->lock);
    if (rc != MIA_OK)
        return rc;
    *out = slot;
    if (was_opened)
        mia__finish_moves(c, slot);
    if (was_opened && where->tier == MIA_TIER_ARCHIVE)
        close_idle_archives(c);
    return MIA_OK;
}

void mia__unpin(mia_coordinator *c, struct mia__slot *slot)
{
    if (slot == NULL)
        return;
    pthread_mutex_lock(&c->lock);
    slot->pins--;
    slot->used = ++c->uses;
    pthread_mutex_unlock(&c->lock);
    if (slot->where.tier == MIA_TIER_ARCHIVE)
        close_idle_archives(c);
}

mia_status mia__close_slots(mia_coordinator *c, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    uint32_t held = c->snapshots;
    pthread_mutex_lock(&c->lock);
    for (struct mia__slot *slot = c->slots; slot != NULL; slot = slot->next)
        held += slot->pins + (slot->state == MIA__SLOT_BUSY);
    if (held > 0)
        rc = mia__fail(err, MIA_ERR_BUSY, "%s: snapshots or stores of it are still held", c->base);
    for (struct mia__slot *slot = c->slots; slot != NULL && rc >= 0; slot = slot->next)
        if (slot->state == MIA__SLOT_OPEN)
            rc = close_slot(c, slot, err);
    pthread_mutex_unlock(&c->lock);
    return rc;
}
