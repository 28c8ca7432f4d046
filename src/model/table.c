/* model/table.c - names of trees */
#include "model/table.h"

static const char *const table_names[MIA__TABLES] = {
    [MIA__TABLE_NODES] = "nodes",
    [MIA__TABLE_EDGES] = "edges",
    [MIA__TABLE_EMBEDDINGS] = "embeddings",
};

static const char *const derived_names[] = {"structural_index", "graph_outgoing", "graph_incoming"};

const char *mia__table_name(enum mia__table table)
{
    return table_names[table];
}

bool mia__table_find(mia_slice tree, enum mia__table *table)
{
    for (size_t i = 0; i < MIA__TABLES; i++)
        if (mia_slice_equal(tree, mia_bytes_of(table_names[i]))) {
            *table = (enum mia__table)i;
            return true;
        }
    return false;
}

bool mia__tree_is_derived(mia_slice tree)
{
    for (size_t i = 0; i < sizeof derived_names / sizeof derived_names[0]; i++)
        if (mia_slice_equal(tree, mia_bytes_of(derived_names[i])))
            return true;
    return false;
}
