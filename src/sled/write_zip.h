/* sled/write_zip.h - payloads as sled stores them with use_compression: varint n, zstd frame */
#ifndef MIA_SLED_WRITE_ZIP_H
#define MIA_SLED_WRITE_ZIP_H

#include "base/memory.h"

struct ZSTD_CCtx_s;

/* {0} is closed, which is how a directory without compression has it. */
struct mia__sled_zip {
    struct ZSTD_CCtx_s *zstd;
    struct mia__buf frame;
};

/* level: 1 .. 22 */
mia_status mia__sled_zip_open(struct mia__sled_zip *zip, int level, struct mia_error *err);
void mia__sled_zip_close(struct mia__sled_zip *zip);
/* The payload of two parts, compressed; valid until the next call. */
mia_status mia__sled_zip_payload(struct mia__sled_zip *zip, mia_slice head, mia_slice tail,
                                 mia_slice *out, struct mia_error *err);

#endif
