/*
 * base/memory.h - the one door to the heap, and two shapes of memory on it
 *
 * malloc and its family appear nowhere else in the library, so that faults and accounting are
 * complete. Nothing here is shared between threads.
 */
#ifndef MIA_BASE_MEMORY_H
#define MIA_BASE_MEMORY_H

#include "mia/status.h"

void *mia__alloc(size_t size); /* NULL when there is none; size 0 gives a unique pointer */
void *mia__alloc_zero(size_t size);
void *mia__alloc_array(size_t count,
                       size_t size);       /* zeroed; NULL also when count * size overflows */
void *mia__realloc(void *at, size_t size); /* at stays valid when NULL is returned */
void mia__free(void *at);
char *mia__strdup(const char *text);
/* printf into a fresh string; NULL when there is no memory. Free with mia__free. */
char *mia__format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A growing byte buffer. {0} is empty; data is valid up to size; free once. */
struct mia__buf {
    uint8_t *data;
    size_t size, capacity;
};
mia_status mia__buf_grow(struct mia__buf *buf, size_t total, struct mia_error *err);
/* Makes room for total bytes in all; size is unchanged. */
static inline mia_status mia__buf_reserve(struct mia__buf *buf, size_t total, struct mia_error *err)
{
    return total <= buf->capacity ? MIA_OK : mia__buf_grow(buf, total, err);
}
mia_status mia__buf_append(struct mia__buf *buf, const void *data, size_t size,
                           struct mia_error *err);
/* The buffer's content becomes these bytes (which must not lie in it). */
mia_status mia__buf_set(struct mia__buf *buf, mia_slice bytes, struct mia_error *err);
void mia__buf_free(struct mia__buf *buf);

static inline mia_slice mia__buf_slice(const struct mia__buf *buf)
{
    mia_slice s = {buf->data, buf->size};
    return s;
}

/* Memory given back all at once. {0} is empty. Blocks are kept by reset for the next use. */
struct mia__arena_block;
struct mia__arena {
    struct mia__arena_block *blocks; /* newest first */
    size_t used;                     /* of the newest block */
};
void *mia__arena_alloc(struct mia__arena *arena, size_t size); /* 8-aligned; NULL: no memory */
void mia__arena_reset(struct mia__arena *arena);               /* keeps one block */
void mia__arena_free(struct mia__arena *arena);

#endif
