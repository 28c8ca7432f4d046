/* installation/discover.c - the databases below a base, MIA's strays among them */
#include "base/error.h"
#include "base/file.h"
#include "base/try.h"
#include "installation/root.h"

#include <stdio.h>

struct walk {
    mia__database_fn *fn;
    void *ctx;
    const char *path, *name;   /* of the directory; name "" for the base itself */
    const char *const *others; /* directories that are not looked into; NULL behind the last */
    int depth;
};

static mia_status walk_directory(const struct walk *walk, struct mia_error *err);

static bool has_file(const char *directory, const char *name)
{
    char *path = mia__path_join(directory, name);
    bool has = path != NULL && mia__file_kind(path) == MIA__FILE_REGULAR;
    mia__free(path);
    return has;
}

static bool is_database(const char *path)
{
    return has_file(path, "db") || has_file(path, "mdbx.dat");
}

/* What lies in a database, and what is only half made. */
static bool is_left_out(const char *name)
{
    static const char partial[] = ".mia-partial";
    size_t size = strlen(name);
    return strcmp(name, "blobs") == 0 || strcmp(name, "vectors") == 0 || name[0] == '.' ||
           (size > sizeof partial - 1 && strcmp(name + size - (sizeof partial - 1), partial) == 0);
}

/* A spill base may be the very directory that the base and the installation lie in. */
static bool is_another(const struct walk *walk, const char *path)
{
    for (const char *const *other = walk->others; *other != NULL; other++)
        if (mia__path_is_inside(path, *other))
            return true;
    return false;
}

static mia_status walk_entry(void *ctx, const char *entry, struct mia_error *err)
{
    const struct walk *walk = ctx;
    mia_status rc = MIA_OK;
    if (is_left_out(entry))
        return MIA_OK;
    char *path = mia__path_join(walk->path, entry);
    char *name = walk->name[0] ? mia__path_join(walk->name, entry) : mia__strdup(entry);
    if (path == NULL || name == NULL)
        rc = mia__fail_nomem(err);
    else if (mia__file_kind(path) == MIA__FILE_DIRECTORY && !is_another(walk, path)) {
        struct walk below = {walk->fn, walk->ctx, path, name, walk->others, walk->depth + 1};
        rc = walk_directory(&below, err);
    }
    mia__free(path);
    mia__free(name);
    return rc;
}

static mia_status walk_directory(const struct walk *walk, struct mia_error *err)
{
    enum { DEEPEST = 8 }; /* MIA's own are three deep */
    mia_status rc = MIA_OK;
    if (walk->depth > DEEPEST)
        return MIA_OK;
    if (walk->name[0] != '\0' && is_database(walk->path))
        TRY(walk->fn(walk->ctx, walk->name, walk->path, err));
    rc = mia__dir_each(walk->path, walk_entry, (void *)(uintptr_t)walk, err);
done:
    return rc;
}

mia_status mia__discover(const char *base, const char *const *others, mia__database_fn *fn,
                         void *ctx, struct mia_error *err)
{
    struct walk walk = {fn, ctx, base, "", others, 0};
    if (mia__file_kind(base) != MIA__FILE_DIRECTORY)
        return mia__fail(err, MIA_ERR_INVALID, "%s is no directory", base);
    if (is_database(base))
        return mia__fail(err, MIA_ERR_INVALID,
                         "%s is a database by itself, not a base with databases in it: use `mia "
                         "migrate` without --base",
                         base);
    return walk_directory(&walk, err);
}

/* ---- names */

/* The part of a name up to the next slash, which is taken too. */
static mia_str take_part(const char **name)
{
    const char *slash = strchr(*name, '/');
    size_t size = slash != NULL ? (size_t)(slash - *name) : strlen(*name);
    mia_str part = {*name, size};
    *name += size + (slash != NULL);
    return part;
}

bool mia__place_named(const char *name, struct mia_place *place)
{
    const char *at = name;
    *place = (struct mia_place){0};
    if (!mia_database_find(take_part(&at), &place->database))
        return false;
    if (*at == '\0')
        return true;
    if (!mia_tier_find(take_part(&at), &place->tier) ||
        !mia_database_has_tier(place->database, place->tier))
        return false;
    if (*at == '\0')
        return true;
    place->quarter = at;
    return place->tier == MIA_TIER_ARCHIVE && mia_quarter_is_valid(at);
}

/* ---- sources */

/* A database that stands where the archives of quarters lie: MIA made an empty one on the way. */
static bool is_stray_name(const char *name)
{
    struct mia_place place;
    return mia__place_named(name, &place) && place.tier == MIA_TIER_ARCHIVE &&
           place.quarter == NULL;
}

static mia_status count_records(const char *path, uint64_t *records, struct mia_error *err)
{
    mia_status rc;
    mia_source *source = NULL;
    *records = 0;
    TRY(mia_source_open(path, NULL, &source, err));
    for (size_t i = 0; i < mia_source_tree_count(source); i++) {
        uint64_t n;
        TRY(mia_source_count(source, i, &n, err));
        *records += n;
    }
done:
    mia_source_close(source);
    return rc;
}

static mia_status refuse_stray(const char *path, uint64_t records, struct mia_error *err)
{
    return mia__fail(err, MIA_ERR_INVALID,
                     "%s has %llu records, but MIA never reads a database there: move what it has "
                     "to where it belongs, or the directory elsewhere",
                     path, (unsigned long long)records);
}

/* Of two databases with one name the one with records counts. */
static mia_status choose(struct mia__entry *known, const char *path, struct mia_error *err)
{
    mia_status rc;
    uint64_t first, second;
    TRY(count_records(known->source, &first, err));
    TRY(count_records(path, &second, err));
    if (first > 0 && second > 0) {
        rc = mia__fail(err, MIA_ERR_INVALID,
                       "%s and %s are the same database of MIA, and both have records: say which "
                       "one counts by moving the other away",
                       known->source, path);
        goto done;
    }
    if (second > 0) {
        char *source = mia__strdup(path);
        if (source == NULL) {
            rc = mia__fail_nomem(err);
            goto done;
        }
        mia__free(known->source);
        known->source = source;
    }
done:
    return rc;
}

static mia_status judge_source(struct mia__journal *journal, const char *name, const char *path,
                               struct mia_error *err)
{
    mia_status rc;
    uint64_t records = 0;
    struct mia__entry *known = mia__entry_find(journal, name);
    if (known != NULL)
        return strcmp(known->source, path) == 0 ? MIA_OK : choose(known, path, err);
    if (is_stray_name(name))
        TRY(count_records(path, &records, err));
    if (records > 0)
        return refuse_stray(path, records, err);
    TRY(mia__entry_add(journal, name, path, err));
    if (is_stray_name(name))
        mia__entry_find(journal, name)->state = MIA__ENTRY_STRAY;
done:
    return rc;
}

struct sources {
    struct mia__journal *journal;
    struct mia__obstacles *found; /* NULL: the first thing that is wrong is the end */
};

static mia_status add_source(void *ctx, const char *name, const char *path, struct mia_error *err)
{
    const struct sources *s = ctx;
    struct mia_error why = {0};
    mia_status rc = judge_source(s->journal, name, path, &why);
    if (rc < 0 && s->found != NULL && rc != MIA_ERR_NOMEM) {
        s->found->database = name;
        mia__obstacle_error(s->found, MIA_OBSTACLE_BASE, MIA_WEIGHT_REFUSAL, &why);
        s->found->database = NULL;
        return MIA_OK;
    }
    if (rc < 0 && err != NULL)
        *err = why;
    return rc;
}

mia_status mia__discover_sources(const struct mia__root *root, struct mia__journal *journal,
                                 struct mia__obstacles *found, struct mia_error *err)
{
    mia_status rc;
    struct sources sources = {journal, found};
    const char *const none[] = {root->path, NULL};
    const char *const both[] = {root->path, journal->base, NULL};
    TRY(mia__discover(journal->base, none, add_source, &sources, err));
    if (journal->spill != NULL)
        rc = mia__discover(journal->spill, both, add_source, &sources, err);
done:
    return rc;
}
