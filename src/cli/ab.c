/* cli/ab.c - mia ab: two databases under the same operations */
#include "cli/command.h"

#include "cli/ab_report.h"
#include "cli/failure.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "cli/text.h"
#include "mia/mia.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

struct settings {
    const char *workload, *trace, *skew, *speed, *scratch, *html, *gate;
    uint64_t operations, records, rounds, threads, seed;
    bool pace, lazy, sled_files, keys, progress, quiet;
};

#define NUMBER(member, name, help, min, max)                                                       \
    {                                                                                              \
        name, "N", help, CLI_OPTION_NUMBER, offsetof(struct settings, member), min, max            \
    }

static const struct cli_option options[] = {
    CLI_TEXT(struct settings, workload, "workload", "NAME",
             "read (default), mixed, scan, graph, vector"),
    CLI_TEXT(struct settings, trace, "trace", "FILE", "replay what a program did"),
    NUMBER(operations, "operations", "on each side (120,000; of a trace: all)", 6, 10000000),
    NUMBER(records, "records", "keys that are drawn from A (100,000)", 1, 10000000),
    NUMBER(rounds, "rounds", "6 to 60 (12)", MIA_AB_ROUNDS_MIN, MIA_AB_ROUNDS_MAX),
    NUMBER(threads, "threads", "1 to 64 (1)", 1, 64),
    CLI_TEXT(struct settings, skew, "skew", "X", "exponent of Zipf's law (0: all keys alike)"),
    NUMBER(seed, "seed", "the same seed draws the same operations (1)", 1, UINT64_MAX),
    CLI_FLAG(struct settings, pace, "pace", "a trace as fast as it was recorded"),
    CLI_TEXT(struct settings, speed, "speed", "X", "a trace X times as fast as that"),
    CLI_FLAG(struct settings, lazy, "lazy", "commits need not be on disk"),
    CLI_FLAG(struct settings, sled_files, "sled-files",
             "sled's files by mia's own reader, though sled is built in"),
    CLI_TEXT(struct settings, scratch, "scratch", "DIR", "where copies go ($TMPDIR)"),
    CLI_TEXT(struct settings, html, "html", "FILE", "write the report as one HTML file"),
    CLI_TEXT(struct settings, gate, "gate", "LIMITS",
             "for instance p99=1.2,median=1.1: exit 1 if B/A is more"),
    CLI_FLAG(struct settings, keys, "keys", "show the keys of answers that differ"),
    CLI_FLAG(struct settings, progress, "progress", "progress lines also where stderr is a file"),
    CLI_FLAG(struct settings, quiet, "quiet", "print nothing but errors"),
    CLI_END,
};

/* ---- the command line */

static bool read_real(struct cli *cli, const char *name, const char *text, double most, double *to)
{
    char *end;
    if (text == NULL)
        return true;
    *to = strtod(text, &end);
    if (text[0] >= '0' && text[0] <= '9' && *end == '\0' && isfinite(*to) && *to <= most)
        return true;
    cli_usage_error(cli, "--%s: '%s' is not a number from 0 to %g", name, text, most);
    return false;
}

static bool read_workload(struct cli *cli, const char *name, enum mia_ab_workload *workload)
{
    if (name == NULL)
        return true;
    for (int w = 0; w < MIA_AB_WORKLOADS; w++)
        if (strcmp(mia_ab_workload_name((enum mia_ab_workload)w), name) == 0) {
            *workload = (enum mia_ab_workload)w;
            return true;
        }
    cli_usage_error(cli, "--workload: '%s' is not one of read, mixed, scan, graph, vector", name);
    return false;
}

static bool read_settings(struct cli *cli, const struct settings *s, struct mia_ab_options *o,
                          struct ab_gate *gate)
{
    const char *wrong;
    *o = (struct mia_ab_options){.struct_size = sizeof *o,
                                 .a = cli->arguments[0],
                                 .b = cli->arguments[1],
                                 .trace = s->trace,
                                 .operations = s->operations,
                                 .records = s->records,
                                 .rounds = (uint32_t)s->rounds,
                                 .threads = (uint32_t)s->threads,
                                 .seed = s->seed,
                                 .speed = s->pace ? 1 : 0,
                                 .lazy = s->lazy,
                                 .sled_files = s->sled_files,
                                 .scratch = s->scratch};
    if (!read_workload(cli, s->workload, &o->workload) ||
        !read_real(cli, "skew", s->skew, 4, &o->skew) ||
        !read_real(cli, "speed", s->speed, 1e6, &o->speed))
        return false;
    if (s->gate != NULL && !cli_ab_gate_read(gate, s->gate, &wrong)) {
        cli_usage_error(cli,
                        "--gate: '%s' is no list of limits: median=1.1,p99=1.2 is one; there "
                        "are median, p99, p99.9 and mean",
                        wrong);
        return false;
    }
    const char *clash = s->progress && s->quiet                   ? "--progress and --quiet"
                        : s->trace != NULL && s->workload != NULL ? "--trace and --workload"
                        : s->pace && s->speed != NULL             ? "--pace and --speed"
                                                                  : NULL;
    if (clash != NULL)
        cli_usage_error(cli, "%s exclude each other", clash);
    else if ((s->pace || s->speed != NULL) && s->trace == NULL)
        cli_usage_error(cli, "--pace and --speed are for --trace");
    else
        return true;
    return false;
}

/* The command line, as a shell reads it; for free(). NULL: out of memory. */
static char *command_line(const struct cli *cli, int argc, char **argv)
{
    char *line = NULL;
    bool complete = cli_shell_append(&line, cli->program);
    for (int i = 0; i < argc && complete; i++)
        complete = cli_shell_append(&line, argv[i]);
    if (complete)
        return line;
    free(line);
    return NULL;
}

/* ---- the report */

static bool write_page(struct cli *cli, const char *path, const struct ab_result *result,
                       const char *json)
{
    static struct output page;
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666), failed = errno;
    if (fd >= 0) {
        cli_output_init(&page, fd);
        cli_ab_page(&page, result, json);
        cli_output_finish(&page);
        failed = page.failed;
        if (close(fd) != 0 && failed == 0)
            failed = errno;
    }
    if (fd >= 0 && failed == 0)
        return true;
    cli_fail_text(cli, CLI_EXIT_TARGET, MIA_ERR_IO, "cannot write the report %s: %s", path,
                  strerror(failed));
    return false;
}

static int conclude(struct cli *cli, const struct settings *s, const struct ab_result *result)
{
    const struct mia_ab_report *r = result->report;
    json_t *object = cli->json || s->html != NULL ? cli_ab_object(result) : NULL;
    if (s->html != NULL) {
        char *text =
            object != NULL ? json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(9)) : NULL;
        bool written = text != NULL && write_page(cli, s->html, result, text);
        free(text);
        if (!written) {
            json_decref(object);
            return text != NULL ? CLI_EXIT_TARGET
                                : cli_fail_text(cli, CLI_EXIT_REFUSED, MIA_ERR_NOMEM,
                                                "out of memory while the report was made");
        }
    }
    if (cli->json && !cli_json_print(cli, object))
        return CLI_EXIT_REFUSED;
    if (!cli->json) {
        json_decref(object);
        if (!s->quiet)
            cli_ab_print(&cli->out, result);
    }
    if (r->trace_torn_at > 0)
        cli_message(cli,
                    "the recording of %s was cut off by a crash: nothing behind byte %llu was used",
                    s->trace, (unsigned long long)r->trace_torn_at);
    bool is_bad = mia_ab_mismatched(r) > 0 || cli_ab_gate_is_exceeded(result->gate, r);
    return is_bad ? CLI_EXIT_DIFFERENT : CLI_EXIT_DONE;
}

static enum cli_exit exit_of(mia_status rc)
{
    return rc == MIA_ERR_CANCELLED ? CLI_EXIT_INTERRUPTED : cli_exit_of_status(rc);
}

static int run(struct cli *cli, int argc, char **argv)
{
    struct settings s = {0};
    struct mia_ab_options o;
    struct ab_gate gate = {0};
    struct mia_ab_report *report;
    struct mia_error err = {0};
    struct progress progress;
    int exit_code;
    if (!cli_options_read(cli, argc, argv, &s, &exit_code))
        return exit_code;
    if (!read_settings(cli, &s, &o, &gate))
        return CLI_EXIT_USAGE;
    char *command = command_line(cli, argc, argv);
    if (command == NULL)
        return cli_fail_text(cli, CLI_EXIT_REFUSED, MIA_ERR_NOMEM, "out of memory");
    cli_progress_begin(&progress, cli, s.progress, s.quiet);
    o.progress = cli_progress_show;
    o.progress_ctx = &progress;
    mia_status rc = mia_ab_run(&o, &report, &err);
    cli_progress_end(&progress);
    struct ab_result result = {
        .report = report, .gate = &gate, .command = command, .with_keys = s.keys};
    exit_code = rc == MIA_OK ? conclude(cli, &s, &result) : cli_fail(cli, exit_of(rc), &err);
    mia_ab_report_free(report);
    free(command);
    return exit_code;
}

const struct cli_command cli_ab = {
    .name = "ab",
    .arguments = "A B",
    .summary = "compare speed and answers of two databases",
    .details =
        "Does the same operations on two databases of the same content, a sled directory and its\n"
        "migration for instance, and says which is faster, by how much, whether that is more than\n"
        "the noise of the machine, and whether all answers are equal. A is measured against "
        "itself,\n"
        "too: that is the noise. Neither is changed: what writes, and sled, work on copies.\n"
        "Operations are made from the keys of A, or are those of a trace (docs/ab.md).\n",
    .examples = "  mia ab --html report.html data/main data/main.mdbx\n"
                "  mia ab --workload mixed --threads 4 --skew 0.99 data/main data/main.mdbx\n"
                "  mia ab --trace day.trace --pace data/main data/main.mdbx\n"
                "  mia ab --gate median=1.1,p99=1.2 --quiet before.mdbx after.mdbx\n",
    .options = options,
    .exits = 0x7f,
    .arguments_min = 2,
    .arguments_max = 2,
    .run = run,
};
