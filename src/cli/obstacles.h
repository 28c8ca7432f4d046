/* cli/obstacles.h - what stands in the way, as plan and migrate print it */
#ifndef MIA_CLI_OBSTACLES_H
#define MIA_CLI_OBSTACLES_H

#include "cli/command.h"
#include "mia/mia.h"

#include <jansson.h>

/* Keeps obstacles while the library works. {0} to begin with; list is to be given back. */
struct cli_obstacles {
    json_t
        *list; /* {"obstacle", "weight", "status", "message"}, and "database" if there are many */
    uint64_t counts[MIA_WEIGHTS];
    bool is_out_of_memory;
};
void cli_obstacles_take(void *ctx, const struct mia_obstacle *obstacle); /* a mia_obstacle_fn */

/* One line each: `refused: what and what to do`. */
void cli_obstacles_print(struct output *out, const struct cli_obstacles *obstacles);
/* The error line of a call that was refused, or, where there was more than one reason, a line for
 * each. */
void cli_obstacles_message(const struct cli *cli, const struct cli_obstacles *obstacles,
                           const struct mia_error *err);
/* The list, for the caller to keep; never NULL but without memory. */
json_t *cli_obstacles_list(const struct cli_obstacles *obstacles);

#endif
