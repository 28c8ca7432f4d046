/*
 * migrate/sample.c - mia_sample: a MIA-like sled database to try things on
 *
 * The database is made beside its target and renamed when it is complete and on disk, so that a
 * stop at any instant leaves nothing under the target's name.
 */
#include "migrate/sample.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/file.h"
#include "base/options.h"
#include "base/try.h"
#include "mia/db.h"
#include "mia/migrate.h"

static const uint64_t default_records = 100000;
static const size_t batch_bytes = 4u << 20;

/* Keys come in random order. With a cache smaller than the database sled rewrites pages all the
 * time: a million records took 63 s and 1.8 GB of memory with 64 MiB, 20 s and 0.8 GB with this,
 * sled's own default. */
static const uint64_t cache_bytes = 1u << 30;

struct making {
    struct mia_sample_options opt;
    char *target, *partial;
    bool owns_partial; /* it was made by this call: removed unless published */
    mia_db *db;
    struct mia__sample *content;
};

static mia_status prepare(struct making *m, const struct mia_sample_options *caller,
                          struct mia_error *err)
{
    mia_status rc = mia__options_read(&m->opt, sizeof m->opt, caller, "mia_sample_options", err);
    if (rc < 0)
        return rc;
    if (m->opt.records == 0)
        m->opt.records = default_records;
    if (m->opt.target == NULL || m->opt.target[0] == '\0')
        return mia__fail(err, MIA_ERR_INVALID, "the sample needs a target: name a new directory");
    if (mia_engine_sled() == NULL)
        return mia__fail(err, MIA_ERR_UNSUPPORTED,
                         "this build cannot write sled databases: build with MIA_WITH_SLED=ON");
    m->target = mia__path_trim(m->opt.target);
    m->partial = m->target != NULL ? mia__format("%s.mia-partial", m->target) : NULL;
    m->content = mia__alloc(sizeof *m->content);
    if (m->content == NULL)
        return mia__fail_nomem(err);
    mia__sample_init(m->content, m->opt.seed, err);
    if (m->partial == NULL)
        return mia__fail_nomem(err);
    if (mia__file_exists(m->target))
        return mia__fail(err, MIA_ERR_INVALID, "%s: exists already; name a new directory",
                         m->target);
    if (mia__file_exists(m->partial)) /* perhaps a migration's, which could be resumed */
        return mia__fail(err, MIA_ERR_INVALID,
                         "%s: left by an interrupted run; remove it or name another target",
                         m->partial);
    return MIA_OK;
}

/* One tree's waiting pairs, in one transaction: sled applies those of a single tree fastest. */
static mia_status write_tree(struct making *m, enum mia__sample_tree which, struct mia_error *err)
{
    struct mia__sample_pairs *pairs = &m->content->pairs[which];
    mia_status rc = MIA_OK;
    mia_txn *txn = NULL;
    mia_tree tree;
    TRY(mia_txn_begin(m->db, MIA_TXN_WRITE, &txn, err));
    TRY(mia_tree_open(txn, mia_bytes_of(mia__sample_tree_name(which)), MIA_TREE_CREATE, &tree,
                      err));
    const uint8_t *at = pairs->bytes.data;
    for (uint64_t i = 0; i < pairs->count; i++) {
        mia_slice key = {at + 8, mia__load_u32le(at)};
        mia_slice value = {at + 8 + key.size, mia__load_u32le(at + 4)};
        TRY(mia_kv_put(txn, tree, key, value, MIA_PUT_UPSERT, err));
        at += 8 + key.size + value.size;
    }
    rc = mia_txn_commit(txn, err);
    txn = NULL;
    pairs->bytes.size = 0;
    pairs->count = 0;
done:
    mia_txn_abort(txn);
    return rc;
}

static mia_status write_batch(struct making *m, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    for (int tree = 0; tree < MIA__SAMPLE_TREES; tree++)
        TRY(write_tree(m, (enum mia__sample_tree)tree, err));
    struct mia_progress progress = {
        .phase = "sample",
        .records_done = m->content->records,
        .records_total = m->opt.records,
    };
    if (m->opt.progress != NULL && !m->opt.progress(m->opt.progress_ctx, &progress))
        rc = mia__fail(err, MIA_ERR_CANCELLED, "%s: stopped on request; nothing was kept",
                       m->target);
done:
    return rc;
}

static size_t waiting_bytes(const struct mia__sample *content)
{
    size_t sum = 0;
    for (int tree = 0; tree < MIA__SAMPLE_TREES; tree++)
        sum += content->pairs[tree].bytes.size;
    return sum;
}

static mia_status fill(struct making *m, struct mia_error *err)
{
    struct mia__sample *content = m->content;
    mia_status rc = MIA_OK;
    bool has_room = true;
    for (uint64_t block = 0; has_room; block++) {
        has_room = mia__sample_add_block(content, block, m->opt.records);
        TRY(content->status);
        if (waiting_bytes(content) >= batch_bytes)
            TRY(write_batch(m, err));
    }
    for (uint64_t i = 0; content->records < m->opt.records; i++) {
        mia__sample_add_embedding(content, i);
        TRY(content->status);
    }
    mia__sample_add_sets(content);
    TRY(content->status);
    TRY(write_batch(m, err));
    TRY(mia_db_sync(m->db, err));
done:
    return rc;
}

static mia_status publish(struct making *m, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    TRY(mia_db_close(m->db, err));
    m->db = NULL;
    TRY(mia__dir_sync(m->partial, err));
    TRY(mia__rename_noreplace(m->partial, m->target, err));
    m->owns_partial = false;
done:
    return rc;
}

mia_status mia_sample(const struct mia_sample_options *opt, struct mia_error *err)
{
    struct making m = {0};
    struct mia_db_options lazily = {
        .struct_size = sizeof lazily, .durability = MIA_SYNC_LAZY, .cache_bytes = cache_bytes};
    mia_status rc = MIA_OK;
    TRY(prepare(&m, opt, err));
    TRY(mia__dir_create(m.partial, err));
    m.owns_partial = true;
    TRY(mia_db_open(mia_engine_sled(), m.partial, &lazily, &m.db, err));
    TRY(fill(&m, err));
    TRY(publish(&m, err));
done:
    if (rc < 0) /* err already says why; a cleanup that fails too has nothing to add */
        mia_db_close(m.db, NULL);
    if (m.owns_partial)
        mia__dir_remove_tree(m.partial, NULL);
    if (m.content != NULL)
        mia__sample_free(m.content);
    mia__free(m.content);
    mia__free(m.partial);
    mia__free(m.target);
    return rc;
}
