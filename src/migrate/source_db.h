/* migrate/source_db.h - the common part of readers over an open engine */
#ifndef MIA_MIGRATE_SOURCE_DB_H
#define MIA_MIGRATE_SOURCE_DB_H

#include "migrate/source.h"
#include "migrate/typed.h"
#include "raw/raw.h"

/* The first member of such a reader. raw.limit 0: pairs are shown as stored. */
struct mia__source_db {
    mia_db *db;
    struct mia__raw raw;
    bool original;            /* the records of a typed database as MIA had them */
    const mia_source *source; /* whose trees carry the ids of db */
};

/* Lists the trees of base->db into source, under their true names. */
mia_status mia__source_db_trees(mia_source *source, struct mia__source_db *base,
                                struct mia_error *err);
/* For struct mia__source_ops; self begins with a struct mia__source_db. */
mia_status mia__source_db_count(void *self, size_t tree, uint64_t *records, struct mia_error *err);
mia_status mia__source_db_cursor(void *self, size_t tree, void **cur, struct mia_error *err);
mia_status mia__source_db_seek(void *cur, mia_slice key, struct mia_error *err);
mia_status mia__source_db_next(void *cur, struct mia_pair *pairs, size_t max, size_t *n,
                               struct mia_error *err);
mia_status mia__source_db_next_marked(void *cur, struct mia_pair *pairs, uint8_t *marks, size_t max,
                                      size_t *n, struct mia_error *err);
void mia__source_db_cursor_close(void *cur);

#endif
