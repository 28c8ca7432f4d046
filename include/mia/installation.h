/*
 * mia/installation.h - all of MIA's databases moved from sled to libmdbx, switched over, taken back
 *
 * An installation is a directory, its root:
 *     current            which databases are in use: the pointer that coordinators read
 *     mia-journal        what was done, database by database
 *     generations/1/     the databases on libmdbx, laid out as MIA lays them out
 *     generations/2/     sled again, after a rollback
 * Until the cutover `current` leads to MIA's own base, so an application may be given the root from
 * the first day on. A cutover or a rollback replaces `current` by one rename: whenever the machine
 * stops, the old databases are in use or the new ones, never a mixture. What is no longer in use
 * stays until mia_installation_finish.
 *
 * Where there is no installation, all but the migration answer MIA_NOTFOUND. Calls on one root
 * exclude each other, over processes (MIA_ERR_BUSY). Each may be made again
 * after whatever interrupted it, and goes on where it stopped. Any thread.
 */
#ifndef MIA_INSTALLATION_H
#define MIA_INSTALLATION_H

#include "mia/catalog.h"
#include "mia/migrate.h"
#include "mia/plan.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Where an installation stands. */
#define MIA_PHASE_MAP(MAP)                                                                         \
    MAP(MIA_PHASE_MIGRATING, "migrating")  /* some databases are not on libmdbx yet */             \
    MAP(MIA_PHASE_MIGRATED, "migrated")    /* all are, verified; MIA's own are in use */           \
    MAP(MIA_PHASE_CUT_OVER, "cut over")    /* libmdbx is in use, MIA's own are still there */      \
    MAP(MIA_PHASE_RETURNING, "returning")  /* a rollback was begun; libmdbx is still in use */     \
    MAP(MIA_PHASE_RETURNED, "rolled back") /* sled is in use, libmdbx is still there */            \
    MAP(MIA_PHASE_FINISHED, "finished")    /* what was in use before is gone */

enum mia_phase {
#define MIA_PHASE_ENUM(name, text) name,
    MIA_PHASE_MAP(MIA_PHASE_ENUM)
#undef MIA_PHASE_ENUM
};
/* "cut over"; static string. */
MIA_API const char *mia_phase_text(enum mia_phase phase);

/* One database of an installation. Texts live for the call, or as long as the status. */
struct mia_installed {
    const char *name;   /* below its base: "conversations/archive/2024-Q1" */
    const char *source; /* directory that it comes from */
    bool is_done;       /* complete, verified and under its name in the generation that is made */
    bool is_stray;      /* an empty database of MIA's that no application reads: left out */
    uint64_t records;   /* if it is done */
    double seconds;
    char digest[65];
};

struct mia_installation_options {
    uint32_t struct_size;
    const char *root;
    const char *base;              /* of MIA; NULL: as the journal says */
    const char *spill_base;        /* where MIA kept what it opened late, if it is not the base */
    bool salvage, accept_torn_log; /* as in mia_migrate_options */
    /* Before each database (installed->is_done false) and behind it. May be NULL. */
    void (*database)(void *ctx, const struct mia_installed *installed);
    void *database_ctx;
    mia_progress_fn progress; /* of the database that is worked on */
    void *progress_ctx;
    mia_obstacle_fn obstacle; /* of a migration: what stands in its way; may be NULL */
    void *obstacle_ctx;
    uint64_t max_rate; /* as in mia_migrate_options */
    const char *pause_file;
};

struct mia_installation_report {
    uint32_t struct_size;
    enum mia_failure failure;
    uint64_t databases, done; /* strays are not counted */
    uint64_t strays;
    uint64_t records; /* of those that are done */
    uint64_t already; /* of those that are done: by an earlier call */
};

/* Migrates every database below base and spill_base into generations/1, typed where it is MIA's and
 * byte for byte otherwise, each verified, and makes the root. Databases that are done and whose
 * source did not change since are left as they are; one whose source did change is made anew.
 * MIA_ERR_INVALID: both bases have a database of one name with records in it, a stray database has
 * records, the bases are others than before, or the installation is past this. What can be found to
 * stand in the way of any database without reading it is told to opt->obstacle before the first one
 * is begun; the first refusal is the error then. Otherwise as mia_migrate, for the first database
 * that fails; its name is in the message. report->struct_size must be set. */
MIA_API mia_status mia_installation_migrate(const struct mia_installation_options *opt,
                                            struct mia_installation_report *report,
                                            struct mia_error *err);

struct mia_installation_plan_report {
    uint32_t struct_size;
    enum mia_failure failure;            /* as in struct mia_plan_report */
    uint64_t databases, already, strays; /* already: migrated, and not changed since */
    uint64_t records;                    /* of those that would be migrated, and the rest: */
    uint64_t source_bytes, target_bytes; /* target_bytes: an estimate; 0 if quick */
    uint64_t free_bytes;                 /* where the root is, or would be */
    double least_seconds, most_seconds;
    uint64_t obstacles[MIA_WEIGHTS];
};
/* One database that would be migrated. Both live for the call. */
typedef void (*mia_installation_plan_fn)(void *ctx, const struct mia_installed *database,
                                         const struct mia_plan_report *plan);
/* Looks for everything that stands in the way of mia_installation_migrate, as mia_plan does for one
 * database, and makes nothing, the root neither. opt: root, base, spill_base, salvage,
 * accept_torn_log, obstacle, progress. quick: the databases are not read, but those of which MIA
 * has two. fn may be NULL. MIA_OK whatever was found. */
MIA_API mia_status mia_installation_plan(const struct mia_installation_options *opt, bool quick,
                                         mia_installation_plan_fn fn, void *ctx,
                                         struct mia_installation_plan_report *report,
                                         struct mia_error *err);
/* Makes the migrated databases those that are in use. MIA_ERR_BUSY: an application has a source
 * open. MIA_ERR_INVALID: not every database is migrated and verified, or one was written to, or one
 * came to be, since: migrate again. opt: root. */
MIA_API mia_status mia_installation_cutover(const struct mia_installation_options *opt,
                                            struct mia_error *err);
/* Writes what the databases in use hold now, later writes included, as sled directories below the
 * next generation, each read back and compared, and makes those the ones in use. MIA_ERR_BUSY: an
 * application has a database open. MIA_ERR_INVALID: libmdbx is not in use. opt: root, callbacks. */
MIA_API mia_status mia_installation_rollback(const struct mia_installation_options *opt,
                                             struct mia_installation_report *report,
                                             struct mia_error *err);
/* Removes the databases that were in use before: after a cutover MIA's own, after a rollback those
 * of libmdbx. There is no way back from here. MIA_ERR_INVALID: nothing was switched; MIA_ERR_BUSY:
 * one is open. opt: root. */
MIA_API mia_status mia_installation_finish(const struct mia_installation_options *opt,
                                           struct mia_error *err);

/* What the journal and the pointer say. */
typedef struct mia_installation_status mia_installation_status;
/* MIA_NOTFOUND: root is no installation; MIA_ERR_CORRUPT: its journal is damaged. Free with
 * mia_installation_status_free. */
MIA_API mia_status mia_installation_status_read(const char *root, mia_installation_status **status,
                                                struct mia_error *err);
MIA_API void mia_installation_status_free(mia_installation_status *status); /* NULL is fine */
MIA_API enum mia_phase mia_installation_phase(const mia_installation_status *status);
/* Borrowed from the status. spill: NULL for none. in_use: the directory that `current` leads to. */
MIA_API const char *mia_installation_base(const mia_installation_status *status);
MIA_API const char *mia_installation_spill(const mia_installation_status *status);
MIA_API const char *mia_installation_in_use(const mia_installation_status *status);
MIA_API size_t mia_installation_count(const mia_installation_status *status);
MIA_API struct mia_installed mia_installation_at(const mia_installation_status *status, size_t i);
/* When something was last verified, in Unix milliseconds; 0: never. */
MIA_API int64_t mia_installation_verified_ms(const mia_installation_status *status);

#ifdef __cplusplus
}
#endif
#endif
