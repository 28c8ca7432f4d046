/*
 * rkyv/transcode.h - records from bincode to archives and back
 *
 * One pass over the schema's fields: texts and vectors go from the input straight to where they lie
 * in the archive. Only JSON texts become a tree on the way, in an arena that keeps its memory.
 * After the largest record was seen nothing is allocated any more.
 */
#ifndef MIA_RKYV_TRANSCODE_H
#define MIA_RKYV_TRANSCODE_H

#include "base/memory.h"
#include "mia/text.h"
#include "model/table.h"

/* Scratch memory, zero-initialised; one per thread. */
struct mia__transcoder {
    struct mia__arena arena;
    struct mia__buf text;
};
void mia__transcoder_free(struct mia__transcoder *t);

struct mia__transcoded {
    int kind;        /* enum mia_kind */
    mia_str id;      /* borrowed from the input */
    size_t trailing; /* bytes behind the record, which are in no archive */
};

/* Appends the archive of the record that value begins with. MIA_ERR_SERIALIZATION names the
 * record's kind, field, byte offset and reason; `to` is as it was then. */
mia_status mia__transcode(struct mia__transcoder *t, enum mia__table table, mia_slice value,
                          struct mia__buf *to, struct mia__transcoded *out, struct mia_error *err);

/* Appends the bincode of an archive, as MIA itself would have written the record. An archive that
 * the validator (rkyv/check.h) refuses is MIA_ERR_SERIALIZATION. */
mia_status mia__transcode_back(struct mia__transcoder *t, enum mia__table table, mia_slice archive,
                               struct mia__buf *to, struct mia_error *err);

#endif
