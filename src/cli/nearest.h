/* cli/nearest.h - "did you mean": the known word that a mistyped one is nearest to */
#ifndef MIA_CLI_NEAREST_H
#define MIA_CLI_NEAREST_H

#include <stddef.h>

struct nearest {
    const char *wanted;
    const char *best; /* NULL: nothing near enough so far */
    size_t distance;  /* of best; before there is one: the first that is too far */
};

struct nearest cli_nearest_to(const char *wanted);
/* Offers one known word; it must live as long as the result is used. */
void cli_nearest_try(struct nearest *nearest, const char *word);

#endif
