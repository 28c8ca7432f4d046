/*
 * test_legacy.c - a database of MIA's own, read and changed through the store on the real sled, and
 * judged afterwards by MIA's own models: interop's mia-sample-check wants every record's bytes and
 * every index set exactly as MIA would have them, and no tree of ours.
 */
#include "store/suite.h"
#include "support/random.h"

#include <stdio.h>
#include <stdlib.h>

enum { KEPT = 400, CHANGES = 2000, ID = 64 };

struct ids {
    char texts[KEPT][ID];
    size_t count;
};

static void run(const char *format, const char *program, const char *path)
{
    char line[3 * TEST_PATH];
    snprintf(line, sizeof line, format, program, path);
    assert_int_equal(system(line), 0);
}

/* Ids of nodes of a kind, by the index. */
static void list(mia_txn *txn, const char *kind, struct ids *out)
{
    mia_ids *ids;
    mia_str id;
    out->count = 0;
    OK(mia_ids_by_property(txn, MIA_STR("node_type"), mia_str_of(kind), INT64_MIN, INT64_MAX, false,
                           &ids, ERR));
    while (out->count < KEPT && mia_ids_next(ids, &id, NULL, ERR) == MIA_OK)
        if (id.size < ID)
            snprintf(out->texts[out->count++], ID, "%.*s", (int)id.size, id.data);
    mia_ids_close(ids);
    assert_true(out->count > 0);
}

static mia_str any(const struct ids *ids, struct test_random *r)
{
    return mia_str_of(ids->texts[test_below(r, ids->count)]);
}

static void move_message(mia_txn *txn, const struct ids *messages, const struct ids *chats,
                         struct test_random *r)
{
    mia_view view;
    struct mia_record record;
    OK(mia_get(txn, MIA_TABLE_NODES, any(messages, r), &view, ERR));
    OK(mia_record_of(txn, view, &record, ERR));
    record.u.message.chat_id = any(chats, r);
    record.u.message.sender = test_below(r, 2) ? MIA_STR("ann") : MIA_STR("bob");
    record.u.message.metadata = MIA_STR("{\"z\":1.5,\"a\":[true,null,\"x\"]}");
    OK(mia_put(txn, &record, ERR));
}

static void put_edge(mia_txn *txn, const struct ids *messages, const struct ids *entities,
                     struct test_random *r)
{
    char id[32];
    snprintf(id, sizeof id, "edge-%zu", test_below(r, 300));
    struct mia_record edge = edge_of(id, "", "MENTIONS", "");
    edge.u.edge.from_node = any(messages, r);
    edge.u.edge.to_node = any(entities, r);
    OK(mia_put(txn, &edge, ERR));
}

static void delete_edges_of(mia_txn *txn, const struct ids *messages, struct test_random *r)
{
    mia_neighbours *it;
    struct mia_hop hop;
    char id[ID] = "";
    OK(mia_neighbours_open(txn, any(messages, r), MIA_DIRECTION_OUT, (mia_str){0}, &it, ERR));
    if (mia_neighbours_next(it, &hop, ERR) == MIA_OK && hop.edge_id.size < ID)
        snprintf(id, sizeof id, "%.*s", (int)hop.edge_id.size, hop.edge_id.data);
    mia_neighbours_close(it);
    if (id[0] != '\0')
        OK(mia_delete(txn, MIA_TABLE_EDGES, mia_str_of(id), 0, NULL, ERR));
}

static void change(mia_store *store, struct test_random *r)
{
    static struct ids messages, chats, entities;
    mia_txn *txn;
    OK(mia_store_begin(store, MIA_TXN_READ, &txn, ERR));
    list(txn, "Message", &messages);
    list(txn, "Chat", &chats);
    list(txn, "Entity", &entities);
    mia_txn_abort(txn);
    for (int i = 0; i < CHANGES; i += 20) {
        OK(mia_store_begin(store, MIA_TXN_WRITE, &txn, ERR));
        for (int j = 0; j < 20; j++) {
            size_t dice = test_below(r, 10);
            if (dice < 5)
                move_message(txn, &messages, &chats, r);
            else if (dice < 8)
                put_edge(txn, &messages, &entities, r);
            else
                delete_edges_of(txn, &messages, r);
        }
        if (test_below(r, 5) == 0)
            mia_txn_abort(txn);
        else
            OK(mia_txn_commit(txn, ERR));
    }
}

static void mia_reads_what_was_written(void **state)
{
    (void)state;
    char folder[TEST_PATH], path[TEST_PATH];
    mia_store *store;
    struct test_random r = {test_seed()};
    struct mia_index_report report = {.struct_size = sizeof report};
    struct mia_db_options db = {
        .struct_size = sizeof db, .must_exist = true, .durability = MIA_SYNC_LAZY};
    struct mia_store_options options = {.struct_size = sizeof options, .db = &db};
    const char *judge = getenv("MIA_INTEROP"), *tool = getenv("MIA");
    assert_non_null(judge);
    assert_non_null(tool);
    test_folder_make(folder);
    test_path(path, folder, "mia.sled");
    run("'%s' sample --quiet --records 20000 '%s'", tool, path);
    OK(mia_store_open(NULL, path, &options, &store, ERR));
    assert_true(mia_store_indexed(store));
    OK(mia_index_check(store, NULL, NULL, &report, ERR));
    assert_int_equal(report.missing + report.stale + report.damaged, 0);
    change(store, &r);
    OK(mia_index_check(store, NULL, NULL, &report, ERR));
    assert_int_equal(report.missing + report.stale + report.damaged, 0);
    OK(mia_store_close(store, ERR));
    run("'%s/mia-sample-check' '%s' >/dev/null", judge, path);
    test_folder_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(mia_reads_what_was_written)};
    return cmocka_run_group_tests_name("store_legacy", tests, NULL, NULL);
}
