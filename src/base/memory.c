/* base/memory.c - buffers and arenas */
#include "base/memory.h"

#include "base/error.h"

mia_status mia__buf_grow(struct mia__buf *buf, size_t total, struct mia_error *err)
{
    size_t capacity = buf->capacity + buf->capacity / 2;
    if (capacity < total)
        capacity = total;
    if (capacity < 64)
        capacity = 64;
    uint8_t *data = mia__realloc(buf->data, capacity);
    if (data == NULL)
        return mia__fail_nomem(err);
    buf->data = data;
    buf->capacity = capacity;
    return MIA_OK;
}

mia_status mia__buf_append(struct mia__buf *buf, const void *data, size_t size,
                           struct mia_error *err)
{
    if (size > SIZE_MAX - buf->size)
        return mia__fail_nomem(err);
    mia_status rc = mia__buf_reserve(buf, buf->size + size, err);
    if (rc < 0)
        return rc;
    if (size > 0)
        memcpy(buf->data + buf->size, data, size);
    buf->size += size;
    return MIA_OK;
}

mia_status mia__buf_set(struct mia__buf *buf, mia_slice bytes, struct mia_error *err)
{
    buf->size = 0;
    return mia__buf_append(buf, bytes.data, bytes.size, err);
}

void mia__buf_free(struct mia__buf *buf)
{
    mia__free(buf->data);
    memset(buf, 0, sizeof *buf);
}

struct mia__arena_block {
    struct mia__arena_block *older;
    size_t size;
    max_align_t bytes[];
};

enum { ARENA_BLOCK = 64 * 1024 - 64 };

void *mia__arena_alloc(struct mia__arena *arena, size_t size)
{
    if (size > SIZE_MAX / 2)
        return NULL;
    size = (size + 7) & ~(size_t)7;
    struct mia__arena_block *block = arena->blocks;
    if (block == NULL || size > block->size - arena->used) {
        size_t room = size > ARENA_BLOCK ? size : ARENA_BLOCK;
        block = mia__alloc(sizeof *block + room);
        if (block == NULL)
            return NULL;
        block->older = arena->blocks;
        block->size = room;
        arena->blocks = block;
        arena->used = 0;
    }
    void *at = (char *)block->bytes + arena->used;
    arena->used += size;
    return at;
}

static void free_blocks(struct mia__arena_block *block)
{
    while (block != NULL) {
        struct mia__arena_block *older = block->older;
        mia__free(block);
        block = older;
    }
}

void mia__arena_reset(struct mia__arena *arena)
{
    struct mia__arena_block *block = arena->blocks;
    if (block == NULL)
        return;
    free_blocks(block->older);
    block->older = NULL;
    arena->used = 0;
    if (block->size > 16 * (size_t)ARENA_BLOCK) { /* one huge value must not stay for ever */
        mia__free(block);
        arena->blocks = NULL;
    }
}

void mia__arena_free(struct mia__arena *arena)
{
    free_blocks(arena->blocks);
    memset(arena, 0, sizeof *arena);
}
