/*
 * mia/shadow.h - a database that moves to another engine while the application uses it
 *
 * A pair is two databases, the first and the second, and a directory with a small file that says
 * what of them counts. One is the primary: it answers. The other is the secondary: a thread brings
 * what the primary has into it, and then every change that is committed.
 *
 *     mia_shadow_create("data/main.pair", "data/main", "data/main.mdbx", NULL, &err);
 *     mia_shadow_open("data/main.pair", NULL, &db, &err);      // for mia_db_open("data/main", ...)
 *     mia_store_over(db, NULL, &store, &err);                  // used as any other
 *     mia_shadow_wait(db, 60000, &err);                        // what was there is copied
 *     mia_shadow_verify(db, NULL, &report, &err);              // while it is written to
 *     mia_shadow_switch_store(store, 1000, &err);              // the second one answers
 *     mia_shadow_detach(mia_store_db(store), 0, &err);         // and is on its own
 *
 * The caller never waits for the secondary and never sees its errors. What it could not be given
 * makes it "behind": it is compared with the primary from the first to the last key, in the
 * background, until it is the same again. So it is after every stop without mia_db_close, and when
 * one of the two was changed by somebody else.
 *
 * Nobody else may write to the two databases while they are a pair. A pair is opened by one
 * process. See docs/shadow.md.
 */
#ifndef MIA_SHADOW_H
#define MIA_SHADOW_H

#include "mia/ab.h"
#include "mia/migrate.h"
#include "mia/store.h"

#ifdef __cplusplus
extern "C" {
#endif

enum mia_shadow_state {
    MIA_SHADOW_BACKFILLING = 0, /* the secondary is behind: not yet, or no longer, the same */
    MIA_SHADOW_FOLLOWING,       /* it has all that the primary had, and gets every change */
    MIA_SHADOW_VERIFIED,        /* and all of it was compared since it was last behind */
    MIA_SHADOW_DETACHED         /* no pair any more: each database is on its own */
};
/* "backfilling" and so on. Static string. */
MIA_API const char *mia_shadow_state_text(enum mia_shadow_state state);

struct mia_shadow_options {
    uint32_t struct_size;
    /* NULL: the engine whose files are there, mdbx for a new one. Of engines of your own: the same
     * for mia_shadow_create and each mia_shadow_open. */
    const struct mia_engine_ops *first_engine, *second_engine;
    /* How the two are opened; NULL: defaults. Each keeps its durability when it becomes the
     * primary. read_only of the one that is the primary: only it is opened, nothing is followed. */
    const struct mia_db_options *first, *second;
    /* For mia_shadow_create. Every tree byte for byte, whatever the values are. Otherwise the two
     * are MIA's databases: records go over as records, in the format of each engine, and the
     * indexes of the secondary are kept by the secondary. */
    bool raw;
    /* For mia_shadow_create. The second database may have something in it: what the first does not
     * have will be removed from it. */
    bool replace;
    /* At a time, and then a pause, so that writers get their turn; 0 = 512 records, 1 MiB, 1 ms. */
    uint32_t batch_records, batch_bytes, pause_ms;
    uint64_t queue_bytes; /* changes that wait for the secondary; more make it behind; 0 = 64 MiB */
};

struct mia_shadow_status {
    uint32_t struct_size;
    enum mia_shadow_state state;
    bool is_raw;
    bool is_clean;            /* of mia_shadow_read: it was closed; false: open, or it crashed */
    bool second_is_primary;   /* the second database answers */
    uint64_t pending;         /* changes that are committed and not in the secondary yet */
    uint64_t compared;        /* keys that this backfill has looked at so far */
    uint64_t copied, removed; /* keys in the secondary that were changed, of all time */
    uint64_t times_behind;    /* how often it fell behind */
    uint64_t skipped;         /* keys that cannot be given to the secondary; see last_reason */
    uint64_t switches;
    int64_t verified_ms;   /* Unix time of the last clean verification; 0: never */
    char last_reason[256]; /* why it was behind the last time, or why keys are skipped; "": never */
    char primary[256];     /* paths, cut if longer */
    char secondary[256];   /* */
    char primary_engine[16]; /* "mdbx" */
    char secondary_engine[16];
};

/* Makes the directory `path` and the file in it; both databases are opened, made where they are not
 * there, and closed again. Nothing is copied yet. opt NULL: defaults. MIA_ERR_INVALID: there is a
 * pair already; the second database has something in it (options.replace); the first holds
 * something else than MIA's records (options.raw). Otherwise as mia_db_open. */
MIA_API mia_status mia_shadow_create(const char *path, const char *first, const char *second,
                                     const struct mia_shadow_options *opt, struct mia_error *err);
/* The pair as a database: mia/db.h and mia_store_over work on it as on its primary, whose engine's
 * value format, index layout and capabilities it has. The last mia_db_close stops the thread, after
 * it has brought over what was pending. A secondary that cannot be opened is behind, and tried
 * again. MIA_NOTFOUND: there is no pair; MIA_ERR_BUSY: it is open; MIA_ERR_INVALID: it is detached,
 * and the message names the database that counts; MIA_ERR_CORRUPT, MIA_ERR_VERSION: its file. */
MIA_API mia_status mia_shadow_open(const char *path, const struct mia_shadow_options *opt,
                                   mia_db **db, struct mia_error *err);

/* As it is now. Any thread. MIA_ERR_INVALID, here and below: db is not from mia_shadow_open. */
MIA_API mia_status mia_shadow_status(mia_db *db, struct mia_shadow_status *status,
                                     struct mia_error *err);
/* What the file says of a pair that may be open elsewhere: state and counts as of some seconds ago.
 * MIA_NOTFOUND: there is no pair. */
MIA_API mia_status mia_shadow_read(const char *path, struct mia_shadow_status *status,
                                   struct mia_error *err);
/* Waits until the secondary has everything that was committed before the call. MIA_ERR_BUSY: not
 * within timeout_ms; the message has the last reason. */
MIA_API mia_status mia_shadow_wait(mia_db *db, uint32_t timeout_ms, struct mia_error *err);

struct mia_shadow_verify_options {
    uint32_t struct_size;
    mia_difference_fn fn; /* NULL: count only. Must not use the pair. */
    void *fn_ctx;
    mia_progress_fn progress; /* NULL: none */
    void *progress_ctx;
};
struct mia_shadow_verify_report {
    uint32_t struct_size;
    uint64_t trees, records;
    uint64_t rechecked; /* looked different and were being changed: the same when looked at again */
    uint64_t differences[MIA_DIFF_CLASSES];
    double seconds;
};
/* Compares both databases key by key, both directions, records by their values, while they are
 * used; indexes are not compared. A key that looks different is looked at again with writers held
 * and every change brought over: a difference is one that stays. MIA_OK without differences: the
 * state is MIA_SHADOW_VERIFIED. MIA_OK with some: the secondary is behind, and the backfill repairs
 * it. MIA_ERR_BUSY: it is behind, or became so meanwhile; MIA_ERR_TXN: the calling thread has a
 * WRITE transaction open; MIA_ERR_CANCELLED. */
MIA_API mia_status mia_shadow_verify(mia_db *db, const struct mia_shadow_verify_options *opt,
                                     struct mia_shadow_verify_report *report,
                                     struct mia_error *err);

/* Makes the secondary the primary and the primary its secondary; going back is the same call.
 * Waits for the running WRITE transaction, holds others back until both databases are the same and
 * on disk, and writes down that the other one counts. From then on db begins no transactions any
 * more (MIA_ERR_BUSY): close it, and open the pair again. READ transactions that run keep what they
 * see. MIA_ERR_BUSY, and nothing has changed: the state is not MIA_SHADOW_VERIFIED, or the running
 * transaction did not end within timeout_ms. */
MIA_API mia_status mia_shadow_switch(mia_db *db, uint32_t timeout_ms, struct mia_error *err);
/* The same below an open store, which goes on: transactions that are begun meanwhile wait.
 * mia_store_db is another one afterwards. MIA_ERR_BUSY, and nothing has changed: transactions of
 * the store, of any kind, did not end within timeout_ms. MIA_ERR_TXN: it was switched, but the
 * store could not follow: close it and open the pair again. */
MIA_API mia_status mia_shadow_switch_store(mia_store *store, uint32_t timeout_ms,
                                           struct mia_error *err);

enum mia_shadow_detach_flags {
    MIA_SHADOW_DETACH_BEHIND = 1u << 0 /* even if the secondary is behind: it is given up */
};
/* Ends the pair: the primary goes on alone, also behind this open handle; the secondary is brought
 * to where the primary is, and closed. Both can be opened by mia_db_open and mia_store_open from
 * then on (the primary once this handle is closed), and mia_shadow_read says which one counts.
 * MIA_ERR_BUSY: the secondary is behind. */
MIA_API mia_status mia_shadow_detach(mia_db *db, uint32_t flags, struct mia_error *err);

/* ---- A/B: what the application reads is read again from both databases, and compared
 *
 * A part of the reads is noted, and a thread does them again, on the primary and on the secondary
 * (the candidate), in an order chosen by chance. The caller pays for the note and for nothing else.
 * Reads that come too fast, or while the secondary is behind, are skipped. What differs is looked
 * at again as mia_shadow_verify does, so a mismatch is not a change on its way.
 *
 * It may run for as long as the program does: memory is constant, 2 MiB at most and the values of
 * the read that is being compared. What it found so far goes into a small file in the directory of
 * the pair every few seconds, which others may read meanwhile: mia_shadow_ab_read, `mia shadow ab
 * PAIR`. That it cannot be written is counted, and nobody fails. */

enum mia_shadow_ab_operation {
    MIA_SHADOW_AB_GET,  /* one key; of records with decoding and validation */
    MIA_SHADOW_AB_SCAN, /* up to 16 pairs behind the key that a cursor was moved to */
    MIA_SHADOW_AB_OPERATIONS
};

/* One read that was done on both. Slices live for the call. */
struct mia_shadow_ab_sample {
    enum mia_shadow_ab_operation operation;
    mia_slice tree, key; /* key: of a scan that began at the first pair empty */
    uint64_t primary_ns, candidate_ns;
    bool candidate_first, is_same; /* is_same false: also of one that then was the same */
};
/* From the thread of the comparison. Must not use the pair. */
typedef void (*mia_shadow_ab_fn)(void *ctx, const struct mia_shadow_ab_sample *sample);

/* Mismatches that do not count: those for which everything that is given is so. */
struct mia_shadow_ab_rule {
    mia_slice tree;   /* data NULL: any */
    mia_slice prefix; /* of the key; empty: any */
    bool has_class;
    enum mia_difference_class difference; /* if has_class */
};

struct mia_shadow_ab_options {
    uint32_t struct_size;
    uint32_t percent;                       /* of the reads; 1 .. 100, 0 = 1 */
    const struct mia_shadow_ab_rule *rules; /* copied */
    size_t rule_count;                      /* 32 at most */
    mia_shadow_ab_fn fn;                    /* NULL: count only */
    void *fn_ctx;
    uint64_t seed;           /* of the chances; 0 = by the clock */
    uint32_t write_every_ms; /* how often the file is written, and when it ends; 0 = 5,000 */
    bool no_file;            /* never */
};

struct mia_shadow_ab_counts {
    uint64_t sampled;  /* noted */
    uint64_t skipped;  /* of them: the candidate was behind, or they came too fast */
    uint64_t compared; /* of them: read from both */
    uint64_t settled;  /* of them: differed, and were the same when looked at again */
    uint64_t ignored;  /* of them: differ, but a rule says that it does not count */
    uint64_t mismatches[MIA_DIFF_CLASSES];
    uint64_t errors;                   /* of the candidate */
    uint64_t primary_ns, candidate_ns; /* sums over all that were compared */
};

/* One of the mismatches that are kept: the first 100 keys, of each class. Cut if longer. */
struct mia_shadow_ab_mismatch {
    enum mia_shadow_ab_operation operation;
    enum mia_difference_class difference;
    char tree[64];
    uint8_t key[256];
    size_t key_size; /* of the whole key */
};

struct mia_shadow_ab_report {
    uint32_t struct_size;
    bool is_running;
    struct mia_shadow_ab_counts operations[MIA_SHADOW_AB_OPERATIONS];
    size_t kept;          /* mismatches that mia_shadow_ab_mismatch_at gives */
    char last_error[256]; /* of the candidate; "": none */
    /* Of all that were compared. After a switch the database that is the primary now has the times
     * that it had as the candidate too, and the sums in counts go with it. Zeros, and
     * has_percentiles false, in a build without histograms (MIA_WITH_AB=OFF). */
    bool has_percentiles;
    struct mia_ab_latency primary[MIA_SHADOW_AB_OPERATIONS], candidate[MIA_SHADOW_AB_OPERATIONS];
    char primary_engine[16], candidate_engine[16]; /* "mdbx" */
    int64_t started_ms, written_ms; /* Unix time: of mia_shadow_ab_start, of the file; 0: never */
    uint64_t write_failures;        /* how often the file could not be written */
    char last_write_failure[256];   /* "": none */
};

/* Begins, with counts of zero. Any thread. MIA_ERR_INVALID: it runs already; an option that makes
 * no sense. A mismatch that counts takes MIA_SHADOW_VERIFIED back: verify again. */
MIA_API mia_status mia_shadow_ab_start(mia_db *db, const struct mia_shadow_ab_options *opt,
                                       struct mia_error *err);
/* Ends it; what is noted is skipped. Any thread, but that of fn. MIA_OK if it does not run;
 * MIA_ERR_TXN: the calling thread has a WRITE transaction open. Closing the pair ends it too. */
MIA_API mia_status mia_shadow_ab_stop(mia_db *db, struct mia_error *err);
/* Of the running one, or the last. Any thread. */
MIA_API mia_status mia_shadow_ab_report(mia_db *db, struct mia_shadow_ab_report *report,
                                        struct mia_error *err);
/* MIA_NOTFOUND: there are not so many. */
MIA_API mia_status mia_shadow_ab_mismatch_at(mia_db *db, size_t i,
                                             struct mia_shadow_ab_mismatch *mismatch,
                                             struct mia_error *err);

enum { MIA_SHADOW_AB_IN_FILE = 50 }; /* mismatches, at most: the first 10 of each class */
/* What the file of the pair says, as of report->written_ms; the pair may be open elsewhere.
 * is_running: so it was then; a program that died has left it so. mismatches has room for
 * MIA_SHADOW_AB_IN_FILE, of which report->kept are filled; NULL: only how many. MIA_NOTFOUND: there
 * is no such file; MIA_ERR_CORRUPT, MIA_ERR_VERSION: what is in it. */
MIA_API mia_status mia_shadow_ab_read(const char *path, struct mia_shadow_ab_report *report,
                                      struct mia_shadow_ab_mismatch *mismatches,
                                      struct mia_error *err);

#ifdef __cplusplus
}
#endif
#endif
