/* coordinator/coordinator.c - opening and closing a base */
#include "coordinator/coordinator.h"
#include "base/error.h"
#include "base/options.h"
#include "base/try.h"
#include "coordinator/pointer.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

int64_t mia__now(const mia_coordinator *c)
{
    struct timespec now;
    if (c->opt.clock != NULL)
        return c->opt.clock(c->opt.clock_ctx);
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void mia__log(const mia_coordinator *c, const char *format, ...)
{
    char line[1024];
    va_list args;
    if (c->opt.log == NULL)
        return;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    c->opt.log(c->opt.log_ctx, line);
}

static mia_status copy_root(mia_coordinator *c, const char *base, struct mia_error *err)
{
    if (base != NULL && base[0] == '\0')
        return mia__fail(err, MIA_ERR_INVALID, "the base directory is empty");
    if (base != NULL) {
        c->root = mia__strdup(base);
    } else {
        size_t size = mia_default_base(NULL, 0) + 1;
        c->root = mia__alloc(size);
        if (c->root != NULL && mia_default_base(c->root, size) >= size)
            return mia__fail(err, MIA_ERR_BUSY, "the environment changes while it is read");
    }
    return c->root != NULL ? MIA_OK : mia__fail_nomem(err);
}

/* The root itself, or where an installation's pointer leads. */
static mia_status find_base(mia_coordinator *c, struct mia_error *err)
{
    struct mia__pointer pointer;
    mia_status rc = mia__pointer_read(c->root, &pointer, err);
    if (rc < 0)
        return rc;
    c->spill = pointer.spill;
    c->base = pointer.base != NULL ? pointer.base : mia__strdup(c->root);
    if (c->opt.spill_base != NULL && c->spill == NULL) {
        c->spill = mia__strdup(c->opt.spill_base);
        if (c->spill == NULL)
            return mia__fail_nomem(err);
    }
    return c->base != NULL ? MIA_OK : mia__fail_nomem(err);
}

static mia_status read_options(mia_coordinator *c, const struct mia_coordinator_options *opt,
                               struct mia_error *err)
{
    enum { DEFAULT_ARCHIVES = 4 };
    mia_status rc;
    TRY(mia__options_read(&c->opt, sizeof c->opt, opt, "mia_coordinator_options", err));
    TRY(mia__options_read(&c->db, sizeof c->db, c->opt.db, "mia_db_options", err));
    c->db.struct_size = sizeof c->db;
    if (c->opt.max_open_archives == 0)
        c->opt.max_open_archives = DEFAULT_ARCHIVES;
done:
    return rc;
}

static void free_coordinator(mia_coordinator *c)
{
    if (c == NULL)
        return;
    while (c->slots != NULL) {
        struct mia__slot *slot = c->slots;
        c->slots = slot->next;
        mia__free(slot);
    }
    pthread_mutex_destroy(&c->lock);
    pthread_mutex_destroy(&c->moving);
    pthread_cond_destroy(&c->changed);
    mia__free(c->root);
    mia__free(c->base);
    mia__free(c->spill);
    mia__free(c);
}

static mia_coordinator *allocate(void)
{
    mia_coordinator *c = mia__alloc_zero(sizeof *c);
    pthread_mutexattr_t attributes;
    if (c == NULL)
        return NULL;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&c->moving, &attributes);
    pthread_mutexattr_destroy(&attributes);
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->changed, NULL);
    return c;
}

/* Those that are used all the time, in MIA's order. What cannot be opened is told at once. */
static mia_status open_hot(mia_coordinator *c, struct mia_error *err)
{
    static const struct mia__where hot[] = {
        {MIA_DATABASE_CONVERSATIONS, MIA_TIER_ACTIVE, ""},
        {MIA_DATABASE_KNOWLEDGE, MIA_TIER_ACTIVE, ""},
        {MIA_DATABASE_KNOWLEDGE, MIA_TIER_STABLE, ""},
        {MIA_DATABASE_KNOWLEDGE, MIA_TIER_INFERRED, ""},
        {MIA_DATABASE_EMBEDDINGS, MIA_TIER_ACTIVE, ""},
        {MIA_DATABASE_TOOL_RESULTS, MIA_TIER_NONE, ""},
        {MIA_DATABASE_EXPERIENCE, MIA_TIER_NONE, ""},
        {MIA_DATABASE_META, MIA_TIER_NONE, ""},
    };
    mia_status rc = MIA_OK;
    bool create = !c->db.read_only && !c->db.must_exist;
    for (size_t i = 0; i < sizeof hot / sizeof hot[0]; i++) {
        struct mia__slot *slot;
        TRY(mia__pin(c, &hot[i], create, &slot, err));
        if (rc == MIA_OK)
            mia__unpin(c, slot);
    }
    rc = MIA_OK;
done:
    return rc;
}

mia_status mia_coordinator_open(const char *base, const struct mia_coordinator_options *opt,
                                mia_coordinator **out, struct mia_error *err)
{
    mia_status rc;
    mia_coordinator *c = allocate();
    *out = NULL;
    if (c == NULL)
        return mia__fail_nomem(err);
    TRY(read_options(c, opt, err));
    TRY(copy_root(c, base, err));
    TRY(find_base(c, err));
    TRY(open_hot(c, err));
    *out = c;
done:
    if (rc < 0) {
        mia__close_slots(c, NULL);
        free_coordinator(c);
    }
    return rc;
}

mia_status mia_coordinator_close(mia_coordinator *c, struct mia_error *err)
{
    if (c == NULL)
        return MIA_OK;
    mia_status rc = mia__close_slots(c, err);
    if (rc >= 0)
        free_coordinator(c);
    return rc;
}

const char *mia_coordinator_base(const mia_coordinator *c)
{
    return c->base;
}

/* ---- stores by themselves */

static mia_status read_place(const struct mia_place *place, struct mia__where *where,
                             struct mia_error *err)
{
    enum mia_tier tiers[MIA_DATABASE_TIERS_MOST];
    char path[MIA_DATABASE_PATH_MORE + 1];
    *where = mia__where(place->database, MIA_TIER_NONE);
    mia_status rc = mia_database_path("/", place->database, place->tier, place->quarter, path,
                                      sizeof path, err);
    if (rc < 0 || mia_database_tiers(place->database, tiers) == 0)
        return rc;
    where->tier = place->tier;
    if (place->tier == MIA_TIER_ARCHIVE && place->quarter == NULL)
        return mia__fail(err, MIA_ERR_INVALID, "%s/archive has a database for each quarter: which?",
                         mia_database_name(place->database));
    if (place->quarter != NULL)
        snprintf(where->quarter, sizeof where->quarter, "%s", place->quarter);
    return MIA_OK;
}

mia_status mia_coordinator_store(mia_coordinator *c, const struct mia_place *place, bool create,
                                 mia_store **store, struct mia_error *err)
{
    mia_status rc;
    struct mia__where where;
    struct mia__slot *slot;
    *store = NULL;
    TRY(read_place(place, &where, err));
    TRY(mia__pin(c, &where, create, &slot, err));
    if (rc == MIA_OK)
        *store = slot->store;
done:
    return rc;
}

void mia_coordinator_release(mia_coordinator *c, mia_store *store)
{
    struct mia__slot *held = NULL;
    pthread_mutex_lock(&c->lock);
    for (struct mia__slot *slot = c->slots; slot != NULL; slot = slot->next)
        if (store != NULL && slot->store == store)
            held = slot;
    pthread_mutex_unlock(&c->lock);
    mia__unpin(c, held);
}

mia_status mia_snapshot_txn(mia_snapshot *s, const struct mia_place *place, mia_txn **txn,
                            struct mia_error *err)
{
    struct mia__where where;
    *txn = NULL;
    mia_status rc = read_place(place, &where, err);
    return rc < 0 ? rc : mia__snapshot_txn(s, &where, txn, err);
}
