/*
 * index/spaces.h - embeddings numbered by the space they lie in: what a graph of vectors goes by
 *
 * A space is a dimension and a model. Its vectors have keys that only grow: a vector that changes
 * gets a new one, and a key that is gone never comes back, also when the index is made anew. So
 * whoever has seen the keys up to one can go on behind it, and a key that is in no snapshot below
 * the space's next one is dead for ever. Vectors without a direction (vector/cosine.h) have none.
 *
 *   vec_spaces  dimension (u32 BE), fit(model, 500)  ->  space (u32), live, next key (u64)
 *   vec_ids     fit(embedding id, 511)               ->  space (u32), key (u64)
 *   vec_keys    space (u32 BE), key (u64 BE)         ->  fit(embedding id, 511)
 *
 * Values are little-endian.
 */
#ifndef MIA_INDEX_SPACES_H
#define MIA_INDEX_SPACES_H

#include "index/multi.h"

struct mia__space {
    uint32_t number, dimension;
    uint64_t live; /* vectors in it */
    uint64_t next; /* the first key that was never given; keys begin with 1 */
};

/* The embedding under an id was `before` and is `after`; NULL: there is none. */
mia_status mia__spaces_change(mia_txn *txn, const struct mia__index *index,
                              struct mia__index_scratch *scratch, const mia_view *before,
                              const mia_view *after, struct mia_error *err);
/* No vectors any more; the spaces stay, with their next keys. */
mia_status mia__spaces_clear(mia_txn *txn, const struct mia__index *index, struct mia_error *err);

/* Keys for the vectors of an index that is made at once and never had any: counted here, written by
 * whoever takes the entries. {0} to begin with. */
struct mia__space_number {
    struct mia__space space;
    struct mia__buf key; /* in vec_spaces */
};
struct mia__space_numbers {
    struct mia__buf spaces; /* struct mia__space_number */
};
/* The entries of one more embedding; none if it has no direction. */
mia_status mia__spaces_entries(struct mia__space_numbers *numbers,
                               struct mia__index_scratch *scratch, mia_view embedding,
                               const struct mia__entries *to, struct mia_error *err);
/* At the end: the entries of the spaces. */
mia_status mia__spaces_numbered(const struct mia__space_numbers *numbers,
                                const struct mia__entries *to, struct mia_error *err);
void mia__space_numbers_free(struct mia__space_numbers *numbers);

/* Appends the spaces of a dimension (0: of every) and a model (data NULL: of every). */
mia_status mia__spaces_list(const struct mia__index_reader *reader, uint32_t dimension,
                            mia_str model, struct mia__buf *spaces, struct mia_error *err);
/* The space of this number; MIA_NOTFOUND. */
mia_status mia__spaces_get(const struct mia__index_reader *reader, uint32_t number,
                           struct mia__space *space, struct mia_error *err);

/* The embedding that has a key. MIA_NOTFOUND: none. */
mia_status mia__spaces_id(const struct mia__index_reader *reader, uint32_t space, uint64_t key,
                          mia_str *id, struct mia_error *err);

/* Keys of a space from one on, ascending. {0} may be closed. */
struct mia__space_cursor {
    const struct mia__index_reader *reader;
    mia_cursor *cursor;
    uint32_t space;
    uint64_t from;
    bool is_started;
};
mia_status mia__space_cursor_open(struct mia__space_cursor *cur,
                                  const struct mia__index_reader *reader, uint32_t space,
                                  uint64_t from, struct mia_error *err);
/* MIA_NOTFOUND at the end. *id as from mia__spaces_id. */
mia_status mia__space_cursor_next(struct mia__space_cursor *cur, uint64_t *key, mia_str *id,
                                  struct mia_error *err);
void mia__space_cursor_close(struct mia__space_cursor *cur);

/* For the check: whether an entry of vec_ids or vec_keys says what the embedding says. */
mia_status mia__spaces_verify(const struct mia__index_reader *reader, enum mia__index_tree tree,
                              mia_slice key, mia_slice value, bool *is_sound,
                              struct mia_error *err);
/* Whether a vector has a direction, and so a key. */
bool mia__spaces_want(mia_view embedding);

#endif
