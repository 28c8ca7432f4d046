/* sled/segments.c - the list of segments, from their headers */
#include "sled/segments.h"

#include "base/memory.h"
#include "base/try.h"

#include <stdlib.h>

static int by_lsn(const void *a, const void *b)
{
    const struct mia__sled_segment *first = a, *second = b;
    int order = (first->lsn > second->lsn) - (first->lsn < second->lsn);
    return order != 0 ? order : (first->offset > second->offset) - (first->offset < second->offset);
}

static mia_status drop_doubles(const struct mia__sled_judge *judge, struct mia__sled_segments *list,
                               struct mia_error *err)
{
    mia_status rc = MIA_OK;
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        const struct mia__sled_segment *s = &list->items[i];
        if (kept > 0 && s->lsn == list->items[kept - 1].lsn) {
            struct mia__sled_place place = {"db", s->offset, MIA__SLED_NOWHERE};
            TRY(mia__sled_damaged(judge, place, err, "this segment is also at byte %llu",
                                  (unsigned long long)list->items[kept - 1].offset));
            continue;
        }
        list->items[kept++] = *s;
    }
    list->count = kept;
done:
    return rc;
}

mia_status mia__sled_segments_list(struct mia__sled_log *log, const struct mia__sled_judge *judge,
                                   struct mia__sled_segments *out, struct mia_error *err)
{
    uint64_t slots = mia__sled_slots(log);
    out->count = 0;
    out->items = mia__alloc_array((size_t)slots, sizeof *out->items);
    if (out->items == NULL)
        return mia__fail_nomem(err);
    for (uint64_t i = 0; i < slots; i++) {
        struct mia__sled_header header;
        uint64_t offset = i * log->segment_size;
        mia__sled_log_touch(log, log->segment_size < MIA__SLED_FAULT_AROUND
                                     ? log->segment_size
                                     : MIA__SLED_FAULT_AROUND);
        if (mia__sled_header_read(log, offset, &header))
            out->items[out->count++] = (struct mia__sled_segment){
                .lsn = header.lsn, .max_stable_lsn = header.max_stable_lsn, .offset = offset};
    }
    qsort(out->items, out->count, sizeof *out->items, by_lsn);
    return drop_doubles(judge, out, err);
}

void mia__sled_segments_free(struct mia__sled_segments *segments)
{
    mia__free(segments->items);
    memset(segments, 0, sizeof *segments);
}

size_t mia__sled_segments_find(const struct mia__sled_segments *segments, int64_t lsn)
{
    size_t low = 0, high = segments->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (segments->items[middle].lsn < lsn)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
