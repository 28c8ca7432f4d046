/* cli/plan_print.h - what a plan says, as text and as JSON */
#ifndef MIA_CLI_PLAN_PRINT_H
#define MIA_CLI_PLAN_PRINT_H

#include "cli/obstacles.h"

/* One plan. The lists are owned by the caller; findings and losses NULL without --json. */
struct cli_planned {
    struct mia_plan_report report;
    struct cli_obstacles obstacles;
    bool is_quick, raw, salvage, resume, force, no_index, torn;
    json_t *trees, *findings, *losses;
};
void cli_plan_take_tree(void *ctx, const struct mia_plan_tree *tree); /* ctx: struct cli_planned */

void cli_plan_print(struct cli *cli, const struct cli_planned *planned);
json_t *cli_plan_object(const struct cli *cli, const struct cli_planned *planned);

#endif
