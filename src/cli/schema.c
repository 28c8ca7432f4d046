/* cli/schema.c - mia schema: what records look like in JSON */
#include "cli/command.h"

#include "cli/failure.h"
#include "cli/options.h"
#include "mia/mia.h"

static const struct cli_option options[] = {CLI_END};

static int run(struct cli *cli, int argc, char **argv)
{
    struct mia_error err = {0};
    char *json = NULL;
    size_t size;
    int exit_code;
    if (!cli_options_read(cli, argc, argv, NULL, &exit_code))
        return exit_code;
    if (mia_schema_json(&json, &size, &err) != MIA_OK)
        return cli_fail(cli, cli_exit_of_status(err.status), &err);
    cli_output_write(&cli->out, json, size);
    mia_free(json);
    return CLI_EXIT_DONE;
}

const struct cli_command cli_schema = {
    .name = "schema",
    .arguments = "",
    .summary = "print the JSON Schema of MIA's records",
    .details =
        "The schema (draft 2020-12) of what get and dump print as record. The output is JSON with\n"
        "and without --json.\n",
    .examples = "  mia schema --json >records.schema.json\n",
    .options = options,
    .exits =
        1u << CLI_EXIT_DONE | 1u << CLI_EXIT_USAGE | 1u << CLI_EXIT_REFUSED | 1u << CLI_EXIT_TARGET,
    .arguments_min = 0,
    .arguments_max = 0,
    .run = run,
};
