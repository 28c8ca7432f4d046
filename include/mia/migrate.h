/*
 * mia/migrate.h - moving a database between engines, and proving that it arrived
 *
 * Rules: the source is read only and never changed. The target appears under its name only when it
 * is complete and verified; until then the work is in "<target>.mia-partial" beside it, and a stop
 * at any instant leaves the source as it was.
 */
#ifndef MIA_MIGRATE_H
#define MIA_MIGRATE_H

#include "mia/obstacle.h"
#include "mia/source.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Whose fault a failure is, and what is left: the exit codes of the tool. */
enum mia_failure {
    MIA_FAILURE_NONE = 0,
    MIA_FAILURE_DIFFERENT,   /* verification found differences */
    MIA_FAILURE_SOURCE,      /* the source is damaged */
    MIA_FAILURE_REFUSED,     /* found before anything was written */
    MIA_FAILURE_INTERRUPTED, /* stopped by the progress callback: resume goes on */
    MIA_FAILURE_TARGET,      /* the target could not be written */
    MIA_FAILURE_DEFECT       /* a broken invariant of the library */
};

#define MIA_DIFFERENCE_MAP(MAP)                                                                    \
    MAP(MIA_DIFF_MISSING, "missing in target")                                                     \
    MAP(MIA_DIFF_EXTRA, "extra in target")                                                         \
    MAP(MIA_DIFF_VALUE, "value differs")                                                           \
    MAP(MIA_DIFF_ORDER, "out of order")                                                            \
    MAP(MIA_DIFF_UNDECODABLE, "does not decode")

enum mia_difference_class {
#define MIA_DIFFERENCE_ENUM(name, text) name,
    MIA_DIFFERENCE_MAP(MIA_DIFFERENCE_ENUM)
#undef MIA_DIFFERENCE_ENUM
        MIA_DIFF_CLASSES
};
/* "missing in target" and so on. Static string. */
MIA_API const char *mia_difference_text(enum mia_difference_class c);

/* Where what a difference speaks of is. */
enum mia_side { MIA_SIDE_SOURCE = 1, MIA_SIDE_TARGET = 2, MIA_SIDE_BOTH = 3 };
/* "source", "target", "both". Static string. */
MIA_API const char *mia_side_text(enum mia_side side);

/* One difference, of one key. Slices and texts live for the call. A pair that is MISSING is in the
 * source alone, one that is EXTRA in the target alone. VALUE: both have the key, and the values
 * differ as MIA had them in sled. UNDECODABLE: on this side, or on both, the archive does not
 * validate; or the values differ, and there the record does not decode. ORDER: the key is not above
 * the one before it on this side; it is compared no further. */
struct mia_difference {
    enum mia_difference_class difference;
    mia_slice tree, key;
    enum mia_side side;
    const char *detail; /* UNDECODABLE: why and where; else "" */
    /* The values as MIA had them in sled, an archive that does not validate as it is stored; data
     * NULL: that side has none, or of ORDER, the other side's was not looked at. */
    mia_slice source_value, target_value;
    /* With options.content: the records as JSON, where they are records and decode; else data NULL.
     */
    mia_str source_json, target_json;
};
typedef void (*mia_difference_fn)(void *ctx, const struct mia_difference *d);

#define MIA_FINDING_MAP(MAP)                                                                       \
    MAP(MIA_FINDING_QUARANTINED, "does not decode, kept as it was")                                \
    MAP(MIA_FINDING_TRAILING, "bytes behind the record left out")                                  \
    MAP(MIA_FINDING_KEY, "key is not the record's id")                                             \
    MAP(MIA_FINDING_RESPELLED, "same values in another spelling")

/* What is odd about a record without anything of its values being lost. */
enum mia_finding_class {
#define MIA_FINDING_ENUM(name, text) name,
    MIA_FINDING_MAP(MIA_FINDING_ENUM)
#undef MIA_FINDING_ENUM
        MIA_FINDING_CLASSES
};
/* "does not decode, kept as it was" and so on. Static string. */
MIA_API const char *mia_finding_text(enum mia_finding_class c);

/* One finding. Slices and text live for the call. */
struct mia_finding {
    enum mia_finding_class finding;
    mia_slice tree, key;
    const char *detail; /* more about it, or "" */
};
typedef void (*mia_finding_fn)(void *ctx, const struct mia_finding *f);

struct mia_migrate_options {
    uint32_t struct_size;
    const char *source; /* directory of a sled (or libmdbx) database */
    const char *target; /* directory to be; its parent must exist */
    /* Every tree byte for byte, whatever the values are. Otherwise the source must be MIA's, and
     * its records become archives that are read where they lie; the index trees of MIA are left
     * out, because they are made anew from the records. */
    bool raw;
    /* A record that does not decode ends the migration (MIA_ERR_SERIALIZATION); with this it is
     * kept as it is, in a table of its own, and comes back with a rollback. And a damaged sled
     * database is read as far as it can be: see struct mia_source_options. */
    bool salvage;
    bool without_verify;
    bool without_indexes; /* of a typed target; mia_index_rebuild makes them later */
    bool resume;          /* go on with an interrupted migration of the same source */
    bool force;           /* discard what an interrupted migration left, and start over */
    bool totals;          /* progress with totals: a source without counts is counted by a thread of
                             its own meanwhile */
    uint64_t batch_bytes; /* per transaction of the target; 0 = 4 MiB */
    bool accept_torn_log; /* as in struct mia_source_options */
    mia_finding_fn finding; /* NULL: count only */
    void *finding_ctx;
    mia_loss_fn loss; /* with salvage; NULL: count only */
    void *loss_ctx;
    mia_progress_fn progress;
    void *progress_ctx;
    uint32_t checkpoint_ms; /* of the verification, to resume in the middle of; 0 = 10,000 */
    mia_obstacle_fn obstacle; /* what stands in the way, before anything is written; may be NULL */
    void *obstacle_ctx;
    uint64_t max_rate; /* bytes of the source that are read in a second; 0: as fast as it goes */
    const char *pause_file; /* while there is such a file nothing goes on, and the progress callback
                               is told the phase "paused"; NULL: none. What is in the target is
                               committed by then; the source stays locked, a libmdbx one read */
};

struct mia_migrate_report {
    uint32_t struct_size;
    enum mia_failure failure;
    bool typed;    /* the records became archives */
    bool salvaged; /* the source is damaged: the target has what is left of it */
    /* Of the source; index trees that were left out are not in them. */
    uint64_t trees, records, key_bytes, value_bytes;
    uint64_t left_out_trees, left_out_records; /* MIA's index trees; records: if verified */
    uint64_t findings[MIA_FINDING_CLASSES];
    uint64_t losses[MIA_LOSS_CLASSES];
    uint64_t long_keys;       /* keys that were folded because libmdbx cannot hold them whole */
    uint64_t resumed_records; /* of records: copied by an earlier run */
    uint64_t verified;        /* records compared after the copy, as they were in the source */
    uint64_t target_bytes;    /* size of the target's file */
    uint64_t index_entries;   /* of a typed target: made in the place of MIA's index trees */
    uint32_t page_size;
    uint64_t differences[MIA_DIFF_CLASSES];
    char digest[65]; /* SHA-256 of what `mia dump --digest` prints; "" without verification */
    double index_seconds;
    double plan_seconds, copy_seconds, verify_seconds;
    uint64_t resumed_verified; /* of verified: by an earlier run */
};

/* Migrates opt->source to opt->target and fills *out (struct_size must be set) as far as it came,
 * also on failure. Returns after the target is on disk under its name.
 * Memory: some 40 MB and, for a sled database, a page table of 12 bytes a page and 12 a
 * link; whatever the size of the database. What can be found to stand in its way without reading
 * the source is all told to opt->obstacle before anything is written; the first refusal is the
 * error then (mia/plan.h finds the rest). Errors: see out->failure; the message names thing and
 * remedy. */
MIA_API mia_status mia_migrate(const struct mia_migrate_options *opt,
                               struct mia_migrate_report *out, struct mia_error *err);

/* A number that a checkpoint keeps for the caller: how long the file is, say, to which the
 * differences are written. On disk must be what it speaks of. A failure: no checkpoint now. */
typedef mia_status (*mia_mark_fn)(void *ctx, uint64_t *mark, struct mia_error *err);
/* Back to there, before the first difference. A failure ends the call, with this error. */
typedef mia_status (*mia_rewind_fn)(void *ctx, uint64_t mark, struct mia_error *err);

struct mia_verify_options {
    uint32_t struct_size;
    const char *source, *target;  /* any two databases that mia_source_open can read */
    bool accept_torn_log;         /* as in struct mia_source_options */
    mia_difference_fn difference; /* NULL: count only */
    void *difference_ctx;
    mia_finding_fn finding; /* NULL: count only */
    void *finding_ctx;
    mia_progress_fn progress;
    void *progress_ctx;
    bool content; /* differences come with their records as JSON */
    /* A small file says how far the verification is: written every checkpoint_ms, and when progress
     * says stop; removed at the end. With `resume` the verification goes on from it: if both
     * databases are what they were, and with the same settings. */
    bool resume;
    bool without_checkpoint;
    const char *checkpoint; /* the file; NULL: "<target>.mia-verify" */
    uint32_t checkpoint_ms; /* 0 = 10,000 */
    const char *settings;   /* what else must be the same when it goes on; NULL: "" */
    mia_mark_fn mark;       /* before each checkpoint; NULL: 0 */
    mia_rewind_fn rewind;   /* with the number of the checkpoint that is gone on from */
    void *mark_ctx;
    /* The target is made what the source is: see mia_verify. */
    bool repair;
    uint64_t batch_bytes; /* of a repair, per transaction of the target; 0 = 16 MiB */
    bool force; /* also a target that was written to since it was made, or made from another state
                   of the source: those writes, or that state, are lost */
    uint64_t max_rate;      /* as in mia_migrate_options: */
    const char *pause_file; /* of the source, whose partner is read along with it */
};

struct mia_verify_report {
    uint32_t struct_size;
    enum mia_failure failure;
    uint64_t trees, records, bytes; /* read from the source and compared */
    uint64_t left_out_records;      /* in MIA's index trees, when one side is typed */
    uint64_t differences[MIA_DIFF_CLASSES];
    uint64_t findings[MIA_FINDING_CLASSES];
    char digest[65]; /* SHA-256 of what `mia dump --digest` prints for the source */
    double seconds;
    uint64_t resumed_records;            /* of records: compared by an earlier run */
    uint64_t repaired[MIA_DIFF_CLASSES]; /* with repair: written to the target */
    uint64_t quarantined;                /* of them: kept as they were, since they do not decode */
    bool resumable; /* MIA_FAILURE_INTERRUPTED: with `resume` it goes on where it was */
};

/* Compares every pair of every tree of both databases, both directions, byte for byte. Records of a
 * typed database are encoded as MIA had them. Of a MIA database records that differ are compared by
 * value, since the spelling of their JSON may not have survived, and entries of index trees as the
 * sets they are; both are counted (MIA_FINDING_RESPELLED). A typed database has no index trees:
 * then they are not compared. MIA_OK with all differences 0: identical. MIA_OK with failure
 * MIA_FAILURE_DIFFERENT: not. A record that does not decode is a difference; damage of the files
 * themselves, below records, ends the call (MIA_ERR_CORRUPT). Memory: as mia_migrate for the
 * source, a few MB besides, however many differences there are. Resumed, counts and digest are
 * those of the whole, but only the differences from there on are told. MIA_ERR_CANCELLED with
 * `resumable`: call it again with `resume`.
 *
 * With `repair` the source is the truth: what differs is copied to the target, or removed from it,
 * in transactions of batch_bytes, each with the index entries of its records; indexes that are not
 * right are made anew; then both are compared again. `differences` is what is left then, and
 * `repaired` what was not right before. Every difference is told when it is found. Records of the
 * source that do not decode are quarantined (MIA_FINDING_QUARANTINED); where an archive of the
 * source does not validate the target stays as it is. A stop or crash at any time leaves a target
 * that the next repair goes on with. Refused (MIA_FAILURE_REFUSED, nothing is written): a target
 * that is not libmdbx's, not made by mia_migrate, open elsewhere (MIA_ERR_BUSY), or with damaged
 * long keys; and without `force` one whose data somebody else changed since, or that was made from
 * other files than the source's are now. MIA_ERR_CORRUPT: keys of the source are out of order. No
 * checkpoint. */
MIA_API mia_status mia_verify(const struct mia_verify_options *opt, struct mia_verify_report *out,
                              struct mia_error *err);

struct mia_rollback_options {
    uint32_t struct_size;
    const char *source; /* any database that mia_source_open can read */
    const char *target; /* sled directory to be; its parent must exist */
    bool without_verify;
    bool force; /* discard what an interrupted rollback left */
    /* As the application opens its database: sled refuses a directory made with others. Where they
     * are 0 they are those of the sled database that the content came from, or else sled's
     * defaults. */
    uint32_t segment_size;     /* a power of two, 256 .. 16 MiB; sled's default: 524288 */
    int32_t compression_level; /* of zstd, 1 .. 22; -1: not compressed, which is sled's default */
    bool accept_torn_log;
    mia_progress_fn progress;
    void *progress_ctx;
    uint64_t max_rate; /* as in mia_migrate_options */
    const char *pause_file;
};

struct mia_rollback_report {
    uint32_t struct_size;
    enum mia_failure failure;
    uint64_t trees, records, key_bytes, value_bytes;
    uint64_t verified;     /* records read back from the new directory */
    uint64_t target_bytes; /* size of its files */
    char digest[65];       /* SHA-256 of what `mia dump --digest` prints; "" without verification */
    double write_seconds, verify_seconds;
};

/* Writes what opt->source holds now, later writes included, as a fresh sled 0.34 directory at
 * opt->target, and fills *out (struct_size must be set) as far as it came, also on failure. sled
 * itself is not needed for that. Then the directory is read back and its digest compared with that
 * of what was written. Returns after the target is on disk under its name.
 * Nothing may write to the source meanwhile: MIA_ERR_BUSY if something did. Memory: up to 16 pairs,
 * a few MB, and what reading the source takes. A stopped rollback keeps nothing. Errors: see
 * out->failure; the message names thing and remedy. */
MIA_API mia_status mia_rollback(const struct mia_rollback_options *opt,
                                struct mia_rollback_report *out, struct mia_error *err);

/* Called for each pair: `hex(tree) hex(key) sha256hex(value)` without a line end. False: stop. */
typedef bool (*mia_digest_fn)(void *ctx, const char *line, size_t size);
/* Prints the content of a source as one line per pair, trees by their bytes, then keys by theirs:
 * equal for a database and its raw migration. */
MIA_API mia_status mia_digest(mia_source *source, mia_digest_fn fn, void *ctx,
                              struct mia_error *err);

struct mia_check_report {
    uint32_t struct_size;
    uint64_t trees, records, bytes;
    uint64_t problems;
};
/* Checks a database as a whole: the engine's structures, the order of keys, and in a raw migration
 * that every layer of folded keys is there and belongs to one key. One line to fn per problem.
 * MIA_OK with problems == 0: sound. */
MIA_API mia_status mia_check(const char *path, const struct mia_source_options *opt,
                             mia_problem_fn fn, void *ctx, struct mia_check_report *out,
                             struct mia_error *err);

struct mia_sample_options {
    uint32_t struct_size;
    const char *target; /* directory to be */
    uint64_t records;   /* over all trees; 0 = 100,000 */
    uint64_t seed;      /* same seed, same content */
    mia_progress_fn progress;
    void *progress_ctx;
};
/* Makes a MIA-like sled database: chats, messages, entities, edges, embeddings as MIA encodes them.
 * Sled itself is not needed. MIA_ERR_INVALID if target exists. Memory: some 150 MB, and 41 bytes
 * for each record in MIA's sets of all records of a kind. */
MIA_API mia_status mia_sample(const struct mia_sample_options *opt, struct mia_error *err);

#ifdef __cplusplus
}
#endif
#endif
