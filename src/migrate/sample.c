/*
 * migrate/sample.c - mia_sample: a MIA-like sled database to try things on
 *
 * The content is made block by block, so its keys come in no order; they are sorted in files, and
 * then written as sled's own. All of that happens beside the target, which gets its name when it is
 * complete and on disk: a stop at any instant leaves nothing under that name.
 */
#include "migrate/sample.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/file.h"
#include "base/options.h"
#include "base/sort.h"
#include "base/try.h"
#include "mia/migrate.h"
#include "sled/writer.h"

enum { RECORDS_A_LINE = 4096 /* of progress */ };

static const uint64_t default_records = 100000;
static const size_t batch_bytes = 4u << 20;
static const size_t sort_bytes = 64u << 20;

struct making {
    struct mia_sample_options opt;
    char *target;
    char *partial;     /* directory of all the work; removed at the end */
    char *runs, *made; /* below it: the files of the sort, and the database */
    bool owns_partial; /* it was made by this call */
    struct mia__sample *content;
    struct mia__sort *sort;
    struct mia__sled_writer *writer;
    uint32_t next_tree; /* what the sort gave last, while has_next */
    struct mia_pair next;
    bool has_next;
    uint64_t written; /* pairs */
};

static mia_status make_paths(struct making *m, struct mia_error *err)
{
    m->target = mia__path_trim(m->opt.target);
    m->partial = m->target != NULL ? mia__format("%s.mia-partial", m->target) : NULL;
    if (m->partial == NULL)
        return mia__fail_nomem(err);
    m->runs = mia__path_join(m->partial, "runs");
    m->made = mia__path_join(m->partial, "sled");
    return m->runs != NULL && m->made != NULL ? MIA_OK : mia__fail_nomem(err);
}

static mia_status prepare(struct making *m, const struct mia_sample_options *caller,
                          struct mia_error *err)
{
    mia_status rc;
    TRY(mia__options_read(&m->opt, sizeof m->opt, caller, "mia_sample_options", err));
    if (m->opt.records == 0)
        m->opt.records = default_records;
    if (m->opt.target == NULL || m->opt.target[0] == '\0')
        return mia__fail(err, MIA_ERR_INVALID, "the sample needs a target: name a new directory");
    TRY(make_paths(m, err));
    m->content = mia__alloc(sizeof *m->content);
    if (m->content == NULL)
        return mia__fail_nomem(err);
    mia__sample_init(m->content, m->opt.seed, err);
    if (mia__file_exists(m->target))
        return mia__fail(err, MIA_ERR_INVALID, "%s: exists already; name a new directory",
                         m->target);
    if (mia__file_exists(m->partial)) /* perhaps a migration's, which could be resumed */
        return mia__fail(err, MIA_ERR_INVALID,
                         "%s: left by an interrupted run; remove it or name another target",
                         m->partial);
done:
    return rc;
}

static mia_status begin(struct making *m, struct mia_error *err)
{
    mia_status rc;
    TRY(mia__dir_create(m->partial, err));
    m->owns_partial = true;
    TRY(mia__dir_create(m->runs, err));
    TRY(mia__dir_create(m->made, err));
    TRY(mia__sort_open(m->runs, sort_bytes, &m->sort, err));
    rc = mia__sled_writer_open(m->made, NULL, &m->writer, err);
done:
    return rc;
}

static mia_status show(struct making *m, const char *phase, uint64_t records, struct mia_error *err)
{
    struct mia_progress progress = {
        .phase = phase, .records_done = records, .records_total = m->opt.records};
    if (m->opt.progress == NULL || m->opt.progress(m->opt.progress_ctx, &progress))
        return MIA_OK;
    return mia__fail(err, MIA_ERR_CANCELLED, "%s: stopped on request; nothing was kept", m->target);
}

static mia_status sort_tree(struct making *m, enum mia__sample_tree tree, struct mia_error *err)
{
    struct mia__sample_pairs *pairs = &m->content->pairs[tree];
    mia_status rc = MIA_OK;
    const uint8_t *at = pairs->bytes.data;
    for (uint64_t i = 0; i < pairs->count; i++) {
        mia_slice key = {at + 8, mia__load_u32le(at)};
        mia_slice value = {at + 8 + key.size, mia__load_u32le(at + 4)};
        TRY(mia__sort_add(m->sort, tree, key, value, err));
        at += 8 + key.size + value.size;
    }
    pairs->bytes.size = 0;
    pairs->count = 0;
done:
    return rc;
}

static mia_status sort_batch(struct making *m, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    for (int tree = 0; tree < MIA__SAMPLE_TREES; tree++)
        TRY(sort_tree(m, (enum mia__sample_tree)tree, err));
    rc = show(m, "sample", m->content->records, err);
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

/* The content in the order of its making, into the sort. */
static mia_status fill(struct making *m, struct mia_error *err)
{
    struct mia__sample *content = m->content;
    mia_status rc = MIA_OK;
    bool has_room = true;
    for (uint64_t block = 0; has_room; block++) {
        has_room = mia__sample_add_block(content, block, m->opt.records);
        TRY(content->status);
        if (waiting_bytes(content) >= batch_bytes)
            TRY(sort_batch(m, err));
    }
    for (uint64_t i = 0; content->records < m->opt.records; i++) {
        mia__sample_add_embedding(content, i);
        TRY(content->status);
    }
    mia__sample_add_sets(content);
    TRY(content->status);
    rc = sort_batch(m, err);
done:
    return rc;
}

static mia_status advance(struct making *m, struct mia_error *err)
{
    mia_status rc = mia__sort_next(m->sort, &m->next_tree, &m->next, err);
    m->has_next = rc == MIA_OK;
    return rc < 0 ? rc : MIA_OK;
}

/* Every tree, those without pairs too. */
static mia_status write_tree(struct making *m, enum mia__sample_tree tree, struct mia_error *err)
{
    mia_status rc;
    TRY(mia__sled_writer_begin_tree(m->writer, mia_bytes_of(mia__sample_tree_name(tree)), err));
    while (m->has_next && m->next_tree == (uint32_t)tree) {
        TRY(mia__sled_writer_put(m->writer, m->next.key, m->next.value, err));
        TRY(advance(m, err));
        if (++m->written % RECORDS_A_LINE == 0)
            TRY(show(m, "write", m->written, err));
    }
    rc = mia__sled_writer_end_tree(m->writer, err);
done:
    return rc;
}

static mia_status publish(struct making *m, struct mia_error *err)
{
    mia_status rc;
    TRY(advance(m, err));
    for (int tree = 0; tree < MIA__SAMPLE_TREES; tree++)
        TRY(write_tree(m, (enum mia__sample_tree)tree, err));
    TRY(mia__sled_writer_finish(m->writer, err));
    TRY(mia__rename_noreplace(m->made, m->target, err));
done:
    return rc;
}

mia_status mia_sample(const struct mia_sample_options *opt, struct mia_error *err)
{
    struct making m = {0};
    mia_status rc;
    TRY(prepare(&m, opt, err));
    TRY(begin(&m, err));
    TRY(fill(&m, err));
    rc = publish(&m, err);
done:
    mia__sled_writer_close(m.writer);
    mia__sort_close(m.sort);
    if (m.owns_partial) /* err already says why; a cleanup that fails too has nothing to add */
        mia__dir_remove_tree(m.partial, NULL);
    if (m.content != NULL)
        mia__sample_free(m.content);
    mia__free(m.content);
    mia__free(m.runs);
    mia__free(m.made);
    mia__free(m.partial);
    mia__free(m.target);
    return rc;
}
