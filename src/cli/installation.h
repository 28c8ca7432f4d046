/* cli/installation.h - a whole base at once: what `migrate --base`, `rollback --base`, `status`,
 * `cutover` and `finish` share */
#ifndef MIA_CLI_INSTALLATION_H
#define MIA_CLI_INSTALLATION_H

#include "cli/command.h"
#include "mia/installation.h"

/* What the user said. opt.root and the rest of opt but the callbacks. */
struct cli_installation {
    struct mia_installation_options opt;
    bool progress, quiet;
};

/* Runs a migration or a rollback of all databases: a line for each, then what is next. */
typedef mia_status cli_installation_fn(const struct mia_installation_options *opt,
                                       struct mia_installation_report *report,
                                       struct mia_error *err);
int cli_installation_run(struct cli *cli, const struct cli_installation *asked,
                         cli_installation_fn *act);

/* Reads and prints where the installation stands. Returns the exit code. */
int cli_installation_show(struct cli *cli, const char *root);
/* A step without a report, a cutover for instance; then the same, unless it is to be quiet. */
typedef mia_status cli_installation_step(const struct mia_installation_options *opt,
                                         struct mia_error *err);
int cli_installation_act(struct cli *cli, const char *root, bool quiet,
                         cli_installation_step *step);

#endif
