/*
 * engine/multi/internal.h - multi-value trees for engines that have none: an engine around an
 * engine
 *
 * A multi tree becomes a plain tree with the key esc(key) 00 01 value and an empty value, where esc
 * writes each 00 of the key as 00 FF. That keeps the order: the end mark 00 01 is below 00 FF, so a
 * key comes before the keys that it begins. (A mark of one byte 00 would not do: a value beginning
 * with FF would read as an escaped 00.) Tree kinds are not on disk: who opens a tree says what it
 * is.
 */
#ifndef MIA_ENGINE_MULTI_INTERNAL_H
#define MIA_ENGINE_MULTI_INTERNAL_H

#include "base/memory.h"
#include "mia/engine.h"

#include <pthread.h>

#define MIA__MULTI_ID (UINT32_C(1) << 30) /* in the ids given out: the tree is one of ours */

struct mia__multi_db {
    struct mia_engine_ops ops; /* the engine's, with ours in front */
    const struct mia_engine_ops *inner;
    void *handle;
    pthread_mutex_t lock;  /* kinds */
    struct mia__buf kinds; /* by inner id: what the tree was opened as */
};

struct mia__multi_txn {
    struct mia__multi_db *db;
    void *handle;
    struct mia__arena values; /* of get; until the next write */
};

static inline uint32_t mia__multi_inner_id(uint32_t tree)
{
    return tree & ~MIA__MULTI_ID;
}

/* key.c. to = esc(key) 00 01 value */
mia_status mia__multi_compose(struct mia__buf *to, mia_slice key, mia_slice value,
                              struct mia_error *err);
/* Splits a stored key; *start is the size of esc(key) 00 01. MIA_ERR_CORRUPT: there is no mark. */
mia_status mia__multi_split(struct mia__buf *key, size_t *start, mia_slice stored,
                            struct mia_error *err);
/* Is stored a value of the key whose esc(key) 00 01 this is? */
bool mia__multi_starts_with(mia_slice stored, const struct mia__buf *start);

/* pair.c, cursor.c: for the table */
mia_status mia__multi_get(void *txn, uint32_t tree, mia_slice key, mia_slice *value,
                          struct mia_error *err);
mia_status mia__multi_put(void *txn, uint32_t tree, mia_slice key, mia_slice value, uint32_t flags,
                          struct mia_error *err);
mia_status mia__multi_del(void *txn, uint32_t tree, mia_slice key, const mia_slice *value,
                          struct mia_error *err);
mia_status mia__multi_count(void *txn, uint32_t tree, const mia_slice *key, uint64_t *n,
                            struct mia_error *err);
mia_status mia__multi_cursor(void *txn, uint32_t tree, void **cur, struct mia_error *err);
mia_status mia__multi_move(void *cur, enum mia_move move, mia_slice *key, mia_slice *value,
                           struct mia_error *err);
mia_status mia__multi_batch(void *cur, struct mia_pair *pairs, size_t max, size_t *n,
                            struct mia_error *err);
void mia__multi_cursor_close(void *cur);

#endif
