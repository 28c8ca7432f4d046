/* base/percent.h - any bytes as one word of a line of text: %XX for what is no visible ASCII */
#ifndef MIA_BASE_PERCENT_H
#define MIA_BASE_PERCENT_H

#include "base/memory.h"

/* Appends text with every byte outside 0x21..0x7e, and '%', as %XX (capital hex). */
mia_status mia__percent_put(struct mia__buf *to, const char *text, struct mia_error *err);
/* What was put, as a fresh string; *text is NULL for a word that percent_put does not write.
 * Free with mia__free. */
mia_status mia__percent_take(mia_slice word, char **text, struct mia_error *err);

#endif
