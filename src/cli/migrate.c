/* cli/migrate.c - mia migrate: copy, verify, publish */
#include "cli/command.h"

#include "cli/differences.h"
#include "cli/failure.h"
#include "cli/findings.h"
#include "cli/human.h"
#include "cli/installation.h"
#include "cli/json.h"
#include "cli/losses.h"
#include "cli/obstacles.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "cli/text.h"
#include "mia/mia.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct settings {
    const char *base, *spill_base;
    bool raw, salvage, resume, no_verify, no_index, force, progress, quiet, torn;
    const char *pause_file;
    uint64_t batch_bytes, max_rate;
};

static const struct cli_option options[] = {
    CLI_TEXT(struct settings, base, "base", "DIR", "every database below DIR, into INSTALLATION"),
    CLI_TEXT(struct settings, spill_base, "spill-base", "DIR",
             "with --base: where MIA kept what it opened late"),
    CLI_FLAG(struct settings, raw, "raw", "copy every tree byte for byte, whatever is in it"),
    CLI_FLAG(struct settings, salvage, "salvage",
             "go on past damage, keep records that do not decode"),
    CLI_FLAG(struct settings, resume, "resume", "go on with an interrupted migration"),
    CLI_FLAG(struct settings, force, "force", "discard an interrupted migration, start over"),
    CLI_FLAG(struct settings, no_verify, "no-verify", "do not compare source and copy"),
    CLI_FLAG(struct settings, no_index, "no-index", "leave the indexes to `mia index rebuild`"),
    {"batch-bytes", "N", "bytes per transaction, K M G allowed (4M)", CLI_OPTION_SIZE,
     offsetof(struct settings, batch_bytes), 4 << 10, 1 << 30},
    CLI_PACE(struct settings),
    CLI_FLAG(struct settings, progress, "progress", "progress lines also where stderr is a file"),
    CLI_FLAG(struct settings, quiet, "quiet", "print nothing but errors"),
    CLI_FLAG(struct settings, torn, "accept-torn-log",
             "take what sled recovers of a log torn by a crash"),
    CLI_END,
};

/* A migration of all databases: it has one argument. --resume goes on with the bases it knows. */
static bool is_of_base(const struct cli *cli, const struct settings *s)
{
    return s->base != NULL || s->spill_base != NULL || (s->resume && cli->argument_count == 1);
}

static bool is_usable_for_base(struct cli *cli, const struct settings *s)
{
    if (cli->argument_count != 1)
        cli_usage_error(cli, "--base takes one argument, the directory of the installation");
    else if (s->spill_base != NULL && s->base == NULL)
        cli_usage_error(cli, "--spill-base goes with --base");
    else if (s->raw || s->no_verify || s->no_index || s->batch_bytes > 0 || s->force)
        cli_usage_error(cli, "--base takes none of --raw, --force, --no-verify, --no-index and "
                             "--batch-bytes");
    else
        return true;
    return false;
}

static int run_base(struct cli *cli, const struct settings *s)
{
    struct cli_installation asked = {.opt = {.root = cli->arguments[0],
                                             .base = s->base,
                                             .spill_base = s->spill_base,
                                             .salvage = s->salvage,
                                             .accept_torn_log = s->torn,
                                             .max_rate = s->max_rate,
                                             .pause_file = s->pause_file},
                                     .progress = s->progress,
                                     .quiet = s->quiet};
    if (!is_usable_for_base(cli, s))
        return CLI_EXIT_USAGE;
    return cli_installation_run(cli, &asked, mia_installation_migrate);
}

static bool is_usable(struct cli *cli, const struct settings *s)
{
    if (!is_of_base(cli, s) && cli->argument_count != 2)
        cli_usage_error(cli, "2 arguments are needed (SOURCE TARGET), %d given",
                        cli->argument_count);
    else if (s->resume && s->force)
        cli_usage_error(cli, "--resume goes on, --force starts over: give one of them");
    else if (s->progress && s->quiet)
        cli_usage_error(cli, "--progress and --quiet exclude each other");
    else
        return true;
    return false;
}

/* The command that goes on after an interruption, for a shell. NULL: out of memory. */
static char *resume_command(const struct cli *cli, const struct settings *s)
{
    char batch[32], rate[32];
    snprintf(rate, sizeof rate, "--max-rate=%" PRIu64, s->max_rate);
    snprintf(batch, sizeof batch, "--batch-bytes=%" PRIu64, s->batch_bytes);
    const char *source = cli->arguments[0], *target = cli->arguments[1];
    bool is_migrate = cli->command == &cli_migrate;
    const char *const words[] = {
        cli->program,
        cli->command->name,
        "--resume",
        s->raw && is_migrate ? "--raw" : NULL,
        s->salvage && is_migrate ? "--salvage" : NULL,
        s->no_verify ? "--no-verify" : NULL,
        s->no_index ? "--no-index" : NULL,
        s->batch_bytes > 0 ? batch : NULL,
        s->max_rate > 0 ? rate : NULL,
        s->pause_file != NULL ? "--pause-file" : NULL,
        s->pause_file,
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

/* What is told while the library works. */
struct told {
    struct cli_findings findings;
    struct cli_losses losses;
    struct cli_obstacles obstacles;
};

static json_t *report_object(const struct cli *cli, const struct mia_migrate_report *r,
                             const struct told *told)
{
    json_t *object = json_object();
    bool complete = cli_json_add_bytes(object, "source", mia_bytes_of(cli->arguments[0])) &&
                    cli_json_add_bytes(object, "target", mia_bytes_of(cli->arguments[1]));
    json_t *numbers = json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:f, s:f, s:f}", "trees",
        cli_json_count(r->trees), "records", cli_json_count(r->records), "key_bytes",
        cli_json_count(r->key_bytes), "value_bytes", cli_json_count(r->value_bytes), "long_keys",
        cli_json_count(r->long_keys), "resumed_records", cli_json_count(r->resumed_records),
        "verified_records", cli_json_count(r->verified), "target_bytes",
        cli_json_count(r->target_bytes), "page_size", cli_json_count(r->page_size), "differences",
        cli_differences_object(r->differences), "digest", r->digest, "plan_seconds",
        r->plan_seconds, "copy_seconds", r->copy_seconds, "verify_seconds", r->verify_seconds);
    json_t *typed =
        json_pack("{s:o, s:o, s:f, s:b, s:o, s:o, s:o, s:O, s:b, s:o, s:O}",
                  "resumed_verified_records", cli_json_count(r->resumed_verified), "index_entries",
                  cli_json_count(r->index_entries), "index_seconds", r->index_seconds, "typed",
                  r->typed, "left_out_trees", cli_json_count(r->left_out_trees), "left_out_records",
                  cli_json_count(r->left_out_records), "findings", cli_findings_object(r->findings),
                  "first_findings", told->findings.list, "salvaged", r->salvaged, "losses",
                  cli_losses_object(r->losses), "all_losses", told->losses.list);
    return cli_json_with(cli_json_with(object, complete, numbers), true, typed);
}

static void print_summary(struct output *out, const struct cli *cli,
                          const struct mia_migrate_report *r)
{
    double compared = r->verify_seconds;
    cli_output_text(out, r->salvaged ? "Salvaged what is left of " : "Migrated ");
    cli_output_escaped(out, mia_bytes_of(cli->arguments[0]));
    cli_output_text(out, " to ");
    cli_output_escaped(out, mia_bytes_of(cli->arguments[1]));
    cli_output_text(out, r->digest[0] != '\0' ? ", verified.\n" : ", not verified.\n");
    cli_field(out, "trees", "%s%s", cli_human_count(r->trees).text,
              r->typed ? "; records as archives" : ", byte for byte");
    if (r->left_out_trees > 0)
        cli_field(out, "left out", "%s of MIA's index trees: made anew from the records",
                  cli_human_count(r->left_out_trees).text);
    cli_field(out, "records", "%s", cli_human_count(r->records).text);
    if (r->resumed_records > 0)
        cli_field(out, "resumed", "%s, copied by an earlier run",
                  cli_human_count(r->resumed_records).text);
    cli_field(out, "keys", "%s", cli_human_bytes(r->key_bytes).text);
    if (r->long_keys > 0)
        cli_field(out, "long keys", "%s, folded", cli_human_count(r->long_keys).text);
    cli_field(out, "values", "%s", cli_human_bytes(r->value_bytes).text);
    cli_losses_print(out, r->losses);
    cli_findings_print(out, r->findings);
    if (r->index_entries > 0)
        cli_field(out, "indexes", "%s entries", cli_human_count(r->index_entries).text);
    cli_field(out, "target file", "%s, pages of %" PRIu32 " bytes",
              cli_human_bytes(r->target_bytes).text, r->page_size);
    cli_field(out, "copy", "%-8s %s", cli_human_seconds(r->copy_seconds).text,
              cli_human_rate(r->records - r->resumed_records, r->copy_seconds).text);
    if (r->digest[0] != '\0') {
        cli_field(out, "verify", "%-8s %s", cli_human_seconds(compared).text,
                  cli_human_rate(r->verified - r->resumed_verified, compared).text);
        cli_field(out, "digest", "%s", r->digest);
    }
}

static json_t *failure_object(const struct cli *cli, enum cli_exit exit,
                              const struct mia_error *err, const char *resume,
                              const struct mia_migrate_report *r, const struct told *told)
{
    json_t *object = report_object(cli, r, told), *error = cli_error_object(cli, exit, err);
    if (resume != NULL)
        json_object_set_new(error, "resume_command", json_string(resume));
    if (json_object_set_new(object, "obstacles", cli_obstacles_list(&told->obstacles)) != 0 ||
        json_object_set_new(object, "error", error) != 0) {
        json_decref(object);
        object = NULL;
    }
    return object;
}

static int fail(struct cli *cli, const struct settings *s, const struct mia_migrate_report *r,
                const struct told *told, const struct mia_error *err)
{
    enum cli_exit exit = cli_exit_of_failure(r->failure, err->status);
    char *resume = exit == CLI_EXIT_INTERRUPTED ? resume_command(cli, s) : NULL;
    cli_obstacles_message(cli, &told->obstacles, err);
    if (resume != NULL)
        fprintf(stderr, "To go on:\n  %s\n", resume);
    if (cli->json)
        cli_json_print(cli, failure_object(cli, exit, err, resume, r, told));
    free(resume);
    return (int)exit;
}

static int conclude(struct cli *cli, const struct settings *s, mia_status rc,
                    const struct mia_migrate_report *report, const struct told *told,
                    const struct mia_error *err)
{
    /* the target is complete, but nobody may throw the source away for that */
    int done = report->salvaged ? CLI_EXIT_DAMAGED : CLI_EXIT_DONE;
    if (rc != MIA_OK)
        return fail(cli, s, report, told, err);
    if (told->findings.is_out_of_memory || told->losses.is_out_of_memory)
        cli_message(cli, "out of memory: not everything could be listed");
    if (cli->json)
        return cli_json_print(cli, report_object(cli, report, told)) ? done : CLI_EXIT_REFUSED;
    if (!s->quiet)
        print_summary(&cli->out, cli, report);
    return done;
}

static int run(struct cli *cli, int argc, char **argv)
{
    struct settings s = {.raw = cli->command == &cli_salvage,
                         .salvage = cli->command == &cli_salvage};
    struct mia_error err = {0};
    struct progress progress;
    int exit_code;
    if (!cli_options_read(cli, argc, argv, &s, &exit_code))
        return exit_code;
    if (!is_usable(cli, &s))
        return CLI_EXIT_USAGE;
    if (is_of_base(cli, &s))
        return run_base(cli, &s);
    cli_progress_begin(&progress, cli, s.progress, s.quiet);
    progress.pause_file = s.pause_file;
    struct told told = {.findings = {.cli = cli,
                                     .progress = &progress,
                                     .is_quiet = s.quiet,
                                     .list = cli->json ? json_array() : NULL},
                        .losses = {.cli = cli,
                                   .progress = &progress,
                                   .is_quiet = s.quiet,
                                   .list = cli->json ? json_array() : NULL}};
    struct mia_migrate_report report = {.struct_size = sizeof report};
    struct mia_migrate_options migrate = {
        .struct_size = sizeof migrate,
        .source = cli->arguments[0],
        .target = cli->arguments[1],
        .raw = s.raw,
        .salvage = s.salvage,
        .without_verify = s.no_verify,
        .without_indexes = s.no_index,
        .resume = s.resume,
        .force = s.force,
        .accept_torn_log = s.torn,
        .totals = progress.mode != PROGRESS_OFF,
        .batch_bytes = s.batch_bytes,
        .finding = cli_findings_take,
        .finding_ctx = &told.findings,
        .loss = cli_losses_take,
        .loss_ctx = &told.losses,
        .progress = cli_progress_show,
        .progress_ctx = &progress,
        .obstacle = cli_obstacles_take,
        .obstacle_ctx = &told.obstacles,
        .max_rate = s.max_rate,
        .pause_file = s.pause_file,
    };
    mia_status rc = mia_migrate(&migrate, &report, &err);
    cli_progress_end(&progress);
    exit_code = conclude(cli, &s, rc, &report, &told, &err);
    json_decref(told.findings.list);
    json_decref(told.losses.list);
    json_decref(told.obstacles.list);
    return exit_code;
}

const struct cli_command cli_migrate = {
    .name = "migrate",
    .arguments = "SOURCE TARGET | --base DIR INSTALLATION",
    .summary = "copy a sled database to libmdbx, verify, publish",
    .details =
        "SOURCE is the directory of a sled 0.34 (or libmdbx) database. It is only read. TARGET is\n"
        "the directory to make; it appears under its name when it is complete and verified, until\n"
        "then the work is in TARGET.mia-partial beside it. A migration that was stopped, however\n"
        "it was, goes on with --resume.\n"
        "\n"
        "The records of a MIA database become archives that are read where they lie; its index\n"
        "trees are not copied but made anew from the records. Verification encodes\n"
        "every archive as MIA would have and compares it with the source. Any other database is\n"
        "copied byte for byte with --raw.\n"
        "\n"
        "--salvage reads a damaged sled database as far as it can be, and lists what is lost; the\n"
        "exit code is 3 then, although the target is complete.\n"
        "\n"
        "With --base the only argument is the directory of an installation to make: every "
        "database\n"
        "below DIR is migrated into it, each verified, while DIR stays in use. Run it again to go "
        "on\n"
        "after an interruption, or for what was written since. `mia cutover` switches.\n",
    .examples = "  mia migrate data/main data/main.mdbx\n"
                "  mia migrate --resume data/main data/main.mdbx\n"
                "  mia migrate --raw other.sled other.mdbx\n"
                "  mia migrate --base ~/.local/share/TabAgent/db /data/mia\n"
                "  mia migrate --json --quiet data/main data/main.mdbx >report.json\n",
    .options = options,
    .exits = 0x7f,
    .arguments_min = 0,
    .arguments_max = 2,
    .run = run,
};

static const struct cli_option salvage_options[] = {
    CLI_FLAG(struct settings, resume, "resume", "go on with one that was interrupted"),
    CLI_FLAG(struct settings, force, "force", "discard what an interrupted one left, start over"),
    CLI_FLAG(struct settings, no_verify, "no-verify", "do not compare what was read and the copy"),
    CLI_PACE(struct settings),
    CLI_FLAG(struct settings, progress, "progress", "progress lines also where stderr is a file"),
    CLI_FLAG(struct settings, quiet, "quiet", "print nothing but errors"),
    CLI_END,
};

const struct cli_command cli_salvage = {
    .name = "salvage",
    .arguments = "SLED TARGET",
    .summary = "save what is left of a damaged sled database",
    .details =
        "SLED is the directory of a sled 0.34 database that is damaged: bytes that changed, a "
        "file\n"
        "that is cut or missing. It is only read. TARGET, a new libmdbx database, gets every\n"
        "record of every page that is whole, byte for byte; never one that is false or cut in\n"
        "half. What is lost is listed: ranges of keys, by tree; pages of which only an older "
        "state\n"
        "is left; bytes that cannot be read; and whether deleted records may have come back.\n"
        "\n"
        "`mia rollback TARGET NEW` makes a sound sled database of the result; for the records of\n"
        "MIA as archives use `mia migrate --salvage`. The exit code is 0 only if nothing at all "
        "is\n"
        "damaged, and 3 if something is.\n",
    .examples = "  mia salvage broken.sled saved.mdbx\n"
                "  mia salvage --json broken.sled saved.mdbx >losses.json\n"
                "  mia rollback saved.mdbx mended.sled\n",
    .options = salvage_options,
    .exits = 0x7f,
    .arguments_min = 2,
    .arguments_max = 2,
    .run = run,
};
