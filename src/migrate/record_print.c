/* migrate/record_print.c - one way to print: the archive's; bincode becomes one first */
#include "migrate/record_print.h"

#include "base/error.h"
#include "base/try.h"
#include "rkyv/check.h"
#include "rkyv/json.h"

void mia__record_printer_free(struct mia__record_printer *p)
{
    mia__transcoder_free(&p->transcoder);
    mia__buf_free(&p->archive);
    mia__buf_free(&p->text);
}

/* MIA_NOTFOUND: bytes are left over, so this is no record by itself. */
static mia_status from_bincode(struct mia__record_printer *p, enum mia__table table,
                               mia_slice value, struct mia_error *err)
{
    struct mia__transcoded record;
    p->archive.size = 0;
    mia_status rc = mia__transcode(&p->transcoder, table, value, &p->archive, &record, err);
    return rc == MIA_OK && record.trailing > 0 ? MIA_NOTFOUND : rc;
}

/* The archive of a value of either format. */
static mia_status detect(struct mia__record_printer *p, enum mia__table table, mia_slice value,
                         mia_slice *archive, struct mia_error *err)
{
    struct mia_error why = {0};
    mia_status bincode = from_bincode(p, table, value, &why);
    mia_status rkyv = mia__archive_check(table, value, &why);
    if (bincode == MIA_ERR_NOMEM)
        return mia__fail_nomem(err);
    if (bincode == MIA_OK && rkyv == MIA_OK)
        return mia__fail(
            err, MIA_ERR_SERIALIZATION,
            "the value fits bincode and rkyv alike, and the database does not say which "
            "it has");
    if (bincode != MIA_OK && rkyv != MIA_OK)
        return mia__fail(err, MIA_ERR_SERIALIZATION, "the value is neither bincode nor rkyv: %s",
                         why.message);
    *archive = rkyv == MIA_OK ? value : mia__buf_slice(&p->archive);
    return MIA_OK;
}

mia_status mia__record_print(struct mia__record_printer *p, enum mia__record_format format,
                             enum mia__table table, mia_slice value, mia_str *json,
                             struct mia_error *err)
{
    mia_status rc = MIA_OK;
    mia_slice archive = value;
    p->text.size = 0;
    switch (format) {
    case MIA__RECORD_ARCHIVE:
        TRY(mia__archive_check(table, value, err));
        break;
    case MIA__RECORD_BINCODE:
        TRY(from_bincode(p, table, value, err)); /* MIA too ignores what is left over */
        archive = mia__buf_slice(&p->archive);
        break;
    case MIA__RECORD_UNKNOWN:
        TRY(detect(p, table, value, &archive, err));
        break;
    }
    TRY(mia__archive_print(table, archive, &p->transcoder.arena, &p->text, err));
    *json = (mia_str){(const char *)p->text.data, p->text.size};
done:
    return rc;
}
