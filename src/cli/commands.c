/* cli/commands.c - the table of the subcommands */
#include "cli/command.h"

#include "cli/nearest.h"

#include <string.h>

const struct cli_command *const cli_commands[] = {
    &cli_plan,   &cli_migrate, &cli_salvage, &cli_verify, &cli_rollback, &cli_status, &cli_cutover,
    &cli_finish, &cli_info,    &cli_dump,    &cli_get,    &cli_check,    &cli_index,  &cli_shadow,
    &cli_ab,     &cli_sample,  &cli_schema,  &cli_help,   &cli_version,  NULL,
};

const struct cli_command *cli_command_find(const char *name)
{
    for (const struct cli_command *const *c = cli_commands; *c != NULL; c++)
        if (strcmp((*c)->name, name) == 0)
            return *c;
    return NULL;
}

const char *cli_command_nearest(const char *name)
{
    struct nearest nearest = cli_nearest_to(name);
    for (const struct cli_command *const *c = cli_commands; *c != NULL; c++)
        cli_nearest_try(&nearest, (*c)->name);
    return nearest.best;
}
