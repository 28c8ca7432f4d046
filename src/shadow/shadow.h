/*
 * shadow/shadow.h - what stands behind a pair of databases
 *
 * front.c is the engine: it passes calls on to the primary and notes which keys a transaction
 * changes. follow.c is the thread that gives them to the secondary. view.c and apply.c say what of
 * a database is content, in terms that both engines share, and change it.
 *
 * Locks, in the order in which they are taken:
 *   work  who uses the secondary: the thread, a verification, a switch
 *   turn  who may commit to the primary: each WRITE transaction from begin to end
 *   lock  state, counts, queue, trees; held for moments
 */
#ifndef MIA_SHADOW_SHADOW_H
#define MIA_SHADOW_SHADOW_H

#include "base/memory.h"
#include "engine/internal.h"
#include "mia/shadow.h"
#include "shadow/ab.h"
#include "shadow/content.h"
#include "shadow/control.h"

#include <time.h>

enum { MIA__FIRST, MIA__SECOND };

/* Changes that are brought over in one transaction, and places for their keys. */
enum { MIA__FEW_CHANGES = 4096, MIA__SEEN = 2 * MIA__FEW_CHANGES };

/* A tree of the primary that was opened, by its id. */
struct mia__known_tree {
    bool is_known;
    struct mia__content content;
};

/* Where a comparison is. */
struct mia__pass {
    struct mia__content *trees; /* of both sides, by role and name */
    size_t tree_count, tree;
    bool is_listed, has_key;
    struct mia__buf key; /* the last one that is done, in trees[tree] */
    uint64_t compared;
};

struct mia__shadow {
    char *path;
    int dir_lock;
    bool is_read_only;
    struct mia_shadow_options opt;
    struct mia__side sides[2];
    pthread_mutex_t work;
    struct mia__pass pass;        /* of the backfill; below work, as the next two */
    bool resumes;                 /* it goes on where control says, once it has its trees */
    struct mia__buf taken;        /* changes that are being given to the secondary */
    size_t taken_at;              /* how far */
    size_t seen[MIA__SEEN];       /* of this part of them, by hash: place in taken, and 1 */
    struct mia__transcoder coder; /* below work */
    pthread_mutex_t turn;         /* error-checking */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct mia__control control; /* state and counts; which side is the primary */
    struct mia__buf queue;
    uint64_t queued, taken_left; /* changes in both */
    uint64_t noted;              /* of all time: those that are done are less by the two */
    bool restart;                /* fell behind: the pass begins again */
    bool is_stopped;             /* the thread is to end */
    bool is_unsaved;             /* the file shows an older state, which does no harm */
    atomic_int primary;          /* as in control; changed with turn held */
    atomic_bool is_detached;
    atomic_bool is_lost;           /* what the file says is not known: nothing is begun any more */
    struct mia__known_tree *known; /* of the primary */
    size_t known_count;
    struct mia__buf retired; /* contents that were known before: somebody may be looking at them */
    size_t fronts;           /* databases over this pair */
    struct mia__shadow_ab ab;
    pthread_t thread;
    bool has_thread;
};

/* ---- shadow.c: state. All take the lock themselves. */
/* With the lock held: how many changes of all time are done. */
static inline uint64_t mia__shadow_done(const struct mia__shadow *s)
{
    return s->noted - s->queued - s->taken_left;
}
static inline struct mia__side *mia__shadow_primary(struct mia__shadow *s)
{
    return &s->sides[atomic_load(&s->primary)];
}
static inline struct mia__side *mia__shadow_secondary(struct mia__shadow *s)
{
    return &s->sides[!atomic_load(&s->primary)];
}
void mia__shadow_behind(struct mia__shadow *s, const char *why);
void mia__shadow_skip(struct mia__shadow *s, const char *why);
enum mia_shadow_state mia__shadow_state(struct mia__shadow *s);
/* Writes the control file as things are. */
mia_status mia__shadow_save(struct mia__shadow *s, struct mia_error *err);
/* Whether the calling thread has a WRITE transaction open. */
bool mia__shadow_is_writing(struct mia__shadow *s);
struct timespec mia__after_ms(clockid_t clock, uint64_t ms);
bool mia__is_past(const struct timespec *monotonic);
int64_t mia__unix_ms(void);

/* ---- open.c */
/* The pair as options and control say, nothing of it open; path is copied. Takes control. */
mia_status mia__shadow_make(const char *path, const struct mia_shadow_options *opt,
                            struct mia__control *control, struct mia__shadow **out,
                            struct mia_error *err);
void mia__shadow_free(struct mia__shadow *s); /* and closes what is open */
/* Opens what of it is not open; of the secondary the store too. */
mia_status mia__side_open(struct mia__shadow *s, struct mia__side *side, bool as_secondary,
                          struct mia_error *err);
void mia__side_close(struct mia__side *side);
/* One database less over the pair; the last one ends it. */
void mia__shadow_release(struct mia__shadow *s);

/* ---- front.c: an engine over the pair. Each database over it counts in fronts. */
mia_status mia__front_open(struct mia__shadow *s, mia_db **db, struct mia_error *err);
/* The pair below a database; MIA_ERR_INVALID: none. */
mia_status mia__shadow_of(mia_db *db, struct mia__shadow **s, struct mia_error *err);

/* ---- changes.c: which keys were changed. */
enum mia__what { MIA__CHANGED_KEY, MIA__CHANGED_TREE_MADE, MIA__CHANGED_ALL };
struct mia__change {
    uint32_t tree;
    enum mia__what what;
    mia_slice key;
};
/* What the tree of this side with this id is, from its name. is_new: made now, whatever one of this
 * name was before an abort. */
void mia__changes_know(struct mia__shadow *s, int side, mia_txn *txn, uint32_t tree, mia_slice name,
                       bool is_multi, bool is_new);
void mia__changes_forget(struct mia__shadow *s);
/* Appends to a transaction's list; false: no memory. */
bool mia__changes_note(struct mia__shadow *s, struct mia__buf *list, const struct mia__change *c);
/* The whole list, committed. lost: some could not be noted. */
void mia__changes_commit(struct mia__shadow *s, const struct mia__buf *list, bool lost);
bool mia__changes_next(const struct mia__buf *list, size_t *at, struct mia__change *c);
/* The content that a change is in: borrowed, until mia__changes_forget. */
bool mia__changes_content(struct mia__shadow *s, uint32_t tree, struct mia__content *content);

/* ---- apply.c: what the primary has under a key becomes what the secondary has.
 * MIA_NOTFOUND: they were the same. What can never go over is MIA_ERR_SERIALIZATION, _TOO_LONG or
 * _INVALID, and changes nothing. */
mia_status mia__apply_key(struct mia__shadow *s, struct mia__view *from, struct mia__view *to,
                          const struct mia__content *c, mia_slice key, struct mia_error *err);
/* Whether they are the same now. */
mia_status mia__apply_same(struct mia__shadow *s, struct mia__view *from, struct mia__view *to,
                           const struct mia__content *c, mia_slice key, bool *same,
                           struct mia_error *err);
/* A tree that is made may have nothing in it. */
mia_status mia__apply_tree(struct mia__shadow *s, struct mia__view *to,
                           const struct mia__content *c, struct mia_error *err);
/* As mia__apply_key, but what can never go over is counted and left. */
mia_status mia__apply(struct mia__shadow *s, struct mia__view *from, struct mia__view *to,
                      const struct mia__content *c, mia_slice key, struct mia_error *err);

/* ---- compare.c: below work. */
struct mia__difference {
    enum mia_difference_class class;
    mia_slice key;
};
void mia__pass_free(struct mia__pass *pass);
/* Lists the trees, if that is not done. */
mia_status mia__pass_list(struct mia__shadow *s, struct mia__pass *pass, struct mia_error *err);
/* To where the control file says that it was. */
mia_status mia__pass_resume(struct mia__pass *pass, const struct mia__control *control,
                            struct mia_error *err);
/* Looks at the next keys and appends those that differ to `found`. */
mia_status mia__pass_step(struct mia__shadow *s, struct mia__pass *pass, struct mia__view *from,
                          struct mia__view *to, struct mia__buf *found, struct mia_error *err);
static inline bool mia__pass_is_done(const struct mia__pass *pass)
{
    return pass->is_listed && pass->tree >= pass->tree_count;
}
bool mia__differences_next(const struct mia__buf *found, size_t *at, struct mia__difference *d);

/* ---- follow.c: the thread, and what it does. */
mia_status mia__follow_start(struct mia__shadow *s, struct mia_error *err);
void mia__follow_stop(struct mia__shadow *s);
/* With work held: gives the secondary all changes that are committed by now. A failure makes it
 * behind. */
mia_status mia__follow_drain(struct mia__shadow *s, struct mia_error *err);
/* Whether readers of the primary see one moment; else a comparison holds writers. */
static inline bool mia__side_has_snapshots(const struct mia__side *side)
{
    return (side->engine->caps & MIA_CAP_SNAPSHOT) != 0;
}

#endif
