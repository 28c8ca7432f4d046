/*
 * base/sort.c - sorted runs in files, and their merge
 *
 * A pair in memory and in a run: u32 tree, u32 size of the key, u32 size of the value, key, value.
 * Runs are read through maps, the last one where it lies in memory; a heap keeps the run with the
 * lowest pair in front.
 */
#include "base/sort.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/try.h"

#include <stdlib.h>

enum { HEADER = 12, WRITE_BYTES = 1 << 20 };

/* Where a pair lies, with what mostly tells it from others: the pair itself is far away. */
struct place {
    const uint8_t *at;
    uint64_t front; /* the first bytes of the key, as a number */
    uint32_t tree;
};

struct run {
    struct mia__map map;
    const uint8_t *at;        /* the pair that comes next; runs at their end are not in the heap */
    struct place *next, *end; /* of a run in memory: the places behind that pair */
};

struct mia__sort {
    char *directory;
    size_t memory;
    struct mia__buf pairs; /* not yet in a run */
    size_t count;          /* of pairs */
    struct place *places;  /* of the run that stays in memory */
    struct run *runs;      /* once reading began: a heap */
    size_t run_count, run_capacity;
    size_t looked_at; /* bytes of the maps, since they were forgotten */
    bool is_reading;
};

mia_status mia__sort_open(const char *directory, size_t memory, struct mia__sort **out,
                          struct mia_error *err)
{
    *out = NULL;
    struct mia__sort *sort = mia__alloc_zero(sizeof *sort);
    if (sort == NULL)
        return mia__fail_nomem(err);
    sort->memory = memory;
    sort->directory = mia__strdup(directory);
    if (sort->directory == NULL) {
        mia__sort_close(sort);
        return mia__fail_nomem(err);
    }
    *out = sort;
    return MIA_OK;
}

void mia__sort_close(struct mia__sort *sort)
{
    if (sort == NULL)
        return;
    for (size_t i = 0; i < sort->run_capacity; i++)
        mia__file_unmap(&sort->runs[i].map);
    mia__free(sort->runs);
    mia__free(sort->places);
    mia__buf_free(&sort->pairs);
    mia__free(sort->directory);
    mia__free(sort);
}

static uint32_t tree_of(const uint8_t *at)
{
    return mia__load_u32le(at);
}

static struct mia_pair pair_of(const uint8_t *at)
{
    uint32_t key_size = mia__load_u32le(at + 4), value_size = mia__load_u32le(at + 8);
    struct mia_pair pair = {{at + HEADER, key_size}, {at + HEADER + key_size, value_size}};
    return pair;
}

static const uint8_t *behind(const uint8_t *at)
{
    struct mia_pair pair = pair_of(at);
    return (const uint8_t *)pair.value.data + pair.value.size;
}

static int compare_pairs(const uint8_t *a, const uint8_t *b)
{
    struct mia_pair x = pair_of(a), y = pair_of(b);
    int order = mia_slice_compare(x.key, y.key);
    return order != 0 ? order : mia_slice_compare(x.value, y.value);
}

static int compare(const uint8_t *a, const uint8_t *b)
{
    if (tree_of(a) != tree_of(b))
        return tree_of(a) < tree_of(b) ? -1 : 1;
    return compare_pairs(a, b);
}

static uint64_t front_of(mia_slice key)
{
    uint8_t bytes[8] = {0};
    if (key.size > 0)
        memcpy(bytes, key.data, key.size < sizeof bytes ? key.size : sizeof bytes);
    return mia__load_u64be(bytes);
}

/* Keys that differ within their fronts are ordered as these are; a shorter one is filled up with
 * zeros, so equal fronts say nothing. */
static int compare_places(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->tree != y->tree)
        return x->tree < y->tree ? -1 : 1;
    if (x->front != y->front)
        return x->front < y->front ? -1 : 1;
    return compare_pairs(x->at, y->at);
}

/* Where the pairs in memory lie, in order. NULL: out of memory. */
static struct place *sort_places(const struct mia__sort *sort)
{
    struct place *places = mia__alloc_array(sort->count, sizeof *places);
    if (places == NULL)
        return NULL;
    const uint8_t *at = sort->pairs.data;
    for (size_t i = 0; i < sort->count; i++, at = behind(at))
        places[i] = (struct place){at, front_of(pair_of(at).key), tree_of(at)};
    qsort(places, sort->count, sizeof *places, compare_places);
    return places;
}

static mia_status write_pairs(const struct place *places, size_t count,
                              struct mia__file_writer *file, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    struct mia__buf waiting = {0};
    for (size_t i = 0; i < count; i++) {
        const uint8_t *at = places[i].at;
        TRY(mia__buf_append(&waiting, at, (size_t)(behind(at) - at), err));
        if (waiting.size < WRITE_BYTES && i + 1 < count)
            continue;
        TRY(mia__file_append(file, waiting.data, waiting.size, err));
        waiting.size = 0;
    }
done:
    mia__buf_free(&waiting);
    return rc;
}

static mia_status write_run(struct mia__sort *sort, const char *path, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    struct mia__file_writer *file = NULL;
    struct place *places = sort_places(sort);
    if (places == NULL)
        return mia__fail_nomem(err);
    TRY(mia__file_create(path, &file, err));
    TRY(write_pairs(places, sort->count, file, err));
    rc = mia__file_close(file, err);
    file = NULL;
done:
    mia__file_abandon(file);
    mia__free(places);
    return rc;
}

static mia_status reserve_run(struct mia__sort *sort, struct mia_error *err)
{
    if (sort->run_count < sort->run_capacity)
        return MIA_OK;
    size_t capacity = sort->run_capacity ? 2 * sort->run_capacity : 16;
    struct run *runs = mia__realloc(sort->runs, capacity * sizeof *runs);
    if (runs == NULL)
        return mia__fail_nomem(err);
    memset(runs + sort->run_capacity, 0, (capacity - sort->run_capacity) * sizeof *runs);
    sort->runs = runs;
    sort->run_capacity = capacity;
    return MIA_OK;
}

/* What waits in memory becomes a run. */
static mia_status spill(struct mia__sort *sort, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    if (sort->count == 0)
        return rc;
    char *path = mia__format("%s/run.%zu", sort->directory, sort->run_count);
    if (path == NULL)
        return mia__fail_nomem(err);
    TRY(reserve_run(sort, err));
    TRY(write_run(sort, path, err));
    struct run *run = &sort->runs[sort->run_count];
    TRY(mia__file_map(path, &run->map, err));
    run->at = run->map.bytes;
    sort->run_count++;
    sort->pairs.size = 0;
    sort->count = 0;
done:
    mia__free(path);
    return rc;
}

mia_status mia__sort_add(struct mia__sort *sort, uint32_t tree, mia_slice key, mia_slice value,
                         struct mia_error *err)
{
    mia_status rc;
    uint8_t header[HEADER];
    size_t total = sort->pairs.size + HEADER + key.size + value.size;
    if (key.size > UINT32_MAX || value.size > UINT32_MAX)
        return mia__fail(err, MIA_ERR_TOO_LONG, "a pair of more than 4 GiB cannot be sorted");
    mia__store_u32le(header, tree);
    mia__store_u32le(header + 4, (uint32_t)key.size);
    mia__store_u32le(header + 8, (uint32_t)value.size);
    TRY(mia__buf_reserve(&sort->pairs, total, err));
    TRY(mia__buf_append(&sort->pairs, header, HEADER, err));
    TRY(mia__buf_append(&sort->pairs, key.data, key.size, err));
    TRY(mia__buf_append(&sort->pairs, value.data, value.size, err));
    sort->count++;
    if (sort->pairs.size >= sort->memory)
        TRY(spill(sort, err));
done:
    return rc;
}

/* Restores the heap below i, whose run went on. */
static void sink(struct mia__sort *sort, size_t i)
{
    for (;;) {
        size_t lowest = i;
        for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < sort->run_count; child++)
            if (compare(sort->runs[child].at, sort->runs[lowest].at) < 0)
                lowest = child;
        if (lowest == i)
            return;
        struct run run = sort->runs[i];
        sort->runs[i] = sort->runs[lowest];
        sort->runs[lowest] = run;
        i = lowest;
    }
}

/* What waits in memory is the last run, and needs no file. */
static mia_status take_rest(struct mia__sort *sort, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    if (sort->count == 0)
        return rc;
    TRY(reserve_run(sort, err));
    sort->places = sort_places(sort);
    if (sort->places == NULL) {
        rc = mia__fail_nomem(err);
        goto done;
    }
    sort->runs[sort->run_count++] = (struct run){
        .at = sort->places->at, .next = sort->places + 1, .end = sort->places + sort->count};
done:
    return rc;
}

static mia_status begin_reading(struct mia__sort *sort, struct mia_error *err)
{
    mia_status rc = take_rest(sort, err);
    if (rc < 0)
        return rc;
    for (size_t i = sort->run_count / 2; i > 0; i--)
        sink(sort, i - 1);
    sort->is_reading = true;
    return MIA_OK;
}

/* False: it was the run's last pair. */
static bool advance(struct run *run)
{
    if (run->end == NULL) {
        run->at = behind(run->at);
        return run->at < run->map.bytes + run->map.size;
    }
    if (run->next == run->end)
        return false;
    run->at = (run->next++)->at;
    return true;
}

/* Keeps the maps from counting as memory, more than what the sort may hold. */
static void forget(struct mia__sort *sort, size_t looked_at)
{
    sort->looked_at += looked_at;
    if (sort->looked_at < sort->memory)
        return;
    sort->looked_at = 0;
    for (size_t i = 0; i < sort->run_capacity; i++)
        mia__file_forget(&sort->runs[i].map);
}

mia_status mia__sort_next(struct mia__sort *sort, uint32_t *tree, struct mia_pair *pair,
                          struct mia_error *err)
{
    mia_status rc = MIA_OK;
    if (!sort->is_reading)
        TRY(begin_reading(sort, err));
    if (sort->run_count == 0)
        return MIA_NOTFOUND;
    struct run *first = &sort->runs[0];
    *tree = tree_of(first->at);
    *pair = pair_of(first->at);
    forget(sort, pair->key.size + pair->value.size);
    if (!advance(first)) { /* the map stays: the pair is in it */
        struct run ended = *first;
        *first = sort->runs[--sort->run_count];
        sort->runs[sort->run_count] = ended;
    }
    sink(sort, 0);
done:
    return rc;
}
