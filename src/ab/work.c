/* ab/work.c - operations of a round, by one thread or several, at full speed or at their times */
#include "ab/process.h"

#include "ab/clock.h"
#include "base/error.h"

#include <pthread.h>

enum { THREADS_MAX = 64, TOLD_EVERY = 256 };

struct worker {
    pthread_t thread;
    struct mia__ab_side *side;
    const struct mia__ab_process *process;
    const struct mia__ab_run *run;
    struct mia__ab_command what;
    uint32_t number;
    uint64_t start_ns; /* of the round */
};

/* Waits until the operation is due. Returns by how much that time has passed already: an operation
 * that waits for the one before it takes as long as its user has waited. */
static uint64_t wait_until_due(const struct worker *w, const struct mia__ab_op *op)
{
    const struct mia__ab_op *first = &w->run->plan->ops[w->what.first];
    uint64_t since = op->due_ns > first->due_ns ? op->due_ns - first->due_ns : 0;
    uint64_t due = w->start_ns + (uint64_t)((double)since / w->run->speed);
    uint64_t now = mia__ab_now();
    if (now >= due)
        return now - due;
    struct timespec until = {(time_t)(due / 1000000000), (long)(due % 1000000000)};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) != 0)
        ;
    return 0;
}

static void *work(void *ctx)
{
    struct worker *w = ctx;
    struct mia__ab_worker kept = {0};
    uint64_t untold = 0;
    for (uint64_t i = 0; i < w->what.count; i++) {
        const struct mia__ab_op *op = &w->run->plan->ops[w->what.first + i];
        struct mia__ab_answer *answer = &w->process->answers[i];
        if (w->run->threads > 1 && op->lane % w->run->threads != w->number)
            continue;
        uint64_t late = w->run->speed > 0 ? wait_until_due(w, op) : 0;
        kept.near = w->process->near != NULL ? w->process->near + i * MIA__AB_NEAREST : NULL;
        if (kept.near != NULL)
            memset(kept.near, 0, MIA__AB_NEAREST * sizeof *kept.near);
        mia__ab_side_do(w->side, &kept, op, answer);
        answer->ns += late;
        if (++untold == TOLD_EVERY) {
            atomic_fetch_add_explicit(&w->process->counter->done, untold, memory_order_relaxed);
            untold = 0;
        }
    }
    mia_txn_abort(kept.txn); /* of a trace that ends in the middle of one */
    mia__ab_worker_free(&kept);
    return NULL;
}

mia_status mia__ab_work(struct mia__ab_side *side, const struct mia__ab_process *p,
                        const struct mia__ab_run *run, struct mia__ab_command what,
                        struct mia_error *err)
{
    struct worker workers[THREADS_MAX];
    int failed = 0;
    uint32_t started = 0;
    uint64_t start_ns = mia__ab_now();
    for (uint32_t i = 0; i < run->threads; i++)
        workers[i] = (struct worker){.side = side,
                                     .process = p,
                                     .run = run,
                                     .what = what,
                                     .number = i,
                                     .start_ns = start_ns};
    if (run->threads == 1) {
        work(&workers[0]);
        return MIA_OK;
    }
    while (started < run->threads && failed == 0) {
        failed = pthread_create(&workers[started].thread, NULL, work, &workers[started]);
        started += failed == 0;
    }
    for (uint32_t i = 0; i < started; i++)
        pthread_join(workers[i].thread, NULL);
    return failed == 0 ? MIA_OK : mia__fail_errno(err, failed, "cannot start a thread");
}
