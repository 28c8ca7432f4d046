/* model/json_members.c - members into the order of their keys */
#include "base/bytes.h"
#include "base/error.h"
#include "model/json_reader.h"

/* By bytes, as memcmp; a prefix comes first. */
static int compare(mia_str a, mia_str b)
{
    size_t common = a.size < b.size ? a.size : b.size, i = 0;
    uint64_t left = 0, right = 0;
    for (; common - i >= sizeof left && left == right; i += sizeof left) {
        left = mia__load_u64be(a.data + i);
        right = mia__load_u64be(b.data + i);
    }
    if (left == right && i < common) {
        left = __builtin_bswap64(mia__load_short(a.data + i, common - i));
        right = __builtin_bswap64(mia__load_short(b.data + i, common - i));
    }
    return left != right ? (left > right) - (left < right) : (a.size > b.size) - (a.size < b.size);
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

enum { RUN = 8 }; /* members that are sorted where they lie, before any are merged */

static void sort_run(struct mia__json_member *members, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct mia__json_member member = members[i];
        size_t at = i;
        for (; at > 0 && compare(members[at - 1].key, member.key) > 0; at--)
            members[at] = members[at - 1];
        members[at] = member;
    }
}

/* Stable, and always O(n log n), which qsort does not promise; it may allocate, too. Returns the
 * one of the two arrays that has the result. */
static struct mia__json_member *sort(struct mia__json_member *members,
                                     struct mia__json_member *scratch, size_t count)
{
    for (size_t i = 0; i < count; i += RUN)
        sort_run(members + i, count - i < RUN ? count - i : RUN);
    for (size_t width = RUN; width < count; width *= 2) {
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
