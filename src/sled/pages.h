/*
 * sled/pages.h - the page table: where the parts of every page lie
 *
 * A page is a base and the links behind it in the log. 12 bytes of memory a page and 12 a link that
 * counts, whatever is in them. Built by one thread; then any thread may read it.
 */
#ifndef MIA_SLED_PAGES_H
#define MIA_SLED_PAGES_H

#include "base/memory.h"

/* Where a part lies: the offset of its message in `db`, or the id of its blob with this bit set
 * (a snapshot may know a blob whose message is gone). */
#define MIA__SLED_PART_IN_BLOB (UINT64_C(1) << 63)

enum mia__sled_page_state {
    MIA__SLED_PAGE_NONE, /* the log says nothing about it */
    MIA__SLED_PAGE_FREE,
    MIA__SLED_PAGE_PRESENT
};

struct mia__sled_pages {
    uint64_t *bases;
    uint32_t *newest; /* number of the newest link + 1; 0: none */
    size_t count, capacity;
    uint64_t *links;
    uint32_t *older; /* for each link, as in newest; chains the unused ones too */
    size_t link_count, link_capacity;
    uint32_t unused;
};

void mia__sled_pages_free(struct mia__sled_pages *pages);

/* The page becomes this base and nothing else. page is bounded by the caller. */
mia_status mia__sled_pages_base(struct mia__sled_pages *pages, uint64_t page, uint64_t part,
                                struct mia_error *err);
/* A link to a page without a base is normal and left out. */
mia_status mia__sled_pages_link(struct mia__sled_pages *pages, uint64_t page, uint64_t part,
                                struct mia_error *err);
mia_status mia__sled_pages_release(struct mia__sled_pages *pages, uint64_t page, uint64_t part,
                                   struct mia_error *err);
/* A part of the page cannot be read; a later base or release makes that good. */
mia_status mia__sled_pages_doubt(struct mia__sled_pages *pages, uint64_t page,
                                 struct mia_error *err);

enum mia__sled_page_state mia__sled_pages_state(const struct mia__sled_pages *pages, uint64_t page);
bool mia__sled_pages_is_doubted(const struct mia__sled_pages *pages, uint64_t page);
/* The part that made the page what it is: its base, or the message that freed it. */
uint64_t mia__sled_pages_first(const struct mia__sled_pages *pages, uint64_t page);
/* All parts of a present page in the order of the log: parts->data is an array of uint64_t. */
mia_status mia__sled_pages_parts(const struct mia__sled_pages *pages, uint64_t page,
                                 struct mia__buf *parts, struct mia_error *err);

#endif
