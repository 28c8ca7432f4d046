/* shadow/pair.c - calls are passed on to the database of the pair; a table has no context, so each
 * slot has functions of its own */
#include "shadow/pair.h"

#include "engine/internal.h"
#include "support/check.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { SLOTS = 2, LONG_PATH = 4096 };
static struct pair_engine slots[SLOTS];

struct pair_txn {
    mia_db *db;
    void *handle;
};
struct pair_cursor {
    mia_db *db;
    void *handle;
};

/* Without the macros of the tests: it is called inside of calls that they look at. */
static void want(mia_status rc, const struct mia_error *err)
{
    if (rc < 0)
        fail_msg("%s: %s", mia_status_name(rc), err->message);
}

/* What the pair cannot follow, because no libmia may read it, or because the record has no form on
 * the other engine: then it must say so. */
static bool is_excused(mia_db *db)
{
    struct mia_shadow_status status = {.struct_size = sizeof status};
    want(mia_shadow_status(db, &status, NULL), NULL);
    return strstr(status.last_reason, "update it") != NULL ||
           strstr(status.last_reason, "something else than MIA's records") != NULL;
}

static uint64_t skipped(mia_db *db)
{
    struct mia_shadow_status status = {.struct_size = sizeof status};
    want(mia_shadow_status(db, &status, NULL), NULL);
    return status.skipped;
}

void pair_expect_equal(mia_db *db)
{
    struct mia_error err = {0};
    struct mia_shadow_verify_report report = {.struct_size = sizeof report};
    uint64_t differences = 0;
    if (mia_shadow_wait(db, 500, &err) < 0 && is_excused(db))
        return;
    want(mia_shadow_wait(db, 30000, &err), &err);
    uint64_t excused = skipped(db); /* a difference begins the count anew */
    want(mia_shadow_verify(db, NULL, &report, &err), &err);
    for (int i = 0; i < MIA_DIFF_CLASSES; i++)
        differences += report.differences[i];
    if (differences > excused)
        fail_msg("%d keys differ", (int)differences);
}

/* ---- databases */

static bool detect(const char *path)
{
    struct mia_shadow_status status = {.struct_size = sizeof status};
    return mia_shadow_read(path, &status, NULL) == MIA_OK;
}

static mia_status open_pair(int slot, const char *path, const struct mia_db_options *opt, void **db,
                            struct mia_error *err)
{
    const struct pair_engine *e = &slots[slot];
    char sides[2][LONG_PATH];
    struct mia_db_options second = *opt;
    struct mia_shadow_options o = {.struct_size = sizeof o,
                                   .first_engine = e->first,
                                   .second_engine = e->second,
                                   .first = opt,
                                   .second = &second,
                                   .raw = e->raw};
    second.max_trees = 0; /* and those of its own */
    if (opt->read_only) {
        *err = (struct mia_error){.status = MIA_ERR_UNSUPPORTED, .message = "a pair is not"};
        return MIA_ERR_UNSUPPORTED;
    }
    if (!detect(path)) {
        if (opt->must_exist)
            return MIA_NOTFOUND;
        for (int i = 0; i < 2; i++)
            snprintf(sides[i], LONG_PATH, "%s/%s", path, i == 0 ? "first" : "second");
        mkdir(path, 0755);
        mia_status rc = mia_shadow_create(path, sides[0], sides[1], &o, err);
        if (rc < 0)
            return rc;
    }
    mia_db *opened;
    mia_status rc = mia_shadow_open(path, &o, &opened, err);
    *db = opened;
    return rc;
}

static mia_status open0(const char *path, const struct mia_db_options *opt, void **db,
                        struct mia_error *err)
{
    return open_pair(0, path, opt, db, err);
}
static mia_status open1(const char *path, const struct mia_db_options *opt, void **db,
                        struct mia_error *err)
{
    return open_pair(1, path, opt, db, err);
}
static void close_pair(void *handle)
{
    struct mia_error err = {0};
    struct mia_shadow_status status = {.struct_size = sizeof status};
    pair_expect_equal(handle);
    want(mia_shadow_status(handle, &status, &err), &err);
    want(mia_db_close(handle, &err), &err);
    if (strcmp(status.primary_engine, "plain") == 0) { /* it has lost everything, and shows it */
        char marker[LONG_PATH];
        snprintf(marker, sizeof marker, "%s/plain", status.primary);
        utimensat(AT_FDCWD, marker, NULL, 0);
    }
}

static mia_status info(void *handle, struct mia_db_info *out, struct mia_error *err)
{
    mia_db *db = handle;
    return db->ops->info(db->handle, out, err);
}

static mia_status sync_pair(void *handle, struct mia_error *err)
{
    return mia_db_sync(handle, err);
}

static mia_status copy(void *handle, const char *dest, bool compact, struct mia_error *err)
{
    return mia_db_copy(handle, dest, compact, err);
}

static mia_status readers(void *handle, mia_reader_fn fn, void *ctx, struct mia_error *err)
{
    return mia_db_readers(handle, fn, ctx, err);
}

static mia_status check(void *handle, mia_problem_fn fn, void *ctx, uint64_t *problems,
                        struct mia_error *err)
{
    return mia_db_check(handle, fn, ctx, problems, err);
}

/* ---- transactions */

static mia_status begin(void *handle, enum mia_txn_mode mode, void **out, struct mia_error *err)
{
    mia_db *db = handle;
    void *inner;
    mia_status rc = db->ops->begin(db->handle, mode, &inner, err);
    if (rc < 0)
        return rc;
    struct pair_txn *t = malloc(sizeof *t);
    *t = (struct pair_txn){db, inner};
    *out = t;
    return rc;
}

static mia_status commit(void *handle, struct mia_error *err)
{
    struct pair_txn *t = handle;
    mia_status rc = t->db->ops->commit(t->handle, err);
    free(t);
    return rc;
}

static void undo(void *handle)
{
    struct pair_txn *t = handle;
    t->db->ops->abort(t->handle);
    free(t);
}

static mia_status tree(void *handle, mia_slice name, uint32_t flags, uint32_t *id,
                       struct mia_error *err)
{
    struct pair_txn *t = handle;
    return t->db->ops->tree(t->handle, name, flags, id, err);
}

static mia_status tree_next(void *handle, const mia_slice *after, mia_slice *name,
                            struct mia_error *err)
{
    struct pair_txn *t = handle;
    return t->db->ops->tree_next(t->handle, after, name, err);
}

static mia_status clear(void *handle, uint32_t id, struct mia_error *err)
{
    struct pair_txn *t = handle;
    return t->db->ops->clear(t->handle, id, err);
}

static mia_status get(void *handle, uint32_t id, mia_slice key, mia_slice *value,
                      struct mia_error *err)
{
    struct pair_txn *t = handle;
    return t->db->ops->get(t->handle, id, key, value, err);
}

static mia_status put(void *handle, uint32_t id, mia_slice key, mia_slice value, uint32_t flags,
                      struct mia_error *err)
{
    struct pair_txn *t = handle;
    return t->db->ops->put(t->handle, id, key, value, flags, err);
}

static mia_status del(void *handle, uint32_t id, mia_slice key, const mia_slice *value,
                      struct mia_error *err)
{
    struct pair_txn *t = handle;
    return t->db->ops->del(t->handle, id, key, value, err);
}

static mia_status count(void *handle, uint32_t id, const mia_slice *key, uint64_t *n,
                        struct mia_error *err)
{
    struct pair_txn *t = handle;
    return t->db->ops->count(t->handle, id, key, n, err);
}

static mia_status cursor(void *handle, uint32_t id, void **out, struct mia_error *err)
{
    struct pair_txn *t = handle;
    void *inner;
    mia_status rc = t->db->ops->cursor(t->handle, id, &inner, err);
    if (rc < 0)
        return rc;
    struct pair_cursor *c = malloc(sizeof *c);
    *c = (struct pair_cursor){t->db, inner};
    *out = c;
    return rc;
}

static mia_status move(void *handle, enum mia_move how, mia_slice *key, mia_slice *value,
                       struct mia_error *err)
{
    struct pair_cursor *c = handle;
    return c->db->ops->move(c->handle, how, key, value, err);
}

static mia_status batch(void *handle, struct mia_pair *pairs, size_t max, size_t *n,
                        struct mia_error *err)
{
    struct pair_cursor *c = handle;
    return c->db->ops->batch(c->handle, pairs, max, n, err);
}

static void cursor_close(void *handle)
{
    struct pair_cursor *c = handle;
    c->db->ops->cursor_close(c->handle);
    free(c);
}

const struct mia_engine_ops *test_engine_pair(int slot, const char *name,
                                              const struct mia_engine_ops *first,
                                              const struct mia_engine_ops *second, bool raw)
{
    mia_status (*const opens[SLOTS])(const char *, const struct mia_db_options *, void **,
                                     struct mia_error *) = {open0, open1};
    if (first == NULL || second == NULL)
        return NULL;
    slots[slot] = (struct pair_engine){.first = first, .second = second, .raw = raw};
    slots[slot].ops = (struct mia_engine_ops){
        .abi = MIA_ENGINE_ABI,
        .struct_size = sizeof(struct mia_engine_ops),
        .name = name,
        .caps = (first->caps | MIA_CAP_MULTI) & ~(uint32_t)MIA_CAP_MULTIPROCESS,
        .value_format = first->value_format,
        .index_layout = first->index_layout,
        .open = opens[slot],
        .close = close_pair,
        .info = info,
        .sync = sync_pair,
        .copy = first->copy != NULL ? copy : NULL,
        .readers = first->readers != NULL ? readers : NULL,
        .check = first->check != NULL ? check : NULL,
        .detect = detect,
        .begin = begin,
        .commit = commit,
        .abort = undo,
        .tree = tree,
        .tree_next = tree_next,
        .clear = clear,
        .get = get,
        .put = put,
        .del = del,
        .count = count,
        .cursor = cursor,
        .move = move,
        .batch = first->batch != NULL ? batch : NULL,
        .cursor_close = cursor_close,
    };
    return &slots[slot].ops;
}
