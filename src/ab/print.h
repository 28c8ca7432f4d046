/*
 * ab/print.h - 64 bits that stand for an answer: equal values, equal prints, however they are
 * stored
 *
 * Made to be fast, and to be different for answers that are; not for answers that somebody made to
 * be taken for others. Every byte of a value is read for it, as by a program that uses what it
 * asked for.
 */
#ifndef MIA_AB_PRINT_H
#define MIA_AB_PRINT_H

#include "base/bytes.h"
#include "mia/model.h"

static inline uint64_t mia__ab_print_word(uint64_t print, uint64_t word)
{
    print = (print ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return print ^ print >> 29;
}

/* The bytes, and how many they are. */
uint64_t mia__ab_print_bytes(uint64_t print, const void *data, size_t size);
static inline uint64_t mia__ab_print_str(uint64_t print, mia_str text)
{
    return mia__ab_print_bytes(print, text.data, text.size);
}

/* Every field of a record; members of objects count in any order, as in mia_view_equal. */
uint64_t mia__ab_print_view(uint64_t print, mia_view view);

#endif
