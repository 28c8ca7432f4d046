/* cli/progress.c - when to print a progress line, and where */
#include "cli/progress.h"

#include "cli/failure.h"
#include "cli/interrupt.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

static const double redraw_seconds = 0.1; /* at most ten times a second */
static const double line_seconds = 5;     /* plain lines: a log is read later */
static const double delay_seconds = 0.3;  /* what is over sooner need not flash a line */

enum { LINE_BYTES = 512, COLUMNS_UNKNOWN = 80 };

static double now_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool is_set(const char *variable)
{
    const char *value = getenv(variable);
    return value != NULL && value[0] != '\0';
}

/* A terminal that can go back to the begin of a line, and on which we are in the foreground. */
static bool can_redraw(void)
{
    const char *terminal = getenv("TERM");
    return isatty(STDERR_FILENO) && terminal != NULL && strcmp(terminal, "dumb") != 0 &&
           tcgetpgrp(STDERR_FILENO) == getpgrp();
}

void cli_progress_begin(struct progress *progress, const struct cli *cli, bool lines, bool quiet)
{
    memset(progress, 0, sizeof *progress);
    progress->cli = cli;
    progress->is_quiet = quiet;
    if (quiet)
        progress->mode = PROGRESS_OFF;
    else if (can_redraw())
        progress->mode = PROGRESS_REDRAW;
    else
        progress->mode = lines ? PROGRESS_LINES : PROGRESS_OFF;
    progress->colour = progress->mode == PROGRESS_REDRAW && !is_set("NO_COLOR");
    progress->started = now_seconds();
    cli_interrupt_catch();
}

static size_t terminal_columns(void)
{
    struct winsize size;
    bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return known ? size.ws_col : COLUMNS_UNKNOWN;
}

static void print(struct progress *p, double now)
{
    char line[LINE_BYTES];
    if (p->mode == PROGRESS_REDRAW) {
        /* one column less: a full line would make some terminals go to the next */
        cli_progress_line(line, sizeof line, &p->state, terminal_columns() - 1, p->colour);
        fprintf(stderr, "\r%s\033[K", line);
        p->is_drawn = true;
    } else {
        cli_progress_line(line, sizeof line, &p->state, sizeof line, false);
        cli_message(p->cli, "%s", line);
    }
    p->printed = now;
    p->is_pending = false;
}

void cli_progress_clear(struct progress *p)
{
    if (p->is_drawn)
        fputs("\r\033[K", stderr);
    p->is_drawn = false;
}

static bool is_due(const struct progress *p, bool is_new_phase, double now)
{
    if (p->printed == 0)
        return p->mode == PROGRESS_LINES || now - p->started >= delay_seconds;
    double pause = p->mode == PROGRESS_REDRAW || is_new_phase ? redraw_seconds : line_seconds;
    return now - p->printed >= pause;
}

static void enter_phase(struct progress *p, const struct mia_progress *first, double now)
{
    p->phase_started = now;
    p->state.first_records = first->records_done;
    p->state.first_bytes = first->bytes_done;
}

static bool is_same_phase(const struct progress *p, const struct mia_progress *now)
{
    return p->state.now.phase != NULL && strcmp(p->state.now.phase, now->phase) == 0;
}

static bool stop_wanted(struct progress *p)
{
    if (!cli_interrupted())
        return false;
    if (!p->is_announced && p->mode != PROGRESS_OFF) {
        cli_progress_clear(p);
        cli_message(p->cli, "stopping at the next safe point; once more stops at once");
    }
    p->is_announced = true;
    return true;
}

/* Who made the file wants to know that it was seen. */
static void note_pause(struct progress *p, const struct mia_progress *now)
{
    bool is_paused = strcmp(now->phase, "paused") == 0;
    if (is_paused == p->is_paused || p->pause_file == NULL)
        return;
    p->is_paused = is_paused;
    if (p->is_quiet)
        return;
    cli_progress_clear(p);
    cli_message(p->cli, is_paused ? "paused while %s exists" : "%s is gone: going on",
                p->pause_file);
}

bool cli_progress_show(void *ctx, const struct mia_progress *progress)
{
    struct progress *p = ctx;
    if (stop_wanted(p))
        return false;
    note_pause(p, progress);
    if (p->mode == PROGRESS_OFF)
        return true;
    double now = now_seconds();
    bool is_new_phase = !is_same_phase(p, progress);
    if (is_new_phase)
        enter_phase(p, progress, now);
    p->state.now = *progress;
    p->state.seconds = now - p->phase_started;
    p->is_pending = true;
    if (is_due(p, is_new_phase, now))
        print(p, now);
    return true;
}

void cli_progress_end(struct progress *p)
{
    if (p->mode == PROGRESS_LINES && p->is_pending && !p->is_announced)
        print(p, now_seconds());
    cli_progress_clear(p);
}
