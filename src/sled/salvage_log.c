/* sled/salvage_log.c - intact messages between damage */
#include "sled/salvage_log.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/try.h"

#include <stdlib.h>

/* Looking for the next message at each byte computes checksums of what looks like one: so many
 * times the size of a segment, and then no more, or chosen bytes could take for ever. */
enum { EFFORT = 64 };

static uint32_t last_place(const struct mia__sled_log *log)
{
    return log->segment_size - MIA__SLED_MESSAGE_HEADER;
}

static bool read_at(const struct mia__sled_log *log, uint64_t offset, uint64_t number, uint32_t at,
                    struct mia__sled_message *m)
{
    return mia__sled_message_read(log, offset, number, at, m) == MIA__SLED_READ &&
           (!mia__sled_is_blob(m->kind) || m->body_size == 8) &&
           (m->kind != MIA__SLED_MANIFEST || m->body_size == 8);
}

static uint64_t effort_for(const struct mia__sled_log *log)
{
    return (uint64_t)EFFORT * log->segment_size;
}

/* The next intact message of a segment from `at` on; number UINT64_MAX: of any below `most`.
 * *effort: what is left for the segment. */
static bool resync(const struct mia__sled_log *log, uint64_t offset, uint64_t number, uint64_t most,
                   uint32_t at, uint64_t *effort, uint32_t *found, struct mia__sled_message *m)
{
    for (; at <= last_place(log) && at < log->size - offset; at++) {
        mia__sled_message_again(log, offset, at, m);
        bool is_wanted =
            number == UINT64_MAX ? m->segment_number < most : m->segment_number == number;
        if (!is_wanted || m->kind == MIA__SLED_CORRUPTED || m->kind >= MIA__SLED_KINDS)
            continue;
        if (read_at(log, offset, m->segment_number, at, m)) {
            *found = at;
            return true;
        }
        uint64_t cost = m->body_size < log->segment_size ? m->body_size : 0;
        if (cost >= *effort)
            return false;
        *effort -= cost;
    }
    return false;
}

/* ---- segments */

static bool is_zero(const struct mia__sled_log *log, uint64_t offset, uint64_t size)
{
    uint64_t end = offset + size < log->size ? offset + size : log->size;
    while (offset < end && log->bytes[offset] == 0)
        offset++;
    return offset >= end;
}

static int by_lsn(const void *a, const void *b)
{
    const struct mia__sled_segment *first = a, *second = b;
    int order = (first->lsn > second->lsn) - (first->lsn < second->lsn);
    return order != 0 ? order : (first->offset > second->offset) - (first->offset < second->offset);
}

static bool has_lsn(const struct mia__sled_segments *all, size_t count, int64_t lsn)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (all->items[middle].lsn < lsn)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && all->items[low].lsn == lsn;
}

static size_t drop_doubles(struct mia__sled_segments *all)
{
    size_t kept = 0;
    qsort(all->items, all->count, sizeof *all->items, by_lsn);
    for (size_t i = 0; i < all->count; i++)
        if (kept == 0 || all->items[i].lsn != all->items[kept - 1].lsn)
            all->items[kept++] = all->items[i];
    return kept;
}

/* A slot without a header: which segment do its messages belong to? One that others have not. */
static bool infer(const struct mia__sled_store *store, uint64_t offset, size_t known, uint64_t most,
                  int64_t *lsn)
{
    struct mia__sled_message m;
    uint32_t at = MIA__SLED_SEGMENT_HEADER, found;
    const struct mia__sled_log *log = &store->log;
    uint64_t effort = effort_for(log);
    if (!resync(log, offset, UINT64_MAX, most, at, &effort, &found, &m))
        return false;
    *lsn = (int64_t)m.segment_number * log->segment_size;
    return !has_lsn(&store->segments, known, *lsn);
}

mia_status mia__sled_salvage_segments(struct mia__sled_store *store,
                                      const struct mia__sled_salvage_log *job,
                                      struct mia_error *err)
{
    mia_status rc = MIA_OK;
    struct mia__sled_log *log = &store->log;
    struct mia__sled_segments *all = &store->segments;
    uint64_t slots = mia__sled_slots(log), size = log->segment_size;
    all->items = mia__alloc_array((size_t)slots + 1, sizeof *all->items);
    if (all->items == NULL)
        return mia__fail_nomem(err);
    for (uint64_t i = 0; i < slots; i++) {
        struct mia__sled_header header;
        mia__sled_log_touch(log, MIA__SLED_FAULT_AROUND);
        if (mia__sled_header_read(log, i * size, &header))
            all->items[all->count++] = (struct mia__sled_segment){
                .lsn = header.lsn, .max_stable_lsn = header.max_stable_lsn, .offset = i * size};
    }
    all->count = drop_doubles(all);
    size_t known = all->count;
    uint64_t most = slots + (known > 0 ? (uint64_t)all->items[known - 1].lsn / size : 0) + 1;
    for (uint64_t i = 0; i < slots; i++) {
        struct mia__sled_header header;
        int64_t lsn;
        if (mia__sled_header_read(log, i * size, &header) || is_zero(log, i * size, size))
            continue;
        mia__sled_log_touch(log, size);
        if (!infer(store, i * size, known, most, &lsn))
            continue;
        TRY(job->gap(job->ctx, -1, i * size, MIA__SLED_SEGMENT_HEADER,
                     "the header of a segment, which was told by its messages"));
        all->items[all->count++] = (struct mia__sled_segment){.lsn = lsn, .offset = i * size};
    }
    all->count = drop_doubles(all);
done:
    return rc;
}

/* ---- messages */

struct reading {
    struct mia__sled_store *store;
    const struct mia__sled_salvage_log *job;
    int64_t end; /* the LSN behind the last message of all; 0: not known yet */
    bool is_over;
};

/* Calls fn for each message; *stop: where the last one ended. */
static mia_status each_message(struct reading *r, const struct mia__sled_segment *segment,
                               bool is_last, bool is_counting)
{
    mia_status rc = MIA_OK;
    const struct mia__sled_log *log = &r->store->log;
    uint64_t number = (uint64_t)segment->lsn / log->segment_size, offset = segment->offset;
    uint64_t effort = effort_for(log);
    uint32_t at = MIA__SLED_SEGMENT_HEADER, found;
    while (at <= last_place(log) && !r->is_over) {
        struct mia__sled_message m;
        if (!read_at(log, offset, number, at, &m)) {
            bool is_found = resync(log, offset, number, 0, at, &effort, &found, &m);
            uint32_t to = is_found ? found : log->segment_size;
            bool is_end =
                !is_found && (is_last || (at == last_place(log) && is_zero(log, offset + at, 31)));
            if (!is_counting && !is_end)
                TRY(r->job->gap(r->job->ctx, segment->lsn + to - 1, offset + at, to - at,
                                "no message can be read"));
            if (!is_found)
                break;
            at = found;
        }
        int64_t lsn = segment->lsn + at;
        at += mia__sled_message_size(&m);
        if (m.kind == MIA__SLED_CAP)
            break;
        if (is_counting) {
            r->end = segment->lsn + at;
            continue;
        }
        if (m.kind == MIA__SLED_MANIFEST)
            r->is_over = (int64_t)mia__load_u64le(m.body) >= r->end; /* never completed */
        else if (m.kind != MIA__SLED_CANCELED)
            TRY(r->job->message(r->job->ctx, lsn, segment->offset + (uint64_t)(lsn - segment->lsn),
                                &m));
    }
done:
    return rc;
}

mia_status mia__sled_salvage_each(struct mia__sled_store *store,
                                  const struct mia__sled_salvage_log *job, int64_t *end,
                                  struct mia_error *err)
{
    mia_status rc = MIA_OK;
    struct reading r = {.store = store, .job = job};
    const struct mia__sled_segments *all = &store->segments;
    for (size_t i = all->count; i > 0 && r.end == 0; i--)
        TRY(each_message(&r, &all->items[i - 1], true, true));
    for (size_t i = 0; i < all->count && !r.is_over; i++) {
        TRY(mia__sled_store_check(store, err));
        int64_t behind = i > 0 ? all->items[i - 1].lsn + store->log.segment_size : 0;
        if (all->items[i].lsn != behind)
            TRY(job->gap(job->ctx, all->items[i].lsn - 1, 0, 0, NULL));
        mia__sled_log_touch(&store->log, store->log.segment_size);
        TRY(each_message(&r, &all->items[i], i + 1 == all->count, false));
        if (job->stopped != NULL && job->stopped(job->ctx, i + 1, all->count)) {
            rc = mia__fail(err, MIA_ERR_CANCELLED, "stopped while reading the log of %s",
                           store->directory);
            goto done;
        }
    }
    *end = r.end;
done:
    return rc;
}

/* ---- conf */

static uint64_t count_headers(const struct mia__map *map, uint32_t size)
{
    struct mia__sled_log log;
    struct mia__sled_header header;
    uint64_t count = 0;
    mia__sled_log_begin(&log, map, size);
    for (uint64_t i = 0; i < mia__sled_slots(&log); i++)
        count += mia__sled_header_read(&log, i * size, &header);
    return count;
}

/* With compression every payload is a length and a frame of zstd. */
static bool looks_compressed(const struct mia__map *map, uint32_t size)
{
    static const uint8_t magic[] = {0x28, 0xb5, 0x2f, 0xfd};
    enum { LENGTH_MOST = 9 };
    struct mia__sled_log log;
    struct mia__sled_header header;
    mia__sled_log_begin(&log, map, size);
    for (uint64_t i = 0; i < mia__sled_slots(&log); i++) {
        struct mia__sled_message m;
        uint32_t at = MIA__SLED_SEGMENT_HEADER;
        if (!mia__sled_header_read(&log, i * size, &header))
            continue;
        for (; at <= last_place(&log); at += mia__sled_message_size(&m)) {
            if (!read_at(&log, i * size, (uint64_t)header.lsn / size, at, &m))
                break;
            if (m.kind != MIA__SLED_NODE && m.kind != MIA__SLED_META)
                continue;
            for (uint32_t j = 0; j <= LENGTH_MOST && j + sizeof magic <= m.body_size; j++)
                if (memcmp(m.body + j, magic, sizeof magic) == 0)
                    return true;
            return false;
        }
    }
    return false;
}

/* All multiples of a smaller size have the headers of the larger one: the largest size with the
 * most headers is it. Where there is one segment only, sled's own default will do. */
bool mia__sled_salvage_conf(const struct mia__map *map, struct mia__sled_conf *conf)
{
    enum { DEFAULT_SIZE = 512 << 10 };
    uint64_t best = 0;
    for (uint32_t size = MIA__SLED_SEGMENT_MIN; size <= MIA__SLED_SEGMENT_MAX; size *= 2) {
        uint64_t count = count_headers(map, size);
        if (count == 0 || count < best || (count == 1 && best == 1 && size > DEFAULT_SIZE))
            continue;
        best = count;
        conf->segment_size = size;
    }
    if (best > 0)
        conf->is_compressed = looks_compressed(map, conf->segment_size);
    return best > 0;
}
