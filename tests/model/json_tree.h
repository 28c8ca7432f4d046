/* model/json_tree.h - texts, trees and back, as the tests of JSON need them */
#ifndef MIA_TEST_MODEL_JSON_TREE_H
#define MIA_TEST_MODEL_JSON_TREE_H

#include "model/json.h"

/* The memory of one test: {0} to begin with, test_json_end at its end. */
struct test_json {
    char *text; /* what was parsed last */
    struct mia__arena arena;
    struct mia__buf printed;
};
void test_json_end(struct test_json *t);

/* Parses a copy that ends where its memory ends, so that a sanitizer sees a byte too far. The tree
 * lives until the next call. */
mia_status test_json_parse(struct test_json *t, mia_slice text, struct mia__json *out);
/* The text of a tree, until the next call. */
mia_slice test_json_print(struct test_json *t, const struct mia__json *value);

/* Same kinds, bits, bytes and order. */
bool test_json_equal(const struct mia__json *a, const struct mia__json *b);
/* What json.h promises of every tree: ascending keys, finite numbers, text in UTF-8. */
bool test_json_is_sound(const struct mia__json *value);

#endif
