/*
 * sled/write_tree.h - the nodes of one tree, from pairs in the order of their keys
 *
 * Bottom-up: a level collects entries and writes a node when there are enough of them, keeping so
 * many back that the level's last node is not one that sled would merge away at once. Of each
 * written node its lower bound and its page go to the level above.
 *
 * Node (sled 0.34.7, src/node.rs): next, merging child, merging, prefix length, lo, hi, kind,
 * count, keys without the prefix that lo and hi share, values.
 */
#ifndef MIA_SLED_WRITE_TREE_H
#define MIA_SLED_WRITE_TREE_H

#include "sled/write_log.h"

enum {
    MIA__SLED_LEVELS = 12,   /* 12 pairs a leaf, 128 children a node: more than 2^64 pairs */
    MIA__SLED_PENDING = 192, /* entries that a level collects at most */
};

struct mia__sled_level {
    struct mia__buf keys, values; /* of the collected entries; values as a node stores them */
    size_t key_end[MIA__SLED_PENDING], value_end[MIA__SLED_PENDING];
    size_t count;
    struct mia__buf lo; /* lower bound of the node that the entries begin; "" for the first */
    uint64_t page;      /* of that node; 0: the level has no node yet */
    bool has_nodes;     /* at least one was written */
};

struct mia__sled_tree_writer {
    struct mia__sled_log_writer *log;
    uint64_t *next_page; /* the lowest page that is free; shared by all trees */
    struct mia__sled_level levels[MIA__SLED_LEVELS];
    struct mia__buf head, hi; /* of the node being written */
};

/* Begins a tree; zeroed before, used again for the next tree. */
void mia__sled_tree_begin(struct mia__sled_tree_writer *tree);
/* MIA_ERR_INVALID: the key is not above the one before. */
mia_status mia__sled_tree_put(struct mia__sled_tree_writer *tree, mia_slice key, mia_slice value,
                              struct mia_error *err);
/* Writes what is pending, up to the root, and says which page that is. */
mia_status mia__sled_tree_end(struct mia__sled_tree_writer *tree, uint64_t *root,
                              struct mia_error *err);
void mia__sled_tree_free(struct mia__sled_tree_writer *tree);

#endif
