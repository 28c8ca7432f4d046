/* cli/verify.c - mia verify: compares two databases record by record, both directions */
#include "cli/command.h"

#include "cli/differences.h"
#include "cli/failure.h"
#include "cli/findings.h"
#include "cli/human.h"
#include "cli/json.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "mia/mia.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum { SHOWN_MAX = 20 }; /* differences that are printed; --report has all of them */

struct settings {
    const char *report, *pause_file;
    uint64_t max_rate;
    bool progress, quiet, torn;
};

static const struct cli_option options[] = {
    CLI_TEXT(struct settings, report, "report", "FILE", "write all differences as JSON lines"),
    CLI_PACE(struct settings),
    CLI_FLAG(struct settings, progress, "progress", "progress lines also where stderr is a file"),
    CLI_FLAG(struct settings, quiet, "quiet", "print nothing but errors"),
    CLI_FLAG(struct settings, torn, "accept-torn-log",
             "take what sled recovers of a log torn by a crash"),
    CLI_END,
};

/* What the callback for each difference needs. */
struct listing {
    struct cli *cli;
    struct progress *progress;
    bool is_text;         /* print the first ones as text */
    json_t *first;        /* or collect them; NULL without --json */
    struct output report; /* --report; fd -1 without */
    uint64_t seen;
    bool is_out_of_memory;
};

/* {"class", "tree", "key"}; tree_hex, key_hex where they are no text. NULL: out of memory. */
static json_t *difference_object(const struct mia_difference *d)
{
    json_t *object = json_pack("{s:s}", "class", cli_difference_name(d->difference));
    if (object != NULL && cli_json_add_bytes(object, "tree", d->tree) &&
        cli_json_add_bytes(object, "key", d->key))
        return object;
    json_decref(object);
    return NULL;
}

static void print_difference(struct output *out, const struct mia_difference *d)
{
    cli_output_format(out, "%s: tree '", mia_difference_text(d->difference));
    cli_output_escaped(out, d->tree);
    cli_output_text(out, "' key '");
    cli_output_escaped(out, d->key);
    cli_output_text(out, "'\n");
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
    if (is_shown && l->first != NULL && json_array_append_new(l->first, difference_object(d)) != 0)
        l->is_out_of_memory = true;
    if (l->report.fd >= 0 && !cli_json_print_line(&l->report, difference_object(d)))
        l->is_out_of_memory = true;
}

static json_t *report_object(const struct cli *cli, const struct mia_verify_report *r,
                             json_t *first)
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
    json_t *typed = json_pack("{s:o, s:o}", "left_out_records", cli_json_count(r->left_out_records),
                              "findings", cli_findings_object(r->findings));
    if (!complete || json_object_update(object, numbers) != 0 ||
        json_object_update(object, typed) != 0) {
        json_decref(object);
        object = NULL;
    }
    json_decref(numbers);
    json_decref(typed);
    return object;
}

static void print_summary(struct output *out, const struct mia_verify_report *r)
{
    uint64_t differences = cli_differences_total(r->differences);
    if (differences > SHOWN_MAX)
        cli_output_format(out, "... and %s more\n", cli_human_count(differences - SHOWN_MAX).text);
    if (differences == 0 && r->findings[MIA_FINDING_RESPELLED] > 0)
        cli_output_text(out, "Identical in all values, not in spelling.\n");
    else if (differences == 0)
        cli_output_text(out, "Identical.\n");
    else
        cli_output_format(out, "%s difference%s.\n", cli_human_count(differences).text,
                          cli_plural(differences));
    cli_differences_print(out, r->differences);
    cli_findings_print(out, r->findings);
    cli_field(out, "trees", "%s", cli_human_count(r->trees).text);
    cli_field(out, "records", "%s, %s", cli_human_count(r->records).text,
              cli_human_bytes(r->bytes).text);
    if (r->left_out_records > 0)
        cli_field(out, "left out", "%s, in MIA's index trees",
                  cli_human_count(r->left_out_records).text);
    cli_field(out, "time", "%-8s %s", cli_human_seconds(r->seconds).text,
              cli_human_rate(r->records, r->seconds).text);
    cli_field(out, "digest", "%s", r->digest);
}

/* Closes the file of --report. False if not all of it was written: said so. */
static bool finish_report(struct listing *l, const char *path)
{
    bool written = cli_output_finish(&l->report);
    int failed = l->report.failed;
    if (close(l->report.fd) != 0 && written)
        failed = errno;
    if (failed != 0)
        cli_fail_text(l->cli, CLI_EXIT_TARGET, MIA_ERR_IO, "cannot write the report %s: %s", path,
                      strerror(failed));
    return failed == 0;
}

/* Prints the result of a comparison that came to its end; returns its exit code. */
static int conclude(struct listing *l, const struct settings *s, const struct mia_verify_report *r)
{
    struct cli *cli = l->cli;
    if (s->report != NULL && !finish_report(l, s->report))
        return CLI_EXIT_TARGET;
    if (l->is_out_of_memory)
        return cli_fail_text(cli, CLI_EXIT_REFUSED, MIA_ERR_NOMEM,
                             "out of memory: not all differences could be listed");
    if (cli->json && !cli_json_print(cli, report_object(cli, r, l->first)))
        return CLI_EXIT_REFUSED;
    if (!cli->json && !s->quiet)
        print_summary(&cli->out, r);
    return cli_differences_total(r->differences) == 0 ? CLI_EXIT_DONE : CLI_EXIT_DIFFERENT;
}

static int compare(struct cli *cli, const struct settings *s, struct listing *l)
{
    struct mia_error err = {0};
    struct mia_verify_report report = {.struct_size = sizeof report};
    struct mia_verify_options verify = {
        .struct_size = sizeof verify,
        .source = cli->arguments[0],
        .target = cli->arguments[1],
        .accept_torn_log = s->torn,
        .difference = take_difference,
        .difference_ctx = l,
        .progress = cli_progress_show,
        .progress_ctx = l->progress,
        .max_rate = s->max_rate,
        .pause_file = s->pause_file,
    };
    mia_status rc = mia_verify(&verify, &report, &err);
    cli_progress_end(l->progress);
    if (rc == MIA_OK)
        return conclude(l, s, &report);
    if (l->report.fd >= 0)
        close(l->report.fd);
    return cli_fail(cli, cli_exit_of_failure(report.failure, rc), &err);
}

static int run(struct cli *cli, int argc, char **argv)
{
    struct settings s = {0};
    struct progress progress;
    int exit_code;
    if (!cli_options_read(cli, argc, argv, &s, &exit_code))
        return exit_code;
    if (s.progress && s.quiet)
        return cli_usage_error(cli, "--progress and --quiet exclude each other");
    struct listing listing = {.cli = cli, .progress = &progress, .is_text = !cli->json && !s.quiet};
    cli_output_init(&listing.report, -1);
    if (s.report != NULL)
        listing.report.fd = open(s.report, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (s.report != NULL && listing.report.fd < 0)
        return cli_fail_text(cli, CLI_EXIT_TARGET, MIA_ERR_IO, "cannot make the report %s: %s",
                             s.report, strerror(errno));
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
    .summary = "compare two databases record by record",
    .details =
        "Reads every pair of every tree of both databases and compares them byte for byte, in "
        "both\n"
        "directions. Either may be sled or libmdbx. Records of a typed database are encoded as "
        "MIA\n"
        "had them first; where only the spelling of their JSON differs the values are compared, "
        "and\n"
        "such records are counted. The first 20 differences are printed, in the\n"
        "classes missing, extra, value and order.\n",
    .examples = "  mia verify data/main data/main.mdbx\n"
                "  mia verify --report differences.jsonl data/main data/main.mdbx\n",
    .options = options,
    .exits = 0x7f,
    .arguments_min = 2,
    .arguments_max = 2,
    .run = run,
};
