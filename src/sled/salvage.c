/* sled/salvage.c - a damaged directory, its trees and what they have lost */
#include "sled/salvage.h"

#include "base/error.h"
#include "base/try.h"
#include "sled/salvage_tree.h"
#include "sled/varint.h"

#include <stdio.h>
#include <stdlib.h>

enum { META_PAGE = 0, COUNTER_PAGE = 1, FIRST_PAGE = 2 };

static const char default_name[] = "__sled__default";

struct mia__sled_salvage {
    struct mia__sled_salvage_state state;
    struct mia__sled_claims claims;
    struct mia__buf rows; /* struct mia__sled_row, by name */
    uint64_t counter;
};

static struct mia__sled_row *rows_of(const struct mia__sled_salvage *s)
{
    return (struct mia__sled_row *)(void *)s->rows.data;
}

size_t mia__sled_salvage_trees(const struct mia__sled_salvage *s)
{
    return s->rows.size / sizeof(struct mia__sled_row);
}

mia_slice mia__sled_salvage_name(const struct mia__sled_salvage *s, size_t tree)
{
    return mia__buf_slice(&rows_of(s)[tree].name);
}

const struct mia__sled_conf *mia__sled_salvage_shape(const struct mia__sled_salvage *s,
                                                     uint64_t *counter)
{
    *counter = s->counter;
    return &s->state.store.conf;
}

static mia_status add_row(struct mia__sled_salvage *s, mia_slice name, bool is_nameless,
                          uint64_t root, struct mia_error *err)
{
    mia_status rc;
    struct mia__sled_row row = {.is_nameless = is_nameless, .until = INT64_MAX};
    if (!is_nameless && root != 0)
        row.until = mia__sled_salvage_until(&s->state, META_PAGE);
    TRY(mia__buf_set(&row.name, name, err));
    if (root != 0)
        TRY(mia__sled_row_from_root(&s->state, &s->claims, root, &row, err));
    rc = mia__buf_append(&s->rows, &row, sizeof row, err);
done:
    if (rc < 0)
        mia__sled_row_free(&row);
    return rc;
}

/* ---- the list of trees */

static bool has_name(const struct mia__sled_salvage *s, mia_slice name)
{
    for (size_t i = 0; i < mia__sled_salvage_trees(s); i++)
        if (mia_slice_equal(mia__sled_salvage_name(s, i), name))
            return true;
    return false;
}

static mia_status parse_meta(struct mia__sled_salvage *s, const struct mia__sled_page *meta,
                             bool *is_whole, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    struct mia__parse p = mia__parse_begin(meta->parts[0].bytes);
    mia_slice last = {0};
    *is_whole = meta->parts[0].kind == MIA__SLED_META && meta->count == 1;
    while (*is_whole && mia__parse_left(&p) > 0) {
        mia_slice name = mia__sled_parse_bytes(&p);
        uint64_t root = mia__sled_parse_varint(&p);
        bool is_above = last.data == NULL || mia_slice_compare(last, name) < 0;
        *is_whole = p.fault == 0 && root != 0 && is_above;
        if (*is_whole)
            TRY(add_row(s, name, false, root, err));
        last = name;
    }
done:
    return rc;
}

static mia_status read_meta(struct mia__sled_salvage *s, bool *is_whole, struct mia_error *err)
{
    bool is_older = false;
    struct mia_error why = {0};
    struct mia__sled_page meta;
    struct mia_loss loss = {
        .loss = MIA_LOSS_NAME, .file = "", .detail = "the list of trees is lost"};
    mia__sled_page_begin(&meta, &s->state.store);
    mia_status rc = mia__sled_salvage_read(&s->state, &meta, META_PAGE, &is_older, &why);
    *is_whole = false;
    if (rc == MIA_OK)
        rc = parse_meta(s, &meta, is_whole, err);
    else if (rc < 0)
        rc = mia__fail(err, rc, "%s", why.message);
    if (rc >= 0 && *is_whole && is_older)
        loss.detail = "the list of trees is an older one: later trees are not in it";
    if (rc >= 0 && (!*is_whole || is_older))
        mia__sled_salvage_tell(&s->state, &loss);
    mia__sled_page_free(&meta);
    return rc < 0 ? rc : MIA_OK;
}

static mia_status read_counter(struct mia__sled_salvage *s, struct mia_error *err)
{
    bool is_older;
    struct mia__sled_page page;
    mia__sled_page_begin(&page, &s->state.store);
    mia_status rc = mia__sled_salvage_read(&s->state, &page, COUNTER_PAGE, &is_older, err);
    if (rc == MIA_OK && page.parts[0].kind == MIA__SLED_COUNTER) {
        struct mia__parse p = mia__parse_begin(page.parts[0].bytes);
        uint64_t counter = mia__sled_parse_varint(&p);
        s->counter = p.fault == 0 ? counter : 0;
    }
    mia__sled_page_free(&page);
    return rc == MIA_ERR_NOMEM ? rc : MIA_OK;
}

/* ---- roots without names */

/* Marks the pages that an index node leads to. */
static mia_status mark_children(struct mia__sled_salvage *s, struct mia__sled_claims *led,
                                struct mia_error *err)
{
    mia_status rc = MIA_OK;
    bool is_older;
    struct mia__sled_node node;
    mia__sled_node_begin(&node, &s->state.store);
    for (uint64_t page = FIRST_PAGE; page < s->claims.pages; page++) {
        TRY(mia__sled_salvage_load(&s->state, &node, page, &is_older, err));
        for (size_t i = 0; rc == MIA_OK && node.is_index && i < node.count; i++)
            mia__sled_claim(led, node.children[i]);
        if (rc == MIA_OK && node.is_index && node.next != 0)
            mia__sled_claim(led, node.next);
    }
    rc = MIA_OK;
done:
    mia__sled_node_free(&node);
    return rc;
}

/* The list of trees is lost: what begins a tree and hangs from nothing is a root. */
static mia_status find_roots(struct mia__sled_salvage *s, struct mia_error *err)
{
    mia_status rc;
    bool is_older;
    struct mia__sled_node node;
    struct mia__sled_claims led = {mia__alloc_zero(s->claims.pages / 8 + 1), s->claims.pages};
    mia__sled_node_begin(&node, &s->state.store);
    if (led.bits == NULL) {
        rc = mia__fail_nomem(err);
        goto done;
    }
    TRY(mark_children(s, &led, err));
    for (uint64_t page = FIRST_PAGE; page < s->claims.pages; page++) {
        char name[40];
        if (mia__sled_is_claimed(&led, page))
            continue;
        TRY(mia__sled_salvage_load(&s->state, &node, page, &is_older, err));
        if (rc != MIA_OK || !node.is_index || node.lo.size > 0)
            continue;
        snprintf(name, sizeof name, "salvaged-%llu", (unsigned long long)page);
        TRY(add_row(s, mia_bytes_of(name), true, page, err));
    }
    rc = MIA_OK;
done:
    mia__sled_node_free(&node);
    mia__free(led.bits);
    return rc;
}

/* ---- overlaps */

static int compare(const struct mia__sled_row *row, const struct mia__sled_bound *a,
                   const struct mia__sled_bound *b)
{
    if (a->is_none || b->is_none)
        return (int)a->is_none - (int)b->is_none;
    return mia_slice_compare(mia__sled_bound_key(row, a), mia__sled_bound_key(row, b));
}

/* A leaf that reaches beyond its extent, into a gap or into an older leaf, has the keys there: it
 * took them over from a page that is gone. */
static void reach_over(const struct mia__sled_salvage *s, struct mia__sled_row *row)
{
    size_t kept = 0;
    for (size_t i = 0; i < mia__sled_row_count(row); i++) {
        struct mia__sled_extent e = *mia__sled_row_at(row, i);
        struct mia__sled_extent *last = kept > 0 ? mia__sled_row_at(row, kept - 1) : NULL;
        if (last != NULL && last->page != 0 && compare(row, &last->end, &e.from) > 0 &&
            compare(row, &last->to, &e.from) == 0 &&
            (e.page == 0 || mia__sled_salvage_age(&s->state, last->page) >
                                mia__sled_salvage_age(&s->state, e.page))) {
            struct mia__sled_bound reached = compare(row, &last->end, &e.to) < 0 ? last->end : e.to;
            last->to = reached;
            if (compare(row, &reached, &e.to) == 0)
                continue;
            e.from = reached;
        }
        *mia__sled_row_at(row, kept++) = e;
    }
    row->extents.size = kept * sizeof(struct mia__sled_extent);
}

/* ---- telling */

static void tell_row(const struct mia__sled_salvage *s, const struct mia__sled_row *row)
{
    struct mia_loss name = {
        .loss = MIA_LOSS_NAME, .tree = mia__buf_slice(&row->name), .file = "", .detail = ""};
    if (row->is_nameless)
        mia__sled_salvage_tell(&s->state, &name);
    for (size_t i = 0; i < mia__sled_row_count(row); i++) {
        const struct mia__sled_extent *e = mia__sled_row_at(row, i);
        struct mia_loss loss = {.loss = e->page == 0 ? MIA_LOSS_KEYS : MIA_LOSS_OLDER,
                                .tree = mia__buf_slice(&row->name),
                                .from = mia__sled_bound_key(row, &e->from),
                                .to = mia__sled_bound_key(row, &e->to),
                                .is_to_end = e->to.is_none,
                                .file = "",
                                .detail = e->page == 0 ? e->reason : ""};
        if (e->page == 0 || e->is_older)
            mia__sled_salvage_tell(&s->state, &loss);
    }
}

static int by_name(const void *a, const void *b)
{
    const struct mia__sled_row *first = a, *second = b;
    return mia_slice_compare(mia__buf_slice(&first->name), mia__buf_slice(&second->name));
}

static mia_status find_trees(struct mia__sled_salvage *s, struct mia_error *err)
{
    mia_status rc;
    bool is_whole;
    s->claims.pages = s->state.store.pages.count;
    s->claims.bits = mia__alloc_zero(s->claims.pages / 8 + 1);
    if (s->claims.bits == NULL)
        return mia__fail_nomem(err);
    TRY(read_meta(s, &is_whole, err));
    TRY(read_counter(s, err));
    if (!is_whole)
        TRY(find_roots(s, err));
    TRY(mia__sled_settle_doubts(&s->state, &s->claims, &s->rows, err));
    TRY(mia__sled_place_orphans(&s->state, &s->claims, &s->rows, err));
    if (!has_name(s, mia_bytes_of(default_name)))
        TRY(add_row(s, mia_bytes_of(default_name), false, 0, err));
    size_t count = mia__sled_salvage_trees(s);
    for (size_t i = 0; i < count; i++)
        reach_over(s, &rows_of(s)[i]);
    qsort(s->rows.data, count, sizeof(struct mia__sled_row), by_name);
    for (size_t i = 0; i < count; i++)
        tell_row(s, &rows_of(s)[i]);
done:
    return rc;
}

mia_status mia__sled_salvage_open(const char *path, const struct mia__sled_salvage_options *options,
                                  struct mia__sled_salvage **out, struct mia_error *err)
{
    mia_status rc;
    struct mia__sled_salvage *s = mia__alloc_zero(sizeof *s);
    *out = NULL;
    if (s == NULL)
        return mia__fail_nomem(err);
    s->state.options = *options;
    TRY(mia__sled_salvage_recover(&s->state, path, err));
    TRY(find_trees(s, err));
    *out = s;
done:
    if (rc < 0)
        mia__sled_salvage_close(s);
    return rc;
}

void mia__sled_salvage_close(struct mia__sled_salvage *s)
{
    if (s == NULL)
        return;
    for (size_t i = 0; i < mia__sled_salvage_trees(s); i++)
        mia__sled_row_free(&rows_of(s)[i]);
    mia__buf_free(&s->rows);
    mia__free(s->claims.bits);
    mia__sled_salvage_release(&s->state);
    mia__free(s);
}

/* ---- cursors */

struct mia__sled_salvage_cursor {
    struct mia__sled_salvage *salvage;
    const struct mia__sled_row *row;
    struct mia__sled_node leaf;
    size_t extent;        /* of the row, the next to be read */
    size_t at, count;     /* pairs of the leaf that are to be given out: [at, count) */
    struct mia__buf from; /* of a seek: keys below are left out */
};

mia_status mia__sled_salvage_cursor(struct mia__sled_salvage *s, size_t tree,
                                    struct mia__sled_salvage_cursor **out, struct mia_error *err)
{
    struct mia__sled_salvage_cursor *c = mia__alloc_zero(sizeof *c);
    *out = c;
    if (c == NULL)
        return mia__fail_nomem(err);
    c->salvage = s;
    c->row = &rows_of(s)[tree];
    mia__sled_node_begin(&c->leaf, &s->state.store);
    return MIA_OK;
}

void mia__sled_salvage_cursor_close(struct mia__sled_salvage_cursor *c)
{
    if (c == NULL)
        return;
    mia__sled_node_free(&c->leaf);
    mia__buf_free(&c->from);
    mia__free(c);
}

mia_status mia__sled_salvage_seek(struct mia__sled_salvage_cursor *c, mia_slice key,
                                  struct mia_error *err)
{
    size_t low = 0, high = mia__sled_row_count(c->row);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct mia__sled_bound *to = &mia__sled_row_at(c->row, middle)->to;
        if (!to->is_none && mia_slice_compare(mia__sled_bound_key(c->row, to), key) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    c->extent = low;
    c->at = c->count = 0;
    return mia__buf_set(&c->from, key, err);
}

static mia_status load_extent(struct mia__sled_salvage_cursor *c, struct mia_error *err)
{
    const struct mia__sled_extent *e = mia__sled_row_at(c->row, c->extent++);
    if (e->page == 0)
        return MIA_OK;
    mia_status rc = mia__sled_node_load(&c->leaf, e->page, err);
    if (rc < 0)
        return rc;
    mia_slice from = mia__sled_bound_key(c->row, &e->from);
    if (mia_slice_compare(from, mia__buf_slice(&c->from)) < 0)
        from = mia__buf_slice(&c->from);
    c->at = mia__sled_node_below(&c->leaf, from);
    c->count = e->to.is_none ? c->leaf.count
                             : mia__sled_node_below(&c->leaf, mia__sled_bound_key(c->row, &e->to));
    if (c->at > c->count)
        c->at = c->count;
    return MIA_OK;
}

mia_status mia__sled_salvage_next(struct mia__sled_salvage_cursor *c, struct mia_pair *pairs,
                                  size_t max, size_t *n, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    *n = 0;
    while (c->at == c->count) {
        if (c->extent == mia__sled_row_count(c->row))
            return MIA_NOTFOUND;
        TRY(load_extent(c, err));
    }
    *n = c->count - c->at < max ? c->count - c->at : max;
    memcpy(pairs, c->leaf.pairs + c->at, *n * sizeof *pairs);
    c->at += *n;
done:
    return rc;
}
