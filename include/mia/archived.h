/*
 * mia/archived.h - values in archives, read where they lie: what mia/view.h is made of
 *
 * rkyv 0.8 with little_endian, unaligned, pointer_width_32. Every pointer is an int32_t, relative
 * to the object that holds it. A text of up to 8 bytes lies in its head, filled up with 0xff; of a
 * longer one the head has the size in 30 bits, around the two bits 10 that no text begins with, and
 * where it lies. Everything here trusts the archive: mia_view_open has looked at it before.
 */
#ifndef MIA_ARCHIVED_H
#define MIA_ARCHIVED_H

#include "mia/text.h"

#ifdef __cplusplus
extern "C" {
#endif

static inline uint32_t mia_archived_u32(const void *at)
{
    const uint8_t *b = (const uint8_t *)at;
    return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static inline uint64_t mia_archived_u64(const void *at)
{
    return mia_archived_u32(at) | (uint64_t)mia_archived_u32((const uint8_t *)at + 4) << 32;
}

static inline int64_t mia_archived_i64(const void *at)
{
    return (int64_t)mia_archived_u64(at);
}

/* What the pointer at `offset` of this object leads to. */
static inline const uint8_t *mia_archived_target(const void *object, size_t offset)
{
    return (const uint8_t *)object + (int32_t)mia_archived_u32((const uint8_t *)object + offset);
}

/* Whether the text of this head lies elsewhere. */
static inline bool mia_archived_str_is_far(const void *head)
{
    return (*(const uint8_t *)head & 0xc0) == 0x80;
}

static inline size_t mia_archived_str_far_size(const void *head)
{
    uint32_t word = mia_archived_u32(head);
    return (word & 0x3f) | (word & ~UINT32_C(0xff)) >> 2;
}

/* Bytes before the first 0xff. */
static inline size_t mia_archived_str_near_size(const void *head)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t word = ~mia_archived_u64(head);
    uint64_t zeros = (word - ones) & ~word & ones * 0x80; /* the lowest one is exact */
    return zeros != 0 ? (size_t)__builtin_ctzll(zeros) / 8 : 8;
}

static inline mia_str mia_archived_str(const void *head)
{
    mia_str s;
    if (mia_archived_str_is_far(head)) {
        s.data = (const char *)head + (int32_t)mia_archived_u32((const uint8_t *)head + 4);
        s.size = mia_archived_str_far_size(head);
    } else {
        s.data = (const char *)head;
        s.size = mia_archived_str_near_size(head);
    }
    return s;
}

/* data NULL: nothing. */
static inline mia_str mia_archived_opt_str(const void *at)
{
    mia_str none = {NULL, 0};
    return *(const uint8_t *)at ? mia_archived_str((const uint8_t *)at + 1) : none;
}

static inline mia_opt_i64 mia_archived_opt_i64(const void *at)
{
    mia_opt_i64 number = {0, *(const uint8_t *)at != 0};
    if (number.present)
        number.value = mia_archived_i64((const uint8_t *)at + 1);
    return number;
}

static inline mia_floats mia_archived_floats(const void *at)
{
    mia_floats floats = {mia_archived_target(at, 0), mia_archived_u32((const uint8_t *)at + 4)};
    return floats;
}

/* A list of texts in an archive. */
typedef struct mia_texts {
    const void *heads;
    size_t count;
} mia_texts;

static inline mia_texts mia_archived_strs(const void *at)
{
    mia_texts texts = {mia_archived_target(at, 0), mia_archived_u32((const uint8_t *)at + 4)};
    return texts;
}

/* One of them; data NULL: there are not so many. */
static inline mia_str mia_texts_at(mia_texts texts, size_t i)
{
    mia_str none = {NULL, 0};
    return i < texts.count ? mia_archived_str((const uint8_t *)texts.heads + 8 * i) : none;
}

#ifdef __cplusplus
}
#endif
#endif
