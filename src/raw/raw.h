/*
 * raw/raw.h - any tree of any sled database inside libmdbx: names and keys that it cannot hold
 *
 * Names. A tree name of 1 to 200 bytes, all in 0x21..0x7e, the first not '%', that does not begin
 * with mia_, idx_ or vec_, is stored as it is. Any other as '%' and the name with every byte
 * outside [A-Za-z0-9_.-] written %XX (capital hex); the empty name is "%". If that has more than
 * 1000 bytes:
 * "%#" and a decimal number, the true name in mia_meta under raw.tree.<number>.
 *
 * Keys. L = raw.key_limit in mia_meta, the longest plain key of the file when it was made. A
 * shorter key is stored as it is. Of a key K of L bytes or more the tree holds K[0..L), whose value
 * is the number of a layer (u64, big-endian); an entry with a key of exactly L bytes is always such
 * a pointer. All layers live in the tree mia_long. Layer i holds the rests R = K[L..) of the keys
 * that begin with those L bytes: under be64(i) R, with the user's value, if 8 + |R| < L; else under
 * be64(i) R[0..L-8), exactly L bytes, with the number of the next layer, which goes on with
 * R[L-8..). Layer numbers count up in raw.next_layer and are not used again. A layer whose last
 * entry is removed goes, with the pointer to it.
 *
 * The order is exact: a stored key of L bytes compares with any shorter key as each key behind it
 * does, and keys with equal first L bytes are ordered inside their layer.
 */
#ifndef MIA_MIGRATE_RAW_H
#define MIA_MIGRATE_RAW_H

#include "base/memory.h"
#include "mia/db.h"

#define MIA__RAW_FORMAT "raw"
#define MIA__TYPED_FORMAT "rkyv-0.8" /* the same, but the records of MIA's tables are archives */
#define MIA__RAW_LONG_TREE "mia_long"

/* An open raw database, seen from one transaction. limit 0: nothing is folded (not a raw file). */
struct mia__raw {
    size_t limit;
    mia_tree meta, layers;
    bool is_typed;
};

/* Makes the tables of a raw database. limit: 0 takes the engine's own; tests use smaller ones. */
mia_status mia__raw_create(mia_txn *txn, size_t limit, bool is_typed, struct mia__raw *raw,
                           struct mia_error *err);
/* MIA_NOTFOUND: the database is neither raw nor typed. */
mia_status mia__raw_open(mia_txn *txn, struct mia__raw *raw, struct mia_error *err);

/* schema.c, typed databases. Writes, or compares with its own, the hash of the list of records.
 * MIA_ERR_VERSION: the archives are of another list. */
mia_status mia__raw_write_schema(mia_txn *txn, const struct mia__raw *raw, struct mia_error *err);
mia_status mia__raw_check_schema(mia_txn *txn, const struct mia__raw *raw, struct mia_error *err);

/* name.c. Opens (with create: makes) the tree that stands for a sled tree. */
mia_status mia__raw_tree(mia_txn *txn, const struct mia__raw *raw, mia_slice name, bool create,
                         mia_tree *tree, struct mia_error *err);
/* The sled name of a stored tree into *name. MIA_NOTFOUND: one of ours, no data. */
mia_status mia__raw_name(mia_txn *txn, const struct mia__raw *raw, mia_slice stored,
                         struct mia__buf *name, struct mia_error *err);
/* The stored form; false: it takes a number. Pure. */
mia_status mia__raw_escape(mia_slice name, struct mia__buf *stored, bool *is_numbered,
                           struct mia_error *err);

/* key.c. As mia_kv_put / get / del, for keys of any length. put: MIA_PUT_APPEND or UPSERT;
 * *is_folded (may be NULL): the key took the long way. */
mia_status mia__raw_put(mia_txn *txn, const struct mia__raw *raw, mia_tree tree, mia_slice key,
                        mia_slice value, uint32_t flags, bool *is_folded, struct mia_error *err);
mia_status mia__raw_get(mia_txn *txn, const struct mia__raw *raw, mia_tree tree, mia_slice key,
                        mia_slice *value, struct mia_error *err);
mia_status mia__raw_del(mia_txn *txn, const struct mia__raw *raw, mia_tree tree, mia_slice key,
                        struct mia_error *err);
/* Where the rest of a long key goes on. */
enum { MIA__RAW_ID_SIZE = 8 };

/* cursor.c. Pairs of one tree in key order, folded keys whole again. */
struct mia__raw_cursor;
mia_status mia__raw_cursor_open(mia_txn *txn, const struct mia__raw *raw, mia_tree tree,
                                struct mia__raw_cursor **cur, struct mia_error *err);
mia_status mia__raw_cursor_seek(struct mia__raw_cursor *cur, mia_slice key, struct mia_error *err);
/* Up to max pairs, valid until the next call. MIA_NOTFOUND: none left. */
mia_status mia__raw_cursor_next(struct mia__raw_cursor *cur, struct mia_pair *pairs, size_t max,
                                size_t *n, struct mia_error *err);
void mia__raw_cursor_close(struct mia__raw_cursor *cur);

/* change.c. The id of the last transaction that changed a table with data in it, which indexes and
 * mia_meta are not; any libmdbx database. table (may be NULL): its name as it is stored. */
mia_status mia__raw_changed(mia_txn *txn, uint64_t *last, struct mia__buf *table,
                            struct mia_error *err);

/* check.c. Does each layer belong to exactly one pointer, and each pointer to a layer? One line
 * to fn per problem. Memory: 8 bytes for each layer. */
mia_status mia__raw_check(mia_txn *txn, const struct mia__raw *raw, mia_problem_fn fn, void *ctx,
                          uint64_t *problems, struct mia_error *err);

#endif
