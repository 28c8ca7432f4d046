/* installation/root.h - an installation while a call works on it */
#ifndef MIA_INSTALLATION_ROOT_H
#define MIA_INSTALLATION_ROOT_H

#include "coordinator/pointer.h"
#include "installation/journal.h"
#include "migrate/obstacles.h"

struct mia__root {
    struct mia_installation_options opt;
    char *path;
    int lock;     /* -1: none */
    bool is_made; /* the directory, by this call */
    struct mia__journal journal;
    struct mia__pointer pointer; /* base NULL: there is none yet */
    uint64_t in_use;             /* the generation that the pointer leads to; 0: MIA's own base */
};

/* Locks the root and reads what is there; create: makes what is not. MIA_NOTFOUND without.
 * Free with mia__root_close, also after a failure. */
mia_status mia__root_open(struct mia__root *root, const struct mia_installation_options *opt,
                          bool create, struct mia_error *err);
void mia__root_close(struct mia__root *root);

/* status.c */
struct mia_installed mia__installed(const struct mia__entry *entry);
enum mia_phase mia__phase_of(const struct mia__journal *journal, uint64_t in_use);
mia_status mia__generation_in_use(const char *root, const struct mia__pointer *pointer,
                                  uint64_t *generation, struct mia_error *err);

/* ROOT/generations/N. To be freed; NULL: no memory. */
char *mia__generation_path(const char *root, uint64_t generation);

/* Makes the entries of the directories above path durable, up to those of the root: they may have
 * been made by a call that was stopped. */
mia_status mia__sync_up(const struct mia__root *root, const char *path, struct mia_error *err);
/* Before what is under this name in the generation is removed: neither it nor a database that lies
 * in it is done any more, and the journal says so first. */
mia_status mia__root_reopen_below(struct mia__root *root, const char *name, struct mia_error *err);

uint64_t mia__clock_ms(void); /* Unix milliseconds */

/* Tells the caller of a database. */
void mia__root_tell(const struct mia__root *root, const struct mia__entry *entry);

/* ---- bases.c */

/* Takes the options' bases into the journal, or compares them with it. MIA_ERR_INVALID. */
mia_status mia__bases_take(struct mia__root *root, struct mia_error *err);
/* MIA_ERR_INVALID: the root is inside a base, or the installation is past its migration. */
mia_status mia__bases_check(const struct mia__root *root, struct mia_error *err);

/* ---- discover.c */

/* Calls fn for every sled or libmdbx database below a base, with its name there, but not below the
 * others (NULL behind the last). */
typedef mia_status mia__database_fn(void *ctx, const char *name, const char *path,
                                    struct mia_error *err);
mia_status mia__discover(const char *base, const char *const *others, mia__database_fn *fn,
                         void *ctx, struct mia_error *err);
/* Adds what is below the journal's bases to it. What is wrong with a database ends that or, if
 * found is not NULL, is told, and the walk goes on. */
mia_status mia__discover_sources(const struct mia__root *root, struct mia__journal *journal,
                                 struct mia__obstacles *found, struct mia_error *err);
/* The place in MIA's layout that a name stands for; false: another database. quarter is borrowed
 * from the name. */
bool mia__place_named(const char *name, struct mia_place *place);

/* ---- cutover.c */

/* Sees that nobody has a journal's sources open, that none of them changed since it was read, and
 * keeps it so until they are let go. */
struct mia__held_sources {
    struct mia__buf locks;     /* int */
    struct mia__buf databases; /* mia_db * */
};
mia_status mia__hold_sources(const struct mia__journal *journal, struct mia__held_sources *held,
                             struct mia_error *err);
void mia__let_go_sources(struct mia__held_sources *held); /* {0} is fine */
/* Points to the generation that was made, while its sources are held. */
mia_status mia__switch_over(struct mia__root *root, struct mia_error *err);

#endif
