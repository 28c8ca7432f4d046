/* index/set.c - bincode of HashSet<String> */
#include "index/set.h"

#include "base/error.h"
#include "base/try.h"
#include "bincode/read.h"
#include "bincode/write.h"

#include <stdlib.h>

static int by_bytes(const void *a, const void *b)
{
    const mia_str *first = a, *second = b;
    return mia_slice_compare((mia_slice){first->data, first->size},
                             (mia_slice){second->data, second->size});
}

/* Appends the members, sorted, to the buffer; *count SIZE_MAX: it is no set. */
static mia_status append_members(mia_slice value, struct mia__buf *to, size_t *count,
                                 struct mia_error *err)
{
    mia_status rc = MIA_OK;
    struct mia__parse p = mia__parse_begin(value);
    size_t begin = to->size, n = mia__bincode_read_count(&p);
    for (size_t i = 0; i < n && p.fault == 0; i++) {
        mia_str member = mia__bincode_read_str(&p);
        TRY(mia__buf_append(to, &member, sizeof member, err));
    }
    *count = p.fault == 0 && mia__parse_left(&p) == 0 ? n : SIZE_MAX;
    if (*count != SIZE_MAX && n > 1)
        qsort(to->data + begin, n, sizeof(mia_str), by_bytes);
done:
    return rc;
}

static mia_str *members_of(struct mia__set *set)
{
    return (mia_str *)(void *)set->members.data;
}

static void set_count(struct mia__set *set, size_t count)
{
    set->count = count;
    set->members.size = count * sizeof(mia_str);
}

mia_status mia__set_read(struct mia__set *set, mia_slice value, struct mia_error *err)
{
    mia_status rc;
    size_t count, kept = 0;
    set->members.size = 0;
    set->count = 0;
    TRY(append_members(value, &set->members, &count, err));
    if (count == SIZE_MAX)
        return mia__fail(err, MIA_ERR_SERIALIZATION, "%zu bytes that are no set of ids",
                         value.size);
    mia_str *members = members_of(set);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || by_bytes(&members[i], &members[kept - 1]) != 0)
            members[kept++] = members[i];
    set_count(set, kept);
done:
    return rc;
}

/* The place of the first member that is not below. */
static size_t place_of(const struct mia__set *set, mia_str member)
{
    const mia_str *members = mia__set_members(set);
    size_t low = 0, high = set->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (by_bytes(&members[middle], &member) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_at(const struct mia__set *set, size_t place, mia_str member)
{
    return place < set->count && by_bytes(&mia__set_members(set)[place], &member) == 0;
}

mia_status mia__set_add(struct mia__set *set, mia_str member, bool *changed, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    size_t place = place_of(set, member);
    *changed = !is_at(set, place, member);
    if (!*changed)
        goto done;
    TRY(mia__buf_append(&set->members, &member, sizeof member, err));
    mia_str *members = members_of(set);
    memmove(members + place + 1, members + place, (set->count - place) * sizeof *members);
    members[place] = member;
    set_count(set, set->count + 1);
done:
    return rc;
}

void mia__set_remove(struct mia__set *set, mia_str member, bool *changed)
{
    size_t place = place_of(set, member);
    mia_str *members = members_of(set);
    *changed = is_at(set, place, member);
    if (!*changed)
        return;
    memmove(members + place, members + place + 1, (set->count - place - 1) * sizeof *members);
    set_count(set, set->count - 1);
}

mia_status mia__set_write(const struct mia__set *set, struct mia__buf *to, struct mia_error *err)
{
    struct mia__bincode_writer w = mia__bincode_begin(to, err);
    const mia_str *members = mia__set_members(set);
    mia__bincode_write_u64(&w, set->count);
    for (size_t i = 0; i < set->count; i++)
        mia__bincode_write_str(&w, (mia_slice){members[i].data, members[i].size});
    return w.status;
}

void mia__set_free(struct mia__set *set)
{
    mia__buf_free(&set->members);
}

mia_status mia__set_equal(mia_slice a, mia_slice b, struct mia__buf *scratch, bool *equal,
                          struct mia_error *err)
{
    mia_status rc;
    size_t first, second;
    scratch->size = 0;
    *equal = false;
    TRY(append_members(a, scratch, &first, err));
    TRY(append_members(b, scratch, &second, err));
    if (first != second || first == SIZE_MAX)
        goto done;
    const mia_str *members = (const mia_str *)(const void *)scratch->data;
    for (size_t i = 0; i < first; i++)
        if (by_bytes(&members[i], &members[first + i]) != 0)
            goto done;
    *equal = true;
done:
    return rc;
}
