/* ab/child.c - what a child does: opens its side, obeys, says how it went */
#include "ab/process.h"

#include "ab/clock.h"
#include "base/error.h"
#include "base/file.h"

/* What grew since, and never less than nothing: the kernel counts pages in its own time. */
static uint64_t grown(uint64_t now, uint64_t before)
{
    return now > before ? now - before : 0;
}

static bool tell(int messages, struct mia__ab_message *message, const struct mia__ab_usage *idle)
{
    struct mia__ab_usage *now = &message->usage;
    mia__ab_usage(now);
    now->bytes_read = grown(now->bytes_read, idle->bytes_read);
    now->bytes_written = grown(now->bytes_written, idle->bytes_written);
    now->memory_own = grown(now->memory_own, idle->memory_own);
    now->memory_mapped = grown(now->memory_mapped, idle->memory_mapped);
    return mia__fd_write(messages, "the pipe to the parent process", message, sizeof *message,
                         NULL) == MIA_OK;
}

int mia__ab_child(const struct mia__ab_process *p, const struct mia__ab_run *run, int commands,
                  int messages)
{
    struct mia__ab_side side;
    struct mia__ab_command command;
    struct mia__ab_usage idle;
    struct mia__ab_message message = {0};
    mia__ab_usage(&idle);
    uint64_t began = mia__ab_now();
    message.status =
        mia__ab_side_open(&side, run->plan, p->access, p->path, run->is_lazy, &message.error);
    message.seconds = (double)(mia__ab_now() - began) / 1e9;
    if (message.status >= 0)
        mia__ab_side_settle(&side);
    while (tell(messages, &message, &idle) && message.status >= 0) {
        if (!mia__ab_receive(commands, &command, sizeof command) || command.count == 0)
            break;
        message.status = mia__ab_work(&side, p, run, command, &message.error);
    }
    mia__ab_side_close(&side);
    return 0;
}
