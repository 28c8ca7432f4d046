/* cli/options.h - one parser for all subcommands, over their option tables */
#ifndef MIA_CLI_OPTIONS_H
#define MIA_CLI_OPTIONS_H

#include "cli/command.h"

/* Reads the command line of cli->command into its zeroed settings struct, and what is left into
 * cli->arguments; sets cli->json. True: go on, *exit_code is 0. False: there is nothing to do
 * (--help was printed) or the usage is wrong (said so); *exit_code is what to return. */
bool cli_options_read(struct cli *cli, int argc, char **argv, void *settings, int *exit_code);

/* Whether --json stands among the words before "--": known before anything can go wrong, so that
 * wrong usage is answered in JSON too. */
bool cli_options_want_json(int argc, char **argv);

/* Options that every subcommand has; ended as the tables are. */
extern const struct cli_option cli_common_options[];

#endif
