/* sled/salvage_orphans.c - leaves that no index leads to */
#include "sled/salvage_tree.h"

#include "base/error.h"
#include "base/try.h"

#include <stdio.h>
#include <stdlib.h>

enum { FIRST_PAGE = 2 }; /* behind the list of trees and the counter */

struct orphan {
    uint64_t page, next;
    struct mia__sled_bound lo, hi; /* in `keys` */
    bool is_older, is_placed, has_pairs;
};

struct placing {
    struct mia__sled_salvage_state *state;
    struct mia__buf orphans; /* by page */
    struct mia__buf by_next; /* size_t: the same, by their right siblings */
    struct mia__buf keys;
    struct mia__sled_row *row; /* that is filled, and what it becomes */
    struct mia__buf extents;
    struct mia_error *err;
};

static struct orphan *orphan_at(const struct placing *p, size_t i)
{
    return (struct orphan *)(void *)p->orphans.data + i;
}

static size_t count_of(const struct placing *p)
{
    return p->orphans.size / sizeof(struct orphan);
}

static mia_slice key_of(const struct placing *p, const struct mia__sled_bound *bound)
{
    return bound->size > 0 ? (mia_slice){p->keys.data + bound->at, bound->size} : (mia_slice){0};
}

static mia_status keep(struct mia__buf *keys, mia_slice key, bool is_none,
                       struct mia__sled_bound *bound, struct mia_error *err)
{
    *bound = (struct mia__sled_bound){keys->size, is_none ? 0 : key.size, is_none};
    return is_none ? MIA_OK : mia__buf_append(keys, key.data, key.size, err);
}

/* ---- finding them */

static mia_status add_orphan(struct placing *p, const struct mia__sled_node *leaf, bool is_older)
{
    mia_status rc;
    struct orphan o = {.page = leaf->page.number,
                       .next = leaf->next,
                       .is_older = is_older,
                       .has_pairs = leaf->count > 0};
    TRY(keep(&p->keys, leaf->lo, false, &o.lo, p->err));
    TRY(keep(&p->keys, leaf->hi, leaf->hi.size == 0, &o.hi, p->err));
    rc = mia__buf_append(&p->orphans, &o, sizeof o, p->err);
done:
    return rc;
}

static mia_status find_orphans(struct placing *p, const struct mia__sled_claims *claims)
{
    mia_status rc = MIA_OK;
    struct mia__sled_node node;
    mia__sled_node_begin(&node, &p->state->store);
    for (uint64_t page = FIRST_PAGE; page < claims->pages; page++) {
        bool is_older;
        if (mia__sled_is_claimed(claims, page) ||
            mia__sled_pages_state(&p->state->store.pages, page) != MIA__SLED_PAGE_PRESENT)
            continue;
        TRY(mia__sled_salvage_load(p->state, &node, page, &is_older, p->err));
        if (rc == MIA_OK && !node.is_index)
            TRY(add_orphan(p, &node, is_older));
    }
    rc = MIA_OK;
done:
    mia__sled_node_free(&node);
    return rc;
}

static int by_next(const void *a, const void *b, void *ctx)
{
    const struct placing *p = ctx;
    uint64_t first = orphan_at(p, *(const size_t *)a)->next;
    uint64_t second = orphan_at(p, *(const size_t *)b)->next;
    return (first > second) - (first < second);
}

static mia_status sort_by_next(struct placing *p)
{
    mia_status rc = MIA_OK;
    for (size_t i = 0; i < count_of(p); i++)
        TRY(mia__buf_append(&p->by_next, &i, sizeof i, p->err));
    if (count_of(p) > 1)
        qsort_r(p->by_next.data, count_of(p), sizeof(size_t), by_next, p);
done:
    return rc;
}

/* ---- neighbours */

static struct orphan *with_page(const struct placing *p, uint64_t page)
{
    size_t low = 0, high = count_of(p);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (orphan_at(p, middle)->page < page)
            low = middle + 1;
        else
            high = middle;
    }
    struct orphan *o = low < count_of(p) ? orphan_at(p, low) : NULL;
    return o != NULL && o->page == page && !o->is_placed ? o : NULL;
}

/* The one that certainly leads to this page, and ends where it begins; the newest of several. */
static struct orphan *leading_to(const struct placing *p, uint64_t page, mia_slice lo)
{
    const size_t *order = (const size_t *)(const void *)p->by_next.data;
    size_t low = 0, high = count_of(p);
    struct orphan *best = NULL;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (orphan_at(p, order[middle])->next < page)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < count_of(p) && orphan_at(p, order[low])->next == page; low++) {
        struct orphan *o = orphan_at(p, order[low]);
        if (o->is_placed || o->hi.is_none || !mia_slice_equal(key_of(p, &o->hi), lo) ||
            mia__sled_salvage_lead(p->state, o->page, page) != MIA__SLED_LEADS)
            continue;
        if (best == NULL ||
            mia__sled_salvage_age(p->state, o->page) > mia__sled_salvage_age(p->state, best->page))
            best = o;
    }
    return best;
}

/* ---- gaps */

static bool is_below(mia_slice key, const struct mia__sled_row *row,
                     const struct mia__sled_bound *bound)
{
    return bound->is_none || mia_slice_compare(key, mia__sled_bound_key(row, bound)) < 0;
}

static bool is_beyond(const struct placing *p, const struct mia__sled_bound *a,
                      const struct mia__sled_bound *b)
{
    return mia_slice_compare(mia__sled_bound_key(p->row, a), mia__sled_bound_key(p->row, b)) > 0;
}

/* limit NULL: as far as the leaf goes. */
static mia_status add_extent(struct placing *p, const struct orphan *o,
                             const struct mia__sled_bound *limit)
{
    mia_status rc;
    struct mia__sled_extent e = {.page = o->page, .is_older = o->is_older, .next = o->next};
    TRY(keep(&p->row->keys, key_of(p, &o->lo), false, &e.from, p->err));
    TRY(keep(&p->row->keys, key_of(p, &o->hi), o->hi.is_none, &e.to, p->err));
    e.end = e.to;
    if (limit != NULL && !limit->is_none && (o->hi.is_none || is_beyond(p, &e.to, limit)))
        e.to = *limit;
    rc = mia__buf_append(&p->extents, &e, sizeof e, p->err);
done:
    return rc;
}

/* From a page on, to which another leads, to the right, as far as the gap goes; gap->from: where it
 * goes on. */
static mia_status fill_forward(struct placing *p, uint64_t by, uint64_t page,
                               struct mia__sled_extent *gap, bool *is_full)
{
    mia_status rc = MIA_OK;
    struct orphan *o;
    *is_full = false;
    while (!*is_full && page != 0 && (o = with_page(p, page)) != NULL &&
           mia__sled_salvage_lead(p->state, by, page) == MIA__SLED_LEADS &&
           mia_slice_equal(key_of(p, &o->lo), mia__sled_bound_key(p->row, &gap->from))) {
        o->is_placed = true;
        TRY(add_extent(p, o, &gap->to));
        const struct mia__sled_extent *last =
            (const struct mia__sled_extent *)(void *)(p->extents.data + p->extents.size) - 1;
        *is_full = o->hi.is_none || !is_below(key_of(p, &o->hi), p->row, &gap->to);
        gap->from = last->to;
        by = page;
        page = o->next;
    }
done:
    return rc;
}

/* From the leaf behind the gap to the left; found ones are appended to `found`, last first. */
static mia_status fill_backward(struct placing *p, const struct mia__sled_extent *behind,
                                struct mia__sled_extent *gap, struct mia__buf *found)
{
    mia_status rc = MIA_OK;
    uint64_t page = behind->page;
    mia_slice lo = mia__sled_bound_key(p->row, &behind->from);
    for (;;) {
        struct orphan *o = leading_to(p, page, lo);
        if (o == NULL ||
            mia_slice_compare(key_of(p, &o->lo), mia__sled_bound_key(p->row, &gap->from)) < 0)
            break;
        o->is_placed = true;
        TRY(mia__buf_append(found, &o, sizeof o, p->err));
        TRY(keep(&p->row->keys, key_of(p, &o->lo), false, &gap->to, p->err));
        page = o->page;
        lo = key_of(p, &o->lo);
    }
done:
    return rc;
}

/* The lost extents from one on, up to another that is not lost or the end of the row. */
static mia_status fill_gap(struct placing *p, size_t from, size_t to)
{
    mia_status rc = MIA_OK;
    bool is_full = false;
    struct mia__buf found = {0};
    struct mia__sled_extent gap = *mia__sled_row_at(p->row, from), behind = {0};
    const struct mia__sled_extent *before = from > 0 ? mia__sled_row_at(p->row, from - 1) : NULL;
    gap.to = gap.end = mia__sled_row_at(p->row, to - 1)->to;
    if (to < mia__sled_row_count(p->row))
        behind = *mia__sled_row_at(p->row, to);
    if (before != NULL)
        TRY(fill_forward(p, before->page, before->next, &gap, &is_full));
    if (is_full)
        goto done;
    if (behind.page != 0)
        TRY(fill_backward(p, &behind, &gap, &found));
    if (gap.to.is_none || is_below(mia__sled_bound_key(p->row, &gap.from), p->row, &gap.to))
        TRY(mia__buf_append(&p->extents, &gap, sizeof gap, p->err));
    struct orphan **back = (struct orphan **)(void *)found.data;
    for (size_t n = found.size / sizeof *back; n > 0; n--)
        TRY(add_extent(p, back[n - 1], NULL));
done:
    mia__buf_free(&found);
    return rc;
}

static mia_status fill_row(struct placing *p, struct mia__sled_row *row)
{
    mia_status rc = MIA_OK;
    p->row = row;
    p->extents.size = 0;
    for (size_t i = 0, to; i < mia__sled_row_count(row); i = to) {
        struct mia__sled_extent *e = mia__sled_row_at(row, i);
        for (to = i + 1; e->page == 0 && to < mia__sled_row_count(row); to++)
            if (mia__sled_row_at(row, to)->page != 0)
                break;
        TRY(e->page == 0 ? fill_gap(p, i, to) : mia__buf_append(&p->extents, e, sizeof *e, p->err));
    }
    struct mia__buf old = row->extents;
    row->extents = p->extents;
    p->extents = old;
done:
    return rc;
}

/* ---- rows of their own */

static mia_status add_row(struct placing *p, struct mia__buf *rows, struct orphan *head)
{
    mia_status rc;
    char name[40];
    bool is_full;
    struct mia__sled_row row = {.is_nameless = true, .until = INT64_MAX};
    struct mia__sled_extent gap = {.to.is_none = true};
    snprintf(name, sizeof name, "salvaged-%llu", (unsigned long long)head->page);
    p->row = &row;
    p->extents.size = 0;
    TRY(mia__buf_set(&row.name, mia_bytes_of(name), p->err));
    TRY(keep(&row.keys, key_of(p, &head->lo), false, &gap.from, p->err));
    TRY(fill_forward(p, head->page, head->page, &gap, &is_full));
    TRY(mia__buf_append(&row.extents, p->extents.data, p->extents.size, p->err));
    rc = mia__buf_append(rows, &row, sizeof row, p->err);
done:
    if (rc < 0)
        mia__sled_row_free(&row);
    return rc;
}

static bool has_leader(const struct placing *p, const struct orphan *o)
{
    return leading_to(p, o->page, key_of(p, &o->lo)) != NULL;
}

static mia_status add_rows(struct placing *p, struct mia__buf *rows)
{
    mia_status rc = MIA_OK;
    for (size_t i = 0; i < count_of(p); i++) {
        struct orphan *o = orphan_at(p, i);
        if (!o->is_placed && o->has_pairs && !has_leader(p, o))
            TRY(add_row(p, rows, o));
    }
    /* what is left leads in a circle, or has lost its empty head */
    for (size_t i = 0; i < count_of(p); i++)
        if (!orphan_at(p, i)->is_placed && orphan_at(p, i)->has_pairs)
            TRY(add_row(p, rows, orphan_at(p, i)));
done:
    return rc;
}

mia_status mia__sled_place_orphans(struct mia__sled_salvage_state *state,
                                   struct mia__sled_claims *claims, struct mia__buf *rows,
                                   struct mia_error *err)
{
    mia_status rc;
    struct placing p = {.state = state, .err = err};
    TRY(find_orphans(&p, claims));
    TRY(sort_by_next(&p));
    for (size_t i = 0; i < rows->size / sizeof(struct mia__sled_row); i++)
        TRY(fill_row(&p, (struct mia__sled_row *)(void *)rows->data + i));
    rc = add_rows(&p, rows);
done:
    mia__buf_free(&p.orphans);
    mia__buf_free(&p.by_next);
    mia__buf_free(&p.keys);
    mia__buf_free(&p.extents);
    return rc;
}
