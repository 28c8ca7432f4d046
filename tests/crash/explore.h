/*
 * crash/explore.h - something is done once, and what is on the disk after a stop at any moment of
 * it is judged: by going on as the documents say
 */
#ifndef MIA_TEST_CRASH_EXPLORE_H
#define MIA_TEST_CRASH_EXPLORE_H

#include "crash/site.h"
#include "support/random.h"

struct deed {
    const char *name;
    void (*prepare)(struct site *s); /* the disk is an empty directory before */
    /* Answers and fills *failure as the library does; s->error says why. */
    mia_status (*run)(struct site *s, enum mia_failure *failure);
    /* Of what is there: goes on to a good end. NULL, or what is wrong; s->error may say more. What
     * there is a choice of goes by r. */
    const char *(*judge)(struct site *s, struct test_random *r);
};

struct explored {
    uint64_t states, bad; /* different states; of these with something wrong */
    uint64_t moments;     /* calls behind which the machine stopped */
    uint64_t refused, chained;
};

/* As many different states as asked for, evenly over all moments of the deed; of some of them the
 * going on is stopped in the same way. */
void explore(struct site *s, const struct deed *deed, uint64_t states, uint64_t seed,
             struct explored *out);

/* Between the calls of a deed that is recorded: lets the background sync come. */
bool explore_is_recording(void);

/* name NULL behind the last. The others write one file system call after the other, or nothing that
 * lasts: they are for calls that fail. */
extern const struct deed deeds_of_one[], deeds_of_repair[], deeds_of_all[], deeds_of_others[];

#endif
