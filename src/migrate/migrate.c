/*
 * migrate/migrate.c - the steps of a migration, in order
 *
 *   1  refuse what cannot work: nothing is written yet
 *   2  make and lock the partial target's directory; open the source
 *   3  sample the source: page size
 *   4  copy, with a checkpoint in each transaction; sync
 *   5  read both again and compare every byte
 *   6  make the indexes of MIA's records
 *   7  the source's files must not have changed meanwhile
 *   8  rename: from here on the target exists
 */
#include "base/error.h"
#include "base/file.h"
#include "base/options.h"
#include "base/try.h"
#include "migrate/compare.h"
#include "migrate/fingerprint.h"
#include "migrate/job.h"
#include "migrate/source.h"

mia_status mia__job_blame(struct mia__job *job, enum mia_failure failure, mia_status status)
{
    if (status >= 0 || job->report.failure != MIA_FAILURE_NONE)
        return status;
    if (status == MIA_ERR_CANCELLED)
        failure = MIA_FAILURE_INTERRUPTED;
    else if (status == MIA_ERR_INTERNAL)
        failure = MIA_FAILURE_DEFECT;
    else if (status == MIA_ERR_NOMEM && failure == MIA_FAILURE_SOURCE)
        failure = MIA_FAILURE_TARGET; /* no damage: what is done can be gone on with */
    job->report.failure = failure;
    return status;
}

static mia_status check_options(const struct mia_migrate_options *opt, struct mia_error *err)
{
    if (opt->source == NULL || opt->target == NULL || !opt->source[0] || !opt->target[0])
        return mia__fail(err, MIA_ERR_INVALID, "a source and a target are needed");
    return MIA_OK;
}

static void count_loss(void *ctx, const struct mia_loss *loss)
{
    struct mia__job *job = ctx;
    job->report.losses[loss->loss]++;
    if (job->opt.loss != NULL)
        job->opt.loss(job->opt.loss_ctx, loss);
}

static mia_status open_source(struct mia__job *job, struct mia_error *err)
{
    struct mia_source_options opt = {.struct_size = sizeof opt,
                                     .accept_torn_log = job->opt.accept_torn_log,
                                     .original = true,
                                     .salvage = job->opt.salvage,
                                     .loss = count_loss,
                                     .loss_ctx = job,
                                     .progress = job->meter.fn,
                                     .progress_ctx = job->meter.ctx};
    mia_status rc = mia_source_open(job->source_path, &opt, &job->source, err);
    if (rc == MIA_NOTFOUND)
        rc = mia__fail(err, MIA_ERR_INVALID, "%s does not exist", job->source_path);
    return mia__job_blame(job, rc == MIA_ERR_CORRUPT ? MIA_FAILURE_SOURCE : MIA_FAILURE_REFUSED,
                          rc);
}

/* The source is looked at before anything is made beside the target. */
static mia_status look_at_source(struct mia__job *job, struct mia_error *err)
{
    if (mia__file_kind(job->source_path) == MIA__FILE_DIRECTORY)
        return mia__fingerprint(job->source_path, job->fingerprint, err);
    mia_source *none;
    mia_status rc = mia_source_open(job->source_path, NULL, &none, err);
    return rc < 0 ? rc : mia__fail(err, MIA_ERR_INVALID, "%s does not exist", job->source_path);
}

/* What the migration will be: typed, raw, or nothing at all. */
static mia_status choose_kind(struct mia__job *job, struct mia_error *err)
{
    struct mia_source_info info = {.struct_size = sizeof info};
    mia_status rc = mia_source_info(job->source, &info, err);
    if (rc < 0)
        return rc;
    if (job->opt.raw && strcmp(info.format, MIA__TYPED_NAME) == 0)
        return mia__fail(err, MIA_ERR_INVALID,
                         "%s is a typed database, whose records a raw one cannot tell from other "
                         "values: migrate it without --raw",
                         job->source_path);
    if (!job->opt.raw && !mia__source_is_mia(job->source))
        return mia__fail(err, MIA_ERR_INVALID,
                         "%s is no database of MIA (which has the trees nodes, edges and "
                         "embeddings): copy it byte for byte with --raw",
                         job->source_path);
    job->report.typed = !job->opt.raw;
    job->report.salvaged = info.salvaged;
    return MIA_OK;
}

static void note_left_out(struct mia__job *job)
{
    for (size_t i = 0; job->report.typed && i < job->report.trees; i++)
        if (mia__tree_is_derived(mia_source_tree_name(job->source, i)))
            job->report.left_out_trees++;
    job->report.trees -= job->report.left_out_trees;
}

static mia_status plan(struct mia__job *job, struct mia_error *err)
{
    double began = mia__seconds();
    mia_status rc = mia__sample(job->source, &job->sample, err);
    job->report.plan_seconds = mia__seconds() - began;
    job->report.trees = mia_source_tree_count(job->source);
    note_left_out(job);
    return mia__job_blame(job, MIA_FAILURE_SOURCE, rc);
}

static mia_status fail_different(struct mia__job *job, uint64_t differences, struct mia_error *err)
{
    job->report.failure = MIA_FAILURE_DIFFERENT;
    return mia__fail(err, MIA_ERR_CORRUPT,
                     "verification found %llu differences between %s and "
                     "the copy; the copy is kept in %s for inspection",
                     (unsigned long long)differences, job->source_path, job->place.partial);
}

static mia_status verify(struct mia__job *job, struct mia_error *err)
{
    mia_status rc;
    mia_source *target = NULL;
    struct mia_source_options opt = {.struct_size = sizeof opt, .original = true};
    double began = mia__seconds();
    mia__meter_begin(&job->meter, "verify", job->report.records,
                     job->report.key_bytes + job->report.value_bytes);
    TRY(mia__job_blame(job, MIA_FAILURE_TARGET,
                       mia_source_open(job->place.partial, &opt, &target, err)));
    struct mia__compare compare = {.source = job->source,
                                   .target = target,
                                   .typed = job->report.typed,
                                   .finding = job->opt.finding,
                                   .finding_ctx = job->opt.finding_ctx,
                                   .meter = &job->meter};
    TRY(mia__job_blame(job, MIA_FAILURE_SOURCE, mia__compare(&compare, err)));
    memcpy(job->report.differences, compare.differences, sizeof compare.differences);
    memcpy(job->report.digest, compare.digest, sizeof compare.digest);
    job->report.verified = compare.records;
    job->report.left_out_records = compare.left_out_records;
    job->report.findings[MIA_FINDING_RESPELLED] = compare.findings[MIA_FINDING_RESPELLED];
    uint64_t differences = mia__compare_total(compare.differences);
    if (differences != 0 || compare.records != job->report.records)
        rc = fail_different(job, differences, err);
done:
    mia_source_close(target);
    job->report.verify_seconds = mia__seconds() - began;
    return rc;
}

static mia_status check_unchanged(struct mia__job *job, struct mia_error *err)
{
    char now[MIA__SHA256_HEX];
    mia_status rc = mia__fingerprint(job->source_path, now, err);
    if (rc == MIA_OK && strcmp(now, job->fingerprint) != 0) {
        job->place.keep = false;
        rc = mia__fail(err, MIA_ERR_BUSY,
                       "%s was changed while it was being migrated: stop what "
                       "writes to it and start over",
                       job->source_path);
    }
    return mia__job_blame(job, MIA_FAILURE_REFUSED, rc);
}

/* Room for the private copy of a sled source, and for a target half as large: sled's files hold old
 * versions too. */
static mia_status take_workspace(struct mia__job *job, struct mia_error *err)
{
    job->place =
        (struct mia__workspace){.source = job->source_path,
                                .target = job->target_path,
                                .what = "migration",
                                .needed_percent = 50, /* sled's files hold old versions too */
                                .is_mapped = true,
                                .can_resume = true,
                                .resume = job->opt.resume,
                                .force = job->opt.force,
                                .lock = -1};
    return mia__workspace_take(&job->place, err);
}

/* Where the source has indexes: MIA's trees, which were left out, or ours. */
static bool wants_indexes(const struct mia__job *job)
{
    return job->report.typed && !job->opt.without_indexes &&
           (job->report.left_out_trees > 0 || mia__source_derived(job->source) != 0);
}

static mia_status run(struct mia__job *job, struct mia_error *err)
{
    mia_status rc;
    TRY(mia__job_blame(job, MIA_FAILURE_REFUSED, look_at_source(job, err)));
    TRY(mia__job_blame(job, MIA_FAILURE_REFUSED, take_workspace(job, err)));
    TRY(open_source(job, err));
    TRY(mia__job_blame(job, MIA_FAILURE_REFUSED, choose_kind(job, err)));
    TRY(plan(job, err));
    enum mia_failure whose = job->opt.resume ? MIA_FAILURE_REFUSED : MIA_FAILURE_TARGET;
    TRY(mia__job_blame(job, whose, mia__job_open_target(job, err)));
    if (!job->is_copied)
        TRY(mia__job_copy(job, err));
    TRY(mia__job_blame(job, MIA_FAILURE_TARGET, mia__job_close_target(job, err)));
    if (!job->opt.without_verify)
        TRY(verify(job, err));
    if (wants_indexes(job))
        TRY(mia__job_blame(job, MIA_FAILURE_TARGET, mia__job_index(job, err)));
    TRY(mia__job_blame(job, MIA_FAILURE_TARGET, mia__job_finish_target(job, err)));
    mia_source_close(job->source);
    job->source = NULL;
    TRY(check_unchanged(job, err));
    TRY(mia__job_blame(job, MIA_FAILURE_TARGET,
                       mia__workspace_publish(&job->place, job->place.partial, err)));
done:
    return rc;
}

static void release(struct mia__job *job)
{
    mia_db_close(job->target, NULL);
    mia_source_close(job->source);
    bool has_work = job->report.records > 0 || job->is_copied;
    bool is_ours = job->report.page_size != 0; /* else of another source, or not to be opened */
    if (is_ours && (job->report.failure == MIA_FAILURE_SOURCE || !has_work))
        job->place.keep = false; /* nothing to go on with */
    mia__workspace_release(&job->place);
    mia__buf_free(&job->last_key);
    mia__free(job->source_path);
    mia__free(job->target_path);
}

mia_status mia_migrate(const struct mia_migrate_options *opt, struct mia_migrate_report *out,
                       struct mia_error *err)
{
    mia_status rc;
    struct mia__job job = {.place.lock = -1};
    rc = mia__report_check(out, "mia_migrate_report", err);
    if (rc < 0)
        return rc;
    job.report.struct_size = sizeof job.report;
    TRY(mia__options_read(&job.opt, sizeof job.opt, opt, "mia_migrate_options", err));
    TRY(mia__job_blame(&job, MIA_FAILURE_REFUSED, check_options(&job.opt, err)));
    job.meter.fn = job.opt.progress;
    job.meter.ctx = job.opt.progress_ctx;
    job.source_path = mia__path_trim(job.opt.source);
    job.target_path = mia__path_trim(job.opt.target);
    rc = job.source_path != NULL && job.target_path != NULL ? run(&job, err) : mia__fail_nomem(err);
done:
    mia__job_blame(&job, MIA_FAILURE_REFUSED, rc);
    release(&job);
    mia__report_write(out, &job.report, sizeof job.report);
    return rc;
}
