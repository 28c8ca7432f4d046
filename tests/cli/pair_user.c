/*
 * pair_user.c - a program that has a pair open, and compares all of its reads
 *
 *   pair-user PAIR sound|lossy
 *
 * Prints "ready ID" once both sides have everything, ID being the first node, and reads nodes until
 * its standard input ends. lossy: the second database, which must be libmdbx, does not find ID.
 */
#include "mia/mia.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { READ_AT_ONCE = 20, PAUSE_MS = 5, WRITE_EVERY_MS = 50 };

static char first_id[256];
static _Atomic int is_lossy;

static mia_status lose(void *txn, uint32_t tree, mia_slice key, mia_slice *value,
                       struct mia_error *err)
{
    if (is_lossy && mia_slice_equal(key, mia_bytes_of(first_id)))
        return MIA_NOTFOUND;
    return mia_engine_mdbx()->get(txn, tree, key, value, err);
}

static mia_status read_some(mia_store *store, struct mia_error *err)
{
    mia_txn *txn;
    mia_scan *scan;
    mia_str id;
    mia_view view;
    mia_status rc = mia_store_begin(store, MIA_TXN_READ, &txn, err);
    if (rc < 0)
        return rc;
    rc = mia_scan_open(txn, MIA_TABLE_NODES, MIA_STR(""), &scan, err);
    for (int i = 0; rc == MIA_OK && i < READ_AT_ONCE; i++) {
        rc = mia_scan_next(scan, &id, &view, err);
        if (rc == MIA_OK && first_id[0] == '\0')
            snprintf(first_id, sizeof first_id, "%.*s", (int)(id.size & 255), id.data);
        if (rc == MIA_OK)
            rc = mia_get(txn, MIA_TABLE_NODES, id, &view, err);
    }
    mia_scan_close(scan);
    mia_txn_abort(txn);
    return rc;
}

static mia_status use(mia_store *store, const char *how, struct mia_error *err)
{
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    struct mia_shadow_ab_options opt = {
        .struct_size = sizeof opt, .percent = 100, .write_every_ms = WRITE_EVERY_MS};
    mia_status rc = mia_shadow_wait(mia_store_db(store), 60000, err);
    if (rc == MIA_OK)
        rc = read_some(store, err);
    is_lossy = strcmp(how, "lossy") == 0;
    if (rc == MIA_OK)
        rc = mia_shadow_ab_start(mia_store_db(store), &opt, err);
    printf("ready %s\n", first_id);
    fflush(stdout);
    while (rc == MIA_OK && poll(&input, 1, PAUSE_MS) == 0)
        rc = read_some(store, err);
    is_lossy = 0;
    return rc;
}

int main(int argc, char **argv)
{
    struct mia_error err = {0};
    mia_db *db;
    mia_store *store;
    if (argc != 3)
        return 2;
    struct mia_engine_ops second = *mia_engine_mdbx();
    second.get = lose;
    struct mia_shadow_options opt = {.struct_size = sizeof opt, .second_engine = &second};
    mia_status rc = mia_shadow_open(argv[1], &opt, &db, &err);
    if (rc == MIA_OK)
        rc = mia_store_over(db, NULL, &store, &err);
    if (rc == MIA_OK) {
        rc = use(store, argv[2], &err);
        mia_status closed = mia_store_close(store, rc == MIA_OK ? &err : NULL);
        rc = rc == MIA_OK ? closed : rc;
    }
    if (rc != MIA_OK)
        fprintf(stderr, "pair-user: %s: %s\n", mia_status_name(rc), err.message);
    return rc == MIA_OK ? 0 : 1;
}
