/* sled/tail.c - the end of the log */
#include "sled/tail.h"

#include "base/bytes.h"
#include "sled/walk.h"

/* A candidate is read only if its segment number is one that is looked for: what lies between
 * messages is mostly zeros and parts of values, and checksums take time. */
static bool is_message(const struct mia__sled_log *log, uint64_t offset, uint32_t at,
                       uint64_t first_number, uint64_t last_number, struct mia__sled_message *m)
{
    if (log->size - offset <= at)
        return false;
    mia__sled_message_again(log, offset, at, m);
    return m->segment_number >= first_number && m->segment_number <= last_number &&
           mia__sled_message_read(log, offset, m->segment_number, at, m) == MIA__SLED_READ;
}

uint64_t mia__sled_count_messages(const struct mia__sled_log *log, uint64_t offset, uint32_t at,
                                  uint64_t first_number, uint64_t last_number)
{
    uint64_t count = 0;
    while (at <= log->segment_size - MIA__SLED_MESSAGE_HEADER) {
        struct mia__sled_message m;
        if (!is_message(log, offset, at, first_number, last_number, &m)) {
            at++;
            continue;
        }
        count += m.kind != MIA__SLED_CAP && m.kind != MIA__SLED_CANCELED;
        at += mia__sled_message_size(&m);
    }
    return count;
}

/* The highest LSN known to be stable says in which segment the part begins that may be torn. */
static int64_t tail_begin(const struct mia__sled_log *log,
                          const struct mia__sled_segments *segments, int64_t floor)
{
    int64_t stable = floor;
    for (size_t i = mia__sled_segments_find(segments, floor); i < segments->count; i++)
        if (segments->items[i].max_stable_lsn > stable)
            stable = segments->items[i].max_stable_lsn;
    return stable / log->segment_size * log->segment_size;
}

static void count_lost(const struct mia__sled_log *log, const struct mia__sled_segments *segments,
                       size_t from, uint32_t at, struct mia__sled_tail *out)
{
    if (from == segments->count)
        return;
    out->torn_at = segments->items[from].offset + at;
    for (size_t i = from; i < segments->count; i++) {
        const struct mia__sled_segment *s = &segments->items[i];
        uint64_t number = (uint64_t)s->lsn / log->segment_size;
        uint64_t lost = mia__sled_count_messages(
            log, s->offset, i == from ? at : MIA__SLED_SEGMENT_HEADER, number, number);
        out->lost_messages += lost;
        out->lost_segments += lost > 0;
    }
    out->is_torn = out->lost_messages > 0;
}

/* Goes up from the tail's begin. A missing segment ends the log as well as an unreadable message;
 * so does a batch that reaches beyond a missing segment. */
void mia__sled_tail_find(const struct mia__sled_scan_job *job,
                         const struct mia__sled_segments *segments, int64_t floor,
                         struct mia__sled_tail *out)
{
    int64_t size = job->log->segment_size, begin = tail_begin(job->log, segments, floor);
    size_t first = mia__sled_segments_find(segments, begin), last = first;
    struct mia__sled_walk walk = {.cur = 0, .limit = INT64_MAX};
    memset(out, 0, sizeof *out);
    while (last < segments->count &&
           segments->items[last].lsn == begin + (int64_t)(last - first) * size)
        last++;
    if (last < segments->count) /* inclusive, as in sled */
        walk.limit = begin + (int64_t)(last - first) * size;
    for (size_t i = first; i < last; i++) {
        mia__sled_scan_segment(job, &segments->items[i]);
        enum mia__sled_walked walked = mia__sled_walk(job->log, &segments->items[i], &walk);
        if (walked == MIA__SLED_WALKED)
            continue;
        if (walked == MIA__SLED_WALK_LIMIT)
            count_lost(job->log, segments, last, MIA__SLED_SEGMENT_HEADER, out);
        else
            count_lost(job->log, segments, i, segments->items[i].stop, out);
        out->end = walk.cur - 1;
        return;
    }
    count_lost(job->log, segments, last, MIA__SLED_SEGMENT_HEADER, out);
    out->end = walk.cur - 1;
}
