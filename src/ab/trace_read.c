/* ab/trace_read.c - blocks and events, checked before they are used */
#include "ab/trace_read.h"

#include "base/error.h"

#include <inttypes.h>
#include <libdeflate.h>

enum fault { FINE, CUT, LONG_NUMBER, NO_KIND, NO_TREE, NO_THREAD, LEFT_OVER };

static const char *const faults[] = {
    [CUT] = "an event runs past the end of its block",
    [LONG_NUMBER] = "a number has more than 64 bits",
    [NO_KIND] = "an event of no kind",
    [NO_TREE] = "an event of a tree without a name",
    [NO_THREAD] = "a thread's number is too large",
    [LEFT_OVER] = "a block has more in it than its events",
};

unsigned mia__trace_parts(enum mia__trace_kind kind)
{
    switch (kind) {
    case MIA__TRACE_TREE:
        return MIA__TRACE_HAS_NAME;
    case MIA__TRACE_GET:
        return MIA__TRACE_HAS_TREE | MIA__TRACE_HAS_KEY;
    case MIA__TRACE_PUT:
        return MIA__TRACE_HAS_TREE | MIA__TRACE_HAS_KEY | MIA__TRACE_HAS_VALUE;
    case MIA__TRACE_DELETE:
    case MIA__TRACE_SCAN:
        return MIA__TRACE_HAS_TREE | MIA__TRACE_HAS_KEY | MIA__TRACE_HAS_EXTRA;
    case MIA__TRACE_NEIGHBOURS:
    case MIA__TRACE_IDS:
        return MIA__TRACE_HAS_KEY | MIA__TRACE_HAS_NAME | MIA__TRACE_HAS_EXTRA;
    case MIA__TRACE_SEARCH:
        return MIA__TRACE_HAS_FLOATS | MIA__TRACE_HAS_EXTRA;
    case MIA__TRACE_BEGIN_READ:
    case MIA__TRACE_BEGIN_WRITE:
    case MIA__TRACE_COMMIT:
    case MIA__TRACE_ABORT:
    case MIA__TRACE_KINDS:
    default:
        return 0;
    }
}

mia_status mia__trace_read_begin(struct mia__trace_reader *r, mia_slice bytes, const char *path,
                                 struct mia_error *err)
{
    const uint8_t *at = bytes.data;
    *r = (struct mia__trace_reader){.file = bytes, .path = path};
    if (bytes.size < MIA__TRACE_HEADER ||
        memcmp(at, MIA__TRACE_MAGIC, sizeof MIA__TRACE_MAGIC - 1) != 0)
        return mia__fail(err, MIA_ERR_INVALID, "%s is no trace", path);
    if (mia__load_u32le(at + MIA__TRACE_CRC_AT) != libdeflate_crc32(0, at, MIA__TRACE_CRC_AT))
        return mia__fail(err, MIA_ERR_CORRUPT, "%s: the header of the trace is damaged", path);
    uint32_t version = mia__load_u32le(at + 8);
    r->flags = mia__load_u32le(at + 12);
    if (version != MIA__TRACE_VERSION ||
        (r->flags & ~(uint32_t)(MIA__TRACE_HASHED | MIA__TRACE_VALUES | MIA__TRACE_RECORDS)) != 0)
        return mia__fail(err, MIA_ERR_VERSION,
                         "%s: a trace of version %u, flags 0x%x; this library reads version %d",
                         path, version, r->flags, MIA__TRACE_VERSION);
    memcpy(r->salt, at + MIA__TRACE_SALT_AT, sizeof r->salt);
    r->next_block = r->torn_at = MIA__TRACE_HEADER;
    r->payload = mia__parse_begin((mia_slice){0});
    return MIA_OK;
}

/* Steps into the next block. MIA_NOTFOUND: there is none that is whole. */
static mia_status open_block(struct mia__trace_reader *r)
{
    const uint8_t *at = (const uint8_t *)r->file.data + r->next_block;
    uint64_t left = r->file.size - r->next_block;
    if (r->is_complete || left < MIA__TRACE_BLOCK_HEADER)
        return MIA_NOTFOUND;
    uint32_t size = mia__load_u32le(at), events = mia__load_u32le(at + 4);
    if (size > MIA__TRACE_BLOCK_MOST || size > left - MIA__TRACE_BLOCK_HEADER ||
        mia__load_u32le(at + 8) != r->blocks)
        return MIA_NOTFOUND;
    uint32_t crc = libdeflate_crc32(0, at, 12);
    if (libdeflate_crc32(crc, at + MIA__TRACE_BLOCK_HEADER, size) != mia__load_u32le(at + 12))
        return MIA_NOTFOUND;
    r->blocks++;
    r->left = events;
    r->payload = mia__parse_begin((mia_slice){at + MIA__TRACE_BLOCK_HEADER, size});
    r->next_block += MIA__TRACE_BLOCK_HEADER + size;
    r->torn_at = r->next_block;
    r->is_complete = size == 0 && events == 0;
    return r->is_complete ? MIA_NOTFOUND : MIA_OK;
}

static uint64_t take_number(struct mia__parse *p)
{
    uint64_t value = 0;
    const uint8_t *place = p->at;
    for (unsigned shift = 0; shift < 70; shift += 7) {
        const uint8_t *byte = mia__parse_take(p, 1, CUT);
        if (byte == NULL)
            return 0;
        if (shift == 63 && *byte > 1)
            break;
        value |= (uint64_t)(*byte & 0x7f) << shift;
        if (*byte < 0x80)
            return value;
    }
    mia__parse_refuse(p, place, LONG_NUMBER, 0);
    return 0;
}

static mia_slice take_bytes(struct mia__parse *p)
{
    const uint8_t *place = p->at;
    size_t size = mia__parse_count(p, place, take_number(p), 1, CUT);
    return (mia_slice){mia__parse_take(p, size, CUT), size};
}

static void take_parts(struct mia__trace_reader *r, struct mia__trace_event *e)
{
    struct mia__parse *p = &r->payload;
    unsigned parts = mia__trace_parts(e->kind);
    if (parts & MIA__TRACE_HAS_TREE) {
        uint64_t tree = take_number(p);
        if (tree >= r->trees)
            mia__parse_refuse(p, p->at, NO_TREE, tree);
        e->tree = (uint32_t)tree;
    }
    if (parts & MIA__TRACE_HAS_KEY)
        e->key = take_bytes(p);
    if (parts & MIA__TRACE_HAS_NAME)
        e->name = take_bytes(p);
    if (parts & MIA__TRACE_HAS_VALUE)
        e->value_size = take_number(p);
    if ((parts & MIA__TRACE_HAS_VALUE) && (r->flags & MIA__TRACE_VALUES)) {
        size_t size = mia__parse_count(p, p->at, e->value_size, 1, CUT);
        e->value = (mia_slice){mia__parse_take(p, size, CUT), size};
    }
    if (parts & MIA__TRACE_HAS_FLOATS) {
        e->value = take_bytes(p);
        e->value_size = e->value.size;
    }
    if (parts & MIA__TRACE_HAS_EXTRA)
        e->extra = take_number(p);
}

/* Times go up and down by little, as threads come to the end of their calls. */
static void take_time(struct mia__trace_reader *r)
{
    uint64_t step = take_number(&r->payload);
    r->at_ns += step >> 1 ^ (0 - (step & 1));
}

static mia_status blame(const struct mia__trace_reader *r, struct mia_error *err)
{
    const struct mia__parse *p = &r->payload;
    uint64_t at = (uint64_t)(p->place - (const uint8_t *)r->file.data);
    return mia__fail(err, MIA_ERR_CORRUPT, "%s: byte %" PRIu64 ": %s", r->path, at,
                     faults[p->fault]);
}

mia_status mia__trace_read_next(struct mia__trace_reader *r, struct mia__trace_event *e,
                                struct mia_error *err)
{
    struct mia__parse *p = &r->payload;
    *e = (struct mia__trace_event){0};
    while (r->left == 0) {
        if (mia__parse_left(p) > 0) {
            mia__parse_refuse(p, p->at, LEFT_OVER, mia__parse_left(p));
            return blame(r, err);
        }
        if (open_block(r) != MIA_OK)
            return MIA_NOTFOUND;
    }
    const uint8_t *kind = mia__parse_take(p, 1, CUT);
    if (kind != NULL && *kind >= MIA__TRACE_KINDS)
        mia__parse_refuse(p, kind, NO_KIND, *kind);
    if (p->fault != 0)
        return blame(r, err);
    e->kind = (enum mia__trace_kind) * kind;
    uint64_t thread = take_number(p);
    e->txn = take_number(p);
    take_time(r);
    if (thread >= MIA__TRACE_THREADS_MOST)
        mia__parse_refuse(p, p->at, NO_THREAD, thread);
    take_parts(r, e);
    if (p->fault != 0)
        return blame(r, err);
    e->thread = (uint32_t)thread;
    e->at_ns = r->at_ns;
    if (e->kind == MIA__TRACE_TREE && r->trees++ >= MIA__TRACE_TREES_MOST) {
        mia__parse_refuse(p, p->at, NO_TREE, r->trees);
        return blame(r, err);
    }
    r->left--;
    return MIA_OK;
}
