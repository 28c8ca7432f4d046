/* open_default.c - a database of one's own where MIA keeps its databases, with and without indexes
 *
 * The place depends on the system and the environment (mia_default_base). Here TABAGENT_TEST_DIR
 * leads into the directory that the program was given. */
#include "example.h"

#include <string.h>

static void open_named(const char *name, bool without_indexes)
{
    struct mia_error err;
    char base[4096], path[4200];
    mia_store *store;
    struct mia_store_options options = {.struct_size = sizeof options,
                                        .without_indexes = without_indexes};
    if (mia_default_base(base, sizeof base) >= sizeof base)
        exit(EXIT_FAILURE);
    snprintf(path, sizeof path, "%s/%s", base, name);
    check(mia_store_open(NULL, path, &options, &store, &err), &err);
    printf("%s, indexed: %d\n", strrchr(mia_db_path(mia_store_db(store)), '/') + 1,
           mia_store_indexed(store));
    check(mia_store_close(store, &err), &err);
}

int main(int argc, char **argv)
{
    setenv("TABAGENT_TEST_DIR", directory(argc, argv), 1);
    open_named("plain", true);
    open_named("indexed", false);
    return EXIT_SUCCESS;
}
