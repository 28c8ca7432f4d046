/* model/json_members.c - members into the order of their keys */
#include "base/error.h"
#include "model/json_reader.h"

/* By bytes, as memcmp; a prefix comes first. */
static int compare(mia_str a, mia_str b)
{
    size_t common = a.size < b.size ? a.size : b.size;
    int order = common > 0 ? memcmp(a.data, b.data, common) : 0;
    return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

static bool is_in_order(const struct mia__json_member *members, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (compare(members[i - 1].key, members[i].key) >= 0)
            return false;
    return true;
}

/* from[0 .. middle) and from[middle .. count), each in order, into to; of equal keys the one of the
 * left comes first. */
static void merge(const struct mia__json_member *from, size_t middle, size_t count,
                  struct mia__json_member *to)
{
    size_t left = 0, right = middle;
    while (left < middle || right < count) {
        bool take_left =
            right == count || (left < middle && compare(from[left].key, from[right].key) <= 0);
        *to++ = take_left ? from[left++] : from[right++];
    }
}

/* Stable, and always O(n log n), which qsort does not promise; it may allocate, too. Returns the
 * one of the two arrays that has the result. */
static struct mia__json_member *sort(struct mia__json_member *members,
                                     struct mia__json_member *scratch, size_t count)
{
    for (size_t width = 1; width < count; width *= 2) {
        for (size_t i = 0; i < count; i += 2 * width) {
            size_t size = count - i < 2 * width ? count - i : 2 * width;
            merge(members + i, size < width ? size : width, size, scratch + i);
        }
        struct mia__json_member *sorted = scratch;
        scratch = members;
        members = sorted;
    }
    return members;
}

mia_status mia__json_order_members(struct mia__arena *arena, struct mia__json_member **members,
                                   size_t *count, struct mia_error *err)
{
    if (is_in_order(*members, *count))
        return MIA_OK;
    struct mia__json_member *scratch = mia__arena_alloc(arena, *count * sizeof *scratch);
    if (scratch == NULL)
        return mia__fail_nomem(err);
    struct mia__json_member *sorted = sort(*members, scratch, *count);
    size_t kept = 0;
    for (size_t i = 0; i < *count; i++)
        if (i + 1 == *count || compare(sorted[i].key, sorted[i + 1].key) != 0)
            sorted[kept++] = sorted[i];
    *members = sorted;
    *count = kept;
    return MIA_OK;
}
