/* model/json_random.h - trees of every kind and shape, and the odd ways to write one */
#ifndef MIA_TEST_MODEL_JSON_RANDOM_H
#define MIA_TEST_MODEL_JSON_RANDOM_H

#include "model/json.h"
#include "support/random.h"

/* A tree in the arena of at most `entries` items and members in all. */
struct mia__json test_json_random(struct test_random *r, struct mia__arena *arena, size_t entries);

/* A finite double: any bits, subnormal, short decimal or from a float. */
double test_double_random(struct test_random *r);

/* Appends a text that means the tree but is not what we print: space between tokens, members in any
 * order and some of them twice (the last one counts), escapes that need not be. */
void test_json_write_oddly(struct test_random *r, const struct mia__json *value,
                           struct mia__buf *to);

#endif
