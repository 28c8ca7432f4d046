/* model/table.c - names of trees */
#include "model/table.h"

static const char *const table_names[MIA__TABLES] = {
    [MIA__TABLE_NODES] = "nodes",
    [MIA__TABLE_EDGES] = "edges",
    [MIA__TABLE_EMBEDDINGS] = "embeddings",
};

static const char *const derived_names[MIA__DERIVED_TREES] = {
    [MIA__DERIVED_INCOMING] = "graph_incoming",
    [MIA__DERIVED_OUTGOING] = "graph_outgoing",
    [MIA__DERIVED_STRUCTURAL] = "structural_index",
};

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

const char *mia__derived_name(enum mia__derived tree)
{
    return derived_names[tree];
}

bool mia__derived_find(mia_slice tree, enum mia__derived *derived)
{
    for (size_t i = 0; i < MIA__DERIVED_TREES; i++)
        if (mia_slice_equal(tree, mia_bytes_of(derived_names[i]))) {
            *derived = (enum mia__derived)i;
            return true;
        }
    return false;
}

bool mia__tree_is_derived(mia_slice tree)
{
    enum mia__derived ignored;
    return mia__derived_find(tree, &ignored);
}
