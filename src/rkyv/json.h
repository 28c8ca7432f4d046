/* rkyv/json.h - archived records as JSON text */
#ifndef MIA_RKYV_JSON_H
#define MIA_RKYV_JSON_H

#include "base/memory.h"
#include "mia/view.h"
#include "model/table.h"

/* Appends a record as one line of JSON, fields in the order of the schema: a node as
 * {"Message":{...}}, edges and embeddings without a name around them. A vector is the doubles that
 * its floats are equal to; one with a NaN or an infinity in it is vector_bits, the floats' bit
 * patterns. The arena is reset first. MIA_ERR_NOMEM. */
mia_status mia__view_print(mia_view view, struct mia__arena *arena, struct mia__buf *to,
                           struct mia_error *err);
/* The same for a sound archive. */
mia_status mia__archive_print(enum mia__table table, mia_slice archive, struct mia__arena *arena,
                              struct mia__buf *to, struct mia_error *err);

#endif
