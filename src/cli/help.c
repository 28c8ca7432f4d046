/* cli/help.c - mia help: the overview, or the help of one subcommand */
#include "cli/command.h"

#include "cli/failure.h"
#include "cli/help_text.h"
#include "cli/json.h"
#include "cli/options.h"

static const struct cli_option options[] = {CLI_END};

static json_t *command_object(const struct cli_command *c)
{
    return json_pack("{s:s, s:s, s:s}", "name", c->name, "arguments", c->arguments, "summary",
                     c->summary);
}

static json_t *all_commands(void)
{
    json_t *list = json_array();
    for (const struct cli_command *const *c = cli_commands; *c != NULL; c++)
        if (json_array_append_new(list, command_object(*c)) != 0) {
            json_decref(list);
            return NULL;
        }
    return json_pack("{s:o}", "commands", list);
}

static int run(struct cli *cli, int argc, char **argv)
{
    int exit_code;
    if (!cli_options_read(cli, argc, argv, NULL, &exit_code))
        return exit_code;
    if (cli->argument_count == 0) {
        if (cli->json)
            return cli_json_print(cli, all_commands()) ? CLI_EXIT_DONE : CLI_EXIT_REFUSED;
        cli_help_overview(&cli->out);
        return CLI_EXIT_DONE;
    }
    const char *name = cli->arguments[0];
    const struct cli_command *command = cli_command_find(name);
    if (command == NULL) {
        const char *nearest = cli_command_nearest(name);
        return nearest ? cli_usage_error(cli, "no command '%s'; did you mean '%s'?", name, nearest)
                       : cli_usage_error(cli, "no command '%s'", name);
    }
    if (cli->json)
        return cli_json_print(cli, command_object(command)) ? CLI_EXIT_DONE : CLI_EXIT_REFUSED;
    cli_help_print(&cli->out, command);
    return CLI_EXIT_DONE;
}

const struct cli_command cli_help = {
    .name = "help",
    .arguments = "[COMMAND]",
    .summary = "show the commands, or the help of one",
    .details = "Without COMMAND the list of all commands.\n",
    .examples = "  mia help migrate\n"
                "  mia help --json\n",
    .options = options,
    .exits = 1u << CLI_EXIT_DONE | 1u << CLI_EXIT_USAGE,
    .arguments_min = 0,
    .arguments_max = 1,
    .run = run,
};
