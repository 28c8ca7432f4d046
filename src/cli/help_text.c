/* cli/help_text.c - help, printed from the tables */
#include "cli/help_text.h"

#include "cli/options.h"
#include "mia/status.h"

#include <stdio.h>

static const struct exit_meaning {
    int code;
    const char *meaning;
} exit_meanings[] = {
#define EXIT_MEANING(code, number, meaning) {code, meaning},
    CLI_EXIT_MAP(EXIT_MEANING)
#undef EXIT_MEANING
};

void cli_help_overview(struct output *out)
{
    cli_output_format(out, "mia %s - moves sled databases to libmdbx, and proves it\n\n",
                      mia_version());
    cli_output_text(out, "Usage: mia COMMAND [options] ARGUMENTS\n\nCommands:\n");
    for (const struct cli_command *const *c = cli_commands; *c != NULL; c++)
        cli_output_format(out, "  %-8s %-15s %s\n", (*c)->name, (*c)->arguments, (*c)->summary);
    cli_output_text(out, "\nmia COMMAND --help shows options, examples and exit codes. Data goes\n"
                         "to the standard output, everything else to the standard error.\n");
}

static void print_options(struct output *out, const struct cli_option *options)
{
    for (const struct cli_option *o = options; o->name != NULL; o++) {
        char left[64];
        snprintf(left, sizeof left, "--%s%s%s", o->name, o->argument ? " " : "",
                 o->argument ? o->argument : "");
        cli_output_format(out, "  %-18s %s\n", left, o->help);
    }
}

static void print_exits(struct output *out, unsigned exits)
{
    cli_output_text(out, "\nExit codes:\n");
    for (size_t i = 0; i < sizeof exit_meanings / sizeof exit_meanings[0]; i++) {
        const struct exit_meaning *e = &exit_meanings[i];
        if (e->code == CLI_EXIT_DEFECT || (exits & 1u << e->code))
            cli_output_format(out, "  %2d  %s\n", e->code, e->meaning);
    }
}

void cli_help_print(struct output *out, const struct cli_command *command)
{
    cli_output_format(out, "mia %s - %s\n\n", command->name, command->summary);
    cli_output_format(out, "Usage: mia %s [options] %s\n\n%s", command->name, command->arguments,
                      command->details);
    cli_output_text(out, "\nOptions:\n");
    print_options(out, command->options);
    print_options(out, cli_common_options);
    cli_output_format(out, "\nExamples:\n%s", command->examples);
    print_exits(out, command->exits);
}
