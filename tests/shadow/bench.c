/* shadow/bench.c - a pair in a folder of the test's own */
#include "shadow/bench.h"

#include <stdio.h>
#include <stdlib.h>

void pair_make(struct pair_bench *b, const struct mia_engine_ops *first,
               const struct mia_engine_ops *second)
{
    *b = (struct pair_bench){.engines = {first, second}};
    test_folder_make(b->folder);
    test_path(b->pair, b->folder, "pair");
    test_path(b->sides[0], b->folder, "first");
    test_path(b->sides[1], b->folder, "second");
    b->db_options = (struct mia_db_options){
        .struct_size = sizeof b->db_options, .durability = MIA_SYNC_LAZY, .cache_bytes = 16u << 20};
}

static const struct mia_shadow_options *options(struct pair_bench *b)
{
    b->options.struct_size = sizeof b->options;
    b->options.first_engine = b->engines[0];
    b->options.second_engine = b->engines[1];
    b->options.first = b->options.second = &b->db_options;
    return &b->options;
}

void pair_create(struct pair_bench *b)
{
    OK(mia_shadow_create(b->pair, b->sides[0], b->sides[1], options(b), ERR));
}

void pair_open(struct pair_bench *b)
{
    OK(mia_shadow_open(b->pair, options(b), &b->db, ERR));
}

void pair_open_store(struct pair_bench *b)
{
    pair_open(b);
    OK(mia_store_over(b->db, NULL, &b->store, ERR));
}

void pair_close(struct pair_bench *b)
{
    if (b->store != NULL)
        OK(mia_store_close(b->store, ERR));
    else
        OK(mia_db_close(b->db, ERR));
    b->store = NULL;
    b->db = NULL;
}

void pair_remove(struct pair_bench *b)
{
    test_folder_remove(b->folder);
}

void pair_wait(struct pair_bench *b)
{
    OK(mia_shadow_wait(b->store != NULL ? mia_store_db(b->store) : b->db, 60000, ERR));
}

static void print_difference(void *ctx, const struct mia_difference *d)
{
    (void)ctx;
    print_message("%.*s: %.*s...: %s\n", (int)d->tree.size, (const char *)d->tree.data,
                  (int)(d->key.size & 63), (const char *)d->key.data,
                  mia_difference_text(d->difference));
}

void pair_verify(struct pair_bench *b)
{
    struct mia_shadow_verify_options opt = {.struct_size = sizeof opt, .fn = print_difference};
    struct mia_shadow_verify_report report = {.struct_size = sizeof report};
    pair_wait(b);
    OK(mia_shadow_verify(b->store != NULL ? mia_store_db(b->store) : b->db, &opt, &report, ERR));
    for (int i = 0; i < MIA_DIFF_CLASSES; i++)
        assert_int_equal(report.differences[i], 0);
    assert_int_equal(pair_status(b).state, MIA_SHADOW_VERIFIED);
}

struct mia_shadow_status pair_status(struct pair_bench *b)
{
    struct mia_shadow_status status = {.struct_size = sizeof status};
    OK(mia_shadow_status(b->store != NULL ? mia_store_db(b->store) : b->db, &status, ERR));
    return status;
}

void pair_put(struct pair_bench *b, const char *id, const char *text)
{
    struct mia_record chat = chat_of(id, text, 1);
    OK(mia_store_put(b->store, &chat, ERR));
}

mia_store *pair_side(struct pair_bench *b, int side)
{
    mia_store *store;
    struct mia_store_options opt = {.struct_size = sizeof opt, .db = &b->db_options};
    OK(mia_store_open(b->engines[side], b->sides[side], &opt, &store, ERR));
    return store;
}

void pair_put_many(mia_store *store, int from, int to, int64_t time)
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

/* The next record that is one: what is damaged lies elsewhere in libmdbx than in sled. */
static mia_status next_record(mia_scan *scan, mia_str *id, mia_view *view)
{
    mia_status rc;
    do
        rc = mia_scan_next(scan, id, view, ERR);
    while (rc == MIA_ERR_SERIALIZATION);
    return rc;
}

static void scans_are_equal(mia_txn *txns[2], enum mia_table table)
{
    mia_scan *scans[2];
    for (int i = 0; i < 2; i++)
        OK(mia_scan_open(txns[i], table, (mia_str){0}, &scans[i], ERR));
    for (;;) {
        mia_str ids[2];
        mia_view views[2];
        mia_status rc = next_record(scans[0], &ids[0], &views[0]);
        assert_int_equal(next_record(scans[1], &ids[1], &views[1]), rc);
        if (rc == MIA_NOTFOUND)
            break;
        assert_bytes(((mia_slice){ids[0].data, ids[0].size}),
                     ((mia_slice){ids[1].data, ids[1].size}));
        assert_true(rc == MIA_OK && mia_view_equal(views[0], views[1]));
    }
    mia_scan_close(scans[0]);
    mia_scan_close(scans[1]);
}

void pair_sides_are_equal(struct pair_bench *b, uint64_t *records)
{
    mia_store *stores[2];
    mia_txn *txns[2];
    for (int i = 0; i < 2; i++) {
        struct mia_index_report report = {.struct_size = sizeof report};
        stores[i] = pair_side(b, i);
        OK(mia_index_check(stores[i], NULL, NULL, &report, ERR));
        assert_int_equal(report.missing + report.stale, 0);
        *records = report.records;
        OK(mia_store_begin(stores[i], MIA_TXN_READ, &txns[i], ERR));
    }
    scans_are_equal(txns, MIA_TABLE_NODES);
    scans_are_equal(txns, MIA_TABLE_EDGES);
    scans_are_equal(txns, MIA_TABLE_EMBEDDINGS);
    for (int i = 0; i < 2; i++) {
        mia_txn_abort(txns[i]);
        OK(mia_store_close(stores[i], ERR));
    }
}
