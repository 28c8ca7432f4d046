/* crash/content.c - bytes of files */
#include "crash/content.h"

#include "support/check.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK = CONTENT_BLOCK };

void content_room(struct content *c, uint64_t size)
{
    if (size <= c->room)
        return;
    uint64_t room = (size + BLOCK - 1) / BLOCK * BLOCK;
    c->bytes = realloc(c->bytes, room);
    assert_non_null(c->bytes);
    memset(c->bytes + c->room, 0, room - c->room);
    c->room = room;
}

void content_resize(struct content *c, uint64_t size)
{
    if (size < c->room)
        memset(c->bytes + size, 0, c->room - size);
    c->size = size;
}

void content_apply(struct content *c, const struct record_event *event)
{
    uint64_t end = event->at + event->size;
    c->changed_ns = event->changed_ns;
    if (event->kind == RECORD_SIZE) {
        content_resize(c, event->size);
        return;
    }
    content_room(c, end);
    if (event->size > 0)
        memcpy(c->bytes + event->at, event->bytes, event->size);
    c->size = end > c->size ? end : c->size;
}

/* Every meta page gets another boot id, and after a second stop a third one: what was written
 * before the first is not of this boot again. libmdbx 0.13.11 `page_t`, `meta_t`: a magic at 20,
 * the id at 212; pages of 4096 bytes or more. */
void content_boot_again(struct content *c)
{
    static const uint8_t magic[] = {0x11, 0x4c, 0xef, 0xbd, 0x9d, 0x65, 0x59};
    enum { MAGIC_AT = 21, BOOT_AT = 212, BOOT_SIZE = 16, LARGEST = 3 * 65536 };
    for (uint64_t page = 0; page < LARGEST && page + BLOCK <= c->room; page += BLOCK)
        if (memcmp(c->bytes + page + MAGIC_AT, magic, sizeof magic) == 0)
            for (int i = 0; i < BOOT_SIZE; i++)
                c->bytes[page + BOOT_AT + (unsigned)i]++;
}

void hash_word(uint64_t *hash, uint64_t word)
{
    *hash = (*hash ^ word) * UINT64_C(0x9fb21c651e98df25);
    *hash ^= *hash >> 29;
}

void hash_bytes(uint64_t *hash, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    for (; size > 0; at += 8, size -= size < 8 ? size : 8) {
        uint64_t word = 0;
        memcpy(&word, at, size < 8 ? size : 8);
        hash_word(hash, word + size);
    }
}

static bool is_zero(const uint8_t *block)
{
    static const uint8_t zeros[BLOCK];
    return memcmp(block, zeros, BLOCK) == 0;
}

uint64_t content_hash(const struct content *c)
{
    uint64_t hash = 1;
    for (uint64_t at = 0; at < c->room; at += BLOCK)
        if (!is_zero(c->bytes + at)) {
            hash_word(&hash, at);
            hash_bytes(&hash, c->bytes + at, BLOCK);
        }
    hash_word(&hash, c->size);
    return hash;
}

void content_write(const struct content *c, int fd)
{
    assert_int_equal(ftruncate(fd, (off_t)c->size), 0);
    for (uint64_t at = 0; at < c->room;) {
        uint64_t end = at;
        while (end < c->room && !is_zero(c->bytes + end))
            end += BLOCK;
        if (end > at) {
            size_t size = (size_t)((end < c->size ? end : c->size) - at);
            assert_int_equal(pwrite(fd, c->bytes + at, size, (off_t)at), size);
        }
        at = end + BLOCK;
    }
}
