/* support/stream.h - what the programs of interop/ make at random: items, one behind the other
 *
 * MIA_INTEROP is the folder of the programs; interop/README.md has the streams. */
#ifndef MIA_TEST_STREAM_H
#define MIA_TEST_STREAM_H

#include "mia/status.h"

#include <stdio.h>

enum { TEST_STREAM_SLOTS = 3 };

struct test_stream {
    FILE *pipe;
    uint8_t *items[TEST_STREAM_SLOTS];
    size_t capacity[TEST_STREAM_SLOTS];
};

void test_stream_open(struct test_stream *s, const char *program, uint64_t seed, uint64_t count);
/* False: the end. */
bool test_stream_byte(struct test_stream *s, uint8_t *byte);
/* Bytes behind their size, until the next call for the slot. */
mia_slice test_stream_item(struct test_stream *s, int slot);
/* The program must have ended well. */
void test_stream_close(struct test_stream *s);

#endif
