/* lines.h - differences as lines of text, to compare those that are wanted with those that are told
 */
#ifndef MIA_TEST_LINES_H
#define MIA_TEST_LINES_H

#include "mia/mia.h"

/* Lines "class side tree key", tree and key in hexadecimal. */
struct lines {
    char **lines;
    size_t count, capacity;
};
void lines_add(struct lines *l, enum mia_difference_class class, enum mia_side side, mia_slice tree,
               mia_slice key);
void lines_free(struct lines *l);
/* The same lines, in any order. */
void lines_equal(struct lines *wanted, struct lines *found);
void lines_take(void *ctx, const struct mia_difference *d); /* a mia_difference_fn; ctx is them */

#endif
