/*
 * base/sort.c - sorted runs in files, and their merge
 *
 * Runs are read through maps, the last one where it lies in memory; a heap keeps the run with the
 * lowest pair in front.
 */
#include "base/sort.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/sort_places.h"
#include "base/try.h"

enum { WRITE_BYTES = 1 << 20 };

struct run {
    struct mia__map map;
    const uint8_t *at; /* the pair that comes next; runs at their end are not in the heap */
    struct mia__sort_place *next, *end; /* of a run in memory: the places behind that pair */
};

struct mia__sort {
    char *directory;
    size_t memory;
    struct mia__buf pairs;          /* not yet in a run */
    size_t count;                   /* of pairs */
    struct mia__sort_place *places; /* of the run that stays in memory */
    struct run *runs;               /* once reading began: a heap */
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

/* Where the pairs in memory lie, in order. NULL: out of memory. */
static struct mia__sort_place *sort_places(const struct mia__sort *sort)
{
    struct mia__sort_place *places = mia__alloc_array(sort->count, sizeof *places);
    if (places == NULL)
        return NULL;
    const uint8_t *at = sort->pairs.data;
    for (size_t i = 0; i < sort->count; i++, at = mia__sort_behind(at))
        places[i].at = at;
    mia__sort_places(places, sort->count);
    return places;
}

static mia_status write_pairs(const struct mia__sort_place *places, size_t count,
                              struct mia__file_writer *file, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    struct mia__buf waiting = {0};
    for (size_t i = 0; i < count; i++) {
        const uint8_t *at = places[i].at;
        TRY(mia__buf_append(&waiting, at, (size_t)(mia__sort_behind(at) - at), err));
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
    struct mia__sort_place *places = sort_places(sort);
    if (places == NULL)
        return mia__fail_nomem(err);
    TRY(mia__file_create_scratch(path, &file, err));
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
    size_t total = sort->pairs.size + MIA__SORT_HEADER + key.size + value.size;
    if (key.size > UINT32_MAX || value.size > UINT32_MAX)
        return mia__fail(err, MIA_ERR_TOO_LONG, "a pair of more than 4 GiB cannot be sorted");
    TRY(mia__buf_reserve(&sort->pairs, total, err));
    mia__sort_write(sort->pairs.data + sort->pairs.size, tree, key, value);
    sort->pairs.size = total;
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
            if (mia__sort_compare(sort->runs[child].at, sort->runs[lowest].at) < 0)
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
        run->at = mia__sort_behind(run->at);
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
    *tree = mia__sort_tree(first->at);
    *pair = mia__sort_pair(first->at);
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
