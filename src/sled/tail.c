/* sled/tail.c - the end of the log by sled's rule (sled 0.34.7, src/pagecache/snapshot.rs) */
#include "sled/tail.h"

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/try.h"
#include "sled/log.h"

#include <errno.h>
#include <stdlib.h>

struct tail {
    struct mia__sled_log log;
    struct mia__sled_segment *segments; /* in use, by LSN */
    size_t count;
    struct mia__sled_tail found;
};

/* `segment_size: N` in conf; 0 where it says nothing sensible. */
static uint32_t parse_segment_size(const char *conf)
{
    const char *at = strstr(conf, "segment_size: ");
    unsigned long size = at != NULL ? strtoul(at + strlen("segment_size: "), NULL, 10) : 0;
    bool is_power = (size & (size - 1)) == 0;
    return is_power && size >= MIA__SLED_SEGMENT_MIN && size <= MIA__SLED_SEGMENT_MAX
               ? (uint32_t)size
               : 0;
}

static mia_status read_segment_size(const char *directory, uint32_t *size, struct mia_error *err)
{
    mia_status rc;
    char text[257] = {0};
    size_t got;
    char *path = mia__path_join(directory, "conf");
    if (path == NULL)
        return mia__fail_nomem(err);
    TRY(mia__file_read(path, 0, text, sizeof text - 1, &got, err));
    *size = parse_segment_size(text);
done:
    mia__free(path);
    return rc;
}

/* The greatest `snap.` with 16 hexadecimal digits says up to where the log is stable. */
static mia_status note_snapshot(void *ctx, const char *name, struct mia_error *err)
{
    (void)err;
    int64_t *stable = ctx;
    if (strncmp(name, "snap.", 5) != 0 || strlen(name) != 5 + 16)
        return MIA_OK;
    errno = 0;
    int64_t lsn = strtoll(name + 5, NULL, 16);
    if (errno == 0 && lsn > *stable)
        *stable = lsn;
    return MIA_OK;
}

static int by_lsn(const void *a, const void *b)
{
    const struct mia__sled_segment *first = a, *second = b;
    return (first->lsn > second->lsn) - (first->lsn < second->lsn);
}

static mia_status list_segments(struct tail *t, struct mia_error *err)
{
    size_t slots = (size_t)(t->log.size / t->log.segment_size) + 1;
    t->segments = mia__alloc_array(slots, sizeof *t->segments);
    if (t->segments == NULL)
        return mia__fail_nomem(err);
    for (size_t i = 0; i < slots; i++) {
        uint64_t offset = (uint64_t)i * t->log.segment_size;
        t->count += mia__sled_segment(&t->log, offset, &t->segments[t->count]);
    }
    qsort(t->segments, t->count, sizeof *t->segments, by_lsn);
    return MIA_OK;
}

/* Where the tail begins that may be torn: the segment of the highest LSN known to be stable. */
static int64_t tail_begin(const struct tail *t, int64_t snapshot)
{
    int64_t size = t->log.segment_size, floor = snapshot / size * size, stable = floor;
    for (size_t i = 0; i < t->count; i++)
        if (t->segments[i].lsn >= floor && t->segments[i].max_stable_lsn > stable)
            stable = t->segments[i].max_stable_lsn;
    return stable / size * size;
}

static bool is_message_place(const struct tail *t, uint32_t at)
{
    return at <= t->log.segment_size - MIA__SLED_MESSAGE_HEADER;
}

/* Walks a segment's messages. True: it ends as sled ends segments, with a Cap or with too little
 * room for another message. *at is where the walk stopped. */
static bool walk(const struct tail *t, const struct mia__sled_segment *segment, uint32_t *at)
{
    *at = MIA__SLED_SEGMENT_HEADER;
    while (is_message_place(t, *at)) {
        struct mia__sled_message m;
        if (!mia__sled_message(&t->log, segment, *at, &m))
            return false;
        if (m.kind == MIA__SLED_CAP)
            return true;
        *at += m.header_size + m.body_size;
    }
    return true;
}

/* Intact messages of a segment from `at` on, wherever they begin. */
static uint64_t count_messages(const struct tail *t, const struct mia__sled_segment *segment,
                               uint32_t at)
{
    uint64_t count = 0;
    while (is_message_place(t, at)) {
        struct mia__sled_message m;
        if (!mia__sled_message(&t->log, segment, at, &m)) {
            at++;
            continue;
        }
        count += m.kind != MIA__SLED_CAP && m.kind != MIA__SLED_CANCELED;
        at += m.header_size + m.body_size;
    }
    return count;
}

static void count_lost(struct tail *t, size_t from, uint32_t at)
{
    t->found.torn_at = t->segments[from].offset + at;
    for (size_t i = from; i < t->count; i++) {
        uint64_t lost =
            count_messages(t, &t->segments[i], i == from ? at : MIA__SLED_SEGMENT_HEADER);
        t->found.lost_messages += lost;
        t->found.lost_segments += lost > 0;
    }
    t->found.is_torn = t->found.lost_messages > 0;
}

/* Goes up from the tail's begin; a missing segment ends the log as well as an unreadable message.
 */
static void find_tear(struct tail *t, int64_t begin)
{
    size_t i = 0;
    int64_t size = t->log.segment_size, expected = begin;
    while (i < t->count && t->segments[i].lsn < begin)
        i++;
    for (; i < t->count; i++, expected += size) {
        uint32_t at = MIA__SLED_SEGMENT_HEADER;
        if (t->segments[i].lsn != expected || !walk(t, &t->segments[i], &at)) {
            count_lost(t, i, at);
            return;
        }
    }
}

static mia_status inspect(struct tail *t, const char *directory, struct mia_error *err)
{
    mia_status rc;
    int64_t snapshot = 0;
    TRY(mia__dir_each(directory, note_snapshot, &snapshot, err));
    TRY(list_segments(t, err));
    if (t->count > 0)
        find_tear(t, tail_begin(t, snapshot));
done:
    mia__free(t->segments);
    return rc;
}

mia_status mia__sled_find_tear(const char *directory, struct mia__sled_tail *out,
                               struct mia_error *err)
{
    mia_status rc;
    struct tail t = {0};
    struct mia__map map = {0};
    memset(out, 0, sizeof *out);
    char *path = mia__path_join(directory, "db");
    if (path == NULL)
        return mia__fail_nomem(err);
    TRY(read_segment_size(directory, &t.log.segment_size, err));
    if (t.log.segment_size == 0)
        goto done;
    TRY(mia__file_map(path, &map, err));
    t.log.bytes = map.bytes;
    t.log.size = map.size;
    TRY(inspect(&t, directory, err));
    *out = t.found;
done:
    mia__file_unmap(&map);
    mia__free(path);
    return rc;
}
