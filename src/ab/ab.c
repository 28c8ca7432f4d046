/* ab/ab.c - mia_ab_run: options, the run, and what is left behind */
#include "mia/ab.h"

#include "ab/clock.h"
#include "ab/run.h"
#include "base/error.h"
#include "base/file.h"
#include "base/options.h"
#include "base/try.h"

#include <inttypes.h>

enum { OPERATIONS = 120000, ROUNDS = 12, THREADS_MAX = 64, SKEW_MAX = 4 };
static const uint64_t most_operations = 10000000;

static const struct name {
    const char *name, *text;
} workloads[] =
    {
#define NAME(code, name, text) {name, text},
        MIA_AB_WORKLOAD_MAP(NAME)},
  mismatches[] = {MIA_AB_MISMATCH_MAP(NAME)};
#undef NAME

static const char *const measures[] = {
#define NAME(code, name) name,
    MIA_AB_MEASURE_MAP(NAME)
#undef NAME
};

const char *mia_ab_workload_name(enum mia_ab_workload workload)
{
    return (unsigned)workload < MIA_AB_WORKLOADS ? workloads[workload].name : "?";
}

const char *mia_ab_workload_text(enum mia_ab_workload workload)
{
    return (unsigned)workload < MIA_AB_WORKLOADS ? workloads[workload].text : "?";
}

const char *mia_ab_measure_name(enum mia_ab_measure measure)
{
    return (unsigned)measure < MIA_AB_MEASURES ? measures[measure] : "?";
}

const char *mia_ab_mismatch_name(enum mia_ab_mismatch_class c)
{
    return (unsigned)c < MIA_AB_MISMATCHES ? mismatches[c].name : "?";
}

const char *mia_ab_mismatch_text(enum mia_ab_mismatch_class c)
{
    return (unsigned)c < MIA_AB_MISMATCHES ? mismatches[c].text : "?";
}

uint64_t mia_ab_mismatched(const struct mia_ab_report *report)
{
    uint64_t total = 0;
    for (int c = 0; c < MIA_AB_MISMATCHES; c++)
        total += report->mismatches[c];
    return total;
}

static mia_status fill_defaults(struct mia_ab_options *o, struct mia_error *err)
{
    if (o->a == NULL || o->b == NULL || o->a[0] == '\0' || o->b[0] == '\0')
        return mia__fail(err, MIA_ERR_INVALID, "two databases are needed, A and B");
    if ((unsigned)o->workload >= MIA_AB_WORKLOADS)
        return mia__fail(err, MIA_ERR_INVALID, "no such workload: %d", (int)o->workload);
    if (o->rounds == 0)
        o->rounds = ROUNDS;
    if (o->threads == 0)
        o->threads = 1;
    if (o->seed == 0)
        o->seed = 1;
    if (o->operations == 0 && o->trace == NULL)
        o->operations = OPERATIONS;
    if (o->rounds < MIA_AB_ROUNDS_MIN || o->rounds > MIA_AB_ROUNDS_MAX)
        return mia__fail(err, MIA_ERR_INVALID, "%u rounds: %d to %d can be compared", o->rounds,
                         MIA_AB_ROUNDS_MIN, MIA_AB_ROUNDS_MAX);
    if (o->threads > THREADS_MAX)
        return mia__fail(err, MIA_ERR_INVALID, "%u threads: %d are the most", o->threads,
                         THREADS_MAX);
    if (o->operations > most_operations || o->records > most_operations)
        return mia__fail(err, MIA_ERR_INVALID, "more than %" PRIu64 " operations or records",
                         most_operations);
    if (o->operations != 0 && o->operations < o->rounds)
        return mia__fail(err, MIA_ERR_INVALID, "%" PRIu64 " operations are too few for %u rounds",
                         o->operations, o->rounds);
    if (!(o->skew >= 0 && o->skew <= SKEW_MAX))
        return mia__fail(err, MIA_ERR_INVALID, "skew %g: 0 to %d make sense", o->skew, SKEW_MAX);
    if (!(o->speed >= 0 && o->speed <= 1e6))
        return mia__fail(err, MIA_ERR_INVALID, "speed %g: 0 to 1,000,000 make sense", o->speed);
    return MIA_OK;
}

mia_status mia__ab_tell(const struct mia__ab_job *job, const char *phase, uint64_t done,
                        uint64_t total, struct mia_error *err)
{
    struct mia_progress progress = {.phase = phase, .records_done = done, .records_total = total};
    if (job->opt.progress == NULL || job->opt.progress(job->opt.progress_ctx, &progress))
        return MIA_OK;
    return mia__fail(err, MIA_ERR_CANCELLED, "stopped; neither database was changed");
}

/* What the report says of the run as a whole. */
static mia_status describe(struct mia__ab_job *job, struct mia_error *err)
{
    const struct mia_ab_options *o = &job->opt;
    struct mia_ab_report *r = job->report;
    r->workload = o->trace != NULL ? "trace" : mia_ab_workload_name(o->workload);
    r->level = job->plan.is_store ? "records" : "pairs";
    r->keys = job->plan.keys;
    r->rounds = o->rounds;
    r->threads = o->threads;
    r->seed = o->seed;
    r->skew = o->skew;
    r->speed = o->speed;
    r->is_lazy = o->lazy;
    r->writes = job->plan.writes;
    for (int who = 0; who < MIA_AB_SIDES; who++) {
        r->sides[who].path = mia__strdup(who == MIA_AB_B ? o->b : o->a);
        if (r->sides[who].path == NULL)
            return mia__fail_nomem(err);
    }
    return MIA_OK;
}

static void clean_up(struct mia__ab_job *job)
{
    for (int who = 0; who < MIA_AB_SIDES; who++) {
        mia__ab_process_stop(&job->sides[who]);
        mia__free(job->copies[who]);
    }
    if (job->scratch != NULL)
        mia__dir_remove_tree(job->scratch, NULL);
    mia__free(job->scratch);
    mia__ab_tally_free(&job->tally);
    mia__ab_plan_free(&job->plan);
}

mia_status mia_ab_run(const struct mia_ab_options *opt, struct mia_ab_report **report,
                      struct mia_error *err)
{
    mia_status rc;
    struct mia__ab_job job = {0};
    struct timespec now;
    uint64_t began = mia__ab_now();
    *report = NULL;
    TRY(mia__options_read(&job.opt, sizeof job.opt, opt, "mia_ab_options", err));
    TRY(fill_defaults(&job.opt, err));
    job.report = mia__alloc_zero(sizeof *job.report);
    if (job.report == NULL) {
        rc = mia__fail_nomem(err);
        goto done;
    }
    clock_gettime(CLOCK_REALTIME, &now);
    job.report->started_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
    mia__ab_machine(job.report);
    job.report->clock_ns = mia__ab_clock_cost();
    TRY(mia__ab_tally_begin(&job.tally, &job.plan, job.opt.rounds, job.opt.threads, job.report,
                            err));
    TRY(mia__ab_prepare(&job, err));
    TRY(describe(&job, err));
    TRY(mia__ab_rounds(&job, err));
    job.report->seconds = (double)(mia__ab_now() - began) / 1e9;
done:
    clean_up(&job);
    if (rc == MIA_OK)
        *report = job.report;
    else
        mia_ab_report_free(job.report);
    return rc;
}

void mia_ab_report_free(struct mia_ab_report *report)
{
    if (report == NULL)
        return;
    for (int who = 0; who < MIA_AB_SIDES; who++) {
        mia__free((void *)(uintptr_t)report->sides[who].path);
        mia__free(report->sides[who].curve);
        mia__free(report->sides[who].slices);
    }
    for (size_t i = 0; i < report->first_count; i++) {
        mia__free((void *)(uintptr_t)report->first[i].tree.data);
        mia__free((void *)(uintptr_t)report->first[i].key.data);
    }
    mia__free(report->kinds);
    mia__free(report);
}
