/*
 * test_trace.c - what is recorded comes back, whatever happens to the file is noticed or harmless,
 * and recording harms nobody
 */
#include "ab/listing.h"
#include "ab/pair.h"
#include "mia/search.h"
#include "mia/trace.h"
#include "support/check.h"

#include <libdeflate.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- recordings */

/* Two trees, reads, writes, a scan and an abort, on a fresh database: into NAME.trace. */
static void record_pairs(const struct ab_pair *pair, const char *name,
                         const struct mia_trace_options *opt)
{
    char db_path[TEST_PATH], path[TEST_PATH + 6];
    mia_trace *trace;
    mia_db *db;
    mia_txn *txn;
    mia_tree one, two;
    mia_cursor *cur;
    mia_slice key = {"b", 1}, value;
    struct mia_trace_report report = {.struct_size = sizeof report};
    test_path(db_path, pair->folder, name);
    snprintf(path, sizeof path, "%s.trace", db_path);
    OK(mia_trace_create(path, opt, &trace, ERR));
    OK(mia_trace_open(mia_engine_mdbx(), db_path, NULL, trace, &db, ERR));
    OK(mia_txn_begin(db, MIA_TXN_WRITE, &txn, ERR));
    OK(mia_tree_open(txn, MIA_BYTES("one"), MIA_TREE_CREATE, &one, ERR));
    OK(mia_tree_open(txn, MIA_BYTES("two"), MIA_TREE_CREATE, &two, ERR));
    OK(mia_kv_put(txn, one, MIA_BYTES("a"), MIA_BYTES("secret value"), 0, ERR));
    OK(mia_kv_put(txn, one, MIA_BYTES("b"), MIA_BYTES(""), 0, ERR));
    OK(mia_kv_put(txn, two, MIA_BYTES("private key"), MIA_BYTES("x"), 0, ERR));
    OK(mia_txn_commit(txn, ERR));
    OK(mia_txn_begin(db, MIA_TXN_READ, &txn, ERR));
    OK(mia_kv_get(txn, one, MIA_BYTES("a"), &value, ERR));
    ANSWERS(mia_kv_get(txn, two, MIA_BYTES("a"), &value, ERR), MIA_NOTFOUND);
    OK(mia_cursor_open(txn, one, &cur, ERR));
    OK(mia_cursor_move(cur, MIA_MOVE_FIRST, &key, &value, ERR));
    OK(mia_cursor_move(cur, MIA_MOVE_NEXT, &key, &value, ERR));
    ANSWERS(mia_cursor_move(cur, MIA_MOVE_NEXT, &key, &value, ERR), MIA_NOTFOUND);
    mia_cursor_close(cur);
    mia_txn_abort(txn);
    OK(mia_txn_begin(db, MIA_TXN_WRITE, &txn, ERR));
    OK(mia_kv_del(txn, one, MIA_BYTES("a"), NULL, ERR));
    mia_txn_abort(txn);
    OK(mia_db_close(db, ERR));
    OK(mia_trace_close(trace, &report, ERR));
    assert_int_equal(report.lost, 0);
    assert_int_equal(report.why.status, MIA_OK);
    assert_int_equal(report.events, 15);
}

static void pairs_come_back(void **state)
{
    const struct ab_pair *pair = *state;
    struct mia_trace_options opt = {.struct_size = sizeof opt, .with_values = true};
    record_pairs(pair, "pairs", &opt);
    struct recording rec = recording_read(pair->folder, "pairs.trace");
    assert_true(rec.reader.is_complete);
    assert_int_equal(rec.reader.flags, MIA__TRACE_VALUES);
    assert_string_equal(
        rec.listing.text,
        "BEGIN_WRITE thread 0 txn 1 tree 0 extra 0 size 0 key= name= value=\n"
        "TREE thread 0 txn 0 tree 0 extra 0 size 0 key= name=6f6e65 value=\n"
        "PUT thread 0 txn 1 tree 0 extra 0 size 12 key=61 name= value=7365637265742076616c7565\n"
        "PUT thread 0 txn 1 tree 0 extra 0 size 0 key=62 name= value=\n"
        "TREE thread 0 txn 0 tree 0 extra 0 size 0 key= name=74776f value=\n"
        "PUT thread 0 txn 1 tree 1 extra 0 size 1 key=70726976617465206b6579 name= value=78\n"
        "COMMIT thread 0 txn 1 tree 0 extra 0 size 0 key= name= value=\n"
        "BEGIN_READ thread 0 txn 2 tree 0 extra 0 size 0 key= name= value=\n"
        "GET thread 0 txn 2 tree 0 extra 0 size 0 key=61 name= value=\n"
        "GET thread 0 txn 2 tree 1 extra 0 size 0 key=61 name= value=\n"
        "SCAN thread 0 txn 2 tree 0 extra 2 size 0 key= name= value=\n"
        "ABORT thread 0 txn 2 tree 0 extra 0 size 0 key= name= value=\n"
        "BEGIN_WRITE thread 0 txn 3 tree 0 extra 0 size 0 key= name= value=\n"
        "DELETE thread 0 txn 3 tree 0 extra 0 size 0 key=61 name= value=\n"
        "ABORT thread 0 txn 3 tree 0 extra 0 size 0 key= name= value=\n");
    recording_free(&rec);
}

/* Reads one record, and lists of every kind. */
static void read_everything(mia_store *store)
{
    mia_txn *txn;
    mia_view view;
    mia_scan *scan;
    mia_str id;
    mia_neighbours *it;
    mia_ids *ids;
    float query[2] = {1, 0};
    struct mia_hit hits[3];
    size_t found;
    OK(mia_store_begin(store, MIA_TXN_READ, &txn, ERR));
    OK(mia_get(txn, MIA_TABLE_EDGES, MIA_STR("e"), &view, ERR));
    OK(mia_scan_open(txn, MIA_TABLE_NODES, MIA_STR("a"), &scan, ERR));
    OK(mia_scan_next(scan, &id, &view, ERR));
    mia_scan_close(scan);
    OK(mia_neighbours_open(txn, MIA_STR("a"), MIA_DIRECTION_OUT, MIA_STR("T"), &it, ERR));
    mia_neighbours_close(it);
    OK(mia_ids_by_property(txn, MIA_STR("node_type"), MIA_STR("Chat"), INT64_MIN, INT64_MAX, true,
                           &ids, ERR));
    mia_ids_close(ids);
    OK(mia_search(txn, query, 2, 3, NULL, hits, &found, ERR));
    mia_txn_abort(txn);
}

static void record_store(const char *path, const char *db_path)
{
    mia_trace *trace;
    mia_store *store;
    struct mia_index_report report = {.struct_size = sizeof report};
    struct mia_record a = {MIA_KIND_CHAT, {.chat = {.id = MIA_STR("a")}}},
                      e = {MIA_KIND_EDGE,
                           {.edge = {.id = MIA_STR("e"),
                                     .from_node = MIA_STR("a"),
                                     .to_node = MIA_STR("b"),
                                     .edge_type = MIA_STR("T")}}};
    OK(mia_trace_create(path, NULL, &trace, ERR));
    struct mia_store_options opt = {
        .struct_size = sizeof opt, .observer = mia_trace_observe, .observer_ctx = trace};
    OK(mia_store_open(mia_engine_mdbx(), db_path, &opt, &store, ERR));
    OK(mia_store_put(store, &a, ERR));
    OK(mia_store_put(store, &e, ERR));
    OK(mia_index_rebuild(store, NULL, NULL, &report, ERR)); /* the library's own reads and writes */
    read_everything(store);
    OK(mia_store_delete(store, MIA_TABLE_NODES, MIA_STR("a"), MIA_DELETE_EDGES, ERR));
    OK(mia_store_close(store, ERR));
    OK(mia_trace_close(trace, NULL, ERR));
}

/* What a program asked of a store, and nothing of what the library does for it. */
static void store_calls_come_back(void **state)
{
    static const char *const expected[] = {
        "BEGIN_WRITE", "TREE",   "PUT",        "COMMIT",      "BEGIN_WRITE", "TREE",
        "PUT",         "COMMIT", "BEGIN_READ", "GET",         "SCAN",        "NEIGHBOURS",
        "IDS",         "SEARCH", "ABORT",      "BEGIN_WRITE", "DELETE",      "COMMIT"};
    const struct ab_pair *pair = *state;
    char path[TEST_PATH], db_path[TEST_PATH];
    test_path(path, pair->folder, "store.trace");
    test_path(db_path, pair->folder, "store");
    record_store(path, db_path);
    struct recording rec = recording_read(pair->folder, "store.trace");
    const char *text = rec.listing.text, *at = text;
    assert_int_equal(rec.reader.flags, MIA__TRACE_RECORDS);
    assert_int_equal(rec.listing.events, LENGTH(expected));
    for (size_t i = 0; i < LENGTH(expected); i++, at = strchr(at, '\n') + 1)
        assert_memory_equal(at, expected[i], strlen(expected[i]));
    assert_non_null(strstr(text, "SCAN thread 0 txn 3 tree 0 extra 1 size 0 key=61 name= value="));
    assert_non_null(strstr(text, "IDS thread 0 txn 3 tree 0 extra 1 size 0 key=43686174 "
                                 "name=6e6f64655f74797065 value="));
    assert_non_null(strstr(text, "extra 3 size 8 key= name= value=0000803f00000000"));
    recording_free(&rec);
}

static bool has(mia_slice file, const char *text)
{
    return memmem(file.data, file.size, text, strlen(text)) != NULL;
}

static void what_is_private_stays_so(void **state)
{
    const struct ab_pair *pair = *state;
    struct mia_trace_options hashed = {.struct_size = sizeof hashed, .hash_keys = true};
    record_pairs(pair, "open", NULL);
    record_pairs(pair, "hashed", &hashed);
    record_pairs(pair, "hashed-again", &hashed);
    struct recording open = recording_read(pair->folder, "open.trace"),
                     one = recording_read(pair->folder, "hashed.trace"),
                     two = recording_read(pair->folder, "hashed-again.trace");
    assert_true(has(open.file, "private key"));
    assert_false(has(open.file, "secret value"));
    assert_false(has(one.file, "private key"));
    assert_false(has(one.file, "secret value"));
    /* each file has a salt of its own */
    assert_string_not_equal(one.listing.text, two.listing.text);
    recording_free(&open);
    recording_free(&one);
    recording_free(&two);
}

/* ---- damage */

static void expect_beginning(const struct listing *l, const struct listing *whole)
{
    assert_true(l->size <= whole->size);
    assert_true(l->size == 0 || memcmp(l->text, whole->text, l->size) == 0);
}

static void every_truncation_keeps_what_was_before(void **state)
{
    const struct ab_pair *pair = *state;
    struct recording rec = recording_read(pair->folder, "pairs.trace");
    for (size_t size = 0; size < rec.file.size; size++) {
        struct listing l = {0};
        struct mia__trace_reader r;
        uint8_t *exact = malloc(size + (size == 0)); /* a read behind it is seen by ASan */
        memcpy(exact, rec.bytes, size);
        mia_status rc = list((mia_slice){exact, size}, &l, &r);
        if (size < MIA__TRACE_HEADER) {
            assert_int_equal(rc, MIA_ERR_INVALID);
        } else {
            assert_int_equal(rc, MIA_NOTFOUND);
            assert_false(r.is_complete);
            assert_true(r.torn_at <= size);
            expect_beginning(&l, &rec.listing);
        }
        free(exact);
        free(l.text);
    }
    recording_free(&rec);
}

static void every_flipped_byte_is_noticed(void **state)
{
    const struct ab_pair *pair = *state;
    struct recording rec = recording_read(pair->folder, "pairs.trace");
    for (size_t at = 0; at < rec.file.size; at++)
        for (unsigned flip = 1; flip < 256; flip += flip < 8 ? 1 : 31) {
            struct listing l = {0};
            struct mia__trace_reader r;
            rec.bytes[at] ^= (uint8_t)flip;
            mia_status rc = list(rec.file, &l, &r);
            rec.bytes[at] ^= (uint8_t)flip;
            bool is_refused = rc < 0, is_torn = rc == MIA_NOTFOUND && !r.is_complete;
            if (!is_refused && !is_torn)
                fail_msg("byte %zu, flipped by 0x%x, went unnoticed", at, flip);
            assert_true(at >= MIA__TRACE_HEADER || is_refused);
            expect_beginning(&l, &rec.listing);
            free(l.text);
        }
    recording_free(&rec);
}

/* Bytes of a block that has a right checksum and was made by nobody's writer. */
static void nonsense_is_refused_with_its_place(void **state)
{
    (void)state;
    static const struct {
        uint32_t events;
        uint8_t size, payload[16];
        const char *word;
    } known[] = {
        {1, 4, {99, 0, 0, 0}, "of no kind"},
        {1, 3, {5, 0, 0}, "past the end"},
        {1, 6, {5, 0, 1, 0, 0, 0}, "without a name"},
        {2, 8, {0, 0, 0, 0, 200, 1, 'a', 'b'}, "past the end"},
        {1, 6, {1, 0, 1, 0, 0, 0}, "more in it"},
        {1, 7, {1, 0xff, 0xff, 0xff, 0x7f, 1, 0}, "thread"},
        {1, 14, {1, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0}, "64 bits"},
        {0, 2, {1, 1}, "more in it"},
    };
    for (size_t i = 0; i < LENGTH(known); i++) {
        uint8_t file[128] = MIA__TRACE_MAGIC;
        uint8_t *block = file + MIA__TRACE_HEADER;
        struct listing l = {0};
        struct mia__trace_reader r;
        mia__store_u32le(file + 8, MIA__TRACE_VERSION);
        mia__store_u32le(file + MIA__TRACE_CRC_AT, libdeflate_crc32(0, file, MIA__TRACE_CRC_AT));
        mia__store_u32le(block, known[i].size);
        mia__store_u32le(block + 4, known[i].events);
        memcpy(block + MIA__TRACE_BLOCK_HEADER, known[i].payload, known[i].size);
        uint32_t crc = libdeflate_crc32(0, block, 12);
        crc = libdeflate_crc32(crc, block + MIA__TRACE_BLOCK_HEADER, known[i].size);
        mia__store_u32le(block + 12, crc);
        size_t size = MIA__TRACE_HEADER + MIA__TRACE_BLOCK_HEADER + known[i].size;
        assert_int_equal(list((mia_slice){file, size}, &l, &r), MIA_ERR_CORRUPT);
        if (strstr(test_error.message, known[i].word) == NULL)
            fail_msg("%zu: '%s' is not in: %s", i, known[i].word, test_error.message);
        free(l.text);
    }
    uint8_t later[MIA__TRACE_HEADER] = MIA__TRACE_MAGIC;
    struct mia__trace_reader r;
    later[8] = 2;
    mia__store_u32le(later + MIA__TRACE_CRC_AT, libdeflate_crc32(0, later, MIA__TRACE_CRC_AT));
    ANSWERS(mia__trace_read_begin(&r, (mia_slice){later, sizeof later}, "test", ERR),
            MIA_ERR_VERSION);
}

/* ---- recording harms nobody */

static void a_full_trace_does_not_stop_the_program(void **state)
{
    const struct ab_pair *pair = *state;
    char path[TEST_PATH], db_path[TEST_PATH];
    mia_trace *trace;
    mia_db *db;
    mia_txn *txn;
    mia_tree tree;
    mia_slice value;
    struct mia_trace_report report = {.struct_size = sizeof report};
    struct mia_trace_options opt = {
        .struct_size = sizeof opt, .with_values = true, .max_bytes = 200000};
    char text[1000];
    memset(text, 'x', sizeof text);
    test_path(path, pair->folder, "full.trace");
    test_path(db_path, pair->folder, "full");
    OK(mia_trace_create(path, &opt, &trace, ERR));
    OK(mia_trace_open(NULL, db_path, NULL, trace, &db, ERR));
    for (uint32_t i = 0; i < 400; i++) {
        OK(mia_txn_begin(db, MIA_TXN_WRITE, &txn, ERR));
        OK(mia_tree_open(txn, MIA_BYTES("t"), MIA_TREE_CREATE, &tree, ERR));
        OK(mia_kv_put(txn, tree, (mia_slice){&i, sizeof i}, (mia_slice){text, sizeof text}, 0,
                      ERR));
        OK(mia_txn_commit(txn, ERR));
    }
    OK(mia_txn_begin(db, MIA_TXN_READ, &txn, ERR));
    for (uint32_t i = 0; i < 400; i++)
        OK(mia_kv_get(txn, tree, (mia_slice){&i, sizeof i}, &value, ERR));
    mia_txn_abort(txn);
    OK(mia_db_close(db, ERR));
    OK(mia_trace_close(trace, &report, ERR));
    assert_int_equal(report.why.status, MIA_ERR_FULL);
    assert_true(report.lost > 0 && report.events > 0);
    assert_int_equal(report.lost + report.events, 3 * 400 + 1 + 1 + 400 + 1);
    struct recording rec = recording_read(pair->folder, "full.trace");
    assert_true(rec.file.size <= opt.max_bytes);
    assert_false(rec.reader.is_complete); /* as after a crash: what came before can be used */
    assert_int_equal(rec.listing.events, report.events);
    recording_free(&rec);
}

struct reading {
    mia_store *store;
    char *id;
};

static void *read_often(void *ctx)
{
    struct reading *r = ctx;
    struct mia_error err;
    for (int i = 0; i < 500; i++) {
        mia_txn *txn;
        mia_view view;
        if (mia_store_begin(r->store, MIA_TXN_READ, &txn, &err) < 0)
            return NULL;
        mia_get(txn, MIA_TABLE_NODES, mia_str_of(r->id), &view, &err);
        mia_txn_abort(txn);
    }
    return r;
}

static void threads_are_told_apart(void **state)
{
    enum { THREADS = 4 };
    const struct ab_pair *pair = *state;
    char path[TEST_PATH];
    mia_trace *trace;
    pthread_t threads[THREADS];
    struct reading reading = {.id = "nobody"};
    struct mia_trace_report report = {.struct_size = sizeof report};
    struct mia_db_options db = {.struct_size = sizeof db, .read_only = true};
    test_path(path, pair->folder, "threads.trace");
    OK(mia_trace_create(path, NULL, &trace, ERR));
    struct mia_store_options opt = {
        .struct_size = sizeof opt, .db = &db, .observer = mia_trace_observe, .observer_ctx = trace};
    OK(mia_store_open(NULL, pair->mdbx, &opt, &reading.store, ERR));
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, read_often, &reading), 0);
    for (int i = 0; i < THREADS; i++) {
        void *answer;
        pthread_join(threads[i], &answer);
        assert_non_null(answer);
    }
    OK(mia_store_close(reading.store, ERR));
    OK(mia_trace_close(trace, &report, ERR));
    assert_int_equal(report.events, THREADS * 500 * 3 + 1);
    struct recording rec = recording_read(pair->folder, "threads.trace");
    struct mia__trace_event e;
    size_t gets[THREADS] = {0};
    OK(mia__trace_read_begin(&rec.reader, rec.file, path, ERR));
    while (mia__trace_read_next(&rec.reader, &e, ERR) == MIA_OK) {
        assert_true(e.thread < THREADS);
        gets[e.thread] += e.kind == MIA__TRACE_GET;
    }
    assert_true(rec.reader.is_complete);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(gets[i], 500);
    recording_free(&rec);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_come_back),
        cmocka_unit_test(store_calls_come_back),
        cmocka_unit_test(what_is_private_stays_so),
        cmocka_unit_test(every_truncation_keeps_what_was_before),
        cmocka_unit_test(every_flipped_byte_is_noticed),
        cmocka_unit_test(nonsense_is_refused_with_its_place),
        cmocka_unit_test(a_full_trace_does_not_stop_the_program),
        cmocka_unit_test(threads_are_told_apart),
    };
    return cmocka_run_group_tests_name("trace", tests, ab_pair_make, ab_pair_remove);
}
