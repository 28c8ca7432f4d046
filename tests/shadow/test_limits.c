/* test_limits.c - what a pair refuses, and databases that are not MIA's */
#include "shadow/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- what is refused */

static void misuse(void **state)
{
    (void)state;
    struct pair_bench b;
    mia_db *db;
    mia_txn *txn;
    struct mia_shadow_verify_report report = {.struct_size = sizeof report};
    struct mia_shadow_status status = {.struct_size = sizeof status};
    pair_make(&b, mia_engine_mdbx(), mia_engine_mdbx());
    ANSWERS(mia_shadow_open(b.pair, NULL, &db, ERR), MIA_NOTFOUND);
    ANSWERS(mia_shadow_read(b.pair, &status, ERR), MIA_NOTFOUND);
    mia_store *alone = pair_side(&b, 1);
    pair_put_many(alone, 0, 1, 1);
    ANSWERS(mia_shadow_status(mia_store_db(alone), &status, ERR), MIA_ERR_INVALID);
    OK(mia_store_close(alone, ERR));
    struct mia_shadow_options opt = {.struct_size = sizeof opt};
    ANSWERS(mia_shadow_create(b.pair, b.sides[0], b.sides[1], &opt, ERR), MIA_ERR_INVALID);
    opt.replace = true;
    OK(mia_shadow_create(b.pair, b.sides[0], b.sides[1], &opt, ERR));
    ANSWERS(mia_shadow_create(b.pair, b.sides[0], b.sides[1], &opt, ERR), MIA_ERR_INVALID);
    pair_open_store(&b);
    ANSWERS(mia_shadow_open(b.pair, NULL, &db, ERR), MIA_ERR_BUSY);
    pair_verify(&b);
    OK(mia_store_begin(b.store, MIA_TXN_WRITE, &txn, ERR));
    ANSWERS(mia_shadow_verify(b.db, NULL, &report, ERR), MIA_ERR_TXN);
    ANSWERS(mia_shadow_switch(b.db, 10, ERR), MIA_ERR_TXN);
    ANSWERS(mia_shadow_switch_store(b.store, 10, ERR), MIA_ERR_TXN);
    ANSWERS(mia_shadow_detach(b.db, 0, ERR), MIA_ERR_TXN);
    mia_txn_abort(txn);
    OK(mia_store_begin(b.store, MIA_TXN_READ, &txn, ERR));
    ANSWERS(mia_shadow_switch_store(b.store, 10, ERR), MIA_ERR_BUSY);
    mia_txn_abort(txn);
    OK(mia_shadow_switch(b.db, 10, ERR)); /* the plain one: the handle is over */
    ANSWERS(mia_store_begin(b.store, MIA_TXN_READ, &txn, ERR), MIA_ERR_BUSY);
    ANSWERS(mia_store_begin(b.store, MIA_TXN_WRITE, &txn, ERR), MIA_ERR_BUSY);
    pair_close(&b);
    OK(mia_shadow_read(b.pair, &status, ERR));
    assert_true(status.second_is_primary && status.is_clean);
    assert_int_equal(status.switches, 1);
    pair_open_store(&b);
    pair_put(&b, "x", "y");
    pair_verify(&b);
    pair_close(&b);
    pair_remove(&b);
}

static void foreign_databases_need_raw(void **state)
{
    (void)state;
    struct pair_bench b;
    mia_db *db;
    mia_txn *txn;
    mia_tree tree;
    pair_make(&b, mia_engine_mdbx(), mia_engine_mdbx());
    OK(mia_db_open(NULL, b.sides[0], NULL, &db, ERR));
    OK(mia_txn_begin(db, MIA_TXN_WRITE, &txn, ERR));
    OK(mia_tree_open(txn, MIA_BYTES("t"), MIA_TREE_CREATE, &tree, ERR));
    OK(mia_kv_put(txn, tree, MIA_BYTES("k"), MIA_BYTES("v"), 0, ERR));
    OK(mia_txn_commit(txn, ERR));
    OK(mia_db_close(db, ERR));
    struct mia_shadow_options opt = {.struct_size = sizeof opt};
    ANSWERS(mia_shadow_create(b.pair, b.sides[0], b.sides[1], &opt, ERR), MIA_ERR_INVALID);
    assert_non_null(strstr(test_error.message, "raw"));
    b.options.raw = true;
    pair_create(&b);
    pair_open(&b);
    pair_verify(&b);
    pair_close(&b);
    pair_remove(&b);
}

/* A pair's file that cannot be written: the switch is refused, and nothing else happens. */
static void a_switch_that_cannot_be_written_down(void **state)
{
    (void)state;
    struct pair_bench b;
    char blocker[TEST_PATH];
    mia_status rc;
    pair_make(&b, mia_engine_mdbx(), mia_engine_mdbx());
    pair_create(&b);
    pair_open_store(&b);
    pair_put_many(b.store, 0, 10, 1);
    pair_verify(&b);
    test_path(blocker, b.pair, "mia-shadow.tmp");
    assert_int_equal(mkdir(blocker, 0755), 0);
    rc = mia_shadow_switch_store(b.store, 1000, ERR);
    assert_true(rc < 0 && rc != MIA_ERR_BUSY);
    rc = mia_shadow_detach(mia_store_db(b.store), 0, ERR);
    assert_true(rc < 0 && rc != MIA_ERR_BUSY);
    assert_false(pair_status(&b).second_is_primary);
    pair_put_many(b.store, 10, 20, 1); /* goes on */
    assert_int_equal(rmdir(blocker), 0);
    pair_verify(&b);
    OK(mia_shadow_switch_store(b.store, 1000, ERR));
    assert_true(pair_status(&b).second_is_primary);
    pair_verify(&b);
    pair_close(&b);
    pair_remove(&b);
}

/* ---- any databases */

static void put_bytes(mia_db *db, mia_slice tree_name, mia_slice key, mia_slice value)
{
    mia_txn *txn;
    mia_tree tree;
    OK(mia_txn_begin(db, MIA_TXN_WRITE, &txn, ERR));
    OK(mia_tree_open(txn, tree_name, MIA_TREE_CREATE, &tree, ERR));
    OK(mia_kv_put(txn, tree, key, value, 0, ERR));
    OK(mia_txn_commit(txn, ERR));
}

static void assert_bytes_in(mia_db *db, mia_slice tree_name, mia_slice key, const char *value)
{
    mia_txn *txn;
    mia_tree tree;
    mia_slice found;
    OK(mia_txn_begin(db, MIA_TXN_READ, &txn, ERR));
    OK(mia_tree_open(txn, tree_name, 0, &tree, ERR));
    ANSWERS(mia_kv_get(txn, tree, key, &found, ERR), value != NULL ? MIA_OK : MIA_NOTFOUND);
    if (value != NULL)
        assert_text(found, value);
    mia_txn_abort(txn);
}

/* What libmdbx cannot hold is folded there, and comes back whole. */
static void any_sled_database_goes_over_and_back(void **state)
{
    (void)state;
    struct pair_bench b;
    static char key[5000];
    const mia_slice odd = {"odd \0\xff name", 11}, plain = MIA_BYTES("plain");
    memset(key, 'k', sizeof key);
    if (mia_engine_sled() == NULL)
        skip();
    pair_make(&b, mia_engine_sled(), mia_engine_mdbx());
    b.options.raw = true;
    mia_db *alone;
    OK(mia_db_open(mia_engine_sled(), b.sides[0], &b.db_options, &alone, ERR));
    for (size_t i = 0; i < 40; i++)
        put_bytes(alone, i % 2 ? odd : plain, (mia_slice){key, 100 * i + 1}, MIA_BYTES("old"));
    OK(mia_db_close(alone, ERR));
    pair_create(&b);
    pair_open(&b);
    put_bytes(b.db, odd, (mia_slice){key, 4500}, MIA_BYTES("new"));
    put_bytes(b.db, MIA_BYTES("later"), MIA_BYTES("k"), MIA_BYTES("v"));
    put_bytes(b.db, (mia_slice){0}, (mia_slice){0}, MIA_BYTES("nothing"));
    pair_verify(&b);
    OK(mia_shadow_switch(b.db, 1000, ERR));
    pair_close(&b);
    pair_open(&b); /* libmdbx answers: as after a raw migration */
    assert_true(pair_status(&b).second_is_primary);
    put_bytes(b.db, plain, MIA_BYTES("k"), MIA_BYTES("from libmdbx"));
    put_bytes(b.db, MIA_BYTES("%odd%20%00%FF%20name"), MIA_BYTES("short"), MIA_BYTES("here too"));
    pair_verify(&b);
    OK(mia_shadow_detach(b.db, 0, ERR));
    pair_close(&b);
    OK(mia_db_open(mia_engine_sled(), b.sides[0], &b.db_options, &alone, ERR));
    assert_bytes_in(alone, plain, MIA_BYTES("k"), "from libmdbx");
    assert_bytes_in(alone, odd, MIA_BYTES("short"), "here too");
    assert_bytes_in(alone, odd, (mia_slice){key, 4500}, "new");
    assert_bytes_in(alone, odd, (mia_slice){key, 3901}, "old");
    assert_bytes_in(alone, (mia_slice){0}, (mia_slice){0}, "nothing");
    OK(mia_db_close(alone, ERR));
    pair_remove(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(misuse),
        cmocka_unit_test(foreign_databases_need_raw),
        cmocka_unit_test(a_switch_that_cannot_be_written_down),
        cmocka_unit_test(any_sled_database_goes_over_and_back),
    };
    return cmocka_run_group_tests_name("shadow_limits", tests, NULL, NULL);
}
