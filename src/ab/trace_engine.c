/*
 * ab/trace_engine.c - an engine around an engine: forwards every call, and writes it down
 *
 * Runs of a cursor forwards become one event each, when they end.
 */
#include "ab/trace_engine.h"

#include "ab/trace_write.h"

#include "ab/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/options.h"
#include "base/try.h"
#include "engine/internal.h"

struct traced_txn {
    struct mia__traced_db *db;
    void *handle;
    uint64_t number;
};

struct traced_cursor {
    struct traced_txn *txn;
    void *handle;
    uint32_t tree;
    bool has_run; /* start, items and started_ns are those of a run that is not written yet */
    struct mia__buf start;
    uint64_t items, started_ns;
};

/* ---- the names of trees */

static mia_status learn_tree(struct mia__traced_db *db, uint32_t tree, mia_slice name,
                             bool is_multi, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    pthread_mutex_lock(&db->lock);
    if (tree >= db->trees) {
        uint32_t more = tree + 16;
        struct mia__buf *names = mia__realloc(db->names, more * sizeof *names);
        db->names = names != NULL ? names : db->names;
        bool *multi = names != NULL ? mia__realloc(db->is_multi, more * sizeof *multi) : NULL;
        db->is_multi = multi != NULL ? multi : db->is_multi;
        if (multi == NULL) {
            rc = mia__fail_nomem(err);
            goto done;
        }
        memset(names + db->trees, 0, (more - db->trees) * sizeof *names);
        db->trees = more;
    }
    TRY(mia__buf_set(&db->names[tree], name, err));
    db->is_multi[tree] = is_multi;
done:
    pthread_mutex_unlock(&db->lock);
    return rc;
}

/* Writes an event about a key of a tree. */
static void write_event(struct traced_txn *txn, struct mia__trace_event *event, uint32_t tree,
                        uint64_t started_ns)
{
    struct mia__traced_db *db = txn->db;
    struct mia__buf name = {0};
    event->txn = txn->number;
    pthread_mutex_lock(&db->lock);
    bool is_known = tree < db->trees && !db->is_multi[tree] &&
                    mia__buf_set(&name, mia__buf_slice(&db->names[tree]), NULL) == MIA_OK;
    pthread_mutex_unlock(&db->lock);
    if (is_known)
        mia__trace_write(db->trace, 0, event, mia__buf_slice(&name), started_ns);
    else
        mia__trace_leave_out(db->trace);
    mia__buf_free(&name);
}

/* ---- the database */

static void close_db(void *handle)
{
    struct mia__traced_db *db = handle;
    db->inner->close(db->handle);
    for (uint32_t i = 0; i < db->trees; i++)
        mia__buf_free(&db->names[i]);
    mia__free(db->names);
    mia__free(db->is_multi);
    pthread_mutex_destroy(&db->lock);
    mia__free(db);
}

static mia_status info(void *handle, struct mia_db_info *out, struct mia_error *err)
{
    struct mia__traced_db *db = handle;
    return db->inner->info(db->handle, out, err);
}

static mia_status sync_db(void *handle, struct mia_error *err)
{
    struct mia__traced_db *db = handle;
    return db->inner->sync(db->handle, err);
}

static void sync_ahead(void *handle)
{
    struct mia__traced_db *db = handle;
    db->inner->sync_ahead(db->handle);
}

static mia_status copy(void *handle, const char *dest, bool compact, struct mia_error *err)
{
    struct mia__traced_db *db = handle;
    return db->inner->copy(db->handle, dest, compact, err);
}

static mia_status readers(void *handle, mia_reader_fn fn, void *ctx, struct mia_error *err)
{
    struct mia__traced_db *db = handle;
    return db->inner->readers(db->handle, fn, ctx, err);
}

static mia_status check(void *handle, mia_problem_fn fn, void *ctx, uint64_t *problems,
                        struct mia_error *err)
{
    struct mia__traced_db *db = handle;
    return db->inner->check(db->handle, fn, ctx, problems, err);
}

/* ---- transactions */

static mia_status begin(void *handle, enum mia_txn_mode mode, void **out, struct mia_error *err)
{
    struct mia__traced_db *db = handle;
    struct mia__trace_event event = {.kind = mode == MIA_TXN_WRITE ? MIA__TRACE_BEGIN_WRITE
                                                                   : MIA__TRACE_BEGIN_READ};
    struct traced_txn *txn = mia__alloc_zero(sizeof *txn);
    if (txn == NULL)
        return mia__fail_nomem(err);
    mia_status rc = db->inner->begin(db->handle, mode, &txn->handle, err);
    if (rc != MIA_OK) {
        mia__free(txn);
        return rc;
    }
    txn->db = db;
    event.txn = txn->number = mia__trace_new_txn(db->trace);
    mia__trace_write(db->trace, 0, &event, (mia_slice){0}, 0);
    *out = txn;
    return rc;
}

static mia_status commit(void *handle, struct mia_error *err)
{
    struct traced_txn *txn = handle;
    struct mia__trace_event event = {.kind = MIA__TRACE_COMMIT, .txn = txn->number};
    uint64_t started = mia__ab_now();
    mia_status rc = txn->db->inner->commit(txn->handle, err);
    mia__trace_write(txn->db->trace, 0, &event, (mia_slice){0}, started);
    mia__free(txn);
    return rc;
}

static void abort_txn(void *handle)
{
    struct traced_txn *txn = handle;
    struct mia__trace_event event = {.kind = MIA__TRACE_ABORT, .txn = txn->number};
    txn->db->inner->abort(txn->handle);
    mia__trace_write(txn->db->trace, 0, &event, (mia_slice){0}, 0);
    mia__free(txn);
}

static mia_status open_tree(void *handle, mia_slice name, uint32_t flags, uint32_t *tree,
                            struct mia_error *err)
{
    struct traced_txn *txn = handle;
    mia_status rc = txn->db->inner->tree(txn->handle, name, flags, tree, err);
    if (rc == MIA_OK)
        rc = learn_tree(txn->db, *tree, name, (flags & MIA_TREE_MULTI) != 0, err);
    return rc;
}

static mia_status tree_next(void *handle, const mia_slice *after, mia_slice *name,
                            struct mia_error *err)
{
    struct traced_txn *txn = handle;
    return txn->db->inner->tree_next(txn->handle, after, name, err);
}

static mia_status clear(void *handle, uint32_t tree, struct mia_error *err)
{
    struct traced_txn *txn = handle;
    mia__trace_leave_out(txn->db->trace);
    return txn->db->inner->clear(txn->handle, tree, err);
}

/* ---- pairs */

static mia_status get(void *handle, uint32_t tree, mia_slice key, mia_slice *value,
                      struct mia_error *err)
{
    struct traced_txn *txn = handle;
    uint64_t started = mia__ab_now();
    mia_status rc = txn->db->inner->get(txn->handle, tree, key, value, err);
    struct mia__trace_event event = {.kind = MIA__TRACE_GET, .key = key};
    write_event(txn, &event, tree, started);
    return rc;
}

static mia_status put(void *handle, uint32_t tree, mia_slice key, mia_slice value, uint32_t flags,
                      struct mia_error *err)
{
    struct traced_txn *txn = handle;
    uint64_t started = mia__ab_now();
    mia_status rc = txn->db->inner->put(txn->handle, tree, key, value, flags, err);
    struct mia__trace_event event = {.kind = MIA__TRACE_PUT, .key = key, .value = value};
    if (rc == MIA_OK)
        write_event(txn, &event, tree, started);
    return rc;
}

static mia_status del(void *handle, uint32_t tree, mia_slice key, const mia_slice *value,
                      struct mia_error *err)
{
    struct traced_txn *txn = handle;
    uint64_t started = mia__ab_now();
    mia_status rc = txn->db->inner->del(txn->handle, tree, key, value, err);
    struct mia__trace_event event = {.kind = MIA__TRACE_DELETE, .key = key};
    write_event(txn, &event, tree, started);
    return rc;
}

static mia_status count(void *handle, uint32_t tree, const mia_slice *key, uint64_t *n,
                        struct mia_error *err)
{
    struct traced_txn *txn = handle;
    return txn->db->inner->count(txn->handle, tree, key, n, err);
}

/* ---- cursors */

static mia_status open_cursor(void *handle, uint32_t tree, void **out, struct mia_error *err)
{
    struct traced_txn *txn = handle;
    struct traced_cursor *c = mia__alloc_zero(sizeof *c);
    if (c == NULL)
        return mia__fail_nomem(err);
    c->txn = txn;
    c->tree = tree;
    mia_status rc = txn->db->inner->cursor(txn->handle, tree, &c->handle, err);
    if (rc == MIA_OK)
        *out = c;
    else
        mia__free(c);
    return rc;
}

static void end_run(struct traced_cursor *c)
{
    struct mia__trace_event event = {
        .kind = MIA__TRACE_SCAN, .key = mia__buf_slice(&c->start), .extra = c->items};
    if (c->has_run)
        write_event(c->txn, &event, c->tree, c->started_ns);
    c->has_run = false;
    c->items = 0;
}

static void begin_run(struct traced_cursor *c, mia_slice from)
{
    end_run(c);
    c->started_ns = mia__ab_now();
    c->has_run = mia__buf_set(&c->start, from, NULL) == MIA_OK;
}

static mia_status move(void *handle, enum mia_move how, mia_slice *key, mia_slice *value,
                       struct mia_error *err)
{
    struct traced_cursor *c = handle;
    if (how == MIA_MOVE_SEEK)
        begin_run(c, *key);
    else if (how == MIA_MOVE_FIRST || (how == MIA_MOVE_NEXT && !c->has_run))
        begin_run(c, (mia_slice){0});
    else if (how != MIA_MOVE_NEXT)
        mia__trace_leave_out(c->txn->db->trace);
    mia_status rc = c->txn->db->inner->move(c->handle, how, key, value, err);
    c->items += rc == MIA_OK;
    return rc;
}

static mia_status batch(void *handle, struct mia_pair *pairs, size_t max, size_t *n,
                        struct mia_error *err)
{
    struct traced_cursor *c = handle;
    if (!c->has_run)
        begin_run(c, (mia_slice){0});
    mia_status rc = c->txn->db->inner->batch(c->handle, pairs, max, n, err);
    if (rc == MIA_OK)
        c->items += *n;
    return rc;
}

static void close_cursor(void *handle)
{
    struct traced_cursor *c = handle;
    end_run(c);
    c->txn->db->inner->cursor_close(c->handle);
    mia__buf_free(&c->start);
    mia__free(c);
}

/* ---- opening */

void mia__trace_table(const struct mia_engine_ops *inner, struct mia_engine_ops *ops)
{
    *ops = *inner; /* name, capabilities, formats, detect */
    ops->close = close_db;
    ops->info = info;
    ops->sync = sync_db;
    ops->sync_ahead = inner->sync_ahead != NULL ? sync_ahead : NULL;
    ops->copy = inner->copy != NULL ? copy : NULL;
    ops->readers = inner->readers != NULL ? readers : NULL;
    ops->check = inner->check != NULL ? check : NULL;
    ops->begin = begin;
    ops->commit = commit;
    ops->abort = abort_txn;
    ops->tree = open_tree;
    ops->tree_next = tree_next;
    ops->clear = clear;
    ops->get = get;
    ops->put = put;
    ops->del = del;
    ops->count = count;
    ops->cursor = open_cursor;
    ops->move = move;
    ops->batch = inner->batch != NULL ? batch : NULL;
    ops->cursor_close = close_cursor;
}

mia_status mia__trace_wrap(const struct mia_engine_ops *inner, void *handle, mia_trace *trace,
                           struct mia__traced_db **out, struct mia_error *err)
{
    struct mia__traced_db *db = mia__alloc_zero(sizeof *db);
    *out = db;
    if (db == NULL) {
        inner->close(handle);
        return mia__fail_nomem(err);
    }
    db->inner = inner;
    db->handle = handle;
    db->trace = trace;
    mia__trace_table(inner, &db->ops);
    pthread_mutex_init(&db->lock, NULL);
    return MIA_OK;
}

mia_status mia_trace_open(const struct mia_engine_ops *engine, const char *path,
                          const struct mia_db_options *options, mia_trace *trace, mia_db **out,
                          struct mia_error *err)
{
    mia_status rc;
    void *handle;
    struct mia_db_options opt;
    struct mia__traced_db *db;
    *out = NULL;
    TRY(mia__options_read(&opt, sizeof opt, options, "mia_db_options", err));
    TRY(mia__db_defaults(&opt, err));
    engine = engine != NULL ? engine : mia_engine_detect(path);
    engine = engine != NULL ? engine : mia_engine_mdbx();
    if (!opt.read_only && !opt.must_exist)
        TRY(mia__dir_create_parents(path, err));
    TRY(engine->open(path, &opt, &handle, err));
    if (rc == MIA_NOTFOUND)
        goto done;
    TRY(mia__trace_wrap(engine, handle, trace, &db, err));
    rc = mia__db_adopt(&db->ops, db, path, options, out, err);
done:
    return rc;
}
