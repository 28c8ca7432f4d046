/* bincode/encode.h - an application's records as MIA stored them */
#ifndef MIA_BINCODE_ENCODE_H
#define MIA_BINCODE_ENCODE_H

#include "base/memory.h"
#include "mia/records.h"

/* Appends the record's encoding, byte for byte that of MIA's own crates; to is unchanged after a
 * failure. Absent texts that are required are empty, absent JSON is {}; whether other JSON is JSON
 * is not looked at. MIA_ERR_INVALID: a kind of record or feedback that does not exist;
 * MIA_ERR_SERIALIZATION: a text is not UTF-8; MIA_ERR_TOO_LONG; MIA_ERR_NOMEM. */
mia_status mia__bincode_encode(const struct mia_record *record, struct mia__buf *to,
                               struct mia_error *err);

#endif
