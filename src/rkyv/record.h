/* rkyv/record.h - the record that an archive ends with */
#ifndef MIA_RKYV_RECORD_H
#define MIA_RKYV_RECORD_H

#include "model/schema.h"
#include "model/table.h"

/* Bytes of the root object of a table's archives. */
size_t mia__archive_root_size(enum mia__table table);

struct mia__archive {
    const struct mia__record_type *type;
    const uint8_t *fields; /* struct mia__field.archived counts from here */
};

/* The record of a sound archive, which it borrows. */
struct mia__archive mia__archive_open(enum mia__table table, mia_slice archive);

#endif
