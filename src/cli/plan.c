/* cli/plan.c - mia plan: would a migration work, what would it make, how long would it take */
#include "cli/command.h"

#include "cli/failure.h"
#include "cli/findings.h"
#include "cli/human.h"
#include "cli/json.h"
#include "cli/losses.h"
#include "cli/obstacles.h"
#include "cli/options.h"
#include "cli/plan_base.h"
#include "cli/plan_print.h"
#include "cli/progress.h"
#include "mia/mia.h"

struct settings {
    const char *base, *spill_base;
    bool raw, salvage, resume, force, no_index, quick, progress, quiet, torn;
};

static const struct cli_option options[] = {
    CLI_TEXT(struct settings, base, "base", "DIR", "every database below DIR, for INSTALLATION"),
    CLI_TEXT(struct settings, spill_base, "spill-base", "DIR",
             "with --base: where MIA kept what it opened late"),
    CLI_FLAG(struct settings, quick, "quick", "only what needs no reading of the source"),
    CLI_FLAG(struct settings, raw, "raw", "for `mia migrate --raw`"),
    CLI_FLAG(struct settings, salvage, "salvage", "for `mia migrate --salvage`"),
    CLI_FLAG(struct settings, resume, "resume", "for `mia migrate --resume`"),
    CLI_FLAG(struct settings, force, "force", "for `mia migrate --force`"),
    CLI_FLAG(struct settings, no_index, "no-index", "for `mia migrate --no-index`"),
    CLI_FLAG(struct settings, torn, "accept-torn-log", "for `mia migrate --accept-torn-log`"),
    CLI_FLAG(struct settings, progress, "progress", "progress lines also where stderr is a file"),
    CLI_FLAG(struct settings, quiet, "quiet", "print nothing but what stands in the way"),
    CLI_END,
};

static bool is_usable(struct cli *cli, const struct settings *s)
{
    bool is_base = s->base != NULL || s->spill_base != NULL;
    if (is_base && cli->argument_count != 1)
        cli_usage_error(cli, "--base takes one argument, the directory of the installation");
    else if (s->spill_base != NULL && s->base == NULL)
        cli_usage_error(cli, "--spill-base goes with --base");
    else if (is_base && (s->raw || s->resume || s->force || s->no_index))
        cli_usage_error(cli, "--base takes none of --raw, --resume, --force and --no-index");
    else if (!is_base && cli->argument_count == 0)
        cli_usage_error(cli, "1 argument is needed (SOURCE [TARGET]), 0 given");
    else if (s->resume && s->force)
        cli_usage_error(cli, "--resume goes on, --force starts over: give one of them");
    else if (s->progress && s->quiet)
        cli_usage_error(cli, "--progress and --quiet exclude each other");
    else
        return true;
    return false;
}

/* Records that do not decode are obstacles, printed with them; JSON lists them here, too. */
static void take_finding(void *ctx, const struct mia_finding *finding)
{
    struct cli_findings *findings = ctx;
    bool is_quiet = findings->is_quiet;
    findings->is_quiet = is_quiet || finding->finding == MIA_FINDING_QUARANTINED;
    cli_findings_take(findings, finding);
    findings->is_quiet = is_quiet;
}

static enum cli_exit exit_of(enum mia_failure failure)
{
    return failure == MIA_FAILURE_NONE ? CLI_EXIT_DONE : cli_exit_of_failure(failure, MIA_OK);
}

static int conclude(struct cli *cli, const struct settings *s, const struct cli_planned *planned)
{
    int exit = (int)exit_of(planned->report.failure);
    if (planned->obstacles.is_out_of_memory)
        return cli_fail_text(cli, CLI_EXIT_REFUSED, MIA_ERR_NOMEM,
                             "out of memory: not everything could be listed");
    if (cli->json)
        return cli_json_print(cli, cli_plan_object(cli, planned)) ? exit : CLI_EXIT_REFUSED;
    if (s->quiet)
        cli_obstacles_print(&cli->out, &planned->obstacles);
    else
        cli_plan_print(cli, planned);
    return exit;
}

static void plan_one(struct cli *cli, const struct settings *s, struct progress *progress,
                     struct cli_planned *planned, mia_status *rc, struct mia_error *err)
{
    struct cli_findings findings = {
        .cli = cli, .progress = progress, .is_quiet = s->quiet, .list = planned->findings};
    struct cli_losses losses = {
        .cli = cli, .progress = progress, .is_quiet = s->quiet, .list = planned->losses};
    struct mia_plan_options plan = {
        .struct_size = sizeof plan,
        .source = cli->arguments[0],
        .target = cli->argument_count > 1 ? cli->arguments[1] : NULL,
        .raw = s->raw,
        .salvage = s->salvage,
        .accept_torn_log = s->torn,
        .resume = s->resume,
        .force = s->force,
        .without_indexes = s->no_index,
        .quick = s->quick,
        .obstacle = cli_obstacles_take,
        .obstacle_ctx = &planned->obstacles,
        .tree = cli_plan_take_tree,
        .tree_ctx = planned,
        .finding = take_finding,
        .finding_ctx = &findings,
        .loss = cli_losses_take,
        .loss_ctx = &losses,
        .progress = cli_progress_show,
        .progress_ctx = progress,
    };
    *rc = mia_plan(&plan, &planned->report, err);
}

static int run_base(struct cli *cli, const struct settings *s)
{
    struct cli_plan_base asked = {.opt = {.root = cli->arguments[0],
                                          .base = s->base,
                                          .spill_base = s->spill_base,
                                          .salvage = s->salvage,
                                          .accept_torn_log = s->torn},
                                  .is_quick = s->quick,
                                  .progress = s->progress,
                                  .quiet = s->quiet};
    return cli_plan_base_run(cli, &asked);
}

static int run(struct cli *cli, int argc, char **argv)
{
    struct settings s = {0};
    struct mia_error err = {0};
    struct progress progress;
    mia_status rc;
    int exit_code;
    if (!cli_options_read(cli, argc, argv, &s, &exit_code))
        return exit_code;
    if (!is_usable(cli, &s))
        return CLI_EXIT_USAGE;
    if (s.base != NULL)
        return run_base(cli, &s);
    struct cli_planned planned = {.report = {.struct_size = sizeof planned.report},
                                  .is_quick = s.quick,
                                  .raw = s.raw,
                                  .salvage = s.salvage,
                                  .resume = s.resume,
                                  .force = s.force,
                                  .no_index = s.no_index,
                                  .torn = s.torn,
                                  .trees = json_array(),
                                  .findings = cli->json ? json_array() : NULL,
                                  .losses = cli->json ? json_array() : NULL};
    cli_progress_begin(&progress, cli, s.progress, s.quiet);
    plan_one(cli, &s, &progress, &planned, &rc, &err);
    cli_progress_end(&progress);
    exit_code = rc < 0 ? cli_fail(cli, cli_exit_of_failure(planned.report.failure, rc), &err)
                       : conclude(cli, &s, &planned);
    json_decref(planned.trees);
    json_decref(planned.findings);
    json_decref(planned.losses);
    json_decref(planned.obstacles.list);
    return exit_code;
}

const struct cli_command cli_plan = {
    .name = "plan",
    .arguments = "SOURCE [TARGET] | --base DIR INSTALLATION",
    .summary = "find what stands in the way of a migration, write nothing",
    .details =
        "Reads SOURCE as `mia migrate` would, checks TARGET, and lists everything that could make\n"
        "the migration fail, each with its remedy: locks, rights, space, limits of this process,\n"
        "damage, records that do not decode, what an earlier run left. Then what will come of it:\n"
        "trees and records, page size, an estimate of the target's size and of the time. Nothing\n"
        "is written. A database that is not MIA's is planned as with --raw.\n"
        "\n"
        "With --quick only what needs no reading of SOURCE; `mia migrate` begins with the same.\n"
        "With --base every database below DIR, and the space for all of them together.\n"
        "\n"
        "The exit code is 0 if the migration will work, 4 if it would be refused, 3 if the source\n"
        "is damaged; warnings do not change it.\n",
    .examples = "  mia plan data/main data/main.mdbx\n"
                "  mia plan --quick data/main data/main.mdbx\n"
                "  mia plan --base ~/.local/share/TabAgent/db /data/mia\n"
                "  mia plan --json data/main | jq .obstacles\n",
    .options = options,
    .exits = 1u << CLI_EXIT_DONE | 1u << CLI_EXIT_USAGE | 1u << CLI_EXIT_DAMAGED |
             1u << CLI_EXIT_REFUSED | 1u << CLI_EXIT_INTERRUPTED | 1u << CLI_EXIT_TARGET,
    .arguments_min = 0,
    .arguments_max = 2,
    .run = run,
};
