/*
 * migrate/rollback_write.c - from the source into a sled directory
 *
 * The source gives out what sled is to hold, byte for byte; a value that is stored in another form
 * has been turned back by then. MIA's index trees, which a typed database does not have, are made
 * from the records on the way; sled gets all trees in the order of their names.
 */
#include "base/error.h"
#include "base/file.h"
#include "base/try.h"
#include "migrate/legacy_index.h"
#include "migrate/rollback.h"
#include "migrate/source.h"
#include "sled/writer.h"

enum { PAIRS = 64 };

struct writing {
    struct mia__rollback *rollback;
    struct mia__sled_writer *sled;
    struct mia__digest digest; /* of what was written; unused without verification */
    mia_slice tree;
    enum mia__table table; /* what the tree is, if is_table */
    bool is_table;
    struct mia__legacy_index *index; /* NULL: no index tree is made */
    uint32_t derived;                /* the index trees to make, bits by enum mia__derived */
    enum mia__derived next;          /* the first of them that is not written yet */
};

/* A key that is not above the one before can only be the source's fault. */
static mia_status put_pair(struct writing *w, const struct mia_pair *pair, struct mia_error *err)
{
    struct mia__rollback *r = w->rollback;
    mia_status rc = mia__sled_writer_put(w->sled, pair->key, pair->value, err);
    if (rc == MIA_ERR_INVALID) {
        char tree[80], key[120];
        mia__print_bytes(tree, sizeof tree, w->tree);
        mia__print_bytes(key, sizeof key, pair->key);
        rc = mia__fail(err, MIA_ERR_CORRUPT, "%s: tree %s: key %s is out of order", r->source_path,
                       tree, key);
        return mia__blame(&r->report.failure, MIA_FAILURE_SOURCE, rc);
    }
    if (rc == MIA_OK && !r->opt.without_verify)
        rc = mia__digest_add(&w->digest, pair->key, pair->value, err);
    r->report.records++;
    r->report.key_bytes += pair->key.size;
    r->report.value_bytes += pair->value.size;
    return mia__blame(&r->report.failure, MIA_FAILURE_TARGET, rc);
}

static mia_status put_pairs(struct writing *w, const struct mia_pair *pairs, size_t count,
                            struct mia_error *err)
{
    mia_status rc = MIA_OK;
    uint64_t bytes = 0;
    for (size_t i = 0; i < count; i++) {
        TRY(put_pair(w, &pairs[i], err));
        if (w->index != NULL && w->is_table)
            TRY(mia__blame(&w->rollback->report.failure, MIA_FAILURE_TARGET,
                           mia__legacy_index_add(w->index, w->table, pairs[i].value, err)));
        bytes += pairs[i].key.size + pairs[i].value.size;
    }
    rc = mia__meter_add(&w->rollback->meter, count, bytes, err);
done:
    return rc;
}

static mia_status copy_pairs(struct writing *w, mia_source_cursor *cur, struct mia_error *err)
{
    struct mia_pair pairs[PAIRS];
    size_t n;
    for (;;) {
        mia_status rc = mia_source_cursor_next(cur, pairs, PAIRS, &n, err);
        if (rc != MIA_OK)
            return rc == MIA_NOTFOUND
                       ? MIA_OK
                       : mia__blame(&w->rollback->report.failure, MIA_FAILURE_SOURCE, rc);
        rc = put_pairs(w, pairs, n, err);
        if (rc < 0)
            return rc;
    }
}

static mia_status begin_tree(struct writing *w, mia_slice name, struct mia_error *err)
{
    w->tree = name;
    w->is_table = mia__table_find(name, &w->table);
    mia_status rc = mia__sled_writer_begin_tree(w->sled, name, err);
    if (rc == MIA_OK && !w->rollback->opt.without_verify)
        rc = mia__digest_tree(&w->digest, name, err);
    return mia__blame(&w->rollback->report.failure, MIA_FAILURE_TARGET, rc);
}

static mia_status copy_tree(struct writing *w, size_t tree, struct mia_error *err)
{
    mia_status rc;
    struct mia__rollback *r = w->rollback;
    mia_source_cursor *cur = NULL;
    mia_slice name = mia_source_tree_name(r->source, tree);
    TRY(mia__blame(&r->report.failure, MIA_FAILURE_SOURCE,
                   mia_source_cursor_open(r->source, tree, &cur, err)));
    TRY(begin_tree(w, name, err));
    TRY(copy_pairs(w, cur, err));
    rc =
        mia__blame(&r->report.failure, MIA_FAILURE_TARGET, mia__sled_writer_end_tree(w->sled, err));
done:
    mia_source_cursor_close(cur);
    return rc;
}

static mia_status make_index(struct writing *w, enum mia__derived tree, struct mia_error *err)
{
    mia_status rc;
    struct mia_pair pair;
    TRY(begin_tree(w, mia_bytes_of(mia__derived_name(tree)), err));
    for (;;) {
        TRY(mia__blame(&w->rollback->report.failure, MIA_FAILURE_TARGET,
                       mia__legacy_index_next(w->index, tree, &pair, err)));
        if (rc == MIA_NOTFOUND)
            break;
        TRY(put_pairs(w, &pair, 1, err));
    }
    rc = mia__blame(&w->rollback->report.failure, MIA_FAILURE_TARGET,
                    mia__sled_writer_end_tree(w->sled, err));
    w->rollback->report.trees++;
done:
    return rc;
}

/* The index trees whose names come before this one; NULL: all that are left. */
static mia_status make_indexes(struct writing *w, const mia_slice *before, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    for (; rc == MIA_OK && w->next < MIA__DERIVED_TREES; w->next++) {
        mia_slice name = mia_bytes_of(mia__derived_name(w->next));
        if (before != NULL && mia_slice_compare(name, *before) > 0)
            break;
        if (w->derived & 1u << w->next)
            rc = make_index(w, w->next, err);
    }
    return rc;
}

static mia_status open_index(struct writing *w, struct mia_error *err)
{
    mia_status rc;
    struct mia__rollback *r = w->rollback;
    w->derived = mia__source_derived(r->source);
    if (w->derived == 0)
        return MIA_OK;
    char *folder = mia__path_join(r->place.partial, "index");
    if (folder == NULL)
        return mia__fail_nomem(err);
    TRY(mia__dir_create(folder, err));
    rc = mia__legacy_index_open(folder, &w->index, err);
done:
    mia__free(folder);
    return mia__blame(&r->report.failure, MIA_FAILURE_TARGET, rc);
}

/* Asked for, or as it was. sled goes on 2,000,000 ids above the stored counter, and may have given
 * ids out up to there: the copy carries as many over. */
static struct mia__sled_writer_options writer_options(const struct mia__rollback *r)
{
    enum { IDS_AHEAD = 2000000 };
    const struct mia_rollback_options *opt = &r->opt;
    struct mia__sled_shape shape = r->source->ops->shape(r->source->self);
    struct mia__sled_writer_options options = {
        .segment_size = opt->segment_size != 0 ? opt->segment_size : shape.segment_size,
        .use_compression =
            opt->compression_level > 0 || (opt->compression_level == 0 && shape.is_compressed),
        .compression_level = opt->compression_level > 0 ? opt->compression_level : 0,
        .counter = 0};
    if (shape.segment_size != 0 && shape.counter <= UINT64_MAX - IDS_AHEAD)
        options.counter = shape.counter + IDS_AHEAD;
    return options;
}

static mia_status open_writer(struct writing *w, struct mia_error *err)
{
    mia_status rc;
    struct mia__sled_writer_options options = writer_options(w->rollback);
    TRY(mia__dir_create(w->rollback->made, err));
    rc = mia__sled_writer_open(w->rollback->made, &options, &w->sled, err);
done:
    return mia__blame(&w->rollback->report.failure,
                      rc == MIA_ERR_INVALID ? MIA_FAILURE_REFUSED : MIA_FAILURE_TARGET, rc);
}

static mia_status finish(struct writing *w, struct mia_error *err)
{
    mia_status rc;
    struct mia_rollback_report *report = &w->rollback->report;
    TRY(mia__sled_writer_finish(w->sled, err));
    TRY(mia__dir_size(w->rollback->made, &report->target_bytes, err));
    if (!w->rollback->opt.without_verify)
        TRY(mia__digest_end(&w->digest, report->digest, err));
done:
    return mia__blame(&w->rollback->report.failure, MIA_FAILURE_TARGET, rc);
}

mia_status mia__rollback_write(struct mia__rollback *r, struct mia_error *err)
{
    mia_status rc;
    struct writing w = {.rollback = r};
    double began = mia__seconds();
    if (!r->opt.without_verify)
        TRY(mia__digest_open(&w.digest, err));
    TRY(open_writer(&w, err));
    TRY(open_index(&w, err));
    for (size_t i = 0; i < mia_source_tree_count(r->source); i++) {
        mia_slice name = mia_source_tree_name(r->source, i);
        TRY(make_indexes(&w, &name, err));
        TRY(copy_tree(&w, i, err));
        r->report.trees++;
    }
    TRY(make_indexes(&w, NULL, err));
    TRY(finish(&w, err));
done:
    mia__sled_writer_close(w.sled);
    mia__legacy_index_close(w.index);
    mia__digest_close(&w.digest);
    r->report.write_seconds = mia__seconds() - began;
    return rc;
}
