/* sled/salvage_pages.h - which states of the pages are left, and which belong together; see
 * sled/salvage.h */
#ifndef MIA_SLED_SALVAGE_PAGES_H
#define MIA_SLED_SALVAGE_PAGES_H

#include "sled/node.h"
#include "sled/salvage.h"

struct mia__sled_salvage_state {
    struct mia__sled_store store; /* its page table is the one that counts */
    struct mia__sled_pages older; /* with a snapshot: what the log alone says */
    struct mia__sled_salvage_options options;
    bool has_snapshot;
    int64_t snapshot_lsn;
    struct mia__buf gaps;   /* int64_t, ascending: an LSN in each stretch that cannot be read */
    struct mia__buf births; /* int64_t of each page: the base behind the last Free; 0: not seen */
};

/* Opens the files, finds the page tables, reports what of the files cannot be relied on. */
mia_status mia__sled_salvage_recover(struct mia__sled_salvage_state *state, const char *path,
                                     struct mia_error *err);
void mia__sled_salvage_release(struct mia__sled_salvage_state *state);

/* A node in the state that counts; else, if the log has one that is whole, in that, which counts
 * from then on (*is_older). MIA_NOTFOUND: neither; err says why. */
mia_status mia__sled_salvage_load(struct mia__sled_salvage_state *state,
                                  struct mia__sled_node *node, uint64_t page, bool *is_older,
                                  struct mia_error *err);
/* The same for a page that is no node. */
mia_status mia__sled_salvage_read(struct mia__sled_salvage_state *state,
                                  struct mia__sled_page *page, uint64_t number, bool *is_older,
                                  struct mia_error *err);

/* The LSN of a page's base: which of two is the newer one. */
int64_t mia__sled_salvage_age(const struct mia__sled_salvage_state *state, uint64_t page);

void mia__sled_salvage_tell(const struct mia__sled_salvage_state *state,
                            const struct mia_loss *loss);

/* ---- salvage_lead.c */

/* Does one state of a page lead to the other's, which it names? Whole as both are, they may be of
 * different lives of the pages: sled gives the numbers of freed pages to other trees. A state was
 * in force from its base on; for how long is certain up to the first message that is lost and may
 * have ended it, and likely for ever, unless a newer state is known to be lost. Two that were in
 * force at one time are of one tree. */
enum mia__sled_lead { MIA__SLED_LEADS_NOWHERE, MIA__SLED_LEADS_LIKELY, MIA__SLED_LEADS };
enum mia__sled_lead mia__sled_salvage_lead(const struct mia__sled_salvage_state *state,
                                           uint64_t from, uint64_t to);
/* The LSN up to which the page's state may have been in force; INT64_MAX: no end is known. */
int64_t mia__sled_salvage_until(const struct mia__sled_salvage_state *state, uint64_t page);

/* What it goes by, while the log is read, in its order: a stretch that cannot be read, up to this
 * LSN (-1: no message is in it; bytes 0: nobody knows how long); and the base of a page, before it
 * is in the table that counts. */
mia_status mia__sled_salvage_note_gap(struct mia__sled_salvage_state *state, int64_t lsn,
                                      uint64_t offset, uint64_t bytes, struct mia_error *err);
mia_status mia__sled_salvage_note_base(struct mia__sled_salvage_state *state, uint64_t page,
                                       int64_t lsn, struct mia_error *err);

#endif
