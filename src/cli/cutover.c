/* cli/cutover.c - mia cutover: the migrated databases become those in use */
#include "cli/installation.h"

#include "cli/options.h"

struct settings {
    bool quiet;
};

static const struct cli_option options[] = {
    CLI_FLAG(struct settings, quiet, "quiet", "print nothing but errors"),
    CLI_END,
};

static int run(struct cli *cli, int argc, char **argv)
{
    struct settings s = {0};
    int exit_code;
    if (!cli_options_read(cli, argc, argv, &s, &exit_code))
        return exit_code;
    return cli_installation_act(cli, cli->arguments[0], s.quiet, mia_installation_cutover);
}

const struct cli_command cli_cutover = {
    .name = "cutover",
    .arguments = "INSTALLATION",
    .summary = "switch from the old databases to the migrated ones",
    .details =
        "Refused unless every database is migrated and verified, none was written to since and "
        "no\n"
        "application has one open. The switch is one rename: whenever the machine stops, the old\n"
        "databases are in use or the new ones. The old ones stay as they are until `mia finish`;\n"
        "until then and after it `mia rollback --base` leads back.\n",
    .examples = "  mia cutover /data/mia\n"
                "  mia cutover --json /data/mia\n",
    .options = options,
    .exits = 1u << CLI_EXIT_DONE | 1u << CLI_EXIT_USAGE | 1u << CLI_EXIT_DAMAGED |
             1u << CLI_EXIT_REFUSED | 1u << CLI_EXIT_TARGET,
    .arguments_min = 1,
    .arguments_max = 1,
    .run = run,
};
