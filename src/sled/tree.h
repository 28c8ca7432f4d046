/*
 * sled/tree.h - the way to a leaf of a B-link tree, and from a leaf to its neighbours
 *
 * Source: sled 0.34.7, src/tree.rs. Every node points to its right sibling, so that a split or
 * merge that a crash left half-done is read right in each of its states: what is not yet in the
 * parent is reached from the left.
 */
#ifndef MIA_SLED_TREE_H
#define MIA_SLED_TREE_H

#include "sled/node.h"

enum mia__sled_aim {
    MIA__SLED_AIM_FIRST, /* the leftmost leaf */
    MIA__SLED_AIM_LAST,
    MIA__SLED_AIM_AT,    /* the leaf with lo <= key < hi */
    MIA__SLED_AIM_BEFORE /* the leaf with lo < key <= hi: where keys just below lie */
};

/* Loads the leaf that is aimed at. The key may not lie in the node's own memory. MIA_ERR_CORRUPT:
 * the tree is damaged on the way. */
mia_status mia__sled_tree_find(struct mia__sled_node *node, uint64_t root, enum mia__sled_aim aim,
                               mia_slice key, struct mia_error *err);
/* Loads the right sibling, whose bounds must follow those of the node; hi is the caller's buffer
 * for the bound. MIA_NOTFOUND: the node is the last; it stays loaded. */
mia_status mia__sled_tree_right(struct mia__sled_node *node, struct mia__buf *hi,
                                struct mia_error *err);

#endif
