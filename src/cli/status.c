/* cli/status.c - mia status: where an installation stands */
#include "cli/installation.h"

#include "cli/options.h"

static const struct cli_option options[] = {CLI_END};

static int run(struct cli *cli, int argc, char **argv)
{
    int exit_code, no_settings;
    if (!cli_options_read(cli, argc, argv, &no_settings, &exit_code))
        return exit_code;
    return cli_installation_show(cli, cli->arguments[0]);
}

const struct cli_command cli_status = {
    .name = "status",
    .arguments = "INSTALLATION",
    .summary = "show how far a migration of all databases is",
    .details =
        "INSTALLATION is the directory that `mia migrate --base` makes. Shown are its phase,\n"
        "which databases are in use, each database with its records, and the command that\n"
        "comes next. Nothing is changed, and nobody is waited for.\n",
    .examples = "  mia status /data/mia\n"
                "  mia status --json /data/mia\n",
    .options = options,
    .exits = 1u << CLI_EXIT_DONE | 1u << CLI_EXIT_USAGE | 1u << CLI_EXIT_DAMAGED |
             1u << CLI_EXIT_REFUSED | 1u << CLI_EXIT_TARGET,
    .arguments_min = 1,
    .arguments_max = 1,
    .run = run,
};
