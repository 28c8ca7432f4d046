/*
 * test_defects.c - what MIA's storage did wrong must not come back: one case a defect, on every
 * engine
 *
 * Their numbers are those of the list of MIA's defects. Those of directories, the coordinator and
 * the vectors are in the tests of these.
 */
#include "engine/fault.h"
#include "store/suite.h"

#include <stdio.h>

/* ---- d01 */

/* Opens the store anew over an engine that can be made to fail. */
static void open_over_faults(struct store_bench *b, struct test_engine *engine)
{
    *engine = *b->engine;
    engine->ops = test_engine_fault(b->engine->ops);
    store_close(b);
    test_path(b->path, b->folder, "faults");
    b->engine = engine;
    store_open(b, NULL);
}

static void put_before(struct store_bench *b)
{
    struct mia_record message = message_of("m", "c1", "ann", 1),
                      other = message_of("n", "c1", "", 2);
    struct mia_record edge = edge_of("e", "a", "OLD", "b");
    store_put(b, &message);
    store_put(b, &other);
    store_put(b, &edge);
}

/* A put of each table and a delete, in one transaction; the first answer that is no success. A
 * careless caller looks at none of them but the last, that of the commit. */
static mia_status change(struct store_bench *b, bool is_careless)
{
    mia_txn *txn;
    struct mia_record message = message_of("m", "c2", "bob", 2);
    struct mia_record edge = edge_of("e", "a", "NEW", "c");
    mia_status rc = mia_store_begin(b->store, MIA_TXN_WRITE, &txn, NULL);
    if (rc != MIA_OK)
        return rc;
    if ((rc = mia_put(txn, &message, NULL)) == MIA_OK || is_careless)
        rc = mia_put(txn, &edge, NULL);
    if (rc == MIA_OK || is_careless)
        rc = mia_delete(txn, MIA_TABLE_NODES, MIA_STR("n"), 0, NULL, NULL);
    if (rc == MIA_OK || is_careless)
        return mia_txn_commit(txn, NULL);
    mia_txn_abort(txn);
    return rc;
}

static void assert_whole(struct store_bench *b, bool is_changed)
{
    mia_txn *txn = store_begin(b, MIA_TXN_READ);
    mia_view view = store_get(txn, MIA_TABLE_NODES, "m");
    assert_str(mia_message_chat_id(view), is_changed ? "c2" : "c1");
    view = store_get(txn, MIA_TABLE_EDGES, "e");
    assert_str(mia_edge_edge_type(view), is_changed ? "NEW" : "OLD");
    mia_txn_abort(txn);
    assert_nodes(b, "chat_id", "c1", is_changed ? "" : "m n");
    assert_nodes(b, "chat_id", "c2", is_changed ? "m" : "");
    assert_edges(b, "b", MIA_DIRECTION_IN, NULL, is_changed ? "" : "OLD:a:e");
    assert_edges(b, "c", MIA_DIRECTION_IN, NULL, is_changed ? "NEW:a:e" : "");
    assert_index_sound(b, is_changed ? 2 : 3);
}

/* Every record is in the index as it is now, whichever of them were changed. */
static void assert_entries_fit(struct store_bench *b)
{
    struct mia_index_report report = {.struct_size = sizeof report};
    OK(mia_index_check(b->store, NULL, NULL, &report, ERR));
    assert_int_equal(report.missing + report.stale + report.damaged, 0);
}

static void fail_each_call(struct store_bench *b, bool is_careless)
{
    uint64_t calls = 0, refused = 0;
    for (bool has_fired = true; has_fired; calls++) {
        put_before(b);
        fault_arm(calls + 1, MIA_ERR_IO, calls % 2);
        mia_status rc = change(b, is_careless);
        has_fired = fault_disarm();
        assert_true(has_fired || rc == MIA_OK);
        refused += rc != MIA_OK;
        assert_entries_fit(b);
        if (!is_careless || rc != MIA_OK)
            assert_whole(b, rc == MIA_OK);
    }
    assert_true(calls > 15 && refused > 5); /* enough of them came */
}

/* MIA: an index that fails leaves the record stored without its entries, and the caller an error.
 */
static void d01(void **state)
{
    struct store_bench *b = *state;
    struct test_engine engine;
    open_over_faults(b, &engine);
    fail_each_call(b, false);
    fail_each_call(b, true);
    store_close(b); /* before its engine is gone */
}

/* ---- d02 */

static const char damage[] = "\xff\xff\xff";

static void put_damaged(struct store_bench *b, enum mia_table table, const char *id)
{
    mia_tree tree;
    mia_txn *txn = store_begin(b, MIA_TXN_WRITE);
    OK(mia_tree_open(txn, mia_bytes_of(mia_table_name(table)), 0, &tree, ERR));
    OK(mia_kv_put(txn, tree, mia_bytes_of(id), mia_bytes_of(damage), 0, ERR));
    OK(mia_txn_commit(txn, ERR));
}

/* MIA: a record is removed before it is decoded; if that fails it is gone, and an error answered.
 */
static void d02(void **state)
{
    struct store_bench *b = *state;
    for (int i = 0; i <= MIA_TABLE_EMBEDDINGS; i++) {
        enum mia_table table = (enum mia_table)i;
        mia_tree tree;
        mia_slice value;
        put_damaged(b, table, "x");
        mia_txn *txn = store_begin(b, MIA_TXN_WRITE);
        ANSWERS(mia_delete(txn, table, MIA_STR("x"), MIA_DELETE_EDGES, NULL, ERR),
                MIA_ERR_SERIALIZATION);
        OK(mia_txn_commit(txn, ERR)); /* by who does not look at answers */
        txn = store_begin(b, MIA_TXN_READ);
        OK(mia_tree_open(txn, mia_bytes_of(mia_table_name(table)), 0, &tree, ERR));
        OK(mia_kv_get(txn, tree, MIA_BYTES("x"), &value, ERR));
        assert_text(value, damage);
        mia_txn_abort(txn);
        OK(mia_store_delete(b->store, table, MIA_STR("x"), MIA_DELETE_DAMAGED, ERR));
        store_lacks(b, table, "x");
    }
}

/* ---- d03 */

static void move_a_node(struct store_bench *b)
{
    struct mia_record message = message_of("m", "c1", "ann", 1);
    store_put(b, &message);
    message.u.message.chat_id = MIA_STR("c2");
    store_put(b, &message);
    assert_nodes(b, "chat_id", "c1", "");
    assert_nodes(b, "chat_id", "c2", "m");
    assert_nodes(b, "sender", "ann", "m");
    message.u.message.timestamp = 9;
    store_put(b, &message);
    assert_nodes_between(b, "chat_id", "c2", 9, 9, false, "m");
    assert_nodes_between(b, "chat_id", "c2", 1, 1, false, "");
}

static void change_its_kind(struct store_bench *b)
{
    struct mia_record chat = chat_of("m", "t", 1);
    store_put(b, &chat);
    assert_nodes(b, "node_type", "Message", "");
    assert_nodes(b, "sender", "ann", "");
    assert_nodes(b, "chat_id", "c2", "");
    assert_nodes(b, "node_type", "Chat", "m");
    assert_nodes(b, "topic", "t", "m");
    store_delete(b, MIA_TABLE_NODES, "m");
    assert_nodes(b, "node_type", "Chat", "");
    assert_index_sound(b, 0);
}

static void move_an_edge(struct store_bench *b)
{
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
    assert_edges(b, "d", MIA_DIRECTION_OUT, NULL, "LIKES:c:e");
    assert_index_sound(b, 1);
}

/* MIA: a record that is put again stays under its old values, its old kind and its old ends, too.
 */
static void d03(void **state)
{
    move_a_node(*state);
    change_its_kind(*state);
    move_an_edge(*state);
}

/* ---- d09 */

static void assert_has_key(mia_txn *txn, const char *tree_name, uint32_t flags, const char *key,
                           bool is_there)
{
    mia_tree tree;
    mia_slice value;
    OK(mia_tree_open(txn, mia_bytes_of(tree_name), flags, &tree, ERR));
    ANSWERS(mia_kv_get(txn, tree, mia_bytes_of(key), &value, ERR),
            is_there ? MIA_OK : MIA_NOTFOUND);
}

static void assert_graph_keys(struct store_bench *b, bool is_there)
{
    bool is_legacy = b->engine->ops->index_layout == MIA_INDEX_LEGACY_SETS;
    mia_txn *txn = store_begin(b, MIA_TXN_READ);
    if (is_legacy) { /* MIA itself must find them again */
        assert_has_key(txn, "graph_outgoing", 0, "in:a", is_there);
        assert_has_key(txn, "graph_incoming", 0, "in:b", is_there);
        assert_has_key(txn, "graph_outgoing", 0, "out:a", false);
    } else {
        assert_has_key(txn, "idx_out", MIA_TREE_MULTI, "a", is_there);
        assert_has_key(txn, "idx_in", MIA_TREE_MULTI, "b", is_there);
    }
    mia_txn_abort(txn);
}

/* MIA: keys of outgoing edges begin with "in:" but are removed as "out:": they are never removed.
 */
static void d09(void **state)
{
    struct store_bench *b = *state;
    struct mia_record node = chat_of("a", "t", 1);
    struct mia_record edges[] = {edge_of("e1", "a", "X", "b"), edge_of("e2", "b", "X", "a"),
                                 edge_of("e3", "a", "X", "a"), edge_of("e4", "b", "X", "c")};
    store_put(b, &node);
    for (size_t i = 0; i < LENGTH(edges); i++)
        store_put(b, &edges[i]);
    assert_graph_keys(b, true);
    OK(mia_store_delete(b->store, MIA_TABLE_NODES, MIA_STR("a"), MIA_DELETE_EDGES, ERR));
    assert_graph_keys(b, false);
    store_lacks(b, MIA_TABLE_NODES, "a");
    store_lacks(b, MIA_TABLE_EDGES, "e3");
    assert_edges(b, "b", MIA_DIRECTION_OUT, NULL, "X:c:e4");
    assert_index_sound(b, 1);
}

/* ---- d17 */

/* MIA: a database with indexes can be opened without, and what is written then is in none. */
static void d17(void **state)
{
    struct store_bench *b = *state;
    mia_store *store;
    struct mia_db_options db = bench_options();
    struct mia_store_options without = {
        .struct_size = sizeof without, .db = &db, .without_indexes = true};
    struct mia_record message = message_of("m", "c1", "ann", 1);
    store_put(b, &message);
    ANSWERS(mia_store_over(mia_db_retain(mia_store_db(b->store)), &without, &store, ERR),
            MIA_ERR_INVALID);
    assert_null(store);
    if (!b->engine->persists)
        return;
    store_close(b);
    ANSWERS(mia_store_open(b->engine->ops, b->path, &without, &store, ERR), MIA_ERR_INVALID);
    if (b->engine->reads_only) {
        db.read_only = true;
        store_open(b, &without);
        assert_false(mia_store_indexed(b->store));
        store_close(b);
    }
    store_open(b, NULL);
    assert_nodes(b, "chat_id", "c1", "m");
}

/* ---- d18 */

/* MIA: looks for the embedding of five kinds, though ten have one. */
static void d18(void **state)
{
#define KIND(kind, member)                                                                         \
    {                                                                                              \
        kind,                                                                                      \
        {                                                                                          \
            .member = {.id = MIA_STR(#member), .embedding_id = MIA_STR("v") }                      \
        }                                                                                          \
    }
    const struct mia_record nodes[] = {
        KIND(MIA_KIND_CHAT, chat),
        KIND(MIA_KIND_MESSAGE, message),
        KIND(MIA_KIND_SUMMARY, summary),
        KIND(MIA_KIND_ATTACHMENT, attachment),
        KIND(MIA_KIND_ENTITY, entity),
        KIND(MIA_KIND_WEB_SEARCH, web_search),
        KIND(MIA_KIND_SCRAPED_PAGE, scraped_page),
        KIND(MIA_KIND_BOOKMARK, bookmark),
        KIND(MIA_KIND_IMAGE_METADATA, image_metadata),
        KIND(MIA_KIND_AUDIO_TRANSCRIPT, audio_transcript),
    };
#undef KIND
    static const float vector[] = {1, 0};
    struct store_bench *b = *state;
    mia_view view;
    struct mia_record embedding = vector_of("v", vector, LENGTH(vector));
    struct mia_record lonely = chat_of("lonely", "t", 5);
    store_put(b, &lonely);
    for (size_t i = 0; i < LENGTH(nodes); i++)
        store_put(b, &nodes[i]);
    for (int has_embedding = 0; has_embedding < 2; has_embedding++) {
        mia_txn *txn = store_begin(b, MIA_TXN_READ);
        for (size_t i = 0; i < LENGTH(nodes); i++) {
            mia_str id = nodes[i].u.chat.id; /* every record begins with its id */
            ANSWERS(mia_embedding_of_node(txn, id, &view, ERR),
                    has_embedding ? MIA_OK : MIA_NOTFOUND);
            if (has_embedding)
                assert_str(mia_embedding_id(view), "v");
        }
        ANSWERS(mia_embedding_of_node(txn, MIA_STR("lonely"), &view, ERR), MIA_NOTFOUND);
        ANSWERS(mia_embedding_of_node(txn, MIA_STR("nobody"), &view, ERR), MIA_NOTFOUND);
        mia_txn_abort(txn);
        store_put(b, &embedding);
    }
}

/* ---- d19 */

/* MIA's planned archives hold every number as a double: integers above 2^53 become others. */
static void d19(void **state)
{
    struct store_bench *b = *state;
    struct mia_record message = message_of("m", "c", "ann", 1);
    message.u.message.metadata = MIA_STR("[9007199254740993,-9007199254740993,9223372036854775807,"
                                         "-9223372036854775808,18446744073709551615]");
    store_put(b, &message);
    mia_txn *txn = store_begin(b, MIA_TXN_READ);
    mia_json list = mia_message_metadata(store_get(txn, MIA_TABLE_NODES, "m"));
    assert_true(mia_json_int(mia_json_item(list, 0)) == INT64_C(9007199254740993));
    assert_true(mia_json_int(mia_json_item(list, 1)) == INT64_C(-9007199254740993));
    assert_true(mia_json_int(mia_json_item(list, 2)) == INT64_MAX);
    assert_true(mia_json_int(mia_json_item(list, 3)) == INT64_MIN);
    assert_true(mia_json_uint(mia_json_item(list, 4)) == UINT64_MAX);
    mia_txn_abort(txn);
}

/* ---- d20 */

enum { MESSAGES = 30 };

/* Puts messages into the one chat and takes every second one out again; edges likewise. */
static void share_a_chat(struct store_worker *w)
{
    mia_store *store = w->crew->b->store;
    for (int i = 0; i < MESSAGES; i++) {
        char id[32];
        snprintf(id, sizeof id, "m%d-%02d", w->number, i);
        struct mia_record message = message_of(id, "chat", "ann", i);
        struct mia_record edge = edge_of(id, "chat", "HAS", id);
        crew_note(w, mia_store_put(store, &message, NULL) == MIA_OK);
        crew_note(w, mia_store_put(store, &edge, NULL) == MIA_OK);
        if (i % 2 == 0)
            continue;
        crew_note(w, mia_store_delete(store, MIA_TABLE_NODES, message.u.message.id, 0, NULL) ==
                         MIA_OK);
        crew_note(w, mia_store_delete(store, MIA_TABLE_EDGES, edge.u.edge.id, 0, NULL) == MIA_OK);
    }
}

/* MIA: two writers that add to one set at once lose an entry; each addition writes the set anew. */
static void d20(void **state)
{
    enum { LEFT = STORE_THREADS * MESSAGES / 2 };
    struct store_bench *b = *state;
    uint64_t nodes, edges, entries;
    mia_tree tree;
    crew_run(b, share_a_chat);
    mia_txn *txn = store_begin(b, MIA_TXN_READ);
    OK(mia_count_by_property(txn, MIA_STR("chat_id"), MIA_STR("chat"), &nodes, ERR));
    OK(mia_count_edges(txn, MIA_STR("chat"), MIA_DIRECTION_OUT, &edges, ERR));
    assert_int_equal(nodes, LEFT);
    assert_int_equal(edges, LEFT);
    if (b->engine->ops->index_layout == MIA_INDEX_MULTI) { /* an entry of its own for each */
        OK(mia_tree_open(txn, MIA_BYTES("idx_out"), MIA_TREE_MULTI, &tree, ERR));
        OK(mia_kv_count(txn, tree, &MIA_BYTES("chat"), &entries, ERR));
        assert_int_equal(entries, LEFT);
    }
    mia_txn_abort(txn);
    assert_index_sound(b, 2 * LEFT);
}

/* ---- d21 */

/* MIA: the keys of a property a:b, and of a property a with a value b:..., are the same. */
static void d21(void **state)
{
    struct store_bench *b = *state;
    struct mia_record chats[] = {chat_of("1", "a", 1), chat_of("2", "a:b", 1), chat_of("3", "", 1)};
    for (size_t i = 0; i < LENGTH(chats); i++)
        store_put(b, &chats[i]);
    assert_nodes(b, "topic", "a", "1");
    assert_nodes(b, "topic", "a:b", "2");
    assert_nodes(b, "topic", "", "3");
    assert_nodes(b, "topic:a", "b", "");
    assert_nodes(b, "topic:", "a", "");
    assert_nodes(b, "topic:a:b", "", "");
    store_delete(b, MIA_TABLE_NODES, "1");
    assert_nodes(b, "topic", "a", "");
    assert_nodes(b, "topic", "a:b", "2");
}

/* ---- d26 */

/* MIA's own test of this expects the words of one operating system. */
static void d26(void **state)
{
    struct store_bench *b = *state;
    mia_store *second;
    struct mia_record chat = chat_of("c", "t", 1);
    ANSWERS(mia_store_open(b->engine->ops, b->path, NULL, &second, ERR), MIA_ERR_BUSY);
    assert_null(second);
    assert_non_null(strstr(test_error.message, b->path));
    store_put(b, &chat); /* the first one does not mind */
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(d01), CASE(d02), CASE(d03), CASE(d09), CASE(d17),
        CASE(d18), CASE(d19), CASE(d20), CASE(d21), CASE(d26),
    };
    const struct store_suite suites[] = {{"defects", CASES(cases)}};
    return store_run(suites, LENGTH(suites)) != 0;
}
