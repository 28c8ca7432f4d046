/* ab/process.c - the parent's end of a child */
#include "ab/process.h"

#include "base/error.h"
#include "base/file.h"
#include "base/try.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static mia_status share(size_t size, void **at, struct mia_error *err)
{
    *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (*at != MAP_FAILED)
        return MIA_OK;
    *at = NULL;
    return mia__fail_errno(err, errno, "cannot have %zu bytes of shared memory", size);
}

static void unshare_memory(struct mia__ab_process *p)
{
    if (p->answers != NULL)
        munmap(p->answers, p->answers_max * sizeof *p->answers);
    if (p->near != NULL)
        munmap(p->near, p->answers_max * MIA__AB_NEAREST * sizeof *p->near);
    if (p->counter != NULL)
        munmap(p->counter, sizeof *p->counter);
    p->answers = NULL;
    p->near = NULL;
    p->counter = NULL;
}

static mia_status share_memory(struct mia__ab_process *p, const struct mia__ab_run *run,
                               struct mia_error *err)
{
    mia_status rc;
    void *answers = NULL, *near = NULL, *counter = NULL;
    TRY(share(p->answers_max * sizeof *p->answers, &answers, err));
    p->answers = answers;
    TRY(share(sizeof *p->counter, &counter, err));
    p->counter = counter;
    if (run->plan->searches)
        TRY(share(p->answers_max * MIA__AB_NEAREST * sizeof *p->near, &near, err));
    p->near = near;
done:
    return rc;
}

static void close_both(const int pipe_ends[2])
{
    close(pipe_ends[0]);
    close(pipe_ends[1]);
}

/* In the child: Ctrl-C is the parent's, which ends the child. */
static void become_child(pid_t parent)
{
    signal(SIGINT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    signal(SIGTERM, SIG_DFL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
}

mia_status mia__ab_process_start(struct mia__ab_process *p, const struct mia__ab_run *run,
                                 size_t most, const struct mia__ab_process *others, size_t count,
                                 struct mia_error *err)
{
    mia_status rc;
    int commands[2], messages[2];
    pid_t parent = getpid();
    p->answers_max = most;
    TRY(share_memory(p, run, err));
    if (pipe2(commands, O_CLOEXEC) != 0)
        return mia__fail_errno(err, errno, "cannot make a pipe");
    if (pipe2(messages, O_CLOEXEC) != 0) {
        rc = mia__fail_errno(err, errno, "cannot make a pipe");
        close_both(commands);
        goto done;
    }
    p->pid = fork();
    if (p->pid == 0) {
        become_child(parent);
        for (size_t i = 0; i < count; i++) {
            close(others[i].commands);
            close(others[i].messages);
        }
        close(commands[1]);
        close(messages[0]);
        _exit(mia__ab_child(p, run, commands[0], messages[1]));
    }
    if (p->pid < 0) {
        rc = mia__fail_errno(err, errno, "cannot start a process");
        p->pid = 0;
        close_both(commands);
        close_both(messages);
        goto done;
    }
    close(commands[0]);
    close(messages[1]);
    p->commands = commands[1];
    p->messages = messages[0];
done:
    return rc;
}

mia_status mia__ab_process_ask(struct mia__ab_process *p, uint64_t first, uint64_t count,
                               struct mia_error *err)
{
    struct mia__ab_command command = {first, count};
    atomic_store(&p->counter->done, 0);
    return mia__fd_write(p->commands, "the pipe to a child process", &command, sizeof command, err);
}

bool mia__ab_receive(int fd, void *to, size_t size)
{
    uint8_t *at = to;
    while (size > 0) {
        ssize_t n = read(fd, at, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        at += n;
        size -= (size_t)n;
    }
    return true;
}

/* A child that said nothing ended by itself. */
static mia_status explain_end(struct mia__ab_process *p, struct mia_error *err)
{
    int how = 0;
    while (waitpid(p->pid, &how, 0) < 0 && errno == EINTR)
        ;
    p->pid = 0;
    close(p->commands);
    close(p->messages);
    if (WIFSIGNALED(how))
        return mia__fail(err, MIA_ERR_INTERNAL,
                         "the process that worked on %s was ended by signal %d (%s)", p->path,
                         WTERMSIG(how), strsignal(WTERMSIG(how)));
    return mia__fail(err, MIA_ERR_INTERNAL, "the process that worked on %s ended by itself",
                     p->path);
}

mia_status mia__ab_process_wait(struct mia__ab_process *p, int timeout_ms,
                                struct mia__ab_message *message, struct mia_error *err)
{
    struct pollfd one = {.fd = p->messages, .events = POLLIN};
    int ready = poll(&one, 1, timeout_ms);
    if (ready == 0 || (ready < 0 && errno == EINTR))
        return MIA_NOTFOUND;
    if (!mia__ab_receive(p->messages, message, sizeof *message))
        return explain_end(p, err);
    if (message->status < 0 && err != NULL)
        *err = message->error;
    return message->status;
}

void mia__ab_process_stop(struct mia__ab_process *p)
{
    if (p->pid > 0) {
        kill(p->pid, SIGKILL);
        while (waitpid(p->pid, NULL, 0) < 0 && errno == EINTR)
            ;
        close(p->commands);
        close(p->messages);
    }
    p->pid = 0;
    unshare_memory(p);
}
