/* cli/check.c - mia check: is a database sound? */
#include "cli/command.h"

#include "cli/failure.h"
#include "cli/human.h"
#include "cli/json.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "cli/source.h"
#include "mia/mia.h"

enum { LISTED_MAX = 1000 }; /* problems in one JSON document */

struct settings {
    bool progress, quiet, torn;
};

static const struct cli_option options[] = {
    CLI_FLAG(struct settings, progress, "progress", "progress lines also where stderr is a file"),
    CLI_FLAG(struct settings, quiet, "quiet", "print nothing but errors"),
    CLI_FLAG(struct settings, torn, "accept-torn-log",
             "take what sled recovers of a log torn by a crash"),
    CLI_END,
};

struct listing {
    struct cli *cli;
    struct progress *progress;
    json_t *lines; /* NULL without --json */
    bool quiet;
};

static void take_problem(void *ctx, const char *line)
{
    struct listing *l = ctx;
    if (l->lines != NULL) {
        if (json_array_size(l->lines) < LISTED_MAX)
            json_array_append_new(l->lines, cli_json_text(line));
    } else if (!l->quiet) {
        cli_progress_clear(l->progress);
        cli_output_escaped(&l->cli->out, mia_bytes_of(line));
        cli_output_text(&l->cli->out, "\n");
        cli_output_finish(&l->cli->out);
    }
}

static json_t *report_object(const struct cli *cli, const struct mia_check_report *r, json_t *lines)
{
    json_t *object = json_object();
    json_t *rest = json_pack("{s:b, s:o, s:o, s:o, s:o, s:O}", "sound", r->problems == 0, "trees",
                             cli_json_count(r->trees), "records", cli_json_count(r->records),
                             "bytes", cli_json_count(r->bytes), "problems",
                             cli_json_count(r->problems), "lines", lines);
    bool complete = cli_json_add_bytes(object, "path", mia_bytes_of(cli->arguments[0]));
    return cli_json_with(object, complete, rest);
}

static void print_summary(struct output *out, const struct mia_check_report *r)
{
    if (r->problems == 0)
        cli_output_text(out, "sound");
    else
        cli_output_format(out, "%s problem%s", cli_human_count(r->problems).text,
                          cli_plural(r->problems));
    cli_output_format(out, ": %s tree%s, %s record%s, %s\n", cli_human_count(r->trees).text,
                      cli_plural(r->trees), cli_human_count(r->records).text,
                      cli_plural(r->records), cli_human_bytes(r->bytes).text);
}

static int run(struct cli *cli, int argc, char **argv)
{
    struct settings s = {0};
    struct mia_error err = {0};
    struct progress progress;
    int exit_code;
    if (!cli_options_read(cli, argc, argv, &s, &exit_code))
        return exit_code;
    if (s.progress && s.quiet)
        return cli_usage_error(cli, "--progress and --quiet exclude each other");
    cli_progress_begin(&progress, cli, s.progress, s.quiet);
    struct mia_check_report report = {.struct_size = sizeof report};
    struct mia_source_options source = {.struct_size = sizeof source,
                                        .accept_torn_log = s.torn,
                                        .progress = cli_progress_show,
                                        .progress_ctx = &progress};
    struct listing listing = {cli, &progress, cli->json ? json_array() : NULL, s.quiet};
    const char *path = cli->arguments[0];
    mia_status rc = mia_check(path, &source, take_problem, &listing, &report, &err);
    cli_progress_end(&progress);
    if (rc == MIA_NOTFOUND)
        cli_source_absent(path, &err);
    if (rc != MIA_OK)
        exit_code = cli_fail(cli, cli_exit_of_status(rc), &err);
    else
        exit_code = report.problems == 0 ? CLI_EXIT_DONE : CLI_EXIT_DAMAGED;
    if (rc == MIA_OK && cli->json) {
        if (!cli_json_print(cli, report_object(cli, &report, listing.lines)))
            exit_code = CLI_EXIT_REFUSED;
    } else if (rc == MIA_OK && !s.quiet) {
        print_summary(&cli->out, &report);
    }
    json_decref(listing.lines);
    return exit_code;
}

const struct cli_command cli_check = {
    .name = "check",
    .arguments = "DB",
    .summary = "check a database for damage",
    .details = "Checks the engine's own structures and the order of keys, and of a raw migration "
               "also the\n"
               "folded keys and the recorded counts. One line per problem.\n",
    .examples = "  mia check data/main.mdbx\n"
                "  mia check --json data/main\n",
    .options = options,
    .exits = 1u << CLI_EXIT_DONE | 1u << CLI_EXIT_USAGE | 1u << CLI_EXIT_DAMAGED |
             1u << CLI_EXIT_REFUSED | 1u << CLI_EXIT_INTERRUPTED | 1u << CLI_EXIT_TARGET,
    .arguments_min = 1,
    .arguments_max = 1,
    .run = run,
};
