/*
 * migrate/migrate.c - the steps of a migration, in order
 *
 *   1  refuse what cannot work, all of it at once
 *   2  open the source and sample it: page size. Nothing is written yet
 *   3  make and lock the partial target's directory
 *   4  copy, with a checkpoint in each transaction; meanwhile gather the entries of the indexes
 *   5  read both again and compare every byte, with how far it is in a file now and then; meanwhile
 *      make the indexes of MIA's records
 *   6  sync
 *   7  the source's files must not have changed meanwhile
 *   8  rename: from here on the target exists
 */
#include "base/error.h"
#include "base/file.h"
#include "base/options.h"
#include "base/try.h"
#include "migrate/compare.h"
#include "migrate/compare_file.h"
#include "migrate/fingerprint.h"
#include "migrate/job.h"
#include "migrate/source.h"
#include "migrate/source_check.h"

#include <inttypes.h>
#include <stdio.h>

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
                                     .progress = mia__meter_relay,
                                     .progress_ctx = &job->meter};
    mia_status rc = mia_source_open(job->source_path, &opt, &job->source, err);
    if (rc == MIA_NOTFOUND)
        rc = mia__fail(err, MIA_ERR_INVALID, "%s does not exist", job->source_path);
    return mia__blame(&job->report.failure,
                      rc == MIA_ERR_CORRUPT ? MIA_FAILURE_SOURCE : MIA_FAILURE_REFUSED, rc);
}

/* Everything that can be refused without reading the source, before anything is made. */
static mia_status refuse(struct mia__job *job, struct mia_error *err)
{
    mia_status rc;
    struct mia__obstacles found = {.fn = job->opt.obstacle, .ctx = job->opt.obstacle_ctx};
    if (mia__source_check(job->source_path, job->opt.salvage, &found))
        TRY(mia__fingerprint(job->source_path, job->fingerprint, err));
    mia__migration_place(&job->place, job->source_path, job->target_path, job->fingerprint);
    job->place.resume = job->opt.resume;
    job->place.force = job->opt.force;
    if (job->opt.raw)
        job->place.format = MIA__RAW_FORMAT;
    TRY(mia__workspace_begin(&job->place, err));
    mia__workspace_check(&job->place, &found);
    rc = mia__obstacles_judge(&found, err);
done:
    return rc;
}

/* What the migration will be: typed, raw, or nothing at all. */
static mia_status choose_kind(struct mia__job *job, struct mia_error *err)
{
    mia_status rc;
    TRY(mia__typing_choose(job->source, job->source_path, job->opt.raw, &job->report.typed, err));
    if (!job->opt.raw && !job->report.typed)
        rc = mia__typing_fail_foreign(job->source_path, err);
    job->report.salvaged = job->source->ops->is_salvaged;
done:
    return rc;
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
    return mia__blame(&job->report.failure, MIA_FAILURE_SOURCE, rc);
}

static mia_status fail_different(struct mia__job *job, uint64_t differences, struct mia_error *err)
{
    job->report.failure = MIA_FAILURE_DIFFERENT;
    return mia__fail(err, MIA_ERR_CORRUPT,
                     "verification found %llu differences between %s and "
                     "the copy; the copy is kept in %s for inspection",
                     (unsigned long long)differences, job->source_path, job->place.partial);
}

/* How far verification is, in a file beside the copy. What cannot be saved is no failure. */
struct verifying {
    struct mia__job *job;
    char *file, target[32];
    struct mia__compare_mark checkpoint;
};

/* What was verified must be what is on disk, whenever the machine stops. */
static void save_verification(void *ctx, const struct mia__compare_state *state)
{
    const struct verifying *v = ctx;
    if (mia_db_sync(v->job->target, NULL) == MIA_OK)
        mia__compare_save(v->file, &v->checkpoint, state, NULL);
}

/* Goes on where an earlier run stopped, if it was with this source and this copy. */
static mia_status resume_verification(struct mia__job *job, mia_source *target, struct verifying *v,
                                      struct mia__compare_state *state, struct mia_error *err)
{
    enum mia__compare_text changed;
    v->file = mia__path_join(job->place.partial, MIA__JOB_VERIFY_FILE);
    if (v->file == NULL)
        return mia__fail_nomem(err);
    snprintf(v->target, sizeof v->target, "%" PRIu64, mia__source_last_change(target));
    v->checkpoint = (struct mia__compare_mark){.texts = {job->fingerprint, v->target, ""}};
    mia_status rc = mia__compare_load(v->file, &v->checkpoint, state, &changed, NULL);
    if (rc != MIA_OK) {
        mia__compare_state_free(state);
        *state = (struct mia__compare_state){0};
    }
    return MIA_OK;
}

static mia_status judge_verification(struct mia__job *job, const struct mia__compare *compare,
                                     struct mia_error *err)
{
    const struct mia__compare_state *state = &compare->state;
    memcpy(job->report.differences, state->differences, sizeof state->differences);
    memcpy(job->report.digest, compare->digest, sizeof compare->digest);
    job->report.verified = state->records;
    job->report.left_out_records = state->left_out_records;
    job->report.findings[MIA_FINDING_RESPELLED] = state->findings[MIA_FINDING_RESPELLED];
    uint64_t differences = mia__compare_total(state->differences);
    return differences != 0 || state->records != job->report.records
               ? fail_different(job, differences, err)
               : MIA_OK;
}

static mia_status verify(struct mia__job *job, struct mia_error *err)
{
    enum { SAVE_MS = 10000 };
    mia_status rc;
    mia_source *target = NULL;
    struct verifying v = {.job = job};
    uint32_t save_ms = job->opt.checkpoint_ms ? job->opt.checkpoint_ms : SAVE_MS;
    struct mia__compare compare = {.source = job->source,
                                   .typed = job->report.typed,
                                   .finding = job->opt.finding,
                                   .finding_ctx = job->opt.finding_ctx,
                                   .meter = &job->meter,
                                   .save = save_verification,
                                   .save_ctx = &v,
                                   .save_seconds = save_ms / 1000.0};
    double began = mia__seconds();
    mia__meter_begin(&job->meter, "verify", job->report.records,
                     job->report.key_bytes + job->report.value_bytes);
    TRY(mia__blame(&job->report.failure, MIA_FAILURE_TARGET,
                   mia__source_over(job->target, true, &target, err)));
    compare.target = target;
    TRY(mia__blame(&job->report.failure, MIA_FAILURE_TARGET,
                   resume_verification(job, target, &v, &compare.state, err)));
    job->report.resumed_verified = compare.state.records;
    rc = mia__compare(&compare, err);
    TRY(mia__blame(&job->report.failure,
                   compare.has_source_failed ? MIA_FAILURE_SOURCE : MIA_FAILURE_TARGET, rc));
    TRY(mia__blame(&job->report.failure, MIA_FAILURE_TARGET, mia__compare_forget(v.file, err)));
    rc = judge_verification(job, &compare, err);
done:
    mia_source_close(target);
    mia__compare_state_free(&compare.state);
    mia__free(v.file);
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
    return mia__blame(&job->report.failure, MIA_FAILURE_REFUSED, rc);
}

/* Where the source has indexes: MIA's trees, which were left out, or ours. */
static bool wants_indexes(const struct mia__job *job)
{
    return job->report.typed && !job->opt.without_indexes &&
           (job->report.left_out_trees > 0 || mia__source_derived(job->source) != 0);
}

/* What an earlier run may have left beside the database, if this one did other things. */
static mia_status clear_leftovers(struct mia__job *job, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    static const char *const names[] = {MIA__JOB_VERIFY_FILE, MIA__JOB_SORT_DIRECTORY};
    for (size_t i = 0; rc == MIA_OK && i < sizeof names / sizeof *names; i++) {
        char *path = mia__path_join(job->place.partial, names[i]);
        rc = path != NULL ? mia__dir_remove_tree(path, err) : mia__fail_nomem(err);
        mia__free(path);
    }
    return rc;
}

/* The two need nothing of each other but the records, which stand still by now. */
static mia_status verify_and_index(struct mia__job *job, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    struct mia__index_task *task = NULL;
    if (wants_indexes(job))
        TRY(mia__blame(&job->report.failure, MIA_FAILURE_TARGET,
                       mia__job_index_start(job, &task, err)));
    if (!job->opt.without_verify)
        TRY(verify(job, err));
    rc = mia__blame(&job->report.failure, MIA_FAILURE_TARGET, mia__job_index_wait(task, err));
    task = NULL;
done:
    mia__job_index_stop(task);
    return rc;
}

/* Entries are gathered on the way, unless some of the records are in the target already. */
static mia_status copy(struct mia__job *job, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    bool is_new = job->next_tree == 0 && !job->has_last_key;
    if (job->is_copied)
        return MIA_OK;
    if (is_new && wants_indexes(job))
        TRY(mia__blame(&job->report.failure, MIA_FAILURE_TARGET, mia__job_index_gather(job, err)));
    rc = mia__job_copy(job, err);
done:
    return rc;
}

static mia_status run(struct mia__job *job, struct mia_error *err)
{
    mia_status rc;
    TRY(mia__blame(&job->report.failure, MIA_FAILURE_REFUSED, refuse(job, err)));
    TRY(open_source(job, err));
    TRY(mia__blame(&job->report.failure, MIA_FAILURE_REFUSED, choose_kind(job, err)));
    TRY(plan(job, err));
    TRY(mia__blame(&job->report.failure, MIA_FAILURE_REFUSED,
                   mia__workspace_take(&job->place, err)));
    enum mia_failure whose = job->opt.resume ? MIA_FAILURE_REFUSED : MIA_FAILURE_TARGET;
    TRY(mia__blame(&job->report.failure, whose, mia__job_open_target(job, err)));
    TRY(copy(job, err));
    TRY(verify_and_index(job, err));
    TRY(mia__blame(&job->report.failure, MIA_FAILURE_TARGET, mia__job_finish_target(job, err)));
    TRY(mia__blame(&job->report.failure, MIA_FAILURE_TARGET, clear_leftovers(job, err)));
    mia_source_close(job->source);
    job->source = NULL;
    TRY(check_unchanged(job, err));
    TRY(mia__blame(&job->report.failure, MIA_FAILURE_TARGET,
                   mia__workspace_publish(&job->place, job->place.partial, err)));
done:
    return rc;
}

static void release(struct mia__job *job)
{
    mia_db_close(job->target, NULL);
    mia_source_close(job->source);
    if (job->bulk != NULL)
        mia__job_index_forget(job, NULL);
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
    TRY(mia__blame(&job.report.failure, MIA_FAILURE_REFUSED, check_options(&job.opt, err)));
    job.meter.fn = job.opt.progress;
    job.meter.ctx = job.opt.progress_ctx;
    job.meter.throttle.rate = job.opt.max_rate;
    job.meter.throttle.pause_file = job.opt.pause_file;
    job.source_path = mia__path_trim(job.opt.source);
    job.target_path = mia__path_trim(job.opt.target);
    rc = job.source_path != NULL && job.target_path != NULL ? run(&job, err) : mia__fail_nomem(err);
done:
    mia__blame(&job.report.failure, MIA_FAILURE_REFUSED, rc);
    release(&job);
    mia__report_write(out, &job.report, sizeof job.report);
    return rc;
}
