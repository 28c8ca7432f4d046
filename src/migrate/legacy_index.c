/* migrate/legacy_index.c - terms of records, sorted, gathered into sets */
#include "migrate/legacy_index.h"

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/sort.h"
#include "base/try.h"
#include "bincode/write.h"
#include "mia/view.h"
#include "rkyv/record.h"
#include "rkyv/transcode.h"

#include <stdlib.h>

enum { SORT_MEMORY = 32 << 20 };

struct mia__legacy_index {
    char *folders[2];
    struct mia__sort *graph, *structural;
    struct mia__transcoder transcoder;
    struct mia__buf archive, key;
    /* The set that is being gathered, and the entry behind it, which was read ahead. */
    struct mia__buf set_key, members, value;
    mia_slice *sorted;
    size_t capacity;
    struct mia_pair ahead;
    uint32_t ahead_tree;
    bool has_ahead;
};

static mia_status open_sort(struct mia__legacy_index *ix, const char *directory, int number,
                            struct mia__sort **sort, struct mia_error *err)
{
    mia_status rc;
    ix->folders[number] = mia__path_join(directory, number == 0 ? "graph" : "structural");
    if (ix->folders[number] == NULL)
        return mia__fail_nomem(err);
    TRY(mia__dir_create(ix->folders[number], err));
    rc = mia__sort_open(ix->folders[number], SORT_MEMORY, sort, err);
done:
    return rc;
}

mia_status mia__legacy_index_open(const char *directory, struct mia__legacy_index **out,
                                  struct mia_error *err)
{
    mia_status rc;
    struct mia__legacy_index *ix = mia__alloc_zero(sizeof *ix);
    *out = NULL;
    if (ix == NULL)
        return mia__fail_nomem(err);
    TRY(open_sort(ix, directory, 0, &ix->graph, err));
    TRY(open_sort(ix, directory, 1, &ix->structural, err));
done:
    if (rc == MIA_OK)
        *out = ix;
    else
        mia__legacy_index_close(ix);
    return rc;
}

void mia__legacy_index_close(struct mia__legacy_index *ix)
{
    if (ix == NULL)
        return;
    mia__sort_close(ix->graph);
    mia__sort_close(ix->structural);
    for (size_t i = 0; i < 2; i++)
        mia__free(ix->folders[i]);
    mia__transcoder_free(&ix->transcoder);
    mia__buf_free(&ix->archive);
    mia__buf_free(&ix->key);
    mia__buf_free(&ix->set_key);
    mia__buf_free(&ix->members);
    mia__buf_free(&ix->value);
    mia__free(ix->sorted);
    mia__free(ix);
}

static mia_status append(struct mia__buf *to, mia_str text, struct mia_error *err)
{
    return mia__buf_append(to, text.data, text.size, err);
}

static mia_status add_edge(struct mia__legacy_index *ix, enum mia__derived tree, mia_str node,
                           mia_str edge, struct mia_error *err)
{
    mia_status rc;
    ix->key.size = 0;
    TRY(append(&ix->key, MIA_STR("in:"), err));
    TRY(append(&ix->key, node, err));
    rc = mia__sort_add(ix->graph, tree, mia__buf_slice(&ix->key), (mia_slice){edge.data, edge.size},
                       err);
done:
    return rc;
}

static mia_status add_term(struct mia__legacy_index *ix, const char *property, mia_str value,
                           mia_str node, struct mia_error *err)
{
    mia_status rc;
    ix->key.size = 0;
    TRY(append(&ix->key, MIA_STR("prop:"), err));
    TRY(append(&ix->key, mia_str_of(property), err));
    TRY(append(&ix->key, MIA_STR(":"), err));
    TRY(append(&ix->key, value, err));
    rc = mia__sort_add(ix->structural, MIA__DERIVED_STRUCTURAL, mia__buf_slice(&ix->key),
                       (mia_slice){node.data, node.size}, err);
done:
    return rc;
}

static mia_status add_node(struct mia__legacy_index *ix, const struct mia__archive *node,
                           struct mia_error *err)
{
    mia_status rc;
    mia_str id = mia_archived_str(node->fields);
    TRY(add_term(ix, "node_type", mia_str_of(node->type->variant), id, err));
    for (const struct mia__property *p = node->type->properties; p->name != NULL; p++)
        TRY(add_term(ix, p->name, mia_archived_str(node->fields + p->archived), id, err));
done:
    return rc;
}

mia_status mia__legacy_index_add(struct mia__legacy_index *ix, enum mia__table table,
                                 mia_slice value, struct mia_error *err)
{
    mia_status rc;
    struct mia__transcoded ignored;
    ix->archive.size = 0;
    if (table == MIA__TABLE_EMBEDDINGS)
        return MIA_OK;
    rc = mia__transcode(&ix->transcoder, table, value, &ix->archive, &ignored, err);
    if (rc == MIA_ERR_SERIALIZATION)
        return MIA_OK;
    TRY(rc);
    struct mia__archive record = mia__archive_open(table, mia__buf_slice(&ix->archive));
    if (table == MIA__TABLE_NODES)
        return add_node(ix, &record, err);
    mia_view edge = {record.fields, MIA_KIND_EDGE};
    TRY(add_edge(ix, MIA__DERIVED_INCOMING, mia_edge_to_node(edge), mia_edge_id(edge), err));
    rc = add_edge(ix, MIA__DERIVED_OUTGOING, mia_edge_from_node(edge), mia_edge_id(edge), err);
done:
    return rc;
}

static mia_status read_ahead(struct mia__legacy_index *ix, struct mia__sort *sort,
                             struct mia_error *err)
{
    mia_status rc = mia__sort_next(sort, &ix->ahead_tree, &ix->ahead, err);
    ix->has_ahead = rc == MIA_OK;
    return rc < 0 ? rc : MIA_OK;
}

/* Gathers the members of the next key, one behind the other: u32 size, bytes. */
static mia_status gather(struct mia__legacy_index *ix, struct mia__sort *sort, size_t *count,
                         struct mia_error *err)
{
    mia_status rc;
    uint32_t tree = ix->ahead_tree;
    ix->members.size = 0;
    *count = 0;
    TRY(mia__buf_set(&ix->set_key, ix->ahead.key, err));
    while (ix->has_ahead && ix->ahead_tree == tree &&
           mia_slice_equal(ix->ahead.key, mia__buf_slice(&ix->set_key))) {
        uint32_t size = (uint32_t)ix->ahead.value.size;
        TRY(mia__buf_append(&ix->members, &size, sizeof size, err));
        TRY(mia__buf_append(&ix->members, ix->ahead.value.data, size, err));
        ++*count;
        TRY(read_ahead(ix, sort, err));
    }
    rc = MIA_OK;
done:
    return rc;
}

static int by_bytes(const void *a, const void *b)
{
    return mia_slice_compare(*(const mia_slice *)a, *(const mia_slice *)b);
}

/* Sorted, each once. */
static mia_status sort_members(struct mia__legacy_index *ix, size_t *count, struct mia_error *err)
{
    size_t at = 0, kept = 0;
    if (*count > ix->capacity) {
        mia_slice *more = mia__realloc(ix->sorted, 2 * *count * sizeof *more);
        if (more == NULL)
            return mia__fail_nomem(err);
        ix->sorted = more;
        ix->capacity = 2 * *count;
    }
    for (size_t i = 0; i < *count; i++) {
        uint32_t size;
        memcpy(&size, ix->members.data + at, sizeof size);
        ix->sorted[i] = (mia_slice){ix->members.data + at + sizeof size, size};
        at += sizeof size + size;
    }
    qsort(ix->sorted, *count, sizeof *ix->sorted, by_bytes);
    for (size_t i = 0; i < *count; i++)
        if (i == 0 || by_bytes(&ix->sorted[i], &ix->sorted[kept - 1]) != 0)
            ix->sorted[kept++] = ix->sorted[i];
    *count = kept;
    return MIA_OK;
}

mia_status mia__legacy_index_next(struct mia__legacy_index *ix, enum mia__derived tree,
                                  struct mia_pair *pair, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    size_t count;
    struct mia__sort *sort = tree == MIA__DERIVED_STRUCTURAL ? ix->structural : ix->graph;
    if (!ix->has_ahead)
        TRY(read_ahead(ix, sort, err));
    if (!ix->has_ahead || ix->ahead_tree != (uint32_t)tree)
        return MIA_NOTFOUND;
    TRY(gather(ix, sort, &count, err));
    TRY(sort_members(ix, &count, err));
    ix->value.size = 0;
    struct mia__bincode_writer w = mia__bincode_begin(&ix->value, err);
    mia__bincode_write_u64(&w, count);
    for (size_t i = 0; i < count; i++)
        mia__bincode_write_str(&w, ix->sorted[i]);
    rc = w.status;
    *pair = (struct mia_pair){mia__buf_slice(&ix->set_key), mia__buf_slice(&ix->value)};
done:
    return rc;
}
