/*
 * cli/progress.h - how far a long call is, on stderr, and Ctrl-C on its way into the library
 *
 * On a terminal one line, redrawn at most ten times a second and cut to the width; elsewhere plain
 * lines, one every few seconds, if they are asked for. No signals, no timers: the callback looks at
 * a clock.
 */
#ifndef MIA_CLI_PROGRESS_H
#define MIA_CLI_PROGRESS_H

#include "cli/command.h"
#include "mia/status.h"

enum progress_mode { PROGRESS_OFF, PROGRESS_REDRAW, PROGRESS_LINES };

/* What a line is made of. Seconds and counts are those since the phase began. */
struct progress_state {
    struct mia_progress now;
    uint64_t first_records, first_bytes; /* at the begin of the phase: done by an earlier run */
    double seconds;
};

struct progress {
    const struct cli *cli;
    enum progress_mode mode;
    bool colour;
    bool is_drawn;                          /* a line stands on the terminal */
    bool is_pending;                        /* state is newer than what was printed */
    bool is_announced;                      /* "stopping" was said */
    bool is_quiet, is_paused;               /* paused: that was said, and not yet that it goes on */
    const char *pause_file;                 /* of --pause-file; NULL: none */
    double started, phase_started, printed; /* seconds of the monotonic clock */
    struct progress_state state;
};

/* lines, quiet: --progress and --quiet. Also begins to catch Ctrl-C (cli/interrupt.h). */
void cli_progress_begin(struct progress *progress, const struct cli *cli, bool lines, bool quiet);
/* A mia_progress_fn; ctx is the struct progress. False once the user wants to stop. */
bool cli_progress_show(void *ctx, const struct mia_progress *now);
/* Clears the terminal line, so that something else can be printed in between. */
void cli_progress_clear(struct progress *progress);
/* The end of the call: clears the terminal line, prints a last plain line. */
void cli_progress_end(struct progress *progress);

/* The text of a line, at most `columns` characters on the screen: what matters least is left out
 * first. size is at least 256. In progress_line.c. */
void cli_progress_line(char *out, size_t size, const struct progress_state *state, size_t columns,
                       bool colour);

#endif
