/* test_peek.c - what is read without libmdbx is what libmdbx says; damaged files are no danger */
#include "engine/mdbx/peek.h"
#include "mia/db.h"
#include "support/check.h"
#include "support/folder.h"
#include "support/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TABLES = 300, KEYS = 400 };

static void name_of(char name[32], const char *what, int i)
{
    snprintf(name, 32, "%s %04d", what, i * 7919 % 10000);
}

/* Two transactions, so that pages were copied; one table is deeper than a page. */
static void make(const char *path)
{
    mia_db *db;
    mia_txn *txn;
    mia_tree tree;
    char name[32];
    struct mia_db_options opt = {.struct_size = sizeof opt, .max_trees = TABLES + 8};
    OK(mia_db_open(mia_engine_mdbx(), path, &opt, &db, ERR));
    for (int round = 0; round < 2; round++) {
        OK(mia_txn_begin(db, MIA_TXN_WRITE, &txn, ERR));
        for (int i = round; i < TABLES; i += 2) {
            name_of(name, "table", i);
            OK(mia_tree_open(txn, mia_bytes_of(name), MIA_TREE_CREATE, &tree, ERR));
            OK(mia_kv_put(txn, tree, MIA_BYTES("key"), mia_bytes_of(name), MIA_PUT_UPSERT, ERR));
        }
        OK(mia_tree_open(txn, MIA_BYTES("deep"), MIA_TREE_CREATE, &tree, ERR));
        for (int i = round; i < KEYS; i += 2) {
            name_of(name, "a key", i);
            OK(mia_kv_put(txn, tree, mia_bytes_of(name), mia_bytes_of(name), MIA_PUT_UPSERT, ERR));
        }
        OK(mia_txn_commit(txn, ERR));
    }
    mia_db_close(db, ERR);
}

static void values_are_found(void **state)
{
    char name[32], path[TEST_PATH];
    struct mia__buf value = {0};
    test_path(path, *state, "db");
    make(path);
    for (int i = 0; i < TABLES; i++) {
        name_of(name, "table", i);
        OK(mia__mdbx_peek(path, name, "key", &value, ERR));
        assert_text(mia__buf_slice(&value), name);
        ANSWERS(mia__mdbx_peek(path, name, "no key", &value, ERR), MIA_NOTFOUND);
    }
    for (int i = 0; i < KEYS; i++) {
        name_of(name, "a key", i);
        OK(mia__mdbx_peek(path, "deep", name, &value, ERR));
        assert_text(mia__buf_slice(&value), name);
    }
    ANSWERS(mia__mdbx_peek(path, "deep", "zzz", &value, ERR), MIA_NOTFOUND);
    ANSWERS(mia__mdbx_peek(path, "no table", "key", &value, ERR), MIA_NOTFOUND);
    ANSWERS(mia__mdbx_peek(*state, "deep", "key", &value, ERR), MIA_NOTFOUND);
    mia__buf_free(&value);
}

static void nothing_is_made(void **state)
{
    char path[TEST_PATH], lock[TEST_PATH];
    struct mia__buf value = {0};
    test_path(path, *state, "db");
    make(path);
    test_path(lock, path, "mdbx.lck");
    remove(lock);
    OK(mia__mdbx_peek(path, "deep", "a key 0000", &value, ERR));
    assert_false(test_exists(lock));
    mia__buf_free(&value);
}

/* Whatever is in the pages: an answer, the right value if it is one. */
static void damage_is_survived(void **state)
{
    char path[TEST_PATH], file[TEST_PATH];
    size_t size;
    struct mia__buf value = {0};
    struct test_random random = {test_seed()};
    test_path(path, *state, "db");
    make(path);
    test_path(file, path, "mdbx.dat");
    uint8_t *sound = test_file_read(file, &size), *bytes = malloc(size);
    assert_non_null(bytes);
    for (int round = 0; round < 100; round++) {
        memcpy(bytes, sound, size);
        for (int i = 0; i < 200; i++)
            bytes[test_below(&random, size)] = (uint8_t)test_below(&random, 256);
        test_file_write(file, bytes, size);
        mia_status rc = mia__mdbx_peek(path, "deep", "a key 0000", &value, NULL);
        assert_true(rc == MIA_OK || rc == MIA_NOTFOUND || rc == MIA_ERR_CORRUPT ||
                    rc == MIA_ERR_IO);
    }
    free(sound);
    free(bytes);
    mia__buf_free(&value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(values_are_found, test_folder_open, test_folder_close),
        cmocka_unit_test_setup_teardown(nothing_is_made, test_folder_open, test_folder_close),
        cmocka_unit_test_setup_teardown(damage_is_survived, test_folder_open, test_folder_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
