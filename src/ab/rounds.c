/* ab/rounds.c - the rounds, and who begins */
#include "ab/run.h"

#include "ab/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/try.h"

#include <stdio.h>

enum { PATIENCE_MS = 100 };

/* Where part `number` begins: no transaction of a trace is cut in two. */
static uint64_t begin_of(const struct mia__ab_job *job, uint32_t number)
{
    uint64_t parts = job->opt.rounds + 1, count = job->plan.count;
    uint64_t at = count * number / parts;
    while (at < count && (job->plan.ops[at].flags & MIA__AB_INSIDE) != 0)
        at++;
    return at;
}

/* Part 0 is the warm-up, part i round i - 1. */
static struct mia__ab_command part(const struct mia__ab_job *job, uint32_t number)
{
    uint64_t from = begin_of(job, number);
    return (struct mia__ab_command){from, begin_of(job, number + 1) - from};
}

/* *most: operations of the longest part. */
static mia_status check_parts(const struct mia__ab_job *job, uint64_t *most, struct mia_error *err)
{
    *most = 0;
    for (uint32_t i = 0; i <= job->opt.rounds; i++) {
        uint64_t count = part(job, i).count;
        if (count == 0)
            return mia__fail(err, MIA_ERR_INVALID,
                             "%s has too few transactions for %u rounds and a warm-up",
                             job->opt.trace, job->opt.rounds);
        *most = count > *most ? count : *most;
    }
    return MIA_OK;
}

static mia_status wait_for(struct mia__ab_job *job, enum mia_ab_who who, const char *phase,
                           uint64_t done_before, struct mia__ab_message *message,
                           struct mia_error *err)
{
    mia_status rc;
    do {
        uint64_t done = done_before + atomic_load(&job->sides[who].counter->done);
        TRY(mia__ab_tell(job, phase, done, job->plan.count * MIA_AB_SIDES, err));
        TRY(mia__ab_process_wait(&job->sides[who], PATIENCE_MS, message, err));
    } while (rc == MIA_NOTFOUND);
done:
    return rc;
}

/* ---- the sides begin */

static mia_status start(struct mia__ab_job *job, enum mia_ab_who who, uint64_t most,
                        struct mia_error *err)
{
    mia_status rc;
    struct mia__ab_message message;
    struct mia__ab_process *p = &job->sides[who];
    struct mia_ab_side *side = &job->report->sides[who];
    bool is_sled = p->access == MIA__AB_SLED || p->access == MIA__AB_SLED_FILES;
    TRY(mia__dir_size(p->path, &side->size_before, err));
    TRY(mia__ab_process_start(p, &job->run, most, job->sides, (size_t)who, err));
    TRY(wait_for(job, who, "open", 0, &message, err));
    side->open_seconds = message.seconds;
    side->how = mia__ab_access_text(p->access);
    snprintf(side->engine, sizeof side->engine, "%s", is_sled ? "sled" : "mdbx");
done:
    return rc;
}

/* ---- a round */

/* One side does one part, while the others rest. */
static mia_status do_part(struct mia__ab_job *job, uint32_t number, enum mia_ab_who who,
                          uint64_t done_before, struct mia_error *err)
{
    mia_status rc;
    struct mia__ab_message message;
    struct mia__ab_command what = part(job, number);
    struct mia_ab_side *side = &job->report->sides[who];
    TRY(mia__ab_process_ask(&job->sides[who], what.first, what.count, err));
    TRY(wait_for(job, who, number == 0 ? "warm-up" : "measure", done_before, &message, err));
    if (number == 0)
        job->warm[who] = message.usage;
    else
        TRY(mia__ab_tally_add(&job->tally, who, number - 1, &job->sides[who], what, err));
    side->memory_own = message.usage.memory_own;
    side->memory_mapped = message.usage.memory_mapped;
    side->bytes_read = message.usage.bytes_read - job->warm[who].bytes_read;
    side->bytes_written = message.usage.bytes_written - job->warm[who].bytes_written;
done:
    return rc;
}

/* All six orders in turn: each side comes first, second and last as often as the others, and
 * before and behind each other side too. */
static mia_status do_round(struct mia__ab_job *job, uint32_t number, struct mia_error *err)
{
    static const enum mia_ab_who orders[6][MIA_AB_SIDES] = {
        {MIA_AB_A, MIA_AB_CONTROL, MIA_AB_B}, {MIA_AB_B, MIA_AB_CONTROL, MIA_AB_A},
        {MIA_AB_CONTROL, MIA_AB_A, MIA_AB_B}, {MIA_AB_B, MIA_AB_A, MIA_AB_CONTROL},
        {MIA_AB_A, MIA_AB_B, MIA_AB_CONTROL}, {MIA_AB_CONTROL, MIA_AB_B, MIA_AB_A}};
    mia_status rc = MIA_OK;
    struct mia__ab_command what = part(job, number);
    for (uint32_t i = 0; i < MIA_AB_SIDES; i++)
        TRY(do_part(job, number, orders[number % 6][i], what.first * MIA_AB_SIDES + what.count * i,
                    err));
    /* the order of what threads do at once is not the same on both sides */
    bool is_ordered = !job->plan.is_trace || !job->plan.writes || job->opt.threads == 1;
    rc = is_ordered ? mia__ab_compare(&job->plan, what, job->sides, job->report, err) : MIA_OK;
done:
    return rc;
}

static mia_status measure_sizes(struct mia__ab_job *job, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    for (int who = 0; who < MIA_AB_SIDES; who++)
        TRY(mia__dir_size(job->sides[who].path, &job->report->sides[who].size_after, err));
done:
    return rc;
}

mia_status mia__ab_rounds(struct mia__ab_job *job, struct mia_error *err)
{
    mia_status rc;
    uint64_t most;
    struct mia_ab_report *r = job->report;
    job->run = (struct mia__ab_run){.plan = &job->plan,
                                    .threads = job->opt.threads,
                                    .speed = job->plan.is_trace ? job->opt.speed : 0,
                                    .is_lazy = job->opt.lazy};
    TRY(check_parts(job, &most, err));
    for (int who = 0; who < MIA_AB_SIDES; who++)
        TRY(start(job, (enum mia_ab_who)who, most, err));
    for (uint32_t number = 0; number <= job->opt.rounds; number++) {
        if (number == 1)
            job->tally.begin_ns = mia__ab_now();
        TRY(do_round(job, number, err));
    }
    r->operations = job->plan.count - part(job, 0).count;
    r->trace_torn_at = job->plan.torn_at;
    TRY(measure_sizes(job, err));
    rc = mia__ab_tally_finish(&job->tally, err);
done:
    return rc;
}
