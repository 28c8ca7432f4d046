/*
 * migrate/job.h - one migration while it runs: what its steps share
 *
 * In mia_meta of the target, beside what engine/meta.h and raw/raw.h say:
 *   origin.kind, origin.name     text: "sled", the last component of the source's path
 *   origin.fingerprint           text: of the source's files when the migration began
 *   origin.trees, .records, .key_bytes, .value_bytes, .long_keys   u64: what was copied
 *   origin.segment_size, .compressed, .counter   u64: how a sled source was made, for a rollback
 *   origin.derived               u64: MIA's index trees that were left out, bits by mia__derived
 *   origin.found.<class>         u64: findings while copying, by number of mia_finding_class
 *   origin.digest                text: SHA-256 of the content (digest.h), once verified
 *   origin.last_txn              u64: id of the last transaction of the migration or of a repair:
 *                                records that a later one changed are somebody else's
 *   checkpoint.tree              u64: how many trees are begun; the last one is being copied
 *   checkpoint.key               bytes: the last key copied of it; absent: none yet
 *   checkpoint.copied            u64: 1 when all is copied
 * Checkpoints are written in the same transaction as the data they speak of, and removed at the
 * end.
 */
#ifndef MIA_MIGRATE_JOB_H
#define MIA_MIGRATE_JOB_H

#include "mia/migrate.h"
#include "migrate/blame.h"
#include "migrate/digest.h"
#include "migrate/meter.h"
#include "migrate/scan.h"
#include "migrate/typed.h"
#include "migrate/workspace.h"
#include "raw/raw.h"

/* In the partial directory, beside the database, while it is worked on. */
#define MIA__JOB_VERIFY_FILE "mia-verify"    /* how far verification is: compare_file.h */
#define MIA__JOB_SORT_DIRECTORY "index-sort" /* entries of the indexes */

struct mia__job {
    struct mia_migrate_options opt;
    struct mia__meter meter;
    struct mia_migrate_report report;
    char *source_path, *target_path;
    struct mia__workspace place; /* of the unfinished target */
    mia_source *source;
    struct mia__sample sample;
    char fingerprint[MIA__SHA256_HEX];
    mia_db *target;
    struct mia__raw raw;
    struct mia__typing typing; /* if the report says typed */
    struct mia__bulk *bulk;    /* of the records' index entries, while they are gathered */
    /* where the copy goes on: from a checkpoint, else the beginning */
    size_t next_tree;
    struct mia__buf last_key;
    bool has_last_key, is_copied;
};

/* target.c. By how much a target grows at once. */
uint64_t mia__growth_step(uint64_t source_bytes);
/* The database in the partial directory, new or from a checkpoint. */
mia_status mia__job_open_target(struct mia__job *job, struct mia_error *err);
mia_status mia__job_checkpoint(struct mia__job *job, mia_txn *txn, struct mia_error *err);
/* Writes what verification proved, removes the checkpoint; the target is on disk and closed. */
mia_status mia__job_finish_target(struct mia__job *job, struct mia_error *err);

/* target_index.c: indexes of MIA's records, in the open target. */
/* The copy that follows, of all records, gathers their entries. */
mia_status mia__job_index_gather(struct mia__job *job, struct mia_error *err);
/* Removes what was gathered, in files too. */
mia_status mia__job_index_forget(struct mia__job *job, struct mia_error *err);
/* Makes the indexes in a thread of its own, while the records are verified. */
struct mia__index_task;
mia_status mia__job_index_start(struct mia__job *job, struct mia__index_task **task,
                                struct mia_error *err);
/* Waits for the end, telling the job's progress; stops it if that says so. Frees the task; NULL is
 * MIA_OK. */
mia_status mia__job_index_wait(struct mia__index_task *task, struct mia_error *err);
/* Stops it and frees it; NULL is fine. */
void mia__job_index_stop(struct mia__index_task *task);

/* copy.c: every pair that is not in the target yet. */
mia_status mia__job_copy(struct mia__job *job, struct mia_error *err);

#endif
