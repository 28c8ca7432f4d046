/* migrate/source_mdbx.c - libmdbx files as a source, read where they lie */
#include "base/error.h"
#include "base/try.h"
#include "engine/meta.h"
#include "migrate/source_db.h"
#include "model/table.h"

struct mdbx_source {
    struct mia__source_db base; /* first */
    const char *format;
    uint64_t quarantined, derived, last_change;
    struct mia__sled_shape shape;
};

static void close_source(void *self)
{
    struct mdbx_source *s = self;
    mia_db_close(s->base.db, NULL);
    mia__free(s);
}

static const char *format(const void *self)
{
    const struct mdbx_source *s = self;
    return s->format;
}

static uint64_t quarantined(const void *self)
{
    const struct mdbx_source *s = self;
    return s->quarantined;
}

static uint32_t derived(const void *self)
{
    const struct mdbx_source *s = self;
    return s->base.original && s->base.raw.is_typed ? (uint32_t)s->derived : 0;
}

static struct mia__sled_shape shape(const void *self)
{
    const struct mdbx_source *s = self;
    return s->shape;
}

static uint64_t last_change(const void *self)
{
    const struct mdbx_source *s = self;
    return s->last_change;
}

static const struct mia__source_ops mdbx_source_ops = {
    .kind = "mdbx",
    .knows_counts = true,
    .close = close_source,
    .format = format,
    .quarantined = quarantined,
    .derived = derived,
    .shape = shape,
    .count = mia__source_db_count,
    .cursor = mia__source_db_cursor,
    .seek = mia__source_db_seek,
    .next = mia__source_db_next,
    .next_marked = mia__source_db_next_marked,
    .last_change = last_change,
    .cursor_close = mia__source_db_cursor_close,
};

/* What cannot be a segment size is taken for unknown. */
static mia_status read_shape(mia_txn *txn, struct mdbx_source *s, struct mia_error *err)
{
    mia_status rc;
    uint64_t size, compressed;
    mia_tree meta = s->base.raw.meta;
    TRY(mia__meta_get_u64(txn, meta, "origin.segment_size", &size, err));
    TRY(mia__meta_get_u64(txn, meta, "origin.compressed", &compressed, err));
    TRY(mia__meta_get_u64(txn, meta, "origin.counter", &s->shape.counter, err));
    s->shape.segment_size = size <= UINT32_MAX ? (uint32_t)size : 0;
    s->shape.is_compressed = compressed == 1;
    rc = MIA_OK;
done:
    return rc;
}

/* Which of MIA's index trees a rollback makes: those that a migration left out; and for a database
 * that was never sled's, all of them, if it has indexes. */
static mia_status find_derived(mia_txn *txn, struct mdbx_source *s, struct mia_error *err)
{
    mia_status rc;
    mia_slice kind;
    mia_tree index;
    TRY(mia__meta_get(txn, s->base.raw.meta, "origin.kind", &kind, err));
    if (rc == MIA_OK) {
        rc = mia__meta_get_u64(txn, s->base.raw.meta, "origin.derived", &s->derived, err);
        goto done;
    }
    TRY(mia_tree_open(txn, MIA_BYTES("idx_prop"), MIA_TREE_MULTI, &index, err));
    if (rc == MIA_OK)
        s->derived = (UINT64_C(1) << MIA__DERIVED_TREES) - 1;
done:
    return rc < 0 ? rc : MIA_OK;
}

static mia_status find_format(struct mdbx_source *s, struct mia_error *err)
{
    mia_status rc;
    mia_txn *txn;
    TRY(mia_txn_begin(s->base.db, MIA_TXN_READ, &txn, err));
    TRY(mia__raw_changed(txn, &s->last_change, NULL, err));
    TRY(mia__raw_open(txn, &s->base.raw, err));
    s->format = rc == MIA_NOTFOUND ? "tables" : s->base.raw.is_typed ? MIA__TYPED_NAME : "raw";
    bool is_ours = rc == MIA_OK;
    if (is_ours)
        TRY(read_shape(txn, s, err));
    if (is_ours && s->base.raw.is_typed) {
        TRY(mia__raw_check_schema(txn, &s->base.raw, err));
        TRY(mia__meta_get_u64(txn, s->base.raw.meta, "quarantined", &s->quarantined, err));
        TRY(find_derived(txn, s, err));
    }
    rc = MIA_OK;
done:
    mia_txn_abort(txn);
    return rc;
}

mia_status mia__source_over_mdbx(mia_source *source, mia_db *db, bool original,
                                 struct mia_error *err)
{
    mia_status rc;
    struct mdbx_source *s = mia__alloc_zero(sizeof *s);
    if (s == NULL) {
        mia_db_close(db, NULL);
        return mia__fail_nomem(err);
    }
    s->base.db = db;
    s->base.original = original;
    TRY(find_format(s, err));
    TRY(mia__source_db_trees(source, &s->base, err));
done:
    if (rc < 0) {
        close_source(s);
    } else {
        source->ops = &mdbx_source_ops;
        source->self = s;
    }
    return rc;
}

mia_status mia__source_open_mdbx(mia_source *source, const struct mia_source_options *opt,
                                 struct mia_error *err)
{
    mia_db *db;
    struct mia_db_options options = {
        .struct_size = sizeof options, .read_only = true, .must_exist = true, .untrusted = true};
    mia_status rc = mia_db_open(mia_engine_mdbx(), source->path, &options, &db, err);
    if (rc == MIA_NOTFOUND)
        return mia__fail(err, MIA_ERR_CORRUPT, "%s: mdbx.dat is empty", source->path);
    return rc < 0 ? rc : mia__source_over_mdbx(source, db, opt->original, err);
}
