/*
 * mia/obstacle.h - what stands in the way of a migration: a list that is looked for all at once
 *
 * mia_plan (mia/plan.h) looks for everything; mia_migrate for what can be found without reading the
 * source, before it writes anything. Both by the same checks and in the same words.
 */
#ifndef MIA_OBSTACLE_H
#define MIA_OBSTACLE_H

#include "mia/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* MAP(code, name): names are stable, for programs. */
#define MIA_OBSTACLE_MAP(MAP)                                                                      \
    MAP(MIA_OBSTACLE_SOURCE_MISSING, "source_missing")                                             \
    MAP(MIA_OBSTACLE_SOURCE_KIND, "source_kind")             /* no database, or two of them */     \
    MAP(MIA_OBSTACLE_SOURCE_UNREADABLE, "source_unreadable") /* permissions, the disk */           \
    MAP(MIA_OBSTACLE_SOURCE_LOCKED, "source_locked")         /* a running sled has it open */      \
    MAP(MIA_OBSTACLE_SOURCE_VERSION, "source_version")                                             \
    MAP(MIA_OBSTACLE_SOURCE_DAMAGED, "source_damaged")                                             \
    MAP(MIA_OBSTACLE_SOURCE_LOSS, "source_loss") /* what --salvage would go on without */          \
    MAP(MIA_OBSTACLE_SOURCE_CHANGED, "source_changed")                                             \
    MAP(MIA_OBSTACLE_MODE, "mode")               /* raw where it cannot be, or typed */            \
    MAP(MIA_OBSTACLE_UNDECODABLE, "undecodable") /* records of MIA's that do not decode */         \
    MAP(MIA_OBSTACLE_VALUE_SIZE, "value_size")   /* a value that libmdbx cannot hold */            \
    MAP(MIA_OBSTACLE_TARGET_EXISTS, "target_exists")                                               \
    MAP(MIA_OBSTACLE_TARGET_PARENT, "target_parent")                                               \
    MAP(MIA_OBSTACLE_TARGET_INSIDE, "target_inside") /* the source */                              \
    MAP(MIA_OBSTACLE_TARGET_READONLY, "target_readonly")                                           \
    MAP(MIA_OBSTACLE_TARGET_NETWORK, "target_network") /* a network file system */                 \
    MAP(MIA_OBSTACLE_TARGET_MEMORY, "target_memory")   /* a file system that is memory */          \
    MAP(MIA_OBSTACLE_PARTIAL, "partial")               /* an interrupted run left its work */      \
    MAP(MIA_OBSTACLE_PARTIAL_LOCKED, "partial_locked") /* another run is at it */                  \
    MAP(MIA_OBSTACLE_PARTIAL_OTHER, "partial_other")   /* resume: it is of another source */       \
    MAP(MIA_OBSTACLE_SPACE, "space")                                                               \
    MAP(MIA_OBSTACLE_INODES, "inodes")                                                             \
    MAP(MIA_OBSTACLE_ADDRESS_SPACE, "address_space") /* ulimit -v */                               \
    MAP(MIA_OBSTACLE_OPEN_FILES, "open_files")       /* ulimit -n */                               \
    MAP(MIA_OBSTACLE_FILE_SIZE, "file_size")         /* ulimit -f */                               \
    MAP(MIA_OBSTACLE_BASE, "base")                   /* of a whole base: what is in it */          \
    MAP(MIA_OBSTACLE_OTHER, "other")

enum mia_obstacle_class {
#define MIA_OBSTACLE_ENUM(code, name) code,
    MIA_OBSTACLE_MAP(MIA_OBSTACLE_ENUM)
#undef MIA_OBSTACLE_ENUM
        MIA_OBSTACLE_CLASSES
};
/* "target_exists" and so on. Static string. */
MIA_API const char *mia_obstacle_name(enum mia_obstacle_class c);

enum mia_obstacle_weight {
    MIA_WEIGHT_WARNING, /* it will work; know this */
    MIA_WEIGHT_DAMAGE,  /* of the source: the migration stops there (exit code 3 of the tool) */
    MIA_WEIGHT_REFUSAL, /* refused before anything is written (exit code 4) */
    MIA_WEIGHTS
};
/* "warning", "damage", "refusal". Static string. */
MIA_API const char *mia_weight_name(enum mia_obstacle_weight weight);

/* One obstacle. Texts live for the call. */
struct mia_obstacle {
    enum mia_obstacle_class obstacle;
    enum mia_obstacle_weight weight;
    mia_status status;    /* that mia_migrate would answer; MIA_OK for a warning */
    const char *message;  /* one line: the thing, the place, the remedy */
    const char *database; /* of an installation: its name; else NULL */
};
typedef void (*mia_obstacle_fn)(void *ctx, const struct mia_obstacle *obstacle);

#ifdef __cplusplus
}
#endif
#endif
