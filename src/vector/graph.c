/* vector/graph.c - usearch's graph, with locks, room ahead and the buried points around it */
#include "vector/graph.h"

#include "mia_native.h"

#include "base/error.h"
#include "base/try.h"
#include "vector/cosine.h"
#include "vector/keyset.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>

enum {
    FIRST_POINTS = 1024, /* of room */
    CHUNK = 16,          /* points that are added while searches wait: some milliseconds */
};
#define MOST_POINTS UINT32_MAX /* usearch numbers points in 32 bits */

/* Searches share `lock`, whatever changes the graph has it alone. `changer` is held around a whole
 * change, of which `lock` sees the chunks, and around save: who waits for save there does not keep
 * searches out of `lock`. `places` has one unit for each search that usearch keeps
 * working memory for. */
struct mia__graph {
    struct mia__graph_shape shape;
    pthread_mutex_t changer;
    pthread_rwlock_t lock;
    sem_t places;
    void *ann;
    float *aligned; /* a vector on its way into the graph */
    struct mia__keyset buried;
    uint64_t applied, room;
    bool is_broken; /* the library failed half-way */
};

// ---------------------------------------------------------------- making one

static mia_status check_shape(struct mia__graph_shape *shape, struct mia_error *err)
{
    if (shape->dimension == 0 || shape->dimension > MIA__GRAPH_DIMENSION)
        return mia__fail(err, MIA_ERR_INVALID,
                         "a graph of %" PRIu32 " dimensions: 1 to %d are possible",
                         shape->dimension, MIA__GRAPH_DIMENSION);
    if (shape->neighbours == 0)
        shape->neighbours = MIA__GRAPH_NEIGHBOURS;
    if (shape->width_add == 0)
        shape->width_add = MIA__GRAPH_WIDTH_ADD;
    if (shape->most_points == 0 || shape->most_points > MOST_POINTS)
        shape->most_points = MOST_POINTS;
    return MIA_OK;
}

/* Adders go before searches that come later, or a steady stream of searches would keep them out. */
static int make_lock(pthread_rwlock_t *lock)
{
    pthread_rwlockattr_t attributes;
    int failed = pthread_rwlockattr_init(&attributes);
    if (failed)
        return failed;
#ifdef __GLIBC__
    pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
#endif
    failed = pthread_rwlock_init(lock, &attributes);
    pthread_rwlockattr_destroy(&attributes);
    return failed;
}

static mia_status make_locks(struct mia__graph *graph, struct mia_error *err)
{
    int failed = pthread_mutex_init(&graph->changer, NULL);
    if (failed)
        return mia__fail_errno(err, failed, "cannot make a lock");
    if ((failed = make_lock(&graph->lock)) != 0) {
        pthread_mutex_destroy(&graph->changer);
        return mia__fail_errno(err, failed, "cannot make a lock");
    }
    sem_init(&graph->places, 0, MIA__GRAPH_SEARCHES); /* fails only above SEM_VALUE_MAX */
    return MIA_OK;
}

/* A graph without room. */
static mia_status make(const struct mia__graph_shape *wanted, struct mia__graph **out,
                       struct mia_error *err)
{
    *out = NULL;
    struct mia__graph_shape shape = *wanted;
    mia_status rc = check_shape(&shape, err);
    if (rc < 0)
        return rc;
    struct mia__graph *graph = mia__alloc_zero(sizeof *graph);
    if (graph == NULL)
        return mia__fail_nomem(err);
    if ((rc = make_locks(graph, err)) < 0) {
        mia__free(graph);
        return rc;
    }
    graph->shape = shape;
    graph->aligned = mia__alloc_array(shape.dimension, sizeof *graph->aligned);
    if (graph->aligned == NULL)
        rc = mia__fail_nomem(err);
    else
        rc = mia_ann_create(shape.dimension, shape.neighbours, shape.width_add, MIA__GRAPH_SEARCHES,
                            &graph->ann, err);
    if (rc < 0) {
        mia__graph_free(graph);
        return rc;
    }
    *out = graph;
    return MIA_OK;
}

static mia_status make_room(struct mia__graph *graph, uint64_t points, struct mia_error *err)
{
    mia_status rc = mia_ann_reserve(graph->ann, (size_t)points, err);
    if (rc == MIA_OK)
        graph->room = points;
    return rc;
}

mia_status mia__graph_create(const struct mia__graph_shape *shape, struct mia__graph **out,
                             struct mia_error *err)
{
    mia_status rc = make(shape, out, err);
    if (rc < 0)
        return rc;
    uint64_t most = (*out)->shape.most_points;
    rc = make_room(*out, most < FIRST_POINTS ? most : FIRST_POINTS, err);
    if (rc < 0) {
        mia__graph_free(*out);
        *out = NULL;
    }
    return rc;
}

void mia__graph_free(struct mia__graph *graph)
{
    if (graph == NULL)
        return;
    if (graph->ann != NULL)
        mia_ann_free(graph->ann);
    sem_destroy(&graph->places);
    pthread_rwlock_destroy(&graph->lock);
    pthread_mutex_destroy(&graph->changer);
    mia__keyset_free(&graph->buried);
    mia__free(graph->aligned);
    mia__free(graph);
}

static uint64_t in_lines(uint64_t bytes)
{
    return (bytes + 63) / 64 * 64;
}

/* The vector; the node: key, level, 2 M links at the bottom, M at each level above, where a point
 * in M is; both begin a cache line. The rest, measured, is their addresses, and the table from keys
 * to points, which doubles. */
uint64_t mia__graph_point_bytes(const struct mia__graph_shape *shape)
{
    uint64_t m = shape->neighbours != 0 ? shape->neighbours : MIA__GRAPH_NEIGHBOURS;
    uint64_t above = m > 1 ? (4 + 4 * m) / (m - 1) : 4 + 4 * m;
    return in_lines(4 * (uint64_t)shape->dimension) + in_lines(8 + 2 + 4 + 8 * m + above) + 200;
}

uint32_t mia__graph_library(void)
{
    return mia_ann_version();
}

// ---------------------------------------------------------------- changing it

static mia_status check_whole(const struct mia__graph *graph, struct mia_error *err)
{
    if (!graph->is_broken)
        return MIA_OK;
    return mia__fail(err, MIA_ERR_INTERNAL,
                     "this vector graph is unusable since the library failed: make it anew");
}

static mia_status check_point(const struct mia__graph *graph, const struct mia__graph_point *point,
                              struct mia_error *err)
{
    if (point->vector.count != graph->shape.dimension)
        return mia__fail(err, MIA_ERR_INVALID,
                         "vector key %" PRIu64 ": %zu floats for a graph of %" PRIu32 " dimensions",
                         point->key, point->vector.count, graph->shape.dimension);
    if (point->key <= graph->applied || point->key == UINT64_MAX)
        return mia__fail(err, MIA_ERR_INVALID,
                         "vector key %" PRIu64 " does not come behind %" PRIu64
                         ", the last one in the graph",
                         point->key, graph->applied);
    return MIA_OK;
}

/* Doubles the room when it is used up, up to the limit. */
static mia_status make_room_for_one(struct mia__graph *graph, struct mia_error *err)
{
    uint64_t points = mia_ann_size(graph->ann);
    if (points < graph->room)
        return MIA_OK;
    if (points >= graph->shape.most_points)
        return mia__fail(err, MIA_ERR_FULL,
                         "the vector graph has the %" PRIu64 " points that it may have", points);
    uint64_t room = 2 * graph->room;
    mia_status rc =
        make_room(graph, room < graph->shape.most_points ? room : graph->shape.most_points, err);
    graph->is_broken = rc < 0;
    return rc;
}

static void advance(struct mia__graph *graph, uint64_t key)
{
    if (key > graph->applied)
        graph->applied = key;
}

static mia_status add_one(struct mia__graph *graph, const struct mia__graph_point *point,
                          size_t *skipped, struct mia_error *err)
{
    mia_status rc = check_point(graph, point, err);
    if (rc < 0)
        return rc;
    if (!mia__has_direction(mia__square(point->vector))) {
        *skipped += 1;
    } else {
        if ((rc = make_room_for_one(graph, err)) < 0)
            return rc;
        mia__floats_load(point->vector.data, graph->aligned, point->vector.count);
        rc = mia_ann_add(graph->ann, point->key, graph->aligned, point->vector.count, err);
        if ((graph->is_broken = rc < 0))
            return rc;
    }
    advance(graph, point->key);
    return MIA_OK;
}

static mia_status add_chunk(struct mia__graph *graph, const struct mia__graph_point *points,
                            size_t count, size_t *skipped, struct mia_error *err)
{
    pthread_rwlock_wrlock(&graph->lock);
    mia_status rc = check_whole(graph, err);
    for (size_t i = 0; i < count && rc == MIA_OK; i++)
        rc = add_one(graph, &points[i], skipped, err);
    pthread_rwlock_unlock(&graph->lock);
    return rc;
}

mia_status mia__graph_add(struct mia__graph *graph, const struct mia__graph_point *points,
                          size_t count, size_t *skipped, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    *skipped = 0;
    pthread_mutex_lock(&graph->changer);
    for (size_t i = 0; i < count && rc == MIA_OK; i += CHUNK)
        rc = add_chunk(graph, points + i, count - i < CHUNK ? count - i : CHUNK, skipped, err);
    pthread_mutex_unlock(&graph->changer);
    return rc;
}

mia_status mia__graph_advance(struct mia__graph *graph, uint64_t key, struct mia_error *err)
{
    pthread_mutex_lock(&graph->changer);
    pthread_rwlock_wrlock(&graph->lock);
    mia_status rc = check_whole(graph, err);
    if (rc == MIA_OK)
        advance(graph, key);
    pthread_rwlock_unlock(&graph->lock);
    pthread_mutex_unlock(&graph->changer);
    return rc;
}

mia_status mia__graph_bury(struct mia__graph *graph, uint64_t key, struct mia_error *err)
{
    pthread_mutex_lock(&graph->changer);
    pthread_rwlock_wrlock(&graph->lock);
    mia_status rc = check_whole(graph, err);
    if (rc == MIA_OK && mia_ann_contains(graph->ann, key))
        rc = mia__keyset_add(&graph->buried, key, err);
    pthread_rwlock_unlock(&graph->lock);
    pthread_mutex_unlock(&graph->changer);
    return rc;
}

void mia__graph_stat(struct mia__graph *graph, struct mia__graph_stat *stat)
{
    pthread_rwlock_rdlock(&graph->lock);
    stat->applied = graph->applied;
    stat->points = mia_ann_size(graph->ann);
    stat->buried = graph->buried.count;
    stat->bytes = mia_ann_memory(graph->ann) + mia__keyset_bytes(&graph->buried);
    pthread_rwlock_unlock(&graph->lock);
}

// ---------------------------------------------------------------- searching

struct sieve {
    const struct mia__graph *graph;
    const struct mia__graph_query *query;
};

static bool passes(void *ctx, uint64_t key)
{
    const struct sieve *sieve = ctx;
    const struct mia__graph_query *query = sieve->query;
    return !mia__keyset_has(&sieve->graph->buried, key) &&
           (query->filter == NULL || query->filter(query->filter_ctx, key));
}

/* All that were met within the width are asked for, not k: hits of the same distance are ordered
 * by us, and the library does not say which of them it would have left out. */
struct met {
    uint64_t *keys;
    float *distances, *query;
    size_t count;
};

static mia_status look(struct mia__graph *graph, const struct mia__graph_query *query, size_t width,
                       struct met *met, struct mia_error *err)
{
    struct sieve sieve = {graph, query};
    bool is_open = query->filter == NULL && graph->buried.count == 0;
    return mia_ann_search(graph->ann, met->query, query->vector.count, width,
                          is_open ? NULL : passes, &sieve, met->keys, met->distances, width,
                          &met->count, err);
}

static mia_status make_met(struct met *met, const struct mia__graph_query *query, size_t width,
                           struct mia_error *err)
{
    met->keys = mia__alloc_array(width, sizeof *met->keys);
    met->distances = mia__alloc_array(width, sizeof *met->distances);
    met->query = mia__alloc_array(query->vector.count, sizeof *met->query);
    if (met->keys == NULL || met->distances == NULL || met->query == NULL)
        return mia__fail_nomem(err);
    mia__floats_load(query->vector.data, met->query, query->vector.count);
    return MIA_OK;
}

static void free_met(struct met *met)
{
    mia__free(met->keys);
    mia__free(met->distances);
    mia__free(met->query);
}

/* The k first of what was met. It comes almost in order, so each goes down from the end. */
static size_t choose(const struct met *met, const struct mia__graph_query *query,
                     struct mia__hit *hits)
{
    size_t found = 0;
    for (size_t i = 0; i < met->count; i++) {
        struct mia__hit hit = {met->keys[i], mia__not_below_zero(met->distances[i])};
        size_t at = found;
        while (at > 0 && mia__hit_order(&hit, &hits[at - 1], query->tie, query->tie_ctx) < 0)
            at--;
        if (at == query->k)
            continue;
        size_t behind = (found < query->k ? found : query->k - 1) - at;
        memmove(hits + at + 1, hits + at, behind * sizeof *hits);
        hits[at] = hit;
        if (found < query->k)
            found++;
    }
    return found;
}

static size_t width_of(const struct mia__graph_query *query, uint64_t points)
{
    size_t width = query->width;
    if (width == 0)
        width = query->k <= SIZE_MAX / 2 ? 2 * query->k : query->k;
    if (query->width == 0 && width < MIA__GRAPH_WIDTH_LEAST)
        width = MIA__GRAPH_WIDTH_LEAST;
    if (width < query->k)
        width = query->k;
    return width <= points ? width : (size_t)points;
}

static mia_status search(struct mia__graph *graph, const struct mia__graph_query *query,
                         struct mia__hit *hits, size_t *found, struct mia_error *err)
{
    mia_status rc;
    struct met met = {0};
    uint64_t points = mia_ann_size(graph->ann);
    TRY(check_whole(graph, err));
    if (points == 0)
        return MIA_OK;
    size_t width = width_of(query, points);
    TRY(make_met(&met, query, width, err));
    TRY(look(graph, query, width, &met, err));
    *found = choose(&met, query, hits);
done:
    free_met(&met);
    return rc;
}

static mia_status check_query(const struct mia__graph *graph, mia_floats query,
                              struct mia_error *err)
{
    if (query.count != graph->shape.dimension)
        return mia__fail(err, MIA_ERR_INVALID,
                         "a query vector of %zu floats for a graph of %" PRIu32 " dimensions",
                         query.count, graph->shape.dimension);
    if (!mia__has_direction(mia__square(query)))
        return mia__fail(err, MIA_ERR_INVALID,
                         "the query vector of %zu floats has no direction: it is zero, or not "
                         "finite",
                         query.count);
    return MIA_OK;
}

mia_status mia__graph_search(struct mia__graph *graph, const struct mia__graph_query *query,
                             struct mia__hit *hits, size_t *found, struct mia_error *err)
{
    *found = 0;
    mia_status rc = check_query(graph, query->vector, err);
    if (rc < 0 || query->k == 0)
        return rc;
    while (sem_wait(&graph->places) != 0 && errno == EINTR)
        continue;
    pthread_rwlock_rdlock(&graph->lock);
    rc = search(graph, query, hits, found, err);
    pthread_rwlock_unlock(&graph->lock);
    sem_post(&graph->places);
    return rc;
}

// ---------------------------------------------------------------- as bytes

mia_status mia__graph_save(struct mia__graph *graph, struct mia__buf *bytes,
                           struct mia__graph_stat *stat, struct mia_error *err)
{
    mia_status rc;
    size_t size = 0;
    memset(stat, 0, sizeof *stat);
    bytes->size = 0;
    pthread_mutex_lock(&graph->changer); /* so that what is read here does not change: */
    pthread_rwlock_rdlock(&graph->lock);
    TRY(check_whole(graph, err));
    size = mia_ann_saved_size(graph->ann);
    TRY(mia__buf_reserve(bytes, size, err));
    TRY(mia_ann_save(graph->ann, bytes->data, size, err));
    bytes->size = size;
    stat->applied = graph->applied;
    stat->points = mia_ann_size(graph->ann);
    stat->buried = graph->buried.count;
    stat->bytes = mia_ann_memory(graph->ann) + mia__keyset_bytes(&graph->buried);
done:
    pthread_rwlock_unlock(&graph->lock);
    pthread_mutex_unlock(&graph->changer);
    return rc;
}

mia_status mia__graph_load(const struct mia__graph_shape *shape, mia_slice bytes, uint64_t applied,
                           uint64_t points, struct mia__graph **out, struct mia_error *err)
{
    mia_status rc;
    struct mia__graph *graph = NULL;
    *out = NULL;
    TRY(make(shape, &graph, err));
    rc = mia_ann_load(graph->ann, bytes.data, bytes.size, err);
    if (rc < 0 && rc != MIA_ERR_NOMEM)
        rc = mia__fail(err, MIA_ERR_CORRUPT,
                       "%zu bytes are no saved vector graph of %" PRIu32 " dimensions", bytes.size,
                       shape->dimension);
    if (rc < 0)
        goto done;
    if (mia_ann_size(graph->ann) != points || points > graph->shape.most_points) {
        rc = mia__fail(err, MIA_ERR_CORRUPT,
                       "a saved vector graph has %zu points instead of %" PRIu64,
                       mia_ann_size(graph->ann), points);
        goto done;
    }
    TRY(make_room(graph, points > 0 ? points : 1, err));
    advance(graph, applied);
    *out = graph;
    graph = NULL;
done:
    mia__graph_free(graph);
    return rc;
}
