/* rkyv/read_json.h - archived JSON as a tree again */
#ifndef MIA_RKYV_READ_JSON_H
#define MIA_RKYV_READ_JSON_H

#include "base/memory.h"
#include "model/json.h"

/* The tree of a value of 13 bytes, or of the map of an RkyvMetadata, whose root may be any JSON.
 * The archive is sound and outlives the tree, which borrows its texts; the rest lies in the arena.
 * MIA_ERR_NOMEM. */
mia_status mia__read_json(const uint8_t *value, struct mia__arena *arena, struct mia__json *out,
                          struct mia_error *err);
mia_status mia__read_metadata(const uint8_t *map, struct mia__arena *arena, struct mia__json *out,
                              struct mia_error *err);

/* Whether a key of metadata has one NUL more than it had: keys of two or more NULs and nothing else
 * do. One NUL alone is no key but the mark of a root that is no object. */
bool mia__is_longer_key(mia_str key);

#endif
