/* rkyv/record.c - the root of an archive is its last object */
#include "rkyv/record.h"

struct mia__archive mia__archive_open(enum mia__table table, mia_slice archive)
{
    const uint8_t *root =
        (const uint8_t *)archive.data + archive.size - mia__archive_root_size(table);
    if (table == MIA__TABLE_NODES)
        return (struct mia__archive){mia__record_type(root[0]), root + 1};
    int kind = table == MIA__TABLE_EDGES ? MIA_KIND_EDGE : MIA_KIND_EMBEDDING;
    return (struct mia__archive){mia__record_type(kind), root};
}
