/* trace.c - a program's calls written down, for `mia ab --trace DB.trace DB OTHER` to repeat */
#include "example.h"

static void work(mia_store *store, int number)
{
    struct mia_error err;
    mia_txn *txn;
    mia_view view;
    char id[32];
    struct mia_record chat = {
        MIA_KIND_CHAT, {.chat = {.id = {id, 0}, .title = MIA_STR("A chat"), .created_at = number}}};
    chat.u.chat.id.size = (size_t)snprintf(id, sizeof id, "chat_%d", number);
    check(mia_store_put(store, &chat, &err), &err);
    check(mia_store_begin(store, MIA_TXN_READ, &txn, &err), &err);
    check(mia_get(txn, MIA_TABLE_NODES, mia_str_of(id), &view, &err), &err);
    mia_txn_abort(txn);
}

int main(int argc, char **argv)
{
    struct mia_error err;
    mia_trace *trace;
    mia_store *store;
    char path[4096];
    struct mia_trace_options private = {.struct_size = sizeof private, .hash_keys = true};
    struct mia_trace_report report = {.struct_size = sizeof report};
    snprintf(path, sizeof path, "%s.trace", directory(argc, argv));
    check(mia_trace_create(path, &private, &trace, &err), &err);
    struct mia_db_options lazy = {.struct_size = sizeof lazy, .durability = MIA_SYNC_LAZY};
    struct mia_store_options observed = {.struct_size = sizeof observed,
                                         .db = &lazy,
                                         .observer = mia_trace_observe,
                                         .observer_ctx = trace};
    check(mia_store_open(NULL, argv[1], &observed, &store, &err), &err);
    for (int i = 0; i < 100; i++)
        work(store, i);
    check(mia_store_close(store, &err), &err);
    check(mia_trace_close(trace, &report, &err), &err);
    printf("%d events, %d lost\n", (int)report.events, (int)report.lost);
    return EXIT_SUCCESS;
}
