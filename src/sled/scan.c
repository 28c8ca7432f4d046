/* sled/scan.c - threads that check segments */
#include "sled/scan.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/memory.h"

#include <pthread.h>
#include <unistd.h>

enum {
    THREADS = 8,
    UNIT_BYTES = 1 << 20,  /* what a thread takes at a time, at least one segment */
    UNITS_AHEAD = 32,      /* of the one who waits */
    ALONE_BYTES = 2 << 20, /* so little is not worth a thread */
    MANIFEST_SIZE = 8
};

struct mia__sled_scan {
    struct mia__sled_scan_job job;
    size_t unit; /* segments */
    pthread_t threads[THREADS];
    unsigned thread_count;
    pthread_mutex_t lock; /* all below, and `stop` and `ending` of units in `done` */
    pthread_cond_t changed;
    size_t taken, waited; /* units begun by threads; the unit that is waited for */
    bool is_done[UNITS_AHEAD];
    bool is_stopped;
};

/* sled reads a blob with its message: a damaged one is an error, a missing one is passed over. */
static bool is_blob_sound(const struct mia__sled_scan_job *job, const struct mia__sled_message *m)
{
    struct mia__map map;
    mia_status rc =
        mia__sled_blob_open(job->blobs, (int64_t)mia__load_u64le(m->body), m->kind, &map, NULL);
    if (rc == MIA_OK)
        mia__file_unmap(&map);
    return rc >= 0;
}

/* The bodies of these two are numbers of a fixed size, which the checksum says nothing about. */
static bool is_body_sound(const struct mia__sled_message *m)
{
    bool is_number = m->kind == MIA__SLED_MANIFEST || mia__sled_is_blob(m->kind);
    return !is_number || m->body_size == MANIFEST_SIZE;
}

static enum mia__sled_ending find_end(const struct mia__sled_scan_job *job,
                                      const struct mia__sled_segment *segment, uint32_t *at)
{
    const struct mia__sled_log *log = job->log;
    uint64_t number = (uint64_t)segment->lsn / log->segment_size;
    *at = MIA__SLED_SEGMENT_HEADER;
    while (*at <= log->segment_size - MIA__SLED_MESSAGE_HEADER) {
        struct mia__sled_message m;
        enum mia__sled_answer answer =
            mia__sled_message_read(log, segment->offset, number, *at, &m);
        if (answer == MIA__SLED_FAILED)
            return MIA__SLED_ENDS_FAILED;
        if (answer == MIA__SLED_BROKEN || !is_body_sound(&m))
            return MIA__SLED_ENDS_BROKEN;
        if (m.kind == MIA__SLED_CAP)
            return MIA__SLED_CAPPED;
        if (mia__sled_is_blob(m.kind) && segment->lsn + *at >= job->blobs_from &&
            !is_blob_sound(job, &m))
            return MIA__SLED_ENDS_BLOB;
        *at += mia__sled_message_size(&m);
    }
    return MIA__SLED_FULL;
}

void mia__sled_scan_segment(const struct mia__sled_scan_job *job, struct mia__sled_segment *segment)
{
    uint32_t stop;
    segment->ending = find_end(job, segment, &stop);
    segment->stop = stop;
}

static void scan_unit(struct mia__sled_scan *scan, size_t unit)
{
    size_t end = (unit + 1) * scan->unit;
    if (end > scan->job.count)
        end = scan->job.count;
    for (size_t i = unit * scan->unit; i < end; i++)
        mia__sled_scan_segment(&scan->job, &scan->job.segments[i]);
}

/* The next unit once it is near enough; false: there is none, or the scan was closed. */
static bool take_unit(struct mia__sled_scan *scan, size_t *unit)
{
    size_t units = (scan->job.count + scan->unit - 1) / scan->unit;
    while (!scan->is_stopped && scan->taken < units && scan->taken - scan->waited >= UNITS_AHEAD)
        pthread_cond_wait(&scan->changed, &scan->lock);
    if (scan->is_stopped || scan->taken == units)
        return false;
    *unit = scan->taken++;
    return true;
}

static void *work(void *argument)
{
    struct mia__sled_scan *scan = argument;
    size_t unit;
    pthread_mutex_lock(&scan->lock);
    while (take_unit(scan, &unit)) {
        pthread_mutex_unlock(&scan->lock);
        scan_unit(scan, unit);
        pthread_mutex_lock(&scan->lock);
        scan->is_done[unit % UNITS_AHEAD] = true;
        pthread_cond_broadcast(&scan->changed);
    }
    pthread_mutex_unlock(&scan->lock);
    return NULL;
}

static unsigned count_threads(const struct mia__sled_scan_job *job)
{
    if (job->count <= ALONE_BYTES / job->log->segment_size)
        return 0;
    long processors = job->threads != 0 ? (long)job->threads : sysconf(_SC_NPROCESSORS_ONLN);
    return processors < 1 ? 1 : processors > THREADS ? THREADS : (unsigned)processors;
}

mia_status mia__sled_scan_open(const struct mia__sled_scan_job *job, struct mia__sled_scan **out,
                               struct mia_error *err)
{
    *out = NULL;
    struct mia__sled_scan *scan = mia__alloc_zero(sizeof *scan);
    if (scan == NULL)
        return mia__fail_nomem(err);
    scan->job = *job;
    uint32_t size = job->log->segment_size;
    scan->unit = size < UNIT_BYTES ? UNIT_BYTES / size : 1;
    pthread_mutex_init(&scan->lock, NULL);
    pthread_cond_init(&scan->changed, NULL);
    for (unsigned wanted = count_threads(job); scan->thread_count < wanted; scan->thread_count++)
        if (pthread_create(&scan->threads[scan->thread_count], NULL, work, scan) != 0)
            break; /* fewer will do, and none */
    *out = scan;
    return MIA_OK;
}

void mia__sled_scan_wait(struct mia__sled_scan *scan, size_t index)
{
    if (scan->thread_count == 0) {
        mia__sled_scan_segment(&scan->job, &scan->job.segments[index]);
        return;
    }
    if (index % scan->unit != 0)
        return; /* the first of the unit was waited for */
    size_t unit = index / scan->unit;
    pthread_mutex_lock(&scan->lock);
    if (unit > 0)
        scan->is_done[(unit - 1) % UNITS_AHEAD] = false;
    scan->waited = unit;
    pthread_cond_broadcast(&scan->changed);
    while (!scan->is_done[unit % UNITS_AHEAD])
        pthread_cond_wait(&scan->changed, &scan->lock);
    pthread_mutex_unlock(&scan->lock);
}

void mia__sled_scan_close(struct mia__sled_scan *scan)
{
    if (scan == NULL)
        return;
    pthread_mutex_lock(&scan->lock);
    scan->is_stopped = true;
    pthread_cond_broadcast(&scan->changed);
    pthread_mutex_unlock(&scan->lock);
    for (unsigned i = 0; i < scan->thread_count; i++)
        pthread_join(scan->threads[i], NULL);
    pthread_cond_destroy(&scan->changed);
    pthread_mutex_destroy(&scan->lock);
    mia__free(scan);
}
