/* support/stream.c - a pipe from a program, read item by item */
#include "support/stream.h"

#include "base/bytes.h"
#include "support/check.h"

#include <inttypes.h>
#include <stdlib.h>

enum { LONGEST = 64 << 20 };

void test_stream_open(struct test_stream *s, const char *program, uint64_t seed, uint64_t count)
{
    char command[4096];
    const char *folder = getenv("MIA_INTEROP");
    assert_non_null(folder);
    snprintf(command, sizeof command, "'%s/%s' --seed %" PRIu64 " --count %" PRIu64, folder,
             program, seed, count);
    *s = (struct test_stream){.pipe = popen(command, "r")};
    assert_non_null(s->pipe);
}

bool test_stream_byte(struct test_stream *s, uint8_t *byte)
{
    int c = getc(s->pipe);
    *byte = (uint8_t)c;
    return c != EOF;
}

mia_slice test_stream_item(struct test_stream *s, int slot)
{
    uint8_t head[4];
    assert_int_equal(fread(head, 1, sizeof head, s->pipe), sizeof head);
    size_t size = mia__load_u32le(head);
    assert_true(size <= LONGEST);
    if (size > s->capacity[slot]) {
        s->capacity[slot] = 2 * size;
        s->items[slot] = realloc(s->items[slot], s->capacity[slot]);
        assert_non_null(s->items[slot]);
    }
    assert_int_equal(fread(s->items[slot], 1, size, s->pipe), size);
    return (mia_slice){s->items[slot], size};
}

void test_stream_close(struct test_stream *s)
{
    assert_int_equal(pclose(s->pipe), 0);
    for (size_t i = 0; i < TEST_STREAM_SLOTS; i++)
        free(s->items[i]);
}
