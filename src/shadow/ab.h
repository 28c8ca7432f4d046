/*
 * shadow/ab.h - reads that are done again on both sides: noted by those who read, compared by a
 * thread
 */
#ifndef MIA_SHADOW_AB_H
#define MIA_SHADOW_AB_H

#include "base/memory.h"
#include "mia/shadow.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

struct mia__shadow;

enum { MIA__SHADOW_AB_KEPT = 100, MIA__SHADOW_AB_RULES = 32 };
struct mia__shadow_ab_rule {
    struct mia__buf tree, prefix;
    bool has_tree, has_class;
    enum mia_difference_class difference;
};
struct mia__shadow_ab {
    atomic_bool is_on; /* readers note what they read */
    atomic_uint percent;
    atomic_uint_fast64_t dice, sampled[MIA_SHADOW_AB_OPERATIONS], skipped[MIA_SHADOW_AB_OPERATIONS];
    pthread_mutex_t lock; /* what follows; held for moments, because who reads does not wait */
    pthread_cond_t changed;
    struct mia__buf queue;
    bool is_stopped, has_thread;
    pthread_t thread;
    mia_shadow_ab_fn fn;
    void *fn_ctx;
    struct mia__shadow_ab_rule rules[MIA__SHADOW_AB_RULES];
    size_t rule_count;
    uint32_t write_every_ms; /* 0: there is no file */
    struct timespec write_at;
    pthread_mutex_t results;                    /* what follows; may be taken with lock held */
    struct mia_shadow_ab_report report;         /* but what mia__shadow_ab_snapshot fills in */
    struct mia_shadow_ab_mismatch *kept;        /* MIA__SHADOW_AB_KEPT of each class */
    void *times[MIA_SHADOW_AB_OPERATIONS][2];   /* histograms, by database; NULL: none */
    uint64_t sums[MIA_SHADOW_AB_OPERATIONS][2]; /* ns, by database */
};

/* In the queue: this, and the key behind it. */
struct mia__shadow_ab_head {
    uint32_t operation, tree;
    uint64_t key_size;
};

/* ab.c */
void mia__shadow_ab_init(struct mia__shadow_ab *ab);
void mia__shadow_ab_stop(struct mia__shadow *s);
void mia__shadow_ab_free(struct mia__shadow_ab *ab);
uint64_t mia__shadow_ab_dice(struct mia__shadow_ab *ab);
/* Notes a read, if the dice say so. Never waits. */
void mia__shadow_ab_sample(struct mia__shadow *s, enum mia_shadow_ab_operation operation,
                           uint32_t tree, mia_slice key);

/* All that is known now, with results held. */
void mia__shadow_ab_snapshot(struct mia__shadow *s, struct mia_shadow_ab_report *report);

/* ab_file.c. Writes the file, if it is time to. With the lock held, which it gives back meanwhile.
 */
void mia__shadow_ab_write_sometimes(struct mia__shadow *s);
void mia__shadow_ab_write(struct mia__shadow *s); /* now, without the lock */

/* ab_compare.c. Starts the thread. With the lock held. */
mia_status mia__shadow_ab_run(struct mia__shadow *s, struct mia_error *err);

#endif
