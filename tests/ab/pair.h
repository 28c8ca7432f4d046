/* ab/pair.h - a MIA-like sled database and its migration, made once for all cases of a program */
#ifndef MIA_TEST_AB_PAIR_H
#define MIA_TEST_AB_PAIR_H

#include "mia/ab.h"
#include "support/folder.h"

struct ab_pair {
    char folder[TEST_PATH];
    char sled[TEST_PATH], mdbx[TEST_PATH], scratch[TEST_PATH];
};

/* A cmocka group setup and teardown; *state is the struct ab_pair. */
int ab_pair_make(void **state);
int ab_pair_remove(void **state);

/* Options of a short run of A and B; copies go to the pair's own scratch directory. */
struct mia_ab_options ab_options(const struct ab_pair *pair, const char *a, const char *b);
/* Whether the scratch directory holds nothing. */
bool ab_scratch_is_empty(const struct ab_pair *pair);

#endif
