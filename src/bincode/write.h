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

#include "base/bytes.h"
#include "base/memory.h"
#include "bincode/format.h"
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

/* Bytes as they are, without a length: where the buffer has room for them, and where that is still
 * to be seen. */
void mia__bincode_append(struct mia__bincode_writer *w, const void *data, size_t size);
static inline void mia__bincode_write_bytes(struct mia__bincode_writer *w, const void *data,
                                            size_t size)
{
    struct mia__buf *to = w->to;
    if (w->status == MIA_OK && size > 0 && size <= to->capacity - to->size &&
        size <= w->limit - (to->size - w->begin)) {
        mia__copy(to->data + to->size, data, size);
        to->size += size;
    } else {
        mia__bincode_append(w, data, size);
    }
}

/* A length, an unsigned number or an enum's variant; most take one byte. */
void mia__bincode_write_varint(struct mia__bincode_writer *w, uint64_t n);
static inline void mia__bincode_write_u64(struct mia__bincode_writer *w, uint64_t n)
{
    uint8_t single = (uint8_t)n;
    if (n <= MIA__BINCODE_SINGLE_MAX)
        mia__bincode_write_bytes(w, &single, 1);
    else
        mia__bincode_write_varint(w, n);
}

void mia__bincode_write_i64(struct mia__bincode_writer *w, int64_t n);
/* The bit pattern, NaN payloads included. */
void mia__bincode_write_f32(struct mia__bincode_writer *w, float f);
/* Count and bit patterns, NaN payloads included. */
void mia__bincode_write_floats(struct mia__bincode_writer *w, mia_floats floats);
/* Length and bytes; the caller answers for UTF-8. */
static inline void mia__bincode_write_str(struct mia__bincode_writer *w, mia_slice text)
{
    mia__bincode_write_u64(w, text.size);
    mia__bincode_write_bytes(w, text.data, text.size);
}

/* The tag of an option; where there is something, its value is written next. */
static inline void mia__bincode_write_option(struct mia__bincode_writer *w, bool is_some)
{
    uint8_t tag = is_some;
    mia__bincode_write_bytes(w, &tag, 1);
}

#endif
