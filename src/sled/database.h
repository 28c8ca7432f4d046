/*
 * sled/database.h - a sled 0.34 directory, read as its real owner would recover it
 *
 * Nothing in the directory is written, created or touched; a shared lock on its file `db` keeps
 * every sled away meanwhile. Compressed databases are recognised by their file `conf`.
 * Memory: 12 bytes a page and 12 a link that counts, 32 a segment, 8 a blob, and at most
 * MIA__SLED_MAPPED bytes of the mapped log; each cursor one leaf. Any thread may use a database,
 * and each cursor by one thread at a time.
 */
#ifndef MIA_SLED_DATABASE_H
#define MIA_SLED_DATABASE_H

#include "sled/conf.h"
#include "sled/cursor.h"

struct mia__sled_options {
    bool accept_torn; /* intact messages behind the end of the log are no damage */
    /* Begin with the page table of the snapshot, if there is one, instead of comparing it with that
     * of the log: then pages may be damaged that nobody reads. */
    bool from_snapshot;
    const struct mia__sled_conf *conf; /* NULL: what the file conf says */
    unsigned threads;                  /* that check the log; 0: one per processor, at most 8 */
    mia__sled_damage_fn damage;        /* NULL: the first damage is the error of the call */
    void *damage_ctx;
    mia_progress_fn progress;
    void *progress_ctx;
};

struct mia__sled_info {
    uint32_t segment_size;
    bool is_compressed;
    uint64_t segments, blobs;
    uint64_t pages, links; /* in use; links: of all pages together, those out of date included */
    int64_t stable_lsn;    /* of the snapshot; 0 without one */
    uint64_t counter;      /* of generate_id, as stored: sled goes on 2 000 000 above it */
    uint64_t lost_messages, lost_segments; /* intact, but behind the end of the log */
};

struct mia__sled_database;

/* MIA_ERR_BUSY: a sled has it open; MIA_ERR_CORRUPT: damaged, or torn before intact messages;
 * MIA_ERR_VERSION: of another sled. options NULL: all defaults. */
mia_status mia__sled_database_open(const char *path, const struct mia__sled_options *options,
                                   struct mia__sled_database **out, struct mia_error *err);
void mia__sled_database_close(struct mia__sled_database *db); /* after its cursors; NULL is fine */
void mia__sled_database_info(const struct mia__sled_database *db, struct mia__sled_info *out);

/* Trees by the bytes of their names; the default tree is always among them. */
size_t mia__sled_tree_count(const struct mia__sled_database *db);
mia_slice mia__sled_tree_name(const struct mia__sled_database *db, size_t tree);
/* The number of the tree; the count if there is none of that name. */
size_t mia__sled_tree_named(const struct mia__sled_database *db, mia_slice name);
/* A cursor over one tree: see sled/cursor.h. */
mia_status mia__sled_tree_cursor(struct mia__sled_database *db, size_t tree,
                                 struct mia__sled_cursor **out, struct mia_error *err);

#endif
