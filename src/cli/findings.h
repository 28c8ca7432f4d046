/* cli/findings.h - what was odd about records, as migrate and verify print it */
#ifndef MIA_CLI_FINDINGS_H
#define MIA_CLI_FINDINGS_H

#include "cli/command.h"
#include "cli/progress.h"
#include "mia/mia.h"

#include <jansson.h>

/* Takes findings while the library works. Shown is one line each on stderr, up to a limit for every
 * class; JSON gets the same number of each. Zero members that are not wanted. */
struct cli_findings {
    const struct cli *cli;
    struct progress *progress; /* cleared before a line */
    bool is_quiet;             /* nothing is printed */
    json_t *list;              /* owned by the caller; NULL without --json */
    uint64_t seen[MIA_FINDING_CLASSES];
    bool is_out_of_memory;
};
/* A mia_finding_fn whose ctx is a struct cli_findings. */
void cli_findings_take(void *ctx, const struct mia_finding *finding);

/* {"quarantined": 0, ...}. NULL: out of memory. */
json_t *cli_findings_object(const uint64_t counts[MIA_FINDING_CLASSES]);
/* One field of a summary for each class that occurs. */
void cli_findings_print(struct output *out, const uint64_t counts[MIA_FINDING_CLASSES]);

#endif
