/* model/schema_hash.c - one number for the list of records */
#include "base/error.h"
#include "base/sha256.h"
#include "base/try.h"
#include "model/schema.h"

static const char *type_name(enum mia__type type)
{
    static const char *const names[] = {
#define TYPE(name, owned, archived, text) #name,
#include "model/types.def"
    };
    return names[type];
}

static mia_status add(struct mia__sha256 *sha, const char *text, struct mia_error *err)
{
    return mia__sha256_add(sha, (mia_slice){text, strlen(text) + 1}, err);
}

/* Names and types in stored order; what the fields are for does not change an archive. */
static mia_status add_record(struct mia__sha256 *sha, const struct mia__record_type *record,
                             struct mia_error *err)
{
    mia_status rc;
    uint8_t kind = (uint8_t)record->kind;
    TRY(add(sha, record->variant, err));
    TRY(mia__sha256_add(sha, (mia_slice){&kind, 1}, err));
    for (size_t i = 0; i < record->field_count; i++) {
        TRY(add(sha, record->fields[i].name, err));
        TRY(add(sha, type_name(record->fields[i].type), err));
    }
    rc = add(sha, "", err);
done:
    return rc;
}

mia_status mia__schema_hash(char out[MIA__SHA256_HEX], struct mia_error *err)
{
    mia_status rc;
    struct mia__sha256 *sha = NULL;
    uint8_t digest[MIA__SHA256_SIZE];
    TRY(mia__sha256_open(&sha, err));
    TRY(mia__sha256_begin(sha, err));
    for (int kind = 0; kind <= UINT8_MAX; kind++) {
        const struct mia__record_type *record = mia__record_type(kind);
        if (record != NULL)
            TRY(add_record(sha, record, err));
    }
    TRY(mia__sha256_end(sha, digest, err));
    mia__sha256_hex(digest, out);
done:
    mia__sha256_close(sha);
    return rc;
}
