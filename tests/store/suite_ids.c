/* suite_ids.c - ids of any length, with any characters */
#include "store/suite.h"

#include <stdio.h>
#include <stdlib.h>

/* An id of this size, of which the one byte `at` tells it from others of the size. */
static char *make_id_at(size_t size, size_t at, char byte)
{
    char *id = malloc(size + 1);
    assert_non_null(id);
    memset(id, 'i', size);
    id[at] = byte;
    id[size] = '\0';
    return id;
}

static char *make_id(size_t size, char last)
{
    return make_id_at(size, size - 1, last);
}

/* Two chats, an edge between them and an embedding, with nothing in them but these ids. */
static void put_with_ids(struct store_bench *b, const char *first, const char *second)
{
    static const float vector[] = {1};
    struct mia_record chats[] = {chat_of(first, first, 1), chat_of(second, first, 2)};
    struct mia_record edge = edge_of(first, first, first, second);
    struct mia_record embedding = vector_of(second, vector, LENGTH(vector));
    chats[0].u.chat.embedding_id = mia_str_of(second);
    store_put(b, &chats[0]);
    store_put(b, &chats[1]);
    store_put(b, &edge);
    store_put(b, &embedding);
}

static void assert_found_by_ids(mia_txn *txn, const char *first, const char *second)
{
    mia_view view;
    mia_ids *ids;
    mia_str id;
    mia_neighbours *it;
    struct mia_hop hop;
    assert_int_equal(mia_chat_updated_at(store_get(txn, MIA_TABLE_NODES, first)), 1);
    assert_int_equal(mia_chat_updated_at(store_get(txn, MIA_TABLE_NODES, second)), 2);
    OK(mia_embedding_of_node(txn, mia_str_of(first), &view, ERR));
    assert_str(mia_embedding_id(view), second);
    OK(mia_ids_by_property(txn, MIA_STR("topic"), mia_str_of(first), 0, 9, false, &ids, ERR));
    OK(mia_ids_next(ids, &id, NULL, ERR));
    assert_str(id, first);
    OK(mia_ids_next(ids, &id, NULL, ERR));
    assert_str(id, second);
    assert_int_equal(mia_ids_next(ids, &id, NULL, ERR), MIA_NOTFOUND);
    mia_ids_close(ids);
    OK(mia_neighbours_open(txn, mia_str_of(second), MIA_DIRECTION_IN, mia_str_of(first), &it, ERR));
    OK(mia_neighbours_next(it, &hop, ERR));
    assert_str(hop.edge_id, first);
    assert_str(hop.edge_type, first);
    assert_str(hop.node_id, first);
    assert_int_equal(mia_neighbours_next(it, &hop, ERR), MIA_NOTFOUND);
    mia_neighbours_close(it);
}

static void ids_of_any_length(void **state)
{
    struct store_bench *b = *state;
    static const size_t sizes[] = {1, 7, 8, 9, 477, 478, 510, 511, 512, 2022, 2023, 100000};
    for (size_t i = 0; i < LENGTH(sizes); i++) {
        char *first = make_id(sizes[i], 'x'), *second = make_id(sizes[i], 'y');
        put_with_ids(b, first, second);
        mia_txn *txn = store_begin(b, MIA_TXN_READ);
        assert_found_by_ids(txn, first, second);
        mia_txn_abort(txn);
        assert_index_sound(b, 3);
        store_delete(b, MIA_TABLE_NODES, first);
        store_delete(b, MIA_TABLE_NODES, second);
        store_delete(b, MIA_TABLE_EDGES, first);
        store_delete(b, MIA_TABLE_EMBEDDINGS, second);
        store_lacks(b, MIA_TABLE_EMBEDDINGS, second);
        assert_index_sound(b, 0);
        free(first);
        free(second);
    }
}

/* Long ids are kept in keys of 511 bytes, whose first 478 are the id's own. */
static void ids_with_equal_beginnings(void **state)
{
    enum { SIZE = 600, KEPT = 478 };
    static const size_t differ_at[] = {KEPT - 1, KEPT, 510, 511, SIZE - 1};
    struct store_bench *b = *state;
    char *ids[LENGTH(differ_at)];
    for (size_t i = 0; i < LENGTH(ids); i++) {
        ids[i] = make_id_at(SIZE, differ_at[i], 'x');
        struct mia_record chat = chat_of(ids[i], "t", (int64_t)i);
        struct mia_record edge = edge_of(ids[i], ids[i], "T", ids[0]);
        store_put(b, &chat);
        store_put(b, &edge);
    }
    for (size_t i = 0; i < LENGTH(ids); i++) {
        char list[STORE_LIST], hop[STORE_LIST];
        mia_txn *txn = store_begin(b, MIA_TXN_READ);
        assert_int_equal(mia_chat_updated_at(store_get(txn, MIA_TABLE_NODES, ids[i])), i);
        list_edges(txn, ids[i], MIA_DIRECTION_OUT, NULL, list);
        mia_txn_abort(txn);
        snprintf(hop, sizeof hop, "T:%s:%s", ids[0], ids[i]);
        assert_string_equal(list, hop);
    }
    store_delete(b, MIA_TABLE_NODES, ids[1]);
    store_lacks(b, MIA_TABLE_NODES, ids[1]);
    assert_index_sound(b, 2 * LENGTH(ids) - 1);
    for (size_t i = 0; i < LENGTH(ids); i++)
        free(ids[i]);
}

static void put_everywhere(struct store_bench *b, mia_str id, int64_t time)
{
    struct mia_record chat = chat_of("", "", time), edge = edge_of("", "", "", "");
    chat.u.chat.id = chat.u.chat.topic = id;
    edge.u.edge.id = edge.u.edge.from_node = edge.u.edge.to_node = edge.u.edge.edge_type = id;
    store_put(b, &chat);
    store_put(b, &edge);
}

#define assert_same(got, expected)                                                                 \
    assert_bytes(((mia_slice){(got).data, (got).size}),                                            \
                 ((mia_slice){(expected).data, (expected).size}))

static void assert_found_everywhere(mia_txn *txn, mia_str id, int64_t time)
{
    mia_ids *list;
    mia_neighbours *it;
    mia_str found;
    mia_view view;
    struct mia_hop hop;
    OK(mia_get(txn, MIA_TABLE_NODES, id, &view, ERR));
    assert_same(mia_view_id(view), id);
    assert_true(mia_view_time(view) == time);
    OK(mia_ids_by_property(txn, MIA_STR("topic"), id, INT64_MIN, INT64_MAX, true, &list, ERR));
    OK(mia_ids_next(list, &found, NULL, ERR));
    assert_same(found, id);
    assert_int_equal(mia_ids_next(list, &found, NULL, ERR), MIA_NOTFOUND);
    mia_ids_close(list);
    OK(mia_neighbours_open(txn, id, MIA_DIRECTION_OUT, id, &it, ERR));
    OK(mia_neighbours_next(it, &hop, ERR));
    assert_same(hop.node_id, id);
    assert_same(hop.edge_type, id);
    assert_same(hop.edge_id, id);
    assert_int_equal(mia_neighbours_next(it, &hop, ERR), MIA_NOTFOUND);
    mia_neighbours_close(it);
}

static void ids_of_any_characters(void **state)
{
    struct store_bench *b = *state;
    static const mia_str ids[] = {
        {"\0", 1},       {"\0\0", 2}, {"a\0b", 3}, {"a", 1}, {"\xf4\x8f\xbf\xbf", 4},
        {"prop:x:y", 8}, {" ", 1},    {"a\0", 2}};
    for (size_t i = 0; i < LENGTH(ids); i++)
        put_everywhere(b, ids[i], (int64_t)i);
    mia_txn *txn = store_begin(b, MIA_TXN_READ);
    for (size_t i = 0; i < LENGTH(ids); i++)
        assert_found_everywhere(txn, ids[i], (int64_t)i);
    mia_txn_abort(txn);
    assert_index_sound(b, 2 * LENGTH(ids));
}

/* Deletes a node and its edges by the id in the record itself, in pages that this very transaction
 * has written: they change under the id. */
static void delete_by_view(struct store_bench *b, size_t size)
{
    char *id = make_id(size, 'x'), *near = make_id(size, 'y');
    struct mia_record nodes[] = {chat_of(id, "t", 1), chat_of(near, "t", 1)};
    struct mia_record edges[] = {edge_of("1", id, "T", near), edge_of("2", near, "T", id),
                                 edge_of("3", near, "T", near)};
    mia_txn *txn = store_begin(b, MIA_TXN_WRITE);
    for (size_t i = 0; i < LENGTH(nodes); i++)
        OK(mia_put(txn, &nodes[i], ERR));
    for (size_t i = 0; i < LENGTH(edges); i++)
        OK(mia_put(txn, &edges[i], ERR));
    mia_str in_place = mia_view_id(store_get(txn, MIA_TABLE_NODES, id));
    OK(mia_delete(txn, MIA_TABLE_NODES, in_place, MIA_DELETE_EDGES, NULL, ERR));
    OK(mia_txn_commit(txn, ERR));
    store_lacks(b, MIA_TABLE_NODES, id);
    store_lacks(b, MIA_TABLE_EDGES, "1");
    store_lacks(b, MIA_TABLE_EDGES, "2");
    assert_index_sound(b, 2); /* the other node and its own edge */
    store_delete(b, MIA_TABLE_NODES, near);
    store_delete(b, MIA_TABLE_EDGES, "3");
    free(id);
    free(near);
}

static void a_view_says_what_to_delete(void **state)
{
    static const size_t sizes[] = {1, 20, 300, 600, 3000, 9000};
    for (size_t i = 0; i < LENGTH(sizes); i++)
        delete_by_view(*state, sizes[i]);
}

static void property_values_of_any_length(void **state)
{
    struct store_bench *b = *state;
    char *first = make_id(10000, 'x'), *second = make_id(10000, 'y');
    struct mia_record chats[] = {chat_of("1", first, 1), chat_of("2", second, 1)};
    store_put(b, &chats[0]);
    store_put(b, &chats[1]);
    assert_nodes(b, "topic", first, "1");
    assert_nodes(b, "topic", second, "2");
    chats[0].u.chat.topic = mia_str_of(second);
    store_put(b, &chats[0]);
    assert_nodes(b, "topic", first, "");
    assert_nodes(b, "topic", second, "1 2");
    assert_index_sound(b, 2);
    free(first);
    free(second);
}

struct engine_cases cases_of_ids(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(ids_of_any_length),
        CASE(ids_with_equal_beginnings),
        CASE(ids_of_any_characters),
        CASE(a_view_says_what_to_delete),
        CASE(property_values_of_any_length),
    };
    return CASES(cases);
}
