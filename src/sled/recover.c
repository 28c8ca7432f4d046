/* sled/recover.c - the replay of the log */
#include "sled/recover.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/try.h"
#include "sled/snapshot.h"
#include "sled/tail.h"
#include "sled/walk.h"

struct replay {
    struct mia__sled_store *store;
    struct mia__sled_recovery *recovery;
    char snapshot[MIA__SLED_SNAPSHOT_NAME];
    struct mia__sled_scan_job job;
    struct mia__sled_scan *scan; /* of the segments from `first` on */
    size_t first;
    struct mia__sled_tail tail;
    int64_t apply_from; /* messages before are in the snapshot's table already */
    struct mia_error *err;
};

static mia_status find_tail(struct replay *r, int64_t floor, struct mia_error *err)
{
    mia__sled_tail_find(&r->job, &r->store->segments, floor, &r->tail);
    if (!r->tail.is_torn)
        return MIA_OK;
    r->recovery->lost_messages = r->tail.lost_messages;
    r->recovery->lost_segments = r->tail.lost_segments;
    if (r->recovery->accept_torn)
        return MIA_OK;
    return mia__fail(err, MIA_ERR_CORRUPT,
                     "%s: damaged, or torn by a crash: sled stops reading its file db at byte %llu "
                     "and would drop %llu intact messages behind it without a word; "
                     "--accept-torn-log takes what sled recovers",
                     r->store->directory, (unsigned long long)r->tail.torn_at,
                     (unsigned long long)r->tail.lost_messages);
}

/* A page has a message in the file at least, and a message takes so many bytes at least. */
static mia_status check_number(struct replay *r, uint64_t page, uint64_t offset)
{
    if (page < r->store->log.size / MIA__SLED_MESSAGE_LEAST)
        return MIA_OK;
    struct mia__sled_place place = {"db", offset, page};
    mia_status rc = mia__sled_damaged(&r->store->judge, place, r->err,
                                      "the file is too small for so many pages");
    return rc < 0 ? rc : MIA_NOTFOUND;
}

static bool is_missing_blob(const struct replay *r, const struct mia__sled_message *m)
{
    return mia__sled_is_blob(m->kind) &&
           !mia__sled_blob_exists(&r->store->blobs, (int64_t)mia__load_u64le(m->body));
}

static mia_status apply(void *ctx, int64_t lsn, uint64_t offset, const struct mia__sled_message *m)
{
    struct replay *r = ctx;
    struct mia__sled_pages *pages = &r->store->pages;
    if (lsn < r->apply_from)
        return MIA_OK;
    mia_status rc = check_number(r, m->page, offset);
    if (rc != MIA_OK)
        return rc;
    if (is_missing_blob(r, m))
        return mia__sled_pages_doubt(pages, m->page, r->err);
    if (m->kind == MIA__SLED_FREE)
        return mia__sled_pages_release(pages, m->page, offset, r->err);
    if (m->kind == MIA__SLED_LINK || m->kind == MIA__SLED_LINK_BLOB)
        return mia__sled_pages_link(pages, m->page, offset, r->err);
    return mia__sled_pages_base(pages, m->page, offset, r->err);
}

/* sled writes the parts of a segment in any order: after a kill a freed segment may still have its
 * header while the later part of its slot belongs to a segment behind the end of the log. */
static bool is_overwritten(const struct replay *r, const struct mia__sled_segment *segment)
{
    const struct mia__sled_log *log = &r->store->log;
    uint64_t tip = r->tail.end > 0 ? (uint64_t)r->tail.end / log->segment_size : 0;
    return mia__sled_count_messages(log, segment->offset, segment->stop, tip + 1,
                                    tip + 1 + mia__sled_slots(log)) > 0;
}

/* A start of sled that finds the end of the log where just one more message would fit goes on in
 * the next segment and leaves zeros here instead of a Cap. */
static bool is_left_empty(const struct replay *r, const struct mia__sled_segment *segment)
{
    const struct mia__sled_log *log = &r->store->log;
    if (segment->stop != log->segment_size - MIA__SLED_MESSAGE_HEADER)
        return false;
    for (uint64_t at = segment->offset + segment->stop, i = 0; i < MIA__SLED_MESSAGE_HEADER - 1;
         i++)
        if (at + i < log->size && log->bytes[at + i] != 0)
            return false;
    return true;
}

/* A segment that is not the log's last ends as sled ends segments. */
static mia_status check_ending(const struct replay *r, size_t index, int64_t limit)
{
    const struct mia__sled_segments *all = &r->store->segments;
    const struct mia__sled_segment *s = &all->items[index];
    bool is_tip =
        limit != INT64_MAX && (index + 1 == all->count || all->items[index + 1].lsn > limit);
    bool is_complete = s->ending == MIA__SLED_FULL || s->ending == MIA__SLED_CAPPED;
    if (is_tip || is_complete || is_left_empty(r, s) || is_overwritten(r, s))
        return MIA_OK;
    struct mia__sled_place place = {"db", s->offset + s->stop, MIA__SLED_NOWHERE};
    if (s->ending == MIA__SLED_ENDS_BLOB) {
        struct mia__sled_message m;
        mia__sled_message_again(&r->store->log, s->offset, s->stop, &m);
        place.page = m.page;
        return mia__sled_damaged(&r->store->judge, place, r->err,
                                 "its file blobs/%lld is cut or its checksum is wrong",
                                 (long long)mia__load_u64le(m.body));
    }
    return mia__sled_damaged(&r->store->judge, place, r->err,
                             "there is no intact message, but the log goes on elsewhere");
}

static bool has_segment(const struct replay *r, int64_t lsn)
{
    const struct mia__sled_segments *all = &r->store->segments;
    size_t i = mia__sled_segments_find(all, lsn);
    return i < all->count && all->items[i].lsn == lsn;
}

/* A slot whose header is damaged is no segment; but its first message still says of which segment
 * it is. What was thrown away has a header of zeros, or that of another segment. */
static mia_status check_header(struct replay *r, uint64_t offset, int64_t floor)
{
    static const uint8_t zeros[MIA__SLED_SEGMENT_HEADER];
    struct mia__sled_header header;
    struct mia__sled_message m;
    const struct mia__sled_log *log = &r->store->log;
    const struct mia__sled_segments *all = &r->store->segments;
    uint32_t at = MIA__SLED_SEGMENT_HEADER;
    if (log->size - offset < 2 * MIA__SLED_SEGMENT_HEADER ||
        mia__sled_header_read(log, offset, &header) ||
        memcmp(log->bytes + offset, zeros, sizeof zeros) == 0)
        return MIA_OK;
    mia__sled_message_again(log, offset, at, &m);
    uint64_t number = m.segment_number, size = log->segment_size;
    if (all->count == 0 || number >= (uint64_t)all->items[all->count - 1].lsn / size ||
        (int64_t)(number * size) < floor || has_segment(r, (int64_t)(number * size)) ||
        mia__sled_message_read(log, offset, number, at, &m) != MIA__SLED_READ)
        return MIA_OK;
    struct mia__sled_place place = {"db", offset, MIA__SLED_NOWHERE};
    return mia__sled_damaged(&r->store->judge, place, r->err, "the header of a segment is damaged");
}

static mia_status check_headers(struct replay *r, int64_t floor)
{
    mia_status rc = MIA_OK;
    for (uint64_t i = 0; i < mia__sled_slots(&r->store->log); i++)
        TRY(check_header(r, i * r->store->log.segment_size, floor));
done:
    return rc;
}

static mia_status report_progress(const struct replay *r, size_t done)
{
    uint64_t size = r->store->log.segment_size;
    struct mia_progress p = {.phase = "read the log",
                             .bytes_done = done * size,
                             .bytes_total = r->store->segments.count * size};
    if (r->recovery->progress == NULL || r->recovery->progress(r->recovery->progress_ctx, &p))
        return MIA_OK;
    return mia__fail(r->err, MIA_ERR_CANCELLED, "stopped while reading the log of %s",
                     r->store->directory);
}

/* *is_stopped: sled's iteration ends here. */
static mia_status replay_segment(struct replay *r, size_t index, struct mia__sled_walk *walk,
                                 bool *is_stopped)
{
    mia_status rc;
    enum { REPORT_BYTES = 4 << 20 };
    uint32_t size = r->store->log.segment_size;
    if (size >= REPORT_BYTES || index % (REPORT_BYTES / size) == 0)
        TRY(report_progress(r, index));
    TRY(mia__sled_store_check(r->store, r->err));
    mia__sled_log_touch(&r->store->log, size);
    mia__sled_scan_wait(r->scan, index - r->first);
    enum mia__sled_walked walked =
        mia__sled_walk(&r->store->log, &r->store->segments.items[index], walk);
    if (walked == MIA__SLED_WALK_STOPPED) {
        rc = walk->status;
        goto done;
    }
    if (walked == MIA__SLED_WALK_BROKEN || walked == MIA__SLED_WALK_ERROR)
        TRY(check_ending(r, index, walk->limit));
    *is_stopped = walked == MIA__SLED_WALK_LIMIT || walked == MIA__SLED_WALK_ERROR;
done:
    return rc;
}

/* sled's own end of the iteration must not lie before the snapshot's. */
static mia_status check_progress(const struct replay *r, int64_t cur)
{
    int64_t size = r->store->log.segment_size, stable = r->recovery->stable_lsn;
    bool is_at_end = cur % size >= size - MIA__SLED_MESSAGE_HEADER;
    int64_t reached = is_at_end ? cur / size * size + size : cur;
    if (cur == 0 || reached >= stable)
        return MIA_OK;
    struct mia__sled_place place = {"db", MIA__SLED_NOWHERE, MIA__SLED_NOWHERE};
    return mia__sled_damaged(&r->store->judge, place, r->err,
                             "the log ends at LSN %lld, before its own snapshot at %lld",
                             (long long)cur, (long long)stable);
}

/* The stable part without a limit, then the rest up to the end of the log. */
static mia_status replay(struct replay *r, int64_t floor)
{
    mia_status rc = MIA_OK;
    size_t rest = mia__sled_segments_find(&r->store->segments, floor);
    struct mia__sled_walk stable = {.limit = INT64_MAX, .fn = apply, .ctx = r};
    struct mia__sled_walk tail = {.limit = r->tail.end, .fn = apply, .ctx = r};
    bool is_stopped = false;
    r->first = r->apply_from > 0 ? rest : 0;
    r->job.segments = r->store->segments.items + r->first;
    r->job.count = r->store->segments.count - r->first;
    TRY(mia__sled_scan_open(&r->job, &r->scan, r->err));
    for (size_t i = r->first; i < rest; i++)
        TRY(replay_segment(r, i, &stable, &is_stopped));
    is_stopped = false;
    for (size_t i = rest; !is_stopped && i < r->store->segments.count; i++)
        TRY(replay_segment(r, i, &tail, &is_stopped));
    TRY(check_progress(r, tail.cur));
done:
    mia__sled_scan_close(r->scan);
    return rc;
}

/* Every page up to the highest has been there; none shows an older state for want of a blob. */
static mia_status check_pages(const struct replay *r)
{
    mia_status rc = MIA_OK;
    const struct mia__sled_pages *pages = &r->store->pages;
    for (uint64_t page = 0; page < pages->count; page++) {
        struct mia__sled_place place = {"db", MIA__SLED_NOWHERE, page};
        if (mia__sled_pages_is_doubted(pages, page))
            TRY(mia__sled_damaged(&r->store->judge, place, r->err,
                                  "a blob with the newest state of this page is missing"));
        else if (mia__sled_pages_state(pages, page) == MIA__SLED_PAGE_NONE)
            TRY(mia__sled_damaged(&r->store->judge, place, r->err,
                                  "the log has later pages, but nothing of this one"));
    }
done:
    return rc;
}

mia_status mia__sled_recover(struct mia__sled_store *store, struct mia__sled_recovery *recovery,
                             struct mia_error *err)
{
    mia_status rc;
    struct replay r = {.store = store, .recovery = recovery, .err = err};
    int64_t size = store->log.segment_size;
    TRY(mia__sled_segments_list(&store->log, &store->judge, &store->segments, err));
    TRY(mia__sled_snapshot_find(store->directory, r.snapshot, &recovery->stable_lsn, err));
    bool has_table = recovery->from_snapshot && r.snapshot[0] != '\0';
    int64_t floor = recovery->stable_lsn / size * size;
    r.job = (struct mia__sled_scan_job){.log = &store->log,
                                        .blobs = &store->blobs,
                                        .blobs_from = floor,
                                        .threads = recovery->threads};
    TRY(check_headers(&r, floor));
    TRY(find_tail(&r, floor, err));
    if (has_table) {
        r.apply_from = recovery->stable_lsn;
        TRY(mia__sled_snapshot_load(store, r.snapshot, recovery->stable_lsn, err));
    }
    TRY(replay(&r, floor));
    if (!has_table && r.snapshot[0] != '\0')
        TRY(mia__sled_snapshot_compare(store, r.snapshot, recovery->stable_lsn, err));
    rc = check_pages(&r);
done:
    return rc;
}
