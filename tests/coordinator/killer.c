/* killer.c - commits counted, and the process killed at one of them */
#include "coordinator/killer.h"

#include <signal.h>
#include <unistd.h>

static struct mia_engine_ops killers[2];
static const struct mia_engine_ops *reals[2];
static unsigned commits_left;
static bool kills_after;

static void die(void)
{
    kill(getpid(), SIGKILL);
    pause();
}

static mia_status count_commit(const struct mia_engine_ops *real, void *txn, struct mia_error *err)
{
    bool is_last = commits_left > 0 && --commits_left == 0;
    if (is_last && !kills_after)
        die();
    mia_status rc = real->commit(txn, err);
    if (is_last)
        die();
    return rc;
}

static mia_status commit_first(void *txn, struct mia_error *err)
{
    return count_commit(reals[0], txn, err);
}

static mia_status commit_second(void *txn, struct mia_error *err)
{
    return count_commit(reals[1], txn, err);
}

const struct mia_engine_ops *killer_engine(const struct mia_engine_ops *real)
{
    int i = reals[0] != NULL && reals[0] != real;
    reals[i] = real;
    killers[i] = *real;
    killers[i].commit = i == 0 ? commit_first : commit_second;
    return &killers[i];
}

void killer_arm(unsigned n, bool is_after)
{
    commits_left = n;
    kills_after = is_after;
}
