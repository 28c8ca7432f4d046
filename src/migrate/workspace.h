/*
 * migrate/workspace.h - where a target is made: "<target>.mia-partial" beside it, until one rename
 *
 * The directory is locked, so that two runs to one target do not meet. Everything about the target
 * that can be refused before anything is written is asked here.
 */
#ifndef MIA_MIGRATE_WORKSPACE_H
#define MIA_MIGRATE_WORKSPACE_H

#include "mia/status.h"
#include "migrate/obstacles.h"

struct mia__workspace {
    /* given */
    const char *source, *target;    /* paths without trailing slashes, the caller's */
    const char *what;               /* "migration", "rollback": for messages */
    unsigned needed_percent;        /* free space, of the size of the source's files */
    uint64_t needed_bytes;          /* the same where it is known better; 0: it is not */
    bool is_mapped;                 /* the target will be libmdbx's: no network file system */
    bool can_resume, resume, force; /* what to do with an earlier run's directory */
    const char *fingerprint;        /* of the source, to compare an earlier run's with; NULL */
    const char *format;             /* that the target will have: enough of mia_meta's; NULL */
    /* mia__workspace_begin */
    char *partial, *parent;
    /* mia__workspace_check */
    bool is_checked;
    bool has_partial;      /* an earlier run's directory is there, */
    bool is_resumable;     /* and holds work of this very source */
    uint64_t source_bytes; /* of the source's files */
    uint64_t free_bytes;   /* where the target would be */
    /* taken */
    int lock;  /* -1: none */
    bool keep; /* the directory holds work that a later run can go on with */
};

/* A place for the target of a migration, typed unless .format is changed, without resume and force.
 */
void mia__migration_place(struct mia__workspace *w, const char *source, const char *target,
                          const char *fingerprint);
/* The paths. To be let go by mia__workspace_release, also after a failure. */
mia_status mia__workspace_begin(struct mia__workspace *w, struct mia_error *err);
/* workspace_check.c: tells everything that speaks against a target there. Changes nothing. */
void mia__workspace_check(struct mia__workspace *w, struct mia__obstacles *o);
/* Of that, what speaks against the file system of .parent and this process's limits; source_bytes
 * is known. */
void mia__workspace_check_place(struct mia__workspace *w, struct mia__obstacles *o);
/* An earlier run's directory is not of this source, or was begun otherwise. MIA_ERR_INVALID. */
mia_status mia__workspace_fail_other(const struct mia__workspace *w, struct mia_error *err);
mia_status mia__workspace_fail_mode(const struct mia__workspace *w, bool was_typed,
                                    struct mia_error *err);
/* Makes and locks the directory, or takes over that of an earlier run; checks before, unless that
 * was done. */
mia_status mia__workspace_take(struct mia__workspace *w, struct mia_error *err);
/* Gives what was made, the directory itself or one below it, the target's name, durably. */
mia_status mia__workspace_publish(struct mia__workspace *w, const char *made,
                                  struct mia_error *err);
/* Lets the directory go: removed, if it was taken, unless it is to be kept. {0} with lock -1 is
 * fine. */
void mia__workspace_release(struct mia__workspace *w);

#endif
