/*
 * sled/salvage_tree.h - the leaves of the trees of a damaged directory
 *
 * A tree becomes a row of extents: this leaf, from this key to that one. Where there is no leaf for
 * keys, the extent has page 0, and that is a loss.
 */
#ifndef MIA_SLED_SALVAGE_TREE_H
#define MIA_SLED_SALVAGE_TREE_H

#include "sled/salvage_pages.h"

enum {
    MIA__SLED_DEPTH = 64
}; /* levels of a tree; each has at least twice the nodes of the one above */

/* A key in `keys`. */
struct mia__sled_bound {
    size_t at, size;
    bool is_none; /* no bound: the tree's end */
};

struct mia__sled_extent {
    uint64_t page; /* 0: lost */
    bool is_older;
    bool is_doubtful; /* what leads to it may be out of date, and the page another tree's by now */
    struct mia__sled_bound from, to;
    struct mia__sled_bound end; /* the leaf's own upper bound, at or beyond `to` */
    uint64_t next;              /* its right sibling */
    const char *reason;         /* why it is lost; static */
};

struct mia__sled_row {
    struct mia__buf name;
    bool is_nameless; /* it was found without the list of trees */
    int64_t until;    /* the LSN up to which the list of trees may have named it */
    struct mia__buf extents, keys;
};

static inline size_t mia__sled_row_count(const struct mia__sled_row *row)
{
    return row->extents.size / sizeof(struct mia__sled_extent);
}

static inline struct mia__sled_extent *mia__sled_row_at(const struct mia__sled_row *row, size_t i)
{
    return (struct mia__sled_extent *)(void *)row->extents.data + i;
}

static inline mia_slice mia__sled_bound_key(const struct mia__sled_row *row,
                                            const struct mia__sled_bound *bound)
{
    return bound->size > 0 ? (mia_slice){row->keys.data + bound->at, bound->size} : (mia_slice){0};
}

void mia__sled_row_free(struct mia__sled_row *row);

/* Which pages a tree has already: each is one tree's at most. */
struct mia__sled_claims {
    uint8_t *bits;
    size_t pages;
};
/* False: it is claimed already, or no such page. */
bool mia__sled_claim(struct mia__sled_claims *claims, uint64_t page);
bool mia__sled_is_claimed(const struct mia__sled_claims *claims, uint64_t page);

/* Fills the row from a root. */
mia_status mia__sled_row_from_root(struct mia__sled_salvage_state *state,
                                   struct mia__sled_claims *claims, uint64_t root,
                                   struct mia__sled_row *row, struct mia_error *err);

/* salvage_doubt.c. Gives back what rows have without anything but a doubtful pointer to say so: no
 * neighbour in the row certainly leads to it or is led to by it, or it leads into another row. */
mia_status mia__sled_settle_doubts(const struct mia__sled_salvage_state *state,
                                   struct mia__sled_claims *claims, struct mia__buf *rows,
                                   struct mia_error *err);

/* salvage_orphans.c. Leaves that no tree has claimed: put into the gaps of the rows where siblings
 * say that they belong there; the others become rows of their own, appended to rows (an array of
 * struct mia__sled_row). */
mia_status mia__sled_place_orphans(struct mia__sled_salvage_state *state,
                                   struct mia__sled_claims *claims, struct mia__buf *rows,
                                   struct mia_error *err);

#endif
