/* suite_records.c - put, get, delete, scan; MIA's own tests by their names */
#include "store/suite.h"

#include <stdio.h>

static void node_crud(void **state)
{
    struct store_bench *b = *state;
    struct mia_record chat = chat_of("c1", "Rust", 20);
    store_put(b, &chat);
    mia_txn *txn = store_begin(b, MIA_TXN_READ);
    mia_view view = store_get(txn, MIA_TABLE_NODES, "c1");
    assert_int_equal(view.kind, MIA_KIND_CHAT);
    assert_str(mia_chat_title(view), "A title");
    assert_str(mia_chat_topic(view), "Rust");
    assert_int_equal(mia_chat_updated_at(view), 20);
    mia_txn_abort(txn);
    chat.u.chat.title = MIA_STR("Another title");
    store_put(b, &chat);
    txn = store_begin(b, MIA_TXN_WRITE);
    assert_str(mia_chat_title(store_get(txn, MIA_TABLE_NODES, "c1")), "Another title");
    OK(mia_delete(txn, MIA_TABLE_NODES, MIA_STR("c1"), 0, &view, ERR));
    assert_str(mia_chat_title(view), "Another title");
    OK(mia_txn_commit(txn, ERR));
    store_lacks(b, MIA_TABLE_NODES, "c1");
    assert_index_sound(b, 0);
}

static void edge_crud(void **state)
{
    struct store_bench *b = *state;
    struct mia_record edge = edge_of("e1", "c1", "CONTAINS", "m1");
    mia_view old;
    store_put(b, &edge); /* the ends need not exist */
    mia_txn *txn = store_begin(b, MIA_TXN_WRITE);
    assert_str(mia_edge_edge_type(store_get(txn, MIA_TABLE_EDGES, "e1")), "CONTAINS");
    OK(mia_delete(txn, MIA_TABLE_EDGES, MIA_STR("e1"), 0, &old, ERR));
    assert_str(mia_edge_edge_type(old), "CONTAINS");
    OK(mia_txn_commit(txn, ERR));
    store_lacks(b, MIA_TABLE_EDGES, "e1");
    assert_index_sound(b, 0);
}

/* Puts a vector and gets the same bits. */
static void assert_vector_kept(struct store_bench *b, size_t dimensions)
{
    float in[768], out[768];
    assert_true(dimensions <= LENGTH(in));
    for (size_t i = 0; i < dimensions; i++)
        in[i] = (float)i * 0.25f - 3;
    struct mia_record embedding = vector_of("v", in, dimensions);
    store_put(b, &embedding);
    mia_txn *txn = store_begin(b, MIA_TXN_READ);
    mia_view view = store_get(txn, MIA_TABLE_EMBEDDINGS, "v");
    mia_floats vector = mia_embedding_vector(view);
    assert_int_equal(vector.count, dimensions);
    mia_floats_copy(vector, out);
    assert_memory_equal(in, out, dimensions * sizeof *in);
    assert_str(mia_embedding_model(view), "a model");
    mia_txn_abort(txn);
}

static void embedding_crud(void **state)
{
    struct store_bench *b = *state;
    assert_vector_kept(b, 3);
    store_delete(b, MIA_TABLE_EMBEDDINGS, "v");
    store_lacks(b, MIA_TABLE_EMBEDDINGS, "v");
}

static void embedding_dimensions(void **state)
{
    assert_vector_kept(*state, 384);
    assert_vector_kept(*state, 768); /* in the place of the other */
    assert_vector_kept(*state, 0);
}

static void absent_is_notfound(void **state)
{
    struct store_bench *b = *state;
    for (int table = 0; table <= MIA_TABLE_EMBEDDINGS; table++) {
        store_lacks(b, (enum mia_table)table, "nobody");
        ANSWERS(mia_store_delete(b->store, (enum mia_table)table, MIA_STR("nobody"), 0, ERR),
                MIA_NOTFOUND);
    }
}

static void empty_id_rejected(void **state)
{
    static const char *const messages[] = {"Node ID cannot be empty", "Edge ID cannot be empty",
                                           "Embedding ID cannot be empty"};
    struct store_bench *b = *state;
    mia_view view;
    mia_txn *txn = store_begin(b, MIA_TXN_WRITE);
    for (int table = 0; table <= MIA_TABLE_EMBEDDINGS; table++) {
        ANSWERS(mia_get(txn, (enum mia_table)table, MIA_STR(""), &view, ERR), MIA_ERR_INVALID);
        assert_string_equal(test_error.message, messages[table]);
        ANSWERS(mia_delete(txn, (enum mia_table)table, MIA_STR(""), 0, NULL, ERR), MIA_ERR_INVALID);
        assert_string_equal(test_error.message, messages[table]);
    }
    struct mia_record chat = chat_of("", "t", 1);
    ANSWERS(mia_put(txn, &chat, ERR), MIA_ERR_INVALID);
    assert_string_equal(test_error.message, messages[0]);
    mia_txn_abort(txn);
}

static void bad_records_are_refused(void **state)
{
    struct store_bench *b = *state;
    mia_view view;
    struct mia_record chat = chat_of("c\xff", "t", 1);
    ANSWERS(mia_store_put(b->store, &chat, ERR), MIA_ERR_INVALID);
    chat = chat_of("c", "t\xff", 1);
    ANSWERS(mia_store_put(b->store, &chat, ERR), MIA_ERR_SERIALIZATION);
    chat = chat_of("c", "t", 1);
    chat.u.chat.metadata = MIA_STR("{\"a\":}");
    ANSWERS(mia_store_put(b->store, &chat, ERR), MIA_ERR_SERIALIZATION);
    chat.kind = (enum mia_kind)55;
    ANSWERS(mia_store_put(b->store, &chat, ERR), MIA_ERR_INVALID);
    chat.kind = MIA_KIND_FEEDBACK;
    ANSWERS(mia_store_put(b->store, &chat, ERR), MIA_ERR_INVALID);
    mia_txn *txn = store_begin(b, MIA_TXN_READ);
    ANSWERS(mia_get(txn, MIA_TABLE_NODES, MIA_STR("c\xff"), &view, ERR), MIA_NOTFOUND);
    chat = chat_of("c", "t", 1);
    ANSWERS(mia_put(txn, &chat, ERR), MIA_ERR_READONLY);
    ANSWERS(mia_delete(txn, MIA_TABLE_NODES, MIA_STR("c"), 0, NULL, ERR), MIA_ERR_READONLY);
    mia_txn_abort(txn);
    assert_index_sound(b, 0);
}

static void batch(void **state)
{
    struct store_bench *b = *state;
    char id[16];
    mia_txn *txn = store_begin(b, MIA_TXN_WRITE);
    for (int i = 0; i < 100; i++) {
        snprintf(id, sizeof id, "m%03d", i);
        struct mia_record message = message_of(id, "c", "me", i);
        OK(mia_put(txn, &message, ERR));
    }
    OK(mia_txn_commit(txn, ERR));
    for (int i = 0; i < 100; i += 2) {
        snprintf(id, sizeof id, "m%03d", i);
        store_delete(b, MIA_TABLE_NODES, id);
    }
    txn = store_begin(b, MIA_TXN_READ);
    for (int i = 0; i < 100; i++) {
        mia_view view;
        snprintf(id, sizeof id, "m%03d", i);
        ANSWERS(mia_get(txn, MIA_TABLE_NODES, mia_str_of(id), &view, ERR),
                i % 2 == 0 ? MIA_NOTFOUND : MIA_OK);
    }
    mia_txn_abort(txn);
    assert_index_sound(b, 50);
}

static void reopen(void **state)
{
    struct store_bench *b = *state;
    static const float vector[] = {1, 2, 3};
    struct mia_record records[] = {
        chat_of("c", "t", 5),
        edge_of("e", "c", "HAS", "m"),
        vector_of("v", vector, LENGTH(vector)),
    };
    for (size_t i = 0; i < LENGTH(records); i++)
        store_put(b, &records[i]);
    store_reopen(b);
    mia_txn *txn = store_begin(b, MIA_TXN_READ);
    assert_str(mia_chat_topic(store_get(txn, MIA_TABLE_NODES, "c")), "t");
    assert_str(mia_edge_to_node(store_get(txn, MIA_TABLE_EDGES, "e")), "m");
    assert_int_equal(mia_embedding_vector(store_get(txn, MIA_TABLE_EMBEDDINGS, "v")).count, 3);
    mia_txn_abort(txn);
    assert_true(mia_store_indexed(b->store));
    assert_nodes(b, "topic", "t", "c");
    assert_edges(b, "c", MIA_DIRECTION_OUT, NULL, "HAS:m:e");
    assert_index_sound(b, 2);
}

/* A store that is opened by a path alone is of no tier, and indexed. */
static void open_untyped(void **state)
{
    struct store_bench *b = *state;
    struct mia_place place = {.database = MIA_DATABASE_META, .tier = MIA_TIER_STABLE};
    assert_false(mia_store_place(b->store, &place));
    assert_int_equal(place.database, MIA_DATABASE_CONVERSATIONS);
    assert_int_equal(place.tier, MIA_TIER_NONE);
    assert_true(mia_store_indexed(b->store));
    assert_string_equal(mia_db_path(mia_store_db(b->store)), b->path);
    if (b->engine->persists)
        store_reopen(b);
    assert_false(mia_store_place(b->store, &place));
}

static void scan_by_prefix(void **state)
{
    struct store_bench *b = *state;
    static const char *const ids[] = {"b", "a2", "a1", "a", "ab"};
    static const struct {
        const char *prefix, *found;
    } rows[] = {{"", "a a1 a2 ab b"}, {"a", "a a1 a2 ab"}, {"ab", "ab"}, {"c", ""}, {"a3", ""}};
    for (size_t i = 0; i < LENGTH(ids); i++) {
        struct mia_record chat = chat_of(ids[i], "t", 1), edge = edge_of(ids[i], "x", "T", "y");
        struct mia_record embedding = vector_of(ids[i], NULL, 0);
        store_put(b, &chat);
        store_put(b, &edge);
        store_put(b, &embedding);
    }
    mia_txn *txn = store_begin(b, MIA_TXN_READ);
    for (size_t i = 0; i < LENGTH(rows); i++)
        for (int table = 0; table <= MIA_TABLE_EMBEDDINGS; table++) {
            char found[STORE_LIST];
            list_records(txn, (enum mia_table)table, rows[i].prefix, found);
            assert_string_equal(found, rows[i].found);
        }
    mia_txn_abort(txn);
}

static void read_modify_write(void **state)
{
    struct store_bench *b = *state;
    struct mia_feedback feedback = {.feedback_type = MIA_FEEDBACK_APPROVAL, .timestamp = 3};
    struct mia_record outcome = {MIA_KIND_ACTION_OUTCOME,
                                 {.action_outcome = {.id = MIA_STR("o"),
                                                     .action_type = MIA_STR("click"),
                                                     .action_args = MIA_STR("{\"b\":[1,2.5]}"),
                                                     .result = MIA_STR("null"),
                                                     .user_feedback = &feedback,
                                                     .timestamp = 4}}};
    store_put(b, &outcome);
    mia_txn *txn = store_begin(b, MIA_TXN_WRITE);
    struct mia_record read;
    mia_view view = store_get(txn, MIA_TABLE_NODES, "o");
    OK(mia_record_of(txn, view, &read, ERR));
    assert_str(read.u.action_outcome.action_args, "{\"b\":[1,2.5]}");
    assert_non_null(read.u.action_outcome.user_feedback);
    assert_int_equal(read.u.action_outcome.user_feedback->timestamp, 3);
    feedback = *read.u.action_outcome.user_feedback;
    feedback.user_comment = MIA_STR("well done");
    read.u.action_outcome.user_feedback = &feedback;
    OK(mia_put(txn, &read, ERR));
    view = store_get(txn, MIA_TABLE_NODES, "o");
    assert_str(mia_feedback_user_comment(mia_action_outcome_user_feedback(view)), "well done");
    assert_str(mia_action_outcome_action_type(view), "click");
    OK(mia_txn_commit(txn, ERR));
    assert_index_sound(b, 1);
}

static void archives_go_from_store_to_store(void **state)
{
    struct store_bench *b = *state;
    struct mia_record chat = chat_of("c", "t", 5);
    mia_encoder *encoder;
    mia_slice archive;
    OK(mia_encoder_open(&encoder, ERR));
    OK(mia_encode_archive(encoder, &chat, &archive, ERR));
    mia_txn *txn = store_begin(b, MIA_TXN_WRITE);
    OK(mia_put_archive(txn, MIA_TABLE_NODES, archive, ERR));
    assert_str(mia_chat_topic(store_get(txn, MIA_TABLE_NODES, "c")), "t");
    ANSWERS(mia_put_archive(txn, MIA_TABLE_EDGES, archive, ERR), MIA_ERR_SERIALIZATION);
    archive.size -= 1;
    ANSWERS(mia_put_archive(txn, MIA_TABLE_NODES, archive, ERR), MIA_ERR_SERIALIZATION);
    OK(mia_txn_commit(txn, ERR));
    mia_encoder_close(encoder);
    assert_nodes(b, "topic", "t", "c");
    assert_index_sound(b, 1);
}

struct engine_cases cases_of_records(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(node_crud),
        CASE(edge_crud),
        CASE(embedding_crud),
        CASE(embedding_dimensions),
        CASE(absent_is_notfound),
        CASE(empty_id_rejected),
        CASE(bad_records_are_refused),
        CASE(batch),
        CASE(reopen),
        CASE(open_untyped),
        CASE(scan_by_prefix),
        CASE(read_modify_write),
        CASE(archives_go_from_store_to_store),
    };
    return CASES(cases);
}
