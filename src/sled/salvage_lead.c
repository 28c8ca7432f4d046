/* sled/salvage_lead.c - which states of pages were in force at the same time */
#include "sled/salvage_pages.h"

#include "base/try.h"

enum { META_PAGE = 0, COUNTER_PAGE = 1 };

/* Whether what is lost is, by its header, one message and no Free. A bit that changed does not make
 * another kind of a Free: one bit away there is none that such a page can have. */
static bool is_no_free(const struct mia__sled_log *log, int64_t lsn, uint64_t offset,
                       uint64_t bytes)
{
    struct mia__sled_message m;
    uint32_t at = (uint32_t)(offset % log->segment_size);
    if (bytes < MIA__SLED_MESSAGE_LEAST)
        return false;
    mia__sled_message_again(log, offset - at, at, &m);
    if (m.segment_number != (uint64_t)lsn / log->segment_size ||
        mia__sled_message_size(&m) != bytes)
        return false;
    return (m.kind == MIA__SLED_COUNTER && m.page == COUNTER_PAGE) ||
           ((m.kind == MIA__SLED_META || m.kind == MIA__SLED_META_BLOB) && m.page == META_PAGE) ||
           (m.kind >= MIA__SLED_NODE && m.kind < MIA__SLED_KINDS && m.page > COUNTER_PAGE);
}

/* Each once, and none of the header of a segment, by which no message is lost. */
mia_status mia__sled_salvage_note_gap(struct mia__sled_salvage_state *state, int64_t lsn,
                                      uint64_t offset, uint64_t bytes, struct mia_error *err)
{
    const int64_t *gaps = (const int64_t *)(const void *)state->gaps.data;
    size_t count = state->gaps.size / sizeof *gaps;
    if (lsn <= (count > 0 ? gaps[count - 1] : -1) ||
        is_no_free(&state->store.log, lsn, offset, bytes))
        return MIA_OK;
    return mia__buf_append(&state->gaps, &lsn, sizeof lsn, err);
}

mia_status mia__sled_salvage_note_base(struct mia__sled_salvage_state *state, uint64_t page,
                                       int64_t lsn, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    struct mia__buf *births = &state->births;
    size_t size = (size_t)(page + 1) * sizeof lsn;
    if (mia__sled_pages_state(&state->store.pages, page) != MIA__SLED_PAGE_FREE)
        return rc;
    TRY(mia__buf_reserve(births, size, err));
    if (births->size < size) {
        memset(births->data + births->size, 0, size - births->size);
        births->size = size;
    }
    memcpy(births->data + page * sizeof lsn, &lsn, sizeof lsn);
done:
    return rc;
}

static bool has_fallen_back(const struct mia__sled_salvage_state *state, uint64_t page)
{
    return mia__sled_pages_state(&state->older, page) == MIA__SLED_PAGE_FREE &&
           mia__sled_pages_first(&state->older, page) ==
               mia__sled_pages_first(&state->store.pages, page);
}

static int64_t gap_from(const struct mia__sled_salvage_state *state, int64_t lsn)
{
    const int64_t *gaps = (const int64_t *)(const void *)state->gaps.data;
    size_t low = 0, high = state->gaps.size / sizeof *gaps, count = high;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (gaps[middle] < lsn)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count ? gaps[low] : INT64_MAX;
}

/* What the snapshot has was in force when it was made, whatever the log has lost before. */
static int64_t certain_until(const struct mia__sled_salvage_state *state, uint64_t page)
{
    int64_t known = mia__sled_salvage_age(state, page);
    if (state->has_snapshot && !has_fallen_back(state, page) && known < state->snapshot_lsn)
        known = state->snapshot_lsn;
    return gap_from(state, known);
}

int64_t mia__sled_salvage_until(const struct mia__sled_salvage_state *state, uint64_t page)
{
    return has_fallen_back(state, page) ? certain_until(state, page) : INT64_MAX;
}

static int64_t birth_of(const struct mia__sled_salvage_state *state, uint64_t page)
{
    const int64_t *births = (const int64_t *)(const void *)state->births.data;
    return page < state->births.size / sizeof *births ? births[page] : 0;
}

/* Nothing leads to a page that is not born yet: what does so led to the page's earlier life. */
enum mia__sled_lead mia__sled_salvage_lead(const struct mia__sled_salvage_state *state,
                                           uint64_t from, uint64_t to)
{
    int64_t age = mia__sled_salvage_age(state, from), led = mia__sled_salvage_age(state, to);
    if (age < birth_of(state, to) || age >= mia__sled_salvage_until(state, to) ||
        led >= mia__sled_salvage_until(state, from))
        return MIA__SLED_LEADS_NOWHERE;
    return age < certain_until(state, to) && led < certain_until(state, from)
               ? MIA__SLED_LEADS
               : MIA__SLED_LEADS_LIKELY;
}
