/*
 * sled/page.h - the parts of one page, fetched: from the log, from blobs, unpacked
 *
 * One thread at a time. The bytes of the parts live until the next page is read; buffers are kept
 * for it.
 */
#ifndef MIA_SLED_PAGE_H
#define MIA_SLED_PAGE_H

#include "sled/store.h"
#include "sled/unzip.h"

struct mia__sled_part {
    uint8_t kind;    /* of enum mia__sled_kind, as if nothing lay in a blob */
    mia_slice bytes; /* the payload */
    uint64_t offset; /* in `db`; MIA__SLED_NOWHERE if only its blob is known */
    struct mia__map blob;
    struct mia__buf plain;
};

struct mia__sled_page {
    struct mia__sled_store *store;
    uint64_t number;
    struct mia__sled_part *parts; /* the base, then the links */
    size_t count, capacity;
    struct mia__buf order;
    struct mia__sled_unzip unzip;
};

void mia__sled_page_begin(struct mia__sled_page *page, struct mia__sled_store *store);
void mia__sled_page_free(struct mia__sled_page *page);

/* MIA_ERR_CORRUPT: there is no such page, or a part of it is damaged. */
mia_status mia__sled_page_read(struct mia__sled_page *page, uint64_t number, struct mia_error *err);
/* MIA_ERR_CORRUPT about one of the parts. */
mia_status mia__sled_page_blame(const struct mia__sled_page *page, size_t part, const char *reason,
                                struct mia_error *err);

#endif
