/* cli/differences.h - counts of differences by class, as migrate and verify print them */
#ifndef MIA_CLI_DIFFERENCES_H
#define MIA_CLI_DIFFERENCES_H

#include "cli/command.h"
#include "mia/mia.h"

#include <jansson.h>

/* "missing", "extra", ...: the class in JSON. Static string; never changes. */
const char *cli_difference_name(enum mia_difference_class difference);
uint64_t cli_differences_total(const uint64_t counts[MIA_DIFF_CLASSES]);
/* {"missing": 0, ..., "total": 0}. NULL: out of memory. */
json_t *cli_differences_object(const uint64_t counts[MIA_DIFF_CLASSES]);
/* One field of a summary for each class that occurs. */
void cli_differences_print(struct output *out, const uint64_t counts[MIA_DIFF_CLASSES]);

#endif
