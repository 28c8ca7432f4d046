/* test_shadow.c - what a pair does, from its making to its end */
#include "engine/plain.h"
#include "shadow/bench.h"
#include "shadow/shadow.h"

#include <stdio.h>
#include <stdlib.h>

struct engines {
    const struct mia_engine_ops *first, *second;
};

static struct engines all_pairs(size_t i)
{
    const struct mia_engine_ops *mdbx = mia_engine_mdbx(), *sled = mia_engine_sled();
    const struct engines pairs[] = {{mdbx, mdbx}, {sled, mdbx}, {mdbx, sled}};
    return pairs[i];
}
enum { PAIRS = 3 };

/* Runs a test on each pair of engines of this build. */
static void on_all(void (*test)(struct pair_bench *b))
{
    for (size_t i = 0; i < PAIRS; i++) {
        struct engines e = all_pairs(i);
        struct pair_bench b;
        if (e.first == NULL || e.second == NULL)
            continue;
        pair_make(&b, e.first, e.second);
        test(&b);
        pair_remove(&b);
    }
}

static void delete_many(mia_store *store, int from, int to)
{
    for (int i = from; i < to; i++) {
        char id[32];
        snprintf(id, sizeof id, "m%05d", i);
        OK(mia_store_delete(store, MIA_TABLE_NODES, mia_str_of(id), MIA_DELETE_EDGES, ERR));
    }
}

/* ---- the whole way, and back */

static void journey(struct pair_bench *b)
{
    uint64_t records;
    mia_store *alone = pair_side(b, 0);
    pair_put_many(alone, 0, 3000, 1);
    OK(mia_store_close(alone, ERR));

    pair_create(b);
    pair_open_store(b);
    assert_int_equal(pair_status(b).state, MIA_SHADOW_BACKFILLING);
    pair_put_many(b->store, 2500, 3500, 2);
    delete_many(b->store, 10, 40);
    ANSWERS(mia_shadow_switch_store(b->store, 1000, ERR), MIA_ERR_BUSY);
    pair_verify(b);
    pair_put_many(b->store, 3500, 3600, 3);
    for (int there = 1; there >= 0; there--) { /* and back */
        OK(mia_shadow_switch_store(b->store, 5000, ERR));
        assert_int_equal(pair_status(b).second_is_primary, there);
        assert_int_equal(mia_db_engine(mia_store_db(b->store))->value_format,
                         b->engines[there]->value_format);
        pair_put_many(b->store, 100, 150, 4 + there);
        delete_many(b->store, 200 + 10 * there, 205 + 10 * there);
        pair_verify(b);
    }
    OK(mia_shadow_switch_store(b->store, 5000, ERR));
    OK(mia_shadow_detach(mia_store_db(b->store), 0, ERR));
    pair_put_many(b->store, 9000, 9001, 1); /* goes on, alone */
    assert_int_equal(pair_status(b).state, MIA_SHADOW_DETACHED);
    OK(mia_store_delete(b->store, MIA_TABLE_NODES, MIA_STR("m09000"), MIA_DELETE_EDGES, ERR));
    OK(mia_store_delete(b->store, MIA_TABLE_EMBEDDINGS, MIA_STR("m09000"), 0, ERR));
    pair_close(b);
    pair_sides_are_equal(b, &records);
    assert_int_equal(records, 2 * (3600 - 30 - 10));
    ANSWERS(mia_shadow_open(b->pair, &b->options, &b->db, ERR), MIA_ERR_INVALID);
    assert_non_null(strstr(test_error.message, "/second"));
}

static void there_and_back(void **state)
{
    (void)state;
    on_all(journey);
}

/* ---- differences */

struct seen {
    char text[400];
};

static void see(void *ctx, const struct mia_difference *d)
{
    struct seen *s = ctx;
    size_t used = strlen(s->text);
    snprintf(s->text + used, sizeof s->text - used, "%d:%.*s:%.*s ", (int)d->difference,
             (int)d->tree.size, (const char *)d->tree.data, (int)d->key.size,
             (const char *)d->key.data);
}

/* Changes the secondary behind the pair's back. */
static void plant(struct pair_bench *b)
{
    struct mia__shadow *s;
    mia_txn *txn;
    struct mia_record other = chat_of("m00003", "else", 9), extra = chat_of("extra", "x", 9);
    OK(mia__shadow_of(mia_store_db(b->store), &s, ERR));
    pthread_mutex_lock(&s->work);
    OK(mia_store_begin(mia__shadow_secondary(s)->store, MIA_TXN_WRITE, &txn, ERR));
    OK(mia_delete(txn, MIA_TABLE_NODES, MIA_STR("m00001"), 0, NULL, ERR));
    OK(mia_delete(txn, MIA_TABLE_EDGES, MIA_STR("e00002"), 0, NULL, ERR));
    OK(mia_put(txn, &other, ERR));
    OK(mia_put(txn, &extra, ERR));
    OK(mia_txn_commit(txn, ERR));
    pthread_mutex_unlock(&s->work);
}

static void find_planted(struct pair_bench *b)
{
    struct seen seen = {""};
    struct mia_shadow_verify_options opt = {.struct_size = sizeof opt, .fn = see, .fn_ctx = &seen};
    struct mia_shadow_verify_report report = {.struct_size = sizeof report};
    pair_create(b);
    pair_open_store(b);
    pair_put_many(b->store, 0, 2000, 1);
    pair_verify(b);
    plant(b);
    pair_put_many(b->store, 1000, 1100, 2);
    pair_wait(b);
    OK(mia_shadow_verify(mia_store_db(b->store), &opt, &report, ERR));
    assert_string_equal(seen.text, "1:nodes:extra 0:nodes:m00001 2:nodes:m00003 0:edges:e00002 ");
    assert_int_equal(report.differences[MIA_DIFF_MISSING], 2);
    assert_int_equal(report.differences[MIA_DIFF_EXTRA], 1);
    assert_int_equal(report.differences[MIA_DIFF_VALUE], 1);
    assert_int_equal(report.records, 6001);
    assert_non_null(strstr(pair_status(b).last_reason, "4 differences"));
    pair_verify(b); /* they are repaired */
    uint64_t records;
    pair_close(b);
    pair_sides_are_equal(b, &records);
    assert_int_equal(records, 4000);
}

static void planted_differences_are_found_and_repaired(void **state)
{
    (void)state;
    on_all(find_planted);
}

/* ---- records that are none */

static void put_stored(mia_store *store, const char *tree_name, const char *key, mia_slice value)
{
    mia_txn *txn;
    mia_tree tree;
    OK(mia_store_begin(store, MIA_TXN_WRITE, &txn, ERR));
    OK(mia_tree_open(txn, mia_bytes_of(tree_name), MIA_TREE_CREATE, &tree, ERR));
    OK(mia_kv_put(txn, tree, mia_bytes_of(key), value, 0, ERR));
    OK(mia_txn_commit(txn, ERR));
}

static void assert_stored(mia_store *store, const char *tree_name, const char *key,
                          const char *value)
{
    mia_txn *txn;
    mia_tree tree;
    mia_slice found = {0};
    OK(mia_store_begin(store, MIA_TXN_READ, &txn, ERR));
    mia_status rc = mia_tree_open(txn, mia_bytes_of(tree_name), 0, &tree, ERR);
    if (rc == MIA_OK)
        rc = mia_kv_get(txn, tree, mia_bytes_of(key), &found, ERR);
    assert_int_equal(rc, value != NULL ? MIA_OK : MIA_NOTFOUND);
    if (value != NULL)
        assert_text(found, value);
    mia_txn_abort(txn);
}

static mia_store *secondary_store(struct pair_bench *b)
{
    struct mia__shadow *s;
    pair_wait(b);
    OK(mia__shadow_of(mia_store_db(b->store), &s, ERR));
    return mia__shadow_secondary(s)->store;
}

/* What does not decode in sled goes into the quarantine of libmdbx and comes back from there. */
static void damaged_records_go_over_and_back(void **state)
{
    (void)state;
    struct pair_bench b;
    if (mia_engine_sled() == NULL)
        skip();
    pair_make(&b, mia_engine_sled(), mia_engine_mdbx());
    mia_store *alone = pair_side(&b, 0);
    pair_put_many(alone, 0, 10, 1);
    put_stored(alone, "nodes", "bad1", MIA_BYTES("no record"));
    OK(mia_store_close(alone, ERR));
    pair_create(&b);
    pair_open_store(&b);
    pair_verify(&b);
    assert_stored(secondary_store(&b), "mia_quarantine_nodes", "bad1", "no record");
    put_stored(b.store, "nodes", "m00003", MIA_BYTES("gone bad")); /* a record, and its index */
    put_stored(b.store, "nodes", "stray", MIA_BYTES("\4\1x\3Ada\6PERSON\0\2{}"));
    pair_verify(&b);
    assert_stored(secondary_store(&b), "mia_quarantine_nodes", "m00003", "gone bad");
    assert_stored(secondary_store(&b), "nodes", "m00003", NULL);
    struct mia_record good = chat_of("bad1", "good", 2);
    OK(mia_store_delete(b.store, MIA_TABLE_NODES, MIA_STR("bad1"), MIA_DELETE_DAMAGED, ERR));
    OK(mia_store_put(b.store, &good, ERR));
    pair_verify(&b);
    assert_stored(secondary_store(&b), "mia_quarantine_nodes", "bad1", NULL);
    OK(mia_shadow_switch_store(b.store, 5000, ERR));
    pair_put_many(b.store, 3, 4, 7); /* in the place of the damaged one */
    put_stored(b.store, "mia_quarantine_nodes", "m00005", MIA_BYTES("hidden by the record"));
    put_stored(b.store, "mia_quarantine_nodes", "bad2", MIA_BYTES("worse"));
    pair_verify(&b);
    assert_stored(secondary_store(&b), "nodes", "bad2", "worse");
    OK(mia_store_delete(b.store, MIA_TABLE_NODES, MIA_STR("m00005"), MIA_DELETE_EDGES, ERR));
    pair_verify(&b);
    assert_stored(secondary_store(&b), "nodes", "m00005", "hidden by the record");
    pair_put_many(b.store, 5, 6, 8);
    pair_verify(&b);
    OK(mia_shadow_switch_store(b.store, 5000, ERR)); /* the record goes: so does what it hid */
    OK(mia_store_delete(b.store, MIA_TABLE_NODES, MIA_STR("m00005"), MIA_DELETE_EDGES, ERR));
    pair_verify(&b);
    assert_stored(secondary_store(&b), "mia_quarantine_nodes", "m00005", NULL);
    pair_close(&b);
    mia_store *second = pair_side(&b, 1);
    struct mia_index_report report = {.struct_size = sizeof report};
    OK(mia_index_check(second, NULL, NULL, &report, ERR));
    assert_int_equal(report.missing + report.stale, 0);
    OK(mia_store_close(second, ERR));
    pair_remove(&b);
}

/* An archive that is damaged has no form in sled. It is never passed over in silence. */
static void a_broken_archive_is_counted(void **state)
{
    (void)state;
    struct pair_bench b;
    struct mia_shadow_verify_report report = {.struct_size = sizeof report};
    if (mia_engine_sled() == NULL)
        skip();
    pair_make(&b, mia_engine_mdbx(), mia_engine_sled());
    pair_create(&b);
    pair_open_store(&b);
    pair_put_many(b.store, 0, 10, 1);
    pair_verify(&b);
    put_stored(b.store, "nodes", "m00003", MIA_BYTES("broken"));
    pair_wait(&b);
    assert_int_equal(pair_status(&b).skipped, 1);
    assert_non_null(strstr(pair_status(&b).last_reason, "m00003"));
    OK(mia_shadow_verify(mia_store_db(b.store), NULL, &report, ERR));
    assert_int_equal(report.differences[MIA_DIFF_VALUE], 1);
    pair_wait(&b);
    ANSWERS(mia_shadow_switch_store(b.store, 100, ERR), MIA_ERR_BUSY);
    OK(mia_store_delete(b.store, MIA_TABLE_NODES, MIA_STR("m00003"), MIA_DELETE_DAMAGED, ERR));
    pair_verify(&b);
    pair_close(&b);
    pair_remove(&b);
}

/* ---- other trees */

static void other_trees_follow(struct pair_bench *b)
{
    pair_create(b);
    pair_open_store(b);
    put_stored(b->store, "notes", "k", MIA_BYTES("1"));
    put_stored(b->store, "mia_moves", "move", MIA_BYTES("to there"));
    pair_verify(b);
    assert_stored(secondary_store(b), "notes", "k", "1");
    assert_stored(secondary_store(b), "mia_moves", "move", "to there");
    mia_txn *txn;
    mia_tree tree;
    OK(mia_store_begin(b->store, MIA_TXN_WRITE, &txn, ERR));
    OK(mia_tree_open(txn, MIA_BYTES("notes"), 0, &tree, ERR));
    OK(mia_kv_put(txn, tree, MIA_BYTES("a"), MIA_BYTES("before"), 0, ERR));
    OK(mia_tree_clear(txn, tree, ERR));
    OK(mia_kv_put(txn, tree, MIA_BYTES("z"), MIA_BYTES("after"), 0, ERR));
    OK(mia_txn_commit(txn, ERR));
    pair_verify(b);
    assert_stored(secondary_store(b), "notes", "k", NULL);
    assert_stored(secondary_store(b), "notes", "a", NULL);
    assert_stored(secondary_store(b), "notes", "z", "after");
    pair_close(b);
}

static void trees_of_others_follow_byte_for_byte(void **state)
{
    (void)state;
    on_all(other_trees_follow);
}

/* ---- stops */

static void goes_on(struct pair_bench *b)
{
    uint64_t records;
    mia_store *alone = pair_side(b, 0);
    pair_put_many(alone, 0, 1000, 1);
    OK(mia_store_close(alone, ERR));
    pair_create(b);
    b->options.batch_records = 10;
    b->options.pause_ms = 2;
    uint64_t before = 0;
    for (int i = 0; i < 3; i++) { /* each goes on where the last one stopped */
        pair_open_store(b);
        while (pair_status(b).compared < before + 100)
            ;
        pair_put(b, "m00001", i % 2 ? "odd" : "even");
        assert_int_equal(pair_status(b).state, MIA_SHADOW_BACKFILLING);
        before = pair_status(b).compared;
        pair_close(b);
    }
    b->options.batch_records = 0;
    pair_open_store(b);
    pair_verify(b);
    assert_int_equal(pair_status(b).times_behind, 0);
    assert_true(pair_status(b).compared <= 3100);
    pair_close(b);
    pair_open_store(b); /* clean: nothing to do */
    assert_int_equal(pair_status(b).state, MIA_SHADOW_VERIFIED);
    pair_close(b);

    alone = pair_side(b, 0); /* behind the pair's back */
    pair_put_many(alone, 500, 600, 2);
    OK(mia_store_close(alone, ERR));
    pair_open_store(b);
    assert_int_equal(pair_status(b).times_behind, 1);
    assert_non_null(strstr(pair_status(b).last_reason, "changed the primary"));
    pair_verify(b);
    pair_close(b);
    pair_sides_are_equal(b, &records);
}

static void a_backfill_goes_on_where_it_stopped(void **state)
{
    (void)state;
    on_all(goes_on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_and_back),
        cmocka_unit_test(planted_differences_are_found_and_repaired),
        cmocka_unit_test(damaged_records_go_over_and_back),
        cmocka_unit_test(a_broken_archive_is_counted),
        cmocka_unit_test(trees_of_others_follow_byte_for_byte),
        cmocka_unit_test(a_backfill_goes_on_where_it_stopped),
    };
    return cmocka_run_group_tests_name("shadow", tests, NULL, NULL);
}
