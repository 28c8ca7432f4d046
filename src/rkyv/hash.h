/*
 * rkyv/hash.h - how large the tables of rkyv's maps are, and where a key may be; their hash is
 * mia_archived_hash of mia/archived.h
 *
 * Source: rkyv 0.8.18, src/hash.rs (FxHash, 64 bits, no seed) and
 * src/collections/swiss_table/table.rs. A table of `len` entries has `cap` buckets and `control`
 * control bytes behind them; bucket i lies i + 1 entries before control byte 0. A control byte is
 * 0xff (empty) or the hash's upper 7 bits. Control byte cap + i repeats control byte i, as far as
 * there is room; the rest are 0xff.
 */
#ifndef MIA_RKYV_HASH_H
#define MIA_RKYV_HASH_H

#include "base/bytes.h"
#include "mia/archived.h"

enum { MIA__MAP_WINDOW = 16, MIA__MAP_ENTRY = 21, MIA__MAP_EMPTY = 0xff };

static inline uint8_t mia__hash_tag(uint64_t hash)
{
    return (uint8_t)(hash >> 57);
}

/* Control bytes of so many buckets. */
static inline uint64_t mia__map_control(uint64_t cap)
{
    return (cap + MIA__MAP_WINDOW - 1) / MIA__MAP_WINDOW * MIA__MAP_WINDOW + MIA__MAP_WINDOW - 1;
}

struct mia__map_shape {
    uint64_t cap, probe_cap, control, mask;
};

/* From the number of buckets; with len the number that rkyv gives a map of len entries. */
static inline struct mia__map_shape mia__map_shape(uint64_t cap)
{
    struct mia__map_shape s = {.cap = cap};
    s.control = mia__map_control(cap);
    s.probe_cap = s.control - (MIA__MAP_WINDOW - 1);
    /* One less than the power of two that is at least control: 31 or more. */
    s.mask = s.cap > 0 ? UINT64_MAX >> __builtin_clzll(s.control - 1) : MIA__MAP_WINDOW - 1;
    return s;
}

static inline uint64_t mia__map_cap(uint64_t len)
{
    if (len == 0)
        return 0;
    return len < 14 ? len + 1 : len * 8 / 7; /* the larger one of the two */
}

/* Control bytes that are copies of the first ones. */
static inline uint64_t mia__map_copies(const struct mia__map_shape *s)
{
    return s->cap < s->control - s->cap ? s->cap : s->control - s->cap;
}

/* As mia_archived_window, a bit for each of the 16 bytes of a window: those that are the same in
 * another one, those that are its bytes with the bits of `filler`, and those whose upper bit is
 * set, which are the empty ones. */
#ifdef __SSE2__
static inline uint32_t mia__window_same(const uint8_t *window, const uint8_t *other)
{
    __m128i bytes = _mm_loadu_si128((const __m128i *)window);
    __m128i others = _mm_loadu_si128((const __m128i *)other);
    return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, others));
}

static inline uint32_t mia__window_same_filled(const uint8_t *window, const uint8_t *other,
                                               const uint8_t *filler)
{
    __m128i bytes = _mm_loadu_si128((const __m128i *)window);
    __m128i others = _mm_loadu_si128((const __m128i *)other);
    __m128i bits = _mm_loadu_si128((const __m128i *)filler);
    return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_or_si128(others, bits)));
}

static inline uint32_t mia__window_empty(const uint8_t *window)
{
    return (uint32_t)_mm_movemask_epi8(_mm_loadu_si128((const __m128i *)window));
}
#else
static inline uint32_t mia__window_same(const uint8_t *window, const uint8_t *other)
{
    uint32_t bits = 0;
    for (int i = 0; i < MIA__MAP_WINDOW; i++)
        bits |= (uint32_t)(window[i] == other[i]) << i;
    return bits;
}

static inline uint32_t mia__window_same_filled(const uint8_t *window, const uint8_t *other,
                                               const uint8_t *filler)
{
    uint32_t bits = 0;
    for (int i = 0; i < MIA__MAP_WINDOW; i++)
        bits |= (uint32_t)(window[i] == (other[i] | filler[i])) << i;
    return bits;
}

static inline uint32_t mia__window_empty(const uint8_t *window)
{
    uint32_t bits = 0;
    for (int i = 0; i < MIA__MAP_WINDOW; i++)
        bits |= (uint32_t)(window[i] >> 7) << i;
    return bits;
}
#endif

/* Of a window that begins so many buckets before the last one's end: those that have an entry. */
static inline uint32_t mia__window_occupied(const uint8_t *window, uint64_t buckets)
{
    uint32_t bits = ~mia__window_empty(window) & 0xffff;
    return buckets < MIA__MAP_WINDOW ? bits & ((UINT32_C(1) << buckets) - 1) : bits;
}

/* A walk over the windows in which a key may be. A sound table never needs more than
 * probe_cap / 16 of them; `left` ends the walk on one that is not. */
struct mia__probe {
    uint64_t pos, stride, left;
};

static inline struct mia__probe mia__probe_begin(const struct mia__map_shape *s, uint64_t hash)
{
    return (struct mia__probe){.pos = hash % s->cap, .left = s->probe_cap / MIA__MAP_WINDOW};
}

/* n % cap for many n without a division each; inverse is UINT64_MAX / cap. The product's upper half
 * is the quotient or one less. */
static inline uint64_t mia__map_home(uint64_t n, uint64_t cap, uint64_t inverse)
{
    uint64_t rest = n - (uint64_t)((unsigned __int128)n * inverse >> 64) * cap;
    return rest < cap ? rest : rest - cap;
}

/* The next window. False: there is none. */
static inline bool mia__probe_next(const struct mia__map_shape *s, struct mia__probe *p)
{
    if (--p->left == 0)
        return false;
    do {
        p->stride += MIA__MAP_WINDOW;
        p->pos = (p->pos + p->stride) & s->mask;
    } while (p->pos >= s->probe_cap);
    return true;
}

#endif
