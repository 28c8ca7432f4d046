/* sled/write_zip.c - libzstd's streaming encoder, so that a payload need not lie in one piece */
#include "sled/write_zip.h"

#include "base/error.h"
#include "base/try.h"
#include "sled/write_varint.h"

#include <zstd.h>

static mia_status failed(size_t answer, struct mia_error *err)
{
    return mia__fail(err, MIA_ERR_INTERNAL, "libzstd: %s", ZSTD_getErrorName(answer));
}

mia_status mia__sled_zip_open(struct mia__sled_zip *zip, int level, struct mia_error *err)
{
    zip->zstd = ZSTD_createCCtx();
    if (zip->zstd == NULL)
        return mia__fail_nomem(err);
    size_t answer = ZSTD_CCtx_setParameter(zip->zstd, ZSTD_c_compressionLevel, level);
    return ZSTD_isError(answer) ? failed(answer, err) : MIA_OK;
}

void mia__sled_zip_close(struct mia__sled_zip *zip)
{
    ZSTD_freeCCtx(zip->zstd);
    mia__buf_free(&zip->frame);
    memset(zip, 0, sizeof *zip);
}

/* All of `in`; the output has room for the worst case. */
static mia_status compress(struct mia__sled_zip *zip, mia_slice in, ZSTD_EndDirective end,
                           ZSTD_outBuffer *out, struct mia_error *err)
{
    ZSTD_inBuffer from = {in.data, in.size, 0};
    size_t answer;
    do {
        answer = ZSTD_compressStream2(zip->zstd, out, &from, end);
        if (ZSTD_isError(answer))
            return failed(answer, err);
    } while (end == ZSTD_e_end ? answer > 0 : from.pos < from.size);
    return MIA_OK;
}

mia_status mia__sled_zip_payload(struct mia__sled_zip *zip, mia_slice head, mia_slice tail,
                                 mia_slice *payload, struct mia_error *err)
{
    mia_status rc;
    uint8_t varint[MIA__SLED_VARINT];
    size_t size = head.size + tail.size;
    size_t most = ZSTD_compressBound(size);
    struct mia__buf *frame = &zip->frame;
    ZSTD_CCtx_reset(zip->zstd, ZSTD_reset_session_only);
    ZSTD_CCtx_setPledgedSrcSize(zip->zstd, size);
    TRY(mia__buf_reserve(frame, sizeof varint + most, err));
    ZSTD_outBuffer out = {frame->data + sizeof varint, most, 0};
    TRY(compress(zip, head, ZSTD_e_continue, &out, err));
    TRY(compress(zip, tail, ZSTD_e_end, &out, err));
    /* The varint goes right in front of the frame, whose size is known only now. */
    size_t length = mia__sled_put_varint(varint, out.pos);
    uint8_t *begin = frame->data + sizeof varint - length;
    memcpy(begin, varint, length);
    *payload = (mia_slice){begin, length + out.pos};
done:
    return rc;
}
