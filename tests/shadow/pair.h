/*
 * shadow/pair.h - two engines as one engine: the suites run over it, and whenever such a database
 * is closed both of its sides must be the same
 */
#ifndef MIA_TEST_SHADOW_PAIR_H
#define MIA_TEST_SHADOW_PAIR_H

#include "mia/shadow.h"

/* The table of a pair: kept in *to. raw: as in struct mia_shadow_options. */
struct pair_engine {
    struct mia_engine_ops ops;
    const struct mia_engine_ops *first, *second;
    bool raw;
};
const struct mia_engine_ops *test_engine_pair(int slot, const char *name,
                                              const struct mia_engine_ops *first,
                                              const struct mia_engine_ops *second, bool raw);

/* Waits until the secondary has everything, verifies, and wants no difference. */
void pair_expect_equal(mia_db *db);

#endif
