/* shadow/open.c - a pair is opened, and left in order */
#include "base/error.h"
#include "base/file.h"
#include "base/options.h"
#include "base/try.h"
#include "migrate/fingerprint.h"
#include "shadow/shadow.h"

#include <stdio.h>

enum {
    BATCH_RECORDS = 512,
    BATCH_BYTES = 1 << 20,
    PAUSE_MS = 1,
    SPARE_TREES = 1024,
    LONGEST_POSITION = 4096
};

static const uint64_t queue_bytes = 64u << 20;

/* ---- memory */

static void init_mutexes(struct mia__shadow *s)
{
    pthread_mutexattr_t checking;
    pthread_condattr_t monotonic;
    pthread_mutexattr_init(&checking);
    pthread_mutexattr_settype(&checking, PTHREAD_MUTEX_ERRORCHECK);
    pthread_mutex_init(&s->turn, &checking);
    pthread_mutexattr_destroy(&checking);
    pthread_mutex_init(&s->work, NULL);
    pthread_mutex_init(&s->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&s->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

static const struct mia_engine_ops *engine_of(const struct mia_engine_ops *given, const char *name)
{
    const struct mia_engine_ops *known[] = {given, mia_engine_mdbx(), mia_engine_sled()};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i] != NULL && strcmp(known[i]->name, name) == 0)
            return known[i];
    return NULL;
}

static mia_status make_side(struct mia__shadow *s, int i, struct mia_error *err)
{
    struct mia__side *side = &s->sides[i];
    const struct mia__control_side *c = &s->control.sides[i];
    const struct mia_db_options *opt = i == MIA__FIRST ? s->opt.first : s->opt.second;
    side->engine =
        engine_of(i == MIA__FIRST ? s->opt.first_engine : s->opt.second_engine, c->engine);
    if (side->engine == NULL)
        return mia__fail(err, MIA_ERR_UNSUPPORTED,
                         "%s: %s is of the engine %s, which this build does not know", s->path,
                         c->path, c->engine);
    mia_status rc = mia__options_read(&side->opt, sizeof side->opt, opt, "mia_db_options", err);
    side->opt.struct_size = sizeof side->opt;
    side->is_records = !s->control.is_raw;
    side->is_folded = c->is_folded != 0;
    side->has_meta = side->engine->index_layout != MIA_INDEX_LEGACY_SETS;
    side->format = side->engine->value_format;
    return rc;
}

static void fill_defaults(struct mia_shadow_options *opt)
{
    if (opt->batch_records == 0)
        opt->batch_records = BATCH_RECORDS;
    if (opt->batch_bytes == 0)
        opt->batch_bytes = BATCH_BYTES;
    if (opt->pause_ms == 0)
        opt->pause_ms = PAUSE_MS;
    if (opt->pause_ms > 999)
        opt->pause_ms = 999;
    if (opt->queue_bytes == 0)
        opt->queue_bytes = queue_bytes;
}

mia_status mia__shadow_make(const char *path, const struct mia_shadow_options *opt,
                            struct mia__control *control, struct mia__shadow **out,
                            struct mia_error *err)
{
    mia_status rc;
    struct mia__shadow *s = mia__alloc_zero(sizeof *s);
    *out = NULL;
    if (s == NULL) {
        mia__control_free(control);
        return mia__fail_nomem(err);
    }
    init_mutexes(s);
    mia__shadow_ab_init(&s->ab);
    s->dir_lock = -1;
    s->opt = *opt;
    fill_defaults(&s->opt);
    s->control = *control;
    *control = (struct mia__control){0};
    atomic_init(&s->primary, s->control.primary);
    s->path = mia__strdup(path);
    if (s->path == NULL) {
        rc = mia__fail_nomem(err);
        goto done;
    }
    TRY(make_side(s, MIA__FIRST, err));
    TRY(make_side(s, MIA__SECOND, err));
    *out = s;
done:
    if (rc < 0)
        mia__shadow_free(s);
    return rc;
}

void mia__shadow_free(struct mia__shadow *s)
{
    if (s == NULL)
        return;
    mia__side_close(&s->sides[0]);
    mia__side_close(&s->sides[1]);
    mia__file_unlock(s->dir_lock);
    mia__changes_forget(s);
    mia__pass_free(&s->pass);
    mia__transcoder_free(&s->coder);
    mia__buf_free(&s->taken);
    mia__buf_free(&s->queue);
    mia__control_free(&s->control);
    mia__shadow_ab_free(&s->ab);
    pthread_mutex_destroy(&s->turn);
    pthread_mutex_destroy(&s->work);
    pthread_mutex_destroy(&s->lock);
    pthread_cond_destroy(&s->changed);
    mia__free(s->path);
    mia__free(s);
}

/* ---- sides */

/* A secondary that folds has the tables for that, also if somebody has removed it. */
static mia_status make_folded(struct mia__side *side, struct mia_error *err)
{
    mia_status rc;
    mia_txn *txn = NULL;
    struct mia__raw raw;
    TRY(mia_txn_begin(side->db, MIA_TXN_WRITE, &txn, err));
    TRY(mia__raw_open(txn, &raw, err));
    if (rc == MIA_NOTFOUND) {
        TRY(mia__raw_create(txn, 0, false, &raw, err));
        rc = mia_txn_commit(txn, err);
        txn = NULL;
    }
done:
    mia_txn_abort(txn);
    return rc;
}

/* A secondary must have room for the trees of the primary, and for those to come. */
static mia_status choose_room(struct mia__shadow *s, struct mia_db_options *opt,
                              struct mia_error *err)
{
    mia_status rc = MIA_OK;
    mia_txn *txn = NULL;
    mia_slice name, *after = NULL;
    struct mia__buf last = {0};
    mia_db *primary = mia__shadow_primary(s)->db;
    if (opt->max_trees != 0 || !s->control.is_raw || primary == NULL)
        return rc;
    opt->max_trees = SPARE_TREES;
    TRY(mia_txn_begin(primary, MIA_TXN_READ, &txn, err));
    while ((rc = mia_tree_next(txn, after, &name, err)) == MIA_OK) {
        TRY(mia__buf_set(&last, name, err));
        name = mia__buf_slice(&last);
        after = &name;
        opt->max_trees++;
    }
done:
    mia_txn_abort(txn);
    mia__buf_free(&last);
    return rc < 0 ? rc : MIA_OK;
}

mia_status mia__side_open(struct mia__shadow *s, struct mia__side *side, bool as_secondary,
                          struct mia_error *err)
{
    mia_status rc = MIA_OK;
    struct mia_db_options opt = side->opt;
    const char *path = s->control.sides[side - s->sides].path;
    if (side->db == NULL) {
        if (as_secondary)
            TRY(choose_room(s, &opt, err));
        TRY(mia_db_open(side->engine, path, &opt, &side->db, err));
        if (rc == MIA_NOTFOUND) {
            rc = mia__fail(err, MIA_ERR_INVALID, "%s: there is no database", path);
            goto done;
        }
        if (as_secondary && side->is_folded)
            rc = make_folded(side, err);
    }
    if (rc == MIA_OK && as_secondary && side->is_records && side->store == NULL)
        rc = mia_store_over(mia_db_retain(side->db), NULL, &side->store, err);
    if (rc < 0 && as_secondary)
        mia__side_close(side);
done:
    return rc;
}

void mia__side_close(struct mia__side *side)
{
    mia_store_close(side->store, NULL);
    mia_db_close(side->db, NULL);
    side->store = NULL;
    side->db = NULL;
}

/* ---- opening */

/* Why what the file says of the secondary no longer holds; NULL: it does. */
static const char *why_behind(struct mia__shadow *s)
{
    const struct mia__control *c = &s->control;
    if (c->state == MIA_SHADOW_BACKFILLING && !c->has_position)
        return NULL;
    if (!c->is_clean)
        return "the pair was not closed: a crash, or a kill";
    for (int i = 0; i < 2; i++) {
        char now[MIA__SHA256_HEX] = "";
        if (mia__fingerprint(c->sides[i].path, now, NULL) < 0 ||
            strcmp(now, c->sides[i].fingerprint) != 0)
            return i == atomic_load(&s->primary)
                       ? "somebody has changed the primary since the pair was closed"
                       : "somebody has changed the secondary since the pair was closed";
    }
    return NULL;
}

static mia_status refuse_detached(const char *path, const struct mia__control *c,
                                  struct mia_error *err)
{
    return mia__fail(err, MIA_ERR_INVALID,
                     "%s: the pair is detached: open %.200s, which counts, on its own", path,
                     c->sides[c->primary].path);
}

/* From here on the file says that the pair is open. */
static mia_status open_for_writing(struct mia__shadow *s, struct mia_error *err)
{
    mia_status rc;
    struct mia_error why = {0};
    const char *reason = why_behind(s);
    TRY(mia__side_open(s, mia__shadow_primary(s), false, err));
    if (reason != NULL)
        mia__shadow_behind(s, reason);
    s->resumes = s->control.has_position && reason == NULL;
    s->control.is_clean = false;
    TRY(mia__shadow_save(s, err));
    if (mia__side_open(s, mia__shadow_secondary(s), true, &why) < 0)
        mia__shadow_behind(s, why.message);
    rc = mia__follow_start(s, err);
done:
    return rc;
}

mia_status mia_shadow_open(const char *path, const struct mia_shadow_options *options, mia_db **db,
                           struct mia_error *err)
{
    mia_status rc;
    struct mia_shadow_options opt;
    struct mia__control control = {0};
    struct mia__shadow *s = NULL;
    int lock = -1;
    *db = NULL;
    TRY(mia__options_read(&opt, sizeof opt, options, "mia_shadow_options", err));
    if (mia__file_kind(path) != MIA__FILE_DIRECTORY)
        return MIA_NOTFOUND;
    TRY(mia__control_read(path, &control, err));
    if (rc == MIA_NOTFOUND)
        goto done;
    const struct mia_db_options *how = control.primary == MIA__FIRST ? opt.first : opt.second;
    bool is_read_only = how != NULL && how->read_only;
    if (!is_read_only) { /* what the file says may change until it is locked */
        TRY(mia__dir_lock(path, &lock, err));
        mia__control_free(&control);
        TRY(mia__control_read(path, &control, err));
    }
    if (control.state == MIA_SHADOW_DETACHED) {
        rc = refuse_detached(path, &control, err);
        goto done;
    }
    TRY(mia__shadow_make(path, &opt, &control, &s, err));
    s->dir_lock = lock;
    lock = -1;
    s->is_read_only = is_read_only;
    TRY(is_read_only ? mia__side_open(s, mia__shadow_primary(s), false, err)
                     : open_for_writing(s, err));
    s->fronts = 1;
    rc = mia__front_open(s, db, err);
    s = NULL;
done:
    mia__shadow_free(s);
    mia__control_free(&control);
    mia__file_unlock(lock);
    return rc;
}

/* ---- closing */

/* Where the backfill goes on. */
static mia_status note_position(struct mia__shadow *s, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    struct mia__control *c = &s->control;
    const struct mia__pass *pass = &s->pass;
    c->has_position = c->state == MIA_SHADOW_BACKFILLING && !s->restart && pass->is_listed &&
                      !mia__pass_is_done(pass);
    if (!c->has_position)
        return rc;
    const struct mia__content *at = &pass->trees[pass->tree];
    c->position_role = (uint64_t)at->role;
    c->position_table = (uint64_t)at->table;
    c->position_literal = at->is_literal;
    TRY(mia__buf_set(&c->position_name, mia__buf_slice(&at->name), err));
    TRY(mia__buf_set(&c->position_key, mia__buf_slice(&pass->key), err));
    if ((!pass->has_key && pass->tree == 0) || pass->key.size > LONGEST_POSITION)
        c->has_position = false; /* from the beginning is as good */
done:
    return rc;
}

static mia_status note_fingerprints(struct mia__shadow *s, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    for (int i = 0; i < 2; i++)
        TRY(mia__fingerprint(s->control.sides[i].path, s->control.sides[i].fingerprint, err));
done:
    return rc;
}

/* What is waiting is brought over, and both are on disk. A pair that cannot be left so is found
 * open by the next one who opens it, and the secondary compared. */
static void leave_in_order(struct mia__shadow *s)
{
    struct mia__side *primary = mia__shadow_primary(s), *secondary = mia__shadow_secondary(s);
    bool is_sound = secondary->db != NULL && mia__follow_drain(s, NULL) == MIA_OK &&
                    mia_db_sync(secondary->db, NULL) == MIA_OK;
    is_sound =
        is_sound && note_position(s, NULL) == MIA_OK && mia_db_sync(primary->db, NULL) == MIA_OK;
    mia__side_close(secondary);
    mia__side_close(primary);
    if (!is_sound || note_fingerprints(s, NULL) < 0)
        return;
    s->control.is_clean = true;
    mia__shadow_save(s, NULL);
}

void mia__shadow_release(struct mia__shadow *s)
{
    pthread_mutex_lock(&s->lock);
    size_t left = --s->fronts;
    pthread_mutex_unlock(&s->lock);
    if (left > 0)
        return;
    mia__shadow_ab_stop(s);
    mia__follow_stop(s);
    if (!s->is_read_only && !atomic_load(&s->is_detached) && !atomic_load(&s->is_lost))
        leave_in_order(s);
    mia__shadow_free(s);
}
