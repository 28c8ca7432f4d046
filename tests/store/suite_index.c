/* suite_index.c - nodes by property, edges by their ends, and how indexes are kept and made */
#include "store/suite.h"

#include <stdio.h>

/* ---- properties */

static void by_property(void **state)
{
    struct store_bench *b = *state;
    struct mia_record records[] = {
        message_of("m1", "c1", "ann", 30),
        message_of("m2", "c1", "bob", 10),
        message_of("m3", "c2", "ann", 20),
        message_of("m4", "c1", "ann", 10),
        chat_of("c1", "t", 5),
    };
    for (size_t i = 0; i < LENGTH(records); i++)
        store_put(b, &records[i]);
    assert_nodes(b, "chat_id", "c1", "m2 m4 m1");
    assert_nodes(b, "sender", "ann", "m4 m3 m1");
    assert_nodes(b, "node_type", "Message", "m2 m4 m3 m1");
    assert_nodes(b, "node_type", "Chat", "c1");
    assert_nodes(b, "node_type", "Entity", "");
    assert_nodes(b, "chat_id", "c", "");
    assert_nodes(b, "no such property", "c1", "");
    assert_nodes_between(b, "chat_id", "c1", 10, 10, false, "m2 m4");
    assert_nodes_between(b, "chat_id", "c1", 11, 30, false, "m1");
    assert_nodes_between(b, "chat_id", "c1", INT64_MIN, 29, true, "m4 m2");
    assert_nodes_between(b, "chat_id", "c1", INT64_MIN, INT64_MAX, true, "m1 m4 m2");
    assert_nodes_between(b, "chat_id", "c1", 30, 10, false, "");
    assert_nodes_between(b, "chat_id", "c1", 31, INT64_MAX, true, "");
    assert_nodes_between(b, "chat_id", "c1", INT64_MIN, 9, true, "");
    assert_index_sound(b, LENGTH(records));
}

static void times_of_both_signs(void **state)
{
    struct store_bench *b = *state;
    static const int64_t times[] = {0, INT64_MIN, -1, INT64_MAX, 1};
    for (size_t i = 0; i < LENGTH(times); i++) {
        char id[8];
        snprintf(id, sizeof id, "m%zu", i);
        struct mia_record message = message_of(id, "c", "s", times[i]);
        store_put(b, &message);
    }
    assert_nodes(b, "chat_id", "c", "m1 m2 m0 m4 m3");
    assert_nodes_between(b, "chat_id", "c", INT64_MIN, INT64_MAX, true, "m3 m4 m0 m2 m1");
    assert_nodes_between(b, "chat_id", "c", -1, 1, false, "m2 m0 m4");
    assert_nodes_between(b, "chat_id", "c", INT64_MIN, INT64_MIN, true, "m1");
    assert_nodes_between(b, "chat_id", "c", INT64_MAX, INT64_MAX, false, "m3");
}

/* MIA leaves the old value's entry behind. */
static void d03_upsert_moves_a_node(void **state)
{
    struct store_bench *b = *state;
    struct mia_record message = message_of("m", "c1", "ann", 1);
    store_put(b, &message);
    message.u.message.chat_id = MIA_STR("c2");
    store_put(b, &message);
    assert_nodes(b, "chat_id", "c1", "");
    assert_nodes(b, "chat_id", "c2", "m");
    message.u.message.timestamp = 9;
    store_put(b, &message);
    assert_nodes_between(b, "chat_id", "c2", 9, 9, false, "m");
    assert_nodes_between(b, "chat_id", "c2", 1, 1, false, "");
    struct mia_record chat = chat_of("m", "t", 1);
    store_put(b, &chat);
    assert_nodes(b, "node_type", "Message", "");
    assert_nodes(b, "sender", "ann", "");
    assert_nodes(b, "node_type", "Chat", "m");
    store_delete(b, MIA_TABLE_NODES, "m");
    assert_nodes(b, "node_type", "Chat", "");
    assert_index_sound(b, 0);
}

/* MIA's keys of a property a:b and of a property a with a value b:... are the same. */
static void d21_colons_do_not_mix(void **state)
{
    struct store_bench *b = *state;
    struct mia_record chats[] = {chat_of("1", "a", 1), chat_of("2", "a:b", 1), chat_of("3", "", 1)};
    for (size_t i = 0; i < LENGTH(chats); i++)
        store_put(b, &chats[i]);
    assert_nodes(b, "topic", "a", "1");
    assert_nodes(b, "topic", "a:b", "2");
    assert_nodes(b, "topic", "", "3");
    assert_nodes(b, "topic:a", "b", "");
}

struct engine_cases cases_of_properties(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(by_property),
        CASE(times_of_both_signs),
        CASE(d03_upsert_moves_a_node),
        CASE(d21_colons_do_not_mix),
    };
    return CASES(cases);
}

/* ---- edges */

static void by_ends(void **state)
{
    struct store_bench *b = *state;
    struct mia_record edges[] = {
        edge_of("e1", "a", "KNOWS", "b"), edge_of("e2", "a", "KNOWS", "c"),
        edge_of("e3", "a", "HAS", "b"),   edge_of("e4", "b", "KNOWS", "a"),
        edge_of("e5", "a", "KNOWS", "b"), edge_of("e6", "a", "KNOW", "a"),
    };
    for (size_t i = 0; i < LENGTH(edges); i++)
        store_put(b, &edges[i]);
    assert_edges(b, "a", MIA_DIRECTION_OUT, NULL,
                 "HAS:b:e3 KNOW:a:e6 KNOWS:b:e1 KNOWS:b:e5 KNOWS:c:e2");
    assert_edges(b, "a", MIA_DIRECTION_OUT, "KNOWS", "KNOWS:b:e1 KNOWS:b:e5 KNOWS:c:e2");
    assert_edges(b, "a", MIA_DIRECTION_OUT, "KNOW", "KNOW:a:e6");
    assert_edges(b, "a", MIA_DIRECTION_OUT, "", "");
    assert_edges(b, "a", MIA_DIRECTION_IN, NULL, "KNOW:a:e6 KNOWS:b:e4");
    assert_edges(b, "b", MIA_DIRECTION_IN, "HAS", "HAS:a:e3");
    assert_edges(b, "nobody", MIA_DIRECTION_IN, NULL, "");
    assert_index_sound(b, LENGTH(edges));
}

/* MIA leaves the edge in the sets of its old ends. */
static void d03_upsert_moves_an_edge(void **state)
{
    struct store_bench *b = *state;
    struct mia_record edge = edge_of("e", "a", "KNOWS", "b");
    store_put(b, &edge);
    edge.u.edge.to_node = MIA_STR("c");
    store_put(b, &edge);
    assert_edges(b, "b", MIA_DIRECTION_IN, NULL, "");
    assert_edges(b, "c", MIA_DIRECTION_IN, NULL, "KNOWS:a:e");
    edge.u.edge.edge_type = MIA_STR("LIKES");
    store_put(b, &edge);
    assert_edges(b, "a", MIA_DIRECTION_OUT, NULL, "LIKES:c:e");
    edge.u.edge.from_node = MIA_STR("d");
    store_put(b, &edge);
    assert_edges(b, "a", MIA_DIRECTION_OUT, NULL, "");
    assert_index_sound(b, 1);
    store_delete(b, MIA_TABLE_EDGES, "e");
    assert_edges(b, "d", MIA_DIRECTION_OUT, NULL, "");
    assert_index_sound(b, 0);
}

static void a_node_goes_with_its_edges(void **state)
{
    struct store_bench *b = *state;
    struct mia_record chat = chat_of("a", "t", 1);
    struct mia_record edges[] = {edge_of("e1", "a", "X", "b"), edge_of("e2", "b", "X", "a"),
                                 edge_of("e3", "a", "X", "a"), edge_of("e4", "b", "X", "c")};
    store_put(b, &chat);
    for (size_t i = 0; i < LENGTH(edges); i++)
        store_put(b, &edges[i]);
    OK(mia_store_delete(b->store, MIA_TABLE_NODES, MIA_STR("a"), MIA_DELETE_EDGES, ERR));
    store_lacks(b, MIA_TABLE_NODES, "a");
    store_lacks(b, MIA_TABLE_EDGES, "e3");
    assert_edges(b, "b", MIA_DIRECTION_OUT, NULL, "X:c:e4");
    assert_index_sound(b, 1);
}

struct engine_cases cases_of_edges(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(by_ends),
        CASE(d03_upsert_moves_an_edge),
        CASE(a_node_goes_with_its_edges),
    };
    return CASES(cases);
}

/* ---- upkeep */

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

/* Writes without the indexes would leave them behind. */
static void d17_indexes_are_not_bypassed(void **state)
{
    struct store_bench *b = *state;
    mia_store *store;
    struct mia_db_options db = bench_options();
    struct mia_store_options without = {
        .struct_size = sizeof without, .db = &db, .without_indexes = true};
    bench_needs(b->engine->persists);
    struct mia_record message = message_of("m", "c1", "ann", 1);
    store_put(b, &message);
    store_close(b);
    ANSWERS(mia_store_open(b->engine->ops, b->path, &without, &store, ERR), MIA_ERR_INVALID);
    assert_null(store);
    if (b->engine->reads_only) {
        db.read_only = true;
        store_open(b, &without);
        assert_false(mia_store_indexed(b->store));
        store_close(b);
    }
    store_open(b, NULL);
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
    /* MIA removes before it decodes: a delete must fail and leave everything as it is */
    ANSWERS(mia_store_delete(b->store, MIA_TABLE_NODES, MIA_STR("b"), 0, ERR),
            MIA_ERR_SERIALIZATION);
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
        CASE(check_finds_and_rebuild_mends),
        CASE(records_without_index_get_one_when_asked),
        CASE(d17_indexes_are_not_bypassed),
        CASE(a_damaged_record_is_named_and_skipped),
    };
    return CASES(cases);
}
