/* sled/unzip.h - zstd frames of databases with use_compression, by the streaming decoder: sled's
 * frames need not say how long their content is */
#ifndef MIA_SLED_UNZIP_H
#define MIA_SLED_UNZIP_H

#include "base/memory.h"

/* {0} is ready for use; one thread at a time. */
struct mia__sled_unzip {
    void *stream;
    mia_slice input; /* what is left of the frame begun */
    bool is_ended;
};
void mia__sled_unzip_free(struct mia__sled_unzip *unzip);

/* Begins a frame. MIA_ERR_NOMEM only. */
mia_status mia__sled_unzip_begin(struct mia__sled_unzip *unzip, mia_slice frame,
                                 struct mia_error *err);
/* Up to size bytes of the content; fewer only at its end. MIA_ERR_CORRUPT: no such frame, or it is
 * cut. */
mia_status mia__sled_unzip_some(struct mia__sled_unzip *unzip, void *to, size_t size, size_t *got,
                                struct mia_error *err);
/* A whole frame of at most `most` bytes of content. */
mia_status mia__sled_unzip_all(struct mia__sled_unzip *unzip, mia_slice frame, size_t most,
                               struct mia__buf *out, struct mia_error *err);

#endif
