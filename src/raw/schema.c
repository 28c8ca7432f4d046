/* raw/schema.c - which list of records a typed database is of */
#include "model/schema.h"
#include "base/error.h"
#include "base/try.h"
#include "engine/meta.h"
#include "raw/raw.h"

mia_status mia__raw_write_schema(mia_txn *txn, const struct mia__raw *raw, struct mia_error *err)
{
    char hash[MIA__SHA256_HEX];
    mia_status rc = mia__schema_hash(hash, err);
    return rc < 0 ? rc : mia__meta_put(txn, raw->meta, "schema", mia_bytes_of(hash), err);
}

mia_status mia__raw_check_schema(mia_txn *txn, const struct mia__raw *raw, struct mia_error *err)
{
    mia_status rc;
    char hash[MIA__SHA256_HEX];
    mia_slice known = {0}, maker = {0};
    TRY(mia__schema_hash(hash, err));
    TRY(mia__meta_get(txn, raw->meta, "schema", &known, err));
    if (rc == MIA_OK && mia_slice_equal(known, mia_bytes_of(hash)))
        goto done;
    TRY(mia__meta_get(txn, raw->meta, "created_by", &maker, err));
    rc =
        mia__fail(err, MIA_ERR_VERSION,
                  "%s: its records are of another schema than this libmia %s knows; it was made by "
                  "%.*s: use that version, with it go back to sled, and migrate with this one",
                  mia_db_path(mia_txn_db(txn)), mia_version(), (int)(maker.size & 63),
                  (const char *)maker.data);
done:
    return rc;
}
