/* rkyv/control.c - control bytes of maps that do not fit a window; rkyv's own view of them */
#include "rkyv/control.h"

/* For 16 bytes behind the buckets, which begin again with the first control bytes: so many of
 * the 16 are copies, the others 0xff. A bit for each that is as it should be. */
static inline uint32_t compare_copies(const uint8_t *at, const uint8_t *first, int64_t copies)
{
    uint32_t copied = copies < MIA__MAP_WINDOW ? (UINT32_C(1) << copies) - 1 : UINT32_MAX;
    return (mia__window_same(at, first) & copied) |
           (mia_archived_window(at, MIA__MAP_EMPTY) & ~copied);
}

/* Behind the buckets there are 15 to 30 bytes. */
bool mia__control_is_large_sound(const uint8_t *control, uint32_t cap)
{
    struct mia__map_shape s = mia__map_shape(cap);
    int64_t behind = (int64_t)(s.control - s.cap), copies = (int64_t)mia__map_copies(&s);
    int64_t rest = behind > MIA__MAP_WINDOW ? behind - MIA__MAP_WINDOW : 0;
    uint32_t wanted = behind < MIA__MAP_WINDOW ? 0x7fff : 0xffff;
    uint32_t sound = compare_copies(control + cap, control, copies);
    sound &=
        compare_copies(control + cap + rest, control + rest, copies > rest ? copies - rest : 0);
    for (uint64_t i = 0; i < s.probe_cap; i += MIA__MAP_WINDOW)
        sound &=
            ~(mia__window_empty(control + i) ^ mia_archived_window(control + i, MIA__MAP_EMPTY));
    return (sound & wanted) == wanted;
}

bool mia__control_is_sound_for_rkyv(const uint8_t *control, uint64_t cap)
{
    struct mia__map_shape s = mia__map_shape(cap);
    uint64_t end = 2 * cap < s.control - cap ? 2 * cap : s.control - cap, i = cap;
    while (i < end && control[i] == control[i % cap])
        i++;
    return i >= end;
}
