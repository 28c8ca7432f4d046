/*
 * migrate/plan_size.c - pages that fill
 *
 * libmdbx 0.13 (mdbx.c): a page has a header of 20 bytes and for each node an offset of 2; a node
 * has 8 bytes before key and value, and even size. A value that makes a node of more than half a
 * page is on pages of its own, with a header of 20 bytes, and the node has their number, 4 bytes.
 * A page that a pair does not fit into any more is left as it is while pairs are appended.
 */
#include "migrate/plan_size.h"

#include "index/fit.h"
#include "index/spaces.h"
#include "index/terms.h"
#include "migrate/scan.h"
#include "raw/raw.h"

enum {
    HEADER = 20,
    OFFSET = 2,
    NODE = 8,
    PAGE_NUMBER = 4,
    TREE = 48,        /* what the table of the tables has of a table */
    TIME = 8,         /* of a node's entry */
    VECTOR = 12,      /* space and key of an embedding */
    OWN_PAGES = 32,   /* the meta pages, our own tables, what commits leave behind */
    FULL_PERCENT = 90 /* of pages that entries are appended to */
};

static uint64_t even(uint64_t size)
{
    return (size + 1) & ~UINT64_C(1);
}

static uint64_t room(uint32_t page_size)
{
    return page_size - HEADER;
}

/* A node into the last page of a level; a page that is new is known to the level above. */
static void add_node(struct mia__table_size *t, size_t level, uint64_t node, size_t key_size)
{
    for (; level < MIA__PAGES_DEEPEST; level++) {
        uint64_t *used = &t->used[level];
        if (*used > 0 && *used + node + OFFSET <= room(t->page_size)) {
            *used += node + OFFSET;
            return;
        }
        bool is_first = *used == 0;
        *used = node + OFFSET;
        t->pages++;
        if (is_first)
            return;
        if (level + 1 < MIA__PAGES_DEEPEST && t->used[level + 1] == 0) {
            t->used[level + 1] = NODE + OFFSET; /* the first child, without a key */
            t->pages++;
        }
        node = even(NODE + key_size);
    }
}

void mia__table_add(struct mia__table_size *t, size_t key_size, size_t value_size)
{
    uint64_t node = even(NODE + key_size + (uint64_t)value_size);
    uint64_t most = (room(t->page_size) / 2 & ~UINT64_C(1)) - OFFSET;
    if (node > most) {
        t->pages += (HEADER - 1 + (uint64_t)value_size) / t->page_size + 1;
        node = even(NODE + key_size + PAGE_NUMBER);
    }
    add_node(t, 0, node, key_size);
}

/* ---- indexes */

static size_t fitted(size_t size, size_t most)
{
    return size < most ? size : most;
}

static void add_entry(struct mia__index_size *s, size_t value_size)
{
    s->entries++;
    s->entry_bytes += value_size;
}

void mia__index_size_add(struct mia__index_size *s, mia_view record)
{
    struct mia__term terms[MIA__TERMS_MOST];
    size_t id = fitted(mia_view_id(record).size, MIA__FIT_ID);
    switch (mia_table_of(record.kind)) {
    case MIA_TABLE_NODES:
        for (size_t n = mia__terms_of(record, terms); n > 0; n--)
            add_entry(s, TIME + id);
        break;
    case MIA_TABLE_EDGES: {
        size_t type = fitted(mia_edge_edge_type(record).size, MIA__FIT_TYPE);
        size_t from = fitted(mia_edge_from_node(record).size, MIA__FIT_ID);
        size_t to = fitted(mia_edge_to_node(record).size, MIA__FIT_ID);
        add_entry(s, type + 1 + to + 1 + id);
        add_entry(s, type + 1 + from + 1 + id);
        break;
    }
    case MIA_TABLE_EMBEDDINGS:
        if (mia__spaces_want(record)) {
            s->vectors++;
            s->vector_bytes += 2 * (NODE + OFFSET + VECTOR + id);
        }
        break;
    }
}

/* Entries are sorted and appended. Those of a key that has few lie in a page inside its node. */
uint64_t mia__index_bytes(const struct mia__index_size *s, uint32_t page_size)
{
    uint64_t bytes = s->entry_bytes + s->entries * (NODE + OFFSET) + s->key_bytes +
                     s->keys * (NODE + OFFSET + HEADER) + s->vector_bytes;
    return bytes == 0 ? 0 : bytes * 100 / FULL_PERCENT + UINT64_C(8) * page_size;
}

/* ---- a database */

void mia__database_size_begin(struct mia__database_size *d, uint32_t page_size)
{
    memset(d, 0, sizeof *d);
    d->page_size = page_size;
    d->key_limit = mia__key_limit(page_size);
    d->table.page_size = d->layers.page_size = d->names.page_size = page_size;
}

void mia__database_size_free(struct mia__database_size *d)
{
    mia__buf_free(&d->last_long);
}

void mia__database_size_table(struct mia__database_size *d, size_t name_size)
{
    d->pages += d->table.pages;
    d->table = (struct mia__table_size){.page_size = d->page_size};
    d->last_long.size = 0;
    mia__table_add(&d->names, name_size, TREE);
}

static size_t common_prefix(mia_slice a, mia_slice b)
{
    const uint8_t *x = a.data, *y = b.data;
    size_t n = 0;
    while (n < a.size && n < b.size && x[n] == y[n])
        n++;
    return n;
}

/* Pointers from layer to layer, those that the long key before has made already left out. */
static mia_status add_long(struct mia__database_size *d, mia_slice key, size_t value_size,
                           struct mia_error *err)
{
    size_t stored = d->key_limit - MIA__RAW_ID_SIZE, at = d->key_limit;
    size_t known = common_prefix(key, mia__buf_slice(&d->last_long));
    if (known < at)
        mia__table_add(&d->table, d->key_limit, MIA__RAW_ID_SIZE);
    for (; key.size - at >= stored; at += stored)
        if (known < at + stored)
            mia__table_add(&d->layers, d->key_limit, MIA__RAW_ID_SIZE);
    mia__table_add(&d->layers, MIA__RAW_ID_SIZE + key.size - at, value_size);
    return mia__buf_set(&d->last_long, key, err);
}

mia_status mia__database_size_add(struct mia__database_size *d, mia_slice key, size_t value_size,
                                  struct mia_error *err)
{
    if (key.size >= d->key_limit)
        return add_long(d, key, value_size, err);
    mia__table_add(&d->table, key.size, value_size);
    return MIA_OK;
}

uint64_t mia__database_bytes(const struct mia__database_size *d)
{
    uint64_t pages = d->pages + d->table.pages + d->layers.pages + d->names.pages + OWN_PAGES;
    return pages * d->page_size;
}

uint64_t mia__database_table_bytes(const struct mia__database_size *d)
{
    return d->table.pages * d->page_size;
}
