/* shadow/front.c - the engine: calls go on to the primary, keys that change are noted */
#include "base/error.h"
#include "base/try.h"
#include "shadow/shadow.h"

#include <errno.h>

/* One database over the pair, made for the primary as it was then: after a switch its format may be
 * another, so this one is over. */
struct front {
    struct mia_engine_ops ops;
    struct mia__shadow *s;
    int side;
    mia_db *inner; /* of that side */
};

struct front_txn {
    struct front *f;
    mia_txn *inner;
    const struct mia_engine_ops *ops; /* of inner, and its transaction there */
    void *handle;
    bool is_write, lost;
    struct mia__buf changes;
};

static bool is_current(const struct front *f)
{
    return atomic_load(&f->s->primary) == f->side && !atomic_load(&f->s->is_lost);
}

static mia_status refuse_stale(const struct front *f, struct mia_error *err)
{
    return mia__fail(err, MIA_ERR_BUSY,
                     "%s: the other database answers now, or the file of the pair could not be "
                     "written: close this one and open the pair again",
                     f->s->path);
}

static void note_read(struct mia__shadow *s, enum mia_shadow_ab_operation operation, uint32_t tree,
                      mia_slice key)
{
    if (atomic_load_explicit(&s->ab.is_on, memory_order_relaxed))
        mia__shadow_ab_sample(s, operation, tree, key);
}

/* ---- databases */

static mia_status front_open(const char *path, const struct mia_db_options *opt, void **db,
                             struct mia_error *err)
{
    (void)opt, (void)db;
    return mia__fail(err, MIA_ERR_INVALID, "%s: a pair is opened by mia_shadow_open", path);
}

static void front_close(void *handle)
{
    struct front *f = handle;
    struct mia__shadow *s = f->s;
    mia__free(f);
    mia__shadow_release(s);
}

static mia_status front_info(void *handle, struct mia_db_info *out, struct mia_error *err)
{
    struct front *f = handle;
    return f->inner->ops->info(f->inner->handle, out, err);
}

static mia_status front_sync(void *handle, struct mia_error *err)
{
    struct front *f = handle;
    return mia_db_sync(f->inner, err);
}

static void front_sync_ahead(void *handle)
{
    struct front *f = handle;
    f->inner->ops->sync_ahead(f->inner->handle);
}

static mia_status front_copy(void *handle, const char *dest, bool compact, struct mia_error *err)
{
    struct front *f = handle;
    return f->inner->ops->copy(f->inner->handle, dest, compact, err);
}

static mia_status front_readers(void *handle, mia_reader_fn fn, void *ctx, struct mia_error *err)
{
    struct front *f = handle;
    return f->inner->ops->readers(f->inner->handle, fn, ctx, err);
}

static mia_status front_check(void *handle, mia_problem_fn fn, void *ctx, uint64_t *problems,
                              struct mia_error *err)
{
    struct front *f = handle;
    return f->inner->ops->check(f->inner->handle, fn, ctx, problems, err);
}

static bool front_detect(const char *path)
{
    (void)path;
    return false;
}

/* ---- transactions */

static mia_status begin_inner(struct front_txn *t, enum mia_txn_mode mode, struct mia_error *err)
{
    mia_status rc = is_current(t->f) ? MIA_OK : refuse_stale(t->f, err);
    if (rc == MIA_OK)
        rc = mia_txn_begin(t->f->inner, mode, &t->inner, err);
    /* a switch in between: what it sees may be on its way to the new state */
    if (rc == MIA_OK && !is_current(t->f)) {
        mia_txn_abort(t->inner);
        rc = refuse_stale(t->f, err);
    }
    return rc;
}

static mia_status front_begin(void *handle, enum mia_txn_mode mode, void **out,
                              struct mia_error *err)
{
    struct front *f = handle;
    struct front_txn *t = mia__alloc_zero(sizeof *t);
    if (t == NULL)
        return mia__fail_nomem(err);
    t->f = f;
    t->is_write = mode == MIA_TXN_WRITE;
    if (t->is_write && pthread_mutex_lock(&f->s->turn) == EDEADLK) {
        mia__free(t);
        return mia__fail(err, MIA_ERR_TXN, "%s: this thread has a WRITE transaction open already",
                         f->s->path);
    }
    mia_status rc = begin_inner(t, mode, err);
    if (rc < 0) {
        if (t->is_write)
            pthread_mutex_unlock(&f->s->turn);
        mia__free(t);
        return rc;
    }
    t->ops = t->inner->db->ops;
    t->handle = t->inner->handle;
    *out = t;
    return rc;
}

static void end(struct front_txn *t)
{
    if (t->is_write)
        pthread_mutex_unlock(&t->f->s->turn);
    mia__buf_free(&t->changes);
    mia__free(t);
}

/* The changes are told before the next one may commit, also if this commit says that it failed: a
 * key that did not change is found to be the same. */
static mia_status front_commit(void *handle, struct mia_error *err)
{
    struct front_txn *t = handle;
    mia_status rc = mia_txn_commit(t->inner, err);
    if (t->is_write)
        mia__changes_commit(t->f->s, &t->changes, t->lost);
    end(t);
    return rc;
}

static void front_abort(void *handle)
{
    struct front_txn *t = handle;
    mia_txn_abort(t->inner);
    end(t);
}

static mia_status note(struct front_txn *t, mia_status rc, const struct mia__change *c)
{
    if (rc == MIA_OK && !atomic_load(&t->f->s->is_detached))
        t->lost = !mia__changes_note(t->f->s, &t->changes, c) || t->lost;
    return rc;
}

/* ---- trees */

static mia_status front_tree(void *handle, mia_slice name, uint32_t flags, uint32_t *tree,
                             struct mia_error *err)
{
    struct front_txn *t = handle;
    bool is_new = false;
    mia_status rc = t->ops->tree(t->handle, name, flags & ~(uint32_t)MIA_TREE_CREATE, tree, err);
    if (rc == MIA_NOTFOUND && (flags & MIA_TREE_CREATE) != 0) {
        rc = t->ops->tree(t->handle, name, flags, tree, err);
        is_new = rc == MIA_OK;
    }
    if (rc == MIA_OK)
        mia__changes_know(t->f->s, t->f->side, t->inner, *tree, name, (flags & MIA_TREE_MULTI) != 0,
                          is_new);
    if (is_new)
        note(t, rc, &(struct mia__change){*tree, MIA__CHANGED_TREE_MADE, {0}});
    return rc;
}

static mia_status front_tree_next(void *handle, const mia_slice *after, mia_slice *name,
                                  struct mia_error *err)
{
    struct front_txn *t = handle;
    return t->ops->tree_next(t->handle, after, name, err);
}

static mia_status front_clear(void *handle, uint32_t tree, struct mia_error *err)
{
    struct front_txn *t = handle;
    mia_status rc = t->ops->clear(t->handle, tree, err);
    return note(t, rc, &(struct mia__change){tree, MIA__CHANGED_ALL, {0}});
}

/* ---- pairs */

static mia_status front_get(void *handle, uint32_t tree, mia_slice key, mia_slice *value,
                            struct mia_error *err)
{
    struct front_txn *t = handle;
    note_read(t->f->s, MIA_SHADOW_AB_GET, tree, key);
    return t->ops->get(t->handle, tree, key, value, err);
}

/* Noted before it is done: the key may lie in memory that the change makes invalid. */
static mia_status front_put(void *handle, uint32_t tree, mia_slice key, mia_slice value,
                            uint32_t flags, struct mia_error *err)
{
    struct front_txn *t = handle;
    note(t, MIA_OK, &(struct mia__change){tree, MIA__CHANGED_KEY, key});
    return t->ops->put(t->handle, tree, key, value, flags, err);
}

static mia_status front_del(void *handle, uint32_t tree, mia_slice key, const mia_slice *value,
                            struct mia_error *err)
{
    struct front_txn *t = handle;
    note(t, MIA_OK, &(struct mia__change){tree, MIA__CHANGED_KEY, key});
    return t->ops->del(t->handle, tree, key, value, err);
}

static mia_status front_count(void *handle, uint32_t tree, const mia_slice *key, uint64_t *n,
                              struct mia_error *err)
{
    struct front_txn *t = handle;
    return t->ops->count(t->handle, tree, key, n, err);
}

/* ---- cursors */

struct front_cursor {
    const struct mia_engine_ops *ops;
    void *handle; /* of the primary */
    struct mia__shadow *s;
    uint32_t tree;
    bool is_fresh;
};

static mia_status front_cursor(void *handle, uint32_t tree, void **out, struct mia_error *err)
{
    struct front_txn *t = handle;
    struct front_cursor *c = mia__alloc(sizeof *c);
    if (c == NULL)
        return mia__fail_nomem(err);
    *c = (struct front_cursor){.ops = t->ops, .s = t->f->s, .tree = tree, .is_fresh = true};
    mia_status rc = t->ops->cursor(t->handle, tree, &c->handle, err);
    if (rc == MIA_OK)
        *out = c;
    else
        mia__free(c);
    return rc;
}

static mia_status front_move(void *handle, enum mia_move move, mia_slice *key, mia_slice *value,
                             struct mia_error *err)
{
    struct front_cursor *c = handle;
    if (move == MIA_MOVE_SEEK)
        note_read(c->s, MIA_SHADOW_AB_SCAN, c->tree, *key);
    else if (move == MIA_MOVE_FIRST || (c->is_fresh && move == MIA_MOVE_NEXT))
        note_read(c->s, MIA_SHADOW_AB_SCAN, c->tree, (mia_slice){0});
    c->is_fresh = false;
    return c->ops->move(c->handle, move, key, value, err);
}

static mia_status front_batch(void *handle, struct mia_pair *pairs, size_t max, size_t *n,
                              struct mia_error *err)
{
    struct front_cursor *c = handle;
    if (c->is_fresh)
        note_read(c->s, MIA_SHADOW_AB_SCAN, c->tree, (mia_slice){0});
    c->is_fresh = false;
    return c->ops->batch(c->handle, pairs, max, n, err);
}

static void front_cursor_close(void *handle)
{
    struct front_cursor *c = handle;
    c->ops->cursor_close(c->handle);
    mia__free(c);
}

/* ---- the table */

/* Multi-value trees are the engine's own, of a pair of bytes if both have them: else they are
 * emulated above the pair, and both have the same pairs. One process has the pair open. */
static uint32_t caps_of(const struct mia__shadow *s, const mia_db *inner)
{
    uint32_t caps = inner->engine->caps & ~(uint32_t)MIA_CAP_MULTIPROCESS;
    bool both_have_multi =
        (s->sides[0].engine->caps & s->sides[1].engine->caps & MIA_CAP_MULTI) != 0;
    return s->control.is_raw && !both_have_multi ? caps & ~(uint32_t)MIA_CAP_MULTI : caps;
}

static struct mia_engine_ops table(const struct mia__shadow *s, const mia_db *inner)
{
    struct mia_engine_ops ops = *inner->ops;
    ops.name = "shadow";
    ops.caps = caps_of(s, inner);
    ops.open = front_open;
    ops.close = front_close;
    ops.info = front_info;
    ops.sync = front_sync;
    ops.sync_ahead = inner->ops->sync_ahead != NULL ? front_sync_ahead : NULL;
    ops.copy = inner->ops->copy != NULL ? front_copy : NULL;
    ops.readers = inner->ops->readers != NULL ? front_readers : NULL;
    ops.check = inner->ops->check != NULL ? front_check : NULL;
    ops.detect = front_detect;
    ops.begin = front_begin;
    ops.commit = front_commit;
    ops.abort = front_abort;
    ops.tree = front_tree;
    ops.tree_next = front_tree_next;
    ops.clear = front_clear;
    ops.get = front_get;
    ops.put = front_put;
    ops.del = front_del;
    ops.count = front_count;
    ops.cursor = front_cursor;
    ops.move = front_move;
    ops.batch = inner->ops->batch != NULL ? front_batch : NULL;
    ops.cursor_close = front_cursor_close;
    return ops;
}

/* Takes one of the pair's references, on failure too. */
mia_status mia__front_open(struct mia__shadow *s, mia_db **db, struct mia_error *err)
{
    struct front *f = mia__alloc_zero(sizeof *f);
    *db = NULL;
    if (f == NULL) {
        mia__shadow_release(s);
        return mia__fail_nomem(err);
    }
    f->s = s;
    f->side = atomic_load(&s->primary);
    f->inner = s->sides[f->side].db;
    f->ops = table(s, f->inner);
    return mia__db_adopt(&f->ops, f, f->inner->path, &s->sides[f->side].opt, db, err);
}

mia_status mia__shadow_of(mia_db *db, struct mia__shadow **s, struct mia_error *err)
{
    *s = NULL;
    if (db->engine->open != front_open)
        return mia__fail(err, MIA_ERR_INVALID, "%s was not opened by mia_shadow_open", db->path);
    const struct front *f = (const struct front *)(const void *)db->engine;
    *s = f->s;
    return MIA_OK;
}
