/*
 * migrate/source.h - behind mia_source: one way to read per kind of files
 *
 * A reader is opened by mia__source_open_*; it fills the tree names of the mia_source and gives it
 * a function table. The table is all that migrate, verify, dump, info and get know of it.
 */
#ifndef MIA_MIGRATE_SOURCE_H
#define MIA_MIGRATE_SOURCE_H

#include "base/memory.h"
#include "mia/db.h"
#include "mia/source.h"

/* How the sled database was made that a content came from. */
struct mia__sled_shape {
    uint32_t segment_size; /* 0: not known */
    bool is_compressed;
    uint64_t counter; /* of generate_id, as stored */
};

struct mia__source_ops {
    const char *kind;  /* of struct mia_source_info */
    bool is_salvaged;  /* damaged: what is left of it */
    bool knows_counts; /* count does not read the whole tree, mostly */
    void (*close)(void *self);
    const char *(*format)(const void *self);
    uint64_t (*quarantined)(const void *self); /* NULL: there is no such thing */
    /* Index trees of MIA that were left out and are to be made anew: bits by enum mia__derived.
     * NULL: none. */
    uint32_t (*derived)(const void *self);
    struct mia__sled_shape (*shape)(const void *self);
    uint64_t (*last_change)(const void *self); /* NULL: there are no such numbers */
    mia_status (*count)(void *self, size_t tree, uint64_t *records, struct mia_error *err);
    mia_status (*cursor)(void *self, size_t tree, void **cur, struct mia_error *err);
    mia_status (*seek)(void *cur, mia_slice key, struct mia_error *err);
    mia_status (*next)(void *cur, struct mia_pair *pairs, size_t max, size_t *n,
                       struct mia_error *err);
    /* NULL: nothing can be undecodable to this reader. marks: see mia__source_cursor_next_marked.
     */
    mia_status (*next_marked)(void *cur, struct mia_pair *pairs, uint8_t *marks, size_t max,
                              size_t *n, struct mia_error *err);
    void (*cursor_close)(void *cur);
};

struct mia__source_tree {
    struct mia__buf name;
    uint32_t id; /* the reader's own */
};

struct mia_source {
    const struct mia__source_ops *ops;
    void *self;
    char *path;
    bool original;                  /* of struct mia_source_options */
    struct mia__source_tree *trees; /* by the bytes of their names */
    size_t tree_count, tree_capacity;
};

/* Adds a tree; the names are sorted by mia__source_sort at the end of opening, which refuses two
 * trees of one name (MIA_ERR_CORRUPT). */
mia_status mia__source_add(mia_source *source, mia_slice name, uint32_t id, struct mia_error *err);
mia_status mia__source_sort(mia_source *source, struct mia_error *err);

/* As mia_source_cursor_next, but an archive that the validator refuses is no failure: it is given
 * out as it is stored, with MIA__MARK_UNDECODABLE (migrate/typed.h) in its mark; the others' is 0.
 */
mia_status mia__source_cursor_next_marked(mia_source_cursor *cur, struct mia_pair *pairs,
                                          uint8_t *marks, size_t max, size_t *n,
                                          struct mia_error *err);
/* Id of the last transaction that changed data, when the files were opened; 0: they number none. */
uint64_t mia__source_last_change(const mia_source *source);

/* Index trees that are to be made anew: see derived of struct mia__source_ops. */
uint32_t mia__source_derived(const mia_source *source);
/* Pairs in all trees, where the source knows without reading them: 0 elsewhere. */
uint64_t mia__source_known_records(mia_source *source);

/* A libmdbx database that this process has open already, which the source takes a reference of;
 * original as in struct mia_source_options. Reads do not check each page. */
mia_status mia__source_over(mia_db *db, bool original, mia_source **source, struct mia_error *err);

/* source_mdbx.c: libmdbx files, read where they lie. over takes the reference, on failure too. */
enum mia__source_kind { MIA__SOURCE_SLED, MIA__SOURCE_MDBX };
/* What is at a path, by its files' names; answers as mia_source_open, but for damage and locks.
 * salvage: a sled directory without `conf` is one, too. */
mia_status mia__source_look(const char *path, bool salvage, enum mia__source_kind *kind,
                            struct mia_error *err);

mia_status mia__source_open_mdbx(mia_source *source, const struct mia_source_options *opt,
                                 struct mia_error *err);
mia_status mia__source_over_mdbx(mia_source *source, mia_db *db, bool original,
                                 struct mia_error *err);
/* source_sled.c: sled files, read where they lie. */
bool mia__source_is_sled(const char *path, bool without_conf);
mia_status mia__source_open_sled(mia_source *source, const struct mia_source_options *opt,
                                 struct mia_error *err);
/* source_salvage.c: what is left of damaged ones. */
mia_status mia__source_open_salvage(mia_source *source, const struct mia_source_options *opt,
                                    struct mia_error *err);

#endif
