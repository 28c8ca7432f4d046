/* rkyv/record.h - the record that an archive ends with */
#ifndef MIA_RKYV_RECORD_H
#define MIA_RKYV_RECORD_H

#include "model/schema.h"
#include "model/table.h"

/* Bytes of the root object of a table's archives. */
static inline size_t mia__archive_root_size(enum mia__table table)
{
    switch (table) {
    case MIA__TABLE_NODES:
        return MIA__NODE_SIZE;
    case MIA__TABLE_EDGES:
        return sizeof(struct mia__arch_edge_record);
    case MIA__TABLE_EMBEDDINGS:
        return sizeof(struct mia__arch_embedding_record);
    case MIA__TABLES:
        break;
    }
    return 0;
}

struct mia__archive {
    const struct mia__record_type *type;
    const uint8_t *fields; /* struct mia__field.archived counts from here */
};

/* The record of a sound archive, which it borrows. */
struct mia__archive mia__archive_open(enum mia__table table, mia_slice archive);

#endif
