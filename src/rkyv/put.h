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
    struct mia__arena *arena; /* for maps and arrays while they are written */
    mia_status status;        /* MIA_ERR_NOMEM, MIA_ERR_TOO_LONG */
    struct mia_error *err;
};

/* Bytes as they are. */
void mia__put_bytes(struct mia__put *p, const void *data, size_t size);
/* The text of a string, unless it fits its head; returns where it went. */
size_t mia__put_text(struct mia__put *p, mia_str text);
/* The head of a string, at `pos` in the buffer, whose text is at `target`. */
void mia__fix_str(uint8_t head[MIA__ARCHIVE_STR], size_t pos, mia_str text, size_t target);
/* Offset of 32 bits, from the object at pos that holds it to its target. */
void mia__fix_offset(uint8_t at[4], size_t pos, size_t target);

/* What a JSON value points to; the answer is for mia__fix_json. */
size_t mia__put_json(struct mia__put *p, const struct mia__json *value);
void mia__fix_json(uint8_t at[MIA__ARCHIVE_VALUE], size_t pos, const struct mia__json *value,
                   size_t target);

/* RkyvMetadata: a root that is no object becomes the entry with the key U+0000, and keys of NULs
 * only get one more, so that none is mistaken for it. *len is how many entries the map has. */
size_t mia__put_metadata(struct mia__put *p, const struct mia__json *root, uint32_t *len);
void mia__fix_map(uint8_t at[MIA__ARCHIVE_MAP], size_t pos, uint32_t len, size_t target);

#endif
