/*
 * bincode/read.h - items of bincode 2, configuration standard(), from untrusted bytes
 *
 * The other direction of bincode/write.h, over the sticky reader of base/parse.h. Accepted is what
 * the crate accepts, so also a varint that is longer than its number needs. What the crate would
 * allocate for first, a length beyond the end, is refused before. Texts and vectors are borrowed
 * from the bytes that are read.
 */
#ifndef MIA_BINCODE_READ_H
#define MIA_BINCODE_READ_H

#include "base/parse.h"
#include "bincode/format.h"
#include "mia/text.h"
#include "model/utf8.h"

/* Why an item is refused: struct mia__parse.fault; behind each what is in .found. */
enum mia__bincode_fault {
    MIA__BINCODE_TRUNCATED = 1, /* the bytes that are needed */
    MIA__BINCODE_BAD_VARINT,    /* the marker, which is too wide for the type */
    MIA__BINCODE_BAD_TAG,       /* the variant, which does not exist */
    MIA__BINCODE_BAD_OPTION,    /* the byte, which is neither 0 nor 1 */
    MIA__BINCODE_BAD_UTF8,      /* the size of the text */
    MIA__BINCODE_TOO_LARGE,     /* the length of the text or list */
    MIA__BINCODE_TOO_MANY,      /* the count of the floats */
    MIA__BINCODE_NO_MEMORY      /* the bytes that were asked for */
};

/* What is wrong with the item of the fault, in its own numbers. */
void mia__bincode_print_fault(const struct mia__parse *p, char *out, size_t size);

/* A varint whose marker is at most the given one. */
uint64_t mia__bincode_read_varint(struct mia__parse *p, uint8_t widest);

/* A length or an unsigned number. Most take one byte. */
static inline uint64_t mia__bincode_read_u64(struct mia__parse *p)
{
    bool is_single = p->fault == 0 && p->at < p->end && *p->at <= MIA__BINCODE_SINGLE_MAX;
    return is_single ? *p->at++ : mia__bincode_read_varint(p, MIA__BINCODE_MARKER_U64);
}

int64_t mia__bincode_read_i64(struct mia__parse *p);
/* An enum's variant, below `variants`: at most 32 bits wide. */
uint32_t mia__bincode_read_tag(struct mia__parse *p, uint32_t variants);

/* True: the option's value comes next. One byte, not a varint. */
static inline bool mia__bincode_read_option(struct mia__parse *p)
{
    const uint8_t *tag = mia__parse_take(p, 1, MIA__BINCODE_TRUNCATED);
    if (tag != NULL && *tag > 1)
        mia__parse_refuse(p, tag, MIA__BINCODE_BAD_OPTION, *tag);
    return p->fault == 0 && *tag == 1;
}

/* Length and bytes of a text; data is not NULL, except after a fault. */
mia_str mia__bincode_read_any_bytes(struct mia__parse *p);
static inline mia_str mia__bincode_read_bytes(struct mia__parse *p)
{
    /* The usual size is one byte, and there are so many behind it. */
    size_t left = mia__parse_left(p), size = left > 0 ? *p->at : 0;
    if (p->fault != 0 || size > MIA__BINCODE_SINGLE_MAX || size >= left)
        return mia__bincode_read_any_bytes(p);
    mia_str text = {(const char *)p->at + 1, size};
    p->at += 1 + size;
    return text;
}

/* The same, of valid UTF-8. */
static inline mia_str mia__bincode_read_str(struct mia__parse *p)
{
    const uint8_t *place = p->at;
    mia_str text = mia__bincode_read_bytes(p);
    if (text.data != NULL && !mia__utf8_is_valid(text.data, text.size)) {
        mia__parse_refuse(p, place, MIA__BINCODE_BAD_UTF8, text.size);
        text = (mia_str){NULL, 0};
    }
    return text;
}

/* A sequence's length, which is no larger than the bytes left: each item takes one at least. */
size_t mia__bincode_read_count(struct mia__parse *p);
/* The bits as they are, NaN payloads included. */
mia_floats mia__bincode_read_floats(struct mia__parse *p);

#endif
