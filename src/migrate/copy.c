/*
 * migrate/copy.c - pairs from the source's reading thread into large transactions of the target
 *
 * Pairs come in key order, so they are appended. Each transaction ends with a checkpoint that says
 * how far it came; a stop between two transactions, of whatever kind, loses nothing.
 */
#include "base/error.h"
#include "base/try.h"
#include "migrate/job.h"
#include "migrate/pipe.h"

enum { DEFAULT_BATCH = 16 << 20 };

struct copy {
    struct mia__job *job;
    struct mia__count *count; /* NULL: the totals are known, or will not be */
    mia_txn *txn;
    uint64_t batch_bytes; /* in txn so far */
    size_t tree;          /* whose handle this is; SIZE_MAX: none */
    mia_tree handle;
};

static mia_status commit_batch(struct copy *c, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    if (c->txn == NULL)
        goto done;
    TRY(mia__job_checkpoint(c->job, c->txn, err));
    rc = mia_txn_commit(c->txn, err);
    c->txn = NULL;
    c->batch_bytes = 0;
done:
    return mia__job_blame(c->job, MIA_FAILURE_TARGET, rc);
}

static mia_status begin_batch(struct copy *c, struct mia_error *err)
{
    if (c->txn != NULL)
        return MIA_OK;
    mia_status rc = mia_txn_begin(c->job->target, MIA_TXN_WRITE, &c->txn, err);
    return mia__job_blame(c->job, MIA_FAILURE_TARGET, rc);
}

static mia_status enter_tree(struct copy *c, size_t tree, struct mia_error *err)
{
    mia_status rc;
    struct mia__job *job = c->job;
    TRY(begin_batch(c, err));
    if (c->tree != tree) {
        mia_slice name = mia_source_tree_name(job->source, tree);
        TRY(mia__raw_tree(c->txn, &job->raw, name, true, &c->handle, err));
        c->tree = tree;
    }
done:
    return mia__job_blame(job, MIA_FAILURE_TARGET, rc);
}

/* What can be wrong with a pair is the source's fault; the rest is the target's. */
static mia_status put_pair(struct copy *c, const struct mia_pair *pair, struct mia_error *err)
{
    struct mia__job *job = c->job;
    struct mia_migrate_report *report = &job->report;
    bool is_folded;
    mia_status rc = mia__raw_put(c->txn, &job->raw, c->handle, pair->key, pair->value,
                                 MIA_PUT_APPEND, &is_folded, err);
    if (rc < 0) {
        char tree[80], key[120];
        mia__print_bytes(tree, sizeof tree, mia_source_tree_name(job->source, c->tree));
        mia__print_bytes(key, sizeof key, pair->key);
        if (rc == MIA_ERR_INVALID)
            mia__fail(err, rc = MIA_ERR_CORRUPT, "%s: tree %s: key %s is out of order",
                      job->source_path, tree, key);
        else if (rc == MIA_ERR_TOO_LONG)
            mia__fail(err, rc,
                      "%s: tree %s: key %s: a value of %zu bytes is more than libmdbx "
                      "holds",
                      job->source_path, tree, key, pair->value.size);
        return mia__job_blame(job,
                              rc == MIA_ERR_CORRUPT || rc == MIA_ERR_TOO_LONG ? MIA_FAILURE_SOURCE
                                                                              : MIA_FAILURE_TARGET,
                              rc);
    }
    report->records++;
    report->key_bytes += pair->key.size;
    report->value_bytes += pair->value.size;
    report->long_keys += is_folded;
    c->batch_bytes += pair->key.size + pair->value.size;
    return MIA_OK;
}

static void take_totals(struct copy *c)
{
    struct mia__totals totals;
    if (c->count == NULL || !mia__count_poll(c->count, &totals))
        return;
    c->job->meter.now.records_total = totals.records;
    c->job->meter.now.bytes_total = totals.bytes;
    mia__count_stop(c->count);
    c->count = NULL;
}

static mia_status copy_chunk(struct copy *c, const struct mia__chunk *chunk, struct mia_error *err)
{
    mia_status rc;
    struct mia__job *job = c->job;
    uint64_t most = job->opt.batch_bytes ? job->opt.batch_bytes : DEFAULT_BATCH;
    TRY(enter_tree(c, chunk->tree, err));
    for (size_t i = 0; i < chunk->count; i++)
        TRY(put_pair(c, &chunk->pairs[i], err));
    job->next_tree = chunk->tree + 1;
    job->has_last_key = true;
    TRY(mia__buf_set(&job->last_key, chunk->pairs[chunk->count - 1].key, err));
    if (c->batch_bytes >= most)
        TRY(commit_batch(c, err));
    take_totals(c);
    rc = mia__meter_add(&job->meter, chunk->count, chunk->bytes, err);
done:
    return rc;
}

static mia_status copy_all(struct copy *c, struct mia__pipe *pipe, struct mia_error *err)
{
    mia_status rc;
    for (;;) {
        const struct mia__chunk *chunk;
        rc = mia__pipe_next(pipe, &chunk, err);
        if (rc < 0)
            return mia__job_blame(c->job, MIA_FAILURE_SOURCE, rc);
        if (rc == MIA_NOTFOUND)
            break;
        rc = copy_chunk(c, chunk, err);
        if (rc < 0)
            return rc;
    }
    rc = begin_batch(c, err);
    if (rc < 0)
        return rc;
    c->job->is_copied = true;
    c->job->has_last_key = false;
    return commit_batch(c, err);
}

static mia_status open_pipe(struct mia__job *job, struct mia__pipe **pipe, struct mia_error *err)
{
    mia_slice behind = mia__buf_slice(&job->last_key);
    size_t tree = job->next_tree > 0 ? job->next_tree - 1 : 0;
    return mia__pipe_open(job->source, tree, job->has_last_key ? &behind : NULL, pipe, err);
}

mia_status mia__job_copy(struct mia__job *job, struct mia_error *err)
{
    mia_status rc;
    struct mia__pipe *pipe = NULL;
    struct copy c = {.job = job, .tree = SIZE_MAX};
    struct mia_migrate_report *report = &job->report;
    double began = mia__seconds();
    mia__meter_begin(&job->meter, "copy", 0, 0);
    job->meter.now.records_done = report->records;
    job->meter.now.bytes_done = report->key_bytes + report->value_bytes;
    if (job->opt.totals)
        TRY(mia__count_start(job->source, &c.count, err));
    TRY(open_pipe(job, &pipe, err));
    rc = copy_all(&c, pipe, err);
    if (rc == MIA_ERR_CANCELLED) { /* what is in the batch is kept: the stop is a clean one */
        struct mia_error later = {0};
        mia_status kept = commit_batch(&c, &later);
        if (kept < 0) {
            rc = kept;
            if (err != NULL)
                *err = later;
        }
    }
done:
    mia_txn_abort(c.txn);
    mia__pipe_close(pipe);
    mia__count_stop(c.count);
    report->copy_seconds = mia__seconds() - began;
    return rc;
}
