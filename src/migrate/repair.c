/*
 * migrate/repair.c - the steps of a repair, in order
 *
 *   1  refuse what must not be written to: nothing is written yet
 *   2  make the trees that are missing
 *   3  compare, and make right what differs, in bounded transactions
 *   4  make the indexes of MIA's records anew, unless they are right
 *   5  compare again, from end to end: nothing may differ
 *   6  write down what that proved
 */
#include "migrate/repair.h"

#include "base/error.h"
#include "base/try.h"
#include "engine/meta.h"
#include "index/index.h"
#include "migrate/source.h"

enum { BATCH_BYTES = 16 << 20, BATCH_PAIRS = 16384 };

/* What fails from here on fails with the target half-way, unless somebody else is to blame. */
static mia_status blame_target(struct mia__repair *r, mia_status rc)
{
    bool is_other = rc == MIA_ERR_CANCELLED || rc == MIA_ERR_INTERNAL || rc == MIA_ERR_CORRUPT;
    if (rc < 0 && !is_other && r->report->failure == MIA_FAILURE_NONE)
        r->report->failure = MIA_FAILURE_TARGET;
    return rc;
}

/* ---- trees */

static mia_status make_tree(struct mia__repair *r, mia_slice name, struct mia_error *err)
{
    mia_status rc;
    mia_tree tree;
    mia_txn *read = NULL;
    if (r->raw.is_typed && mia__tree_is_derived(name))
        return MIA_OK;
    if (r->txn == NULL)
        TRY(mia_txn_begin(r->db, MIA_TXN_READ, &read, err));
    rc = mia__raw_tree(read != NULL ? read : r->txn, &r->raw, name, false, &tree, err);
    mia_txn_abort(read);
    if (rc != MIA_NOTFOUND)
        goto done;
    TRY(mia__repair_begin(r, err));
    rc = mia__raw_tree(r->txn, &r->raw, name, true, &tree, err);
done:
    return rc;
}

static mia_status make_trees(struct mia__repair *r, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    for (size_t i = 0; i < mia_source_tree_count(r->source); i++)
        TRY(make_tree(r, mia_source_tree_name(r->source, i), err));
    rc = mia__repair_commit(r, err);
done:
    return rc;
}

/* ---- pairs */

static mia_status fail_order(const struct mia__repair *r, const struct mia_difference *d,
                             struct mia_error *err)
{
    char tree[80], key[120];
    return mia__fail(
        err, MIA_ERR_CORRUPT,
        "%s: tree %s: key %s is out of order: a source that is damaged like that is no "
        "measure for a repair",
        r->opt->source, mia__print_bytes(tree, sizeof tree, d->tree),
        mia__print_bytes(key, sizeof key, d->key));
}

static mia_status repair_difference(struct mia__repair *r, const struct mia_difference *d,
                                    struct mia_error *err)
{
    if (d->difference == MIA_DIFF_ORDER)
        return mia__repair_twice(r, d->tree, d->key, err);
    const mia_slice *value = d->source_value.data != NULL ? &d->source_value : NULL;
    return mia__repair_pair(r, d->tree, d->key, value, err);
}

/* An archive of the source that does not validate says nothing: the pair stays as it is. */
static mia_status take_difference(void *ctx, const struct mia_difference *d, uint8_t source_mark,
                                  struct mia_error *err)
{
    struct mia__repair *r = ctx;
    mia_status rc;
    if (r->opt->difference != NULL)
        r->opt->difference(r->opt->difference_ctx, d);
    if (d->difference == MIA_DIFF_ORDER && d->side == MIA_SIDE_SOURCE)
        return fail_order(r, d, err);
    if (source_mark != 0)
        return MIA_OK;
    TRY(blame_target(r, repair_difference(r, d, err)));
    r->report->repaired[d->difference]++;
    uint64_t most = r->opt->batch_bytes ? r->opt->batch_bytes : BATCH_BYTES;
    if (r->bytes >= most || r->pairs >= BATCH_PAIRS)
        TRY(blame_target(r, mia__repair_commit(r, err)));
done:
    return rc;
}

/* What was repaired until a stop is kept. */
static mia_status end_pass(struct mia__repair *r, mia_status rc, struct mia_error *err)
{
    if (rc == MIA_OK)
        return blame_target(r, mia__repair_commit(r, err));
    if (rc == MIA_ERR_CANCELLED)
        (void)mia__repair_commit(r, NULL);
    return rc;
}

static void describe(const struct mia__repair *r, mia_source *target, struct mia__compare *c)
{
    *c = (struct mia__compare){
        .source = r->source,
        .target = target,
        .typed = r->raw.is_typed ||
                 strcmp(r->source->ops->format(r->source->self), MIA__TYPED_NAME) == 0,
        .values = mia__source_is_mia(r->source),
        .content = r->opt->content,
        .meter = r->meter};
}

static mia_status first_pass(struct mia__repair *r, struct mia__compare *c, struct mia_error *err)
{
    mia_status rc;
    mia_source *target = NULL;
    TRY(mia__source_over(r->db, true, &target, err));
    mia__meter_begin(r->meter, "repair", mia__source_known_records(target), 0);
    describe(r, target, c);
    c->fn = take_difference;
    c->fn_ctx = r;
    c->finding = r->opt->finding;
    c->finding_ctx = r->opt->finding_ctx;
    rc = end_pass(r, mia__compare(c, err), err);
done:
    mia_source_close(target);
    return rc;
}

static mia_status pass_on(void *ctx, const struct mia_difference *d, uint8_t source_mark,
                          struct mia_error *err)
{
    const struct mia__repair *r = ctx;
    (void)source_mark, (void)err;
    r->opt->difference(r->opt->difference_ctx, d);
    return MIA_OK;
}

static mia_status second_pass(struct mia__repair *r, struct mia__compare *c, struct mia_error *err)
{
    mia_status rc;
    mia_source *target = NULL;
    mia__compare_state_free(&c->state);
    TRY(mia__source_over(r->db, true, &target, err));
    mia__meter_begin(r->meter, "verify", mia__source_known_records(target), 0);
    describe(r, target, c);
    c->fn = r->opt->difference != NULL ? pass_on : NULL;
    c->fn_ctx = r;
    rc = mia__compare(c, err); /* what it finds odd is told already */
done:
    mia_source_close(target);
    return rc;
}

/* ---- indexes */

static mia_status has_index(struct mia__repair *r, bool *has, struct mia_error *err)
{
    mia_status rc;
    mia_txn *txn;
    struct mia__index index = {0};
    *has = false;
    if (r->store == NULL)
        return MIA_OK;
    TRY(mia_txn_begin(r->db, MIA_TXN_READ, &txn, err));
    TRY(mia__index_open(txn, mia_db_engine(r->db)->index_layout, false, &index, err));
    *has = index.is_present;
done:
    mia_txn_abort(txn);
    return rc;
}

/* Entries may have been wrong before, too. One that is in the middle of being made is. */
static mia_status repair_index(struct mia__repair *r, struct mia_error *err)
{
    mia_status rc;
    bool has;
    struct mia_error why = {0};
    struct mia_index_report report = {.struct_size = sizeof report};
    TRY(has_index(r, &has, err));
    if (!has)
        goto done;
    rc = mia_index_check(r->store, r->meter->fn, r->meter->ctx, &report, &why);
    if (rc == MIA_OK && report.missing == 0 && report.stale == 0)
        goto done;
    if (rc < 0 && rc != MIA_ERR_UNSUPPORTED)
        return mia__fail(err, rc, "%s", why.message);
    rc = mia_index_rebuild(r->store, r->meter->fn, r->meter->ctx, &report, err);
done:
    return rc;
}

/* ---- what was proven */

static mia_status is_known(struct mia__repair *r, const char *digest, bool *is,
                           struct mia_error *err)
{
    mia_status rc;
    mia_txn *txn;
    mia_slice known;
    uint64_t trusted = 0;
    TRY(mia_txn_begin(r->db, MIA_TXN_READ, &txn, err));
    TRY(mia__meta_get(txn, r->raw.meta, "origin.digest", &known, err));
    *is = rc == MIA_OK && mia_slice_equal(known, mia_bytes_of(digest));
    TRY(mia__meta_get_u64(txn, r->raw.meta, "trusted", &trusted, err));
    *is = *is && (trusted == 1 || !r->raw.is_typed);
    rc = MIA_OK;
done:
    mia_txn_abort(txn);
    return rc;
}

static mia_status write_down(struct mia__repair *r, const struct mia__compare *c,
                             struct mia_error *err)
{
    mia_status rc;
    bool is;
    const struct mia__compare_state *state = &c->state;
    TRY(is_known(r, c->digest, &is, err));
    if (is)
        goto done;
    TRY(mia__repair_begin(r, err));
    mia_tree meta = r->raw.meta;
    TRY(mia__meta_put(r->txn, meta, "origin.digest", mia_bytes_of(c->digest), err));
    if (r->raw.is_typed)
        TRY(mia__meta_put_u64(r->txn, meta, "trusted", 1, err));
    TRY(mia__meta_put_u64(r->txn, meta, "origin.trees", c->trees, err));
    TRY(mia__meta_put_u64(r->txn, meta, "origin.records", state->records, err));
    TRY(mia__meta_put_u64(r->txn, meta, "origin.key_bytes", state->key_bytes, err));
    TRY(mia__meta_put_u64(r->txn, meta, "origin.value_bytes", state->value_bytes, err));
    rc = mia__repair_commit(r, err);
done:
    return rc;
}

static void report(struct mia__repair *r, const struct mia__compare *c)
{
    struct mia_verify_report *to = r->report;
    const struct mia__compare_state *state = &c->state;
    to->trees = c->trees;
    to->records = state->records;
    to->bytes = state->key_bytes + state->value_bytes;
    to->left_out_records = state->left_out_records;
    memcpy(to->differences, state->differences, sizeof state->differences);
    memcpy(to->findings, state->findings, sizeof state->findings);
    memcpy(to->digest, c->digest, sizeof c->digest);
    to->findings[MIA_FINDING_QUARANTINED] = to->quarantined;
}

static mia_status run(struct mia__repair *r, struct mia__compare *c, struct mia_error *err)
{
    mia_status rc;
    TRY(mia__repair_open(r, err));
    TRY(blame_target(r, make_trees(r, err)));
    TRY(first_pass(r, c, err));
    TRY(blame_target(r, repair_index(r, err)));
    if (mia__compare_total(c->state.differences) > 0)
        TRY(second_pass(r, c, err));
    report(r, c);
    if (mia__compare_total(c->state.differences) == 0)
        rc = blame_target(r, write_down(r, c, err));
done:
    return rc;
}

mia_status mia__repair(const struct mia_verify_options *opt, mia_source *source,
                       struct mia__meter *meter, struct mia_verify_report *to,
                       struct mia_error *err)
{
    struct mia__compare c = {0};
    struct mia__repair r = {.opt = opt, .report = to, .source = source, .meter = meter};
    mia_status rc = run(&r, &c, err);
    mia__repair_close(&r);
    mia__compare_state_free(&c.state);
    return rc;
}
