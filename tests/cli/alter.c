/*
 * alter.c - changes a libmdbx database behind the tool's back, through mia/db.h
 *
 *   alter DB put TREE KEY VALUE     makes database and tree if need be
 *   alter DB fill TREE COUNT SIZE   COUNT pairs with values of SIZE bytes, keys of eight digits
 *   alter DB del TREE KEY
 *   alter DB hold SECONDS           keeps a read transaction open; prints "ready"
 *
 * TREE, KEY and VALUE are in hexadecimal, as `mia dump --digest` prints them.
 */
#include "mia/mia.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int complain(const char *what, mia_status rc, const struct mia_error *err)
{
    fprintf(stderr, "alter: %s: %s: %s\n", what, mia_status_name(rc),
            rc < 0 ? err->message : mia_status_text(rc));
    return 1;
}

/* In place: hexadecimal digits to bytes. */
static mia_slice decode(char *text)
{
    size_t size = strlen(text) / 2;
    for (size_t i = 0; i < size; i++) {
        char pair[3] = {text[2 * i], text[2 * i + 1], '\0'};
        text[i] = (char)strtoul(pair, NULL, 16);
    }
    mia_slice bytes = {text, size};
    return bytes;
}

static mia_status put(mia_txn *txn, mia_tree tree, char **arguments, struct mia_error *err)
{
    mia_slice key = decode(arguments[1]);
    return mia_kv_put(txn, tree, key, decode(arguments[2]), MIA_PUT_UPSERT, err);
}

static mia_status fill(mia_txn *txn, mia_tree tree, char **arguments, struct mia_error *err)
{
    unsigned long count = strtoul(arguments[1], NULL, 10), size = strtoul(arguments[2], NULL, 10);
    mia_status rc = MIA_OK;
    char *value = calloc(size + 1, 1);
    for (unsigned long i = 0; i < count && rc == MIA_OK && value != NULL; i++) {
        char key[24];
        snprintf(key, sizeof key, "%08lu", i);
        memset(value, (int)('a' + i % 26), size);
        mia_slice bytes = {value, size};
        rc = mia_kv_put(txn, tree, mia_bytes_of(key), bytes, MIA_PUT_UPSERT, err);
    }
    free(value);
    return rc;
}

static mia_status del(mia_txn *txn, mia_tree tree, char **arguments, struct mia_error *err)
{
    return mia_kv_del(txn, tree, decode(arguments[1]), NULL, err);
}

static int hold(mia_db *db, char **arguments)
{
    struct mia_error err = {0};
    mia_txn *txn;
    mia_status rc = mia_txn_begin(db, MIA_TXN_READ, &txn, &err);
    if (rc != MIA_OK)
        return complain("begin", rc, &err);
    puts("ready");
    fflush(stdout);
    sleep((unsigned)strtoul(arguments[0], NULL, 10));
    mia_txn_abort(txn);
    return 0;
}

static const struct change {
    const char *name;
    int arguments;
    mia_status (*run)(mia_txn *txn, mia_tree tree, char **arguments, struct mia_error *err);
} changes[] = {{"put", 3, put}, {"fill", 3, fill}, {"del", 2, del}};

static int apply(mia_db *db, const struct change *change, char **arguments)
{
    struct mia_error err = {0};
    mia_txn *txn;
    mia_tree tree;
    mia_status rc = mia_txn_begin(db, MIA_TXN_WRITE, &txn, &err);
    if (rc != MIA_OK)
        return complain("begin", rc, &err);
    rc = mia_tree_open(txn, decode(arguments[0]), MIA_TREE_CREATE, &tree, &err);
    if (rc == MIA_OK)
        rc = change->run(txn, tree, arguments, &err);
    if (rc == MIA_OK)
        rc = mia_txn_commit(txn, &err);
    else
        mia_txn_abort(txn);
    return rc == MIA_OK ? 0 : complain(change->name, rc, &err);
}

int main(int argc, char **argv)
{
    struct mia_error err = {0};
    const struct change *change = NULL;
    for (size_t i = 0; argc > 3 && i < sizeof changes / sizeof changes[0]; i++)
        if (strcmp(argv[2], changes[i].name) == 0 && argc == 3 + changes[i].arguments)
            change = &changes[i];
    if (change == NULL && !(argc == 4 && strcmp(argv[2], "hold") == 0)) {
        fprintf(stderr, "usage: alter DB put|fill|del|hold ARGUMENT...\n");
        return 2;
    }
    mia_db *db;
    mia_status rc = mia_db_open(mia_engine_mdbx(), argv[1], NULL, &db, &err);
    if (rc != MIA_OK)
        return complain(argv[1], rc, &err);
    int exit_code = change != NULL ? apply(db, change, argv + 3) : hold(db, argv + 3);
    rc = mia_db_close(db, &err);
    return rc == MIA_OK ? exit_code : complain("close", rc, &err);
}
