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
#include "raw/raw.h"
#include "rkyv/transcode.h"
#include "shadow/control.h"

#include <time.h>

enum { MIA__FIRST, MIA__SECOND };

/* What a tree of a database is to a pair. */
enum mia__role {
    MIA__ROLE_NONE,  /* made from others: an index, or ours */
    MIA__ROLE_LONG,  /* the rests of long keys: which key it is cannot be told */
    MIA__ROLE_META,  /* mia_meta: where the database belongs and where it came from */
    MIA__ROLE_TABLE, /* records, or the quarantine of them */
    MIA__ROLE_BYTES,
    MIA__ROLE_MULTI
};

/* A tree as both sides know it. name: of BYTES and MULTI. */
struct mia__content {
    enum mia__role role;
    enum mia__table table;
    bool is_literal; /* under this very name, whatever the rule for names is */
    struct mia__buf name;
};

/* Changes that are brought over in one transaction, and places for their keys. */
enum { MIA__FEW_CHANGES = 4096, MIA__SEEN = 2 * MIA__FEW_CHANGES };

/* One of the two databases. db NULL: not open. */
struct mia__side {
    const struct mia_engine_ops *engine;
    struct mia_db_options opt;
    mia_db *db;
    mia_store *store; /* secondary of records: keeps its indexes; has a reference to db */
    bool has_meta, is_folded, is_records;
    enum mia_value_format format;
};

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

/* Reads that are done again on both sides. See ab.c. */
enum { MIA__AB_KEPT = 100, MIA__AB_RULES = 32 };
struct mia__ab_rule {
    struct mia__buf tree, prefix;
    bool has_tree, has_class;
    enum mia_difference_class difference;
};
struct mia__ab {
    atomic_bool is_on; /* readers note what they read */
    atomic_uint percent;
    atomic_uint_fast64_t dice, sampled[MIA_AB_OPERATIONS], skipped[MIA_AB_OPERATIONS];
    pthread_mutex_t lock; /* what follows */
    pthread_cond_t changed;
    struct mia__buf queue;
    bool is_stopped, has_thread;
    pthread_t thread;
    mia_ab_fn fn;
    void *fn_ctx;
    struct mia__ab_rule rules[MIA__AB_RULES];
    size_t rule_count;
    struct mia_ab_report report;
    struct mia_ab_mismatch *kept; /* MIA__AB_KEPT of each class */
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
    struct mia__ab ab;
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

/* ---- view.c: a side, seen from a transaction of it. */
struct mia__view {
    struct mia__side *side;
    mia_txn *txn;
    struct mia__raw raw; /* limit 0: names and keys as they are */
    bool has_raw;        /* false: has_meta, but nothing is in it yet */
};
mia_status mia__view_begin(struct mia__view *v, struct mia__side *side, enum mia_txn_mode mode,
                           struct mia_error *err);
mia_status mia__view_commit(struct mia__view *v, struct mia_error *err);
void mia__view_end(struct mia__view *v); /* {0} is fine */
/* MIA_NOTFOUND: the side does not have it. Of MIA__ROLE_TABLE the tree of records. */
mia_status mia__view_tree(struct mia__view *v, const struct mia__content *c, bool create,
                          mia_tree *tree, struct mia_error *err);
mia_status mia__view_quarantine(struct mia__view *v, enum mia__table table, bool create,
                                mia_tree *tree, struct mia_error *err);
/* What a stored tree is. Fills *c; MIA__ROLE_NONE or LONG for what is no content. */
mia_status mia__view_classify(struct mia__view *v, mia_slice stored, bool is_multi,
                              bool both_have_meta, struct mia__content *c, struct mia_error *err);
void mia__content_free(struct mia__content *c);
int mia__content_compare(const struct mia__content *a, const struct mia__content *b);
mia_slice mia__content_name(const struct mia__content *c); /* for people */
/* Keys of mia_meta that go over. */
bool mia__meta_is_content(mia_slice key);

/* A value, as both sides can have it. */
enum mia__form {
    MIA__FORM_ABSENT,
    MIA__FORM_BYTES,   /* of BYTES, META */
    MIA__FORM_RECORD,  /* its archive */
    MIA__FORM_DAMAGED, /* bincode that does not decode, as it was */
    MIA__FORM_BROKEN   /* an archive that the validator refuses */
};
struct mia__value {
    enum mia__form form;
    bool in_quarantine;
    mia_slice bytes; /* of the transaction or the buffer */
};
static inline bool mia__value_equal(const struct mia__value *a, const struct mia__value *b)
{
    return a->form == b->form && mia_slice_equal(a->bytes, b->bytes);
}
/* What a stored value of a table is; `to` must be empty, and takes archives that are made. */
mia_status mia__view_judge(struct mia__view *v, struct mia__transcoder *coder,
                           enum mia__table table, bool in_quarantine, mia_slice stored,
                           struct mia__buf *to, struct mia__value *value, struct mia_error *err);
mia_status mia__view_get(struct mia__view *v, struct mia__transcoder *coder,
                         const struct mia__content *c, mia_slice key, struct mia__buf *to,
                         struct mia__value *value, struct mia_error *err);

/* ---- stream.c: the keys and values of a tree in order, behind one key. */
struct mia__stream;
mia_status mia__stream_open(struct mia__view *v, const struct mia__content *c,
                            const mia_slice *behind, struct mia__stream **stream,
                            struct mia_error *err);
/* The current pair, until the next advance; of MULTI one for each value. MIA_NOTFOUND: the end. */
mia_status mia__stream_peek(struct mia__stream *stream, mia_slice *key, struct mia__value *value,
                            struct mia_error *err);
void mia__stream_advance(struct mia__stream *stream);
void mia__stream_close(struct mia__stream *stream);

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

/* ---- ab.c */
void mia__ab_init(struct mia__ab *ab);
void mia__ab_stop(struct mia__shadow *s);
void mia__ab_free(struct mia__ab *ab);
void mia__ab_sample(struct mia__shadow *s, enum mia_ab_operation operation, uint32_t tree,
                    mia_slice key);
static inline void mia__ab_note(struct mia__shadow *s, enum mia_ab_operation operation,
                                uint32_t tree, mia_slice key)
{
    if (atomic_load_explicit(&s->ab.is_on, memory_order_relaxed))
        mia__ab_sample(s, operation, tree, key);
}

#endif
