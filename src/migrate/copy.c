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

enum { DEFAULT_BATCH = 4 << 20 };

struct copy {
    struct mia__job *job;
    struct mia__count *count; /* NULL: the totals are known, or will not be */
    mia_txn *txn;
    uint64_t batch_bytes; /* in txn so far */
    size_t tree;          /* whose handle this is; SIZE_MAX: none */
    mia_tree handle;
    mia_tree quarantine; /* of tree, if has_quarantine */
    bool has_quarantine;
    struct mia__transcoder transcoder; /* to say again why a record does not decode */
    struct mia__buf scratch;
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
    return mia__blame(&c->job->report.failure, MIA_FAILURE_TARGET, rc);
}

static mia_status begin_batch(struct copy *c, struct mia_error *err)
{
    if (c->txn != NULL)
        return MIA_OK;
    mia_status rc = mia_txn_begin(c->job->target, MIA_TXN_WRITE, &c->txn, err);
    return mia__blame(&c->job->report.failure, MIA_FAILURE_TARGET, rc);
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
        c->has_quarantine = false;
    }
done:
    return mia__blame(&job->report.failure, MIA_FAILURE_TARGET, rc);
}

static mia_status put_pair(struct copy *c, const struct mia_pair *pair, struct mia_error *err)
{
    struct mia__job *job = c->job;
    bool is_folded;
    mia_status rc = mia__raw_put(c->txn, &job->raw, c->handle, pair->key, pair->value,
                                 MIA_PUT_APPEND, &is_folded, err);
    job->report.long_keys += rc == MIA_OK && is_folded;
    return rc;
}

static void tell(struct copy *c, enum mia_finding_class class, mia_slice key, const char *detail)
{
    struct mia__job *job = c->job;
    struct mia_finding finding = {.finding = class,
                                  .tree = mia_source_tree_name(job->source, c->tree),
                                  .key = key,
                                  .detail = detail};
    job->report.findings[class]++;
    if (job->opt.finding != NULL)
        job->opt.finding(job->opt.finding_ctx, &finding);
}

/* The reading thread has found that it does not decode; here it is said why. */
static mia_status quarantine(struct copy *c, const struct mia_pair *pair, struct mia_error *err)
{
    mia_status rc;
    enum mia__table table;
    struct mia_error why = {0};
    struct mia__transcoded ignored;
    bool is_folded;
    mia__table_find(mia_source_tree_name(c->job->source, c->tree), &table);
    c->scratch.size = 0;
    mia__transcode(&c->transcoder, table, pair->value, &c->scratch, &ignored, &why);
    if (!c->has_quarantine)
        TRY(mia__typed_quarantine(c->txn, table, true, &c->quarantine, err));
    c->has_quarantine = true;
    TRY(mia__raw_put(c->txn, &c->job->raw, c->quarantine, pair->key, pair->value, MIA_PUT_APPEND,
                     &is_folded, err));
    tell(c, MIA_FINDING_QUARANTINED, pair->key, why.message);
done:
    return rc;
}

static mia_status store_pair(struct copy *c, const struct mia_pair *pair, uint8_t mark,
                             struct mia_error *err)
{
    if (mark & MIA__MARK_QUARANTINED)
        return quarantine(c, pair, err);
    if (mark & MIA__MARK_TRAILING)
        tell(c, MIA_FINDING_TRAILING, pair->key, "");
    if (mark & MIA__MARK_KEY)
        tell(c, MIA_FINDING_KEY, pair->key, "");
    return put_pair(c, pair, err);
}

/* What can be wrong with a pair is the source's fault; the rest is the target's. */
static mia_status blame_pair(struct copy *c, const struct mia_pair *pair, mia_status rc,
                             struct mia_error *err)
{
    struct mia__job *job = c->job;
    char tree[80], key[120];
    mia__print_bytes(tree, sizeof tree, mia_source_tree_name(job->source, c->tree));
    mia__print_bytes(key, sizeof key, pair->key);
    if (rc == MIA_ERR_INVALID)
        mia__fail(err, rc = MIA_ERR_CORRUPT, "%s: tree %s: key %s is out of order",
                  job->source_path, tree, key);
    else if (rc == MIA_ERR_TOO_LONG)
        mia__fail_value_size(job->source_path, mia_source_tree_name(job->source, c->tree),
                             pair->key, pair->value.size, err);
    bool is_source = rc == MIA_ERR_CORRUPT || rc == MIA_ERR_TOO_LONG;
    return mia__blame(&job->report.failure, is_source ? MIA_FAILURE_SOURCE : MIA_FAILURE_TARGET,
                      rc);
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
    uint64_t most = mia__throttle_batch(
        &job->meter.throttle, job->opt.batch_bytes ? job->opt.batch_bytes : DEFAULT_BATCH);
    TRY(enter_tree(c, chunk->tree, err));
    for (size_t i = 0; i < chunk->count; i++) {
        const struct mia_pair *pair = &chunk->pairs[i];
        rc = store_pair(c, pair, chunk->marks[i], err);
        if (rc < 0)
            return blame_pair(c, pair, rc, err);
        c->batch_bytes += pair->key.size + pair->value.size;
    }
    job->report.records += chunk->count;
    job->report.key_bytes += chunk->key_bytes;
    job->report.value_bytes += chunk->value_bytes;
    job->next_tree = chunk->tree + 1;
    job->has_last_key = true;
    TRY(mia__buf_set(&job->last_key, chunk->pairs[chunk->count - 1].key, err));
    if (c->batch_bytes >= most || mia__meter_is_paused(&job->meter))
        TRY(commit_batch(c, err));
    take_totals(c);
    rc = mia__meter_add(&job->meter, chunk->count, chunk->key_bytes + chunk->value_bytes, err);
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
            return mia__blame(
                &c->job->report.failure,
                c->job->typing.has_bulk_failed ? MIA_FAILURE_TARGET : MIA_FAILURE_SOURCE, rc);
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
    struct mia__pipe_filter filter = {0};
    if (job->report.typed) {
        job->typing.source = job->source;
        job->typing.path = job->source_path;
        job->typing.salvage = job->opt.salvage;
        job->typing.bulk = job->bulk;
        filter = mia__typing_filter(&job->typing);
    }
    return mia__pipe_open(job->source, tree, job->has_last_key ? &behind : NULL, &filter, pipe,
                          err);
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
    if (job->opt.totals && job->opt.max_rate == 0) /* counting reads as fast as it goes */
        TRY(mia__count_start(job->source, report->typed, &c.count, err));
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
    mia__transcoder_free(&c.transcoder);
    mia__buf_free(&c.scratch);
    mia__typing_free(&job->typing);
    report->copy_seconds = mia__seconds() - began;
    return rc;
}
