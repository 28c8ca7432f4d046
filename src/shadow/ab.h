/* shadow/ab.h - between who notes reads and who does them again */
#ifndef MIA_SHADOW_AB_H
#define MIA_SHADOW_AB_H

#include "shadow/shadow.h"

/* In the queue: this, and the key behind it. */
struct mia__ab_head {
    uint32_t operation, tree;
    uint64_t key_size;
};

uint64_t mia__ab_dice(struct mia__ab *ab);
/* Starts the thread. With the lock held. */
mia_status mia__ab_run(struct mia__shadow *s, struct mia_error *err);

#endif
