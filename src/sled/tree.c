/* sled/tree.c - descent, and steps to the right */
#include "sled/tree.h"

#include "base/error.h"
#include "base/try.h"

enum { DEPTH = 64 }; /* levels; a level has at least twice as many nodes as the one above */

mia_status mia__sled_tree_right(struct mia__sled_node *node, struct mia__buf *hi,
                                struct mia_error *err)
{
    mia_status rc;
    bool is_index = node->is_index;
    if (node->next == 0)
        return node->hi.size == 0
                   ? MIA_NOTFOUND
                   : mia__sled_node_blame(node, "it has an upper bound and no right sibling", err);
    TRY(mia__buf_set(hi, node->hi, err));
    TRY(mia__sled_node_load(node, node->next, err));
    if (hi->size == 0 || node->is_index != is_index ||
        !mia_slice_equal(node->lo, mia__buf_slice(hi)))
        rc = mia__sled_node_blame(node, "its lower bound is not its left sibling's upper bound",
                                  err);
done:
    return rc;
}

static bool is_left_of(const struct mia__sled_node *node, enum mia__sled_aim aim, mia_slice key)
{
    if (aim == MIA__SLED_AIM_FIRST || node->hi.size == 0)
        return false;
    if (aim == MIA__SLED_AIM_LAST)
        return true;
    int order = mia_slice_compare(node->hi, key);
    return aim == MIA__SLED_AIM_AT ? order <= 0 : order < 0;
}

static bool is_right_of(const struct mia__sled_node *node, enum mia__sled_aim aim, mia_slice key)
{
    if (aim == MIA__SLED_AIM_FIRST || aim == MIA__SLED_AIM_LAST)
        return aim == MIA__SLED_AIM_FIRST && node->lo.size > 0;
    int order = mia_slice_compare(node->lo, key);
    return aim == MIA__SLED_AIM_AT ? order > 0 : order >= 0;
}

/* The number of the last entry at (before) the key. */
static size_t choose(const struct mia__sled_node *node, enum mia__sled_aim aim, mia_slice key)
{
    size_t low = 0, high = node->count - 1;
    if (aim == MIA__SLED_AIM_FIRST)
        return 0;
    if (aim == MIA__SLED_AIM_LAST)
        return high;
    while (low < high) {
        size_t middle = low + (high - low + 1) / 2;
        int order = mia_slice_compare(node->pairs[middle].key, key);
        if (order < 0 || (order == 0 && aim == MIA__SLED_AIM_AT))
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

/* A child that is being merged may be out of date already: its left sibling leads to it as long as
 * it counts. */
static uint64_t child_of(const struct mia__sled_node *node, enum mia__sled_aim aim, mia_slice key)
{
    size_t i = choose(node, aim, key);
    bool is_merging = i > 0 && node->children[i] == node->merging_child;
    return node->children[is_merging ? i - 1 : i];
}

mia_status mia__sled_tree_find(struct mia__sled_node *node, uint64_t root, enum mia__sled_aim aim,
                               mia_slice key, struct mia_error *err)
{
    mia_status rc;
    struct mia__buf hi = {0};
    uint64_t page = root;
    for (int level = 0;; level++) {
        TRY(mia__sled_node_load(node, page, err));
        while (is_left_of(node, aim, key))
            TRY(mia__sled_tree_right(node, &hi, err));
        if (is_right_of(node, aim, key) || level == DEPTH) {
            rc = mia__sled_node_blame(node, "the tree above does not lead to its keys", err);
            goto done;
        }
        if (!node->is_index)
            break;
        page = child_of(node, aim, key);
    }
    rc = MIA_OK;
done:
    mia__buf_free(&hi);
    return rc;
}
