/*
 * migrate/target_index.c - the indexes of a typed target, made at once from its records
 *
 * Their entries are gathered from the records that are copied; if an earlier run copied some, from
 * the target's, all of them. The indexes are marked as incomplete until they are done, so a
 * database that a stop left behind is not taken for one with indexes; going on begins them anew.
 */
#include "base/error.h"
#include "base/file.h"
#include "base/try.h"
#include "engine/meta.h"
#include "mia/model.h"
#include "migrate/job.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

enum { AT_ONCE = 64, SORT_BYTES = 8 << 20, BATCH_BYTES = 4 << 20 };

struct mia__index_task {
    struct mia__job *job;
    pthread_t thread;
    atomic_bool is_stopped;
    struct mia__throttle throttle; /* the thread's own: only for pauses */
    pthread_mutex_t lock;          /* with changed: is_done */
    pthread_cond_t changed;
    bool is_done;
    /* the thread's until it is done */
    struct mia__index index;
    uint64_t entries;
    double began, seconds;
    mia_status status;
    struct mia_error error;
};

mia_status mia__job_index_gather(struct mia__job *job, struct mia_error *err)
{
    mia_status rc = mia__job_index_forget(job, err); /* what an earlier run left */
    if (rc < 0)
        return rc;
    char *directory = mia__path_join(job->place.partial, MIA__JOB_SORT_DIRECTORY);
    if (directory == NULL)
        return mia__fail_nomem(err);
    TRY(mia__dir_create(directory, err));
    rc = mia__bulk_open(directory, SORT_BYTES, &job->bulk, err);
done:
    mia__free(directory);
    return rc;
}

mia_status mia__job_index_forget(struct mia__job *job, struct mia_error *err)
{
    mia__bulk_close(job->bulk);
    job->bulk = NULL;
    char *directory = mia__path_join(job->place.partial, MIA__JOB_SORT_DIRECTORY);
    if (directory == NULL)
        return mia__fail_nomem(err);
    mia_status rc = mia__dir_remove_tree(directory, err);
    mia__free(directory);
    return rc;
}

/* Empty trees, and the mark. */
static mia_status begin(struct mia__index_task *ix)
{
    mia_status rc;
    mia_txn *txn = NULL;
    struct mia__job *job = ix->job;
    TRY(mia_txn_begin(job->target, MIA_TXN_WRITE, &txn, &ix->error));
    TRY(mia__index_open(txn, MIA_INDEX_MULTI, true, &ix->index, &ix->error));
    TRY(mia__index_clear(txn, &ix->index, &ix->error));
    TRY(mia_tree_clear(txn, ix->index.trees[MIA__INDEX_SPACES],
                       &ix->error)); /* no vector was used */
    TRY(mia__meta_put(txn, job->raw.meta, MIA__INDEX_MARK, (mia_slice){0}, &ix->error));
    rc = mia_txn_commit(txn, &ix->error);
    txn = NULL;
done:
    mia_txn_abort(txn);
    return rc;
}

static mia_status finish(struct mia__index_task *ix)
{
    mia_status rc;
    mia_txn *txn = NULL;
    TRY(mia_txn_begin(ix->job->target, MIA_TXN_WRITE, &txn, &ix->error));
    TRY(mia__meta_del(txn, ix->job->raw.meta, MIA__INDEX_MARK, &ix->error));
    rc = mia_txn_commit(txn, &ix->error);
    txn = NULL;
done:
    mia_txn_abort(txn);
    return rc;
}

/* Every archive was made by this library. A record under another key than
 * its id cannot be found by its id, so it is in no index. */
static mia_status add(struct mia__index_task *ix, enum mia_table table, const struct mia_pair *pair)
{
    mia_view view = mia_view_trust(table, pair->value);
    mia_str id = mia_view_id(view);
    if (!mia_slice_equal(pair->key, (mia_slice){id.data, id.size}))
        return MIA_OK;
    return mia__bulk_add(ix->job->bulk, view, &ix->error);
}

/* Stands still in a pause. False: it is to stop. */
static bool may_go_on(struct mia__index_task *ix)
{
    const struct timespec nap = {0, 100000000};
    while (!atomic_load_explicit(&ix->is_stopped, memory_order_relaxed)) {
        if (!mia__throttle_is_paused(&ix->throttle, mia__seconds()))
            return true;
        nanosleep(&nap, NULL);
    }
    return false;
}

static mia_status stopped(struct mia__index_task *ix)
{
    return mia__fail(&ix->error, MIA_ERR_CANCELLED, "stopped on request during: index");
}

static mia_status add_table(struct mia__index_task *ix, mia_txn *txn, enum mia_table table)
{
    mia_status rc;
    mia_tree tree;
    struct mia__raw_cursor *cur = NULL;
    struct mia_pair pairs[AT_ONCE];
    size_t n;
    const struct mia__raw *raw = &ix->job->raw;
    mia_slice name = mia_bytes_of(mia__table_name((enum mia__table)table));
    TRY(mia__raw_tree(txn, raw, name, false, &tree, &ix->error));
    if (rc == MIA_NOTFOUND)
        goto done;
    TRY(mia__raw_cursor_open(txn, raw, tree, &cur, &ix->error));
    for (;;) {
        TRY(mia__raw_cursor_next(cur, pairs, AT_ONCE, &n, &ix->error));
        if (rc == MIA_NOTFOUND)
            break;
        for (size_t i = 0; i < n; i++)
            TRY(add(ix, table, &pairs[i]));
        if (!may_go_on(ix)) {
            rc = stopped(ix);
            goto done;
        }
    }
done:
    mia__raw_cursor_close(cur);
    return rc < 0 ? rc : MIA_OK;
}

static mia_status add_records(struct mia__index_task *ix)
{
    static const enum mia_table tables[] = {MIA_TABLE_NODES, MIA_TABLE_EDGES, MIA_TABLE_EMBEDDINGS};
    mia_status rc;
    mia_txn *txn = NULL;
    TRY(mia_txn_begin(ix->job->target, MIA_TXN_READ, &txn, &ix->error));
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        TRY(add_table(ix, txn, tables[i]));
done:
    mia_txn_abort(txn);
    return rc;
}

static bool tick(void *ctx, uint64_t entries)
{
    (void)entries;
    return may_go_on(ctx);
}

static mia_status make(struct mia__index_task *ix)
{
    mia_status rc;
    struct mia__job *job = ix->job;
    struct mia__bulk_batch batch = {.bytes = BATCH_BYTES, .tick = tick, .tick_ctx = ix};
    TRY(begin(ix));
    if (job->bulk == NULL) {
        TRY(mia__job_index_gather(job, &ix->error));
        TRY(add_records(ix));
    }
    TRY(mia__bulk_write(job->bulk, job->target, &ix->index, &batch, &ix->entries, &ix->error));
    TRY(finish(ix));
    rc = mia__job_index_forget(job, &ix->error);
done:
    return rc;
}

static void *run(void *argument)
{
    struct mia__index_task *ix = argument;
    ix->status = make(ix);
    ix->seconds = mia__seconds() - ix->began;
    pthread_mutex_lock(&ix->lock);
    ix->is_done = true;
    pthread_cond_signal(&ix->changed);
    pthread_mutex_unlock(&ix->lock);
    return NULL;
}

static void free_task(struct mia__index_task *ix)
{
    pthread_cond_destroy(&ix->changed);
    pthread_mutex_destroy(&ix->lock);
    mia__free(ix);
}

mia_status mia__job_index_start(struct mia__job *job, struct mia__index_task **out,
                                struct mia_error *err)
{
    *out = NULL;
    struct mia__index_task *ix = mia__alloc_zero(sizeof *ix);
    if (ix == NULL)
        return mia__fail_nomem(err);
    ix->job = job;
    ix->began = mia__seconds();
    ix->throttle.pause_file = job->opt.pause_file;
    pthread_mutex_init(&ix->lock, NULL);
    pthread_cond_init(&ix->changed, NULL);
    int failed = pthread_create(&ix->thread, NULL, run, ix);
    if (failed != 0) {
        free_task(ix);
        return mia__fail_errno(err, failed, "cannot start a thread that makes the indexes");
    }
    *out = ix;
    return MIA_OK;
}

static bool is_done_soon(struct mia__index_task *ix)
{
    const long step_ns = 100000000;
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += step_ns;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&ix->lock);
    for (int failed = 0; !ix->is_done && failed == 0;)
        failed = pthread_cond_timedwait(&ix->changed, &ix->lock, &until);
    bool is_done = ix->is_done;
    pthread_mutex_unlock(&ix->lock);
    return is_done;
}

mia_status mia__job_index_wait(struct mia__index_task *ix, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    if (ix == NULL)
        return MIA_OK;
    struct mia__job *job = ix->job;
    mia__meter_begin(&job->meter, "index", 0, 0);
    while (!is_done_soon(ix)) {
        rc = mia__meter_add(&job->meter, 0, 0, err);
        if (rc < 0)
            break;
    }
    atomic_store(&ix->is_stopped, rc < 0);
    pthread_join(ix->thread, NULL);
    if (rc == MIA_OK && ix->status < 0 && err != NULL)
        *err = ix->error;
    if (rc == MIA_OK)
        rc = ix->status;
    job->report.index_entries = ix->entries;
    job->report.index_seconds = ix->seconds;
    free_task(ix);
    return rc;
}

void mia__job_index_stop(struct mia__index_task *ix)
{
    if (ix == NULL)
        return;
    atomic_store(&ix->is_stopped, true);
    pthread_join(ix->thread, NULL);
    free_task(ix);
}
