/* cli/rollback.c - mia rollback: the way back to sled */
#include "cli/command.h"

#include "cli/failure.h"
#include "cli/human.h"
#include "cli/installation.h"
#include "cli/json.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "mia/mia.h"

enum { SEGMENT_LEAST = 256, SEGMENT_MOST = 16 << 20, ZSTD_MOST = 22 };

struct settings {
    bool base;
    bool no_compress, force, no_verify, progress, quiet, torn;
    const char *pause_file;
    uint64_t segment_size, compress, max_rate;
};

static const struct cli_option options[] = {
    CLI_FLAG(struct settings, base, "base", "every database of INSTALLATION, and switch to them"),
    {"segment-size", "N", "sled's segment size, K and M allowed (as it was)", CLI_OPTION_SIZE,
     offsetof(struct settings, segment_size), SEGMENT_LEAST, SEGMENT_MOST},
    {"compress", "LEVEL", "zstd, 1 to 22: for an application with it (as it was)",
     CLI_OPTION_NUMBER, offsetof(struct settings, compress), 1, ZSTD_MOST},
    CLI_FLAG(struct settings, no_compress, "no-compress", "for an application without compression"),
    CLI_FLAG(struct settings, force, "force", "discard what an interrupted rollback left"),
    CLI_FLAG(struct settings, no_verify, "no-verify", "do not read the result back"),
    CLI_PACE(struct settings),
    CLI_FLAG(struct settings, progress, "progress", "progress lines also where stderr is a file"),
    CLI_FLAG(struct settings, quiet, "quiet", "print nothing but errors"),
    CLI_FLAG(struct settings, torn, "accept-torn-log",
             "of a sled SOURCE: what sled recovers of a log torn by a crash"),
    CLI_END,
};

static bool is_usable(struct cli *cli, const struct settings *s)
{
    bool is_shaped = s->segment_size > 0 || s->compress > 0 || s->no_compress;
    if (s->base && (cli->argument_count != 1 || is_shaped || s->force || s->no_verify || s->torn))
        cli_usage_error(cli, "--base takes the directory of an installation and, of the options, "
                             "--max-rate, --pause-file, --progress and --quiet");
    else if (!s->base && cli->argument_count != 2)
        cli_usage_error(cli, "2 arguments are needed (SOURCE SLED_DIR), %d given",
                        cli->argument_count);
    else if ((s->segment_size & (s->segment_size - 1)) != 0)
        cli_usage_error(cli, "--segment-size: sled takes powers of two only");
    else if (s->no_compress && s->compress > 0)
        cli_usage_error(cli, "--compress and --no-compress exclude each other");
    else if (s->progress && s->quiet)
        cli_usage_error(cli, "--progress and --quiet exclude each other");
    else
        return true;
    return false;
}

static int run_base(struct cli *cli, const struct settings *s)
{
    struct cli_installation asked = {
        .opt = {.root = cli->arguments[0], .max_rate = s->max_rate, .pause_file = s->pause_file},
        .progress = s->progress,
        .quiet = s->quiet};
    return cli_installation_run(cli, &asked, mia_installation_rollback);
}

static json_t *report_object(const struct cli *cli, const struct mia_rollback_report *r)
{
    json_t *object = json_object();
    bool complete = cli_json_add_bytes(object, "source", mia_bytes_of(cli->arguments[0])) &&
                    cli_json_add_bytes(object, "target", mia_bytes_of(cli->arguments[1]));
    json_t *numbers = json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:f, s:f}", "trees", cli_json_count(r->trees),
        "records", cli_json_count(r->records), "key_bytes", cli_json_count(r->key_bytes),
        "value_bytes", cli_json_count(r->value_bytes), "verified_records",
        cli_json_count(r->verified), "target_bytes", cli_json_count(r->target_bytes), "digest",
        r->digest, "write_seconds", r->write_seconds, "verify_seconds", r->verify_seconds);
    return cli_json_with(object, complete, numbers);
}

static void print_summary(struct output *out, const struct cli *cli,
                          const struct mia_rollback_report *r, bool verified)
{
    cli_output_text(out, "Rolled ");
    cli_output_escaped(out, mia_bytes_of(cli->arguments[0]));
    cli_output_text(out, " back to ");
    cli_output_escaped(out, mia_bytes_of(cli->arguments[1]));
    cli_output_text(out, verified ? ", verified.\n" : ", not verified.\n");
    cli_field(out, "trees", "%s", cli_human_count(r->trees).text);
    cli_field(out, "records", "%s", cli_human_count(r->records).text);
    cli_field(out, "keys", "%s", cli_human_bytes(r->key_bytes).text);
    cli_field(out, "values", "%s", cli_human_bytes(r->value_bytes).text);
    cli_field(out, "sled files", "%s", cli_human_bytes(r->target_bytes).text);
    cli_field(out, "write", "%-8s %s", cli_human_seconds(r->write_seconds).text,
              cli_human_rate(r->records, r->write_seconds).text);
    if (verified) {
        cli_field(out, "verify", "%-8s %s", cli_human_seconds(r->verify_seconds).text,
                  cli_human_rate(r->verified, r->verify_seconds).text);
        cli_field(out, "digest", "%s", r->digest);
    }
}

static int fail(struct cli *cli, const struct mia_rollback_report *r, const struct mia_error *err)
{
    enum cli_exit exit = cli_exit_of_failure(r->failure, err->status);
    cli_message(cli, "%s", err->message);
    if (!cli->json)
        return (int)exit;
    json_t *object = report_object(cli, r);
    if (json_object_set_new(object, "error", cli_error_object(cli, exit, err)) != 0) {
        json_decref(object);
        object = NULL;
    }
    cli_json_print(cli, object);
    return (int)exit;
}

static int run(struct cli *cli, int argc, char **argv)
{
    struct settings s = {0};
    struct mia_error err = {0};
    struct progress progress;
    int exit_code;
    if (!cli_options_read(cli, argc, argv, &s, &exit_code))
        return exit_code;
    if (!is_usable(cli, &s))
        return CLI_EXIT_USAGE;
    if (s.base)
        return run_base(cli, &s);
    cli_progress_begin(&progress, cli, s.progress, s.quiet);
    progress.pause_file = s.pause_file;
    struct mia_rollback_report report = {.struct_size = sizeof report};
    struct mia_rollback_options rollback = {
        .struct_size = sizeof rollback,
        .source = cli->arguments[0],
        .target = cli->arguments[1],
        .without_verify = s.no_verify,
        .force = s.force,
        .segment_size = (uint32_t)s.segment_size,
        .compression_level = s.no_compress ? -1 : (int32_t)s.compress,
        .accept_torn_log = s.torn,
        .progress = cli_progress_show,
        .progress_ctx = &progress,
        .max_rate = s.max_rate,
        .pause_file = s.pause_file,
    };
    mia_status rc = mia_rollback(&rollback, &report, &err);
    cli_progress_end(&progress);
    if (rc != MIA_OK)
        return fail(cli, &report, &err);
    if (cli->json)
        return cli_json_print(cli, report_object(cli, &report)) ? CLI_EXIT_DONE : CLI_EXIT_REFUSED;
    if (!s.quiet)
        print_summary(&cli->out, cli, &report, !s.no_verify);
    return CLI_EXIT_DONE;
}

const struct cli_command cli_rollback = {
    .name = "rollback",
    .arguments = "SOURCE SLED_DIR | --base INSTALLATION",
    .summary = "write a database's content as a fresh sled directory",
    .details =
        "SOURCE is the directory of a libmdbx (or sled) database; it is only read, and nothing "
        "may\n"
        "write to it meanwhile. SLED_DIR is the directory to make: a sled 0.34 database with what\n"
        "SOURCE holds now, later writes included. It appears under its name when it is complete "
        "and\n"
        "verified, until then the work is in SLED_DIR.mia-partial beside it. sled opens a "
        "directory\n"
        "only with the segment size and compression it was made with: they are those of the sled\n"
        "database that SOURCE came from, unless you give others.\n"
        "\n"
        "With --base every database that an installation (see `mia migrate --base`) uses now is\n"
        "written into its next generation, and those become the ones in use by one rename.\n",
    .examples = "  mia rollback data/main.mdbx data/main.sled\n"
                "  mia rollback --base /data/mia\n"
                "  mia rollback --segment-size 64K --compress 5 data/main.mdbx data/main.sled\n"
                "  mia rollback --json --quiet data/main.mdbx data/main.sled >report.json\n",
    .options = options,
    .exits = 0x7f,
    .arguments_min = 0,
    .arguments_max = 2,
    .run = run,
};
