/* sled/cursor.c - a place between two pairs */
#include "sled/cursor.h"

#include "base/error.h"
#include "base/try.h"

enum state { FRESH, IN_LEAF, LOST };

struct mia__sled_cursor {
    struct mia__sled_node leaf;
    uint64_t root;
    enum state state;
    size_t at;             /* pairs of the leaf before the cursor */
    struct mia__buf bound; /* of a neighbour */
};

mia_status mia__sled_cursor_open(struct mia__sled_store *store, uint64_t root,
                                 struct mia__sled_cursor **out, struct mia_error *err)
{
    struct mia__sled_cursor *cur = mia__alloc_zero(sizeof *cur);
    *out = cur;
    if (cur == NULL)
        return mia__fail_nomem(err);
    mia__sled_node_begin(&cur->leaf, store);
    cur->root = root;
    return MIA_OK;
}

void mia__sled_cursor_close(struct mia__sled_cursor *cur)
{
    if (cur == NULL)
        return;
    mia__sled_node_free(&cur->leaf);
    mia__buf_free(&cur->bound);
    mia__free(cur);
}

static mia_status enter(struct mia__sled_cursor *cur, enum mia__sled_aim aim, mia_slice key,
                        struct mia_error *err)
{
    cur->state = LOST;
    mia_status rc = mia__sled_tree_find(&cur->leaf, cur->root, aim, key, err);
    if (rc < 0)
        return rc;
    cur->state = IN_LEAF;
    cur->at = 0;
    return MIA_OK;
}

mia_status mia__sled_cursor_seek(struct mia__sled_cursor *cur, mia_slice key, struct mia_error *err)
{
    if (cur->root == 0)
        return MIA_OK;
    mia_status rc = enter(cur, MIA__SLED_AIM_AT, key, err);
    if (rc == MIA_OK)
        cur->at = mia__sled_node_below(&cur->leaf, key);
    return rc;
}

/* MIA_NOTFOUND for a tree without pages; an error for a cursor that has met damage. */
static mia_status begin(struct mia__sled_cursor *cur, enum mia__sled_aim aim, struct mia_error *err)
{
    if (cur->root == 0)
        return MIA_NOTFOUND;
    if (cur->state == LOST)
        return mia__fail(err, MIA_ERR_CORRUPT, "%s/db: the cursor met damage: only a seek goes on",
                         cur->leaf.page.store->directory);
    if (cur->state == IN_LEAF)
        return MIA_OK;
    mia_status rc = enter(cur, aim, (mia_slice){0}, err);
    if (rc == MIA_OK && aim == MIA__SLED_AIM_LAST)
        cur->at = cur->leaf.count;
    return rc;
}

mia_status mia__sled_cursor_next(struct mia__sled_cursor *cur, struct mia_pair *pairs, size_t max,
                                 size_t *n, struct mia_error *err)
{
    mia_status rc;
    *n = 0;
    TRY(begin(cur, MIA__SLED_AIM_FIRST, err));
    if (rc == MIA_NOTFOUND)
        goto done;
    while (cur->at == cur->leaf.count) {
        rc = mia__sled_tree_right(&cur->leaf, &cur->bound, err);
        if (rc == MIA_NOTFOUND)
            goto done;
        cur->state = rc < 0 ? LOST : IN_LEAF;
        TRY(rc);
        cur->at = 0;
    }
    *n = cur->leaf.count - cur->at < max ? cur->leaf.count - cur->at : max;
    memcpy(pairs, cur->leaf.pairs + cur->at, *n * sizeof *pairs);
    cur->at += *n;
done:
    return rc;
}

/* To the leaf whose upper bound is this one's lower bound. MIA_NOTFOUND: there is none. */
static mia_status step_left(struct mia__sled_cursor *cur, struct mia_error *err)
{
    mia_status rc;
    if (cur->leaf.lo.size == 0)
        return MIA_NOTFOUND;
    TRY(mia__buf_set(&cur->bound, cur->leaf.lo, err));
    mia_slice bound = mia__buf_slice(&cur->bound);
    TRY(enter(cur, MIA__SLED_AIM_BEFORE, bound, err));
    if (!mia_slice_equal(cur->leaf.hi, bound)) {
        cur->state = LOST;
        rc = mia__sled_node_blame(&cur->leaf,
                                  "its upper bound is not its right sibling's lower "
                                  "bound",
                                  err);
    }
    cur->at = cur->leaf.count;
done:
    return rc;
}

mia_status mia__sled_cursor_prev(struct mia__sled_cursor *cur, struct mia_pair *pair,
                                 struct mia_error *err)
{
    mia_status rc;
    TRY(begin(cur, MIA__SLED_AIM_LAST, err));
    while (rc == MIA_OK && cur->at == 0)
        TRY(step_left(cur, err));
    if (rc == MIA_OK)
        *pair = cur->leaf.pairs[--cur->at];
done:
    return rc;
}
