/* catalog/path.c - the directory of a database below a base */
#include "base/error.h"
#include "catalog/base.h"
#include "mia/catalog.h"

#include <stdio.h>

/* The message lists what there is, as in "active, recent, archive". */
static mia_status refuse_tier(enum mia_database database, enum mia_tier tier, struct mia_error *err)
{
    enum mia_tier own[MIA_DATABASE_TIERS_MOST];
    size_t count = mia_database_tiers(database, own);
    char list[MIA_DATABASE_TIERS_MOST * 12] = ""; /* no name of a tier is longer than 9 */
    size_t size = 0;
    for (size_t i = 0; i < count; i++)
        size += (size_t)snprintf(list + size, sizeof list - size, "%s%s", i > 0 ? ", " : "",
                                 mia_tier_name(own[i]));
    return mia__fail(err, MIA_ERR_INVALID, "database '%s' has no tier '%s' (%d): it has %s",
                     mia_database_name(database), mia_tier_name(tier), (int)tier, list);
}

/* What mia_database_path says about tier and quarter of a database that has tiers. */
static mia_status check(enum mia_database database, enum mia_tier tier, const char *quarter,
                        struct mia_error *err)
{
    if (tier != MIA_TIER_NONE && !mia_database_has_tier(database, tier))
        return refuse_tier(database, tier, err);
    if (quarter == NULL)
        return MIA_OK;
    if (tier != MIA_TIER_ARCHIVE)
        return mia__fail(err, MIA_ERR_INVALID,
                         "database '%s', tier '%s': only the tier 'archive' has quarters",
                         mia_database_name(database), mia_tier_name(tier));
    if (!mia_quarter_is_valid(quarter)) {
        char shown[40];
        mia__print_bytes(shown, sizeof shown, mia_bytes_of(quarter));
        return mia__fail(err, MIA_ERR_INVALID, "%s is no quarter: one is spelled 2024-Q1", shown);
    }
    return MIA_OK;
}

mia_status mia_database_path(const char *base, enum mia_database database, enum mia_tier tier,
                             const char *quarter, char *out, size_t size, struct mia_error *err)
{
    if (out == NULL)
        return mia__fail(err, MIA_ERR_INVALID, "mia_database_path: out is NULL");
    if (size > 0)
        out[0] = '\0';
    if (base == NULL || base[0] == '\0')
        return mia__fail(err, MIA_ERR_INVALID,
                         "no base directory: give one, or that of mia_default_base");
    enum mia_database known; /* what has no number in the list has no name in it either */
    if (!mia_database_find(mia_str_of(mia_database_name(database)), &known))
        return mia__fail(err, MIA_ERR_INVALID, "no database has the number %d", (int)database);

    enum mia_tier own[MIA_DATABASE_TIERS_MOST];
    if (mia_database_tiers(database, own) == 0) {
        tier = MIA_TIER_NONE;
        quarter = NULL;
    }
    mia_status rc = check(database, tier, quarter, err);
    if (rc != MIA_OK)
        return rc;

    char below[MIA_DATABASE_PATH_MORE];
    const char *slash = mia__separator(MIA__PLATFORM, "-"),
               *first = mia__separator(MIA__PLATFORM, base);
    size_t base_size = strlen(base);
    size_t more =
        (size_t)snprintf(below, sizeof below, "%s%s%s%s%s%s", first, mia_database_name(database),
                         tier != MIA_TIER_NONE ? slash : "", mia_tier_name(tier),
                         quarter != NULL ? slash : "", quarter != NULL ? quarter : "");
    if (size <= base_size || size - base_size <= more)
        return mia__fail(err, MIA_ERR_TOO_LONG, "the path %s%s needs %zu bytes, %zu are given",
                         base_size < 256 ? base : "...", below, base_size + more + 1, size);
    memcpy(out, base, base_size);
    memcpy(out + base_size, below, more + 1);
    return MIA_OK;
}
