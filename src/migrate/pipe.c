/* migrate/pipe.c - one reading thread and a ring of chunks */
#include "migrate/pipe.h"

#include "base/error.h"
#include "base/try.h"
#include "migrate/source.h"

#include <pthread.h>

enum { MOST_HELD = MIA__PIPE_CHUNKS * 2 * MIA__PIPE_CHUNK_BYTES };

struct mia__pipe {
    mia_source *source;
    struct mia__pipe_filter filter;
    size_t first_tree;
    struct mia__buf behind;
    bool has_behind;
    pthread_t thread;
    pthread_mutex_t lock; /* all below */
    pthread_cond_t changed;
    struct mia__chunk chunks[MIA__PIPE_CHUNKS];
    size_t filled, taken; /* chunks filled and given back, counted for ever */
    size_t held;          /* bytes of the chunks between the two */
    bool has_taken;       /* the user holds chunk number `taken` */
    bool is_done, is_stopped;
    mia_status status;
    struct mia_error error;
};

/* The user is through with its chunk. What a large pair took goes back to the heap. */
static void give_back(struct mia__pipe *p)
{
    struct mia__buf *storage = &p->chunks[p->taken % MIA__PIPE_CHUNKS].storage;
    if (!p->has_taken)
        return;
    p->held -= storage->size;
    if (storage->capacity > 2 * MIA__PIPE_CHUNK_BYTES)
        mia__buf_free(storage);
    p->taken++;
    p->has_taken = false;
    pthread_cond_broadcast(&p->changed);
}

/* Waits for a free chunk; NULL: the user has closed the pipe. */
static struct mia__chunk *wait_free(struct mia__pipe *p)
{
    pthread_mutex_lock(&p->lock);
    while (!p->is_stopped && (p->filled - p->taken == MIA__PIPE_CHUNKS || p->held > MOST_HELD))
        pthread_cond_wait(&p->changed, &p->lock);
    struct mia__chunk *chunk = p->is_stopped ? NULL : &p->chunks[p->filled % MIA__PIPE_CHUNKS];
    pthread_mutex_unlock(&p->lock);
    return chunk;
}

static void pass_on(struct mia__pipe *p)
{
    pthread_mutex_lock(&p->lock);
    p->held += p->chunks[p->filled % MIA__PIPE_CHUNKS].storage.size;
    p->filled++;
    pthread_cond_broadcast(&p->changed);
    pthread_mutex_unlock(&p->lock);
}

static mia_status add_value(struct mia__pipe *p, struct mia__chunk *chunk,
                            const struct mia_pair *pair, uint8_t read_mark, struct mia_error *err)
{
    uint8_t *mark = &chunk->marks[chunk->count];
    *mark = read_mark;
    if (p->filter.convert == NULL)
        return mia__buf_append(&chunk->storage, pair->value.data, pair->value.size, err);
    return p->filter.convert(p->filter.ctx, chunk->tree, pair, &chunk->storage, mark, err);
}

/* Copies a pair into the chunk. While a chunk grows its pairs hold offsets instead of pointers. */
static mia_status add_pair(struct mia__pipe *p, struct mia__chunk *chunk,
                           const struct mia_pair *pair, uint8_t read_mark, struct mia_error *err)
{
    mia_status rc;
    struct mia_pair *copy = &chunk->pairs[chunk->count];
    copy->key = (mia_slice){(void *)(uintptr_t)chunk->storage.size, pair->key.size};
    TRY(mia__buf_append(&chunk->storage, pair->key.data, pair->key.size, err));
    size_t begin = chunk->storage.size;
    TRY(add_value(p, chunk, pair, read_mark, err));
    copy->value = (mia_slice){(void *)(uintptr_t)begin, chunk->storage.size - begin};
    if (p->filter.note != NULL)
        TRY(p->filter.note(p->filter.ctx, chunk->tree, pair, &chunk->notes, err));
    chunk->note_ends[chunk->count] = chunk->notes.size;
    chunk->count++;
    chunk->key_bytes += pair->key.size;
    chunk->value_bytes += pair->value.size;
done:
    return rc;
}

static void finish_chunk(struct mia__chunk *chunk)
{
    for (size_t i = 0; i < chunk->count; i++) {
        struct mia_pair *pair = &chunk->pairs[i];
        pair->key.data = chunk->storage.data + (uintptr_t)pair->key.data;
        pair->value.data = chunk->storage.data + (uintptr_t)pair->value.data;
    }
}

static mia_status start_chunk(struct mia__chunk *chunk, size_t tree, struct mia_error *err)
{
    chunk->tree = tree;
    chunk->count = 0;
    chunk->key_bytes = chunk->value_bytes = 0;
    chunk->storage.size = chunk->notes.size = 0;
    if (chunk->pairs == NULL)
        chunk->pairs = mia__alloc_array(MIA__PIPE_CHUNK_PAIRS, sizeof *chunk->pairs);
    if (chunk->marks == NULL)
        chunk->marks = mia__alloc_array(MIA__PIPE_CHUNK_PAIRS, sizeof *chunk->marks);
    if (chunk->note_ends == NULL)
        chunk->note_ends = mia__alloc_array(MIA__PIPE_CHUNK_PAIRS, sizeof *chunk->note_ends);
    if (chunk->pairs == NULL || chunk->marks == NULL || chunk->note_ends == NULL)
        return mia__fail_nomem(err);
    return mia__buf_reserve(&chunk->storage, MIA__PIPE_CHUNK_BYTES, err);
}

static bool is_full(const struct mia__chunk *chunk)
{
    return chunk->count == MIA__PIPE_CHUNK_PAIRS || chunk->storage.size >= MIA__PIPE_CHUNK_BYTES;
}

static mia_status position(struct mia__pipe *p, mia_source_cursor *cur, size_t tree,
                           struct mia_error *err)
{
    if (tree != p->first_tree || !p->has_behind)
        return MIA_OK;
    return mia_source_cursor_seek(cur, mia__buf_slice(&p->behind), err);
}

static bool is_behind(const struct mia__pipe *p, size_t tree, mia_slice key)
{
    return tree != p->first_tree || !p->has_behind ||
           mia_slice_compare(key, mia__buf_slice(&p->behind)) > 0;
}

/* Reads a whole tree. MIA_ERR_CANCELLED: the pipe was closed. */
static mia_status read_tree(struct mia__pipe *p, size_t tree, struct mia_error *err)
{
    enum { AT_ONCE = 64 };
    mia_status rc;
    mia_source_cursor *cur = NULL;
    struct mia__chunk *chunk = NULL;
    struct mia_pair pairs[AT_ONCE];
    uint8_t marks[AT_ONCE] = {0};
    size_t n, i = 0;
    TRY(mia_source_cursor_open(p->source, tree, &cur, err));
    TRY(position(p, cur, tree, err));
    for (;;) {
        TRY(p->filter.is_tolerant
                ? mia__source_cursor_next_marked(cur, pairs, marks, AT_ONCE, &n, err)
                : mia_source_cursor_next(cur, pairs, AT_ONCE, &n, err));
        if (rc == MIA_NOTFOUND)
            break;
        for (i = 0; i < n; i++) {
            if (!is_behind(p, tree, pairs[i].key))
                continue;
            if (chunk == NULL) {
                chunk = wait_free(p);
                TRY(chunk == NULL ? MIA_ERR_CANCELLED : start_chunk(chunk, tree, err));
            }
            TRY(add_pair(p, chunk, &pairs[i], marks[i], err));
            if (is_full(chunk)) {
                finish_chunk(chunk);
                pass_on(p);
                chunk = NULL;
            }
        }
    }
    rc = MIA_OK;
done:
    if (chunk != NULL && chunk->count > 0 && rc != MIA_ERR_CANCELLED) {
        finish_chunk(chunk); /* what was read before a failure is given out too */
        pass_on(p);
    }
    mia_source_cursor_close(cur);
    return rc;
}

static void *run(void *argument)
{
    struct mia__pipe *p = argument;
    struct mia_error error = {0};
    mia_status rc = MIA_OK;
    for (size_t tree = p->first_tree; rc == MIA_OK && tree < mia_source_tree_count(p->source);
         tree++)
        if (p->filter.wants == NULL || p->filter.wants(p->filter.ctx, tree))
            rc = read_tree(p, tree, &error);
    pthread_mutex_lock(&p->lock);
    p->is_done = true;
    p->status = rc;
    p->error = error;
    pthread_cond_broadcast(&p->changed);
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

mia_status mia__pipe_open(mia_source *source, size_t tree, const mia_slice *behind,
                          const struct mia__pipe_filter *filter, struct mia__pipe **out,
                          struct mia_error *err)
{
    mia_status rc = MIA_OK;
    *out = NULL;
    struct mia__pipe *p = mia__alloc_zero(sizeof *p);
    if (p == NULL)
        return mia__fail_nomem(err);
    p->source = source;
    if (filter != NULL)
        p->filter = *filter;
    p->first_tree = tree;
    p->has_behind = behind != NULL;
    if (behind != NULL)
        TRY(mia__buf_set(&p->behind, *behind, err));
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->changed, NULL);
    int failed = pthread_create(&p->thread, NULL, run, p);
    if (failed != 0) {
        pthread_cond_destroy(&p->changed);
        pthread_mutex_destroy(&p->lock);
        rc = mia__fail_errno(err, failed, "cannot start a thread that reads the source");
    }
done:
    if (rc < 0) {
        mia__buf_free(&p->behind);
        mia__free(p);
    } else {
        *out = p;
    }
    return rc;
}

mia_status mia__pipe_next(struct mia__pipe *p, const struct mia__chunk **chunk,
                          struct mia_error *err)
{
    mia_status rc = MIA_OK;
    *chunk = NULL;
    pthread_mutex_lock(&p->lock);
    give_back(p);
    while (p->filled == p->taken && !p->is_done)
        pthread_cond_wait(&p->changed, &p->lock);
    if (p->filled != p->taken) {
        p->has_taken = true;
        *chunk = &p->chunks[p->taken % MIA__PIPE_CHUNKS];
    } else {
        rc = p->status < 0 ? p->status : MIA_NOTFOUND;
        if (rc < 0 && err != NULL)
            *err = p->error;
    }
    pthread_mutex_unlock(&p->lock);
    return rc;
}

void mia__pipe_close(struct mia__pipe *p)
{
    if (p == NULL)
        return;
    pthread_mutex_lock(&p->lock);
    p->is_stopped = true;
    pthread_cond_broadcast(&p->changed);
    pthread_mutex_unlock(&p->lock);
    pthread_join(p->thread, NULL);
    for (size_t i = 0; i < MIA__PIPE_CHUNKS; i++) {
        mia__free(p->chunks[i].pairs);
        mia__free(p->chunks[i].marks);
        mia__free(p->chunks[i].note_ends);
        mia__buf_free(&p->chunks[i].notes);
        mia__buf_free(&p->chunks[i].storage);
    }
    pthread_cond_destroy(&p->changed);
    pthread_mutex_destroy(&p->lock);
    mia__buf_free(&p->behind);
    mia__free(p);
}
