/*
 * sled/store.h - a sled directory whose log was read: where the pages come from
 *
 * The file `db` is mapped, not read into memory. It must not shrink while it is open, for touching
 * a page of a map behind the end of its file kills the process: the shared lock keeps every sled
 * away, and its size is compared before each page is read, which leaves only a program that cuts
 * the file at that very moment.
 *
 * Memory: 12 bytes a page, 12 a link, 32 a segment, 8 a blob, and the mapped bytes of
 * mia__sled_log_touch.
 */
#ifndef MIA_SLED_STORE_H
#define MIA_SLED_STORE_H

#include "mia/status.h"
#include "sled/blob.h"
#include "sled/conf.h"
#include "sled/pages.h"
#include "sled/segments.h"

struct mia__sled_store {
    char *directory;
    struct mia__sled_judge judge;
    struct mia__sled_conf conf;
    int lock; /* on `db`; -1: none */
    struct mia__map map;
    struct mia__sled_log log;
    struct mia__sled_segments segments;
    struct mia__sled_blobs blobs;
    struct mia__sled_pages pages;
    bool has_unchecked_parts; /* the table is a snapshot's: the log's messages may be damaged */
};

/* A shared lock on a directory's `db`, which keeps every sled away; released with mia__file_unlock.
 * MIA_ERR_BUSY: a sled has it open; the message says which process, where the system tells. */
mia_status mia__sled_lock(const char *directory, int *lock, struct mia_error *err);

/* To be asked before the map is looked at. MIA_ERR_IO: the file has become shorter. */
mia_status mia__sled_store_check(const struct mia__sled_store *store, struct mia_error *err);

#endif
