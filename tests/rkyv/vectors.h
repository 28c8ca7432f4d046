/* rkyv/vectors.h - the recorded records of tests/fixtures/models/vectors.jsonl */
#ifndef MIA_TEST_RKYV_VECTORS_H
#define MIA_TEST_RKYV_VECTORS_H

#include "mia/status.h"
#include "model/table.h"

struct test_vector {
    enum mia__table table;
    mia_slice bincode, archive; /* each in a block of its own */
};

/* Fails the running test if there are none. Free with test_vectors_free. */
struct test_vector *test_vectors_load(size_t *count);
void test_vectors_free(struct test_vector *vectors, size_t count);

/* Bytes in memory of exactly their size, where a sanitizer sees a byte too far; free(data). */
mia_slice test_copy(const void *bytes, size_t size);

#endif
