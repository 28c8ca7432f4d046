/* rkyv/encoder.c - records and stored values in either form */
#include "base/error.h"
#include "base/try.h"
#include "bincode/encode.h"
#include "mia/model.h"
#include "model/schema.h"
#include "rkyv/transcode.h"

struct mia_encoder {
    struct mia__transcoder transcoder;
    struct mia__buf bincode, archive;
};

mia_status mia_encoder_open(mia_encoder **out, struct mia_error *err)
{
    *out = mia__alloc_zero(sizeof **out);
    return *out != NULL ? MIA_OK : mia__fail_nomem(err);
}

void mia_encoder_close(mia_encoder *e)
{
    if (e == NULL)
        return;
    mia__transcoder_free(&e->transcoder);
    mia__buf_free(&e->bincode);
    mia__buf_free(&e->archive);
    mia__free(e);
}

enum mia_table mia_table_of(enum mia_kind kind)
{
    return kind == MIA_KIND_EDGE        ? MIA_TABLE_EDGES
           : kind == MIA_KIND_EMBEDDING ? MIA_TABLE_EMBEDDINGS
                                        : MIA_TABLE_NODES;
}

const char *mia_table_name(enum mia_table table)
{
    return mia__table_name((enum mia__table)table);
}

mia_status mia_encode_bincode(mia_encoder *e, const struct mia_record *record, mia_slice *value,
                              struct mia_error *err)
{
    e->bincode.size = 0;
    mia_status rc = mia__bincode_encode(record, &e->bincode, err);
    *value = mia__buf_slice(&e->bincode);
    return rc;
}

mia_status mia_encode_from_bincode(mia_encoder *e, enum mia_table table, mia_slice bincode,
                                   mia_slice *archive, struct mia_error *err)
{
    struct mia__transcoded ignored;
    e->archive.size = 0;
    mia_status rc =
        mia__transcode(&e->transcoder, (enum mia__table)table, bincode, &e->archive, &ignored, err);
    *archive = mia__buf_slice(&e->archive);
    return rc;
}

/* Through bincode, so that there is one writer of archives, and it is the one that is proven. */
mia_status mia_encode_archive(mia_encoder *e, const struct mia_record *record, mia_slice *value,
                              struct mia_error *err)
{
    mia_status rc;
    mia_slice bincode;
    *value = (mia_slice){0};
    TRY(mia_encode_bincode(e, record, &bincode, err));
    rc = mia_encode_from_bincode(e, mia_table_of(record->kind), bincode, value, err);
done:
    return rc;
}

mia_status mia_encode_from_archive(mia_encoder *e, enum mia_table table, mia_slice archive,
                                   mia_slice *bincode, struct mia_error *err)
{
    e->bincode.size = 0;
    mia_status rc =
        mia__transcode_back(&e->transcoder, (enum mia__table)table, archive, &e->bincode, err);
    *bincode = mia__buf_slice(&e->bincode);
    return rc;
}
