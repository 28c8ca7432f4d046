/* store/vectors.c - graphs made, kept up, put away */
#include "store/vectors.h"
#include "base/error.h"
#include "base/file.h"
#include "base/try.h"
#include "index/spaces.h"
#include "store/store.h"
#include "vector/checkpoint.h"

#include <time.h>

enum { CHUNK = 256, CHANGES = 10000, SECONDS = 15 * 60, DEAD_PERCENT = 30 };

struct space {
    struct space *next;
    uint32_t number, dimension;
    uint64_t wanted;  /* keys below it are to be in the graph */
    uint64_t lacking; /* it lacks points that were alive for transactions begun before this count */
    struct mia__graph *graph;
    unsigned holders;
    bool is_retired; /* too many dead points: to be made anew when nobody holds it */
    bool has_failed; /* no graph for this space: searches look at all */
    uint64_t saved;  /* keys up to here are in the file */
    time_t saved_at;
};

struct mia__vectors {
    mia_store *store;
    char *directory;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct space *spaces; /* only the builder changes the graph pointers */
    pthread_t builder;
    bool has_builder, is_running, is_stopped;
};

/* ---- open and close */

mia_status mia__vectors_open(mia_store *store, struct mia__vectors **out, struct mia_error *err)
{
    struct mia__vectors *v = mia__alloc_zero(sizeof *v);
    *out = NULL;
    if (v == NULL)
        return mia__fail_nomem(err);
    v->store = store;
    pthread_mutex_init(&v->lock, NULL);
    pthread_cond_init(&v->changed, NULL);
    v->directory = mia__path_join(mia_db_path(store->db), "vectors");
    if (v->directory != NULL) {
        *out = v;
        return MIA_OK;
    }
    mia__vectors_free(v);
    return mia__fail_nomem(err);
}

void mia__vectors_free(struct mia__vectors *v)
{
    if (v == NULL)
        return;
    while (v->spaces != NULL) {
        struct space *space = v->spaces;
        v->spaces = space->next;
        mia__graph_free(space->graph);
        mia__free(space);
    }
    pthread_mutex_destroy(&v->lock);
    pthread_cond_destroy(&v->changed);
    mia__free(v->directory);
    mia__free(v);
}

/* ---- files */

static struct mia__checkpoint_of identity(const struct mia__vectors *v, const struct space *space)
{
    struct mia__checkpoint_of of = {.space = space->number,
                                    .dimension = space->dimension,
                                    .neighbours = MIA__GRAPH_NEIGHBOURS,
                                    .width_add = MIA__GRAPH_WIDTH_ADD,
                                    .library = mia__graph_library()};
    memcpy(of.database, v->store->uuid, sizeof of.database);
    return of;
}

/* Whatever is wrong with a file: the graph is made from the database. */
static struct mia__graph *load(struct mia__vectors *v, struct space *space, uint64_t wanted)
{
    struct mia__graph *graph = NULL;
    struct mia__buf memory = {0};
    mia_slice bytes;
    struct mia__checkpoint_at at;
    struct mia__checkpoint_of of = identity(v, space);
    struct mia__graph_shape shape = {.dimension = space->dimension};
    if (v->store->has_uuid &&
        mia__checkpoint_read(v->directory, &of, &at, &memory, &bytes, NULL) == MIA_OK &&
        at.applied < wanted)
        mia__graph_load(&shape, bytes, at.applied, at.points, &graph, NULL);
    mia__buf_free(&memory);
    if (graph != NULL)
        space->saved = at.applied;
    return graph;
}

/* A file that cannot be written costs time later, and nothing else. */
static void save(struct mia__vectors *v, struct space *space)
{
    struct mia__buf bytes = {0};
    struct mia__graph_stat stat;
    struct mia__checkpoint_of of = identity(v, space);
    bool is_there = mia__file_kind(v->directory) == MIA__FILE_DIRECTORY;
    if (!v->store->has_uuid || v->store->is_read_only ||
        (!is_there && mia__dir_create(v->directory, NULL) < 0))
        return;
    if (mia__graph_save(space->graph, &bytes, &stat, NULL) == MIA_OK) {
        struct mia__checkpoint_at at = {stat.applied, stat.points};
        if (mia__checkpoint_write(v->directory, &of, &at, mia__buf_slice(&bytes), NULL) == MIA_OK)
            space->saved = stat.applied;
    }
    space->saved_at = time(NULL);
    mia__buf_free(&bytes);
}

static uint64_t applied_in(const struct space *space)
{
    struct mia__graph_stat stat = {0};
    if (space->graph != NULL)
        mia__graph_stat(space->graph, &stat);
    return stat.applied;
}

/* ---- the builder */

static bool is_lagging(const struct space *space)
{
    return !space->has_failed && (!space->is_retired || space->holders == 0) &&
           (space->graph == NULL || space->is_retired || applied_in(space) + 1 < space->wanted);
}

/* With the lock held. */
static struct space *next_work(const struct mia__vectors *v)
{
    for (struct space *space = v->spaces; space != NULL; space = space->next)
        if (is_lagging(space))
            return space;
    return NULL;
}

static mia_status make_graph(struct mia__vectors *v, struct space *space)
{
    mia_status rc = MIA_OK;
    struct mia__graph_shape shape = {.dimension = space->dimension};
    pthread_mutex_lock(&v->lock);
    struct mia__graph *retired = space->is_retired ? space->graph : NULL;
    uint64_t wanted = space->wanted;
    pthread_mutex_unlock(&v->lock);
    struct mia__graph *graph = retired == NULL ? load(v, space, wanted) : NULL;
    if (graph == NULL)
        rc = mia__graph_create(&shape, &graph, NULL);
    if (graph != NULL && retired == NULL)
        space->saved_at = time(NULL);
    pthread_mutex_lock(&v->lock);
    space->graph = graph;
    space->is_retired = false;
    pthread_mutex_unlock(&v->lock);
    mia__graph_free(retired);
    return rc;
}

static void note_lacking(struct mia__vectors *v, struct space *space,
                         const struct mia__session *session)
{
    pthread_mutex_lock(&v->lock);
    if (space->lacking < session->behind_begin)
        space->lacking = session->behind_begin;
    pthread_mutex_unlock(&v->lock);
}

/* Up to CHUNK points behind those that are in. *last: the key up to which these are all. */
static mia_status read_chunk(struct space *space, mia_txn *txn, struct mia__session *s,
                             struct mia__graph_point points[CHUNK], size_t *count, uint64_t *last,
                             bool *is_done)
{
    mia_status rc;
    struct mia__index_reader reader;
    struct mia__space now;
    struct mia__space_cursor cur = {0};
    uint64_t key;
    mia_str id;
    TRY(mia__store_index(s, &reader, NULL));
    TRY(mia__spaces_get(&reader, space->number, &now, NULL));
    *is_done = rc == MIA_NOTFOUND; /* not committed yet */
    if (*is_done)
        goto done;
    TRY(mia__space_cursor_open(&cur, &reader, space->number, applied_in(space) + 1, NULL));
    while (*count < CHUNK && (rc = mia__space_cursor_next(&cur, &key, &id, NULL)) == MIA_OK) {
        mia_view view;
        *last = key;
        if (mia_get(txn, MIA_TABLE_EMBEDDINGS, id, &view, NULL) == MIA_OK &&
            mia_embedding_vector(view).count == space->dimension)
            points[(*count)++] = (struct mia__graph_point){key, mia_embedding_vector(view)};
    }
    TRY(rc);
    *is_done = *count < CHUNK;
    if (*is_done)
        *last = now.next - 1;
done:
    mia__space_cursor_close(&cur);
    return rc < 0 ? rc : MIA_OK;
}

static mia_status add_chunk(struct mia__vectors *v, struct space *space, mia_txn *txn,
                            bool *is_done)
{
    mia_status rc;
    struct mia__session *s;
    struct mia__graph_point points[CHUNK];
    size_t count = 0, skipped;
    uint64_t first = applied_in(space), last = first;
    TRY(mia__session_of(txn, &s, NULL));
    TRY(read_chunk(space, txn, s, points, &count, &last, is_done));
    if (last - first > count) /* some are gone: others may still see them */
        note_lacking(v, space, s);
    TRY(mia__graph_add(space->graph, points, count, &skipped, NULL));
    if (last > first)
        rc = mia__graph_advance(space->graph, last, NULL);
done:
    return rc;
}

static bool is_due(const struct space *space)
{
    uint64_t changes = applied_in(space) - space->saved;
    return changes >= CHANGES || (changes > 0 && time(NULL) - space->saved_at > SECONDS);
}

static mia_status work(struct mia__vectors *v, struct space *space, bool needs_graph)
{
    mia_status rc = MIA_OK;
    mia_txn *txn = NULL;
    bool is_done = false;
    if (needs_graph)
        TRY(make_graph(v, space));
    TRY(mia__store_begin(v->store, MIA_TXN_READ, &txn, NULL));
    rc = add_chunk(v, space, txn, &is_done);
    mia_txn_abort(txn);
    TRY(rc);
    if (!is_done)
        goto done;
    pthread_mutex_lock(&v->lock); /* all there is now; what is wanted may have been undone */
    if (space->wanted > applied_in(space) + 1)
        space->wanted = applied_in(space) + 1;
    pthread_mutex_unlock(&v->lock);
    if (is_due(space) && v->store->db->durability == MIA_SYNC_DURABLE)
        save(v, space);
done:
    return rc;
}

static void *build(void *arg)
{
    struct mia__vectors *v = arg;
    struct space *space;
    pthread_mutex_lock(&v->lock);
    while (!v->is_stopped && (space = next_work(v)) != NULL) {
        bool needs_graph = space->graph == NULL || space->is_retired;
        pthread_mutex_unlock(&v->lock);
        mia_status rc = work(v, space, needs_graph);
        pthread_mutex_lock(&v->lock);
        space->has_failed = space->has_failed || rc < 0;
    }
    v->is_running = false;
    pthread_cond_broadcast(&v->changed);
    pthread_mutex_unlock(&v->lock);
    return NULL;
}

/* With the lock held. Without a thread searches look at all vectors. */
static void wake_builder(struct mia__vectors *v)
{
    if (v->is_running || v->is_stopped || next_work(v) == NULL)
        return;
    if (v->has_builder)
        pthread_join(v->builder, NULL); /* it has ended, or is about to return */
    v->has_builder = pthread_create(&v->builder, NULL, build, v) == 0;
    v->is_running = v->has_builder;
}

void mia__vectors_settle(struct mia__vectors *v)
{
    pthread_mutex_lock(&v->lock);
    while (v->is_running)
        pthread_cond_wait(&v->changed, &v->lock);
    pthread_mutex_unlock(&v->lock);
}

/* A file must know of no keys that a power cut can take back: they would be given to others. */
static void save_all(struct mia__vectors *v)
{
    bool is_synced = v->store->db->durability == MIA_SYNC_DURABLE;
    for (struct space *space = v->spaces; space != NULL; space = space->next) {
        if (space->graph == NULL || space->has_failed || applied_in(space) <= space->saved)
            continue;
        if (!is_synced && !v->store->is_read_only && mia_db_sync(v->store->db, NULL) < 0)
            return;
        is_synced = true;
        save(v, space);
    }
}

void mia__vectors_pause(struct mia__vectors *v)
{
    pthread_mutex_lock(&v->lock);
    v->is_stopped = true;
    bool has_builder = v->has_builder;
    v->has_builder = false;
    pthread_mutex_unlock(&v->lock);
    if (has_builder)
        pthread_join(v->builder, NULL);
}

void mia__vectors_resume(struct mia__vectors *v)
{
    pthread_mutex_lock(&v->lock);
    v->is_stopped = false;
    pthread_mutex_unlock(&v->lock);
}

void mia__vectors_move(struct mia__vectors *v, mia_store *store)
{
    v->store = store;
}

void mia__vectors_rest(struct mia__vectors *v)
{
    mia__vectors_pause(v);
    if (atomic_load(&v->store->db->transactions) == 0) /* else the store is not closed */
        save_all(v);
    mia__vectors_resume(v); /* if the store stays open after all */
}

/* ---- searches */

/* With the lock held. NULL: no memory. */
static struct space *space_of(struct mia__vectors *v, uint32_t number, uint32_t dimension)
{
    struct space *space = v->spaces;
    while (space != NULL && space->number != number)
        space = space->next;
    if (space != NULL)
        return space;
    space = mia__alloc_zero(sizeof *space);
    if (space == NULL)
        return NULL;
    *space = (struct space){.next = v->spaces, .number = number, .dimension = dimension};
    v->spaces = space;
    return space;
}

/* With the lock held. Whoever makes it lack something can do without that itself. */
static bool has_all_for(const struct space *space, const struct mia__session *session)
{
    return space->lacking <= session->before_begin || space->lacking == session->behind_begin;
}

struct mia__graph *mia__vectors_hold(struct mia__vectors *v, const struct mia__space *wanted,
                                     const struct mia__session *session)
{
    struct mia__graph *graph = NULL;
    pthread_mutex_lock(&v->lock);
    struct space *space = space_of(v, wanted->number, wanted->dimension);
    if (space != NULL) {
        if (space->wanted < wanted->next)
            space->wanted = wanted->next;
        bool is_usable =
            !space->has_failed && !space->is_retired && space->lacking <= session->before_begin;
        graph = is_usable ? space->graph : NULL;
        space->holders += graph != NULL;
        wake_builder(v);
    }
    pthread_mutex_unlock(&v->lock);
    return graph;
}

/* With the lock held: of a space that was held before. */
static struct space *known_space(const struct mia__vectors *v, uint32_t number)
{
    struct space *space = v->spaces;
    while (space->number != number)
        space = space->next;
    return space;
}

void mia__vectors_bury(struct mia__vectors *v, const struct mia__space *space,
                       struct mia__graph *graph, uint64_t key, const struct mia__session *session)
{
    pthread_mutex_lock(&v->lock);
    struct space *known = known_space(v, space->number);
    bool may_bury = has_all_for(known, session);
    if (may_bury)
        known->lacking = session->behind_begin;
    pthread_mutex_unlock(&v->lock);
    if (may_bury)
        mia__graph_bury(graph, key, NULL); /* what is not buried is met again */
}

bool mia__vectors_is_whole(struct mia__vectors *v, const struct mia__space *space,
                           const struct mia__session *session)
{
    pthread_mutex_lock(&v->lock);
    bool is_whole = has_all_for(known_space(v, space->number), session);
    pthread_mutex_unlock(&v->lock);
    return is_whole;
}

static bool is_worn_out(const struct mia__vectors *v, struct mia__graph *graph)
{
    struct mia__graph_stat stat;
    mia__graph_stat(graph, &stat);
    return stat.points > v->store->few_vectors && stat.buried > stat.points / 100 * DEAD_PERCENT;
}

void mia__vectors_release(struct mia__vectors *v, const struct mia__space *space,
                          struct mia__graph *graph)
{
    bool worn_out = is_worn_out(v, graph);
    pthread_mutex_lock(&v->lock);
    struct space *known = known_space(v, space->number);
    known->holders--;
    known->is_retired = known->is_retired || worn_out;
    wake_builder(v);
    pthread_mutex_unlock(&v->lock);
}
