/* migrate/target.c - the target database and what it remembers of its migration */
#include "base/error.h"
#include "base/try.h"
#include "engine/meta.h"
#include "migrate/job.h"
#include "migrate/source.h"

#include <stdio.h>

enum { TREES_OF_OURS = 24, LEAST_GROWTH = 1 << 20, MOST_GROWTH = 64 << 20, SYNC_PERIOD_MS = 1000 };

/* A small target must not end with a large empty tail, a large one not grow all the time. */
uint64_t mia__growth_step(uint64_t source_bytes)
{
    uint64_t step = source_bytes / 32;
    step = step < LEAST_GROWTH ? LEAST_GROWTH : step > MOST_GROWTH ? MOST_GROWTH : step;
    return step & ~(uint64_t)(LEAST_GROWTH - 1);
}

static mia_status open_db(struct mia__job *job, struct mia_error *err)
{
    const char *why;
    struct mia_db_options opt = {
        .struct_size = sizeof opt,
        .exclusive = true,
        .durability = MIA_SYNC_LAZY,
        .lazy_interval_ms = SYNC_PERIOD_MS,
        .growth_bytes = mia__growth_step(job->place.source_bytes),
        .page_size = mia__sample_page_size(&job->sample, &why),
        .max_trees = (uint32_t)mia_source_tree_count(job->source) + TREES_OF_OURS,
    };
    return mia_db_open(mia_engine_mdbx(), job->place.partial, &opt, &job->target, err);
}

static mia_slice last_component(const char *path)
{
    const char *slash = strrchr(path, '/');
    return mia_bytes_of(slash != NULL && slash[1] != '\0' ? slash + 1 : path);
}

/* What a rollback makes the sled directory with. */
static mia_status write_shape(struct mia__job *job, mia_txn *txn, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    const mia_source *source = job->source;
    struct mia__sled_shape shape = source->ops->shape(source->self);
    if (shape.segment_size == 0)
        return MIA_OK;
    TRY(mia__meta_put_u64(txn, job->raw.meta, "origin.segment_size", shape.segment_size, err));
    TRY(mia__meta_put_u64(txn, job->raw.meta, "origin.compressed", shape.is_compressed, err));
    TRY(mia__meta_put_u64(txn, job->raw.meta, "origin.counter", shape.counter, err));
done:
    return rc;
}

static mia_status begin_new(struct mia__job *job, mia_txn *txn, struct mia_error *err)
{
    mia_status rc;
    enum mia__derived left_out;
    uint64_t derived = mia__source_derived(job->source);
    struct mia_source_info info = {.struct_size = sizeof info};
    TRY(mia_source_info(job->source, &info, err));
    TRY(mia__raw_create(txn, 0, job->report.typed, &job->raw, err));
    mia_tree meta = job->raw.meta;
    if (job->report.typed)
        TRY(mia__raw_write_schema(txn, &job->raw, err));
    TRY(mia__meta_put(txn, meta, "origin.kind", mia_bytes_of(info.kind), err));
    TRY(mia__meta_put(txn, meta, "origin.name", last_component(job->source_path), err));
    TRY(mia__meta_put(txn, meta, "origin.fingerprint", mia_bytes_of(job->fingerprint), err));
    TRY(write_shape(job, txn, err));
    for (size_t i = 0; i < mia_source_tree_count(job->source); i++) {
        mia_tree tree;
        mia_slice name = mia_source_tree_name(job->source, i);
        if (!job->report.typed || !mia__derived_find(name, &left_out))
            TRY(mia__raw_tree(txn, &job->raw, name, true, &tree, err));
        else
            derived |= UINT64_C(1) << left_out;
    }
    if (job->report.typed)
        TRY(mia__meta_put_u64(txn, meta, "origin.derived", derived, err));
    rc = mia__job_checkpoint(job, txn, err);
done:
    return rc;
}

static void finding_key(char out[32], int class)
{
    snprintf(out, 32, "origin.found.%d", class);
}

static mia_status read_findings(struct mia__job *job, mia_txn *txn, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    for (int i = 0; rc >= 0 && i < MIA_FINDING_CLASSES; i++) {
        char key[32];
        finding_key(key, i);
        rc = mia__meta_get_u64(txn, job->raw.meta, key, &job->report.findings[i], err);
    }
    return rc < 0 ? rc : MIA_OK;
}

static mia_status write_findings(struct mia__job *job, mia_txn *txn, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    const uint64_t *findings = job->report.findings;
    for (int i = 0; rc >= 0 && i < MIA_FINDING_CLASSES; i++) {
        char key[32];
        finding_key(key, i);
        if (findings[i] > 0)
            rc = mia__meta_put_u64(txn, job->raw.meta, key, findings[i], err);
    }
    if (rc >= 0 && findings[MIA_FINDING_QUARANTINED] > 0)
        rc = mia__meta_put_u64(txn, job->raw.meta, "quarantined", findings[MIA_FINDING_QUARANTINED],
                               err);
    return rc;
}

static mia_status read_figures(struct mia__job *job, mia_txn *txn, struct mia_error *err)
{
    mia_status rc;
    mia_tree meta = job->raw.meta;
    TRY(mia__meta_get_u64(txn, meta, "origin.records", &job->report.records, err));
    TRY(mia__meta_get_u64(txn, meta, "origin.key_bytes", &job->report.key_bytes, err));
    TRY(mia__meta_get_u64(txn, meta, "origin.value_bytes", &job->report.value_bytes, err));
    TRY(mia__meta_get_u64(txn, meta, "origin.long_keys", &job->report.long_keys, err));
    TRY(read_findings(job, txn, err));
    job->report.resumed_records = job->report.records;
done:
    return rc;
}

static mia_status read_checkpoint(struct mia__job *job, mia_txn *txn, struct mia_error *err)
{
    mia_status rc;
    mia_slice key, fingerprint;
    uint64_t tree, copied;
    mia_tree meta = job->raw.meta;
    if (job->raw.is_typed != job->report.typed)
        return mia__workspace_fail_mode(&job->place, job->raw.is_typed, err);
    if (job->raw.is_typed)
        TRY(mia__raw_check_schema(txn, &job->raw, err));
    TRY(mia__meta_get(txn, meta, "origin.fingerprint", &fingerprint, err));
    if (rc == MIA_NOTFOUND || !mia_slice_equal(fingerprint, mia_bytes_of(job->fingerprint)))
        return mia__workspace_fail_other(&job->place, err);
    TRY(mia__meta_get_u64(txn, meta, "checkpoint.tree", &tree, err));
    bool is_finished = rc == MIA_NOTFOUND; /* stopped between the last commit and the rename */
    TRY(mia__meta_get_u64(txn, meta, "checkpoint.copied", &copied, err));
    TRY(mia__meta_get(txn, meta, "checkpoint.key", &key, err));
    job->has_last_key = rc == MIA_OK;
    job->is_copied = is_finished || copied == 1;
    job->next_tree = (size_t)tree;
    TRY(mia__buf_set(&job->last_key, key, err));
    TRY(read_figures(job, txn, err));
done:
    return rc;
}

/* A machine that stopped while the directory was made may have left it without a database that can
 * be opened. */
static mia_status blame_partial(const struct mia__job *job, mia_status rc, struct mia_error *err)
{
    struct mia_error cause = {0};
    if (rc != MIA_ERR_CORRUPT || !job->opt.resume)
        return rc;
    if (err != NULL)
        cause = *err;
    return mia__fail(err, MIA_ERR_INVALID, "nothing to go on with: start over with --force (%s)",
                     cause.message);
}

mia_status mia__job_open_target(struct mia__job *job, struct mia_error *err)
{
    mia_status rc;
    mia_txn *txn = NULL;
    struct mia_db_info info = {.struct_size = sizeof info};
    TRY(open_db(job, err));
    TRY(mia_txn_begin(job->target, MIA_TXN_WRITE, &txn, err));
    TRY(mia__raw_open(txn, &job->raw, err));
    TRY(rc == MIA_OK ? read_checkpoint(job, txn, err) : begin_new(job, txn, err));
    rc = mia_txn_commit(txn, err);
    txn = NULL;
    TRY(rc);
    TRY(mia_db_info(job->target, &info, err));
    job->report.page_size = info.page_size;
    job->place.keep = true;
done:
    mia_txn_abort(txn);
    return blame_partial(job, rc, err);
}

static mia_status close_target(struct mia__job *job, struct mia_error *err)
{
    mia_status rc;
    struct mia_db_info info = {.struct_size = sizeof info};
    TRY(mia_db_sync(job->target, err));
    TRY(mia_db_info(job->target, &info, err));
    job->report.target_bytes = info.size_on_disk;
done:
    mia_db_close(job->target, NULL);
    job->target = NULL;
    return rc;
}

static mia_status write_figures(struct mia__job *job, mia_txn *txn, struct mia_error *err)
{
    mia_status rc;
    mia_tree meta = job->raw.meta;
    const struct mia_migrate_report *r = &job->report;
    TRY(mia__meta_put_u64(txn, meta, "origin.trees", mia_source_tree_count(job->source), err));
    TRY(mia__meta_put_u64(txn, meta, "origin.records", r->records, err));
    TRY(mia__meta_put_u64(txn, meta, "origin.key_bytes", r->key_bytes, err));
    TRY(mia__meta_put_u64(txn, meta, "origin.value_bytes", r->value_bytes, err));
    TRY(mia__meta_put_u64(txn, meta, "origin.long_keys", r->long_keys, err));
    TRY(write_findings(job, txn, err));
done:
    return rc;
}

mia_status mia__job_checkpoint(struct mia__job *job, mia_txn *txn, struct mia_error *err)
{
    mia_status rc;
    mia_tree meta = job->raw.meta;
    TRY(write_figures(job, txn, err));
    TRY(mia__meta_put_u64(txn, meta, "checkpoint.tree", job->next_tree, err));
    TRY(mia__meta_put_u64(txn, meta, "checkpoint.copied", job->is_copied, err));
    if (job->has_last_key)
        TRY(mia__meta_put(txn, meta, "checkpoint.key", mia__buf_slice(&job->last_key), err));
    else
        TRY(mia__meta_del(txn, meta, "checkpoint.key", err));
done:
    return rc;
}

mia_status mia__job_finish_target(struct mia__job *job, struct mia_error *err)
{
    mia_status rc;
    mia_txn *txn = NULL;
    struct mia_db_info info = {.struct_size = sizeof info};
    static const char *const marks[] = {"checkpoint.tree", "checkpoint.copied", "checkpoint.key"};
    TRY(mia_db_info(job->target, &info, err));
    TRY(mia_txn_begin(job->target, MIA_TXN_WRITE, &txn, err));
    if (job->report.digest[0] != '\0')
        TRY(mia__meta_put(txn, job->raw.meta, "origin.digest", mia_bytes_of(job->report.digest),
                          err));
    if (job->report.typed && job->report.digest[0] != '\0')
        TRY(mia__meta_put_u64(txn, job->raw.meta, "trusted", 1, err));
    TRY(mia__meta_put_u64(txn, job->raw.meta, "origin.last_txn", info.last_txn + 1, err));
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        TRY(mia__meta_del(txn, job->raw.meta, marks[i], err));
    rc = mia_txn_commit(txn, err);
    txn = NULL;
    TRY(rc);
    rc = close_target(job, err);
done:
    mia_txn_abort(txn);
    return rc;
}
