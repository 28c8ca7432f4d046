/*
 * store/search.c - the nearest embeddings
 *
 * What counts is compared one by one by vector/exact.h, whose keys are here addresses: of the
 * record in the map, or of a copy of its id where records are only copied for a moment. A graph
 * only says which records are worth that, so whatever it says, distances are right and nothing is
 * found that the snapshot does not have.
 */
#include "mia/search.h"
#include "base/error.h"
#include "base/options.h"
#include "base/try.h"
#include "index/spaces.h"
#include "store/store.h"
#include "store/vectors.h"
#include "vector/exact.h"

#include <stdio.h>
#include <stdlib.h>

struct search {
    struct mia__session *session;
    struct mia__index_reader reader;
    struct mia_search_options opt;
    mia_floats query;
    size_t k;
    struct mia__exact exact;
    bool has_index;           /* and it is asked */
    bool is_copied;           /* keys are addresses of struct mia_str */
    struct mia__space *space; /* that is being searched */
    struct mia_error *err;
};

/* ---- keys */

static mia_str id_of(const struct search *s, uint64_t key)
{
    const void *at = (const void *)(uintptr_t)key;
    mia_view view = {at, MIA_KIND_EMBEDDING};
    if (!s->is_copied)
        return mia_embedding_id(view);
    return *(const mia_str *)at;
}

static int by_id(void *ctx, uint64_t a, uint64_t b)
{
    mia_str x = id_of(ctx, a), y = id_of(ctx, b);
    return mia_slice_compare((mia_slice){x.data, x.size}, (mia_slice){y.data, y.size});
}

static mia_status key_of(struct search *s, mia_view view, uint64_t *key)
{
    *key = (uint64_t)(uintptr_t)view.fields;
    if (!s->is_copied)
        return MIA_OK;
    mia_str id = mia_embedding_id(view);
    mia_str *copy = mia__arena_alloc(&s->session->arena, sizeof *copy + id.size);
    if (copy == NULL)
        return mia__fail_nomem(s->err);
    memcpy(copy + 1, id.data, id.size);
    *copy = (mia_str){(const char *)(copy + 1), id.size};
    *key = (uint64_t)(uintptr_t)copy;
    return MIA_OK;
}

/* ---- one by one */

static bool is_wanted(const struct search *s, mia_view view)
{
    mia_str model = mia_embedding_model(view), wanted = s->opt.model;
    if (mia_embedding_vector(view).count != s->query.count)
        return false;
    if (wanted.data != NULL && (model.size != wanted.size ||
                                (wanted.size > 0 && memcmp(model.data, wanted.data, wanted.size))))
        return false;
    return s->opt.filter == NULL || s->opt.filter(s->opt.filter_ctx, mia_embedding_id(view));
}

static mia_status offer(struct search *s, mia_view view)
{
    uint64_t key;
    if (!is_wanted(s, view))
        return MIA_OK;
    mia_status rc = key_of(s, view, &key);
    return rc < 0 ? rc : mia__exact_offer(&s->exact, key, mia_embedding_vector(view), s->err);
}

/* One that is gone, or damaged, is not found. */
static mia_status offer_id(struct search *s, mia_str id)
{
    mia_view view;
    struct mia_error why;
    mia_status rc = mia_get(s->session->txn, MIA_TABLE_EMBEDDINGS, id, &view, &why);
    if (rc == MIA_OK)
        return offer(s, view);
    if (rc == MIA_NOTFOUND || rc == MIA_ERR_SERIALIZATION)
        return MIA_OK;
    return mia__fail(s->err, rc, "%s", why.message);
}

static int order_of_texts(const void *a, const void *b)
{
    const mia_str *x = a, *y = b;
    return mia_slice_compare((mia_slice){x->data, x->size}, (mia_slice){y->data, y->size});
}

/* Each once, whatever the caller's list has twice, and in the order in which records lie. */
static mia_status search_candidates(struct search *s)
{
    mia_status rc = MIA_OK;
    size_t count = s->opt.candidate_count;
    mia_str *ids = mia__alloc_array(count > 0 ? count : 1, sizeof *ids);
    if (ids == NULL)
        return mia__fail_nomem(s->err);
    if (count > 0)
        memcpy(ids, s->opt.candidates, count * sizeof *ids);
    qsort(ids, count, sizeof *ids, order_of_texts);
    for (size_t i = 0; i < count; i++)
        if (ids[i].size > 0 && (i == 0 || order_of_texts(&ids[i - 1], &ids[i]) != 0))
            TRY(offer_id(s, ids[i]));
done:
    mia__free(ids);
    return rc;
}

/* Dimensions that are there, for a message: the first few. */
struct dimensions {
    size_t list[8], count;
    bool has_wanted;
};

static void note_dimension(struct dimensions *d, size_t dimension, size_t wanted)
{
    d->has_wanted = d->has_wanted || dimension == wanted;
    for (size_t i = 0; i < d->count; i++)
        if (d->list[i] == dimension)
            return;
    if (d->count < sizeof d->list / sizeof d->list[0])
        d->list[d->count++] = dimension;
}

static mia_status refuse_dimension(const struct search *s, const struct dimensions *d)
{
    char text[160] = "";
    for (size_t i = 0; i < d->count; i++) {
        size_t used = strlen(text);
        snprintf(text + used, sizeof text - used, "%s%zu", i > 0 ? ", " : "", d->list[i]);
    }
    return mia__fail(s->err, MIA_ERR_INVALID,
                     "%s: a query of %zu floats, but the vectors here have %s",
                     mia_db_path(s->session->store->db), s->query.count, text);
}

/* d may be NULL. */
static mia_status search_table(struct search *s, struct dimensions *d)
{
    mia_status rc;
    mia_scan *scan = NULL;
    mia_str id;
    mia_view view;
    struct mia_error why;
    TRY(mia_scan_open(s->session->txn, MIA_TABLE_EMBEDDINGS, (mia_str){0}, &scan, s->err));
    while ((rc = mia_scan_next(scan, &id, &view, &why)) != MIA_NOTFOUND) {
        if (rc == MIA_ERR_SERIALIZATION)
            continue;
        if (rc < 0) {
            rc = mia__fail(s->err, rc, "%s", why.message);
            goto done;
        }
        if (d != NULL && mia__spaces_want(view))
            note_dimension(d, mia_embedding_vector(view).count, s->query.count);
        TRY(offer(s, view));
    }
    rc = MIA_OK;
done:
    mia_scan_close(scan);
    return rc;
}

/* ---- by spaces */

static mia_status search_keys_from(struct search *s, uint64_t from)
{
    mia_status rc;
    uint64_t key;
    mia_str id;
    struct mia__space_cursor cur = {0};
    TRY(mia__space_cursor_open(&cur, &s->reader, s->space->number, from, s->err));
    while ((rc = mia__space_cursor_next(&cur, &key, &id, s->err)) == MIA_OK)
        TRY(offer_id(s, id));
done:
    mia__space_cursor_close(&cur);
    return rc < 0 ? rc : MIA_OK;
}

/* Of the hits those are counted that the snapshot has and the caller's filter lets through; dead
 * ones are buried. The filter is asked here and not by the graph, which is locked while it is
 * walked: a filter that searches itself would wait for whoever waits to add to the graph. */
static mia_status count_alive(struct search *s, struct mia__graph *graph,
                              const struct mia__hit *hits, size_t found, size_t *alive)
{
    mia_status rc = MIA_OK;
    mia_str id;
    *alive = 0;
    for (size_t i = 0; i < found; i++) {
        TRY(mia__spaces_id(&s->reader, s->space->number, hits[i].key, &id, s->err));
        if (rc == MIA_OK)
            *alive += s->opt.filter == NULL || s->opt.filter(s->opt.filter_ctx, id);
        else if (hits[i].key < s->space->next)
            mia__vectors_bury(s->session->store->vectors, s->space, graph, hits[i].key, s->session);
    }
    rc = MIA_OK;
done:
    return rc;
}

/* What was added since `applied` was read is left to who looks at the rest: or it came twice. */
static mia_status offer_hits(struct search *s, const struct mia__hit *hits, size_t found,
                             uint64_t applied)
{
    mia_status rc = MIA_OK;
    mia_str id;
    for (size_t i = 0; i < found; i++) {
        if (hits[i].key > applied)
            continue;
        TRY(mia__spaces_id(&s->reader, s->space->number, hits[i].key, &id, s->err));
        if (rc == MIA_OK)
            TRY(offer_id(s, id));
    }
    rc = MIA_OK;
done:
    return rc;
}

/* Asks for more and more, until enough of it is alive. *enough false: all must be looked at. */
static mia_status ask_graph(struct search *s, struct mia__graph *graph, uint64_t applied,
                            bool *enough)
{
    mia_status rc = MIA_OK;
    size_t found, alive = 0;
    struct mia__hit *hits = NULL;
    *enough = false;
    for (size_t want = s->k; want <= s->space->live / 8 && !*enough; want *= 2) {
        mia__free(hits);
        hits = mia__alloc_array(want, sizeof *hits);
        if (hits == NULL) {
            rc = mia__fail_nomem(s->err);
            goto done;
        }
        struct mia__graph_query query = {
            .vector = s->query, .k = want, .width = want > s->k ? 2 * want : s->opt.ef};
        TRY(mia__graph_search(graph, &query, hits, &found, s->err));
        TRY(count_alive(s, graph, hits, found, &alive));
        *enough = alive >= s->k;
    }
    *enough = *enough && mia__vectors_is_whole(s->session->store->vectors, s->space, s->session);
    if (*enough) {
        TRY(offer_hits(s, hits, found, applied));
        rc = search_keys_from(s, applied + 1);
    }
done:
    mia__free(hits);
    return rc;
}

/* *is_done false: the graph could not tell. */
static mia_status search_graph(struct search *s, bool *is_done)
{
    struct mia__graph_stat stat;
    struct mia__vectors *vectors = s->session->store->vectors;
    *is_done = false;
    if (s->space->live <= s->session->store->few_vectors)
        return MIA_OK;
    struct mia__graph *graph = mia__vectors_hold(vectors, s->space, s->session);
    if (graph == NULL)
        return MIA_OK;
    mia__graph_stat(graph, &stat);
    mia_status rc = ask_graph(s, graph, stat.applied, is_done);
    mia__vectors_release(vectors, s->space, graph);
    if (rc == MIA_ERR_INTERNAL) { /* of the graph: there are other ways */
        *is_done = false;
        rc = MIA_OK;
    }
    return rc;
}

/* Vectors that no graph answers for: of the whole table, if most of it are these. */
static mia_status search_rest(struct search *s, struct mia__space *rest, size_t count)
{
    mia_status rc = MIA_OK;
    uint64_t wanted = 0, all = 0;
    const mia_store *store = s->session->store;
    for (size_t i = 0; i < count; i++)
        wanted += rest[i].live;
    if (wanted > 0)
        TRY(mia_kv_count(s->session->txn, store->tables[MIA_TABLE_EMBEDDINGS], NULL, &all, s->err));
    bool is_all = s->opt.model.data == NULL || count == 1;
    if (wanted > 0 && is_all && wanted >= all / 2)
        return search_table(s, NULL);
    for (size_t i = 0; i < count; i++) {
        s->space = &rest[i];
        TRY(search_keys_from(s, 1));
    }
done:
    return rc;
}

static mia_status check_dimension(struct search *s)
{
    mia_status rc;
    struct mia__buf all = {0};
    struct dimensions d = {0};
    TRY(mia__spaces_list(&s->reader, 0, (mia_str){0}, &all, s->err));
    const struct mia__space *spaces = (const void *)all.data;
    for (size_t i = 0; i < all.size / sizeof *spaces; i++)
        if (spaces[i].live > 0)
            note_dimension(&d, spaces[i].dimension, s->query.count);
    if (d.count > 0 && !d.has_wanted)
        rc = refuse_dimension(s, &d);
done:
    mia__buf_free(&all);
    return rc;
}

static mia_status search_spaces(struct search *s)
{
    mia_status rc;
    struct mia__buf list = {0};
    TRY(mia__spaces_list(&s->reader, (uint32_t)s->query.count, s->opt.model, &list, s->err));
    struct mia__space *spaces = (struct mia__space *)(void *)list.data;
    size_t count = list.size / sizeof *spaces, left = 0;
    uint64_t live = 0;
    for (size_t i = 0; i < count; i++)
        live += spaces[i].live;
    if (live == 0) {
        rc = check_dimension(s);
        goto done;
    }
    for (size_t i = 0; i < count; i++) {
        struct mia__space space = spaces[i];
        bool is_done;
        s->space = &space;
        TRY(search_graph(s, &is_done));
        if (!is_done)
            spaces[left++] = space;
    }
    /* what graphs found stays: the table is only looked through when none has been asked */
    if (left == count)
        rc = search_rest(s, spaces, left);
    for (size_t i = 0; left < count && i < left && rc >= 0; i++) {
        s->space = &spaces[i];
        rc = search_keys_from(s, 1);
    }
done:
    mia__buf_free(&list);
    return rc;
}

/* ---- */

static mia_status search_all(struct search *s)
{
    mia_status rc;
    struct dimensions d = {0};
    if (s->opt.candidates != NULL)
        return search_candidates(s);
    if (s->has_index)
        return search_spaces(s);
    TRY(search_table(s, &d));
    if (d.count > 0 && !d.has_wanted)
        rc = refuse_dimension(s, &d);
done:
    return rc;
}

static void take_hits(struct search *s, struct mia_hit *hits, size_t *found)
{
    size_t count;
    const struct mia__hit *nearest = mia__exact_end(&s->exact, &count);
    for (size_t i = 0; i < count; i++) {
        float distance = nearest[i].distance;
        if (s->opt.max_distance > 0 && distance > s->opt.max_distance)
            break;
        hits[(*found)++] = (struct mia_hit){id_of(s, nearest[i].key), distance, 1 - distance};
    }
}

mia_status mia_search(mia_txn *txn, const float *query, size_t dimension, size_t k,
                      const struct mia_search_options *opt, struct mia_hit *hits, size_t *found,
                      struct mia_error *err)
{
    mia_status rc;
    struct search s = {.k = k, .err = err};
    uint64_t started = 0;
    *found = 0;
    TRY(mia__options_read(&s.opt, sizeof s.opt, opt, "mia_search_options", err));
    TRY(mia__session_of(txn, &s.session, err));
    started = mia__observe_start(s.session);
    s.is_copied = s.session->store->format == MIA_VALUE_BINCODE;
    /* MIA's own indexes know nothing of vectors */
    s.has_index = !s.is_copied && !s.opt.exact && s.opt.candidates == NULL;
    if (s.has_index)
        TRY(mia__store_index(s.session, &s.reader, err));
    s.query = (mia_floats){(const uint8_t *)query, dimension};
    TRY(mia__exact_begin(&s.exact, s.query, k, by_id, &s, err));
    if (k > 0)
        TRY(search_all(&s));
    take_hits(&s, hits, found);
done:
    mia__exact_free(&s.exact);
    mia__observe(s.session, &(struct mia_store_event){.call = MIA_STORE_SEARCH,
                                                      .table = MIA_TABLE_EMBEDDINGS,
                                                      .value = {query, dimension * sizeof *query},
                                                      .items = k,
                                                      .status = rc,
                                                      .started_ns = started});
    return rc < 0 ? rc : MIA_OK;
}
