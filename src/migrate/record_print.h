/*
 * migrate/record_print.h - a stored record as JSON, whichever way it is stored
 */
#ifndef MIA_MIGRATE_RECORD_PRINT_H
#define MIA_MIGRATE_RECORD_PRINT_H

#include "rkyv/transcode.h"

enum mia__record_format {
    MIA__RECORD_BINCODE,
    MIA__RECORD_ARCHIVE,
    MIA__RECORD_UNKNOWN /* nothing says: both are tried, without bytes left over */
};

/* Scratch memory, zero-initialised; one per thread. */
struct mia__record_printer {
    struct mia__transcoder transcoder;
    struct mia__buf archive, text;
};
void mia__record_printer_free(struct mia__record_printer *p);

/* The record as one line of JSON, valid until the next call. MIA_ERR_SERIALIZATION: it does not
 * decode, or fits both formats. */
mia_status mia__record_print(struct mia__record_printer *p, enum mia__record_format format,
                             enum mia__table table, mia_slice value, mia_str *json,
                             struct mia_error *err);

#endif
