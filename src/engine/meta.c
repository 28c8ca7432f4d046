/* engine/meta.c - the tree mia_meta */
#include "engine/meta.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/try.h"

#include <errno.h>
#include <stdio.h>
#include <sys/random.h>

static mia_status check_layout(mia_txn *txn, mia_tree meta, struct mia_error *err)
{
    mia_slice value;
    mia_status rc = mia__meta_get(txn, meta, "layout", &value, err);
    if (rc < 0)
        return rc;
    const char *path = mia_db_path(mia_txn_db(txn));
    if (rc == MIA_NOTFOUND || value.size != 4)
        return mia__fail(err, MIA_ERR_CORRUPT, "%s: mia_meta has no layout number", path);
    uint32_t layout = mia__load_u32le(value.data);
    if (layout != MIA__META_LAYOUT)
        return mia__fail(err, MIA_ERR_VERSION,
                         "%s: layout %u; this libmia %s reads layout %u: update it", path, layout,
                         mia_version(), MIA__META_LAYOUT);
    return MIA_OK;
}

mia_status mia__meta_open(mia_txn *txn, mia_tree *meta, struct mia_error *err)
{
    mia_status rc = mia_tree_open(txn, MIA_BYTES(MIA__META_TREE), 0, meta, err);
    return rc == MIA_OK ? check_layout(txn, *meta, err) : rc;
}

mia_status mia__meta_create(mia_txn *txn, const char *format, mia_tree *meta, struct mia_error *err)
{
    mia_status rc;
    uint8_t layout[4], uuid[16];
    char made_by[32];
    mia__store_u32le(layout, MIA__META_LAYOUT);
    if (getrandom(uuid, sizeof uuid, 0) != sizeof uuid)
        return mia__fail_errno(err, errno, "no random bytes for the database's uuid");
    int size = snprintf(made_by, sizeof made_by, "mia %s", mia_version());
    TRY(mia_tree_open(txn, MIA_BYTES(MIA__META_TREE), MIA_TREE_CREATE, meta, err));
    TRY(mia__meta_put(txn, *meta, "layout", (mia_slice){layout, sizeof layout}, err));
    TRY(mia__meta_put(txn, *meta, "uuid", (mia_slice){uuid, sizeof uuid}, err));
    TRY(mia__meta_put(txn, *meta, "format", mia_bytes_of(format), err));
    TRY(mia__meta_put(txn, *meta, "created_by", (mia_slice){made_by, (size_t)size}, err));
done:
    return rc;
}

mia_status mia__meta_put(mia_txn *txn, mia_tree meta, const char *key, mia_slice value,
                         struct mia_error *err)
{
    return mia_kv_put(txn, meta, mia_bytes_of(key), value, MIA_PUT_UPSERT, err);
}

mia_status mia__meta_put_u64(mia_txn *txn, mia_tree meta, const char *key, uint64_t value,
                             struct mia_error *err)
{
    uint8_t bytes[8];
    mia__store_u64le(bytes, value);
    return mia__meta_put(txn, meta, key, (mia_slice){bytes, sizeof bytes}, err);
}

mia_status mia__meta_get(mia_txn *txn, mia_tree meta, const char *key, mia_slice *value,
                         struct mia_error *err)
{
    return mia_kv_get(txn, meta, mia_bytes_of(key), value, err);
}

mia_status mia__meta_get_u64(mia_txn *txn, mia_tree meta, const char *key, uint64_t *value,
                             struct mia_error *err)
{
    mia_slice bytes;
    *value = 0;
    mia_status rc = mia__meta_get(txn, meta, key, &bytes, err);
    if (rc != MIA_OK)
        return rc;
    if (bytes.size != 8)
        return mia__fail(err, MIA_ERR_CORRUPT, "%s: mia_meta: %s has %zu bytes instead of 8",
                         mia_db_path(mia_txn_db(txn)), key, bytes.size);
    *value = mia__load_u64le(bytes.data);
    return MIA_OK;
}

mia_status mia__meta_del(mia_txn *txn, mia_tree meta, const char *key, struct mia_error *err)
{
    mia_status rc = mia_kv_del(txn, meta, mia_bytes_of(key), NULL, err);
    return rc == MIA_NOTFOUND ? MIA_OK : rc;
}
