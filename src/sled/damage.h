/*
 * sled/damage.h - damage that was found: an error, or a finding for a reader that goes on
 *
 * Without a listener every damage is MIA_ERR_CORRUPT. With one the listener decides: true goes on
 * with what is left, which is what salvage does.
 */
#ifndef MIA_SLED_DAMAGE_H
#define MIA_SLED_DAMAGE_H

#include "base/error.h"

#define MIA__SLED_NOWHERE UINT64_MAX

struct mia__sled_place {
    const char *file; /* in the database's directory */
    uint64_t offset;  /* bytes; MIA__SLED_NOWHERE: the file as a whole */
    uint64_t page;    /* MIA__SLED_NOWHERE: none in particular */
};

struct mia__sled_damage {
    struct mia__sled_place place;
    const char *reason;
};
typedef bool (*mia__sled_damage_fn)(void *ctx, const struct mia__sled_damage *damage);

struct mia__sled_judge {
    const char *directory;
    mia__sled_damage_fn fn; /* NULL: every damage is an error */
    void *ctx;
};

/* Reports damage. MIA_OK: the listener wants to go on. */
mia_status mia__sled_damaged(const struct mia__sled_judge *judge, struct mia__sled_place place,
                             struct mia_error *err, const char *format, ...) MIA__PRINTF(4, 5);

#endif
