/* migrate/repair_open.c - may this target be repaired? and its transactions */
#include "base/error.h"
#include "base/file.h"
#include "base/try.h"
#include "engine/meta.h"
#include "migrate/fingerprint.h"
#include "migrate/repair.h"
#include "migrate/source.h"

enum { TREES_OF_OURS = 64, GROWTH = 1 << 20 };

/* ---- whose records they are */

static mia_status check_changed(mia_txn *txn, uint64_t last, struct mia_error *err)
{
    mia_status rc;
    char text[80];
    uint64_t changed;
    struct mia__buf table = {0};
    TRY(mia__raw_changed(txn, &changed, &table, err));
    if (changed > last)
        rc =
            mia__fail(err, MIA_ERR_INVALID,
                      "%s: tree %s was written to since the migration: a repair would undo that; "
                      "look at the differences first (`mia verify --report`), then --force does it",
                      mia_db_path(mia_txn_db(txn)),
                      mia__print_bytes(text, sizeof text, mia__buf_slice(&table)));
done:
    mia__buf_free(&table);
    return rc;
}

/* What would be lost must be a copy of what the source is. */
static mia_status check_origin(struct mia__repair *r, mia_txn *txn, struct mia_error *err)
{
    mia_status rc;
    mia_slice fingerprint;
    uint64_t last;
    TRY(mia__meta_get_u64(txn, r->raw.meta, "origin.last_txn", &last, err));
    if (rc == MIA_NOTFOUND)
        return mia__fail(err, MIA_ERR_INVALID,
                         "%s does not say whether it was written to since it was made: look at the "
                         "differences first (`mia verify --report`), then --force repairs it",
                         r->opt->target);
    TRY(check_changed(txn, last, err));
    TRY(mia__meta_get(txn, r->raw.meta, "origin.fingerprint", &fingerprint, err));
    if (rc == MIA_NOTFOUND || !mia_slice_equal(fingerprint, mia_bytes_of(r->fingerprint)))
        return mia__fail(err, MIA_ERR_INVALID,
                         "%s was not made from %s as that is now: look at the differences first "
                         "(`mia verify --report`), then --force makes it the same",
                         r->opt->target, r->opt->source);
    rc = MIA_OK;
done:
    return rc;
}

/* ---- what it is */

static mia_status check_kind(struct mia__repair *r, struct mia_error *err)
{
    const char *path = r->opt->target;
    if (mia_engine_mdbx()->detect(path))
        return MIA_OK;
    if (mia__source_is_sled(path, true))
        return mia__fail(
            err, MIA_ERR_UNSUPPORTED,
            "%s is a sled database, and only libmdbx ones are repaired: make a new one "
            "with `mia rollback`",
            path);
    return mia__fail(err, MIA_ERR_INVALID, "%s is no libmdbx database: make one with `mia migrate`",
                     path);
}

/* How many tables it has, by a look at it that changes nothing. */
static mia_status count_trees(struct mia__repair *r, size_t *trees, struct mia_error *err)
{
    mia_source *target;
    mia_status rc = mia_source_open(r->opt->target, NULL, &target, err);
    if (rc < 0)
        return rc;
    *trees = mia_source_tree_count(target);
    mia_source_close(target);
    return MIA_OK;
}

static mia_status open_db(struct mia__repair *r, struct mia_error *err)
{
    mia_status rc;
    size_t trees;
    TRY(count_trees(r, &trees, err));
    struct mia_db_options opt = {.struct_size = sizeof opt,
                                 .must_exist = true,
                                 .exclusive = true,
                                 .untrusted = true,
                                 .growth_bytes = GROWTH,
                                 .max_trees = (uint32_t)(trees + mia_source_tree_count(r->source)) +
                                              TREES_OF_OURS};
    rc = mia_db_open(mia_engine_mdbx(), r->opt->target, &opt, &r->db, err);
    if (rc == MIA_ERR_BUSY)
        rc = mia__fail(err, rc, "%s is in use: stop what has it open, then repair it",
                       r->opt->target);
done:
    return rc;
}

/* Pairs behind a wrong pointer are not where their keys say: what is written there, or removed, may
 * be another key's. */
static mia_status check_long_keys(struct mia__repair *r, mia_txn *txn, struct mia_error *err)
{
    mia_status rc;
    uint64_t problems = 0;
    TRY(mia__raw_check(txn, &r->raw, NULL, NULL, &problems, err));
    if (problems > 0)
        rc = mia__fail(err, MIA_ERR_INVALID,
                       "%s: its long keys are damaged (`mia check` says how), which no repair of "
                       "records mends: migrate anew",
                       r->opt->target);
done:
    return rc;
}

static mia_status look_inside(struct mia__repair *r, struct mia_error *err)
{
    mia_status rc;
    mia_txn *txn;
    TRY(mia_txn_begin(r->db, MIA_TXN_READ, &txn, err));
    TRY(mia__raw_open(txn, &r->raw, err));
    if (rc == MIA_NOTFOUND)
        rc = mia__fail(err, MIA_ERR_INVALID,
                       "%s was not made by mia: only what `mia migrate` makes can be repaired",
                       r->opt->target);
    else if (r->raw.is_typed && !mia__source_is_mia(r->source))
        rc = mia__fail(err, MIA_ERR_INVALID,
                       "%s is a database of MIA, and %s is none: nothing of it could be right",
                       r->opt->target, r->opt->source);
    TRY(rc);
    if (r->raw.is_typed)
        TRY(mia__raw_check_schema(txn, &r->raw, err));
    if (!r->opt->force)
        TRY(check_origin(r, txn, err));
    rc = check_long_keys(r, txn, err);
done:
    mia_txn_abort(txn);
    return rc;
}

mia_status mia__repair_open(struct mia__repair *r, struct mia_error *err)
{
    mia_status rc;
    TRY(check_kind(r, err));
    TRY(mia__fingerprint(r->opt->source, r->fingerprint, err));
    TRY(open_db(r, err));
    TRY(look_inside(r, err));
    if (r->raw.is_typed)
        TRY(mia_store_over(mia_db_retain(r->db), NULL, &r->store, err));
done:
    return rc;
}

void mia__repair_close(struct mia__repair *r)
{
    mia_txn_abort(r->txn);
    mia_store_close(r->store, NULL);
    mia_db_close(r->db, NULL);
    mia__buf_free(&r->tree);
    mia__buf_free(&r->archive);
    mia__transcoder_free(&r->transcoder);
}

/* ---- transactions */

mia_status mia__repair_begin(struct mia__repair *r, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    struct mia_db_info info = {.struct_size = sizeof info};
    if (r->txn != NULL)
        goto done;
    TRY(mia_db_info(r->db, &info, err)); /* nobody else writes: the next one is ours */
    TRY(r->store != NULL ? mia_store_begin(r->store, MIA_TXN_WRITE, &r->txn, err)
                         : mia_txn_begin(r->db, MIA_TXN_WRITE, &r->txn, err));
    r->bytes = r->pairs = 0;
    r->quarantined = 0;
    r->has_tree = false;
    /* What they speak of is not so any more, or was not. */
    TRY(mia__meta_del(r->txn, r->raw.meta, "origin.digest", err));
    TRY(mia__meta_del(r->txn, r->raw.meta, "trusted", err));
    TRY(mia__meta_put_u64(r->txn, r->raw.meta, "origin.last_txn", info.last_txn + 1, err));
    TRY(mia__meta_put(r->txn, r->raw.meta, "origin.fingerprint", mia_bytes_of(r->fingerprint),
                      err));
done:
    return rc;
}

mia_status mia__repair_commit(struct mia__repair *r, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    uint64_t quarantined;
    if (r->txn == NULL)
        goto done;
    if (r->quarantined != 0) {
        TRY(mia__meta_get_u64(r->txn, r->raw.meta, "quarantined", &quarantined, err));
        quarantined += (uint64_t)r->quarantined;
        TRY(mia__meta_put_u64(r->txn, r->raw.meta, "quarantined", quarantined, err));
    }
    rc = mia_txn_commit(r->txn, err);
    r->txn = NULL;
done:
    return rc;
}
