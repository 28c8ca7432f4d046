/*
 * migrate/workspace.h - where a target is made: "<target>.mia-partial" beside it, until one rename
 *
 * The directory is locked, so that two runs to one target do not meet. Everything that can be
 * refused before anything is written is asked here.
 */
#ifndef MIA_MIGRATE_WORKSPACE_H
#define MIA_MIGRATE_WORKSPACE_H

#include "mia/status.h"

struct mia__workspace {
    /* given */
    const char *source, *target;    /* paths without trailing slashes, the caller's */
    const char *what;               /* "migration", "rollback": for messages */
    unsigned needed_percent;        /* free space, of the size of the source's files */
    bool is_mapped;                 /* the target will be libmdbx's: no network file system */
    bool can_resume, resume, force; /* what to do with an earlier run's directory */
    /* taken */
    char *partial;
    int lock;              /* -1: none */
    bool keep;             /* the directory holds work that a later run can go on with */
    uint64_t source_bytes; /* of the source's files */
};

/* Makes and locks the directory, or takes over that of an earlier run. lock is -1 before. */
mia_status mia__workspace_take(struct mia__workspace *w, struct mia_error *err);
/* Gives what was made, the directory itself or one below it, the target's name, durably. */
mia_status mia__workspace_publish(struct mia__workspace *w, const char *made,
                                  struct mia_error *err);
/* Lets the directory go: removed, if it was taken, unless it is to be kept. */
void mia__workspace_release(struct mia__workspace *w);

#endif
