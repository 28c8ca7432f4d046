/*
 * migrate/sample_index.c - pairs, and the sets of MIA's index trees
 *
 * An entry of an index tree is a set of ids, bincode of HashSet<String>: a count and the members in
 * any order. Keys are prop:{property}:{value} in structural_index, and in:{node id} in both graph
 * trees: MIA derives the prefix from the end of the tree's name and never finds "_out" there.
 */
#include "base/bytes.h"
#include "base/error.h"
#include "migrate/sample.h"

#include <stdio.h>
#include <stdlib.h>

const char *mia__sample_tree_name(enum mia__sample_tree tree)
{
    static const char *const names[MIA__SAMPLE_TREES] = {
        [MIA__SAMPLE_NODES] = "nodes",
        [MIA__SAMPLE_EDGES] = "edges",
        [MIA__SAMPLE_EMBEDDINGS] = "embeddings",
        [MIA__SAMPLE_STRUCTURAL] = "structural_index",
        [MIA__SAMPLE_OUTGOING] = "graph_outgoing",
        [MIA__SAMPLE_INCOMING] = "graph_incoming",
    };
    return names[tree];
}

void mia__sample_init(struct mia__sample *s, uint64_t seed, struct mia_error *err)
{
    memset(s, 0, sizeof *s);
    s->seed = seed;
    s->err = err;
}

void mia__sample_free(struct mia__sample *s)
{
    for (size_t i = 0; i < MIA__SAMPLE_TREES; i++)
        mia__buf_free(&s->pairs[i].bytes);
    for (size_t i = 0; i < MIA__SAMPLE_SETS; i++)
        mia__buf_free(&s->sets[i].members);
}

struct mia__sample_pair mia__sample_begin(struct mia__sample *s, enum mia__sample_tree tree,
                                          const char *key)
{
    struct mia__buf *to = &s->pairs[tree].bytes;
    struct mia__sample_pair pair = {.to = &s->pairs[tree], .header = to->size};
    uint8_t sizes[8] = {0};
    size_t key_size = strlen(key);
    mia__store_u32le(sizes, (uint32_t)key_size);
    if (s->status == MIA_OK)
        s->status = mia__buf_append(to, sizes, sizeof sizes, s->err);
    if (s->status == MIA_OK)
        s->status = mia__buf_append(to, key, key_size, s->err);
    pair.value = mia__bincode_begin(to, s->err);
    pair.value.status = s->status;
    return pair;
}

void mia__sample_end(struct mia__sample *s, struct mia__sample_pair *pair)
{
    s->status = pair->value.status;
    if (s->status != MIA_OK)
        return;
    struct mia__buf *to = &pair->to->bytes;
    mia__store_u32le(to->data + pair->header + 4, (uint32_t)(to->size - pair->value.begin));
    pair->to->count++;
    s->records++;
}

static struct mia__sample_set *find_set(struct mia__sample *s, const char *key)
{
    for (size_t i = 0; i < s->set_count; i++)
        if (strcmp(s->sets[i].key, key) == 0)
            return &s->sets[i];
    if (s->set_count == MIA__SAMPLE_SETS) {
        s->status = mia__fail(s->err, MIA_ERR_INTERNAL,
                              "the sample has more shared sets than MIA__SAMPLE_SETS");
        return NULL;
    }
    struct mia__sample_set *set = &s->sets[s->set_count++];
    snprintf(set->key, sizeof set->key, "%s", key);
    s->records++;
    return set;
}

void mia__sample_share(struct mia__sample *s, const char *property, const char *value,
                       const char *id)
{
    if (s->status != MIA_OK)
        return;
    char key[MIA__SAMPLE_KEY];
    snprintf(key, sizeof key, "prop:%s:%s", property, value);
    struct mia__sample_set *set = find_set(s, key);
    if (set == NULL)
        return;
    struct mia__bincode_writer w = mia__bincode_begin(&set->members, s->err);
    mia__bincode_write_str(&w, mia_bytes_of(id));
    s->status = w.status;
    set->count++;
}

void mia__sample_add_sets(struct mia__sample *s)
{
    for (size_t i = 0; i < s->set_count && s->status == MIA_OK; i++) {
        const struct mia__sample_set *set = &s->sets[i];
        s->records--; /* it was counted when its first member came */
        struct mia__sample_pair pair = mia__sample_begin(s, MIA__SAMPLE_STRUCTURAL, set->key);
        mia__bincode_write_u64(&pair.value, set->count);
        mia__bincode_write_bytes(&pair.value, set->members.data, set->members.size);
        mia__sample_end(s, &pair);
    }
}

void mia__sample_post(struct mia__sample *s, enum mia__sample_tree tree, const char *property,
                      const char *value, const char *id)
{
    if (s->status != MIA_OK)
        return;
    if (s->posting_count == MIA__SAMPLE_POSTINGS) {
        s->status = mia__fail(s->err, MIA_ERR_INTERNAL,
                              "a block of the sample has more than MIA__SAMPLE_POSTINGS postings");
        return;
    }
    struct mia__sample_posting *p = &s->postings[s->posting_count];
    p->tree = tree;
    p->order = s->posting_count++;
    snprintf(p->key, sizeof p->key, "%s%s%s%s",
             property == NULL ? "in" : "prop:", property == NULL ? "" : property, ":", value);
    snprintf(p->member, sizeof p->member, "%s", id);
}

static int compare_postings(const void *left, const void *right)
{
    const struct mia__sample_posting *a = left, *b = right;
    if (a->tree != b->tree)
        return a->tree < b->tree ? -1 : 1;
    int order = strcmp(a->key, b->key);
    return order != 0 ? order : (a->order > b->order) - (a->order < b->order);
}

void mia__sample_write_postings(struct mia__sample *s)
{
    qsort(s->postings, s->posting_count, sizeof s->postings[0], compare_postings);
    for (size_t first = 0, end; first < s->posting_count && s->status == MIA_OK; first = end) {
        const struct mia__sample_posting *p = &s->postings[first];
        for (end = first + 1; end < s->posting_count; end++)
            if (s->postings[end].tree != p->tree || strcmp(s->postings[end].key, p->key) != 0)
                break;
        struct mia__sample_pair pair = mia__sample_begin(s, p->tree, p->key);
        mia__bincode_write_u64(&pair.value, end - first);
        for (size_t i = first; i < end; i++)
            mia__bincode_write_str(&pair.value, mia_bytes_of(s->postings[i].member));
        mia__sample_end(s, &pair);
    }
    s->posting_count = 0;
}
