/*
 * mia/plan.h - will a migration work, what will it make, and how long may it take?
 *
 * Everything that can make a migration fail is looked for, all of it in one call, by the checks and
 * in the words of mia_migrate. Nothing is written or made anywhere; a shared lock on a sled source
 * keeps sled from starting meanwhile, and of a libmdbx source the reader table mdbx.lck is used, as
 * by every reader.
 */
#ifndef MIA_PLAN_H
#define MIA_PLAN_H

#include "mia/migrate.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One tree of the source. Slices live for the call. */
struct mia_plan_tree {
    mia_slice name;
    bool is_left_out; /* one of MIA's index trees, made anew from the records */
    bool is_damaged;  /* counted as far as it could be read */
    uint64_t records, key_bytes, value_bytes;
    uint64_t undecodable;  /* of records */
    uint64_t target_bytes; /* estimate of its pages in the target */
};
typedef void (*mia_plan_tree_fn)(void *ctx, const struct mia_plan_tree *tree);

struct mia_plan_options {
    uint32_t struct_size;
    const char *source;
    const char *target; /* NULL: nothing is said about a target */
    /* As mia_migrate would be given them. Without raw a database that is not MIA's is planned as a
     * raw migration, with a warning. */
    bool raw, salvage, accept_torn_log, resume, force, without_indexes;
    bool quick;               /* only what needs no reading of the source */
    mia_obstacle_fn obstacle; /* NULL: count only */
    void *obstacle_ctx;
    mia_plan_tree_fn tree; /* NULL: nobody asks */
    void *tree_ctx;
    mia_finding_fn finding; /* records that are odd, one by one; NULL: count only */
    void *finding_ctx;
    mia_loss_fn loss; /* of a damaged source, what salvage would lose; NULL: count only */
    void *loss_ctx;
    mia_progress_fn progress;
    void *progress_ctx;
};

/* Classes of values by size: up to 15 bytes, then four times as many each, the last without end. */
enum { MIA_PLAN_VALUE_SIZES = 10 };
enum { MIA_PLAN_PAGE_SIZES = 5 }; /* 4 KiB, and twice as many each */

struct mia_plan_report {
    uint32_t struct_size;
    /* What mia_migrate would answer: MIA_FAILURE_NONE, _REFUSED, _SOURCE (also with salvage, when
     * something is lost); _INTERRUPTED: stopped on the way. */
    enum mia_failure failure;
    uint64_t obstacles[MIA_WEIGHTS];
    bool is_read;              /* the source was read to its end: the counts below are complete */
    bool typed;                /* the records become archives */
    bool has_partial;          /* an interrupted run's work is there */
    bool is_resumable;         /* of this very source, begun the same way: --resume goes on */
    bool is_salvageable;       /* damaged, and salvage would save salvaged_records */
    const char *kind, *format; /* of the source: as in struct mia_source_info; "" : not known */
    uint64_t source_bytes;     /* of its files */
    uint64_t trees, records, key_bytes, value_bytes; /* without what is left out */
    uint64_t left_out_trees, left_out_records;       /* MIA's index trees */
    uint64_t findings[MIA_FINDING_CLASSES];
    uint64_t losses[MIA_LOSS_CLASSES];
    uint64_t salvaged_records;
    uint64_t long_keys; /* too long for the page size that would be taken; and for each: */
    uint64_t long_keys_by_page[MIA_PLAN_PAGE_SIZES];
    uint64_t value_sizes[MIA_PLAN_VALUE_SIZES]; /* how many values, as they will be stored */
    uint64_t largest_value;
    uint32_t page_size;        /* of the target; 0: not known */
    const char *page_size_why; /* static text */
    uint64_t target_bytes;     /* estimate, the next one included; 0: not known */
    uint64_t index_bytes;      /* of the indexes that are made */
    uint64_t index_entries;
    uint64_t free_bytes;                /* where the target would be; 0 without a target */
    double read_seconds;                /* that reading and converting took here */
    double least_seconds, most_seconds; /* estimate of the whole migration; 0: not known */
};

/* Looks for everything and fills *out (struct_size must be set). MIA_OK whatever was found:
 * out->failure says what a migration would come to. Otherwise MIA_ERR_CANCELLED, MIA_ERR_NOMEM or
 * MIA_ERR_INVALID for bad options. Memory: as reading the source takes, and six chunks of 1 MiB.
 * Any thread. */
MIA_API mia_status mia_plan(const struct mia_plan_options *opt, struct mia_plan_report *out,
                            struct mia_error *err);

#ifdef __cplusplus
}
#endif
#endif
