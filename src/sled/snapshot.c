/* sled/snapshot.c - finding and reading a snapshot */
#include "sled/snapshot.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/try.h"
#include "sled/unzip.h"
#include "sled/varint.h"

#include <libdeflate.h>
#include <stdlib.h>

enum {
    TRAILER = 12,
    CHUNK = 64 << 10, /* of content in memory; a page state is shorter than 10 KiB */
    STATE_MOST = 1 + UINT8_MAX * (8 + 1 + MIA__SLED_VARINT_MOST + 8 + MIA__SLED_VARINT_MOST)
};

struct search {
    char *name;
    int64_t lsn;
};

static mia_status note_snapshot(void *ctx, const char *name, struct mia_error *err)
{
    (void)err;
    struct search *search = ctx;
    if (strncmp(name, "snap.", 5) != 0 || strspn(name + 5, "0123456789ABCDEF") != 16 ||
        name[5 + 16] != '\0')
        return MIA_OK;
    uint64_t lsn = strtoull(name + 5, NULL, 16);
    if (lsn > INT64_MAX || (search->name[0] != '\0' && (int64_t)lsn <= search->lsn))
        return MIA_OK;
    memcpy(search->name, name, MIA__SLED_SNAPSHOT_NAME);
    search->lsn = (int64_t)lsn;
    return MIA_OK;
}

mia_status mia__sled_snapshot_find(const char *directory, char name[MIA__SLED_SNAPSHOT_NAME],
                                   int64_t *lsn, struct mia_error *err)
{
    struct search search = {name, 0};
    name[0] = '\0';
    mia_status rc = mia__dir_each(directory, note_snapshot, &search, err);
    *lsn = search.lsn;
    return rc;
}

/* The content, a chunk at a time. */
struct content {
    const struct mia__sled_store *store;
    const char *name;
    struct mia__map map;
    mia_slice stored; /* without the trailer */
    struct mia__sled_unzip unzip;
    struct mia__buf chunk;
    struct mia__parse parse; /* of the chunk, or of the whole content if it is not compressed */
    bool is_all;             /* nothing follows the chunk */
};

static mia_status blame(const struct content *c, const char *reason, struct mia_error *err)
{
    struct mia__sled_place place = {c->name, MIA__SLED_NOWHERE, MIA__SLED_NOWHERE};
    return mia__sled_damaged(&c->store->judge, place, err, "%s", reason);
}

/* Makes sure that a whole page state can be parsed, unless the content ends before. */
static mia_status refill(struct content *c, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    size_t left = mia__parse_left(&c->parse), got;
    struct mia_error why = {0};
    if (c->is_all || left >= STATE_MOST)
        return MIA_OK;
    TRY(mia__buf_reserve(&c->chunk, CHUNK, err));
    memmove(c->chunk.data, c->parse.at, left);
    if (mia__sled_unzip_some(&c->unzip, c->chunk.data + left, CHUNK - left, &got, &why) < 0)
        return blame(c, why.message, err);
    c->chunk.size = left + got;
    c->is_all = c->chunk.size < CHUNK;
    c->parse = mia__parse_begin(mia__buf_slice(&c->chunk));
done:
    return rc;
}

static void close_content(struct content *c)
{
    mia__buf_free(&c->chunk);
    mia__sled_unzip_free(&c->unzip);
    mia__file_unmap(&c->map);
}

/* MIA_NOTFOUND: it cannot be used, and the listener knows. */
static mia_status open_content(struct content *c, struct mia_error *err)
{
    mia_status rc;
    const char *reason = NULL;
    char *path = mia__path_join(c->store->directory, c->name);
    if (path == NULL)
        return mia__fail_nomem(err);
    TRY(mia__file_map(path, &c->map, err));
    c->stored =
        (mia_slice){c->map.bytes, c->map.size > TRAILER ? (size_t)c->map.size - TRAILER : 0};
    if (c->stored.size == 0)
        reason = "it is too short";
    else if (mia__load_u32le(c->map.bytes + c->stored.size + 8) !=
             libdeflate_crc32(0, c->map.bytes, c->stored.size))
        reason = "its checksum is wrong";
    if (reason != NULL) {
        rc = blame(c, reason, err);
        rc = rc == MIA_OK ? MIA_NOTFOUND : rc;
        goto done;
    }
    c->is_all = !c->store->conf.is_compressed;
    if (c->is_all) {
        c->parse = mia__parse_begin(c->stored);
    } else {
        c->parse = mia__parse_begin((mia_slice){0});
        TRY(mia__sled_unzip_begin(&c->unzip, c->stored, err));
    }
done:
    mia__free(path);
    return rc;
}

static int64_t parse_i64(struct mia__parse *p)
{
    const uint8_t *at = mia__parse_take(p, 8, MIA__SLED_CUT);
    return at != NULL ? (int64_t)mia__load_u64le(at) : 0;
}

/* 0 means none; otherwise the LSN plus one. */
static bool is_of_lsn(struct mia__parse *p, int64_t lsn)
{
    int64_t stored = parse_i64(p);
    return p->fault == 0 && stored > 0 && stored - 1 == lsn;
}

static void parse_part(struct mia__parse *p, bool has_size, struct mia__sled_snapshot_part *out)
{
    out->lsn = parse_i64(p);
    uint8_t is_blob = mia__sled_parse_u8(p);
    if (is_blob > 1)
        mia__parse_refuse(p, p->at, MIA__SLED_CUT, is_blob);
    out->offset = mia__sled_parse_varint(p);
    out->blob = is_blob ? parse_i64(p) : -1;
    if (is_blob && out->blob < 0)
        mia__parse_refuse(p, p->at, MIA__SLED_CUT, 0);
    if (has_size)
        mia__sled_parse_varint(p);
}

static bool parse_page(struct mia__parse *p, struct mia__sled_snapshot_page *out)
{
    uint8_t count = mia__sled_parse_u8(p);
    out->is_free = count == 0;
    out->count = count == 0 ? 1 : count;
    for (size_t i = 0; i < out->count; i++)
        parse_part(p, !out->is_free, &out->parts[i]);
    return p->fault == 0;
}

static mia_status each_page(struct content *c, mia__sled_snapshot_fn fn, void *ctx, uint64_t *count,
                            struct mia_error *err)
{
    mia_status rc;
    struct mia__sled_snapshot_page page = {0};
    for (;; page.page++) {
        TRY(refill(c, err));
        if (mia__parse_left(&c->parse) == 0)
            break;
        if (!parse_page(&c->parse, &page)) {
            rc = blame(c, "its page table cannot be read", err);
            goto done;
        }
        TRY(fn(ctx, &page, err));
    }
    *count = page.page;
done:
    return rc;
}

mia_status mia__sled_snapshot_each(const struct mia__sled_store *store, const char *name,
                                   int64_t lsn, mia__sled_snapshot_fn fn, void *ctx,
                                   uint64_t *count, struct mia_error *err)
{
    mia_status rc;
    uint64_t pages = UINT64_MAX;
    struct content c = {.store = store, .name = name};
    TRY(open_content(&c, err));
    if (rc == MIA_NOTFOUND)
        goto done;
    TRY(refill(&c, err));
    bool is_right = is_of_lsn(&c.parse, lsn);
    mia__sled_parse_varint(&c.parse); /* the tip's segment: the log says it too */
    if (!is_right || c.parse.fault != 0)
        rc = blame(&c, "it is not the table of the LSN in its name", err);
    else
        rc = each_page(&c, fn, ctx, &pages, err);
done:
    if (count != NULL)
        *count = pages;
    close_content(&c);
    return rc < 0 ? rc : MIA_OK;
}
