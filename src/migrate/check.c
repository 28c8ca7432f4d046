/* migrate/check.c - mia_check: is a database sound as a whole? */
#include "base/error.h"
#include "base/options.h"
#include "base/try.h"
#include "mia/migrate.h"
#include "migrate/check_records.h"
#include "migrate/meter.h"
#include "migrate/source.h"
#include "raw/raw.h"

#include <stdio.h>

struct check {
    mia_problem_fn fn;
    void *ctx;
    struct mia__meter meter;
    struct mia_check_report report;
    struct mia__buf last;
};

static void problem(struct check *c, const char *line)
{
    c->report.problems++;
    if (c->fn != NULL)
        c->fn(c->ctx, line);
}

static mia_status check_layers(struct check *c, mia_db *db, struct mia_error *err)
{
    mia_status rc;
    mia_txn *txn;
    struct mia__raw raw;
    uint64_t problems = 0;
    TRY(mia_txn_begin(db, MIA_TXN_READ, &txn, err));
    TRY(mia__raw_open(txn, &raw, err));
    if (rc == MIA_OK)
        TRY(mia__raw_check(txn, &raw, c->fn, c->ctx, &problems, err));
    if (rc == MIA_OK && raw.is_typed)
        TRY(mia__check_records(txn, &raw, c->fn, c->ctx, &problems, err));
    c->report.problems += problems;
    rc = MIA_OK;
done:
    mia_txn_abort(txn);
    return rc;
}

static mia_status check_engine(struct check *c, const char *path, struct mia_error *err)
{
    mia_status rc;
    mia_db *db = NULL;
    uint64_t problems = 0;
    struct mia_db_options opt = {
        .struct_size = sizeof opt, .read_only = true, .must_exist = true, .untrusted = true};
    if (!mia_engine_mdbx()->detect(path))
        return MIA_OK;
    TRY(mia_db_open(mia_engine_mdbx(), path, &opt, &db, err));
    if (rc == MIA_NOTFOUND)
        goto done;
    TRY(mia_db_check(db, c->fn, c->ctx, &problems, err));
    c->report.problems += problems;
    if (problems == 0)
        TRY(check_layers(c, db, err));
done:
    mia_db_close(db, NULL);
    return rc;
}

static mia_status check_order(struct check *c, mia_slice tree, const struct mia_pair *pairs,
                              size_t n, bool has_last, struct mia_error *err)
{
    for (size_t i = 0; i < n; i++) {
        mia_slice before = i > 0 ? pairs[i - 1].key : mia__buf_slice(&c->last);
        if ((i > 0 || has_last) && mia_slice_compare(before, pairs[i].key) >= 0) {
            char name[80], key[120], line[256];
            snprintf(line, sizeof line, "tree %s: key %s is out of order",
                     mia__print_bytes(name, sizeof name, tree),
                     mia__print_bytes(key, sizeof key, pairs[i].key));
            problem(c, line);
        }
        c->report.bytes += pairs[i].key.size + pairs[i].value.size;
    }
    return mia__buf_set(&c->last, pairs[n - 1].key, err);
}

static mia_status check_tree(struct check *c, mia_source *source, size_t tree,
                             struct mia_error *err)
{
    mia_status rc;
    mia_source_cursor *cur = NULL;
    mia_slice name = mia_source_tree_name(source, tree);
    struct mia_pair pairs[64];
    size_t n;
    bool has_last = false;
    TRY(mia_source_cursor_open(source, tree, &cur, err));
    for (;;) {
        uint64_t before = c->report.bytes;
        TRY(mia_source_cursor_next(cur, pairs, 64, &n, err));
        if (rc == MIA_NOTFOUND)
            break;
        TRY(check_order(c, name, pairs, n, has_last, err));
        has_last = true;
        c->report.records += n;
        TRY(mia__meter_add(&c->meter, n, c->report.bytes - before, err));
    }
    rc = MIA_OK;
done:
    mia_source_cursor_close(cur);
    return rc;
}

/* Damage inside one tree is a finding; the other trees are looked at all the same. */
static mia_status check_trees(struct check *c, mia_source *source, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    for (size_t i = 0; rc == MIA_OK && i < mia_source_tree_count(source); i++) {
        struct mia_error found = {0};
        rc = check_tree(c, source, i, &found);
        if (rc == MIA_ERR_CORRUPT) {
            problem(c, found.message);
            rc = MIA_OK;
        } else if (rc < 0 && err != NULL) {
            *err = found;
        }
    }
    return rc;
}

static mia_status check_all(struct check *c, const char *path, const struct mia_source_options *opt,
                            struct mia_error *err)
{
    mia_status rc;
    mia_source *source = NULL;
    mia__meter_begin(&c->meter, "check", 0, 0);
    TRY(check_engine(c, path, err));
    TRY(mia_source_open(path, opt, &source, err));
    if (rc == MIA_NOTFOUND)
        goto done;
    c->report.trees = mia_source_tree_count(source);
    TRY(check_trees(c, source, err));
done:
    mia_source_close(source);
    return rc;
}

mia_status mia_check(const char *path, const struct mia_source_options *opt, mia_problem_fn fn,
                     void *ctx, struct mia_check_report *out, struct mia_error *err)
{
    mia_status rc;
    struct check c = {.fn = fn, .ctx = ctx, .report.struct_size = sizeof c.report};
    TRY(mia__report_check(out, "mia_check_report", err));
    if (opt != NULL) {
        c.meter.fn = opt->progress;
        c.meter.ctx = opt->progress_ctx;
    }
    rc = check_all(&c, path, opt, err);
    mia__report_write(out, &c.report, sizeof c.report);
done:
    mia__buf_free(&c.last);
    return rc;
}
