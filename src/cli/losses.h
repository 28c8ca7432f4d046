/* cli/losses.h - what is lost of a damaged database, as migrate and salvage print it */
#ifndef MIA_CLI_LOSSES_H
#define MIA_CLI_LOSSES_H

#include "cli/command.h"
#include "cli/progress.h"
#include "mia/mia.h"

#include <jansson.h>

/* Takes losses while the library opens the source. Shown is one line each on stderr, up to a limit
 * for every class; JSON gets them all. Zero members that are not wanted. */
struct cli_losses {
    const struct cli *cli;
    struct progress *progress; /* cleared before a line */
    bool is_quiet;             /* nothing is printed */
    json_t *list;              /* owned by the caller; NULL without --json */
    uint64_t seen[MIA_LOSS_CLASSES];
    bool is_out_of_memory;
};
/* A mia_loss_fn whose ctx is a struct cli_losses. */
void cli_losses_take(void *ctx, const struct mia_loss *loss);

/* {"keys": 0, ...}. NULL: out of memory. */
json_t *cli_losses_object(const uint64_t counts[MIA_LOSS_CLASSES]);
/* One field of a summary for each class that occurs. */
void cli_losses_print(struct output *out, const uint64_t counts[MIA_LOSS_CLASSES]);

#endif
