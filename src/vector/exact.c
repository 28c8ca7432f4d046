/* vector/exact.c - a heap of the k nearest so far, the farthest of them on top */
#include "vector/exact.h"

#include "base/error.h"
#include "base/memory.h"
#include "vector/cosine.h"

enum { FIRST_ROOM = 16 };

mia_status mia__exact_begin(struct mia__exact *exact, mia_floats query, size_t k, mia__tie_fn *tie,
                            void *tie_ctx, struct mia_error *err)
{
    memset(exact, 0, sizeof *exact);
    float square = mia__square(query);
    if (!mia__has_direction(square))
        return mia__fail(err, MIA_ERR_INVALID,
                         "the query vector of %zu floats has no direction: it is zero, or not "
                         "finite",
                         query.count);
    exact->query = mia__alloc(query.count * sizeof(float));
    if (exact->query == NULL)
        return mia__fail_nomem(err);
    memcpy(exact->query, query.data, query.count * sizeof(float));
    exact->dimension = query.count;
    exact->square = square;
    exact->most = k;
    exact->tie = tie;
    exact->tie_ctx = tie_ctx;
    return MIA_OK;
}

static bool is_before(const struct mia__exact *exact, const struct mia__hit *a,
                      const struct mia__hit *b)
{
    return mia__hit_order(a, b, exact->tie, exact->tie_ctx) < 0;
}

/* The hit finds its place from the bottom up. */
static void sift_up(struct mia__exact *exact, size_t at, struct mia__hit hit)
{
    struct mia__hit *heap = exact->heap;
    while (at > 0 && is_before(exact, &heap[(at - 1) / 2], &hit)) {
        heap[at] = heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    heap[at] = hit;
}

/* The hit finds its place from the top down, in a heap of `count`. */
static void sift_down(struct mia__exact *exact, size_t count, struct mia__hit hit)
{
    struct mia__hit *heap = exact->heap;
    size_t at = 0;
    for (size_t child = 1; child < count; child = 2 * at + 1) {
        if (child + 1 < count && is_before(exact, &heap[child], &heap[child + 1]))
            child++;
        if (!is_before(exact, &hit, &heap[child]))
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = hit;
}

static mia_status make_room(struct mia__exact *exact, struct mia_error *err)
{
    if (exact->count < exact->room)
        return MIA_OK;
    size_t room = exact->room > 0 ? 2 * exact->room : FIRST_ROOM;
    if (room > exact->most)
        room = exact->most;
    struct mia__hit *heap = mia__realloc(exact->heap, room * sizeof *heap);
    if (heap == NULL)
        return mia__fail_nomem(err);
    exact->heap = heap;
    exact->room = room;
    return MIA_OK;
}

static mia_status keep(struct mia__exact *exact, struct mia__hit hit, struct mia_error *err)
{
    if (exact->count == exact->most) {
        if (exact->most > 0 && is_before(exact, &hit, &exact->heap[0]))
            sift_down(exact, exact->count, hit);
        return MIA_OK;
    }
    mia_status rc = make_room(exact, err);
    if (rc == MIA_OK)
        sift_up(exact, exact->count++, hit);
    return rc;
}

mia_status mia__exact_offer(struct mia__exact *exact, uint64_t key, mia_floats vector,
                            struct mia_error *err)
{
    if (vector.count != exact->dimension)
        return mia__fail(err, MIA_ERR_INVALID,
                         "a vector of %zu floats cannot be compared with a query of %zu",
                         vector.count, exact->dimension);
    float square;
    float dot = mia__floats_dot_square(exact->query, vector.data, vector.count, &square);
    exact->seen++;
    if (!mia__has_direction(square)) {
        exact->skipped++;
        return MIA_OK;
    }
    struct mia__hit hit = {key, mia__cosine_distance(dot, exact->square, square)};
    return keep(exact, hit, err);
}

const struct mia__hit *mia__exact_end(struct mia__exact *exact, size_t *found)
{
    *found = exact->count;
    for (size_t left = exact->count; left > 1; left--) { /* the farthest goes behind the others */
        struct mia__hit farthest = exact->heap[0];
        sift_down(exact, left - 1, exact->heap[left - 1]);
        exact->heap[left - 1] = farthest;
    }
    return exact->heap;
}

void mia__exact_free(struct mia__exact *exact)
{
    mia__free(exact->heap);
    mia__free(exact->query);
    memset(exact, 0, sizeof *exact);
}
