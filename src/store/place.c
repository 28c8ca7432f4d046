/* store/place.c - which of MIA's databases a store is: mia_meta has database, tier, quarter */
#include "base/error.h"
#include "base/try.h"
#include "engine/meta.h"
#include "store/store.h"

#include <stdio.h>

static const char empty[] = "";

/* "conversations/archive/2024-Q1" */
static const char *print_place(const struct mia_place *place, char out[MIA_DATABASE_PATH_MORE])
{
    const char *tier = mia_tier_name(place->tier);
    const char *quarter = place->quarter != NULL ? place->quarter : empty;
    snprintf(out, MIA_DATABASE_PATH_MORE, "%s%s%s%s%s", mia_database_name(place->database),
             *tier ? "/" : empty, tier, *quarter ? "/" : empty, quarter);
    return out;
}

static bool is_same(const struct mia_place *a, const struct mia_place *b)
{
    const char *quarters[] = {a->quarter != NULL ? a->quarter : empty,
                              b->quarter != NULL ? b->quarter : empty};
    return a->database == b->database && a->tier == b->tier && !strcmp(quarters[0], quarters[1]);
}

static void set_place(mia_store *store, const struct mia_place *place)
{
    store->has_place = true;
    store->place = *place;
    if (place->quarter == NULL)
        return;
    snprintf(store->quarter, sizeof store->quarter, "%s", place->quarter);
    store->place.quarter = store->quarter;
}

/* What the caller says, as mia_database_path understands it. */
static mia_status check_place(const struct mia_place *given, struct mia_place *place,
                              struct mia_error *err)
{
    enum mia_tier tiers[MIA_DATABASE_TIERS_MOST];
    char path[MIA_DATABASE_PATH_MORE + 1];
    *place = *given;
    if (mia_database_tiers(given->database, tiers) == 0)
        *place = (struct mia_place){.database = given->database};
    return mia_database_path("/", place->database, place->tier, place->quarter, path, sizeof path,
                             err);
}

static mia_status get_text(mia_store *store, mia_txn *txn, const char *key, mia_str *text,
                           struct mia_error *err)
{
    mia_slice value;
    mia_status rc = mia__meta_get(txn, store->raw.meta, key, &value, err);
    *text = rc == MIA_OK ? (mia_str){value.data, value.size} : (mia_str){empty, 0};
    return rc;
}

/* MIA_NOTFOUND: nothing is recorded. */
static mia_status read_place(mia_store *store, mia_txn *txn, struct mia_place *place,
                             char quarter_text[MIA_QUARTER_SIZE], struct mia_error *err)
{
    mia_status rc;
    mia_str database, tier, quarter;
    *place = (struct mia_place){0};
    TRY(get_text(store, txn, "database", &database, err));
    if (rc == MIA_NOTFOUND)
        return rc;
    TRY(get_text(store, txn, "tier", &tier, err));
    TRY(get_text(store, txn, "quarter", &quarter, err));
    rc = MIA_OK;
    snprintf(quarter_text, MIA_QUARTER_SIZE, "%.*s", (int)(quarter.size & 63), quarter.data);
    if (!mia_database_find(database, &place->database) || !mia_tier_find(tier, &place->tier) ||
        (quarter.size > 0 && !mia_quarter_is_valid(quarter_text)))
        rc = mia__fail(err, MIA_ERR_VERSION,
                       "%s: mia_meta names a database that this libmia %s does not know: update it",
                       mia_db_path(store->db), mia_version());
    place->quarter = quarter.size > 0 ? quarter_text : NULL;
done:
    return rc;
}

static mia_status write_place(mia_store *store, mia_txn *txn, struct mia_error *err)
{
    mia_status rc;
    mia_tree meta = store->raw.meta;
    const struct mia_place *place = &store->place;
    TRY(mia__meta_put(txn, meta, "database", mia_bytes_of(mia_database_name(place->database)),
                      err));
    TRY(mia__meta_put(txn, meta, "tier", mia_bytes_of(mia_tier_name(place->tier)), err));
    if (place->quarter != NULL)
        rc = mia__meta_put(txn, meta, "quarter", mia_bytes_of(place->quarter), err);
done:
    return rc;
}

mia_status mia__store_open_place(mia_store *store, mia_txn *txn, const struct mia_place *given,
                                 struct mia_error *err)
{
    mia_status rc = MIA_NOTFOUND;
    struct mia_place wanted, recorded;
    char quarter[MIA_QUARTER_SIZE], texts[2][MIA_DATABASE_PATH_MORE];
    if (given != NULL)
        TRY(check_place(given, &wanted, err));
    rc = MIA_NOTFOUND;
    if (store->has_meta)
        TRY(read_place(store, txn, &recorded, quarter, err));
    if (rc == MIA_OK && given != NULL && !is_same(&wanted, &recorded))
        rc = mia__fail(err, MIA_ERR_INVALID, "%s: is the database %s, not %s",
                       mia_db_path(store->db), print_place(&recorded, texts[0]),
                       print_place(&wanted, texts[1]));
    else if (rc == MIA_OK)
        set_place(store, &recorded);
    else if (given != NULL) {
        set_place(store, &wanted);
        rc = store->has_meta && !store->is_read_only ? write_place(store, txn, err) : MIA_OK;
    }
done:
    return rc < 0 ? rc : MIA_OK;
}

bool mia_store_place(const mia_store *store, struct mia_place *place)
{
    *place = store->place;
    return store->has_place;
}
