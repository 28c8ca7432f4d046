/* support/random.h - numbers that look random and come again with the same seed */
#ifndef MIA_TEST_RANDOM_H
#define MIA_TEST_RANDOM_H

#include <stddef.h>
#include <stdint.h>

struct test_random {
    uint64_t state;
};

/* The seed of this run: MIA_TEST_SEED if that is set, else a fresh one. Printed, with the way to
 * have it again. */
uint64_t test_seed(void);
/* A number from the environment, or this one. */
uint64_t test_setting(const char *name, uint64_t otherwise);

uint64_t test_random(struct test_random *r);
/* 0 .. bound - 1; bound must not be 0. */
size_t test_below(struct test_random *r, size_t bound);
void test_fill(struct test_random *r, void *to, size_t size);

#endif
