/*
 * base/sort_places.c - J. Bentley, R. Sedgewick, "Fast algorithms for sorting and searching
 * strings", 1997, eight bytes at a time
 *
 * Keys of an index are long and begin alike. What is alike is not looked at again: places are
 * parted by their fronts, and those with the same one by the next eight bytes. A pair is touched
 * once for each front.
 */
#include "base/sort_places.h"

#include <stdlib.h>

enum { FRONT = 8, FEW = 8 };

/* What has the same tree and the same bytes before. */
struct level {
    bool is_value; /* in the value: the keys are the same */
    size_t depth;  /* bytes of it */
};

static int compare_numbers(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

int mia__sort_compare(const uint8_t *a, const uint8_t *b)
{
    struct mia_pair x = mia__sort_pair(a), y = mia__sort_pair(b);
    int order = compare_numbers(mia__sort_tree(a), mia__sort_tree(b));
    if (order == 0)
        order = mia_slice_compare(x.key, y.key);
    return order != 0 ? order : mia_slice_compare(x.value, y.value);
}

static int compare_whole(const void *a, const void *b)
{
    return mia__sort_compare(((const struct mia__sort_place *)a)->at,
                             ((const struct mia__sort_place *)b)->at);
}

static void load_front(struct mia__sort_place *place, struct level level)
{
    struct mia_pair pair = mia__sort_pair(place->at);
    mia_slice text = level.is_value ? pair.value : pair.key;
    const uint8_t *from = (const uint8_t *)text.data + level.depth;
    size_t left = text.size - level.depth;
    place->tree = mia__sort_tree(place->at);
    place->front_size = left < FRONT ? (uint32_t)left : FRONT;
    if (left >= FRONT)
        place->front = mia__load_u64be(from);
    else /* the bytes before are the pair's, too: its header at least */
        place->front = left > 0 ? mia__load_u64be(from + left - FRONT) << 8 * (FRONT - left) : 0;
}

/* A front that ends is filled with zeros: of two alike the shorter one is first. */
static inline int compare_fronts(const struct mia__sort_place *a, const struct mia__sort_place *b)
{
    if (a->tree != b->tree)
        return a->tree < b->tree ? -1 : 1;
    if (a->front != b->front)
        return a->front < b->front ? -1 : 1;
    return (int)a->front_size - (int)b->front_size;
}

static void swap(struct mia__sort_place *a, struct mia__sort_place *b)
{
    struct mia__sort_place place = *a;
    *a = *b;
    *b = place;
}

static void insert_each(struct mia__sort_place *places, size_t count)
{
    for (size_t i = 1; i < count; i++)
        for (size_t j = i; j > 0; j--) {
            int order = compare_fronts(&places[j - 1], &places[j]);
            if (order == 0)
                order = compare_whole(&places[j - 1], &places[j]);
            if (order <= 0)
                break;
            swap(&places[j - 1], &places[j]);
        }
}

static struct mia__sort_place middle_of(const struct mia__sort_place *a,
                                        const struct mia__sort_place *b,
                                        const struct mia__sort_place *c)
{
    if (compare_fronts(a, b) > 0) {
        const struct mia__sort_place *lower = b;
        b = a;
        a = lower;
    }
    return compare_fronts(c, a) < 0 ? *a : compare_fronts(c, b) < 0 ? *c : *b;
}

/* Lower ones to the front, higher ones to the end, and how many there are of both. */
static void part(struct mia__sort_place *places, size_t count, size_t *lower, size_t *higher)
{
    struct mia__sort_place pivot = middle_of(&places[0], &places[count / 2], &places[count - 1]);
    size_t low = 0, high = count;
    for (size_t i = 0; i < high;) {
        int order = compare_fronts(&places[i], &pivot);
        if (order < 0)
            swap(&places[i++], &places[low++]);
        else if (order > 0)
            swap(&places[i], &places[--high]);
        else
            i++;
    }
    *lower = low;
    *higher = count - high;
}

/* Gives the places their next fronts. False: they are the same to the end. */
static bool descend(struct mia__sort_place *places, size_t count, struct level *level)
{
    if (places[0].front_size == FRONT)
        level->depth += FRONT;
    else if (!level->is_value)
        *level = (struct level){.is_value = true};
    else
        return false;
    for (size_t i = 0; i < count; i++)
        load_front(&places[i], *level);
    return true;
}

static void sort(struct mia__sort_place *places, size_t count, struct level level,
                 unsigned attempts)
{
    while (count > FEW) {
        size_t lower, higher;
        if (attempts == 0) {
            qsort(places, count, sizeof *places, compare_whole);
            return;
        }
        part(places, count, &lower, &higher);
        size_t same = count - lower - higher, most = count - count / 8;
        attempts -= lower > most || higher > most;
        sort(places, lower, level, attempts);
        sort(places + lower + same, higher, level, attempts);
        places += lower;
        count = same;
        if (!descend(places, count, &level))
            return;
    }
    insert_each(places, count);
}

void mia__sort_places(struct mia__sort_place *places, size_t count, unsigned attempts)
{
    struct level level = {0};
    for (size_t i = 0; i < count; i++)
        load_front(&places[i], level);
    sort(places, count, level, attempts);
}
