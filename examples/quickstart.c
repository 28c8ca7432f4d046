/* quickstart.c - open a store, put a chat, read it where it lies in the file */
#include "example.h"

int main(int argc, char **argv)
{
    struct mia_error err;
    mia_store *store;
    mia_txn *txn;
    mia_view view;
    check(mia_store_open(NULL, directory(argc, argv), NULL, &store, &err), &err);

    struct mia_record chat = {MIA_KIND_CHAT,
                              {.chat = {.id = MIA_STR("chat_1"),
                                        .title = MIA_STR("My first chat"),
                                        .topic = MIA_STR("storage"),
                                        .created_at = 1697500000000,
                                        .updated_at = 1697500000000,
                                        .metadata = MIA_STR("{\"pinned\":true}")}}};
    check(mia_store_put(store, &chat, &err), &err);

    check(mia_store_begin(store, MIA_TXN_READ, &txn, &err), &err);
    check(mia_get(txn, MIA_TABLE_NODES, MIA_STR("chat_1"), &view, &err), &err);
    print("title", mia_chat_title(view)); /* no copy was made, and no memory allocated */
    mia_txn_abort(txn);                   /* the view ends here */
    check(mia_store_close(store, &err), &err);
    return EXIT_SUCCESS;
}
