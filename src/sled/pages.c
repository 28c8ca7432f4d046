/* sled/pages.c - the page table */
#include "sled/pages.h"

#include "base/error.h"
#include "base/try.h"

static const uint64_t is_free = UINT64_C(1) << 62, is_doubted = UINT64_C(1) << 61;
/* No message lies at offset 0 of the file: a segment's header does. */
static const uint64_t no_base = 0;

void mia__sled_pages_free(struct mia__sled_pages *pages)
{
    mia__free(pages->bases);
    mia__free(pages->newest);
    mia__free(pages->links);
    mia__free(pages->older);
    memset(pages, 0, sizeof *pages);
}

/* Two arrays that grow together: a table of structs of 12 bytes would have 4 more for nothing. */
static mia_status grow(uint64_t **wide, uint32_t **narrow, size_t *capacity, size_t needed,
                       struct mia_error *err)
{
    size_t most = *capacity;
    if (needed <= most)
        return MIA_OK;
    while (most < needed)
        most = most < 256 ? 256 : most + most / 2;
    if (most > SIZE_MAX / sizeof **wide)
        return mia__fail_nomem(err);
    void *grown = mia__realloc(*wide, most * sizeof **wide);
    if (grown == NULL)
        return mia__fail_nomem(err);
    *wide = grown;
    grown = mia__realloc(*narrow, most * sizeof **narrow);
    if (grown == NULL)
        return mia__fail_nomem(err);
    *narrow = grown;
    *capacity = most;
    return MIA_OK;
}

static mia_status reach(struct mia__sled_pages *pages, uint64_t page, struct mia_error *err)
{
    if (page < pages->count)
        return MIA_OK;
    if (page >= SIZE_MAX / sizeof *pages->bases)
        return mia__fail_nomem(err);
    size_t count = (size_t)page + 1;
    mia_status rc = grow(&pages->bases, &pages->newest, &pages->capacity, count, err);
    if (rc < 0)
        return rc;
    memset(pages->bases + pages->count, 0, (count - pages->count) * sizeof *pages->bases);
    memset(pages->newest + pages->count, 0, (count - pages->count) * sizeof *pages->newest);
    pages->count = count;
    return MIA_OK;
}

/* Gives the links of a page to those that are unused. */
static void drop_links(struct mia__sled_pages *pages, uint64_t page)
{
    uint32_t newest = pages->newest[page], oldest = newest;
    if (newest == 0)
        return;
    while (pages->older[oldest - 1] != 0)
        oldest = pages->older[oldest - 1];
    pages->older[oldest - 1] = pages->unused;
    pages->unused = newest;
    pages->newest[page] = 0;
}

static mia_status replace(struct mia__sled_pages *pages, uint64_t page, uint64_t base,
                          struct mia_error *err)
{
    mia_status rc = reach(pages, page, err);
    if (rc < 0)
        return rc;
    drop_links(pages, page);
    pages->bases[page] = base;
    return MIA_OK;
}

mia_status mia__sled_pages_base(struct mia__sled_pages *pages, uint64_t page, uint64_t part,
                                struct mia_error *err)
{
    return replace(pages, page, part, err);
}

mia_status mia__sled_pages_release(struct mia__sled_pages *pages, uint64_t page, uint64_t part,
                                   struct mia_error *err)
{
    return replace(pages, page, part | is_free, err);
}

static mia_status take_link(struct mia__sled_pages *pages, uint32_t *link, struct mia_error *err)
{
    if (pages->unused != 0) {
        *link = pages->unused;
        pages->unused = pages->older[*link - 1];
        return MIA_OK;
    }
    if (pages->link_count == UINT32_MAX)
        return mia__fail(err, MIA_ERR_UNSUPPORTED,
                         "more than 4294967294 links in one sled database: open it with sled once, "
                         "which rewrites pages");
    mia_status rc =
        grow(&pages->links, &pages->older, &pages->link_capacity, pages->link_count + 1, err);
    if (rc == MIA_OK)
        *link = (uint32_t)++pages->link_count;
    return rc;
}

mia_status mia__sled_pages_link(struct mia__sled_pages *pages, uint64_t page, uint64_t part,
                                struct mia_error *err)
{
    uint32_t link = 0;
    if (mia__sled_pages_state(pages, page) != MIA__SLED_PAGE_PRESENT)
        return MIA_OK;
    mia_status rc = take_link(pages, &link, err);
    if (rc < 0)
        return rc;
    pages->links[link - 1] = part;
    pages->older[link - 1] = pages->newest[page];
    pages->newest[page] = link;
    return MIA_OK;
}

mia_status mia__sled_pages_doubt(struct mia__sled_pages *pages, uint64_t page,
                                 struct mia_error *err)
{
    mia_status rc = reach(pages, page, err);
    if (rc == MIA_OK)
        pages->bases[page] |= is_doubted;
    return rc;
}

enum mia__sled_page_state mia__sled_pages_state(const struct mia__sled_pages *pages, uint64_t page)
{
    uint64_t base = page < pages->count ? pages->bases[page] & ~is_doubted : no_base;
    return base == no_base  ? MIA__SLED_PAGE_NONE
           : base & is_free ? MIA__SLED_PAGE_FREE
                            : MIA__SLED_PAGE_PRESENT;
}

bool mia__sled_pages_is_doubted(const struct mia__sled_pages *pages, uint64_t page)
{
    return page < pages->count && (pages->bases[page] & is_doubted) != 0;
}

uint64_t mia__sled_pages_first(const struct mia__sled_pages *pages, uint64_t page)
{
    return pages->bases[page] & ~(is_free | is_doubted);
}

mia_status mia__sled_pages_parts(const struct mia__sled_pages *pages, uint64_t page,
                                 struct mia__buf *parts, struct mia_error *err)
{
    mia_status rc;
    size_t count = 1;
    for (uint32_t link = pages->newest[page]; link != 0; link = pages->older[link - 1])
        count++;
    TRY(mia__buf_reserve(parts, count * sizeof(uint64_t), err));
    parts->size = count * sizeof(uint64_t);
    uint64_t *array = (uint64_t *)(void *)parts->data; /* from the heap: aligned */
    for (uint32_t link = pages->newest[page]; link != 0; link = pages->older[link - 1])
        array[--count] = pages->links[link - 1];
    array[0] = mia__sled_pages_first(pages, page);
done:
    return rc;
}
