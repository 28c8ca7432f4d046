/*
 * model/table.h - the trees of a MIA database and what is in them
 *
 * nodes, edges and embeddings hold records under their ids. MIA's index trees hold nothing that
 * could not be made anew from those three.
 */
#ifndef MIA_MODEL_TABLE_H
#define MIA_MODEL_TABLE_H

#include "mia/status.h"

enum mia__table { MIA__TABLE_NODES, MIA__TABLE_EDGES, MIA__TABLE_EMBEDDINGS, MIA__TABLES };

/* "nodes" and so on. Static. */
const char *mia__table_name(enum mia__table table);
/* The table that a tree of this name is; false: none. */
bool mia__table_find(mia_slice tree, enum mia__table *table);
/* MIA's index trees, in the order of their names. */
enum mia__derived {
    MIA__DERIVED_INCOMING,   /* graph_incoming: edges by the node they lead to */
    MIA__DERIVED_OUTGOING,   /* graph_outgoing: edges by the node they come from */
    MIA__DERIVED_STRUCTURAL, /* structural_index: nodes by property */
    MIA__DERIVED_TREES
};
const char *mia__derived_name(enum mia__derived tree); /* static */
bool mia__derived_find(mia_slice tree, enum mia__derived *derived);
/* Whether this is the name of one of MIA's index trees. */
bool mia__tree_is_derived(mia_slice tree);

#endif
