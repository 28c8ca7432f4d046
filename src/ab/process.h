/*
 * ab/process.h - a side in a process of its own
 *
 * The child has the plan from fork and gets, over a pipe, which operations to do next. Answers lie
 * in memory that both see; the parent looks at them when the child has said that it is done. A
 * child ends with its parent.
 */
#ifndef MIA_AB_PROCESS_H
#define MIA_AB_PROCESS_H

#include "ab/side.h"
#include "ab/usage.h"

#include <stdatomic.h>
#include <sys/types.h>

struct mia__ab_counter {
    atomic_uint_fast64_t done; /* operations of the present round */
};

/* What a child says of itself. */
struct mia__ab_message {
    mia_status status;
    struct mia_error error; /* status < 0 */
    struct mia__ab_usage usage;
    double seconds; /* that opening took */
};

struct mia__ab_process {
    const char *path; /* of the database, for messages */
    enum mia__ab_access access;
    pid_t pid; /* 0: none */
    int commands, messages;
    struct mia__ab_answer *answers; /* shared: of the present round */
    uint32_t *near;                 /* shared: MIA__AB_NEAREST for each; NULL without searches */
    struct mia__ab_counter *counter;
    size_t answers_max;
};

struct mia__ab_run {
    const struct mia__ab_plan *plan;
    uint32_t threads;
    double speed;
    bool is_lazy;
};

/* Starts a child that opens path. most: operations of the longest round. others: processes that
 * were started before, whose pipes are none of the child's. */
mia_status mia__ab_process_start(struct mia__ab_process *p, const struct mia__ab_run *run,
                                 size_t most, const struct mia__ab_process *others, size_t count,
                                 struct mia_error *err);
/* Has the child do operations first .. first + count - 1 of the plan. count 0: to end. */
mia_status mia__ab_process_ask(struct mia__ab_process *p, uint64_t first, uint64_t count,
                               struct mia_error *err);
/* Waits for the child's message, up to this long; MIA_NOTFOUND: it has not come yet. An error that
 * the child reports is returned as if it had happened here. */
mia_status mia__ab_process_wait(struct mia__ab_process *p, int timeout_ms,
                                struct mia__ab_message *message, struct mia_error *err);
/* Ends the child at once, if it has not ended. */
void mia__ab_process_stop(struct mia__ab_process *p);

/* child.c. The child's life; its result is the exit code. */
int mia__ab_child(const struct mia__ab_process *p, const struct mia__ab_run *run, int commands,
                  int messages);
struct mia__ab_command {
    uint64_t first, count;
};
/* False: the other end is gone. */
bool mia__ab_receive(int fd, void *to, size_t size);

/* work.c. Does operations first .. first + count - 1 with the run's threads. */
mia_status mia__ab_work(struct mia__ab_side *side, const struct mia__ab_process *p,
                        const struct mia__ab_run *run, struct mia__ab_command what,
                        struct mia_error *err);

#endif
