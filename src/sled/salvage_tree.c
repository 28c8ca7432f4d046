/* sled/salvage_tree.c - from a root to the leaves, past damage */
#include "sled/salvage_tree.h"

#include "base/error.h"
#include "base/try.h"

enum { META_PAGE = 0 };

void mia__sled_row_free(struct mia__sled_row *row)
{
    mia__buf_free(&row->name);
    mia__buf_free(&row->extents);
    mia__buf_free(&row->keys);
}

bool mia__sled_is_claimed(const struct mia__sled_claims *claims, uint64_t page)
{
    return page >= claims->pages || (claims->bits[page / 8] >> page % 8 & 1) != 0;
}

bool mia__sled_claim(struct mia__sled_claims *claims, uint64_t page)
{
    if (mia__sled_is_claimed(claims, page))
        return false;
    claims->bits[page / 8] |= (uint8_t)(1u << page % 8);
    return true;
}

/* An upper bound of what is asked for; is_none: no bound. */
struct limit {
    mia_slice key;
    bool is_none;
};

struct walk {
    struct mia__sled_salvage_state *state;
    struct mia__sled_claims *claims;
    struct mia__sled_row *row;
    struct mia__sled_node leaf; /* the one that is looked at */
    struct mia__buf from;       /* where the leaf must begin */
    bool is_leaf_older;
    bool is_doubtful; /* something on the way here may be out of date */
    struct mia_error *err;
};

static mia_status keep_key(struct mia__sled_row *row, struct limit limit,
                           struct mia__sled_bound *bound, struct mia_error *err)
{
    *bound = (struct mia__sled_bound){row->keys.size, limit.key.size, limit.is_none};
    return limit.is_none ? MIA_OK
                         : mia__buf_append(&row->keys, limit.key.data, limit.key.size, err);
}

static mia_status add_lost(struct walk *w, mia_slice from, struct limit to, const char *reason)
{
    mia_status rc;
    struct mia__sled_extent extent = {.reason = reason};
    TRY(keep_key(w->row, (struct limit){from, false}, &extent.from, w->err));
    TRY(keep_key(w->row, to, &extent.to, w->err));
    extent.end = extent.to;
    rc = mia__buf_append(&w->row->extents, &extent, sizeof extent, w->err);
done:
    return rc;
}

static struct limit end_of(const struct mia__sled_node *node)
{
    return (struct limit){node->hi, node->hi.size == 0};
}

/* Negative, zero or positive; no bound is above all keys. */
static int compare_limits(struct limit a, struct limit b)
{
    if (a.is_none || b.is_none)
        return (int)a.is_none - (int)b.is_none;
    return mia_slice_compare(a.key, b.key);
}

/* The leaf in w->leaf, as far as `to`. */
static mia_status add_leaf(struct walk *w, struct limit to)
{
    mia_status rc;
    struct limit end = end_of(&w->leaf);
    struct mia__sled_extent extent = {.page = w->leaf.page.number,
                                      .is_older = w->is_leaf_older,
                                      .is_doubtful = w->is_doubtful,
                                      .next = w->leaf.next};
    TRY(keep_key(w->row, (struct limit){w->leaf.lo, false}, &extent.from, w->err));
    TRY(keep_key(w->row, end, &extent.end, w->err));
    extent.to = extent.end;
    if (compare_limits(to, end) < 0)
        TRY(keep_key(w->row, to, &extent.to, w->err));
    rc = mia__buf_append(&w->row->extents, &extent, sizeof extent, w->err);
done:
    return rc;
}

static const char wrong_page[] = "the page that should have them has others";
static const char unproven[] = "nothing shows that what is left of their page is of this tree";

/* Whether the state that is left of a page is of the row's tree: `by`, which is, leads to it. That
 * alone is not enough where the list of trees is out of date: a tree that was dropped since, and
 * not freed to its end, leads to pages that have become others' after that. What is no more than
 * likely makes all behind it doubtful. */
static bool is_of_row(struct walk *w, uint64_t by, uint64_t page)
{
    enum mia__sled_lead lead = mia__sled_salvage_lead(w->state, by, page);
    w->is_doubtful = w->is_doubtful || lead == MIA__SLED_LEADS_LIKELY;
    return lead != MIA__SLED_LEADS_NOWHERE && mia__sled_salvage_age(w->state, page) < w->row->until;
}

/* Loads the leaf that must begin at w->from. MIA_NOTFOUND: it is not to be had; *reason. */
static mia_status load_leaf(struct walk *w, uint64_t by, uint64_t page, const char **reason)
{
    mia_status rc = mia__sled_salvage_load(w->state, &w->leaf, page, &w->is_leaf_older, NULL);
    *reason = "their page is damaged";
    if (rc == MIA_OK &&
        (w->leaf.is_index || !mia_slice_equal(w->leaf.lo, mia__buf_slice(&w->from)))) {
        *reason = wrong_page;
        return MIA_NOTFOUND;
    }
    if (rc == MIA_OK && !is_of_row(w, by, page)) {
        *reason = unproven;
        return MIA_NOTFOUND;
    }
    if (rc == MIA_OK && !mia__sled_claim(w->claims, page)) {
        *reason = "their page belongs to something else";
        return MIA_NOTFOUND;
    }
    return rc < 0 && rc != MIA_ERR_NOMEM
               ? mia__fail(w->err, rc, "%s: page %llu cannot be read", w->state->store.directory,
                           (unsigned long long)page)
           : rc == MIA_ERR_NOMEM ? mia__fail_nomem(w->err)
                                 : rc;
}

/* From a leaf that was loaded to its right siblings, until the limit: a split that the index does
 * not know yet. */
static mia_status add_leaves(struct walk *w, struct limit to)
{
    mia_status rc;
    const char *reason;
    bool was_doubtful = w->is_doubtful;
    TRY(add_leaf(w, to));
    while (compare_limits(end_of(&w->leaf), to) < 0) {
        uint64_t by = w->leaf.page.number, next = w->leaf.next;
        TRY(mia__buf_set(&w->from, w->leaf.hi, w->err));
        rc = next != 0 ? load_leaf(w, by, next, &reason) : MIA_NOTFOUND;
        if (rc == MIA_NOTFOUND) {
            rc = add_lost(w, mia__buf_slice(&w->from), to,
                          next != 0 ? reason : "nothing leads to them any more");
            goto done;
        }
        TRY(rc);
        TRY(add_leaf(w, to));
    }
    rc = MIA_OK;
done:
    w->is_doubtful = was_doubtful;
    return rc;
}

static mia_status cover(struct walk *w, uint64_t by, uint64_t page, mia_slice from, struct limit to,
                        int depth);

/* Loads the right sibling of an index node in its place. MIA_NOTFOUND: it is not to be had. */
static mia_status load_next_index(struct walk *w, struct mia__sled_node *index)
{
    mia_status rc;
    bool is_older;
    struct mia__buf hi = {0};
    uint64_t by = index->page.number, next = index->next;
    TRY(mia__buf_set(&hi, index->hi, w->err));
    rc =
        next != 0 ? mia__sled_salvage_load(w->state, index, next, &is_older, w->err) : MIA_NOTFOUND;
    if (rc == MIA_OK && (!index->is_index || !mia_slice_equal(index->lo, mia__buf_slice(&hi)) ||
                         !is_of_row(w, by, next) || !mia__sled_claim(w->claims, next)))
        rc = MIA_NOTFOUND;
done:
    mia__buf_free(&hi);
    return rc;
}

/* One index node and, behind its end, its right siblings. */
static mia_status cover_index(struct walk *w, struct mia__sled_node *index, struct limit to,
                              int depth)
{
    mia_status rc;
    struct mia__buf hi = {0};
    for (;;) {
        struct limit end = end_of(index);
        for (size_t i = 0; i < index->count; i++) {
            size_t behind = i + 1;
            /* one that its left sibling takes over: that one leads to it as long as it counts */
            while (behind < index->count && index->children[behind] == index->merging_child)
                behind++;
            struct limit child_end =
                behind < index->count ? (struct limit){index->pairs[behind].key, false} : end;
            if (compare_limits(to, child_end) < 0)
                child_end = to;
            TRY(cover(w, index->page.number, index->children[i], index->pairs[i].key, child_end,
                      depth));
            i = behind - 1;
        }
        if (compare_limits(end, to) >= 0)
            break;
        TRY(mia__buf_set(&hi, index->hi, w->err));
        TRY(load_next_index(w, index));
        if (rc == MIA_NOTFOUND) {
            rc = add_lost(w, mia__buf_slice(&hi), to, "a part of the index is damaged");
            goto done;
        }
    }
    rc = MIA_OK;
done:
    mia__buf_free(&hi);
    return rc;
}

/* The keys from <= key < to, which this page, led to by another, and those below it should have. */
static mia_status cover(struct walk *w, uint64_t by, uint64_t page, mia_slice from, struct limit to,
                        int depth)
{
    mia_status rc;
    bool is_older;
    struct mia__sled_node node;
    bool was_doubtful = w->is_doubtful;
    const char *reason = "the page that leads to them, or has them, is damaged";
    mia__sled_node_begin(&node, &w->state->store);
    rc = depth < MIA__SLED_DEPTH ? mia__sled_salvage_load(w->state, &node, page, &is_older, w->err)
                                 : MIA_NOTFOUND;
    TRY(rc);
    if (rc == MIA_OK && node.is_index && mia_slice_equal(node.lo, from) && is_of_row(w, by, page) &&
        mia__sled_claim(w->claims, page)) {
        rc = cover_index(w, &node, to, depth + 1);
        goto done;
    }
    if (rc == MIA_OK && !node.is_index && depth > 0) { /* a root is an index, always */
        TRY(mia__buf_set(&w->from, from, w->err));
        TRY(load_leaf(w, by, page, &reason));
        if (rc == MIA_OK) {
            rc = add_leaves(w, to);
            goto done;
        }
    }
    rc = add_lost(w, from, to, reason);
done:
    w->is_doubtful = was_doubtful;
    mia__sled_node_free(&node);
    return rc;
}

mia_status mia__sled_row_from_root(struct mia__sled_salvage_state *state,
                                   struct mia__sled_claims *claims, uint64_t root,
                                   struct mia__sled_row *row, struct mia_error *err)
{
    struct walk w = {.state = state, .claims = claims, .row = row, .err = err};
    uint64_t by = row->is_nameless ? root : META_PAGE;
    mia__sled_node_begin(&w.leaf, &state->store);
    mia_status rc = cover(&w, by, root, (mia_slice){0}, (struct limit){.is_none = true}, 0);
    mia__sled_node_free(&w.leaf);
    mia__buf_free(&w.from);
    return rc < 0 ? rc : MIA_OK;
}
