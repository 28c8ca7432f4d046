/*
 * sled/cursor.h - the pairs of one tree in order, both ways
 *
 * A cursor stands between two pairs. It holds one leaf in memory and nothing else. Any number of
 * cursors may read one store, each in one thread at a time.
 */
#ifndef MIA_SLED_CURSOR_H
#define MIA_SLED_CURSOR_H

#include "sled/tree.h"

struct mia__sled_cursor;

/* root 0: a tree without pairs. Fresh: before the first pair and behind the last. */
mia_status mia__sled_cursor_open(struct mia__sled_store *store, uint64_t root,
                                 struct mia__sled_cursor **out, struct mia_error *err);
void mia__sled_cursor_close(struct mia__sled_cursor *cur); /* NULL is fine */

/* The cursor stands before the first key >= key. */
mia_status mia__sled_cursor_seek(struct mia__sled_cursor *cur, mia_slice key,
                                 struct mia_error *err);

/* Up to max (>= 1) pairs, ascending, and steps over them; mostly those of one leaf. They live until
 * the next call. MIA_NOTFOUND: none left. MIA_ERR_CORRUPT: the next leaf is damaged; then only seek
 * may follow. */
mia_status mia__sled_cursor_next(struct mia__sled_cursor *cur, struct mia_pair *pairs, size_t max,
                                 size_t *n, struct mia_error *err);
/* The pair before the cursor, and steps over it. */
mia_status mia__sled_cursor_prev(struct mia__sled_cursor *cur, struct mia_pair *pair,
                                 struct mia_error *err);

#endif
