/*
 * base/sort.c - sorted runs in files, and their merge
 *
 * A thread sorts and writes a run while the pairs of the next one come. Runs are read through maps,
 * the last one where it lies in memory; a heap keeps the run with the lowest pair in front.
 */
#include "base/sort.h"

#include "base/error.h"
#include "base/sort_run.h"
#include "base/try.h"

#include <pthread.h>

struct run {
    struct mia__map map;
    const uint8_t *at; /* the pair that comes next; runs at their end are not in the heap */
    struct mia__sort_place *next, *end; /* of a run in memory: the places behind that pair */
};

/* A run that is being made. */
struct spill {
    bool is_begun, has_thread;
    pthread_t thread;
    /* the thread's until it ends */
    struct mia__sort_pairs pairs;
    char *path;
    struct mia__map map;
    mia_status status;
    struct mia_error error;
};

struct mia__sort {
    char *directory;
    size_t memory;                  /* for pairs that are in no run yet: half of it for each part */
    struct mia__sort_pairs pairs;   /* that come */
    struct spill spill;             /* those before them */
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

/* The run is one of all, or why it is none. */
static mia_status end_spill(struct mia__sort *sort, struct mia_error *err)
{
    struct spill *spill = &sort->spill;
    if (!spill->is_begun)
        return MIA_OK;
    if (spill->has_thread)
        pthread_join(spill->thread, NULL);
    spill->is_begun = false;
    mia__free(spill->path);
    if (spill->status < 0 && err != NULL)
        *err = spill->error;
    if (spill->status == MIA_OK)
        sort->runs[sort->run_count++] = (struct run){.map = spill->map, .at = spill->map.bytes};
    return spill->status;
}

void mia__sort_close(struct mia__sort *sort)
{
    if (sort == NULL)
        return;
    end_spill(sort, NULL);
    for (size_t i = 0; i < sort->run_capacity; i++)
        mia__file_unmap(&sort->runs[i].map);
    mia__free(sort->runs);
    mia__free(sort->places);
    mia__buf_free(&sort->pairs.bytes);
    mia__buf_free(&sort->spill.pairs.bytes);
    mia__free(sort->directory);
    mia__free(sort);
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

static void *make_run(void *argument)
{
    struct spill *spill = argument;
    spill->status = mia__sort_run_make(&spill->pairs, spill->path, &spill->map, &spill->error);
    return NULL;
}

/* What came so far becomes a run, in a thread of its own if there can be one. */
static mia_status begin_spill(struct mia__sort *sort, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    struct spill *spill = &sort->spill;
    TRY(end_spill(sort, err));
    TRY(reserve_run(sort, err));
    spill->path = mia__format("%s/run.%zu", sort->directory, sort->run_count);
    if (spill->path == NULL)
        return mia__fail_nomem(err);
    struct mia__sort_pairs emptied = spill->pairs;
    spill->pairs = sort->pairs;
    sort->pairs = (struct mia__sort_pairs){.bytes = emptied.bytes};
    sort->pairs.bytes.size = 0;
    spill->is_begun = true;
    spill->has_thread = pthread_create(&spill->thread, NULL, make_run, spill) == 0;
    if (!spill->has_thread)
        make_run(spill);
done:
    return rc;
}

mia_status mia__sort_add(struct mia__sort *sort, uint32_t tree, mia_slice key, mia_slice value,
                         struct mia_error *err)
{
    mia_status rc;
    struct mia__buf *bytes = &sort->pairs.bytes;
    size_t total = bytes->size + MIA__SORT_HEADER + key.size + value.size;
    if (key.size > UINT32_MAX || value.size > UINT32_MAX)
        return mia__fail(err, MIA_ERR_TOO_LONG, "a pair of more than 4 GiB cannot be sorted");
    TRY(mia__buf_reserve(bytes, total, err));
    mia__sort_write(bytes->data + bytes->size, tree, key, value);
    bytes->size = total;
    sort->pairs.count++;
    if (total >= sort->memory / 2)
        TRY(begin_spill(sort, err));
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
    TRY(end_spill(sort, err));
    if (sort->pairs.count == 0)
        goto done;
    TRY(reserve_run(sort, err));
    sort->places = mia__sort_order(&sort->pairs);
    if (sort->places == NULL) {
        rc = mia__fail_nomem(err);
        goto done;
    }
    sort->runs[sort->run_count++] = (struct run){
        .at = sort->places->at, .next = sort->places + 1, .end = sort->places + sort->pairs.count};
done:
    return rc;
}

static mia_status begin_reading(struct mia__sort *sort, struct mia_error *err)
{
    mia_status rc = take_rest(sort, err);
    if (rc < 0)
        return rc;
    mia__buf_free(&sort->spill.pairs.bytes);
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
