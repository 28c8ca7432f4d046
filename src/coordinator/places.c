/* coordinator/places.c - which records live where */
#include "base/error.h"
#include "base/file.h"
#include "base/try.h"
#include "coordinator/coordinator.h"

#include <stdio.h>
#include <stdlib.h>

/* What MIA's coordinator keeps, by kind. The tier is that of new records; a summary's depends on
 * its length. */
static const struct {
    enum mia_kind kind;
    enum mia_database database;
    enum mia_tier tier;
} homes[] = {
    {MIA_KIND_CHAT, MIA_DATABASE_CONVERSATIONS, MIA_TIER_ACTIVE},
    {MIA_KIND_MESSAGE, MIA_DATABASE_CONVERSATIONS, MIA_TIER_ACTIVE},
    {MIA_KIND_ATTACHMENT, MIA_DATABASE_CONVERSATIONS, MIA_TIER_ACTIVE},
    {MIA_KIND_ENTITY, MIA_DATABASE_KNOWLEDGE, MIA_TIER_ACTIVE},
    {MIA_KIND_EMBEDDING, MIA_DATABASE_EMBEDDINGS, MIA_TIER_ACTIVE},
    {MIA_KIND_WEB_SEARCH, MIA_DATABASE_TOOL_RESULTS, MIA_TIER_NONE},
    {MIA_KIND_SCRAPED_PAGE, MIA_DATABASE_TOOL_RESULTS, MIA_TIER_NONE},
    {MIA_KIND_ACTION_OUTCOME, MIA_DATABASE_EXPERIENCE, MIA_TIER_NONE},
    {MIA_KIND_SUMMARY, MIA_DATABASE_SUMMARIES, MIA_TIER_NONE},
};

mia_status mia__home_of(enum mia_kind kind, struct mia__where *where, struct mia_error *err)
{
    for (size_t i = 0; i < sizeof homes / sizeof homes[0]; i++)
        if (homes[i].kind == kind) {
            *where = mia__where(homes[i].database, homes[i].tier);
            return MIA_OK;
        }
    return mia__fail(err, MIA_ERR_INVALID,
                     "records of kind %d belong to no database of their own: put them into the one "
                     "of the records they describe, with mia_coordinator_store",
                     (int)kind);
}

mia_status mia__database_of(enum mia_kind kind, enum mia_database *database, struct mia_error *err)
{
    struct mia__where where = {0};
    mia_status rc = mia__home_of(kind, &where, err);
    *database = where.database;
    return rc;
}

enum mia_tier mia__tier_of_summary(mia_str content)
{
    enum { DAILY = 1000, WEEKLY = 5000 }; /* bytes */
    return content.size < DAILY    ? MIA_TIER_DAILY
           : content.size < WEEKLY ? MIA_TIER_WEEKLY
                                   : MIA_TIER_MONTHLY;
}

size_t mia__tiers_of(enum mia_database database, bool by_moves,
                     enum mia_tier tiers[MIA_DATABASE_TIERS_MOST])
{
    size_t count = mia_database_tiers(database, tiers);
    if (count == 0)
        return 1;                                         /* MIA_TIER_NONE */
    if (by_moves && database == MIA_DATABASE_KNOWLEDGE) { /* what was inferred becomes stable */
        tiers[1] = MIA_TIER_INFERRED;
        tiers[2] = MIA_TIER_STABLE;
    }
    return count;
}

/* ---- archives */

struct listing {
    const char *directory;
    struct mia__buf names;
};

static mia_status add_quarter(void *ctx, const char *name, struct mia_error *err)
{
    struct listing *listing = ctx;
    char quarter[MIA_QUARTER_SIZE] = "";
    if (!mia_quarter_is_valid(name))
        return MIA_OK;
    char *path = mia__path_join(listing->directory, name);
    if (path == NULL)
        return mia__fail_nomem(err);
    bool is_directory = mia__file_kind(path) == MIA__FILE_DIRECTORY;
    mia__free(path);
    snprintf(quarter, sizeof quarter, "%s", name);
    return is_directory ? mia__buf_append(&listing->names, quarter, sizeof quarter, err) : MIA_OK;
}

/* "2024-Q3": 8098; the letter Q ends the year. */
static long number_of(const char *quarter)
{
    char *end;
    long year = strtol(quarter, &end, 10);
    return year * 4 + (end[2] - '1');
}

static int newest_first(const void *a, const void *b)
{
    long left = number_of(a), right = number_of(b);
    return (left < right) - (left > right);
}

static mia_status path_below(const char *base, const struct mia_place *place, char **path,
                             struct mia_error *err)
{
    size_t size = strlen(base) + MIA_DATABASE_PATH_MORE;
    *path = mia__alloc(size);
    if (*path == NULL)
        return mia__fail_nomem(err);
    return mia_database_path(base, place->database, place->tier, place->quarter, *path, size, err);
}

mia_status mia__path_of(const mia_coordinator *c, const struct mia_place *place, char **path,
                        struct mia_error *err)
{
    mia_status rc;
    char *spilled = NULL;
    TRY(path_below(c->base, place, path, err));
    if (c->spill == NULL || mia_engine_detect(*path) != NULL)
        goto done;
    TRY(path_below(c->spill, place, &spilled, err));
    if (mia_engine_detect(spilled) != NULL) {
        mia__free(*path);
        *path = spilled;
        spilled = NULL;
    }
done:
    mia__free(spilled);
    return rc;
}

static mia_status list_below(struct listing *listing, const char *base, enum mia_database database,
                             struct mia_error *err)
{
    mia_status rc;
    char *path = NULL;
    struct mia_place archive = {database, MIA_TIER_ARCHIVE, NULL};
    TRY(path_below(base, &archive, &path, err));
    listing->directory = path;
    if (mia__file_kind(path) == MIA__FILE_DIRECTORY)
        rc = mia__dir_each(path, add_quarter, listing, err);
done:
    mia__free(path);
    return rc;
}

mia_status mia__list_quarters(const mia_coordinator *c, enum mia_database database,
                              struct mia__quarters *quarters, struct mia_error *err)
{
    mia_status rc;
    struct listing listing = {0};
    *quarters = (struct mia__quarters){0};
    TRY(list_below(&listing, c->base, database, err));
    if (c->spill != NULL)
        TRY(list_below(&listing, c->spill, database, err));
    size_t count = listing.names.size / MIA_QUARTER_SIZE, kept = 0;
    char(*names)[MIA_QUARTER_SIZE] = (void *)listing.names.data;
    if (count > 1)
        qsort(names, count, MIA_QUARTER_SIZE, newest_first);
    for (size_t i = 0; i < count; i++) /* both bases may have one */
        if (i == 0 || strcmp(names[i], names[kept - 1]) != 0)
            memmove(names[kept++], names[i], MIA_QUARTER_SIZE);
    *quarters = (struct mia__quarters){names, kept};
    listing.names = (struct mia__buf){0};
done:
    mia__buf_free(&listing.names);
    return rc;
}
