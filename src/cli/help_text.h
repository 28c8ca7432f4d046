/* cli/help_text.h - help, printed from the tables */
#ifndef MIA_CLI_HELP_TEXT_H
#define MIA_CLI_HELP_TEXT_H

#include "cli/command.h"

/* `mia help`: what there is. */
void cli_help_overview(struct output *out);
/* `mia COMMAND --help`: usage, options, examples, exit codes. */
void cli_help_print(struct output *out, const struct cli_command *command);

#endif
