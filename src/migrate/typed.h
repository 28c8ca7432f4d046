/*
 * migrate/typed.h - MIA's records as archives: a raw database (raw.h) with other values in it
 *
 * In the trees nodes, edges and embeddings the values are rkyv archives of the records, under the
 * records' keys. Every other tree is as in a raw database; MIA's index trees are left out. A record
 * that does not decode is kept as it was, under its key, in mia_quarantine_<tree>.
 *
 * In mia_meta: format "rkyv-0.8"; schema, text: the hash of the list of records; quarantined u64:
 * how many are in quarantine; trusted u64: 1 when every archive came from this library and was
 * verified.
 */
#ifndef MIA_MIGRATE_TYPED_H
#define MIA_MIGRATE_TYPED_H

#include "index/bulk.h"
#include "mia/migrate.h"
#include "migrate/pipe.h"
#include "raw/raw.h"
#include "rkyv/transcode.h"

#define MIA__TYPED_NAME "typed" /* the format as users see it */

/* Whether a source has the three trees of a MIA database. */
bool mia__source_is_mia(const mia_source *source);

/* What a source becomes. MIA_ERR_INVALID: it cannot be what is asked for. */
mia_status mia__typing_choose(mia_source *source, const char *path, bool raw, bool *typed,
                              struct mia_error *err);
/* A typed target was asked for, of a source that is not MIA's. MIA_ERR_INVALID. */
mia_status mia__typing_fail_foreign(const char *path, struct mia_error *err);

/* The quarantine of a table. MIA_NOTFOUND without create: nothing was ever in it. */
mia_status mia__typed_quarantine(mia_txn *txn, enum mia__table table, bool create, mia_tree *tree,
                                 struct mia_error *err);

/* What the filter says of a pair. */
enum mia__typed_mark {
    MIA__MARK_QUARANTINED = 1, /* the value is as it was */
    MIA__MARK_TRAILING = 2,
    MIA__MARK_KEY = 4,
    MIA__MARK_UNDECODABLE = 8 /* of a tolerant cursor: the archive as it is stored, refused by the
                                 validator */
};

/* Turns the pairs of a source into those of a typed database. Zero, and source set, to begin with.
 */
struct mia__typing {
    mia_source *source;
    const char *path; /* of the source, for messages */
    bool salvage;
    struct mia__bulk *bulk; /* gets the records' index entries. NULL: they are not wanted */
    /* the reading thread's */
    struct mia__transcoder transcoder;
    bool has_bulk_failed; /* a failure of the reading thread is the bulk's */
};
struct mia__pipe_filter mia__typing_filter(struct mia__typing *typing);
void mia__typing_free(struct mia__typing *typing);
/* A record does not decode, and why. MIA_ERR_SERIALIZATION. */
mia_status mia__typing_fail(const struct mia__typing *typing, size_t tree, mia_slice key,
                            const struct mia_error *why, struct mia_error *err);

/* Archives as MIA's bincode again, quarantined records between them, in the order of the keys. */
struct mia__typed_cursor;
mia_status mia__typed_cursor_open(mia_txn *txn, const struct mia__raw *raw, mia_tree tree,
                                  enum mia__table table, struct mia__typed_cursor **cur,
                                  struct mia_error *err);
mia_status mia__typed_cursor_seek(struct mia__typed_cursor *cur, mia_slice key,
                                  struct mia_error *err);
/* As mia__raw_cursor_next. marks NULL: MIA_ERR_CORRUPT names the key of an archive that is damaged;
 * else there is one for each pair, 0 or MIA__MARK_UNDECODABLE. */
mia_status mia__typed_cursor_next(struct mia__typed_cursor *cur, struct mia_pair *pairs,
                                  uint8_t *marks, size_t max, size_t *n, struct mia_error *err);
void mia__typed_cursor_close(struct mia__typed_cursor *cur);

#endif
