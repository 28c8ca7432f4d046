/* suite_foreign.c - databases that others wrote: MIA itself, versions to come, other programs */
#include "store/suite.h"

static void put_raw(struct store_bench *b, const char *tree_name, const char *key, mia_slice value)
{
    mia_tree tree;
    mia_txn *txn = store_begin(b, MIA_TXN_WRITE);
    OK(mia_tree_open(txn, mia_bytes_of(tree_name), MIA_TREE_CREATE, &tree, ERR));
    OK(mia_kv_put(txn, tree, mia_bytes_of(key), value, 0, ERR));
    OK(mia_txn_commit(txn, ERR));
}

static void needs_mias_own_layout(const struct store_bench *b)
{
    bench_needs(b->engine->ops->index_layout == MIA_INDEX_LEGACY_SETS);
}

/* MIA decodes a value and does not look at what is left of it. */
static void bytes_behind_a_value_are_ignored(void **state)
{
    /* tag, then id, label, entity_type, no embedding, metadata */
    static const char entity[] = "\4\1x\3Ada\6PERSON\0\2{}and more";
    struct store_bench *b = *state;
    needs_mias_own_layout(b);
    put_raw(b, "nodes", "x", (mia_slice){entity, sizeof entity - 1});
    mia_txn *txn = store_begin(b, MIA_TXN_READ);
    assert_str(mia_entity_label(store_get(txn, MIA_TABLE_NODES, "x")), "Ada");
    mia_txn_abort(txn);
    store_delete(b, MIA_TABLE_NODES, "x");
    store_lacks(b, MIA_TABLE_NODES, "x");
}

/* MIA writes the members of a set as its hash table has them. */
static void sets_are_read_in_any_order(void **state)
{
    struct store_bench *b = *state;
    struct mia_record edges[] = {edge_of("e1", "a", "T", "b"), edge_of("e2", "a", "T", "b")};
    struct mia_record chats[] = {chat_of("c1", "t", 2), chat_of("c2", "t", 1)};
    needs_mias_own_layout(b);
    for (size_t i = 0; i < 2; i++) {
        store_put(b, &edges[i]);
        store_put(b, &chats[i]);
    }
    put_raw(b, "graph_outgoing", "in:a", MIA_BYTES("\3\2e2\2e1\2e2"));
    put_raw(b, "structural_index", "prop:topic:t", MIA_BYTES("\2\2c2\2c1"));
    assert_edges(b, "a", MIA_DIRECTION_OUT, NULL, "T:b:e1 T:b:e2");
    assert_nodes(b, "topic", "t", "c2 c1"); /* by time, whatever the set's order */
    store_delete(b, MIA_TABLE_EDGES, "e2");
    assert_edges(b, "a", MIA_DIRECTION_OUT, NULL, "T:b:e1");
    assert_index_sound(b, 3);
}

/* A database that MIA may open again gets MIA's trees and no other. */
static void mias_databases_get_no_tree_of_ours(void **state)
{
    static const char *const names[] = {"edges",          "embeddings", "graph_incoming",
                                        "graph_outgoing", "nodes",      "structural_index"};
    struct store_bench *b = *state;
    struct mia_record chat = chat_of("c", "t", 1), edge = edge_of("e", "a", "T", "b");
    mia_slice name, last;
    size_t n = 0;
    needs_mias_own_layout(b);
    store_put(b, &chat);
    store_put(b, &edge);
    mia_txn *txn = store_begin(b, MIA_TXN_READ);
    for (mia_status rc = mia_tree_next(txn, NULL, &name, ERR); rc == MIA_OK;
         rc = mia_tree_next(txn, &last, &name, ERR)) {
        last = name;
        if (mia_slice_equal(name, MIA_BYTES("__sled__default")))
            continue; /* sled makes it */
        assert_true(n < LENGTH(names));
        assert_text(name, names[n++]);
    }
    assert_int_equal(n, LENGTH(names));
    mia_txn_abort(txn);
}

/* Opens the store and expects this refusal. */
static void assert_refused(struct store_bench *b, mia_status expected)
{
    struct mia_db_options db = bench_options();
    struct mia_store_options options = {.struct_size = sizeof options, .db = &db};
    ANSWERS(mia_store_open(b->engine->ops, b->path, &options, &b->store, ERR), expected);
    assert_null(b->store);
}

static void newer_layouts_are_refused(void **state)
{
    struct store_bench *b = *state;
    bench_needs(b->engine->persists && b->engine->ops->index_layout == MIA_INDEX_MULTI);
    put_raw(b, "mia_meta", "layout", MIA_BYTES("\2\0\0\0"));
    store_close(b);
    assert_refused(b, MIA_ERR_VERSION);
}

static void other_programs_databases_are_refused(void **state)
{
    struct store_bench *b = *state;
    struct mia_db_options opt = bench_options();
    mia_db *db;
    mia_txn *txn;
    mia_tree tree;
    bench_needs(b->engine->persists && b->engine->ops->index_layout == MIA_INDEX_MULTI);
    store_close(b);
    test_path(b->path, b->folder, "foreign");
    OK(mia_db_open(b->engine->ops, b->path, &opt, &db, ERR));
    OK(mia_txn_begin(db, MIA_TXN_WRITE, &txn, ERR));
    OK(mia_tree_open(txn, MIA_BYTES("nodes"), MIA_TREE_CREATE, &tree, ERR));
    OK(mia_txn_commit(txn, ERR));
    OK(mia_db_close(db, ERR));
    assert_refused(b, MIA_ERR_INVALID);
}

struct engine_cases cases_of_foreign_databases(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(bytes_behind_a_value_are_ignored),     CASE(sets_are_read_in_any_order),
        CASE(mias_databases_get_no_tree_of_ours),   CASE(newer_layouts_are_refused),
        CASE(other_programs_databases_are_refused),
    };
    return CASES(cases);
}
