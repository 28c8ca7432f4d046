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
#include "mia/text.h"

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

/* A length or an unsigned number. */
uint64_t mia__bincode_read_u64(struct mia__parse *p);
int64_t mia__bincode_read_i64(struct mia__parse *p);
/* An enum's variant, below `variants`: at most 32 bits wide. */
uint32_t mia__bincode_read_tag(struct mia__parse *p, uint32_t variants);
/* True: the option's value comes next. One byte, not a varint. */
bool mia__bincode_read_option(struct mia__parse *p);
/* Valid UTF-8; data is not NULL, except after a fault. */
mia_str mia__bincode_read_str(struct mia__parse *p);
/* A sequence's length, which is no larger than the bytes left: each item takes one at least. */
size_t mia__bincode_read_count(struct mia__parse *p);
/* The bits as they are, NaN payloads included. */
mia_floats mia__bincode_read_floats(struct mia__parse *p);

#endif
