/* sled/page.c - fetching the parts of a page */
#include "sled/page.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/try.h"
#include "sled/varint.h"

#include <stdio.h>

enum {
    KEPT = 1 << 20, /* larger buffers are not kept for the next page */
    AHEAD = 8192    /* bytes of a message that are asked for before it is parsed */
};
/* A leaf holds up to sixteen values or so; larger ones than that are a trap. */
static const size_t most_plain =
    SIZE_MAX / 4 < UINT64_C(1) << 33 ? SIZE_MAX / 4 : (size_t)(UINT64_C(1) << 33);

void mia__sled_page_begin(struct mia__sled_page *page, struct mia__sled_store *store)
{
    memset(page, 0, sizeof *page);
    page->store = store;
}

static void forget(struct mia__sled_page *page)
{
    for (size_t i = 0; i < page->count; i++) {
        mia__file_unmap(&page->parts[i].blob);
        if (page->parts[i].plain.capacity > KEPT)
            mia__buf_free(&page->parts[i].plain);
    }
    page->count = 0;
}

void mia__sled_page_free(struct mia__sled_page *page)
{
    forget(page);
    for (size_t i = 0; i < page->capacity; i++)
        mia__buf_free(&page->parts[i].plain);
    mia__free(page->parts);
    mia__buf_free(&page->order);
    mia__sled_unzip_free(&page->unzip);
    memset(page, 0, sizeof *page);
}

mia_status mia__sled_page_blame(const struct mia__sled_page *page, size_t part, const char *reason,
                                struct mia_error *err)
{
    struct mia__sled_judge final = {page->store->directory, NULL, NULL};
    struct mia__sled_place place = {
        "db", part < page->count ? page->parts[part].offset : MIA__SLED_NOWHERE, page->number};
    return mia__sled_damaged(&final, place, err, "%s", reason);
}

static mia_status reserve(struct mia__sled_page *page, size_t count, struct mia_error *err)
{
    if (count <= page->capacity)
        return MIA_OK;
    size_t capacity = count < 16 ? 16 : count + count / 2;
    struct mia__sled_part *parts = mia__realloc(page->parts, capacity * sizeof *parts);
    if (parts == NULL)
        return mia__fail_nomem(err);
    memset(parts + page->capacity, 0, (capacity - page->capacity) * sizeof *parts);
    page->parts = parts;
    page->capacity = capacity;
    return MIA_OK;
}

static uint8_t inline_kind(uint8_t kind)
{
    return mia__sled_is_blob(kind) ? (uint8_t)(kind - 1) : kind;
}

static mia_status fetch_blob(struct mia__sled_page *page, size_t i, int64_t id, uint8_t kind,
                             struct mia_error *err)
{
    struct mia_error why = {0};
    struct mia__sled_part *part = &page->parts[i];
    mia_status rc = mia__sled_blob_open(&page->store->blobs, id, kind, &part->blob, &why);
    if (rc == MIA_OK) {
        part->bytes = (mia_slice){part->blob.bytes + MIA__SLED_BLOB_HEADER,
                                  (size_t)part->blob.size - MIA__SLED_BLOB_HEADER};
        return MIA_OK;
    }
    if (rc == MIA_ERR_CORRUPT)
        return mia__sled_page_blame(page, i, why.message, err);
    if (rc < 0) {
        if (err != NULL)
            *err = why;
        return rc;
    }
    char reason[64];
    snprintf(reason, sizeof reason, "its file blobs/%lld is missing", (long long)id);
    return mia__sled_page_blame(page, i, reason, err);
}

/* A part that a snapshot knows by its blob alone. Its kind stands in the blob. */
static mia_status fetch_bare_blob(struct mia__sled_page *page, size_t i, int64_t id,
                                  struct mia_error *err)
{
    uint8_t kind = page->number == 0 ? MIA__SLED_META_BLOB
                   : i == 0          ? MIA__SLED_NODE_BLOB
                                     : MIA__SLED_LINK_BLOB;
    page->parts[i].offset = MIA__SLED_NOWHERE;
    page->parts[i].kind = inline_kind(kind);
    return fetch_blob(page, i, id, kind, err);
}

static mia_status fetch_message(struct mia__sled_page *page, size_t i, uint64_t offset,
                                struct mia_error *err)
{
    struct mia__sled_part *part = &page->parts[i];
    const struct mia__sled_log *log = &page->store->log;
    struct mia__sled_message m;
    uint32_t at = (uint32_t)(offset % log->segment_size);
    part->offset = offset;
    mia__sled_message_again(log, offset - at, at, &m);
    if (page->store->has_unchecked_parts &&
        (mia__sled_message_read(log, offset - at, m.segment_number, at, &m) != MIA__SLED_READ ||
         (mia__sled_is_blob(m.kind) && m.body_size != 8)))
        return mia__sled_page_blame(page, i, "there is no intact message", err);
    if (m.page != page->number)
        return mia__sled_page_blame(page, i, "the message belongs to another page", err);
    part->kind = inline_kind(m.kind);
    if (mia__sled_is_blob(m.kind))
        return fetch_blob(page, i, (int64_t)mia__load_u64le(m.body), m.kind, err);
    part->bytes = (mia_slice){m.body, m.body_size};
    mia__prefetch(m.body, m.body_size < AHEAD ? m.body_size : AHEAD);
    mia__sled_log_touch(&page->store->log, MIA__SLED_FAULT_AROUND + m.body_size);
    return MIA_OK;
}

/* A compressed payload is a varint and so many bytes of a zstd frame. */
static mia_status unpack(struct mia__sled_page *page, size_t i, struct mia_error *err)
{
    struct mia__sled_part *part = &page->parts[i];
    struct mia_error why = {0};
    struct mia__parse p = mia__parse_begin(part->bytes);
    mia_slice frame = mia__sled_parse_bytes(&p);
    if (p.fault != 0)
        return mia__sled_page_blame(page, i, "its compressed payload is cut", err);
    mia_status rc = mia__sled_unzip_all(&page->unzip, frame, most_plain, &part->plain, &why);
    if (rc == MIA_ERR_CORRUPT)
        return mia__sled_page_blame(page, i, why.message, err);
    if (rc < 0)
        return mia__fail_nomem(err);
    part->bytes = mia__buf_slice(&part->plain);
    return MIA_OK;
}

static mia_status fetch(struct mia__sled_page *page, uint64_t where, size_t i,
                        struct mia_error *err)
{
    mia_status rc;
    page->count = i + 1;
    if ((where & MIA__SLED_PART_IN_BLOB) != 0)
        TRY(fetch_bare_blob(page, i, (int64_t)(where & ~MIA__SLED_PART_IN_BLOB), err));
    else
        TRY(fetch_message(page, i, where, err));
    if (page->store->conf.is_compressed)
        TRY(unpack(page, i, err));
done:
    return rc;
}

mia_status mia__sled_page_read(struct mia__sled_page *page, uint64_t number, struct mia_error *err)
{
    mia_status rc;
    const struct mia__sled_pages *table = &page->store->pages;
    forget(page);
    page->number = number;
    if (mia__sled_pages_state(table, number) != MIA__SLED_PAGE_PRESENT)
        return mia__sled_page_blame(page, 0, "something points to this page, but it is not there",
                                    err);
    TRY(mia__sled_pages_parts(table, number, &page->order, err));
    const uint64_t *order = (const uint64_t *)(const void *)page->order.data;
    size_t count = page->order.size / sizeof *order;
    TRY(mia__sled_store_check(page->store, err));
    TRY(reserve(page, count, err));
    for (size_t i = 0; i < count; i++)
        TRY(fetch(page, order[i], i, err));
done:
    return rc;
}
