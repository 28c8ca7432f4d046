/* sled/unzip.c - libzstd's streaming decoder */
#include "sled/unzip.h"

#include "base/error.h"
#include "base/try.h"

#include <zstd.h>

void mia__sled_unzip_free(struct mia__sled_unzip *unzip)
{
    ZSTD_freeDStream(unzip->stream);
    memset(unzip, 0, sizeof *unzip);
}

mia_status mia__sled_unzip_begin(struct mia__sled_unzip *unzip, mia_slice frame,
                                 struct mia_error *err)
{
    if (unzip->stream == NULL)
        unzip->stream = ZSTD_createDStream();
    if (unzip->stream == NULL || ZSTD_isError(ZSTD_initDStream(unzip->stream)))
        return mia__fail_nomem(err);
    unzip->input = frame;
    unzip->is_ended = false;
    return MIA_OK;
}

mia_status mia__sled_unzip_some(struct mia__sled_unzip *unzip, void *to, size_t size, size_t *got,
                                struct mia_error *err)
{
    ZSTD_inBuffer in = {unzip->input.data, unzip->input.size, 0};
    ZSTD_outBuffer out = {to, size, 0};
    while (!unzip->is_ended && out.pos < out.size) {
        size_t in_before = in.pos, out_before = out.pos;
        size_t answer = ZSTD_decompressStream(unzip->stream, &out, &in);
        if (ZSTD_isError(answer))
            return mia__fail(err, MIA_ERR_CORRUPT, "%s", ZSTD_getErrorName(answer));
        unzip->is_ended = answer == 0;
        if (!unzip->is_ended && in.pos == in_before && out.pos == out_before)
            return mia__fail(err, MIA_ERR_CORRUPT, "the zstd frame is cut");
    }
    unzip->input = (mia_slice){(const uint8_t *)in.src + in.pos, in.size - in.pos};
    *got = out.pos;
    return MIA_OK;
}

mia_status mia__sled_unzip_all(struct mia__sled_unzip *unzip, mia_slice frame, size_t most,
                               struct mia__buf *out, struct mia_error *err)
{
    mia_status rc;
    size_t got, room = frame.size < 4096 ? 4096 : frame.size;
    out->size = 0;
    TRY(mia__sled_unzip_begin(unzip, frame, err));
    for (;; room *= 2) {
        TRY(mia__buf_reserve(out, room, err));
        TRY(mia__sled_unzip_some(unzip, out->data + out->size, out->capacity - out->size, &got,
                                 err));
        out->size += got;
        if (out->size < out->capacity)
            break;
        if (out->size > most) {
            rc = mia__fail(err, MIA_ERR_CORRUPT, "the zstd frame holds more than %zu bytes", most);
            break;
        }
        room = out->capacity;
    }
done:
    return rc;
}
