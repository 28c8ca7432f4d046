/* records.h - what must hold of any archive that the validator accepts; asserted */
#ifndef MIA_FUZZ_RECORDS_H
#define MIA_FUZZ_RECORDS_H

#include "rkyv/transcode.h"

struct fuzz_memory {
    struct mia__transcoder transcoder;
    struct mia__arena arena;
    struct mia__buf first, second, third;
};
void fuzz_memory_free(struct fuzz_memory *m);

/* A refusal has its status and a message, in the error as in the answer. */
void fuzz_check_refusal(mia_status rc, const struct mia_error *err);

/* Every accessor reads it, it is equal to itself, its JSON is one text, and what is made of it (its
 * bincode, the archive of that, the bincode of a struct filled with its fields) is one record. */
void fuzz_check_accepted(struct fuzz_memory *m, enum mia__table table, mia_slice archive);

#endif
