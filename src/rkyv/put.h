/*
 * rkyv/put.h - pieces of archives, appended to a buffer
 *
 * Source: rkyv 0.8.18 with little_endian, unaligned, pointer_width_32. A value is written in two
 * steps: what it points to is appended first (deps), its own bytes of fixed size later (fix), at a
 * place that is known only then. Pointers are relative to the object that holds them, so it does
 * not matter where in the buffer an archive begins.
 *
 * The first failure sticks: later calls append nothing, and `status` is looked at once, at the end.
 */
#ifndef MIA_RKYV_PUT_H
#define MIA_RKYV_PUT_H

#include "base/memory.h"
#include "model/json.h"
#include "rkyv/layout.h"

struct mia__put {
    struct mia__buf *to;
    size_t begin;             /* of the archive in it */
    size_t limit;             /* what the buffer may grow to without a question; 0: ask */
    struct mia__arena *arena; /* for maps and arrays while they are written */
    mia_status status;        /* MIA_ERR_NOMEM, MIA_ERR_TOO_LONG */
    struct mia_error *err;
};

/* Room that the caller fills at once, size > 0; NULL after a failure. */
uint8_t *mia__put_grow(struct mia__put *p, size_t size);
static inline uint8_t *mia__put_extend(struct mia__put *p, size_t size)
{
    size_t at = p->to->size;
    if (at > p->limit || size > p->limit - at)
        return mia__put_grow(p, size);
    p->to->size = at + size;
    return p->to->data + at;
}

/* Bytes as they are. */
static inline void mia__put_bytes(struct mia__put *p, const void *data, size_t size)
{
    uint8_t *at = size > 0 ? mia__put_extend(p, size) : NULL;
    if (at != NULL)
        mia__copy(at, data, size);
}

/* The text of a string, unless it fits its head; returns where it went. */
size_t mia__put_huge_text(struct mia__put *p, mia_str text);
static inline size_t mia__put_text(struct mia__put *p, mia_str text)
{
    size_t target = p->to->size;
    if (text.size > MIA__STR_MAX)
        return mia__put_huge_text(p, text);
    if (text.size > MIA__STR_INLINE)
        mia__put_bytes(p, text.data, text.size);
    return target;
}

/* Offset of 32 bits, from the object at pos that holds it to its target. */
static inline void mia__fix_offset(uint8_t at[4], size_t pos, size_t target)
{
    mia__store_u32le(at, (uint32_t)((int64_t)target - (int64_t)pos));
}

/* The head of a string, at `pos` in the buffer, whose text is at `target`. */
static inline void mia__fix_str(uint8_t head[MIA__ARCHIVE_STR], size_t pos, mia_str text,
                                size_t target)
{
    uint32_t n = (uint32_t)text.size;
    if (text.size < MIA__STR_INLINE) {
        mia__store_u64le(head, mia__load_short(text.data, n) | UINT64_MAX << 8 * n);
    } else if (text.size == MIA__STR_INLINE) {
        memcpy(head, text.data, MIA__STR_INLINE);
    } else {
        mia__store_u32le(head, (n & 0x3f) | 0x80 | (n & ~UINT32_C(0x3f)) << 2);
        mia__fix_offset(head + 4, pos, target);
    }
}

/* What a JSON value points to; the answer is for mia__fix_json. */
size_t mia__put_json(struct mia__put *p, const struct mia__json *value);
void mia__fix_json(uint8_t at[MIA__ARCHIVE_VALUE], size_t pos, const struct mia__json *value,
                   size_t target);

/* RkyvMetadata: a root that is no object becomes the entry with the key U+0000, and keys of NULs
 * only get one more, so that none is mistaken for it. *len is how many entries the map has. */
size_t mia__put_metadata(struct mia__put *p, const struct mia__json *root, uint32_t *len);
void mia__fix_map(uint8_t at[MIA__ARCHIVE_MAP], size_t pos, uint32_t len, size_t target);

#endif
