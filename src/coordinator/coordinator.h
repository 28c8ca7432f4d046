/* coordinator/coordinator.h - what stands behind mia_coordinator and mia_snapshot */
#ifndef MIA_COORDINATOR_COORDINATOR_H
#define MIA_COORDINATOR_COORDINATOR_H

#include "base/memory.h"
#include "mia/coordinator.h"

#include <pthread.h>
#include <stdatomic.h>

/* A place that owns its text. */
struct mia__where {
    enum mia_database database;
    enum mia_tier tier;
    char quarter[MIA_QUARTER_SIZE]; /* "" but for an archive */
};

static inline struct mia__where mia__where(enum mia_database database, enum mia_tier tier)
{
    struct mia__where where = {database, tier, ""};
    return where;
}

static inline struct mia_place mia__place_of(const struct mia__where *where)
{
    struct mia_place place = {where->database, where->tier,
                              where->quarter[0] != '\0' ? where->quarter : NULL};
    return place;
}

/* One database of the base: slots.c. Never removed before the coordinator is closed. */
enum mia__slot_state { MIA__SLOT_CLOSED, MIA__SLOT_BUSY, MIA__SLOT_OPEN };
struct mia__slot {
    struct mia__slot *next;
    struct mia__where where;
    enum mia__slot_state state; /* BUSY: a thread opens or closes it, without the lock */
    mia_store *store;           /* OPEN only */
    uint32_t pins;
    uint64_t used; /* a count that grows with every use of any slot */
};

struct mia_coordinator {
    char *root; /* as it was opened */
    char *base,
        *spill; /* where its databases are, and where those that are not there; may be NULL */
    struct mia_coordinator_options opt;
    struct mia_db_options db;
    pthread_mutex_t lock; /* of the slots; held for no more than a look at them */
    pthread_cond_t changed;
    struct mia__slot *slots;
    uint64_t uses;
    uint32_t snapshots;
    pthread_mutex_t moving; /* recursive. One move at a time: the next finds what the last left */
    atomic_uint_fast64_t retiers; /* counts summaries about to be removed from tiers: snapshot.c */
};

int64_t mia__now(const mia_coordinator *c);
void mia__log(const mia_coordinator *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* ---- slots.c */

/* The open store of a place, held until mia__unpin. Without create MIA_NOTFOUND: it is not there.
 * Whoever opens a store finishes the moves that were interrupted in it. */
mia_status mia__pin(mia_coordinator *c, const struct mia__where *where, bool create,
                    struct mia__slot **slot, struct mia_error *err);
void mia__unpin(mia_coordinator *c, struct mia__slot *slot); /* NULL is fine */
/* MIA_ERR_BUSY, and nothing is closed, while one is held. */
mia_status mia__close_slots(mia_coordinator *c, struct mia_error *err);

/* ---- places.c */

/* Where records of a kind live, without their tier. MIA_ERR_INVALID: nowhere. */
mia_status mia__database_of(enum mia_kind kind, enum mia_database *database, struct mia_error *err);
/* Where a new record of a kind goes; not for summaries. */
mia_status mia__home_of(enum mia_kind kind, struct mia__where *where, struct mia_error *err);
enum mia_tier mia__tier_of_summary(mia_str content);
/* The tiers of a database, MIA_TIER_NONE alone for one without, in the order in which they are
 * searched; by_moves: in the order in which records move through them. */
size_t mia__tiers_of(enum mia_database database, bool by_moves,
                     enum mia_tier tiers[MIA_DATABASE_TIERS_MOST]);
/* The directory of a place: in the spill base if only that has a database there. To be freed. */
mia_status mia__path_of(const mia_coordinator *c, const struct mia_place *place, char **path,
                        struct mia_error *err);
struct mia__quarters {
    char (*names)[MIA_QUARTER_SIZE]; /* newest first; to be freed */
    size_t count;
};
mia_status mia__list_quarters(const mia_coordinator *c, enum mia_database database,
                              struct mia__quarters *quarters, struct mia_error *err);

/* ---- move.c */

/* Moves records from a store that is pinned, by the protocol of move.c; *moved counts them. Records
 * that may not move, or are not there, stay. A database is made only for one that moves. */
struct mia__moves {
    struct mia__slot *from;
    struct mia__where to;
    enum mia_table table;
    const mia_str *ids;
    size_t count;
    int64_t now_ms;
};
mia_status mia__move(mia_coordinator *c, const struct mia__moves *moves, uint64_t *moved,
                     struct mia_error *err);
/* How old a message must be for a tier. */
static inline int64_t mia__age_ms(enum mia_tier tier)
{
    const int64_t day_ms = 86400000;
    return (tier == MIA_TIER_ARCHIVE ? 90 : 30) * day_ms;
}
/* Finishes the moves whose intents are in a store that was just opened. What fails is logged, and
 * tried again when it is opened the next time. */
void mia__finish_moves(mia_coordinator *c, struct mia__slot *slot);

/* summaries.c: finishes a summary's change of tiers; it is in this one. */
mia_status mia__settle_summary(mia_coordinator *c, struct mia__slot *home, mia_str id,
                               struct mia_error *err);

/* ---- snapshot.c */

struct mia__touched {
    struct mia__where where;
    struct mia__slot *slot; /* NULL: it was not on disk */
    mia_txn *txn;
};
struct mia_snapshot {
    mia_coordinator *coordinator;
    struct mia__buf touched; /* struct mia__touched */
    struct mia__quarters quarters[2];
    bool has_quarters[2];
};
mia_status mia__snapshot_txn(mia_snapshot *s, const struct mia__where *where, mia_txn **txn,
                             struct mia_error *err);

/* The transactions of a database's tiers and archives that are on disk, in the order of searching.
 * {.snapshot, .database} to begin with; hint: the archive that is the first, or "". */
struct mia__walk {
    mia_snapshot *snapshot;
    enum mia_database database;
    char hint[MIA_QUARTER_SIZE];
    size_t step;
};
mia_status mia__walk_next(struct mia__walk *walk, mia_txn **txn, struct mia_error *err);

/* ---- list.c, related.c */

/* Records that belong to a list, in any order and more than once: related.c */
struct mia__found {
    int64_t time_ms;
    mia_str id; /* borrowed from the view */
    mia_view view;
};
/* The list of these, which it takes over; sorted, each once, cut by opt. */
mia_status mia__list_of(struct mia__buf *found, const struct mia_list_options *opt, mia_list **list,
                        struct mia_error *err);
/* opt as the caller gave it (NULL: all) with now_ms filled in; and the times that it lets through.
 */
struct mia__list_range {
    struct mia_list_options opt;
    int64_t from_ms, to_ms;
};
mia_status mia__list_range(const mia_coordinator *c, const struct mia_list_options *opt,
                           struct mia__list_range *range, struct mia_error *err);

#endif
