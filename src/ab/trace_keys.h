/* ab/trace_keys.h - the keys that hashes stand for, found in the database that they are keys of */
#ifndef MIA_AB_TRACE_KEYS_H
#define MIA_AB_TRACE_KEYS_H

#include "ab/plan.h"
#include "ab/trace_format.h"

struct mia__trace_keys {
    struct mia__buf entries; /* sorted: see trace_keys.c */
};

/* Adds the keys of a tree of A, if it has one of this name. */
mia_status mia__trace_keys_load(struct mia__trace_keys *keys, struct mia__ab_plan *plan,
                                const struct mia_ab_options *opt, mia_slice name, uint8_t tree,
                                const uint8_t salt[MIA__TRACE_SALT], struct mia_error *err);
/* False: no key of the tree has this hash. */
bool mia__trace_keys_find(const struct mia__trace_keys *keys, uint8_t tree, mia_slice hash,
                          struct mia__ab_span *key);
void mia__trace_keys_free(struct mia__trace_keys *keys);

#endif
