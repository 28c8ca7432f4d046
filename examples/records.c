/* records.c - nodes, edges and embeddings; changing one; deleting one and getting the old one */
#include "example.h"

static void put_all(mia_txn *txn)
{
    struct mia_error err;
    float vector[384];
    for (size_t i = 0; i < 384; i++)
        vector[i] = (float)i / 384;
    struct mia_record records[] = {
        {MIA_KIND_ENTITY,
         {.entity = {.id = MIA_STR("ada"),
                     .label = MIA_STR("Ada Lovelace"),
                     .entity_type = MIA_STR("PERSON"),
                     .embedding_id = MIA_STR("vector_1")}}},
        {MIA_KIND_MESSAGE,
         {.message = {.id = MIA_STR("msg_1"),
                      .chat_id = MIA_STR("chat_1"),
                      .sender = MIA_STR("user"),
                      .timestamp = 1697500000000,
                      .text_content = MIA_STR("Who wrote the first program?")}}},
        {MIA_KIND_EDGE,
         {.edge = {.id = MIA_STR("edge_1"),
                   .from_node = MIA_STR("msg_1"),
                   .to_node = MIA_STR("ada"),
                   .edge_type = MIA_STR("MENTIONS"),
                   .metadata = MIA_STR("{\"weight\":0.95}")}}},
        {MIA_KIND_EMBEDDING,
         {.embedding = {.id = MIA_STR("vector_1"),
                        .vector = {vector, 384},
                        .model = MIA_STR("all-MiniLM-L6-v2")}}},
    };
    for (size_t i = 0; i < sizeof records / sizeof *records; i++)
        check(mia_put(txn, &records[i], &err), &err);
}

int main(int argc, char **argv)
{
    struct mia_error err;
    mia_store *store;
    mia_txn *txn;
    mia_view view;
    struct mia_record record;
    check(mia_store_open(NULL, directory(argc, argv), NULL, &store, &err), &err);

    /* All of it, or nothing. */
    check(mia_store_begin(store, MIA_TXN_WRITE, &txn, &err), &err);
    put_all(txn);
    check(mia_txn_commit(txn, &err), &err);

    /* Read, change, write: in one transaction nobody comes between. */
    check(mia_store_begin(store, MIA_TXN_WRITE, &txn, &err), &err);
    check(mia_get(txn, MIA_TABLE_NODES, MIA_STR("ada"), &view, &err), &err);
    check(mia_record_of(txn, view, &record, &err), &err);
    record.u.entity.label = MIA_STR("Ada, Countess of Lovelace");
    check(mia_put(txn, &record, &err), &err);
    check(mia_embedding_of_node(txn, MIA_STR("ada"), &view, &err), &err);
    printf("dimension: %zu\n", mia_embedding_vector(view).count);
    check(mia_delete(txn, MIA_TABLE_NODES, MIA_STR("msg_1"), MIA_DELETE_EDGES, &view, &err), &err);
    print("deleted", mia_message_text_content(view));
    check(mia_txn_commit(txn, &err), &err);
    check(mia_store_close(store, &err), &err);
    return EXIT_SUCCESS;
}
