/*
 * ab/replay.c - operations out of a trace
 *
 * Operations of one transaction are brought together, transactions in the order in which they
 * began: a WRITE transaction has them one behind the other anyway, and a READ transaction sees the
 * state of its begin.
 */
#include "ab/plan.h"

#include "ab/random.h"
#include "ab/trace_keys.h"
#include "ab/trace_read.h"
#include "base/error.h"
#include "base/file.h"
#include "base/sha256.h"
#include "base/try.h"
#include "mia/index.h"
#include "model/table.h"

#include <inttypes.h>

enum { TEMPLATES = 1000, OPEN_MOST = 4096 };

/* Operations of one transaction. */
struct group {
    uint64_t txn;
    uint32_t lane;
    bool is_writer, is_committed;
    uint64_t begin_ns;
    size_t ops; /* how many; later where they begin */
};

struct replaying {
    struct mia__ab_plan *plan;
    const struct mia_ab_options *opt;
    struct mia__trace_reader reader;
    struct mia__trace_keys keys; /* of hashed traces */
    struct mia__ab_random random;
    struct mia__ab_sample templates;
    uint8_t *trees; /* the plan's number of each of the trace's trees */
    size_t tree_count;
    struct mia__buf groups, group_of; /* struct group; the uint32_t of each operation's group */
    size_t open[OPEN_MOST];           /* groups whose end has not come */
    size_t open_count;
};

static struct group *group_at(struct replaying *r, size_t i)
{
    return (struct group *)(void *)r->groups.data + i;
}

static size_t group_count(const struct replaying *r)
{
    return r->groups.size / sizeof(struct group);
}

static mia_status add_group(struct replaying *r, const struct mia__trace_event *e,
                            struct mia_error *err)
{
    struct group group = {.txn = e->txn,
                          .lane = e->thread,
                          .is_writer = e->kind == MIA__TRACE_BEGIN_WRITE,
                          .begin_ns = e->at_ns};
    return mia__buf_append(&r->groups, &group, sizeof group, err);
}

static mia_status begin_group(struct replaying *r, const struct mia__trace_event *e,
                              struct mia_error *err)
{
    if (r->open_count == OPEN_MOST) /* whose ends never came: a program that crashed, say */
        memmove(r->open, r->open + 1, --r->open_count * sizeof *r->open);
    r->open[r->open_count++] = group_count(r);
    return add_group(r, e, err);
}

/* The place among the open ones; open_count: it is none of them. */
static size_t find_open(struct replaying *r, uint64_t txn)
{
    for (size_t i = r->open_count; i-- > 0;)
        if (group_at(r, r->open[i])->txn == txn)
            return i;
    return r->open_count;
}

static void end_group(struct replaying *r, const struct mia__trace_event *e)
{
    size_t place = find_open(r, e->txn);
    if (place == r->open_count)
        return;
    group_at(r, r->open[place])->is_committed = e->kind == MIA__TRACE_COMMIT;
    r->open[place] = r->open[--r->open_count];
}

/* ---- one event */

static mia_status keep_key(struct replaying *r, const struct mia__trace_event *e, uint8_t tree,
                           struct mia__ab_op *op, struct mia_error *err)
{
    char hex[2 * MIA__TRACE_HASH];
    bool is_hash = (r->reader.flags & MIA__TRACE_HASHED) && e->key.size == MIA__TRACE_HASH;
    if (!is_hash)
        return mia__ab_plan_keep(r->plan, e->key, &op->key, err);
    if (mia__trace_keys_find(&r->keys, tree, e->key, &op->key))
        return MIA_OK;
    mia__put_hex(hex, e->key.data, e->key.size); /* new, or absent: text, as ids are */
    return mia__ab_plan_keep(r->plan, (mia_slice){hex, sizeof hex}, &op->key, err);
}

/* A record of the same tree, to make another of it. */
static struct mia__ab_span template_of(struct replaying *r, uint8_t tree)
{
    for (size_t i = 0; i < r->templates.count; i++) {
        size_t one = (size_t)mia__ab_below(&r->random, r->templates.count);
        if (r->templates.keys[one].tree == tree)
            return r->templates.keys[one].key;
    }
    return (struct mia__ab_span){0};
}

static mia_status translate_put(struct replaying *r, const struct mia__trace_event *e,
                                struct mia__ab_op *op, struct mia_error *err)
{
    op->kind = MIA__AB_PUT;
    if (r->reader.flags & MIA__TRACE_VALUES)
        return mia__ab_plan_keep(r->plan, e->value, &op->value, err);
    op->limit = (uint32_t)(e->value_size < UINT32_MAX ? e->value_size : UINT32_MAX);
    op->extra = (uint32_t)mia__ab_next(&r->random) | 1;
    if (r->plan->is_store) {
        op->kind = MIA__AB_CHANGE;
        op->value = template_of(r, op->tree);
    }
    return MIA_OK;
}

static mia_status translate_search(struct replaying *r, const struct mia__trace_event *e,
                                   struct mia__ab_op *op, struct mia_error *err)
{
    mia_status rc;
    op->kind = MIA__AB_SEARCH;
    TRY(mia__ab_plan_tree(r->plan, mia_bytes_of(mia__table_name(MIA__TABLE_EMBEDDINGS)), &op->tree,
                          err));
    if (e->value.size == 0)
        op->key = template_of(r, op->tree);
    rc = mia__ab_plan_keep(r->plan, e->value, &op->value, err);
done:
    return rc;
}

static mia_status translate(struct replaying *r, const struct mia__trace_event *e,
                            struct mia__ab_op *op, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    uint8_t nodes = 0;
    unsigned parts = mia__trace_parts(e->kind);
    op->limit = (uint32_t)(e->extra < UINT32_MAX ? e->extra : UINT32_MAX);
    op->extra = op->limit;
    if (parts & MIA__TRACE_HAS_TREE)
        op->tree = r->trees[e->tree];
    if (e->kind == MIA__TRACE_NEIGHBOURS || e->kind == MIA__TRACE_IDS) {
        TRY(mia__ab_plan_tree(r->plan, mia_bytes_of(mia__table_name(MIA__TABLE_NODES)), &nodes,
                              err));
        op->tree = nodes;
        op->limit = 0;
        TRY(mia__ab_plan_keep(r->plan, e->name, &op->value, err));
    }
    if (parts & MIA__TRACE_HAS_KEY)
        TRY(keep_key(r, e, op->tree, op, err));
    switch (e->kind) {
    case MIA__TRACE_GET:
        op->kind = MIA__AB_GET;
        break;
    case MIA__TRACE_PUT:
        rc = translate_put(r, e, op, err);
        break;
    case MIA__TRACE_DELETE:
        op->kind = MIA__AB_DELETE;
        break;
    case MIA__TRACE_SCAN:
        op->kind = MIA__AB_SCAN;
        op->limit = op->limit > 0 ? op->limit : 1;
        op->extra = r->plan->is_store; /* a prefix */
        break;
    case MIA__TRACE_NEIGHBOURS:
        op->kind = MIA__AB_NEIGHBOURS;
        break;
    case MIA__TRACE_IDS:
        op->kind = MIA__AB_PROPERTY;
        break;
    case MIA__TRACE_SEARCH:
        rc = translate_search(r, e, op, err);
        break;
    case MIA__TRACE_TREE:
    case MIA__TRACE_BEGIN_READ:
    case MIA__TRACE_BEGIN_WRITE:
    case MIA__TRACE_COMMIT:
    case MIA__TRACE_ABORT:
    case MIA__TRACE_KINDS:
    default:
        break;
    }
done:
    return rc;
}

static mia_status add_operation(struct replaying *r, const struct mia__trace_event *e,
                                struct mia_error *err)
{
    mia_status rc;
    struct mia__ab_op op = {.due_ns = e->at_ns};
    size_t place = find_open(r, e->txn), group;
    if (place == r->open_count) { /* its begin is in another trace: it gets one of its own */
        group = group_count(r);
        TRY(add_group(r, e, err));
        group_at(r, group)->is_writer = e->kind == MIA__TRACE_PUT || e->kind == MIA__TRACE_DELETE;
        group_at(r, group)->is_committed = true;
    } else {
        group = r->open[place];
    }
    uint32_t number = (uint32_t)group;
    TRY(translate(r, e, &op, err));
    op.lane = group_at(r, group)->lane;
    group_at(r, group)->ops++;
    TRY(mia__buf_append(&r->group_of, &number, sizeof number, err));
    rc = mia__ab_plan_add(r->plan, &op, err);
done:
    return rc;
}

static mia_status add_tree(struct replaying *r, const struct mia__trace_event *e,
                           struct mia_error *err)
{
    mia_status rc;
    uint8_t *trees = mia__realloc(r->trees, r->tree_count + 1);
    if (trees == NULL)
        return mia__fail_nomem(err);
    r->trees = trees;
    TRY(mia__ab_plan_tree(r->plan, e->name, &r->trees[r->tree_count], err));
    r->tree_count++;
    if ((r->reader.flags & MIA__TRACE_HASHED) && !r->plan->is_store)
        rc = mia__trace_keys_load(&r->keys, r->plan, r->opt, e->name, r->trees[r->tree_count - 1],
                                  r->reader.salt, err);
done:
    return rc;
}

static mia_status take(struct replaying *r, const struct mia__trace_event *e, struct mia_error *err)
{
    switch (e->kind) {
    case MIA__TRACE_TREE:
        return add_tree(r, e, err);
    case MIA__TRACE_BEGIN_READ:
    case MIA__TRACE_BEGIN_WRITE:
        return begin_group(r, e, err);
    case MIA__TRACE_COMMIT:
    case MIA__TRACE_ABORT:
        end_group(r, e);
        return MIA_OK;
    case MIA__TRACE_GET:
    case MIA__TRACE_PUT:
    case MIA__TRACE_DELETE:
    case MIA__TRACE_SCAN:
    case MIA__TRACE_NEIGHBOURS:
    case MIA__TRACE_IDS:
    case MIA__TRACE_SEARCH:
    case MIA__TRACE_KINDS:
    default:
        return add_operation(r, e, err);
    }
}

/* ---- transactions together */

static void set_flags(struct mia__ab_op *op, const struct group *g, bool is_first, bool is_last)
{
    op->flags =
        (uint8_t)((is_first ? 0u : MIA__AB_INSIDE) | (is_last ? 0u : MIA__AB_STAYS) |
                  (g->is_writer ? MIA__AB_WRITER : 0u) | (g->is_committed ? 0u : MIA__AB_ABORTS));
    if (op->due_ns < g->begin_ns)
        op->due_ns = g->begin_ns;
}

/* A counting sort by the group's number, which goes by its begin. */
static mia_status sort(struct replaying *r, struct mia_error *err)
{
    struct mia__ab_plan *plan = r->plan;
    size_t at = 0;
    uint32_t group;
    struct mia__ab_op *sorted = mia__alloc_array(plan->count + 1, sizeof *sorted);
    size_t *next = mia__alloc_array(group_count(r) + 1, sizeof *next);
    if (sorted == NULL || next == NULL) {
        mia__free(sorted);
        mia__free(next);
        return mia__fail_nomem(err);
    }
    for (size_t i = 0; i < group_count(r); i++) {
        next[i] = at;
        at += group_at(r, i)->ops;
        group_at(r, i)->ops = next[i];
    }
    for (size_t i = 0; i < plan->count; i++) {
        memcpy(&group, r->group_of.data + i * sizeof group, sizeof group);
        const struct group *g = group_at(r, group);
        size_t end = group + 1 < group_count(r) ? group_at(r, group + 1u)->ops : plan->count;
        struct mia__ab_op *op = &sorted[next[group]++];
        *op = plan->ops[i];
        set_flags(op, g, next[group] - 1 == g->ops, next[group] == end);
    }
    mia__free(plan->ops);
    mia__free(next);
    plan->ops = sorted;
    plan->capacity = plan->count + 1;
    return MIA_OK;
}

/* ---- */

static mia_status check_level(const struct replaying *r, struct mia_error *err)
{
    bool is_records = (r->reader.flags & MIA__TRACE_RECORDS) != 0;
    if (is_records == r->plan->is_store)
        return MIA_OK;
    return mia__fail(err, MIA_ERR_INVALID, "%s was recorded of %s, and %s and %s hold %s",
                     r->opt->trace, is_records ? "a store of MIA's records" : "pairs of bytes",
                     r->opt->a, r->opt->b, is_records ? "none of MIA's records" : "MIA's records");
}

/* Of a store the keys of all tables: lists of neighbours have no tree in their events. */
static mia_status load_tables(struct replaying *r, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    for (int i = 0; i < MIA__TABLES; i++) {
        uint8_t tree;
        mia_slice name = mia_bytes_of(mia__table_name((enum mia__table)i));
        TRY(mia__ab_plan_tree(r->plan, name, &tree, err));
        TRY(mia__trace_keys_load(&r->keys, r->plan, r->opt, name, tree, r->reader.salt, err));
    }
done:
    return rc;
}

static mia_status read_events(struct replaying *r, struct mia_error *err)
{
    mia_status rc;
    struct mia__trace_event event;
    uint64_t most = r->opt->operations > 0 ? r->opt->operations : 10000000;
    while (r->plan->count < most) {
        TRY(mia__trace_read_next(&r->reader, &event, err));
        if (rc == MIA_NOTFOUND)
            break;
        TRY(take(r, &event, err));
    }
    if (r->plan->count < most && !r->reader.is_complete)
        r->plan->torn_at = r->reader.torn_at;
    rc = MIA_OK;
done:
    return rc;
}

mia_status mia__ab_plan_replay(struct mia__ab_plan *plan, const struct mia_ab_options *opt,
                               struct mia_error *err)
{
    mia_status rc;
    struct mia__map map = {0};
    struct mia_ab_options few = *opt;
    struct replaying *r = mia__alloc_zero(sizeof *r);
    if (r == NULL)
        return mia__fail_nomem(err);
    r->plan = plan;
    r->opt = opt;
    r->random.state = opt->seed;
    few.records = TEMPLATES;
    plan->is_trace = true;
    TRY(mia__file_map(opt->trace, &map, err));
    TRY(mia__trace_read_begin(&r->reader, (mia_slice){map.bytes, (size_t)map.size}, opt->trace,
                              err));
    TRY(check_level(r, err));
    if (plan->is_store && (r->reader.flags & MIA__TRACE_HASHED))
        TRY(load_tables(r, err));
    if (plan->is_store)
        TRY(mia__ab_sample_take(plan, opt->a, (mia_slice){0}, &few, &r->random, &r->templates,
                                err));
    TRY(read_events(r, err));
    TRY(sort(r, err));
    plan->keys = 0;
    if (plan->count < opt->rounds + 1)
        rc = mia__fail(err, MIA_ERR_INVALID,
                       "%s has %zu operations%s: too few for %u rounds and a warm-up", opt->trace,
                       plan->count, plan->torn_at > 0 ? " before it is torn" : "", opt->rounds);
done:
    mia__file_unmap(&map);
    mia__trace_keys_free(&r->keys);
    mia__free(r->templates.keys);
    mia__free(r->trees);
    mia__buf_free(&r->groups);
    mia__buf_free(&r->group_of);
    mia__free(r);
    return rc;
}
