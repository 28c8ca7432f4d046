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

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Little-endian at any address. Through memcpy, which compilers turn into one instruction; bytes
 * put together by shifts they do not always. */
static inline uint16_t mia_archived_u16(const void *at)
{
    uint16_t v;
    memcpy(&v, at, sizeof v);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    v = __builtin_bswap16(v);
#endif
    return v;
}

static inline uint32_t mia_archived_u32(const void *at)
{
    uint32_t v;
    memcpy(&v, at, sizeof v);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    v = __builtin_bswap32(v);
#endif
    return v;
}

static inline uint64_t mia_archived_u64(const void *at)
{
    uint64_t v;
    memcpy(&v, at, sizeof v);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    v = __builtin_bswap64(v);
#endif
    return v;
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

/* Whether the text of this head lies elsewhere: the first byte is 10xxxxxx. */
static inline bool mia_archived_str_is_far(const void *head)
{
    return *(const int8_t *)head < -0x40;
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

/* ---- maps: buckets of a text's head and a value of 13 bytes in front of the control bytes, a
 * control byte (the hash's upper 7 bits, 0xff: empty) for each; see src/rkyv/hash.h */

static inline uint64_t mia_archived_hash_step(uint64_t hash, uint64_t word)
{
    return ((hash << 5 | hash >> 59) ^ word) * UINT64_C(0x517cc1b727220a95);
}

/* The hash of a map's key. That of a literal is known to the compiler. */
static inline uint64_t mia_archived_hash(const void *text, size_t size)
{
    const uint8_t *at = (const uint8_t *)text;
    uint64_t hash = 0;
    for (; size >= 8; size -= 8, at += 8)
        hash = mia_archived_hash_step(hash, mia_archived_u64(at));
    if (size & 4) {
        hash = mia_archived_hash_step(hash, mia_archived_u32(at));
        at += 4;
    }
    if (size & 2) {
        hash = mia_archived_hash_step(hash, mia_archived_u16(at));
        at += 2;
    }
    if (size & 1)
        hash = mia_archived_hash_step(hash, *at);
    return mia_archived_hash_step(hash, 0xff); /* ends every text */
}

/* A bit for each of 16 control bytes, lowest first, that is this one. */
#ifdef __SSE2__
static inline uint32_t mia_archived_window(const uint8_t *control, uint8_t byte)
{
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)control);
    return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8((char)byte)));
}
#else
static inline uint32_t mia_archived_window(const uint8_t *control, uint8_t byte)
{
    uint32_t bits = 0;
    for (int i = 0; i < 16; i++)
        bits |= (uint32_t)(control[i] == byte) << i;
    return bits;
}
#endif

/* The value of a key that is where most are: in the first of its windows of 16 buckets, behind the
 * last of which the first ones follow. NULL: it may be somewhere else. All of a map of up to 16
 * buckets is in one window, wherever in it the key belongs. The map must not be empty. */
static inline const uint8_t *mia_archived_map_near(const void *map, mia_str key, uint64_t hash)
{
    const uint8_t *control = mia_archived_target(map, 0);
    uint32_t cap = mia_archived_u32((const uint8_t *)map + 8);
    size_t home = cap > 16 ? (size_t)(hash % cap) : 0;
    uint32_t equal = mia_archived_window(control + home, (uint8_t)(hash >> 57));
    for (; equal != 0; equal &= equal - 1) {
        size_t bucket = home + (size_t)__builtin_ctz(equal);
        const uint8_t *head = control - ((bucket < cap ? bucket : bucket - cap) + 1) * 21;
        mia_str found = mia_archived_str(head);
        if (found.size == key.size && memcmp(found.data, key.data, key.size) == 0)
            return head + 8;
    }
    return NULL;
}

#ifdef __cplusplus
}
#endif
#endif
