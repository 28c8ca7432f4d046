/* test_shadow.c - what a pair does, from its making to its end */
#include "engine/plain.h"
#include "shadow/bench.h"
#include "shadow/shadow.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

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

static void put_many(mia_store *store, int from, int to, int64_t time)
{
    mia_txn *txn;
    OK(mia_store_begin(store, MIA_TXN_WRITE, &txn, ERR));
    for (int i = from; i < to; i++) {
        char id[32], edge_id[32], chat[16];
        float vector[] = {(float)i, 1, (float)time};
        snprintf(id, sizeof id, "m%05d", i);
        snprintf(edge_id, sizeof edge_id, "e%05d", i);
        snprintf(chat, sizeof chat, "c%d", i % 7);
        struct mia_record message = message_of(id, chat, "s", time);
        struct mia_record edge = edge_of(edge_id, id, "IN", chat);
        struct mia_record embedding = vector_of(id, vector, 3);
        OK(mia_put(txn, &message, ERR));
        OK(mia_put(txn, &edge, ERR));
        OK(mia_put(txn, &embedding, ERR));
    }
    OK(mia_txn_commit(txn, ERR));
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
    put_many(alone, 0, 3000, 1);
    OK(mia_store_close(alone, ERR));

    pair_create(b);
    pair_open_store(b);
    assert_int_equal(pair_status(b).state, MIA_SHADOW_BACKFILLING);
    put_many(b->store, 2500, 3500, 2);
    delete_many(b->store, 10, 40);
    ANSWERS(mia_shadow_switch_store(b->store, 1000, ERR), MIA_ERR_BUSY);
    pair_verify(b);
    put_many(b->store, 3500, 3600, 3);
    for (int there = 1; there >= 0; there--) { /* and back */
        OK(mia_shadow_switch_store(b->store, 5000, ERR));
        assert_int_equal(pair_status(b).second_is_primary, there);
        assert_int_equal(mia_db_engine(mia_store_db(b->store))->value_format,
                         b->engines[there]->value_format);
        put_many(b->store, 100, 150, 4 + there);
        delete_many(b->store, 200 + 10 * there, 205 + 10 * there);
        pair_verify(b);
    }
    OK(mia_shadow_switch_store(b->store, 5000, ERR));
    OK(mia_shadow_detach(mia_store_db(b->store), 0, ERR));
    put_many(b->store, 9000, 9001, 1); /* goes on, alone */
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
    put_many(b->store, 0, 2000, 1);
    pair_verify(b);
    plant(b);
    put_many(b->store, 1000, 1100, 2);
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
    put_many(alone, 0, 10, 1);
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
    put_many(b.store, 3, 4, 7); /* in the place of the damaged one */
    put_stored(b.store, "mia_quarantine_nodes", "m00005", MIA_BYTES("hidden by the record"));
    put_stored(b.store, "mia_quarantine_nodes", "bad2", MIA_BYTES("worse"));
    pair_verify(&b);
    assert_stored(secondary_store(&b), "nodes", "bad2", "worse");
    OK(mia_store_delete(b.store, MIA_TABLE_NODES, MIA_STR("m00005"), MIA_DELETE_EDGES, ERR));
    pair_verify(&b);
    assert_stored(secondary_store(&b), "nodes", "m00005", "hidden by the record");
    put_many(b.store, 5, 6, 8);
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
    put_many(b.store, 0, 10, 1);
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
    put_many(alone, 0, 1000, 1);
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
    put_many(alone, 500, 600, 2);
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
    put_many(alone, 0, 1, 1);
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
    put_many(b.store, 0, 10, 1);
    pair_verify(&b);
    test_path(blocker, b.pair, "mia-shadow.tmp");
    assert_int_equal(mkdir(blocker, 0755), 0);
    rc = mia_shadow_switch_store(b.store, 1000, ERR);
    assert_true(rc < 0 && rc != MIA_ERR_BUSY);
    rc = mia_shadow_detach(mia_store_db(b.store), 0, ERR);
    assert_true(rc < 0 && rc != MIA_ERR_BUSY);
    assert_false(pair_status(&b).second_is_primary);
    put_many(b.store, 10, 20, 1); /* goes on */
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
        cmocka_unit_test(there_and_back),
        cmocka_unit_test(planted_differences_are_found_and_repaired),
        cmocka_unit_test(damaged_records_go_over_and_back),
        cmocka_unit_test(a_broken_archive_is_counted),
        cmocka_unit_test(trees_of_others_follow_byte_for_byte),
        cmocka_unit_test(a_backfill_goes_on_where_it_stopped),
        cmocka_unit_test(misuse),
        cmocka_unit_test(foreign_databases_need_raw),
        cmocka_unit_test(a_switch_that_cannot_be_written_down),
        cmocka_unit_test(any_sled_database_goes_over_and_back),
    };
    return cmocka_run_group_tests_name("shadow", tests, NULL, NULL);
}
