/* search_suite.h - what the suites of searches share */
#ifndef MIA_TEST_STORE_SEARCH_SUITE_H
#define MIA_TEST_STORE_SEARCH_SUITE_H

#include "mia/search.h"
#include "store/suite.h"

/* An embedding of no node, in a transaction of its own. */
void put_vector(struct store_bench *b, const char *id, const char *model, const float *vector,
                size_t dimension);
/* The defaults. */
struct mia_search_options search_options(void);

#endif
