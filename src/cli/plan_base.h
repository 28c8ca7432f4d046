/* cli/plan_base.h - mia plan --base: every database of a base */
#ifndef MIA_CLI_PLAN_BASE_H
#define MIA_CLI_PLAN_BASE_H

#include "cli/command.h"
#include "mia/installation.h"

/* What the user said; opt without the callbacks. */
struct cli_plan_base {
    struct mia_installation_options opt;
    bool is_quick, progress, quiet;
};
int cli_plan_base_run(struct cli *cli, const struct cli_plan_base *asked); /* the exit code */

#endif
