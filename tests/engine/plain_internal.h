/* engine/plain_internal.h - what the files of the engine in memory share */
#ifndef MIA_TEST_ENGINE_PLAIN_INTERNAL_H
#define MIA_TEST_ENGINE_PLAIN_INTERNAL_H

#include "engine/plain_map.h"
#include "mia/engine.h"

#include <pthread.h>

struct plain_tree {
    char *name; /* name_size bytes */
    size_t name_size;
    bool exists;          /* committed */
    struct plain_map map; /* as committed */
};

struct plain_db {
    pthread_mutex_t lock; /* everything below, and the counts of all pairs */
    int marker;           /* the locked file that stands for the database */
    struct plain_tree *trees;
    uint32_t tree_count;
};

/* A tree as a WRITE transaction sees it, once it changed or made it. */
struct plain_own {
    bool is_touched;
    struct plain_map map;
};

struct plain_given {
    struct plain_given *older;
    char *bytes;
    size_t size;
};

struct plain_txn {
    struct plain_db *db;
    bool is_write;
    uint64_t writes;
    struct plain_own *own; /* by tree id */
    uint32_t own_count;
    struct plain_given *given; /* values of get that are alive */
    char *name;                /* of the last tree_next */
    size_t name_size;
};

static inline mia_slice plain_name(const struct plain_db *db, uint32_t tree)
{
    mia_slice name = {db->trees[tree].name, db->trees[tree].name_size};
    return name;
}

static inline char *plain_copy(mia_slice bytes)
{
    char *copy = plain_alloc(NULL, bytes.size);
    if (bytes.size > 0)
        memcpy(copy, bytes.data, bytes.size);
    return copy;
}

/* Overwrites bytes that are about to be freed, so that reading them shows. */
static inline void plain_poison(char *bytes, size_t size)
{
    for (volatile char *at = bytes; size > 0; size--)
        *at++ = '\xdd';
}

mia_status plain_refuse(struct mia_error *err, mia_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
mia_status plain_no_tree(uint32_t tree, struct mia_error *err);
/* A tree as the transaction sees it; NULL: it is none. With the lock held. */
const struct plain_map *plain_view(const struct plain_txn *txn, uint32_t tree);

mia_status plain_cursor(void *txn, uint32_t tree, void **cur, struct mia_error *err);
mia_status plain_move(void *cur, enum mia_move move, mia_slice *key, mia_slice *value,
                      struct mia_error *err);
void plain_cursor_close(void *cur);

#endif
