/*
 * engine/meta.h - the tree mia_meta: what a libmdbx database made by libmia says of itself
 *
 * Keys are ASCII names. Values: text (UTF-8), u32 or u64 little-endian, or bytes, as written here.
 *   layout u32      1; a newer one is refused
 *   uuid            16 random bytes
 *   format          text: "raw" (any sled database byte for byte)
 *   created_by      text: "mia 1.2.3"
 *   database, tier, quarter   text: which of MIA's databases it is (src/store/place.c)
 *   raw.*           src/raw/raw.h
 *   origin.*        where a migration came from (src/migrate/job.h)
 *   checkpoint.*    how far an unfinished migration is (src/migrate/job.h)
 */
#ifndef MIA_ENGINE_META_H
#define MIA_ENGINE_META_H

#include "base/memory.h"
#include "mia/db.h"

#define MIA__META_TREE "mia_meta"
#define MIA__META_LAYOUT 1u

/* Opens mia_meta; with create it is made and given layout, uuid, format and created_by.
 * MIA_NOTFOUND: there is none. MIA_ERR_VERSION: a newer layout. */
mia_status mia__meta_open(mia_txn *txn, mia_tree *meta, struct mia_error *err);
mia_status mia__meta_create(mia_txn *txn, const char *format, mia_tree *meta,
                            struct mia_error *err);

mia_status mia__meta_put(mia_txn *txn, mia_tree meta, const char *key, mia_slice value,
                         struct mia_error *err);
mia_status mia__meta_put_u64(mia_txn *txn, mia_tree meta, const char *key, uint64_t value,
                             struct mia_error *err);
/* MIA_NOTFOUND if absent; *value as mia_kv_get. */
mia_status mia__meta_get(mia_txn *txn, mia_tree meta, const char *key, mia_slice *value,
                         struct mia_error *err);
/* MIA_NOTFOUND if absent; MIA_ERR_CORRUPT if it is not 8 bytes. */
mia_status mia__meta_get_u64(mia_txn *txn, mia_tree meta, const char *key, uint64_t *value,
                             struct mia_error *err);
mia_status mia__meta_del(mia_txn *txn, mia_tree meta, const char *key, struct mia_error *err);

#endif
