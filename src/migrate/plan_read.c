/*
 * migrate/plan_read.c - the source read as a migration reads it, and only counted
 *
 * Each tree goes through a pipe of its own, with the filter of a typed migration that keeps records
 * which do not decode; so damage in one tree does not hide what is in the next.
 */
#include "base/error.h"
#include "base/try.h"
#include "mia/model.h"
#include "migrate/plan.h"
#include "migrate/source_check.h"

enum { TOLD = 5 }; /* records that do not decode, each an obstacle; the rest is counted */

struct reading {
    struct mia__plan *plan;
    struct mia__typing typing;
    struct mia__transcoder again; /* to say why a record does not decode */
    struct mia__buf scratch;
    size_t tree;
    bool is_converted; /* the tree's values become archives */
    enum mia__table table;
    struct mia_plan_tree counts;
};

static void tell_damage(struct mia__plan *p, const struct mia_error *why)
{
    enum mia_obstacle_class c = mia__source_obstacle(why->status);
    bool is_damage = why->status == MIA_ERR_CORRUPT;
    p->is_damaged = p->is_damaged || is_damage;
    mia__obstacle_error(&p->found, c, is_damage ? MIA_WEIGHT_DAMAGE : MIA_WEIGHT_REFUSAL, why);
}

static bool is_for_caller(mia_status rc)
{
    return rc == MIA_ERR_CANCELLED || rc == MIA_ERR_NOMEM || rc == MIA_ERR_INTERNAL;
}

/* ---- what is left of a damaged source */

static void count_loss(void *ctx, const struct mia_loss *loss)
{
    struct mia__plan *p = ctx;
    p->report.losses[loss->loss]++;
    if (p->opt.loss != NULL)
        p->opt.loss(p->opt.loss_ctx, loss);
}

static mia_status open_source(struct mia__plan *p, bool salvage, mia_source **source,
                              struct mia_error *err)
{
    struct mia_source_options opt = {.struct_size = sizeof opt,
                                     .accept_torn_log = p->opt.accept_torn_log,
                                     .original = true,
                                     .salvage = salvage,
                                     .loss = count_loss,
                                     .loss_ctx = p,
                                     .progress = p->meter.fn,
                                     .progress_ctx = p->meter.ctx};
    return mia_source_open(p->source_path, &opt, source, err);
}

/* Not asked for, but worth to know. */
static mia_status try_salvage(struct mia__plan *p, struct mia_error *err)
{
    mia_status rc;
    mia_source *left = NULL;
    struct mia_error why = {0};
    rc = open_source(p, true, &left, &why);
    for (size_t i = 0; rc == MIA_OK && i < mia_source_tree_count(left); i++) {
        uint64_t records;
        rc = mia_source_count(left, i, &records, &why);
        p->report.salvaged_records += records;
    }
    p->report.is_salvageable = rc == MIA_OK;
    mia_source_close(left);
    if (rc < 0 && is_for_caller(rc) && err != NULL)
        *err = why;
    return is_for_caller(rc) ? rc : MIA_OK;
}

/* ---- trees */

static bool wants(void *ctx, size_t tree)
{
    const struct reading *r = ctx;
    return r->tree == tree;
}

static mia_status convert(void *ctx, size_t tree, const struct mia_pair *pair, struct mia__buf *to,
                          uint8_t *mark, struct mia_error *err)
{
    struct reading *r = ctx;
    struct mia__pipe_filter filter = mia__typing_filter(&r->typing);
    return filter.convert(filter.ctx, tree, pair, to, mark, err);
}

static void tell_finding(struct reading *r, enum mia_finding_class c, mia_slice key,
                         const char *detail)
{
    struct mia__plan *p = r->plan;
    struct mia_finding finding = {c, r->counts.name, key, detail};
    p->report.findings[c]++;
    if (p->opt.finding != NULL)
        p->opt.finding(p->opt.finding_ctx, &finding);
}

/* The reading thread has found that it does not decode; here it is said why. */
static void note_undecodable(struct reading *r, const struct mia_pair *pair)
{
    struct mia__plan *p = r->plan;
    struct mia__transcoded ignored;
    struct mia_error why = {0}, told;
    r->scratch.size = 0;
    mia__transcode(&r->again, r->table, pair->value, &r->scratch, &ignored, &why);
    r->counts.undecodable++;
    tell_finding(r, MIA_FINDING_QUARANTINED, pair->key, why.message);
    if (p->report.findings[MIA_FINDING_QUARANTINED] > TOLD)
        return;
    mia__typing_fail(&r->typing, r->tree, pair->key, &why, &told);
    mia__obstacle_error(&p->found, MIA_OBSTACLE_UNDECODABLE,
                        p->opt.salvage ? MIA_WEIGHT_WARNING : MIA_WEIGHT_DAMAGE, &told);
}

static void note_value(struct reading *r, const struct mia_pair *pair)
{
    struct mia_plan_report *report = &r->plan->report;
    size_t size = pair->value.size, class = 0;
    for (size_t most = 16; class + 1 < MIA_PLAN_VALUE_SIZES && size >= most; most *= 4)
        class ++;
    report->value_sizes[class]++;
    if (size > report->largest_value)
        report->largest_value = size;
    if (size > MIA__VALUE_LIMIT) {
        struct mia_error why;
        mia__fail_value_size(r->plan->source_path, r->counts.name, pair->key, size, &why);
        mia__obstacle_error(&r->plan->found, MIA_OBSTACLE_VALUE_SIZE, MIA_WEIGHT_DAMAGE, &why);
    }
}

static void note_key(struct reading *r, size_t size)
{
    struct mia_plan_report *report = &r->plan->report;
    report->long_keys += size >= r->plan->size.key_limit;
    for (uint32_t i = 0; i < MIA_PLAN_PAGE_SIZES && size >= mia__key_limit(4096u << i); i++)
        report->long_keys_by_page[i]++;
}

static mia_status note_pair(struct reading *r, const struct mia_pair *pair, uint8_t mark,
                            struct mia_error *err)
{
    mia_status rc;
    struct mia__plan *p = r->plan;
    note_value(r, pair);
    note_key(r, pair->key.size);
    TRY(mia__database_size_add(&p->size, pair->key, pair->value.size, err));
    if (mark & MIA__MARK_QUARANTINED)
        note_undecodable(r, pair);
    if (mark & MIA__MARK_TRAILING)
        tell_finding(r, MIA_FINDING_TRAILING, pair->key, "");
    if (mark & MIA__MARK_KEY)
        tell_finding(r, MIA_FINDING_KEY, pair->key, "");
    if (r->is_converted && (mark & (MIA__MARK_QUARANTINED | MIA__MARK_KEY)) == 0)
        mia__index_size_add(&p->indexes, mia_view_trust((enum mia_table)r->table, pair->value));
done:
    return rc;
}

/* Each pair of MIA's own index is one key of ours. */
static void note_left_out(struct reading *r, const struct mia__chunk *chunk)
{
    r->plan->indexes.keys += chunk->count;
    r->plan->indexes.key_bytes += chunk->key_bytes;
}

static mia_status read_tree(struct reading *r, struct mia_error *err)
{
    mia_status rc;
    struct mia__plan *p = r->plan;
    struct mia__pipe *pipe = NULL;
    const struct mia__chunk *chunk;
    struct mia__pipe_filter filter = {
        .ctx = r, .wants = wants, .convert = r->is_converted ? convert : NULL};
    TRY(mia__pipe_open(p->source, r->tree, NULL, &filter, &pipe, err));
    for (;;) {
        TRY(mia__pipe_next(pipe, &chunk, err));
        if (rc == MIA_NOTFOUND)
            break;
        if (r->counts.is_left_out)
            note_left_out(r, chunk);
        for (size_t i = 0; i < chunk->count && !r->counts.is_left_out; i++)
            TRY(note_pair(r, &chunk->pairs[i], chunk->marks[i], err));
        r->counts.records += chunk->count;
        r->counts.key_bytes += chunk->key_bytes;
        r->counts.value_bytes += chunk->value_bytes;
        TRY(mia__meter_add(&p->meter, chunk->count, chunk->key_bytes + chunk->value_bytes, err));
    }
    rc = MIA_OK;
done:
    mia__pipe_close(pipe);
    return rc;
}

static void sum_up(struct reading *r)
{
    struct mia_plan_report *report = &r->plan->report;
    const struct mia_plan_tree *t = &r->counts;
    if (t->is_left_out) {
        report->left_out_trees++;
        report->left_out_records += t->records;
    } else {
        report->trees++;
        report->records += t->records;
        report->key_bytes += t->key_bytes;
        report->value_bytes += t->value_bytes;
    }
    r->counts.target_bytes = t->is_left_out ? 0 : mia__database_table_bytes(&r->plan->size);
    if (r->plan->opt.tree != NULL)
        r->plan->opt.tree(r->plan->opt.tree_ctx, t);
}

static mia_status read_trees(struct reading *r, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    struct mia__plan *p = r->plan;
    for (r->tree = 0; r->tree < mia_source_tree_count(p->source); r->tree++) {
        struct mia_error why = {0};
        mia_slice name = mia_source_tree_name(p->source, r->tree);
        bool is_left_out = p->report.typed && mia__tree_is_derived(name);
        r->counts = (struct mia_plan_tree){.name = name, .is_left_out = is_left_out};
        r->is_converted = p->report.typed && mia__table_find(name, &r->table);
        if (!is_left_out)
            mia__database_size_table(&p->size, name.size);
        rc = read_tree(r, &why);
        if (rc < 0 && is_for_caller(rc)) {
            if (err != NULL)
                *err = why;
            return rc;
        }
        r->counts.is_damaged = rc < 0;
        if (rc < 0)
            tell_damage(p, &why);
        sum_up(r);
    }
    p->report.is_read = true;
    return MIA_OK;
}

/* ---- */

static mia_status choose_kind(struct mia__plan *p, struct mia_error *err)
{
    struct mia_error why = {0};
    struct mia_source_info info = {.struct_size = sizeof info};
    mia_status rc = mia_source_info(p->source, &info, &why);
    p->report.kind = info.kind != NULL ? info.kind : "";
    p->report.format = info.format != NULL ? info.format : "";
    if (rc == MIA_OK)
        rc = mia__typing_choose(p->source, p->source_path, p->opt.raw, &p->report.typed, &why);
    if (rc < 0) {
        mia__obstacle_error(&p->found, MIA_OBSTACLE_MODE, MIA_WEIGHT_REFUSAL, &why);
    } else if (!p->opt.raw && !p->report.typed) {
        mia__typing_fail_foreign(p->source_path, &why);
        mia__obstacle_error(&p->found, MIA_OBSTACLE_MODE, MIA_WEIGHT_WARNING, &why);
    }
    rc = mia__sample(p->source, &p->sample, &why);
    if (rc < 0 && is_for_caller(rc)) {
        if (err != NULL)
            *err = why;
        return rc;
    } /* damage is found again, and told, by reading */
    p->report.page_size = mia__sample_page_size(&p->sample, &p->report.page_size_why);
    mia__database_size_begin(&p->size, p->report.page_size);
    return MIA_OK;
}

static mia_status read_all(struct mia__plan *p, struct mia_error *err)
{
    struct reading r = {.plan = p,
                        .typing = {.source = p->source, .path = p->source_path, .salvage = true}};
    mia__meter_begin(&p->meter, "read", mia__source_known_records(p->source), 0);
    mia_status rc = read_trees(&r, err);
    mia__typing_free(&r.typing);
    mia__transcoder_free(&r.again);
    mia__buf_free(&r.scratch);
    return rc;
}

mia_status mia__plan_read(struct mia__plan *p, struct mia_error *err)
{
    mia_status rc;
    struct mia_error why = {0};
    rc = open_source(p, p->opt.salvage, &p->source, &why);
    if (rc == MIA_OK) {
        TRY(choose_kind(p, err));
        TRY(read_all(p, err));
        p->report.is_salvageable = p->source->ops->is_salvaged;
        if (p->report.is_salvageable)
            p->report.salvaged_records = p->report.records + p->report.left_out_records;
    } else if (is_for_caller(rc)) {
        if (err != NULL)
            *err = why;
        goto done;
    } else {
        tell_damage(p, &why);
    }
    mia_source_close(p->source);
    p->source = NULL;
    rc = MIA_OK;
    if (p->is_damaged && !p->opt.salvage)
        rc = try_salvage(p, err);
done:
    return rc;
}
