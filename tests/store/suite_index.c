/* suite_index.c - nodes by property, edges by their ends, as records come and go */
#include "store/suite.h"

#include <stdio.h>

/* ---- properties */

static void put_messages(struct store_bench *b)
{
    struct mia_record records[] = {
        message_of("m1", "c1", "ann", 30),
        message_of("m2", "c1", "bob", 10),
        message_of("m3", "c2", "ann", 20),
        message_of("m4", "c1", "ann", 10),
        chat_of("c1", "t", 5),
    };
    for (size_t i = 0; i < LENGTH(records); i++)
        store_put(b, &records[i]);
    assert_index_sound(b, LENGTH(records));
}

static void property_get(void **state)
{
    struct store_bench *b = *state;
    put_messages(b);
    assert_nodes(b, "chat_id", "c1", "m2 m4 m1");
    assert_nodes(b, "sender", "ann", "m4 m3 m1");
    assert_nodes(b, "node_type", "Message", "m2 m4 m3 m1");
    assert_nodes(b, "node_type", "Chat", "c1");
}

static void property_range(void **state)
{
    struct store_bench *b = *state;
    put_messages(b);
    assert_nodes_between(b, "chat_id", "c1", 10, 10, false, "m2 m4");
    assert_nodes_between(b, "chat_id", "c1", 11, 30, false, "m1");
    assert_nodes_between(b, "chat_id", "c1", INT64_MIN, 29, true, "m4 m2");
    assert_nodes_between(b, "chat_id", "c1", INT64_MIN, INT64_MAX, true, "m1 m4 m2");
    assert_nodes_between(b, "chat_id", "c1", 30, 10, false, "");
    assert_nodes_between(b, "chat_id", "c1", 31, INT64_MAX, true, "");
    assert_nodes_between(b, "chat_id", "c1", INT64_MIN, 9, true, "");
}

static void property_remove(void **state)
{
    struct store_bench *b = *state;
    put_messages(b);
    store_delete(b, MIA_TABLE_NODES, "m4");
    assert_nodes(b, "chat_id", "c1", "m2 m1");
    assert_nodes(b, "sender", "ann", "m3 m1");
    store_delete(b, MIA_TABLE_NODES, "m3");
    assert_nodes(b, "chat_id", "c2", "");
    assert_nodes(b, "node_type", "Message", "m2 m1");
    assert_index_sound(b, 3);
}

/* A list that is longer than a page of any engine. */
static void property_count(void **state)
{
    enum { MANY = 2000 };
    struct store_bench *b = *state;
    uint64_t n;
    mia_txn *txn = store_begin(b, MIA_TXN_WRITE);
    for (int i = 0; i < MANY; i++) {
        char id[16];
        snprintf(id, sizeof id, "m%04d", i);
        struct mia_record message = message_of(id, "c1", i % 2 ? "ann" : "bob", i);
        OK(mia_put(txn, &message, ERR));
    }
    OK(mia_count_by_property(txn, MIA_STR("chat_id"), MIA_STR("c1"), &n, ERR));
    assert_int_equal(n, MANY);
    OK(mia_txn_commit(txn, ERR));
    txn = store_begin(b, MIA_TXN_READ);
    OK(mia_count_by_property(txn, MIA_STR("sender"), MIA_STR("ann"), &n, ERR));
    assert_int_equal(n, MANY / 2);
    OK(mia_count_by_property(txn, MIA_STR("sender"), MIA_STR("an"), &n, ERR));
    assert_int_equal(n, 0);
    mia_txn_abort(txn);
}

static void property_unknown(void **state)
{
    struct store_bench *b = *state;
    put_messages(b);
    static const char *const nobodys[] = {"", "no such property", "chat_id ", "chat_i", "Chat_id"};
    static const char *const values[] = {"", "c1", "ann", "t", "Message"};
    for (size_t i = 0; i < LENGTH(nobodys); i++)
        for (size_t j = 0; j < LENGTH(values); j++)
            assert_nodes(b, nobodys[i], values[j], "");
    assert_nodes(b, "chat_id", "c", "");
    assert_nodes(b, "chat_id", "", "");
    assert_nodes(b, "topic", "c1", "");
    assert_nodes(b, "node_type", "Entity", "");
}

static void property_duplicate(void **state)
{
    struct store_bench *b = *state;
    for (int i = 0; i < 3; i++)
        put_messages(b);
    assert_nodes(b, "chat_id", "c1", "m2 m4 m1");
    struct mia_record chat = chat_of("c1", "t", 5);
    chat.u.chat.title = MIA_STR("Another title"); /* which no index has */
    store_put(b, &chat);
    assert_nodes(b, "topic", "t", "c1");
    assert_index_sound(b, 5);
}

/* What a kind is found by besides its node_type. */
static void property_of_every_kind(void **state)
{
    static const struct {
        const char *property, *value, *found;
    } rows[] = {
        {"topic", "t", "chat"},
        {"chat_id", "c", "message summary"},
        {"sender", "ann", "message"},
        {"entity_type", "PERSON", "entity"},
        {"label", "Ada", "entity"},
        {"message_id", "m", "attachment"},
        {"mime_type", "image/png", "attachment"},
        {"url", "http://x", "bookmark page"},
        {"model_name", "mini", "model"},
        {"action_type", "click", "outcome"},
        {"conversation_context", "here", "outcome"},
        {"node_type", "Chat", "chat"},
        {"node_type", "Message", "message"},
        {"node_type", "Summary", "summary"},
        {"node_type", "Attachment", "attachment"},
        {"node_type", "Entity", "entity"},
        {"node_type", "WebSearch", "search"},
        {"node_type", "ScrapedPage", "page"},
        {"node_type", "Bookmark", "bookmark"},
        {"node_type", "ImageMetadata", "image"},
        {"node_type", "AudioTranscript", "transcript"},
        {"node_type", "ModelInfo", "model"},
        {"node_type", "ActionOutcome", "outcome"},
    };
    const struct mia_record records[] = {
        chat_of("chat", "t", 0),
        message_of("message", "c", "ann", 0),
        {MIA_KIND_SUMMARY, {.summary = {.id = MIA_STR("summary"), .chat_id = MIA_STR("c")}}},
        {MIA_KIND_ATTACHMENT,
         {.attachment = {.id = MIA_STR("attachment"),
                         .message_id = MIA_STR("m"),
                         .mime_type = MIA_STR("image/png")}}},
        {MIA_KIND_ENTITY,
         {.entity = {.id = MIA_STR("entity"),
                     .label = MIA_STR("Ada"),
                     .entity_type = MIA_STR("PERSON")}}},
        {MIA_KIND_WEB_SEARCH, {.web_search = {.id = MIA_STR("search")}}},
        {MIA_KIND_SCRAPED_PAGE,
         {.scraped_page = {.id = MIA_STR("page"), .url = MIA_STR("http://x")}}},
        {MIA_KIND_BOOKMARK, {.bookmark = {.id = MIA_STR("bookmark"), .url = MIA_STR("http://x")}}},
        {MIA_KIND_IMAGE_METADATA, {.image_metadata = {.id = MIA_STR("image")}}},
        {MIA_KIND_AUDIO_TRANSCRIPT, {.audio_transcript = {.id = MIA_STR("transcript")}}},
        {MIA_KIND_MODEL_INFO, {.model_info = {.id = MIA_STR("model"), .name = MIA_STR("mini")}}},
        {MIA_KIND_ACTION_OUTCOME,
         {.action_outcome = {.id = MIA_STR("outcome"),
                             .action_type = MIA_STR("click"),
                             .conversation_context = MIA_STR("here")}}},
    };
    struct store_bench *b = *state;
    for (size_t i = 0; i < LENGTH(records); i++)
        store_put(b, &records[i]);
    for (size_t i = 0; i < LENGTH(rows); i++)
        assert_nodes(b, rows[i].property, rows[i].value, rows[i].found);
    assert_index_sound(b, LENGTH(records));
}

static void property_times_of_both_signs(void **state)
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

struct engine_cases cases_of_properties(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(property_get),           CASE(property_range),
        CASE(property_remove),        CASE(property_count),
        CASE(property_unknown),       CASE(property_duplicate),
        CASE(property_of_every_kind), CASE(property_times_of_both_signs),
    };
    return CASES(cases);
}

/* ---- edges */

static void put_edges(struct store_bench *b)
{
    struct mia_record edges[] = {
        edge_of("e1", "a", "KNOWS", "b"), edge_of("e2", "a", "KNOWS", "c"),
        edge_of("e3", "a", "HAS", "b"),   edge_of("e4", "b", "KNOWS", "a"),
        edge_of("e5", "a", "KNOWS", "b"), edge_of("e6", "a", "KNOW", "a"),
    };
    for (size_t i = 0; i < LENGTH(edges); i++)
        store_put(b, &edges[i]);
    assert_index_sound(b, LENGTH(edges));
}

static void edges_outgoing(void **state)
{
    struct store_bench *b = *state;
    put_edges(b);
    assert_edges(b, "a", MIA_DIRECTION_OUT, NULL,
                 "HAS:b:e3 KNOW:a:e6 KNOWS:b:e1 KNOWS:b:e5 KNOWS:c:e2");
    assert_edges(b, "a", MIA_DIRECTION_OUT, "KNOWS", "KNOWS:b:e1 KNOWS:b:e5 KNOWS:c:e2");
    assert_edges(b, "a", MIA_DIRECTION_OUT, "KNOW", "KNOW:a:e6");
    assert_edges(b, "a", MIA_DIRECTION_OUT, "", "");
    assert_edges(b, "c", MIA_DIRECTION_OUT, NULL, "");
}

static void edges_incoming(void **state)
{
    struct store_bench *b = *state;
    put_edges(b);
    assert_edges(b, "a", MIA_DIRECTION_IN, NULL, "KNOW:a:e6 KNOWS:b:e4");
    assert_edges(b, "b", MIA_DIRECTION_IN, "HAS", "HAS:a:e3");
    assert_edges(b, "nobody", MIA_DIRECTION_IN, NULL, "");
}

/* A direction is one of the two: a loop is found in each. */
static void edges_both(void **state)
{
    struct store_bench *b = *state;
    mia_neighbours *it;
    uint64_t n;
    struct mia_record loop = edge_of("e", "a", "SELF", "a");
    store_put(b, &loop);
    assert_edges(b, "a", MIA_DIRECTION_OUT, NULL, "SELF:a:e");
    assert_edges(b, "a", MIA_DIRECTION_IN, NULL, "SELF:a:e");
    mia_txn *txn = store_begin(b, MIA_TXN_READ);
    enum mia_direction both = (enum mia_direction)(MIA_DIRECTION_OUT | MIA_DIRECTION_IN);
    ANSWERS(mia_neighbours_open(txn, MIA_STR("a"), both, (mia_str){0}, &it, ERR), MIA_ERR_INVALID);
    ANSWERS(mia_count_edges(txn, MIA_STR("a"), both, &n, ERR), MIA_ERR_INVALID);
    mia_txn_abort(txn);
}

static void edges_remove(void **state)
{
    struct store_bench *b = *state;
    put_edges(b);
    store_delete(b, MIA_TABLE_EDGES, "e5");
    store_delete(b, MIA_TABLE_EDGES, "e6");
    assert_edges(b, "a", MIA_DIRECTION_OUT, NULL, "HAS:b:e3 KNOWS:b:e1 KNOWS:c:e2");
    assert_edges(b, "a", MIA_DIRECTION_IN, NULL, "KNOWS:b:e4");
    assert_edges(b, "b", MIA_DIRECTION_IN, NULL, "HAS:a:e3 KNOWS:a:e1");
    assert_index_sound(b, 4);
}

static void edges_count(void **state)
{
    enum { MANY = 1000 };
    struct store_bench *b = *state;
    uint64_t n;
    mia_txn *txn = store_begin(b, MIA_TXN_WRITE);
    for (int i = 0; i < MANY; i++) {
        char id[16];
        snprintf(id, sizeof id, "e%04d", i);
        struct mia_record edge = edge_of(id, "hub", "T", id);
        OK(mia_put(txn, &edge, ERR));
    }
    OK(mia_txn_commit(txn, ERR));
    txn = store_begin(b, MIA_TXN_READ);
    OK(mia_count_edges(txn, MIA_STR("hub"), MIA_DIRECTION_OUT, &n, ERR));
    assert_int_equal(n, MANY);
    OK(mia_count_edges(txn, MIA_STR("hub"), MIA_DIRECTION_IN, &n, ERR));
    assert_int_equal(n, 0);
    OK(mia_count_edges(txn, MIA_STR("e0007"), MIA_DIRECTION_IN, &n, ERR));
    assert_int_equal(n, 1);
    mia_txn_abort(txn);
}

struct engine_cases cases_of_edges(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(edges_outgoing), CASE(edges_incoming), CASE(edges_both),
        CASE(edges_remove),   CASE(edges_count),
    };
    return CASES(cases);
}

/* ---- the index as a record comes and goes */

static void present(void **state)
{
    struct store_bench *b = *state;
    struct mia_record chat = chat_of("c", "t", 1);
    assert_true(mia_store_indexed(b->store));
    store_put(b, &chat);
    assert_nodes(b, "node_type", "Chat", "c");
    assert_nodes(b, "topic", "t", "c");
}

static void manager_chat(void **state)
{
    struct store_bench *b = *state;
    struct mia_record chat = chat_of("c", "rust", 1);
    store_put(b, &chat);
    assert_nodes(b, "node_type", "Chat", "c");
    assert_nodes(b, "topic", "rust", "c");
    store_delete(b, MIA_TABLE_NODES, "c");
    assert_nodes(b, "node_type", "Chat", "");
    assert_nodes(b, "topic", "rust", "");
}

static void manager_message(void **state)
{
    struct store_bench *b = *state;
    struct mia_record message = message_of("m", "c", "user", 1);
    store_put(b, &message);
    assert_nodes(b, "chat_id", "c", "m");
    assert_nodes(b, "sender", "user", "m");
    store_delete(b, MIA_TABLE_NODES, "m");
    assert_nodes(b, "chat_id", "c", "");
    assert_nodes(b, "sender", "user", "");
}

static void manager_edge(void **state)
{
    struct store_bench *b = *state;
    struct mia_record edge = edge_of("e", "a", "T", "b");
    store_put(b, &edge);
    assert_edges(b, "a", MIA_DIRECTION_OUT, NULL, "T:b:e");
    assert_edges(b, "b", MIA_DIRECTION_IN, NULL, "T:a:e");
    assert_nodes(b, "node_type", "Edge", ""); /* an edge is no node */
    store_delete(b, MIA_TABLE_EDGES, "e");
    assert_edges(b, "a", MIA_DIRECTION_OUT, NULL, "");
    assert_edges(b, "b", MIA_DIRECTION_IN, NULL, "");
}

/* An embedding has the id of a node and changes nothing in what is found of the node. */
static void manager_embedding(void **state)
{
    static const float vector[] = {1, 0, 0};
    struct store_bench *b = *state;
    struct mia_record chat = chat_of("x", "t", 1), edge = edge_of("x", "x", "T", "x");
    struct mia_record embedding = vector_of("x", vector, LENGTH(vector));
    store_put(b, &chat);
    store_put(b, &edge);
    store_put(b, &embedding);
    assert_nodes(b, "node_type", "Embedding", "");
    store_delete(b, MIA_TABLE_EMBEDDINGS, "x");
    assert_nodes(b, "topic", "t", "x");
    assert_edges(b, "x", MIA_DIRECTION_OUT, NULL, "T:x:x");
    assert_index_sound(b, 2);
}

struct engine_cases cases_of_managing(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(present),      CASE(manager_chat),      CASE(manager_message),
        CASE(manager_edge), CASE(manager_embedding),
    };
    return CASES(cases);
}
