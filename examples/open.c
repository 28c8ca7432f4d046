/* open.c - ways to open: by path, without indexes, read-only, and what happens to two at once */
#include "example.h"

int main(int argc, char **argv)
{
    struct mia_error err;
    mia_store *store, *second;
    const char *path = directory(argc, argv);
    struct mia_db_options read_only = {.struct_size = sizeof read_only, .read_only = true};
    struct mia_store_options options = {.struct_size = sizeof options, .db = &read_only};

    /* MIA's StorageManager::with_indexing: made if it is not there. The indexes are part of it. */
    check(mia_store_open(NULL, path, NULL, &store, &err), &err);
    printf("indexed: %d\n", mia_store_indexed(store));

    /* One process opens a database once and shares the handle. */
    if (mia_store_open(NULL, path, NULL, &second, &err) == MIA_ERR_BUSY)
        printf("the second time: busy\n");
    check(mia_store_close(store, &err), &err);

    check(mia_store_open(NULL, path, &options, &store, &err), &err);
    struct mia_record chat = {MIA_KIND_CHAT, {.chat = {.id = MIA_STR("c")}}};
    if (mia_store_put(store, &chat, &err) == MIA_ERR_READONLY)
        printf("read-only: refused\n");
    check(mia_store_close(store, &err), &err);
    return EXIT_SUCCESS;
}
