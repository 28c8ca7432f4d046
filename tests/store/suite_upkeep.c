/* suite_upkeep.c - indexes compared with the records, made anew, and read meanwhile */
#include "store/suite.h"

/* A reader that begins in the middle of a rebuild, when nodes are in the index and edges are not.
 */
struct rebuild_watch {
    struct store_bench *b;
    mia_txn *reader;
};

static mia_status open_edges(mia_txn *txn)
{
    mia_neighbours *it;
    mia_status rc =
        mia_neighbours_open(txn, MIA_STR("a"), MIA_DIRECTION_OUT, (mia_str){0}, &it, ERR);
    mia_neighbours_close(it);
    return rc;
}

static bool read_in_between(void *ctx, const struct mia_progress *progress)
{
    struct rebuild_watch *watch = ctx;
    (void)progress;
    if (watch->reader == NULL) {
        watch->reader = store_begin(watch->b, MIA_TXN_READ);
        assert_int_equal(open_edges(watch->reader), MIA_ERR_UNSUPPORTED);
    }
    return true;
}

static void put_node_and_edge(struct store_bench *b)
{
    struct mia_record node = chat_of("a", "t", 1), edge = edge_of("e", "a", "T", "b");
    store_put(b, &node);
    store_put(b, &edge);
}

/* What a snapshot has of an index is all of it or nothing, also when the rebuild is over. */
static void a_rebuild_gives_no_wrong_answers(void **state)
{
    struct store_bench *b = *state;
    struct rebuild_watch watch = {.b = b};
    struct mia_index_report report = {.struct_size = sizeof report};
    bool has_snapshots = (b->engine->ops->caps & MIA_CAP_SNAPSHOT) != 0;
    char list[STORE_LIST];
    put_node_and_edge(b);
    mia_txn *before = store_begin(b, MIA_TXN_READ);
    OK(mia_index_rebuild(b->store, read_in_between, &watch, &report, ERR));
    assert_non_null(watch.reader);
    list_edges(before, "a", MIA_DIRECTION_OUT, NULL, list);
    assert_string_equal(list, "T:b:e"); /* the old index, or the new one */
    if (has_snapshots)
        assert_int_equal(open_edges(watch.reader), MIA_ERR_UNSUPPORTED);
    mia_txn_abort(watch.reader);
    mia_txn_abort(before);
    assert_edges(b, "a", MIA_DIRECTION_OUT, NULL, "T:b:e");
}

static void a_first_index_is_not_in_older_snapshots(void **state)
{
    struct store_bench *b = *state;
    struct mia_db_options db = bench_options();
    struct mia_store_options without = {
        .struct_size = sizeof without, .db = &db, .without_indexes = true};
    struct mia_index_report report = {.struct_size = sizeof report};
    bench_needs(b->engine->persists && (b->engine->ops->caps & MIA_CAP_SNAPSHOT) != 0);
    store_close(b);
    test_folder_remove(b->path);
    store_open(b, &without);
    put_node_and_edge(b);
    store_reopen(b);
    mia_txn *before = store_begin(b, MIA_TXN_READ);
    OK(mia_index_rebuild(b->store, NULL, NULL, &report, ERR));
    assert_int_equal(open_edges(before), MIA_ERR_UNSUPPORTED);
    mia_txn_abort(before);
    assert_edges(b, "a", MIA_DIRECTION_OUT, NULL, "T:b:e");
}

/* A pair put behind the store's back, with the same bytes that the store would write. */
static void put_behind(struct store_bench *b, const struct mia_record *record)
{
    mia_encoder *encoder;
    mia_slice archive, value;
    mia_tree tree;
    enum mia_table table = mia_table_of(record->kind);
    OK(mia_encoder_open(&encoder, ERR));
    OK(mia_encode_archive(encoder, record, &archive, ERR));
    value = archive;
    if (b->engine->ops->value_format == MIA_VALUE_BINCODE)
        OK(mia_encode_from_archive(encoder, table, archive, &value, ERR));
    mia_txn *txn = store_begin(b, MIA_TXN_WRITE);
    OK(mia_tree_open(txn, mia_bytes_of(mia_table_name(table)), 0, &tree, ERR));
    mia_str id = mia_view_id(mia_view_trust(table, archive));
    OK(mia_kv_put(txn, tree, (mia_slice){id.data, id.size}, value, 0, ERR));
    OK(mia_txn_commit(txn, ERR));
    mia_encoder_close(encoder);
}

static void check_finds_and_rebuild_mends(void **state)
{
    struct store_bench *b = *state;
    struct mia_index_report report = {.struct_size = sizeof report};
    struct mia_record message = message_of("m", "c1", "ann", 1), other = message;
    struct mia_record edge = edge_of("e", "a", "X", "b"), moved = edge_of("e", "a", "X", "c");
    store_put(b, &message);
    store_put(b, &edge);
    other.u.message.chat_id = MIA_STR("c2");
    put_behind(b, &other);
    put_behind(b, &moved);
    OK(mia_index_check(b->store, NULL, NULL, &report, ERR));
    assert_true(report.missing >= 2 && report.stale >= 2);
    OK(mia_index_rebuild(b->store, NULL, NULL, &report, ERR));
    assert_int_equal(report.records, 2);
    assert_index_sound(b, 2);
    assert_nodes(b, "chat_id", "c1", "");
    assert_nodes(b, "chat_id", "c2", "m");
    assert_edges(b, "c", MIA_DIRECTION_IN, NULL, "X:a:e");
    assert_edges(b, "b", MIA_DIRECTION_IN, NULL, "");
}

static void records_without_index_get_one_when_asked(void **state)
{
    struct store_bench *b = *state;
    struct mia_store_options without = {.struct_size = sizeof without, .without_indexes = true};
    struct mia_index_report report = {.struct_size = sizeof report};
    mia_ids *ids;
    bench_needs(b->engine->persists);
    store_close(b);
    test_folder_remove(b->path);
    store_open(b, &without);
    assert_false(mia_store_indexed(b->store));
    struct mia_record message = message_of("m", "c1", "ann", 1);
    store_put(b, &message);
    ANSWERS(mia_index_rebuild(b->store, NULL, NULL, &report, ERR), MIA_ERR_INVALID);
    store_reopen(b);
    assert_false(mia_store_indexed(b->store));
    mia_txn *txn = store_begin(b, MIA_TXN_READ);
    ANSWERS(mia_ids_by_property(txn, MIA_STR("topic"), MIA_STR("t"), 0, 0, false, &ids, ERR),
            MIA_ERR_UNSUPPORTED);
    assert_non_null(strstr(test_error.message, "mia index rebuild"));
    mia_txn_abort(txn);
    OK(mia_index_rebuild(b->store, NULL, NULL, &report, ERR));
    assert_nodes(b, "chat_id", "c1", "m");
    store_reopen(b);
    assert_true(mia_store_indexed(b->store));
    assert_nodes(b, "chat_id", "c1", "m");
    assert_index_sound(b, 1);
}

static void a_damaged_record_is_named_and_skipped(void **state)
{
    struct store_bench *b = *state;
    struct mia_index_report report = {.struct_size = sizeof report};
    mia_tree tree;
    mia_view view;
    mia_str id;
    mia_scan *scan;
    struct mia_record chats[] = {chat_of("a", "t", 1), chat_of("b", "t", 2), chat_of("c", "t", 3)};
    for (size_t i = 0; i < LENGTH(chats); i++)
        store_put(b, &chats[i]);
    mia_txn *txn = store_begin(b, MIA_TXN_WRITE);
    OK(mia_tree_open(txn, MIA_BYTES("nodes"), 0, &tree, ERR));
    OK(mia_kv_put(txn, tree, MIA_BYTES("b"), MIA_BYTES("\xff\xff\xff"), 0, ERR));
    OK(mia_txn_commit(txn, ERR));
    txn = store_begin(b, MIA_TXN_READ);
    ANSWERS(mia_get(txn, MIA_TABLE_NODES, MIA_STR("b"), &view, ERR), MIA_ERR_SERIALIZATION);
    assert_non_null(strstr(test_error.message, "nodes: id 'b'"));
    OK(mia_scan_open(txn, MIA_TABLE_NODES, MIA_STR(""), &scan, ERR));
    OK(mia_scan_next(scan, &id, &view, ERR));
    ANSWERS(mia_scan_next(scan, &id, &view, ERR), MIA_ERR_SERIALIZATION);
    assert_str(id, "b");
    OK(mia_scan_next(scan, &id, &view, ERR));
    assert_str(id, "c");
    mia_scan_close(scan);
    mia_txn_abort(txn);
    OK(mia_index_check(b->store, NULL, NULL, &report, ERR));
    assert_int_equal(report.damaged, 1);
    assert_true(report.stale > 0);
    ANSWERS(mia_store_put(b->store, &chats[1], ERR), MIA_ERR_SERIALIZATION);
    OK(mia_store_delete(b->store, MIA_TABLE_NODES, MIA_STR("b"), MIA_DELETE_DAMAGED, ERR));
    store_put(b, &chats[1]);
    OK(mia_index_rebuild(b->store, NULL, NULL, &report, ERR));
    assert_nodes(b, "topic", "t", "a b c");
    assert_index_sound(b, 3);
}

struct engine_cases cases_of_upkeep(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(check_finds_and_rebuild_mends),         CASE(records_without_index_get_one_when_asked),
        CASE(a_rebuild_gives_no_wrong_answers),      CASE(a_first_index_is_not_in_older_snapshots),
        CASE(a_damaged_record_is_named_and_skipped),
    };
    return CASES(cases);
}
