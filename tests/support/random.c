/* support/random.c - splitmix64 */
#include "support/random.h"

#include "support/check.h"

#include <inttypes.h>
#include <stdlib.h>
#include <sys/random.h>

uint64_t test_setting(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text != NULL && text[0] != '\0' ? strtoull(text, NULL, 0) : otherwise;
}

uint64_t test_seed(void)
{
    uint64_t fresh = 0;
    if (getrandom(&fresh, sizeof fresh, 0) != (ssize_t)sizeof fresh)
        abort();
    uint64_t seed = test_setting("MIA_TEST_SEED", fresh);
    print_message("to have this run again: MIA_TEST_SEED=0x%" PRIx64 "\n", seed);
    return seed;
}

uint64_t test_random(struct test_random *r)
{
    uint64_t z = r->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

size_t test_below(struct test_random *r, size_t bound)
{
    return (size_t)(test_random(r) % bound);
}

void test_fill(struct test_random *r, void *to, size_t size)
{
    uint8_t *at = to;
    for (size_t i = 0; i < size; i += sizeof(uint64_t)) {
        uint64_t word = test_random(r);
        memcpy(at + i, &word, size - i < sizeof word ? size - i : sizeof word);
    }
}
