/* sled/walk.c - sled's iteration over one segment */
#include "sled/walk.h"

#include "base/bytes.h"

static enum mia__sled_walked answer_of(enum mia__sled_ending ending)
{
    switch (ending) {
    case MIA__SLED_FULL:
    case MIA__SLED_CAPPED:
        return MIA__SLED_WALKED;
    case MIA__SLED_ENDS_BROKEN:
        return MIA__SLED_WALK_BROKEN;
    case MIA__SLED_UNCHECKED:
    case MIA__SLED_ENDS_FAILED:
    case MIA__SLED_ENDS_BLOB:
        break;
    }
    return MIA__SLED_WALK_ERROR;
}

enum mia__sled_walked mia__sled_walk(const struct mia__sled_log *log,
                                     const struct mia__sled_segment *segment,
                                     struct mia__sled_walk *walk)
{
    struct mia__sled_message m;
    if (segment->lsn > walk->limit)
        return MIA__SLED_WALK_LIMIT;
    for (uint32_t at = MIA__SLED_SEGMENT_HEADER;; at += mia__sled_message_size(&m)) {
        walk->cur = segment->lsn + at;
        if (at > log->segment_size - MIA__SLED_MESSAGE_HEADER)
            return MIA__SLED_WALKED;
        if (walk->cur > walk->limit)
            return MIA__SLED_WALK_LIMIT;
        if (at == segment->stop)
            return answer_of(segment->ending);
        mia__sled_message_again(log, segment->offset, at, &m);
        if (m.kind == MIA__SLED_MANIFEST && (int64_t)mia__load_u64le(m.body) > walk->limit)
            return MIA__SLED_WALK_LIMIT;
        if (walk->fn == NULL || m.kind == MIA__SLED_MANIFEST || m.kind == MIA__SLED_CANCELED)
            continue;
        walk->status = walk->fn(walk->ctx, walk->cur, segment->offset + at, &m);
        if (walk->status < 0)
            return MIA__SLED_WALK_STOPPED;
    }
}
