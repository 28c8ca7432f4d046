/*
 * sled/node.h - a page of a tree: the base with its links folded in
 *
 * Source: sled 0.34.7, src/{node,serialization,prefix}.rs. A node holds the keys lo <= key < hi; an
 * empty hi means no bound. Its keys are stored without a prefix that they and lo share.
 */
#ifndef MIA_SLED_NODE_H
#define MIA_SLED_NODE_H

#include "mia/engine.h"
#include "sled/page.h"

/* One node in memory, its buffers kept for the next. One thread at a time. */
struct mia__sled_node {
    struct mia__sled_page page;
    uint64_t next;          /* right sibling; 0: none */
    uint64_t merging_child; /* of an index: a child that its left sibling takes over; 0: none */
    bool is_index;
    mia_slice lo, hi;
    struct mia_pair *pairs; /* full keys ascending; the values of a leaf */
    uint64_t *children;     /* of an index: the pages below */
    size_t count;

    size_t prefix_size;
    struct mia__buf entries, folded, changes, keys, child_list;
};

void mia__sled_node_begin(struct mia__sled_node *node, struct mia__sled_store *store);
void mia__sled_node_free(struct mia__sled_node *node);

/* Reads and folds a page. What it gives lives until the next load. MIA_ERR_CORRUPT: no such page,
 * or one that breaks a rule of the format; then the node holds nothing that may be used. */
mia_status mia__sled_node_load(struct mia__sled_node *node, uint64_t page, struct mia_error *err);

/* How many of its keys are below this one. */
size_t mia__sled_node_below(const struct mia__sled_node *node, mia_slice key);

/* MIA_ERR_CORRUPT about the node. */
mia_status mia__sled_node_blame(const struct mia__sled_node *node, const char *reason,
                                struct mia_error *err);

#endif
