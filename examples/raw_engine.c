/* raw_engine.c - trees of bytes below the records: an application's own data in the same file */
#include "example.h"

int main(int argc, char **argv)
{
    struct mia_error err;
    mia_store *store;
    mia_txn *txn;
    mia_tree tree;
    mia_slice value;
    check(mia_store_open(NULL, directory(argc, argv), NULL, &store, &err), &err);

    /* A record and a setting change together: transactions of a store are good for both. */
    struct mia_record chat = {MIA_KIND_CHAT, {.chat = {.id = MIA_STR("chat_1")}}};
    check(mia_store_begin(store, MIA_TXN_WRITE, &txn, &err), &err);
    check(mia_tree_open(txn, MIA_BYTES("settings"), MIA_TREE_CREATE, &tree, &err), &err);
    check(mia_kv_put(txn, tree, MIA_BYTES("theme"), MIA_BYTES("dark"), MIA_PUT_UPSERT, &err), &err);
    check(mia_put(txn, &chat, &err), &err);
    check(mia_txn_commit(txn, &err), &err);

    check(mia_store_begin(store, MIA_TXN_READ, &txn, &err), &err);
    check(mia_kv_get(txn, tree, MIA_BYTES("theme"), &value, &err), &err);
    printf("theme: %.*s\n", (int)value.size, (const char *)value.data);
    mia_txn_abort(txn);
    check(mia_store_close(store, &err), &err);
    return EXIT_SUCCESS;
}
