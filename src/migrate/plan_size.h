/*
 * migrate/plan_size.h - how large a libmdbx file will be, before it is made
 *
 * A migration appends pairs in the order of their keys, so how pages fill can be followed pair by
 * pair without keeping any. Entries of indexes are sorted later: of them only number and bytes are
 * summed up, and a usual share of their pages is taken as full.
 */
#ifndef MIA_MIGRATE_PLAN_SIZE_H
#define MIA_MIGRATE_PLAN_SIZE_H

#include "base/memory.h"
#include "mia/view.h"

enum { MIA__PAGES_DEEPEST = 16 };

/* One table that is appended to. Zero but page_size to begin with. */
struct mia__table_size {
    uint32_t page_size;
    uint64_t pages;                    /* leaves, branches and pages of large values */
    uint64_t used[MIA__PAGES_DEEPEST]; /* bytes in the last page of each level; 0: there is none */
};
void mia__table_add(struct mia__table_size *t, size_t key_size, size_t value_size);

/* The indexes of MIA's records: zero to begin with. */
struct mia__index_size {
    uint64_t entries, entry_bytes;
    uint64_t keys, key_bytes; /* the different ones, as far as known */
    uint64_t vectors, vector_bytes;
};
/* A record that will be under its id. */
void mia__index_size_add(struct mia__index_size *s, mia_view record);
uint64_t mia__index_bytes(const struct mia__index_size *s, uint32_t page_size);

/* A raw database: every key of any length, by the rule of docs/raw-format.md. */
struct mia__database_size {
    uint32_t page_size;
    size_t key_limit;
    uint64_t pages;                /* of the tables that are finished */
    struct mia__table_size table;  /* that is being added to */
    struct mia__table_size layers; /* mia_long */
    struct mia__table_size names;  /* the table of the tables */
    struct mia__buf last_long;     /* key of the table */
};
void mia__database_size_begin(struct mia__database_size *d, uint32_t page_size);
void mia__database_size_table(struct mia__database_size *d, size_t name_size); /* a new table */
mia_status mia__database_size_add(struct mia__database_size *d, mia_slice key, size_t value_size,
                                  struct mia_error *err);
void mia__database_size_free(struct mia__database_size *d);
uint64_t mia__database_bytes(const struct mia__database_size *d);
/* Of the table that is being added to. */
uint64_t mia__database_table_bytes(const struct mia__database_size *d);

#endif
