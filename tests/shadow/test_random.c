/*
 * test_random.c - random changes on a pair, with stops and switches between them: both sides are
 * the same whenever it is asked
 *
 * MIA_TEST_SEED repeats a run; MIA_TEST_STEPS (1500) operations on each pair of engines.
 */
#include "shadow/bench.h"

#include <stdio.h>
#include <stdlib.h>

enum { IDS = 60 };

static struct mia_record random_record(struct test_random *r, char texts[4][24], float vector[3])
{
    int64_t time = (int64_t)test_below(r, 50);
    snprintf(texts[1], sizeof texts[1], "n%03d", (int)test_below(r, IDS));
    snprintf(texts[2], sizeof texts[2], "t%d", (int)test_below(r, 4));
    snprintf(texts[3], sizeof texts[3], "n%03d", (int)test_below(r, IDS));
    for (int i = 0; i < 3; i++)
        vector[i] = (float)test_below(r, 9) - 4;
    switch (test_below(r, 4)) {
    case 0:
        snprintf(texts[0], sizeof texts[0], "e%03d", (int)test_below(r, 2 * IDS));
        return edge_of(texts[0], texts[1], texts[2], texts[3]);
    case 1:
        snprintf(texts[0], sizeof texts[0], "v%03d", (int)test_below(r, IDS));
        return vector_of(texts[0], vector, 3);
    case 2:
        snprintf(texts[0], sizeof texts[0], "n%03d", (int)test_below(r, IDS));
        return chat_of(texts[0], texts[2], time);
    default:
        snprintf(texts[0], sizeof texts[0], "n%03d", (int)test_below(r, IDS));
        return message_of(texts[0], texts[1], texts[2], time);
    }
}

/* A record that may be damaged; one that a store cannot read is deleted as such. */
static void put_record(mia_txn *txn, struct test_random *r)
{
    char texts[4][24];
    float vector[3];
    struct mia_record record = random_record(r, texts, vector);
    mia_status rc = mia_put(txn, &record, ERR);
    if (rc != MIA_ERR_SERIALIZATION) {
        assert_int_equal(rc, MIA_OK);
        return;
    }
    enum mia_table table = mia_table_of(record.kind);
    OK(mia_delete(txn, table, mia_str_of(texts[0]), MIA_DELETE_DAMAGED, NULL, ERR));
    OK(mia_put(txn, &record, ERR));
}

static void delete_record(mia_txn *txn, struct test_random *r)
{
    static const char letters[] = "nev";
    enum mia_table table = (enum mia_table)test_below(r, 3);
    char id[24];
    snprintf(id, sizeof id, "%c%03d", letters[table], (int)test_below(r, IDS));
    mia_status rc = mia_delete(txn, table, mia_str_of(id), MIA_DELETE_DAMAGED, NULL, ERR);
    assert_true(rc == MIA_OK || rc == MIA_NOTFOUND);
}

/* Long keys, a tree with an odd name, and now and then all of it gone. */
static void change_bytes(mia_txn *txn, struct test_random *r, bool long_keys)
{
    char key[3000];
    mia_tree tree;
    size_t size = test_below(r, 5) == 0 && long_keys ? 2000 + test_below(r, 1000) : 3;
    OK(mia_tree_open(txn, MIA_BYTES("notes"), MIA_TREE_CREATE, &tree, ERR));
    memset(key, 'k', sizeof key);
    key[size - 1] = (char)('a' + test_below(r, 20));
    switch (test_below(r, 12)) {
    case 0:
        OK(mia_tree_clear(txn, tree, ERR));
        break;
    case 1:
    case 2:
    case 3:
        (void)mia_kv_del(txn, tree, (mia_slice){key, size}, NULL, ERR);
        break;
    default:
        OK(mia_kv_put(txn, tree, (mia_slice){key, size}, (mia_slice){key, test_below(r, 100)}, 0,
                      ERR));
    }
}

/* After the record, which has entries in the index, is gone. */
static void damage(mia_txn *txn, struct test_random *r)
{
    char id[24];
    mia_tree tree;
    snprintf(id, sizeof id, "n%03d", (int)test_below(r, IDS));
    mia_status rc = mia_delete(txn, MIA_TABLE_NODES, mia_str_of(id), MIA_DELETE_DAMAGED, NULL, ERR);
    assert_true(rc == MIA_OK || rc == MIA_NOTFOUND);
    OK(mia_tree_open(txn, MIA_BYTES("nodes"), 0, &tree, ERR));
    OK(mia_kv_put(txn, tree, mia_bytes_of(id), MIA_BYTES("damaged"), 0, ERR));
}

static void change(struct pair_bench *b, struct test_random *r)
{
    mia_txn *txn;
    bool is_sled = mia_db_engine(mia_store_db(b->store))->value_format == MIA_VALUE_BINCODE;
    OK(mia_store_begin(b->store, MIA_TXN_WRITE, &txn, ERR));
    for (size_t i = test_below(r, 6) + 1; i > 0; i--) {
        size_t dice = test_below(r, 100);
        if (dice < 60)
            put_record(txn, r);
        else if (dice < 80)
            delete_record(txn, r);
        else if (dice < 97)
            change_bytes(txn, r, is_sled);
        else if (is_sled)
            damage(txn, r);
    }
    if (test_below(r, 10) == 0)
        mia_txn_abort(txn);
    else
        OK(mia_txn_commit(txn, ERR));
}

static void run(struct pair_bench *b, struct test_random *r)
{
    uint64_t records, steps = test_setting("MIA_TEST_STEPS", 1500);
    pair_create(b);
    b->options.batch_records = 50;
    pair_open_store(b);
    for (uint64_t i = 0; i < steps; i++) {
        size_t dice = test_below(r, 1000);
        change(b, r);
        if (dice < 6) {
            pair_close(b);
            pair_open_store(b);
        } else if (dice < 12) {
            pair_verify(b);
        } else if (dice < 18) {
            pair_verify(b);
            OK(mia_shadow_switch_store(b->store, 5000, ERR));
        }
    }
    pair_verify(b);
    pair_close(b);
    pair_sides_are_equal(b, &records);
}

static void sides_stay_the_same(void **state)
{
    const struct mia_engine_ops *mdbx = mia_engine_mdbx(), *sled = mia_engine_sled();
    const struct mia_engine_ops *pairs[][2] = {{mdbx, mdbx}, {sled, mdbx}, {mdbx, sled}};
    struct test_random r = {test_seed()};
    (void)state;
    for (size_t i = 0; i < LENGTH(pairs); i++) {
        struct pair_bench b;
        if (pairs[i][0] == NULL || pairs[i][1] == NULL)
            continue;
        pair_make(&b, pairs[i][0], pairs[i][1]);
        run(&b, &r);
        pair_remove(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(sides_stay_the_same)};
    return cmocka_run_group_tests_name("shadow_random", tests, NULL, NULL);
}
