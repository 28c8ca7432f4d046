/*
 * base/parse.h - items from untrusted bytes, one behind the other, never outside them
 *
 * The first fault sticks: later calls return zero and move nothing. So a whole structure is read in
 * straight lines, and `fault` is looked at once, before any value is used. Faults are numbers of a
 * list that the format owns, because a good message names what was found and what was left. Nothing
 * here prints, allocates or knows where the bytes come from. One reader belongs to one thread.
 */
#ifndef MIA_BASE_PARSE_H
#define MIA_BASE_PARSE_H

#include "mia/status.h"

struct mia__parse {
    const uint8_t *begin, *at, *end;
    int fault;            /* 0, or the format's number of what was wrong with the first bad item */
    const uint8_t *place; /* where that item begins */
    uint64_t found;       /* what it says: a length, a tag; or the bytes that it needs */
};

/* Reads borrowed bytes; `at` is never NULL, so that an empty item has an address too. */
static inline struct mia__parse mia__parse_begin(mia_slice bytes)
{
    const uint8_t *begin = bytes.data != NULL ? bytes.data : (const uint8_t *)"";
    struct mia__parse p = {.begin = begin, .at = begin, .end = begin + bytes.size};
    return p;
}

static inline size_t mia__parse_left(const struct mia__parse *p)
{
    return (size_t)(p->end - p->at);
}

/* Refuses the item at this place; does nothing after an earlier fault. */
static inline void mia__parse_refuse(struct mia__parse *p, const uint8_t *place, int fault,
                                     uint64_t found)
{
    if (p->fault != 0)
        return;
    p->fault = fault;
    p->place = place;
    p->found = found;
}

/* The next n bytes, or NULL. The only function that moves: n is compared with what is left, at + n
 * is never formed before that. */
static inline const uint8_t *mia__parse_take(struct mia__parse *p, size_t n, int fault)
{
    if (n > mia__parse_left(p))
        mia__parse_refuse(p, p->at, fault, n);
    if (p->fault != 0)
        return NULL;
    const uint8_t *item = p->at;
    p->at += n;
    return item;
}

/* n if that many things of at least item_size bytes can follow, else 0 and a fault of the item at
 * `place`: refused here, before anyone allocates for them. */
static inline size_t mia__parse_count(struct mia__parse *p, const uint8_t *place, uint64_t n,
                                      size_t item_size, int fault)
{
    if (n > mia__parse_left(p) / item_size)
        mia__parse_refuse(p, place, fault, n);
    return p->fault == 0 ? (size_t)n : 0;
}

#endif
