/* cli/version.c - mia version: the library's version and the engines of this build */
#include "cli/command.h"

#include "cli/json.h"
#include "cli/options.h"
#include "mia/mia.h"

static const struct cli_option options[] = {CLI_END};

static int run(struct cli *cli, int argc, char **argv)
{
    int exit_code;
    if (!cli_options_read(cli, argc, argv, NULL, &exit_code))
        return exit_code;
    const struct mia_engine_ops *mdbx = mia_engine_mdbx(), *sled = mia_engine_sled();
    if (cli->json) {
        json_t *engines = json_pack("[s, s*]", mdbx->name, sled != NULL ? sled->name : NULL);
        json_t *root = json_pack("{s:s, s:o}", "version", mia_version(), "engines", engines);
        return cli_json_print(cli, root) ? CLI_EXIT_DONE : CLI_EXIT_REFUSED;
    }
    cli_output_format(&cli->out, "mia %s (engines: %s%s%s)\n", mia_version(), mdbx->name,
                      sled != NULL ? ", " : "", sled != NULL ? sled->name : "");
    return CLI_EXIT_DONE;
}

const struct cli_command cli_version = {
    .name = "version",
    .arguments = "",
    .summary = "show the version and the engines of this build",
    .details = "The same as mia --version.\n",
    .examples = "  mia version\n"
                "  mia version --json\n",
    .options = options,
    .exits = 1u << CLI_EXIT_DONE | 1u << CLI_EXIT_USAGE,
    .arguments_min = 0,
    .arguments_max = 0,
    .run = run,
};
