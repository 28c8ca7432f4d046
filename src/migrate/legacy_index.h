/*
 * migrate/legacy_index.h - MIA's index trees, made anew from the records
 *
 * Source: MIA's crates storage and indexing. structural_index holds prop:{property}:{value}, a set
 * of node ids; graph_outgoing and graph_incoming hold in:{node id}, a set of edge ids ("in:" in
 * both: MIA derives the prefix from the end of the tree's name and never finds "_out" there). A set
 * is bincode of HashSet<String>: a count and the members in any order; here they are sorted.
 *
 * Entries go through sorted files, so memory does not grow with the database, only with its largest
 * set. One thread.
 */
#ifndef MIA_MIGRATE_LEGACY_INDEX_H
#define MIA_MIGRATE_LEGACY_INDEX_H

#include "mia/engine.h"
#include "model/table.h"

struct mia__legacy_index;

/* directory: the caller's own, existing; files in it are the caller's to remove. */
mia_status mia__legacy_index_open(const char *directory, struct mia__legacy_index **index,
                                  struct mia_error *err);
void mia__legacy_index_close(struct mia__legacy_index *index); /* NULL is fine */

/* Takes note of a record in bincode; one that does not decode is in no index. */
mia_status mia__legacy_index_add(struct mia__legacy_index *index, enum mia__table table,
                                 mia_slice value, struct mia_error *err);

/* The next entry of a tree in the order of keys, valid until the next call; MIA_NOTFOUND: that was
 * all. The trees are read in the order of their numbers, each once, after all edges were added (the
 * two graphs) or all nodes (the structural one). */
mia_status mia__legacy_index_next(struct mia__legacy_index *index, enum mia__derived tree,
                                  struct mia_pair *pair, struct mia_error *err);

#endif
