/*
 * rkyv/control.h - is a map's row of control bytes as rkyv writes it?
 *
 * So that lookups end, and end at buckets of the map: rule S1 of rkyv/check.h. The row lies inside
 * the archive, and behind it at least the map's head.
 */
#ifndef MIA_RKYV_CONTROL_H
#define MIA_RKYV_CONTROL_H

#include "rkyv/hash.h"

/* Of up to 16 buckets: behind them there are their copies, then 0xff, 31 bytes in all. */
static inline bool mia__control_is_small_sound(const uint8_t *control, uint32_t cap)
{
    static const uint8_t filler[2 * MIA__MAP_WINDOW] = {
        0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,
        0,    0,    0,    0,    0,    0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    uint32_t buckets = (UINT32_C(1) << cap) - 1, beyond = cap == MIA__MAP_WINDOW ? 0x8000 : 0;
    uint32_t copies =
        mia__window_same_filled(control + cap, control, filler + MIA__MAP_WINDOW - cap);
    uint32_t rest = mia_archived_window(control + MIA__MAP_WINDOW - 1, MIA__MAP_EMPTY);
    uint32_t odd = mia__window_empty(control) ^ mia_archived_window(control, MIA__MAP_EMPTY);
    return ((copies | beyond) & (rest | buckets << 1 | 1) & ~(odd & buckets) & 0xffff) == 0xffff;
}

/* Of more than 16. */
bool mia__control_is_large_sound(const uint8_t *control, uint32_t cap);

static inline bool mia__control_is_sound(const uint8_t *control, uint32_t cap)
{
    return cap <= MIA__MAP_WINDOW ? mia__control_is_small_sound(control, cap)
                                  : mia__control_is_large_sound(control, cap);
}

/* What rkyv itself compares: its upper bound is odd, and so is this. */
bool mia__control_is_sound_for_rkyv(const uint8_t *control, uint64_t cap);

#endif
