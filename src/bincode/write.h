/*
 * bincode/write.h - items of bincode 2, configuration standard(), appended to a buffer
 *
 * A record is its fields one after another, written in straight lines: the first failure sticks,
 * later calls append nothing, and `status` is looked at once, behind the last field.
 *
 * The encoding (bincode 2.0.1): integers of fixed width do not occur; every length and unsigned
 * number is a varint, signed ones are zigzag varints, an enum is the varint of its variant, an
 * option is a byte 0 or 1, a string or sequence its length and its content. One writer belongs to
 * one thread at a time.
 */
#ifndef MIA_BINCODE_WRITE_H
#define MIA_BINCODE_WRITE_H

#include "base/memory.h"
#include "mia/text.h"

/* The largest value that the whole chain of formats can carry: offsets are 31 bits elsewhere. */
#define MIA__BINCODE_LIMIT ((size_t)INT32_MAX)

struct mia__bincode_writer {
    struct mia__buf *to; /* the caller's; appended to */
    size_t begin;        /* where in it the value begins */
    size_t limit;        /* bytes that the value may take: MIA_ERR_TOO_LONG beyond */
    struct mia_error *err;
    mia_status status; /* MIA_OK, or the first failure, which err describes */
};

/* Starts a value at the buffer's end; it may take MIA__BINCODE_LIMIT bytes. */
struct mia__bincode_writer mia__bincode_begin(struct mia__buf *to, struct mia_error *err);

/* Bytes as they are, without a length. */
void mia__bincode_write_bytes(struct mia__bincode_writer *w, const void *data, size_t size);
/* A length, an unsigned number or an enum's variant. */
void mia__bincode_write_u64(struct mia__bincode_writer *w, uint64_t n);
void mia__bincode_write_i64(struct mia__bincode_writer *w, int64_t n);
/* The bit pattern, NaN payloads included. */
void mia__bincode_write_f32(struct mia__bincode_writer *w, float f);
/* Count and bit patterns, NaN payloads included. */
void mia__bincode_write_floats(struct mia__bincode_writer *w, mia_floats floats);
/* Length and bytes; the caller answers for UTF-8. */
void mia__bincode_write_str(struct mia__bincode_writer *w, mia_slice text);
/* The tag of an option; where there is something, its value is written next. */
void mia__bincode_write_option(struct mia__bincode_writer *w, bool is_some);

#endif
