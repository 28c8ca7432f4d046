/* sled/snapshot_table.c - a snapshot's page table: taken over, or compared with the log's */
#include "base/bytes.h"
#include "base/error.h"
#include "base/try.h"
#include "sled/snapshot.h"

/* Whether the message at the part's place is, by the segment that it names, the one of the part's
 * LSN: in a slot that holds another segment there may be another message of the same page. That of
 * a blob need not be there any more. */
static bool is_in_place(const struct mia__sled_store *store,
                        const struct mia__sled_snapshot_part *part)
{
    struct mia__sled_message m;
    const struct mia__sled_log *log = &store->log;
    uint32_t at = (uint32_t)(part->offset % log->segment_size);
    if (part->blob >= 0)
        return true;
    if (part->offset >= log->size || at < MIA__SLED_SEGMENT_HEADER ||
        at > log->segment_size - MIA__SLED_MESSAGE_HEADER)
        return false;
    mia__sled_message_again(log, part->offset - at, at, &m);
    return part->lsn >= 0 && (uint64_t)part->lsn % log->segment_size == at &&
           (uint64_t)part->lsn / log->segment_size == m.segment_number;
}

static uint64_t stored_part(const struct mia__sled_snapshot_part *part)
{
    return part->blob >= 0 ? (uint64_t)part->blob | MIA__SLED_PART_IN_BLOB : part->offset;
}

static mia_status load_page(void *ctx, const struct mia__sled_snapshot_page *page,
                            struct mia_error *err)
{
    mia_status rc = MIA_OK;
    struct mia__sled_store *store = ctx;
    for (size_t i = 0; i < page->count; i++) {
        const struct mia__sled_snapshot_part *part = &page->parts[i];
        if (page->is_free) {
            TRY(mia__sled_pages_release(&store->pages, page->page, part->offset, err));
            break;
        }
        if (!is_in_place(store, part)) {
            struct mia__sled_place place = {"db", part->offset, page->page};
            TRY(mia__sled_damaged(&store->judge, place, err,
                                  "the snapshot refers to a message that is not there"));
            TRY(mia__sled_pages_doubt(&store->pages, page->page, err));
            continue;
        }
        TRY(i == 0 ? mia__sled_pages_base(&store->pages, page->page, stored_part(part), err)
                   : mia__sled_pages_link(&store->pages, page->page, stored_part(part), err));
    }
done:
    return rc;
}

mia_status mia__sled_snapshot_load(struct mia__sled_store *store, const char *name, int64_t lsn,
                                   struct mia_error *err)
{
    store->has_unchecked_parts = true;
    return mia__sled_snapshot_each(store, name, lsn, load_page, store, NULL, err);
}

struct comparison {
    const struct mia__sled_store *store;
    int64_t lsn;
    int64_t *slots;        /* the LSN of the segment in each slot of the file */
    struct mia__buf parts; /* of the page, by the log */
};

static mia_status list_slots(struct comparison *c, struct mia_error *err)
{
    const struct mia__sled_segments *all = &c->store->segments;
    c->slots = mia__alloc_array((size_t)mia__sled_slots(&c->store->log), sizeof *c->slots);
    if (c->slots == NULL)
        return mia__fail_nomem(err);
    for (size_t i = 0; i < all->count; i++)
        c->slots[all->items[i].offset / c->store->log.segment_size] = all->items[i].lsn;
    return MIA_OK;
}

/* The LSN of a message of a listed segment. */
static int64_t lsn_of(const struct comparison *c, uint64_t offset)
{
    uint32_t size = c->store->log.segment_size;
    return c->slots[offset / size] + (int64_t)(offset % size);
}

static int64_t blob_of(const struct mia__sled_log *log, uint64_t offset)
{
    struct mia__sled_message m;
    uint64_t at = offset % log->segment_size;
    mia__sled_message_again(log, offset - at, (uint32_t)at, &m);
    return mia__sled_is_blob(m.kind) ? (int64_t)mia__load_u64le(m.body) : -1;
}

/* Whether the payload is in a blob is known from the snapshot; a message that says otherwise is
 * noticed when its page is read. */
static bool is_same_part(const struct comparison *c, uint64_t offset,
                         const struct mia__sled_snapshot_part *part)
{
    return offset == part->offset && lsn_of(c, offset) == part->lsn &&
           (part->blob < 0 || blob_of(&c->store->log, offset) == part->blob);
}

/* The parts of the page that are older than the snapshot. */
static mia_status older_parts(struct comparison *c, uint64_t page, size_t *count,
                              struct mia_error *err)
{
    mia_status rc = mia__sled_pages_parts(&c->store->pages, page, &c->parts, err);
    if (rc < 0)
        return rc;
    const uint64_t *parts = (const uint64_t *)(const void *)c->parts.data;
    *count = c->parts.size / sizeof *parts;
    while (*count > 0 && lsn_of(c, parts[*count - 1]) >= c->lsn)
        --*count;
    return MIA_OK;
}

/* *is_equal is also true for a page that the log made anew or freed since. */
static mia_status compare_parts(struct comparison *c, const struct mia__sled_snapshot_page *page,
                                bool *is_equal, struct mia_error *err)
{
    size_t count;
    const struct mia__sled_pages *pages = &c->store->pages;
    enum mia__sled_page_state state = mia__sled_pages_state(pages, page->page);
    *is_equal = false;
    if (state == MIA__SLED_PAGE_NONE)
        return MIA_OK;
    uint64_t first = mia__sled_pages_first(pages, page->page);
    *is_equal = lsn_of(c, first) >= c->lsn;
    if (*is_equal || page->is_free || state == MIA__SLED_PAGE_FREE) {
        *is_equal = *is_equal || (page->is_free && state == MIA__SLED_PAGE_FREE);
        return MIA_OK;
    }
    mia_status rc = older_parts(c, page->page, &count, err);
    if (rc < 0)
        return rc;
    const uint64_t *parts = (const uint64_t *)(const void *)c->parts.data;
    *is_equal = count == page->count;
    for (size_t i = 0; *is_equal && i < count; i++)
        *is_equal = is_same_part(c, parts[i], &page->parts[i]);
    return MIA_OK;
}

static mia_status compare_page(void *ctx, const struct mia__sled_snapshot_page *page,
                               struct mia_error *err)
{
    struct comparison *c = ctx;
    bool is_equal;
    mia_status rc = compare_parts(c, page, &is_equal, err);
    if (rc < 0 || is_equal)
        return rc;
    struct mia__sled_place place = {"db", page->parts[page->count - 1].offset, page->page};
    return mia__sled_damaged(&c->store->judge, place, err,
                             "the log and the snapshot do not agree on this page");
}

/* Pages that only the log knows must have come after the snapshot. */
static mia_status compare_rest(struct comparison *c, uint64_t from, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    const struct mia__sled_pages *pages = &c->store->pages;
    for (uint64_t page = from; page < pages->count; page++) {
        if (mia__sled_pages_state(pages, page) == MIA__SLED_PAGE_NONE)
            continue;
        uint64_t first = mia__sled_pages_first(pages, page);
        struct mia__sled_place place = {"db", first, page};
        if (lsn_of(c, first) < c->lsn)
            TRY(mia__sled_damaged(&c->store->judge, place, err,
                                  "the log has this page, the later snapshot does not"));
    }
done:
    return rc;
}

mia_status mia__sled_snapshot_compare(const struct mia__sled_store *store, const char *name,
                                      int64_t lsn, struct mia_error *err)
{
    mia_status rc;
    uint64_t count = 0;
    struct comparison c = {.store = store, .lsn = lsn};
    TRY(list_slots(&c, err));
    TRY(mia__sled_snapshot_each(store, name, lsn, compare_page, &c, &count, err));
    TRY(compare_rest(&c, count, err));
done:
    mia__free(c.slots);
    mia__buf_free(&c.parts);
    return rc;
}
