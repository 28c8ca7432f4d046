/* indexes.c - nodes by a property, as a time line; neighbours along the edges */
#include "example.h"

static void put(mia_txn *txn, const char *id, const char *chat, int64_t timestamp)
{
    struct mia_error err;
    struct mia_record message = {MIA_KIND_MESSAGE,
                                 {.message = {.id = mia_str_of(id),
                                              .chat_id = mia_str_of(chat),
                                              .sender = MIA_STR("user"),
                                              .timestamp = timestamp}}};
    check(mia_put(txn, &message, &err), &err);
}

static void link(mia_txn *txn, const char *id, const char *from, const char *to)
{
    struct mia_error err;
    struct mia_record edge = {MIA_KIND_EDGE,
                              {.edge = {.id = mia_str_of(id),
                                        .from_node = mia_str_of(from),
                                        .to_node = mia_str_of(to),
                                        .edge_type = MIA_STR("MENTIONS")}}};
    check(mia_put(txn, &edge, &err), &err);
}

int main(int argc, char **argv)
{
    struct mia_error err;
    mia_store *store;
    mia_txn *txn;
    mia_ids *ids;
    mia_neighbours *it;
    mia_str id;
    struct mia_hop hop;
    check(mia_store_open(NULL, directory(argc, argv), NULL, &store, &err), &err);
    check(mia_store_begin(store, MIA_TXN_WRITE, &txn, &err), &err);
    put(txn, "msg_1", "chat_1", 1000);
    put(txn, "msg_2", "chat_1", 3000);
    put(txn, "msg_3", "chat_1", 2000);
    put(txn, "msg_4", "chat_2", 4000);
    link(txn, "edge_1", "msg_2", "ada");
    link(txn, "edge_2", "msg_4", "ada");
    check(mia_txn_commit(txn, &err), &err);

    check(mia_store_begin(store, MIA_TXN_READ, &txn, &err), &err);
    /* The last messages of a chat, newest first. */
    check(mia_ids_by_property(txn, MIA_STR("chat_id"), MIA_STR("chat_1"), INT64_MIN, INT64_MAX,
                              true, &ids, &err),
          &err);
    while (mia_ids_next(ids, &id, NULL, &err) == MIA_OK)
        print("message", id);
    mia_ids_close(ids);
    /* Who speaks of Ada? */
    check(
        mia_neighbours_open(txn, MIA_STR("ada"), MIA_DIRECTION_IN, MIA_STR("MENTIONS"), &it, &err),
        &err);
    while (mia_neighbours_next(it, &hop, &err) == MIA_OK)
        print("mentioned in", hop.node_id);
    mia_neighbours_close(it);
    mia_txn_abort(txn);
    check(mia_store_close(store, &err), &err);
    return EXIT_SUCCESS;
}
