/* open_typed.c - two of MIA's databases by themselves, below a base of one's own */
#include "example.h"

static mia_store *open_place(const char *base, enum mia_database database, enum mia_tier tier)
{
    struct mia_error err;
    char path[4096];
    mia_store *store;
    struct mia_place place = {database, tier, NULL};
    struct mia_store_options options = {.struct_size = sizeof options, .place = &place};
    check(mia_database_path(base, database, tier, NULL, path, sizeof path, &err), &err);
    check(mia_store_open(NULL, path, &options, &store, &err), &err);
    return store;
}

static void describe(mia_store *store)
{
    struct mia_place place;
    mia_store_place(store, &place);
    printf("%s%s%s, indexed: %d\n", mia_database_name(place.database),
           place.tier != MIA_TIER_NONE ? "/" : "", mia_tier_name(place.tier),
           mia_store_indexed(store));
}

int main(int argc, char **argv)
{
    struct mia_error err;
    const char *base = directory(argc, argv);
    mia_store *active = open_place(base, MIA_DATABASE_CONVERSATIONS, MIA_TIER_ACTIVE);
    mia_store *knowledge = open_place(base, MIA_DATABASE_KNOWLEDGE, MIA_TIER_STABLE);
    describe(active);
    describe(knowledge);
    check(mia_store_close(active, &err), &err);
    check(mia_store_close(knowledge, &err), &err);

    /* What it is stands in the database: it is not taken for another. */
    char path[4096];
    mia_store *wrong;
    struct mia_place recent = {MIA_DATABASE_CONVERSATIONS, MIA_TIER_RECENT, NULL};
    struct mia_store_options options = {.struct_size = sizeof options, .place = &recent};
    check(mia_database_path(base, MIA_DATABASE_CONVERSATIONS, MIA_TIER_ACTIVE, NULL, path,
                            sizeof path, &err),
          &err);
    if (mia_store_open(NULL, path, &options, &wrong, &err) == MIA_ERR_INVALID)
        printf("as conversations/recent: refused\n");
    return EXIT_SUCCESS;
}
