/* ab/trace_write.c - recording: whatever goes wrong here is counted, and the program goes on */
#include "ab/trace_write.h"

#include "ab/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/options.h"
#include "base/try.h"

#include <errno.h>
#include <inttypes.h>
#include <libdeflate.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/random.h>

enum { BLOCK = 64 << 10, VALUE_MOST = MIA__TRACE_BLOCK_MOST / 2, KEY_MOST = 16 << 20 };
static const uint64_t default_max_bytes = UINT64_C(1) << 30;

struct mia_trace {
    pthread_mutex_t lock;          /* of all below it */
    struct mia__file_writer *file; /* NULL: recording has ended */
    char *path;
    struct mia_trace_options opt;
    uint8_t salt[MIA__TRACE_SALT];
    struct mia__sha256 *sha;
    bool has_header;
    uint32_t level; /* MIA__TRACE_RECORDS or 0, from the first event on */
    uint64_t start_ns, last_ns;
    struct mia__buf block; /* room for its header, and events */
    uint32_t block_events, block_number;
    struct mia__buf names; /* of trees: each its size as a uint32_t and the bytes */
    uint32_t trees, threads;
    struct mia_trace_report report;
    /* Threads know by it whether their number is one of this recording. */
    uint64_t id;
    atomic_uint_fast64_t txns;
};

/* ---- numbers and bytes of a block */

static mia_status put_number(mia_trace *t, uint64_t value)
{
    uint8_t bytes[MIA__TRACE_VARINT_MOST];
    size_t size = 0;
    for (; value >= 0x80; value >>= 7)
        bytes[size++] = (uint8_t)(value | 0x80);
    bytes[size++] = (uint8_t)value;
    return mia__buf_append(&t->block, bytes, size, NULL);
}

static mia_status put_bytes(mia_trace *t, mia_slice bytes)
{
    mia_status rc = put_number(t, bytes.size);
    return rc < 0 ? rc : mia__buf_append(&t->block, bytes.data, bytes.size, NULL);
}

mia_status mia__trace_hash_key(struct mia__sha256 *sha, const uint8_t salt[MIA__TRACE_SALT],
                               mia_slice tree, mia_slice key, uint8_t out[MIA__TRACE_HASH])
{
    mia_status rc;
    uint8_t digest[MIA__SHA256_SIZE], size[8];
    mia__store_u64le(size, tree.size);
    TRY(mia__sha256_begin(sha, NULL));
    TRY(mia__sha256_add(sha, (mia_slice){salt, MIA__TRACE_SALT}, NULL));
    TRY(mia__sha256_add(sha, (mia_slice){size, sizeof size}, NULL));
    TRY(mia__sha256_add(sha, tree, NULL));
    TRY(mia__sha256_add(sha, key, NULL));
    TRY(mia__sha256_end(sha, digest, NULL));
    memcpy(out, digest, MIA__TRACE_HASH);
done:
    return rc;
}

/* ---- the file */

/* Recording ends here; what comes from now on is counted as lost. */
static void stop(mia_trace *t, const struct mia_error *why)
{
    if (t->report.why.status == MIA_OK)
        t->report.why = *why;
    mia__file_abandon(t->file);
    t->file = NULL;
}

static mia_status append(mia_trace *t, const void *data, size_t size, struct mia_error *err)
{
    uint64_t most = t->opt.max_bytes > 0 ? t->opt.max_bytes : default_max_bytes;
    if (t->report.bytes + size > most)
        return mia__fail(err, MIA_ERR_FULL,
                         "%s: the trace has grown to its limit of %" PRIu64 " bytes", t->path,
                         most);
    mia_status rc = mia__file_append(t->file, data, size, err);
    if (rc == MIA_OK)
        t->report.bytes += size;
    return rc;
}

static mia_status write_header(mia_trace *t, struct mia_error *err)
{
    uint8_t header[MIA__TRACE_HEADER] = MIA__TRACE_MAGIC;
    uint32_t flags = t->level | (t->opt.hash_keys ? (uint32_t)MIA__TRACE_HASHED : 0) |
                     (t->opt.with_values ? (uint32_t)MIA__TRACE_VALUES : 0);
    if (t->has_header)
        return MIA_OK;
    t->has_header = true;
    mia__store_u32le(header + 8, MIA__TRACE_VERSION);
    mia__store_u32le(header + 12, flags);
    memcpy(header + MIA__TRACE_SALT_AT, t->salt, sizeof t->salt);
    mia__store_u32le(header + MIA__TRACE_CRC_AT, libdeflate_crc32(0, header, MIA__TRACE_CRC_AT));
    return append(t, header, sizeof header, err);
}

/* Gives the block its header and hands it to the file. */
static mia_status flush(mia_trace *t, struct mia_error *err)
{
    mia_status rc;
    uint8_t *at = t->block.data;
    size_t size = t->block.size - MIA__TRACE_BLOCK_HEADER;
    TRY(write_header(t, err));
    mia__store_u32le(at, (uint32_t)size);
    mia__store_u32le(at + 4, t->block_events);
    mia__store_u32le(at + 8, t->block_number++);
    uint32_t crc = libdeflate_crc32(0, at, 12);
    mia__store_u32le(at + 12, libdeflate_crc32(crc, at + MIA__TRACE_BLOCK_HEADER, size));
    TRY(append(t, at, t->block.size, err));
    t->report.events += t->block_events;
    t->block.size = MIA__TRACE_BLOCK_HEADER;
    t->block_events = 0;
done:
    return rc;
}

/* ---- events */

/* 0, 1, ... in the order in which threads first came. */
static uint32_t thread_number(mia_trace *t)
{
    static _Thread_local struct {
        uint64_t recording;
        uint32_t number;
    } mine;
    if (mine.recording != t->id) {
        mine.recording = t->id;
        mine.number = t->threads < MIA__TRACE_THREADS_MOST - 1 ? t->threads++ : t->threads;
    }
    return mine.number;
}

static mia_status put_event(mia_trace *t, const struct mia__trace_event *e)
{
    mia_status rc;
    unsigned parts = mia__trace_parts(e->kind);
    uint8_t kind = (uint8_t)e->kind;
    uint64_t at = e->at_ns - t->last_ns; /* zigzag: small both ways */
    TRY(mia__buf_append(&t->block, &kind, 1, NULL));
    TRY(put_number(t, thread_number(t)));
    TRY(put_number(t, e->txn));
    TRY(put_number(t, at << 1 ^ (0 - (at >> 63))));
    if (parts & MIA__TRACE_HAS_TREE)
        TRY(put_number(t, e->tree));
    if (parts & MIA__TRACE_HAS_KEY)
        TRY(put_bytes(t, e->key));
    if (parts & MIA__TRACE_HAS_NAME)
        TRY(put_bytes(t, e->name));
    if (parts & MIA__TRACE_HAS_VALUE)
        TRY(put_number(t, e->value.size));
    if ((parts & MIA__TRACE_HAS_VALUE) && t->opt.with_values)
        TRY(mia__buf_append(&t->block, e->value.data, e->value.size, NULL));
    if (parts & MIA__TRACE_HAS_FLOATS) /* they tell as much as a key does */
        TRY(put_bytes(t, t->opt.hash_keys && !t->opt.with_values ? (mia_slice){0} : e->value));
    if (parts & MIA__TRACE_HAS_EXTRA)
        TRY(put_number(t, e->extra));
    t->last_ns = e->at_ns;
    t->block_events++;
done:
    return rc;
}

/* The number of a tree, which gets an event with its name when it is met first. */
static mia_status number_tree(mia_trace *t, mia_slice name, uint64_t at_ns, uint32_t *number)
{
    mia_status rc;
    uint32_t size;
    *number = 0;
    for (size_t at = 0; at < t->names.size; at += sizeof size + size, ++*number) {
        memcpy(&size, t->names.data + at, sizeof size);
        if (mia_slice_equal((mia_slice){t->names.data + at + sizeof size, size}, name))
            return MIA_OK;
    }
    if (t->trees == MIA__TRACE_TREES_MOST)
        return MIA_ERR_FULL;
    size = (uint32_t)name.size;
    struct mia__trace_event event = {.kind = MIA__TRACE_TREE, .name = name, .at_ns = at_ns};
    TRY(mia__buf_append(&t->names, &size, sizeof size, NULL));
    TRY(mia__buf_append(&t->names, name.data, name.size, NULL));
    TRY(put_event(t, &event));
    t->trees++;
done:
    return rc;
}

/* Kinds of nodes are not, and a prefix of nothing is none. */
static bool is_private(const struct mia__trace_event *e)
{
    bool is_kind = e->kind == MIA__TRACE_IDS && mia_slice_equal(e->name, MIA_BYTES("node_type"));
    return e->key.size > 0 && !is_kind;
}

/* All of an event or, if memory runs out half-way, nothing of it. */
static mia_status add(mia_trace *t, struct mia__trace_event *e, mia_slice tree,
                      struct mia_error *err)
{
    mia_status rc;
    uint8_t hash[MIA__TRACE_HASH];
    size_t before = t->block.size;
    uint32_t events_before = t->block_events;
    unsigned parts = mia__trace_parts(e->kind);
    if (parts & MIA__TRACE_HAS_TREE)
        TRY(number_tree(t, tree, e->at_ns, &e->tree));
    before = t->block.size;
    events_before = t->block_events;
    if ((parts & MIA__TRACE_HAS_KEY) && t->opt.hash_keys && is_private(e)) {
        TRY(mia__trace_hash_key(t->sha, t->salt, tree, e->key, hash));
        e->key = (mia_slice){hash, sizeof hash};
    }
    TRY(put_event(t, e));
    rc = t->block.size >= BLOCK ? flush(t, err) : MIA_OK;
done:
    if (rc < 0 && err->status == MIA_OK) {
        t->block.size = before;
        t->block_events = events_before;
        t->report.lost++;
        mia__fail(err, rc, "%s: %s", t->path, mia_status_text(rc));
    }
    return rc;
}

void mia__trace_write(mia_trace *t, uint32_t level, struct mia__trace_event *event, mia_slice tree,
                      uint64_t started_ns)
{
    struct mia_error err = {0};
    bool is_large = event->value.size > VALUE_MOST || event->key.size > KEY_MOST ||
                    event->name.size > KEY_MOST || tree.size > KEY_MOST;
    uint64_t now = started_ns != 0 ? started_ns : mia__ab_now();
    pthread_mutex_lock(&t->lock);
    if (t->file == NULL) {
        t->report.lost++;
    } else if (is_large || (t->block_number + t->block_events > 0 && t->level != level)) {
        t->report.left_out++;
    } else {
        t->level = level;
        event->at_ns = now > t->start_ns ? now - t->start_ns : 0;
        if (add(t, event, tree, &err) < 0) {
            t->report.lost += t->block_events;
            stop(t, &err);
        }
    }
    pthread_mutex_unlock(&t->lock);
}

void mia__trace_leave_out(mia_trace *t)
{
    pthread_mutex_lock(&t->lock);
    t->report.left_out++;
    pthread_mutex_unlock(&t->lock);
}

uint64_t mia__trace_new_txn(mia_trace *t)
{
    return atomic_fetch_add(&t->txns, 1) + 1;
}

/* ---- begin and end */

static void free_trace(mia_trace *t)
{
    if (t == NULL)
        return;
    mia__file_abandon(t->file);
    mia__sha256_close(t->sha);
    mia__buf_free(&t->block);
    mia__buf_free(&t->names);
    mia__free(t->path);
    pthread_mutex_destroy(&t->lock);
    mia__free(t);
}

mia_status mia_trace_create(const char *path, const struct mia_trace_options *opt, mia_trace **out,
                            struct mia_error *err)
{
    static atomic_uint_fast64_t ids;
    mia_status rc;
    *out = NULL;
    mia_trace *t = mia__alloc_zero(sizeof *t);
    if (t == NULL)
        return mia__fail_nomem(err);
    pthread_mutex_init(&t->lock, NULL);
    t->id = atomic_fetch_add(&ids, 1) + 1;
    t->start_ns = mia__ab_now();
    t->path = mia__strdup(path);
    TRY(mia__options_read(&t->opt, sizeof t->opt, opt, "mia_trace_options", err));
    if (t->path == NULL) {
        rc = mia__fail_nomem(err);
        goto done;
    }
    if (getrandom(t->salt, sizeof t->salt, 0) != sizeof t->salt) {
        rc = mia__fail_errno(err, errno, "cannot get random bytes");
        goto done;
    }
    TRY(mia__sha256_open(&t->sha, err));
    TRY(mia__buf_reserve(&t->block, BLOCK + (BLOCK >> 2), err));
    t->block.size = MIA__TRACE_BLOCK_HEADER;
    rc = mia__file_create(path, &t->file, err);
done:
    if (rc < 0)
        free_trace(t);
    else
        *out = t;
    return rc;
}

/* What is left, the block that is the end, and the data on disk. */
static mia_status finish(mia_trace *t, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    if (t->block_events > 0)
        TRY(flush(t, err));
    TRY(flush(t, err));
    TRY(mia__file_sync(t->file, err));
    rc = mia__file_close(t->file, err);
    t->file = NULL;
done:
    return rc;
}

mia_status mia_trace_report(mia_trace *t, struct mia_trace_report *out, struct mia_error *err)
{
    mia_status rc = mia__report_check(out, "mia_trace_report", err);
    if (rc < 0)
        return rc;
    pthread_mutex_lock(&t->lock);
    mia__report_write(out, &t->report, sizeof t->report);
    pthread_mutex_unlock(&t->lock);
    return MIA_OK;
}

mia_status mia_trace_close(mia_trace *t, struct mia_trace_report *out, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    struct mia_error why = {0};
    if (t == NULL)
        return MIA_OK;
    if (out != NULL)
        rc = mia__report_check(out, "mia_trace_report", err);
    if (rc < 0)
        return rc;
    if (t->file != NULL && finish(t, &why) < 0)
        stop(t, &why);
    if (out != NULL)
        mia__report_write(out, &t->report, sizeof t->report);
    free_trace(t);
    return MIA_OK;
}
