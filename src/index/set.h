/*
 * index/set.h - values of MIA's own index trees: sets of ids
 *
 * Source: MIA's crate indexing: bincode of HashSet<String>, a count and the members, in any order.
 * Here they are written sorted by bytes; what is read may come in any order, members twice.
 */
#ifndef MIA_INDEX_SET_H
#define MIA_INDEX_SET_H

#include "base/memory.h"
#include "mia/text.h"

/* Its members, sorted, each once: mia_str borrowed from the value, one behind the other in a buffer
 * that is kept from set to set. */
struct mia__set {
    struct mia__buf members;
    size_t count;
};
static inline const mia_str *mia__set_members(const struct mia__set *set)
{
    return (const mia_str *)(const void *)set->members.data;
}
void mia__set_free(struct mia__set *set);

/* MIA_ERR_SERIALIZATION: the value is no set. */
mia_status mia__set_read(struct mia__set *set, mia_slice value, struct mia_error *err);
/* Adds or removes a member, which is borrowed. *changed false: it was so already. */
mia_status mia__set_add(struct mia__set *set, mia_str member, bool *changed, struct mia_error *err);
void mia__set_remove(struct mia__set *set, mia_str member, bool *changed);
/* Appends the value. */
mia_status mia__set_write(const struct mia__set *set, struct mia__buf *to, struct mia_error *err);

/* Whether two values are the same set, written the same number of times. False for what is no set.
 * scratch is overwritten; keep it for the next call. MIA_ERR_NOMEM. */
mia_status mia__set_equal(mia_slice a, mia_slice b, struct mia__buf *scratch, bool *equal,
                          struct mia_error *err);

#endif
