/* ab/side.c - opening a side */
#include "ab/side.h"

#include "ab/files.h"
#include "base/error.h"
#include "base/try.h"
#include "mia/source.h"
#include "model/table.h"
#include "store/store.h"
#include "store/vectors.h"

mia_status mia__ab_inspect(const char *path, struct mia__ab_content *content, struct mia_error *err)
{
    mia_status rc;
    mia_source *source = NULL;
    enum mia__table table;
    struct mia_source_info info = {.struct_size = sizeof info};
    *content = (struct mia__ab_content){0};
    TRY(mia_source_open(path, NULL, &source, err));
    if (rc == MIA_NOTFOUND) {
        rc = mia__fail(err, MIA_ERR_INVALID, "%s does not exist", path);
        goto done;
    }
    TRY(mia_source_info(source, &info, err));
    content->is_sled = strcmp(info.kind, "sled") == 0;
    content->is_typed = strcmp(info.format, "typed") == 0;
    for (size_t i = 0; i < mia_source_tree_count(source) && !content->has_records; i++)
        content->has_records = mia__table_find(mia_source_tree_name(source, i), &table);
done:
    mia_source_close(source);
    return rc;
}

const char *mia__ab_access_text(enum mia__ab_access access)
{
    switch (access) {
    case MIA__AB_IN_PLACE:
        return "libmdbx, read where it lies";
    case MIA__AB_COPY:
        return "libmdbx, on a copy";
    case MIA__AB_SLED_FILES:
        return "sled's files by mia's own reader, not by sled";
    case MIA__AB_SLED:
        return "sled 0.34.7, on a copy";
    default:
        return "?";
    }
}

static const struct mia_engine_ops *engine_of(enum mia__ab_access access)
{
    if (access == MIA__AB_SLED_FILES)
        return mia__ab_engine_files();
    return access == MIA__AB_SLED ? mia_engine_sled() : mia_engine_mdbx();
}

static mia_status open_trees(struct mia__ab_side *side, bool writes, struct mia_error *err)
{
    mia_status rc;
    mia_txn *txn = NULL;
    const struct mia__ab_plan *plan = side->plan;
    TRY(mia_txn_begin(side->db, writes ? MIA_TXN_WRITE : MIA_TXN_READ, &txn, err));
    if (mia_db_engine(side->db) == mia_engine_mdbx())
        TRY(mia__raw_open(txn, &side->raw, err)); /* MIA_NOTFOUND: nothing in it is folded */
    for (size_t i = 0; i < plan->tree_count; i++) {
        TRY(mia__raw_tree(txn, &side->raw, mia__ab_bytes(plan, plan->trees[i]), writes,
                          &side->trees[i], err));
        side->has_trees[i] = rc == MIA_OK;
    }
    rc = MIA_OK;
    if (writes) {
        rc = mia_txn_commit(txn, err);
        txn = NULL;
    }
done:
    mia_txn_abort(txn);
    return rc;
}

mia_status mia__ab_side_open(struct mia__ab_side *side, const struct mia__ab_plan *plan,
                             enum mia__ab_access access, const char *path, bool is_lazy,
                             struct mia_error *err)
{
    mia_status rc;
    bool is_read_only = access == MIA__AB_IN_PLACE || access == MIA__AB_SLED_FILES;
    struct mia_db_options options = {
        .struct_size = sizeof options,
        .read_only = is_read_only,
        .must_exist = true,
        .durability = is_lazy ? MIA_SYNC_LAZY : MIA_SYNC_DURABLE,
        .max_trees = MIA__AB_TREES + 64,
    };
    *side = (struct mia__ab_side){.plan = plan};
    TRY(mia_db_open(engine_of(access), path, &options, &side->db, err));
    if (rc == MIA_NOTFOUND) {
        rc = mia__fail(err, MIA_ERR_INVALID, "%s does not exist", path);
        goto done;
    }
    if (!plan->is_store) {
        rc = open_trees(side, plan->writes, err);
        goto done;
    }
    rc = mia_store_over(side->db, NULL, &side->store, err);
    if (rc < 0)
        side->db = NULL; /* the store took it */
done:
    return rc;
}

void mia__ab_side_close(struct mia__ab_side *side)
{
    if (side->store != NULL)
        mia_store_close(side->store, NULL);
    else
        mia_db_close(side->db, NULL);
    side->store = NULL;
    side->db = NULL;
}

void mia__ab_side_settle(struct mia__ab_side *side)
{
    enum { SEARCHES = 8 }; /* each model's vectors have a graph of their own, and most have one */
    const struct mia__ab_plan *plan = side->plan;
    struct mia__ab_worker worker = {0};
    struct mia__ab_answer ignored;
    size_t done = 0;
    if (side->store == NULL || !plan->searches)
        return;
    for (size_t i = 0; i < plan->count && done < SEARCHES; i++) {
        struct mia__ab_op op = plan->ops[i];
        op.flags = 0;
        if (op.kind != MIA__AB_SEARCH)
            continue;
        mia__ab_side_do(side, &worker, &op, &ignored);
        done++;
    }
    mia__ab_worker_free(&worker);
    mia__vectors_settle(side->store->vectors);
}

void mia__ab_worker_free(struct mia__ab_worker *worker)
{
    mia_encoder_close(worker->encoder);
    mia__buf_free(&worker->value);
    mia__free(worker->query);
    *worker = (struct mia__ab_worker){0};
}

void mia__ab_side_do(struct mia__ab_side *side, struct mia__ab_worker *worker,
                     const struct mia__ab_op *op, struct mia__ab_answer *answer)
{
    *answer = (struct mia__ab_answer){0};
    if (side->store != NULL)
        mia__ab_do_record(side, worker, op, answer);
    else
        mia__ab_do_pair(side, worker, op, answer);
}
