/* cli/pair.h - names, keys and values: from arguments, and to the output of dump and get */
#ifndef MIA_CLI_PAIR_H
#define MIA_CLI_PAIR_H

#include "cli/command.h"
#include "mia/mia.h"

/* The bytes of an argument as they are, or decoded in place from hexadecimal. False: not
 * hexadecimal. *bytes lives as long as the argument. */
bool cli_pair_argument(char *text, bool is_hex, mia_slice *bytes);

/* One line: escaped text, or with --json an object, with the record where the value is one. The
 * pair came from the cursor. */
mia_status cli_pair_print(struct cli *cli, mia_source_cursor *cursor, mia_slice tree,
                          const struct mia_pair *pair, struct mia_error *err);

#endif
