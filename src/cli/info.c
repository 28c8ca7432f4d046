/* cli/info.c - mia info: what a database is and what is in it */
#include "cli/command.h"

#include "cli/failure.h"
#include "cli/json.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "cli/source.h"
#include "cli/survey.h"
#include "mia/mia.h"

struct settings {
    bool no_counts, torn;
};

static const struct cli_option options[] = {
    CLI_FLAG(struct settings, no_counts, "no-counts", "do not count records (sled: saves a scan)"),
    CLI_FLAG(struct settings, torn, "accept-torn-log",
             "take what sled recovers of a log torn by a crash"),
    CLI_END,
};

static int run(struct cli *cli, int argc, char **argv)
{
    struct settings s = {0};
    struct mia_error err = {0};
    struct survey survey = {0};
    struct progress progress;
    int exit_code;
    if (!cli_options_read(cli, argc, argv, &s, &exit_code))
        return exit_code;
    cli_progress_begin(&progress, cli, false, false);
    mia_status rc =
        cli_survey_make(&survey, cli->arguments[0], !s.no_counts, s.torn, &progress, &err);
    if (rc != MIA_OK)
        exit_code = cli_fail(cli, cli_exit_of_status(rc), &err);
    else if (!cli->json)
        cli_survey_print(&survey, &cli->out);
    else if (!cli_json_print(cli, cli_survey_object(&survey)))
        exit_code = CLI_EXIT_REFUSED;
    cli_survey_free(&survey);
    return exit_code;
}

const struct cli_command cli_info = {
    .name = "info",
    .arguments = "DB",
    .summary = "show kind, sizes, trees and record counts",
    .details =
        "DB is the directory of a sled or libmdbx database. Of libmdbx also the limits and the\n"
        "open readers with the space that each of them holds back.\n",
    .examples = "  mia info data/main\n"
                "  mia info --no-counts --json data/main.mdbx\n",
    .options = options,
    .exits = 1u << CLI_EXIT_DONE | 1u << CLI_EXIT_USAGE | 1u << CLI_EXIT_DAMAGED |
             1u << CLI_EXIT_REFUSED | 1u << CLI_EXIT_INTERRUPTED | 1u << CLI_EXIT_TARGET,
    .arguments_min = 1,
    .arguments_max = 1,
    .run = run,
};
