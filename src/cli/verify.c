/* cli/verify.c - mia verify: compares two databases record by record, both directions */
#include "cli/command.h"

#include "cli/differences.h"
#include "cli/failure.h"
#include "cli/findings.h"
#include "cli/human.h"
#include "cli/json.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "cli/text.h"
#include "cli/verify_report.h"
#include "mia/mia.h"

#include <stdio.h>
#include <stdlib.h>

enum { SHOWN_MAX = 20 }; /* differences that are printed; --report has all of them */

struct settings {
    const char *report, *pause_file;
    uint64_t max_rate;
    bool content, resume, repair, force, progress, quiet, torn;
};

static const struct cli_option options[] = {
    CLI_TEXT(struct settings, report, "report", "FILE", "write all differences as JSON lines"),
    CLI_FLAG(struct settings, content, "content", "with --report: the values of the records, too"),
    CLI_FLAG(struct settings, resume, "resume", "go on with an interrupted verification"),
    CLI_FLAG(struct settings, repair, "repair",
             "make TARGET what SOURCE is, pair by pair, and verify again"),
    CLI_FLAG(struct settings, force, "force",
             "with --repair: even if that undoes what was written to TARGET since"),
    CLI_PACE(struct settings),
    CLI_FLAG(struct settings, progress, "progress", "progress lines also where stderr is a file"),
    CLI_FLAG(struct settings, quiet, "quiet", "print nothing but errors"),
    CLI_FLAG(struct settings, torn, "accept-torn-log",
             "take what sled recovers of a log torn by a crash"),
    CLI_END,
};

/* What the callbacks need. */
struct listing {
    struct cli *cli;
    struct progress *progress;
    bool is_text;  /* print the first ones as text */
    json_t *first; /* or collect them; NULL without --json */
    struct verify_report report;
    uint64_t seen; /* by this run */
    bool is_out_of_memory;
};

static void print_difference(struct output *out, const struct mia_difference *d)
{
    cli_output_format(out, "%s: tree '", mia_difference_text(d->difference));
    cli_output_escaped(out, d->tree);
    cli_output_text(out, "' key '");
    cli_output_escaped(out, d->key);
    cli_output_text(out, "'");
    if (d->difference == MIA_DIFF_ORDER || d->difference == MIA_DIFF_UNDECODABLE)
        cli_output_format(out, " in %s%s", d->side == MIA_SIDE_BOTH ? "" : "the ",
                          mia_side_text(d->side));
    if (d->detail[0] != '\0') {
        cli_output_text(out, ": ");
        cli_output_escaped(out, mia_bytes_of(d->detail));
    }
    cli_output_text(out, "\n");
}

static void take_difference(void *ctx, const struct mia_difference *d)
{
    struct listing *l = ctx;
    bool is_shown = l->seen++ < SHOWN_MAX;
    if (is_shown && l->is_text) {
        cli_progress_clear(l->progress);
        print_difference(&l->cli->out, d);
        cli_output_finish(&l->cli->out);
    }
    if (is_shown && l->first != NULL &&
        json_array_append_new(l->first, cli_verify_difference(d)) != 0)
        l->is_out_of_memory = true;
    cli_verify_report_add(&l->report, d);
}

/* A report that cannot be written is no use: there is nothing to go on for. */
static bool show_progress(void *ctx, const struct mia_progress *now)
{
    struct listing *l = ctx;
    return cli_progress_show(l->progress, now) && !cli_verify_report_failed(&l->report);
}

/* ---- results */

static json_t *report_object(const struct cli *cli, const struct settings *s,
                             const struct mia_verify_report *r, json_t *first)
{
    json_t *object = json_object();
    bool complete = cli_json_add_bytes(object, "source", mia_bytes_of(cli->arguments[0])) &&
                    cli_json_add_bytes(object, "target", mia_bytes_of(cli->arguments[1]));
    json_t *numbers =
        json_pack("{s:b, s:o, s:o, s:o, s:o, s:O, s:s, s:f}", "identical",
                  cli_differences_total(r->differences) == 0, "trees", cli_json_count(r->trees),
                  "records", cli_json_count(r->records), "bytes", cli_json_count(r->bytes),
                  "differences", cli_differences_object(r->differences), "first_differences", first,
                  "digest", r->digest, "seconds", r->seconds);
    json_t *typed = json_pack(
        "{s:o, s:o, s:o}", "left_out_records", cli_json_count(r->left_out_records), "findings",
        cli_findings_object(r->findings), "resumed_records", cli_json_count(r->resumed_records));
    if (s->repair && complete)
        complete =
            json_object_set_new(object, "repaired", cli_differences_object(r->repaired)) == 0;
    return cli_json_with(cli_json_with(object, complete, numbers), true, typed);
}

/* "3 differences, all repaired, verified." and the like. */
static void print_verdict(struct output *out, const struct settings *s,
                          const struct mia_verify_report *r)
{
    uint64_t differences = cli_differences_total(r->differences);
    uint64_t repaired = cli_differences_total(r->repaired);
    if (s->repair && differences == 0 && repaired > 0)
        cli_output_format(out, "%s difference%s, all repaired, verified.\n",
                          cli_human_count(repaired).text, cli_plural(repaired));
    else if (s->repair && differences > 0)
        cli_output_format(out, "%s difference%s left after a repair.\n",
                          cli_human_count(differences).text, cli_plural(differences));
    else if (differences > 0)
        cli_output_format(out, "%s difference%s.\n", cli_human_count(differences).text,
                          cli_plural(differences));
    else if (r->findings[MIA_FINDING_RESPELLED] > 0)
        cli_output_text(out, "Identical in all values, not in spelling.\n");
    else
        cli_output_text(out, s->repair ? "Identical: nothing to repair.\n" : "Identical.\n");
}

static void print_summary(const struct listing *l, const struct settings *s,
                          const struct mia_verify_report *r)
{
    struct output *out = &l->cli->out;
    if (l->seen > SHOWN_MAX)
        cli_output_format(out, "... and %s more\n", cli_human_count(l->seen - SHOWN_MAX).text);
    print_verdict(out, s, r);
    cli_differences_print(out, s->repair && cli_differences_total(r->differences) == 0
                                   ? r->repaired
                                   : r->differences);
    cli_findings_print(out, r->findings);
    cli_field(out, "trees", "%s", cli_human_count(r->trees).text);
    cli_field(out, "records", "%s, %s", cli_human_count(r->records).text,
              cli_human_bytes(r->bytes).text);
    if (r->resumed_records > 0)
        cli_field(out, "resumed", "%s, compared by an earlier run",
                  cli_human_count(r->resumed_records).text);
    if (r->left_out_records > 0)
        cli_field(out, "left out", "%s, in MIA's index trees",
                  cli_human_count(r->left_out_records).text);
    cli_field(out, "time", "%-8s %s", cli_human_seconds(r->seconds).text,
              cli_human_rate(r->records - r->resumed_records, r->seconds).text);
    cli_field(out, "digest", "%s", r->digest);
}

/* Prints the result of a comparison that came to its end; returns its exit code. */
static int conclude(struct listing *l, const struct settings *s, const struct mia_verify_report *r)
{
    struct cli *cli = l->cli;
    if (!cli_verify_report_close(&l->report, cli))
        return CLI_EXIT_TARGET;
    if (l->is_out_of_memory)
        return cli_fail_text(cli, CLI_EXIT_REFUSED, MIA_ERR_NOMEM,
                             "out of memory: not all differences could be listed");
    if (cli->json && !cli_json_print(cli, report_object(cli, s, r, l->first)))
        return CLI_EXIT_REFUSED;
    if (!cli->json && !s->quiet)
        print_summary(l, s, r);
    return cli_differences_total(r->differences) == 0 ? CLI_EXIT_DONE : CLI_EXIT_DIFFERENT;
}

/* The command that goes on after an interruption, for a shell. A repair is not gone on with but
 * done again, since what is repaired is no difference any more. NULL: out of memory. */
static char *resume_command(const struct cli *cli, const struct settings *s)
{
    const char *source = cli->arguments[0], *target = cli->arguments[1];
    const char *const words[] = {
        cli->program,
        cli->command->name,
        s->repair ? "--repair" : "--resume",
        s->force ? "--force" : NULL,
        s->report != NULL ? "--report" : NULL,
        s->report,
        s->content ? "--content" : NULL,
        s->torn ? "--accept-torn-log" : NULL,
        s->progress ? "--progress" : NULL,
        s->quiet ? "--quiet" : NULL,
        cli->json ? "--json" : NULL,
        source[0] == '-' || target[0] == '-' ? "--" : NULL,
        source,
        target,
    };
    return cli_shell_line(words, sizeof words / sizeof words[0]);
}

static int fail(struct listing *l, const struct settings *s, const struct mia_verify_report *r,
                const struct mia_error *err)
{
    struct cli *cli = l->cli;
    bool has_failed = cli_verify_report_failed(&l->report);
    bool is_written = cli_verify_report_close(&l->report, cli);
    if (has_failed || (!is_written && err->status == MIA_ERR_CANCELLED))
        return CLI_EXIT_TARGET; /* that is why it was stopped, and said */
    enum cli_exit exit = cli_exit_of_failure(r->failure, err->status);
    char *resume =
        exit == CLI_EXIT_INTERRUPTED && (r->resumable || s->repair) ? resume_command(cli, s) : NULL;
    cli_message(cli, "%s", err->message);
    if (resume != NULL)
        fprintf(stderr, "To go on:\n  %s\n", resume);
    if (cli->json) {
        json_t *error = cli_error_object(cli, exit, err);
        if (resume != NULL)
            json_object_set_new(error, "resume_command", json_string(resume));
        cli_json_print(cli, json_pack("{s:o}", "error", error));
    }
    free(resume);
    return (int)exit;
}

/* ---- */

static int compare(struct cli *cli, const struct settings *s, struct listing *l)
{
    struct mia_error err = {0};
    char settings[4200];
    struct mia_verify_report report = {.struct_size = sizeof report};
    struct mia_verify_options verify = {
        .struct_size = sizeof verify,
        .source = cli->arguments[0],
        .target = cli->arguments[1],
        .accept_torn_log = s->torn,
        .difference = take_difference,
        .difference_ctx = l,
        .progress = show_progress,
        .progress_ctx = l,
        .content = s->content,
        .repair = s->repair,
        .force = s->force,
        .resume = s->resume,
        .settings = settings,
        .mark = cli_verify_report_mark,
        .rewind = cli_verify_report_rewind,
        .mark_ctx = &l->report,
        .max_rate = s->max_rate,
        .pause_file = s->pause_file,
    };
    snprintf(settings, sizeof settings, "%s%s%s", s->content ? "content " : "",
             s->report != NULL ? "report " : "", s->report != NULL ? s->report : "");
    mia_status rc = mia_verify(&verify, &report, &err);
    cli_progress_end(l->progress);
    return rc == MIA_OK ? conclude(l, s, &report) : fail(l, s, &report, &err);
}

static bool is_usable(struct cli *cli, const struct settings *s)
{
    if (s->progress && s->quiet)
        cli_usage_error(cli, "--progress and --quiet exclude each other");
    else if (s->content && s->report == NULL)
        cli_usage_error(cli, "--content goes with --report");
    else if (s->force && !s->repair)
        cli_usage_error(cli, "--force goes with --repair");
    else if (s->resume && s->repair)
        cli_usage_error(cli, "--repair needs no --resume: run it again");
    else
        return true;
    return false;
}

static int run(struct cli *cli, int argc, char **argv)
{
    struct settings s = {0};
    struct progress progress;
    int exit_code;
    if (!cli_options_read(cli, argc, argv, &s, &exit_code))
        return exit_code;
    if (!is_usable(cli, &s))
        return CLI_EXIT_USAGE;
    struct listing listing = {.cli = cli,
                              .progress = &progress,
                              .is_text = !cli->json && !s.quiet,
                              .report = {.path = s.report, .content = s.content}};
    if (!cli_verify_report_open(&listing.report, cli, s.resume))
        return CLI_EXIT_TARGET;
    listing.first = cli->json ? json_array() : NULL;
    cli_progress_begin(&progress, cli, s.progress, s.quiet);
    progress.pause_file = s.pause_file;
    exit_code = compare(cli, &s, &listing);
    json_decref(listing.first);
    return exit_code;
}

const struct cli_command cli_verify = {
    .name = "verify",
    .arguments = "SOURCE TARGET",
    .summary = "compare two databases record by record, repair the second",
    .details =
        "Reads every pair of every tree of both databases and compares them byte for byte, in "
        "both\n"
        "directions. Either may be sled or libmdbx. Records of a typed database are encoded as "
        "MIA\n"
        "had them first; where only the spelling of their JSON differs the values are compared, "
        "and\n"
        "such records are counted. The first 20 differences are printed, in the classes missing,\n"
        "extra, value, undecodable and order; --report has all of them, one JSON object a line:\n"
        "  {\"class\":\"value\",\"side\":\"both\",\"tree\":\"nodes\",\"key\":\"msg_1\"}\n"
        "with tree_hex and key_hex where the bytes are no text. Values are written with --content\n"
        "only: value_source and value_target as JSON, value_source_hex and so on where they are "
        "no\n"
        "records.\n"
        "\n"
        "A verification that is stopped leaves TARGET.mia-verify, a small file, and goes on from "
        "it\n"
        "with --resume while both databases are unchanged.\n"
        "\n"
        "--repair copies what differs from SOURCE to TARGET, which must be made by `mia migrate` "
        "and\n"
        "in use by nobody; then all is verified once more. Exit code 0 says that no difference is\n"
        "left. Stop it at any time and run it again. What an application wrote to TARGET since "
        "the\n"
        "migration would be undone: that is refused without --force, and so is a SOURCE that is\n"
        "not, or not any more, what TARGET was made from.\n",
    .examples = "  mia verify data/main data/main.mdbx\n"
                "  mia verify --report differences.jsonl data/main data/main.mdbx\n"
                "  mia verify --resume --report differences.jsonl data/main data/main.mdbx\n"
                "  mia verify --repair data/main data/main.mdbx\n",
    .options = options,
    .exits = 0x7f,
    .arguments_min = 2,
    .arguments_max = 2,
    .run = run,
};
