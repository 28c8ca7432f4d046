/* cli/shadow_ab.h - what the comparison of a pair's reads has found, out of the pair's file */
#ifndef MIA_CLI_SHADOW_AB_H
#define MIA_CLI_SHADOW_AB_H

#include "cli/command.h"

/* `mia shadow ab PAIR`. Returns the exit code. */
int cli_shadow_ab(struct cli *cli, const char *path, bool is_quiet);

#endif
