/* catalog/names.c - what the two lists of mia/catalog.h say about databases and tiers */
#include "mia/catalog.h"

#include <assert.h>

enum class { CLASS_none, CLASS_source, CLASS_derived, CLASS_external, CLASS_index };
enum temperature { TEMPERATURE_none, TEMPERATURE_hot, TEMPERATURE_warm, TEMPERATURE_cold };

/* The lists are numbered from 0 on without a gap, so a number is an index. */
static const struct database {
    const char *name;
    enum class class;
    enum mia_tier tiers[MIA_DATABASE_TIERS_MOST]; /* MIA_TIER_NONE behind the last */
} databases[] = {
#define DATABASE(code, number, name, class, ...) [code] = {name, CLASS_##class, {__VA_ARGS__}},
    MIA_DATABASE_MAP(DATABASE)
#undef DATABASE
};

static const struct tier {
    const char *name;
    enum temperature temperature;
} tiers[] = {
#define TIER(code, number, name, temperature) [code] = {name, TEMPERATURE_##temperature},
    MIA_TIER_MAP(TIER)
#undef TIER
};

enum { DATABASES = sizeof databases / sizeof databases[0], TIERS = sizeof tiers / sizeof tiers[0] };

#define ONE(...) +1
static_assert(DATABASES == 0 MIA_DATABASE_MAP(ONE), "a number is missing or there twice");
static_assert(TIERS == 0 MIA_TIER_MAP(ONE), "a number is missing or there twice");
#undef ONE

static const struct database *find_database(enum mia_database database)
{
    static const struct database unknown = {.name = "?"};
    return (unsigned)database < DATABASES ? &databases[database] : &unknown;
}

static const struct tier *find_tier(enum mia_tier tier)
{
    static const struct tier unknown = {.name = "?"};
    return (unsigned)tier < TIERS ? &tiers[tier] : &unknown;
}

static bool is_name(mia_str text, const char *name)
{
    return text.size == strlen(name) && (text.size == 0 || memcmp(text.data, name, text.size) == 0);
}

const char *mia_database_name(enum mia_database database)
{
    return find_database(database)->name;
}

const char *mia_tier_name(enum mia_tier tier)
{
    return find_tier(tier)->name;
}

bool mia_database_find(mia_str name, enum mia_database *database)
{
    *database = (enum mia_database)0;
    for (unsigned i = 0; i < DATABASES; i++)
        if (is_name(name, databases[i].name)) {
            *database = (enum mia_database)i;
            return true;
        }
    return false;
}

bool mia_tier_find(mia_str name, enum mia_tier *tier)
{
    *tier = MIA_TIER_NONE;
    for (unsigned i = 0; i < TIERS; i++)
        if (is_name(name, tiers[i].name)) {
            *tier = (enum mia_tier)i;
            return true;
        }
    return false;
}

bool mia_database_is_source(enum mia_database database)
{
    return find_database(database)->class == CLASS_source;
}

bool mia_database_is_derived(enum mia_database database)
{
    return find_database(database)->class == CLASS_derived;
}

bool mia_database_is_external(enum mia_database database)
{
    return find_database(database)->class == CLASS_external;
}

bool mia_database_is_index(enum mia_database database)
{
    return find_database(database)->class == CLASS_index;
}

size_t mia_database_tiers(enum mia_database database, enum mia_tier out[MIA_DATABASE_TIERS_MOST])
{
    const struct database *d = find_database(database);
    size_t count = 0;
    memcpy(out, d->tiers, sizeof d->tiers);
    while (count < MIA_DATABASE_TIERS_MOST && out[count] != MIA_TIER_NONE)
        count++;
    return count;
}

bool mia_database_has_tier(enum mia_database database, enum mia_tier tier)
{
    enum mia_tier own[MIA_DATABASE_TIERS_MOST];
    size_t count = mia_database_tiers(database, own);
    for (size_t i = 0; i < count; i++)
        if (own[i] == tier)
            return true;
    return false;
}

bool mia_tier_is_hot(enum mia_tier tier)
{
    return find_tier(tier)->temperature == TEMPERATURE_hot;
}

bool mia_tier_is_warm(enum mia_tier tier)
{
    return find_tier(tier)->temperature == TEMPERATURE_warm;
}

bool mia_tier_is_cold(enum mia_tier tier)
{
    return find_tier(tier)->temperature == TEMPERATURE_cold;
}
