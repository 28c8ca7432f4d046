/*
 * rkyv/check.h - may an archive be read in place?
 *
 * Source: rkyv 0.8.18, src/validation/archive, and bytecheck 0.8.3. Accepted is what rkyv::access
 * accepts, less what is unsound or could never have been written:
 *   S1  empty control bytes of a map are 0xff, and the copies behind them are exact
 *   S2  at most 127 arrays and objects inside one another
 *   S3  a map has as many buckets as rkyv gives it; an empty one is written in one way only
 *   S4  looking up a key of a map finds its own bucket
 *   S5  numbers are finite
 *   S6  the key U+0000 of a metadata, which marks a root that is no object, is alone
 * Without S1 rkyv's own lookups leave the buffer or never return, without S2 its check overflows
 * the stack.
 */
#ifndef MIA_RKYV_CHECK_H
#define MIA_RKYV_CHECK_H

#include "mia/status.h"
#include "model/table.h"

/* MIA_OK: every function of rkyv/layout.h may follow every pointer of this value of a table.
 * MIA_ERR_SERIALIZATION names record, field, offset and cause. Takes time in proportion to the
 * size, unless the keys of a map collide on purpose: then to the square of their number. No memory
 * but the stack, which is bounded. Any thread. */
mia_status mia__archive_check(enum mia__table table, mia_slice archive, struct mia_error *err);

/* rkyv's verdict itself, on up to 1024 arrays and objects inside one another: for comparing with
 * it, never for reading what it accepts. */
mia_status mia__archive_check_as_rkyv(enum mia__table table, mia_slice archive,
                                      struct mia_error *err);

#endif
