/* crash/content.h - the bytes of one file, as a disk has them; what was never written is zero */
#ifndef MIA_TEST_CRASH_CONTENT_H
#define MIA_TEST_CRASH_CONTENT_H

#include "crash/record.h"

enum { CONTENT_BLOCK = 4096 };

struct content {
    uint8_t *bytes; /* room: whole blocks; from there, and from size, on all is zero */
    uint64_t size, room;
    int64_t changed_ns;
};

void content_room(struct content *c, uint64_t size);
void content_resize(struct content *c, uint64_t size);
void content_apply(struct content *c, const struct record_event *event); /* a WRITE, a SIZE */
/* Of libmdbx's file: as if it had been written before the machine was started. */
void content_boot_again(struct content *c);
uint64_t content_hash(const struct content *c);
void content_write(const struct content *c, int fd); /* into an empty file */

/* One hash goes on with a word, with bytes. */
void hash_word(uint64_t *hash, uint64_t word);
void hash_bytes(uint64_t *hash, const void *bytes, size_t size);

#endif
