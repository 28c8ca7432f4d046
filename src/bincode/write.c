/* bincode/write.c - bincode 2.0.1 `standard()`: src/varint/encode_unsigned.rs, encode_signed.rs */
#include "bincode/write.h"

#include "base/error.h"

struct mia__bincode_writer mia__bincode_begin(struct mia__buf *to, struct mia_error *err)
{
    struct mia__bincode_writer w = {
        .to = to,
        .begin = to->size,
        .limit = MIA__BINCODE_LIMIT,
        .err = err,
        .status = MIA_OK,
    };
    return w;
}

void mia__bincode_append(struct mia__bincode_writer *w, const void *data, size_t size)
{
    if (w->status != MIA_OK)
        return;
    if (size > w->limit - (w->to->size - w->begin))
        w->status =
            mia__fail(w->err, MIA_ERR_TOO_LONG,
                      "the encoded value is larger than %zu bytes; split the record", w->limit);
    else
        w->status = mia__buf_append(w->to, data, size, w->err);
}

void mia__bincode_write_varint(struct mia__bincode_writer *w, uint64_t n)
{
    uint8_t item[1 + sizeof n];
    size_t width = n <= MIA__BINCODE_SINGLE_MAX ? 0 : n <= UINT16_MAX ? 2 : n <= UINT32_MAX ? 4 : 8;
    mia__store_u64le(item + 1, n);
    item[0] = (uint8_t)(width == 0   ? n
                        : width == 2 ? MIA__BINCODE_MARKER_U16
                        : width == 4 ? MIA__BINCODE_MARKER_U32
                                     : MIA__BINCODE_MARKER_U64);
    mia__bincode_append(w, item, 1 + width);
}

void mia__bincode_write_i64(struct mia__bincode_writer *w, int64_t n)
{
    /* Zigzag without overflow: ~n of a negative number is -n - 1. */
    uint64_t twice = (uint64_t)(n < 0 ? ~n : n) << 1;
    mia__bincode_write_u64(w, n < 0 ? twice | 1 : twice);
}

void mia__bincode_write_f32(struct mia__bincode_writer *w, float f)
{
    uint32_t bits;
    uint8_t item[sizeof bits];
    memcpy(&bits, &f, sizeof bits);
    mia__store_u32le(item, bits);
    mia__bincode_write_bytes(w, item, sizeof item);
}

void mia__bincode_write_floats(struct mia__bincode_writer *w, mia_floats floats)
{
    mia__bincode_write_u64(w, floats.count);
    mia__bincode_write_bytes(w, floats.data, floats.count * sizeof(float));
}
