/* migrate/legacy_set.c - bincode of HashSet<String>, compared as sets */
#include "migrate/legacy_set.h"

#include "base/try.h"
#include "bincode/read.h"

#include <stdlib.h>

static int by_bytes(const void *a, const void *b)
{
    const mia_str *first = a, *second = b;
    return mia_slice_compare((mia_slice){first->data, first->size},
                             (mia_slice){second->data, second->size});
}

/* Appends the members, sorted, to the scratch; *count SIZE_MAX: it is no set. */
static mia_status read_set(mia_slice value, struct mia__buf *scratch, size_t *count,
                           struct mia_error *err)
{
    mia_status rc = MIA_OK;
    struct mia__parse p = mia__parse_begin(value);
    size_t begin = scratch->size, n = mia__bincode_read_count(&p);
    for (size_t i = 0; i < n && p.fault == 0; i++) {
        mia_str member = mia__bincode_read_str(&p);
        TRY(mia__buf_append(scratch, &member, sizeof member, err));
    }
    *count = p.fault == 0 && mia__parse_left(&p) == 0 ? n : SIZE_MAX;
    if (*count != SIZE_MAX && n > 1)
        qsort(scratch->data + begin, n, sizeof(mia_str), by_bytes);
done:
    return rc;
}

mia_status mia__legacy_set_equal(mia_slice a, mia_slice b, struct mia__buf *scratch, bool *equal,
                                 struct mia_error *err)
{
    mia_status rc;
    size_t first, second;
    scratch->size = 0;
    *equal = false;
    TRY(read_set(a, scratch, &first, err));
    TRY(read_set(b, scratch, &second, err));
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
