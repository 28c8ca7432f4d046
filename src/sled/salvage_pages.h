/* sled/salvage_pages.h - which states of the pages are left; see sled/salvage.h */
#ifndef MIA_SLED_SALVAGE_PAGES_H
#define MIA_SLED_SALVAGE_PAGES_H

#include "sled/node.h"
#include "sled/salvage.h"

struct mia__sled_salvage_state {
    struct mia__sled_store store; /* its page table is the one that counts */
    struct mia__sled_pages older; /* with a snapshot: what the log alone says */
    struct mia__sled_salvage_options options;
    bool has_snapshot;
    bool is_stale; /* pages may be in older states without its being known */
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

#endif
