/*
 * sled/salvage.h - what is left of a damaged sled directory
 *
 * Everything that still has its checksum is used, and nothing else: a pair is given out only if the
 * page that holds it is whole, and belongs to its tree by the keys that the neighbours give it.
 *
 * Which state of a page counts: with a usable snapshot that of its page table, with the log's later
 * messages applied; so nothing deleted comes back. Where a part of that state is damaged, an older
 * state from the log, and a finding says so. Without a snapshot the newest state that the log has;
 * what the lost bytes would have changed is not known, and a finding says that too.
 *
 * Which pages are a tree's: those that its index leads to; the siblings of those; where a part of
 * the index is lost, leaves that lead to such siblings or follow them. sled gives the numbers of
 * freed pages to other trees, so what leads to a page must have done so while the page was in the
 * state that is left of it; see enum mia__sled_lead. Leaves that nothing leads to become trees of
 * their own, salvaged-PAGE.
 *
 * Memory: twice that of a sound database's page table, 8 bytes a page if pages were used again, 8 a
 * stretch that cannot be read, and about 100 bytes and two keys a leaf.
 */
#ifndef MIA_SLED_SALVAGE_H
#define MIA_SLED_SALVAGE_H

#include "mia/engine.h"
#include "mia/source.h"
#include "sled/store.h"

#define MIA__SLED_GUESSED "segment size and compression were told by the log"
#define MIA__SLED_NO_SNAPSHOT "the snapshot cannot be read: the log alone has to do"

struct mia__sled_salvage_options {
    mia_loss_fn loss;
    void *loss_ctx;
    mia_progress_fn progress;
    void *progress_ctx;
};

/* What conf says or, if it is damaged or missing, should say. MIA_ERR_CORRUPT: nothing of a log is
 * left. */
mia_status mia__sled_salvage_find_conf(const char *path, struct mia__sled_conf *conf,
                                       bool *is_guessed, struct mia_error *err);

struct mia__sled_salvage;

/* Reports every loss before it returns. MIA_ERR_CORRUPT: nothing is left at all; MIA_ERR_BUSY: a
 * sled has it open. */
mia_status mia__sled_salvage_open(const char *path, const struct mia__sled_salvage_options *options,
                                  struct mia__sled_salvage **out, struct mia_error *err);
void mia__sled_salvage_close(struct mia__sled_salvage *salvage); /* NULL is fine */

size_t mia__sled_salvage_trees(const struct mia__sled_salvage *salvage);
mia_slice mia__sled_salvage_name(const struct mia__sled_salvage *salvage, size_t tree);
const struct mia__sled_conf *mia__sled_salvage_shape(const struct mia__sled_salvage *salvage,
                                                     uint64_t *counter);

/* A forward cursor: as mia__sled_cursor, and it never fails for damage. */
struct mia__sled_salvage_cursor;
mia_status mia__sled_salvage_cursor(struct mia__sled_salvage *salvage, size_t tree,
                                    struct mia__sled_salvage_cursor **out, struct mia_error *err);
mia_status mia__sled_salvage_seek(struct mia__sled_salvage_cursor *cur, mia_slice key,
                                  struct mia_error *err);
mia_status mia__sled_salvage_next(struct mia__sled_salvage_cursor *cur, struct mia_pair *pairs,
                                  size_t max, size_t *n, struct mia_error *err);
void mia__sled_salvage_cursor_close(struct mia__sled_salvage_cursor *cur);

#endif
