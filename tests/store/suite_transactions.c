/* suite_transactions.c - data and index entries change together or not at all */
#include "store/suite.h"

#include <stdio.h>

static void abort_undoes_data_and_index(void **state)
{
    struct store_bench *b = *state;
    struct mia_record message = message_of("m", "c1", "ann", 1);
    store_put(b, &message);
    mia_txn *txn = store_begin(b, MIA_TXN_WRITE);
    message.u.message.chat_id = MIA_STR("c2");
    OK(mia_put(txn, &message, ERR));
    struct mia_record other = message_of("n", "c1", "bob", 2);
    OK(mia_put(txn, &other, ERR));
    mia_txn_abort(txn);
    assert_nodes(b, "chat_id", "c1", "m");
    assert_nodes(b, "chat_id", "c2", "");
    store_lacks(b, MIA_TABLE_NODES, "n");
    assert_index_sound(b, 1);
}

static void a_transaction_sees_its_own_changes(void **state)
{
    struct store_bench *b = *state;
    mia_ids *ids;
    mia_str id;
    struct mia_record message = message_of("m", "c1", "ann", 1);
    mia_txn *txn = store_begin(b, MIA_TXN_WRITE);
    OK(mia_put(txn, &message, ERR));
    OK(mia_ids_by_property(txn, MIA_STR("chat_id"), MIA_STR("c1"), 0, 9, false, &ids, ERR));
    OK(mia_ids_next(ids, &id, NULL, ERR));
    assert_str(id, "m");
    mia_ids_close(ids);
    OK(mia_delete(txn, MIA_TABLE_NODES, MIA_STR("m"), 0, NULL, ERR));
    OK(mia_ids_by_property(txn, MIA_STR("chat_id"), MIA_STR("c1"), 0, 9, false, &ids, ERR));
    assert_int_equal(mia_ids_next(ids, &id, NULL, ERR), MIA_NOTFOUND);
    mia_ids_close(ids);
    OK(mia_txn_commit(txn, ERR));
    assert_index_sound(b, 0);
}

static void put_state(struct store_bench *b, bool is_old)
{
    static const float vector[] = {1, 2};
    struct mia_record message = message_of("m", is_old ? "c1" : "c2", "ann", is_old ? 1 : 2);
    struct mia_record edge = edge_of("e", "a", is_old ? "OLD" : "NEW", is_old ? "b" : "c");
    struct mia_record embedding = vector_of("v", vector, is_old ? 1 : 2);
    message.u.message.embedding_id = MIA_STR("v");
    store_put(b, &message);
    store_put(b, &edge);
    store_put(b, &embedding);
}

/* Every read call answers for one of the two states. */
static void assert_state(mia_txn *txn, bool is_old)
{
    char list[STORE_LIST];
    mia_view view;
    mia_slice archive;
    uint64_t n;
    view = store_get(txn, MIA_TABLE_NODES, "m");
    assert_str(mia_message_chat_id(view), is_old ? "c1" : "c2");
    OK(mia_get_archive(txn, MIA_TABLE_NODES, MIA_STR("m"), &archive, ERR));
    assert_true(mia_view_equal(mia_view_trust(MIA_TABLE_NODES, archive), view));
    assert_str(mia_edge_to_node(store_get(txn, MIA_TABLE_EDGES, "e")), is_old ? "b" : "c");
    view = store_get(txn, MIA_TABLE_EMBEDDINGS, "v");
    assert_int_equal(mia_embedding_vector(view).count, is_old ? 1 : 2);
    OK(mia_embedding_of_node(txn, MIA_STR("m"), &view, ERR));
    assert_int_equal(mia_embedding_vector(view).count, is_old ? 1 : 2);
    list_records(txn, MIA_TABLE_NODES, "", list);
    assert_string_equal(list, is_old ? "m" : "m n");
    list_nodes(txn, "chat_id", "c1", list);
    assert_string_equal(list, is_old ? "m" : "");
    list_nodes(txn, "node_type", "Message", list);
    assert_string_equal(list, is_old ? "m" : "m n");
    OK(mia_count_by_property(txn, MIA_STR("chat_id"), MIA_STR("c2"), &n, ERR));
    assert_int_equal(n, is_old ? 0 : 2);
    list_edges(txn, "a", MIA_DIRECTION_OUT, NULL, list);
    assert_string_equal(list, is_old ? "OLD:b:e" : "NEW:c:e");
    list_edges(txn, "b", MIA_DIRECTION_IN, NULL, list);
    assert_string_equal(list, is_old ? "OLD:a:e" : "");
    OK(mia_count_edges(txn, MIA_STR("c"), MIA_DIRECTION_IN, &n, ERR));
    assert_int_equal(n, is_old ? 0 : 1);
}

static void snapshot_of_every_read(void **state)
{
    struct store_bench *b = *state;
    bench_needs((b->engine->ops->caps & MIA_CAP_SNAPSHOT) != 0);
    put_state(b, true);
    mia_txn *old = store_begin(b, MIA_TXN_READ);
    put_state(b, false);
    struct mia_record message = message_of("n", "c2", "bob", 3);
    store_put(b, &message);
    assert_state(old, true);
    mia_txn *now = store_begin(b, MIA_TXN_READ);
    assert_state(now, false);
    store_delete(b, MIA_TABLE_NODES, "m");
    store_delete(b, MIA_TABLE_EDGES, "e");
    store_delete(b, MIA_TABLE_EMBEDDINGS, "v");
    assert_state(old, true);
    assert_state(now, false);
    mia_txn_abort(old);
    mia_txn_abort(now);
    store_lacks(b, MIA_TABLE_NODES, "m");
}

/* What was opened before the writes goes on in its snapshot. */
static void open_lists_keep_their_snapshot(void **state)
{
    enum { MANY = 300 };
    struct store_bench *b = *state;
    mia_scan *scan;
    mia_ids *ids;
    mia_str id;
    mia_view view;
    bench_needs((b->engine->ops->caps & MIA_CAP_SNAPSHOT) != 0);
    for (int round = 0; round < 2; round++) {
        mia_txn *reader = store_begin(b, MIA_TXN_READ);
        OK(mia_scan_open(reader, MIA_TABLE_NODES, (mia_str){0}, &scan, ERR));
        OK(mia_ids_by_property(reader, MIA_STR("topic"), MIA_STR("t"), INT64_MIN, INT64_MAX, false,
                               &ids, ERR));
        int seen = 0, listed = 0;
        for (int i = 0; i < MANY; i++) {
            char name[32];
            snprintf(name, sizeof name, "c%d-%03d", round, i);
            struct mia_record chat = chat_of(name, "t", round * MANY + i);
            store_put(b, &chat);
            seen += mia_scan_next(scan, &id, &view, ERR) == MIA_OK;
            listed += mia_ids_next(ids, &id, NULL, ERR) == MIA_OK;
        }
        assert_int_equal(seen, round * MANY);
        assert_int_equal(listed, round * MANY);
        assert_int_equal(mia_scan_next(scan, &id, &view, ERR), MIA_NOTFOUND);
        assert_int_equal(mia_ids_next(ids, &id, NULL, ERR), MIA_NOTFOUND);
        mia_scan_close(scan);
        mia_ids_close(ids);
        mia_txn_abort(reader);
    }
}

enum { DELETED = 500 };

/* digits: of the ids, which are that long then. */
static void put_a_crowd(struct store_bench *b, int digits)
{
    mia_txn *txn = store_begin(b, MIA_TXN_WRITE);
    for (int i = 0; i < DELETED; i++) {
        char id[1000];
        snprintf(id, sizeof id, "n%0*d", digits, i);
        struct mia_record message = message_of(id, "chat", "ann", i / 3);
        struct mia_record edge = edge_of(id, "chat", i % 2 ? "HAS" : "HAD", id);
        OK(mia_put(txn, &message, ERR));
        OK(mia_put(txn, &edge, ERR));
    }
    OK(mia_txn_commit(txn, ERR));
}

/* Deletes everything that a list gives out, by the very id that it gives, and goes on in the list:
 * 0: nodes by a property, 1: the same from its end, 2: nodes by a scan, 3: edges of a node. */
static int delete_along(mia_txn *txn, int which)
{
    mia_ids *ids = NULL;
    mia_scan *scan = NULL;
    mia_neighbours *it = NULL;
    struct mia_hop hop = {0};
    struct mia_record other = vector_of("other", NULL, 0);
    mia_str id;
    mia_view view;
    int n = 0;
    if (which < 2)
        OK(mia_ids_by_property(txn, MIA_STR("chat_id"), MIA_STR("chat"), INT64_MIN, INT64_MAX,
                               which == 1, &ids, ERR));
    else if (which == 2)
        OK(mia_scan_open(txn, MIA_TABLE_NODES, (mia_str){0}, &scan, ERR));
    else
        OK(mia_neighbours_open(txn, MIA_STR("chat"), MIA_DIRECTION_OUT, (mia_str){0}, &it, ERR));
    OK(mia_put(txn, &other, ERR)); /* a write before the first step */
    for (;; n++) {
        mia_status rc = ids != NULL    ? mia_ids_next(ids, &id, NULL, ERR)
                        : scan != NULL ? mia_scan_next(scan, &id, &view, ERR)
                                       : mia_neighbours_next(it, &hop, ERR);
        if (rc == MIA_NOTFOUND)
            break;
        assert_int_equal(rc, MIA_OK);
        OK(mia_delete(txn, it != NULL ? MIA_TABLE_EDGES : MIA_TABLE_NODES,
                      it != NULL ? hop.edge_id : id, 0, NULL, ERR));
    }
    mia_ids_close(ids);
    mia_scan_close(scan);
    mia_neighbours_close(it);
    return n;
}

static void delete_lists(struct store_bench *b, int digits)
{
    for (int which = 0; which < 4; which++) {
        put_a_crowd(b, digits);
        mia_txn *txn = store_begin(b, MIA_TXN_WRITE);
        assert_int_equal(delete_along(txn, which), DELETED);
        OK(mia_delete(txn, MIA_TABLE_EMBEDDINGS, MIA_STR("other"), 0, NULL, ERR));
        OK(mia_txn_commit(txn, ERR));
        assert_index_sound(b, DELETED); /* the edges, or the nodes */
    }
}

static void lists_go_on_while_they_are_deleted(void **state)
{
    delete_lists(*state, 4);
}

static void long_lists_go_on_while_they_are_deleted(void **state)
{
    delete_lists(*state, 600);
}

/* The value of a record becomes one that does not decode. */
static void damage(struct store_bench *b, enum mia_table table, const char *id)
{
    mia_tree tree;
    mia_txn *txn = store_begin(b, MIA_TXN_WRITE);
    OK(mia_tree_open(txn, mia_bytes_of(mia_table_name(table)), 0, &tree, ERR));
    OK(mia_kv_put(txn, tree, mia_bytes_of(id), MIA_BYTES("\xff\xff\xff"), 0, ERR));
    OK(mia_txn_commit(txn, ERR));
}

/* A node that cannot go with all its edges stays with all its edges, whoever commits. */
static void a_node_goes_with_its_edges_or_not_at_all(void **state)
{
    struct store_bench *b = *state;
    mia_view view;
    struct mia_record node = chat_of("a", "t", 1);
    struct mia_record edges[] = {edge_of("e1", "a", "X", "b"), edge_of("e2", "a", "X", "c")};
    store_put(b, &node);
    store_put(b, &edges[0]);
    store_put(b, &edges[1]);
    damage(b, MIA_TABLE_EDGES, "e2");
    mia_txn *txn = store_begin(b, MIA_TXN_WRITE);
    ANSWERS(mia_delete(txn, MIA_TABLE_NODES, MIA_STR("a"), MIA_DELETE_EDGES, NULL, ERR),
            MIA_ERR_SERIALIZATION);
    mia_txn_commit(txn, NULL);
    txn = store_begin(b, MIA_TXN_READ);
    OK(mia_get(txn, MIA_TABLE_NODES, MIA_STR("a"), &view, ERR));
    OK(mia_get(txn, MIA_TABLE_EDGES, MIA_STR("e1"), &view, ERR));
    mia_txn_abort(txn);
}

/* Without an index the edges of a node are not known: it stays, and the transaction goes on. */
static void a_node_stays_when_its_edges_are_unknown(void **state)
{
    struct store_bench *b = *state;
    struct mia_db_options db = bench_options();
    struct mia_store_options without = {
        .struct_size = sizeof without, .db = &db, .without_indexes = true};
    struct mia_record node = chat_of("a", "t", 1), other = chat_of("b", "t", 1);
    store_close(b);
    test_path(b->path, b->folder, "without");
    store_open(b, &without);
    store_put(b, &node);
    mia_txn *txn = store_begin(b, MIA_TXN_WRITE);
    ANSWERS(mia_delete(txn, MIA_TABLE_NODES, MIA_STR("a"), MIA_DELETE_EDGES, NULL, ERR),
            MIA_ERR_UNSUPPORTED);
    OK(mia_put(txn, &other, ERR));
    OK(mia_txn_commit(txn, ERR));
    txn = store_begin(b, MIA_TXN_READ);
    store_get(txn, MIA_TABLE_NODES, "a");
    store_get(txn, MIA_TABLE_NODES, "b");
    mia_txn_abort(txn);
}

static void foreign_transactions_are_refused(void **state)
{
    struct store_bench *b = *state;
    mia_txn *txn;
    mia_view view;
    OK(mia_txn_begin(mia_store_db(b->store), MIA_TXN_READ, &txn, ERR));
    ANSWERS(mia_get(txn, MIA_TABLE_NODES, MIA_STR("m"), &view, ERR), MIA_ERR_INVALID);
    mia_txn_abort(txn);
    txn = store_begin(b, MIA_TXN_READ);
    ANSWERS(mia_store_close(b->store, ERR), MIA_ERR_BUSY);
    mia_txn_abort(txn);
}

/* Opens a store of its own over an engine of the case, which must outlive the store. */
static void open_over(struct store_bench *b, struct test_engine *engine,
                      const struct mia_engine_ops *ops)
{
    struct mia_db_options db = bench_options();
    struct mia_store_options options = {.struct_size = sizeof options, .db = &db};
    /* key and value of a multi tree may become one key: that wants larger pages, where there are */
    db.page_size = 16384;
    *engine = *b->engine;
    engine->ops = ops;
    store_close(b);
    test_path(b->path, b->folder, "other");
    b->engine = engine;
    store_open(b, &options);
}

static void use_everything(struct store_bench *b)
{
    put_state(b, true);
    put_state(b, false);
    struct mia_record message = message_of("n", "c2", "bob", 3);
    store_put(b, &message);
    mia_txn *txn = store_begin(b, MIA_TXN_READ);
    assert_state(txn, false);
    mia_txn_abort(txn);
    assert_index_sound(b, 3);
    OK(mia_store_delete(b->store, MIA_TABLE_NODES, MIA_STR("m"), MIA_DELETE_EDGES, ERR));
    OK(mia_store_delete(b->store, MIA_TABLE_NODES, MIA_STR("n"), 0, ERR));
    OK(mia_store_delete(b->store, MIA_TABLE_EDGES, MIA_STR("e"), 0, ERR));
    delete_lists(b, 4);
}

/* An engine that can do nothing but what every engine must: the library makes up for the rest. */
static void engine_without_capabilities(void **state)
{
    struct store_bench *b = *state;
    struct mia_engine_ops bare = *b->engine->ops;
    struct test_engine engine;
    bare.caps = 0;
    bare.sync_ahead = NULL;
    bare.copy = NULL;
    bare.readers = NULL;
    bare.check = NULL;
    bare.batch = NULL;
    open_over(b, &engine, &bare);
    use_everything(b);
    store_close(b);
}

/* Any engine may ask for MIA's own layout and values, not only sled. */
static void engine_of_mias_own_layout(void **state)
{
    struct store_bench *b = *state;
    struct mia_engine_ops own = *b->engine->ops;
    struct test_engine engine;
    own.index_layout = MIA_INDEX_LEGACY_SETS;
    own.value_format = MIA_VALUE_BINCODE;
    open_over(b, &engine, &own);
    use_everything(b);
    store_close(b);
}

static const struct mia_engine_ops *inner;

static mia_status info_of_short_keys(void *db, struct mia_db_info *out, struct mia_error *err)
{
    mia_status rc = inner->info(db, out, err);
    out->max_key = 500;
    return rc;
}

/* Keys that its indexes could not be written with are refused at once, not by the first long id. */
static void engine_with_short_keys_is_refused(void **state)
{
    struct store_bench *b = *state;
    struct mia_engine_ops limited = *b->engine->ops;
    struct mia_db_options db = bench_options();
    struct mia_store_options options = {.struct_size = sizeof options, .db = &db};
    bench_needs(limited.index_layout == MIA_INDEX_MULTI);
    inner = b->engine->ops;
    limited.info = info_of_short_keys;
    store_close(b);
    test_path(b->path, b->folder, "limited");
    ANSWERS(mia_store_open(&limited, b->path, &options, &b->store, ERR), MIA_ERR_INVALID);
    assert_non_null(strstr(test_error.message, "too short"));
}

struct engine_cases cases_of_store_transactions(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(abort_undoes_data_and_index),
        CASE(a_transaction_sees_its_own_changes),
        CASE(snapshot_of_every_read),
        CASE(open_lists_keep_their_snapshot),
        CASE(foreign_transactions_are_refused),
        CASE(lists_go_on_while_they_are_deleted),
        CASE(long_lists_go_on_while_they_are_deleted),
        CASE(a_node_goes_with_its_edges_or_not_at_all),
        CASE(a_node_stays_when_its_edges_are_unknown),
        CASE(engine_without_capabilities),
        CASE(engine_of_mias_own_layout),
        CASE(engine_with_short_keys_is_refused),
    };
    return CASES(cases);
}
