/* workload.c - messages and edges by their numbers, and stores full of them */
#include "workload.h"
#include "rounds.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

uint64_t mix(uint64_t n)
{
    n += 0x9e3779b97f4a7c15u;
    n = (n ^ (n >> 30)) * 0xbf58476d1ce4e5b9u;
    n = (n ^ (n >> 27)) * 0x94d049bb133111ebu;
    return n ^ (n >> 31);
}

void check(mia_status rc, const struct mia_error *err)
{
    if (rc != MIA_OK)
        die("%s", rc < 0 ? err->message : "not found");
}

struct mia_record message_number(uint64_t i, struct texts *t)
{
    static const char words[] = "The quick brown fox jumps over the lazy dog and asks what the "
                                "point of all this is; nobody knows, but everybody has a view. ";
    size_t size = 60 + mix(i) % 300;
    for (size_t at = 0; at < size; at++)
        t->body[at] = words[(at + i) % (sizeof words - 1)];
    snprintf(t->id, sizeof t->id, "message_%016" PRIx64, mix(i));
    snprintf(t->chat, sizeof t->chat, "chat_%08" PRIu64, i / CHAT_MESSAGES);
    return (struct mia_record){
        MIA_KIND_MESSAGE,
        {.message = {.id = mia_str_of(t->id),
                     .chat_id = mia_str_of(t->chat),
                     .sender = i % 2 ? MIA_STR("assistant") : MIA_STR("user"),
                     .timestamp = (int64_t)i * 1000,
                     .text_content = {t->body, size},
                     .metadata = MIA_STR("{\"importance\":0.5,\"language\":\"en\"}")}}};
}

struct mia_record edge_number(uint64_t i, struct texts *t)
{
    snprintf(t->id, sizeof t->id, "message_%016" PRIx64, mix(i));
    snprintf(t->edge, sizeof t->edge, "edge_%016" PRIx64, mix(i));
    snprintf(t->entity, sizeof t->entity, "entity_%04" PRIu64, mix(i) % ENTITIES);
    return (struct mia_record){MIA_KIND_EDGE,
                               {.edge = {.id = mia_str_of(t->edge),
                                         .from_node = mia_str_of(t->id),
                                         .to_node = mia_str_of(t->entity),
                                         .edge_type = MIA_STR("MENTIONS"),
                                         .created_at = (int64_t)i * 1000}}};
}

mia_store *store_open(const struct mia_engine_ops *engine, const char *path,
                      enum mia_durability durability, bool trust_values)
{
    struct mia_error err;
    mia_store *store;
    struct mia_db_options db = {.struct_size = sizeof db, .durability = durability};
    struct mia_store_options opt = {
        .struct_size = sizeof opt, .db = &db, .trust_values = trust_values};
    check(mia_store_open(engine, path, &opt, &store, &err), &err);
    return store;
}

void store_close(mia_store *store)
{
    struct mia_error err;
    check(mia_store_close(store, &err), &err);
}

void store_fill(mia_store *store, uint64_t first, uint64_t end)
{
    struct mia_error err;
    struct texts texts;
    mia_txn *txn = NULL;
    for (uint64_t i = first; i < end; i++) {
        if (txn == NULL)
            check(mia_store_begin(store, MIA_TXN_WRITE, &txn, &err), &err);
        struct mia_record message = message_number(i, &texts);
        check(mia_put(txn, &message, &err), &err);
        struct mia_record edge = edge_number(i, &texts);
        check(mia_put(txn, &edge, &err), &err);
        if ((i + 1) % (BATCH_RECORDS / 2) == 0 || i + 1 == end) {
            check(mia_txn_commit(txn, &err), &err);
            txn = NULL;
        }
    }
}

uint64_t parse_number(const char *text, uint64_t most)
{
    char *end;
    errno = 0;
    unsigned long long n = strtoull(text, &end, 10);
    if (errno != 0 || *end != '\0' || n < 1 || n > most)
        die("%s: a number from 1 to %" PRIu64 " is wanted", text, most);
    return n;
}
