/* coordinator/list.c - records of all tiers in the order of their times */
#include "base/error.h"
#include "base/options.h"
#include "base/try.h"
#include "coordinator/coordinator.h"

#include <stdlib.h>

/* What one tier has for the list, and the first of it that was not given out yet. */
struct source {
    mia_txn *txn;
    mia_ids *ids;
    mia_str id; /* data NULL: none left */
    int64_t time_ms;
};

struct mia_list {
    enum mia_kind kind;
    bool newest_first;
    uint64_t left;           /* as many may still be given out */
    struct mia__buf sources; /* struct source, from the hottest tier on */
    struct mia__buf found;   /* struct mia__found, when there are no sources */
    size_t at;
};

static mia_slice bytes_of(mia_str text)
{
    mia_slice bytes = {text.data, text.size};
    return bytes;
}

static struct source *sources_of(const mia_list *list, size_t *count)
{
    *count = list->sources.size / sizeof(struct source);
    return (struct source *)(void *)list->sources.data;
}

void mia_list_close(mia_list *list)
{
    size_t count;
    if (list == NULL)
        return;
    struct source *sources = sources_of(list, &count);
    for (size_t i = 0; i < count; i++)
        mia_ids_close(sources[i].ids);
    mia__buf_free(&list->sources);
    mia__buf_free(&list->found);
    mia__free(list);
}

mia_status mia__list_range(const mia_coordinator *c, const struct mia_list_options *opt,
                           struct mia__list_range *range, struct mia_error *err)
{
    *range = (struct mia__list_range){.from_ms = INT64_MIN, .to_ms = INT64_MAX};
    mia_status rc = mia__options_read(&range->opt, sizeof range->opt, opt, "mia_list_options", err);
    if (rc < 0)
        return rc;
    if (opt == NULL)
        range->opt.unscoped = true;
    if (range->opt.now_ms == 0)
        range->opt.now_ms = mia__now(c);
    if (!range->opt.unscoped)
        mia_time_range(range->opt.scope, range->opt.now_ms, &range->from_ms, &range->to_ms);
    return MIA_OK;
}

static mia_status new_list(const struct mia_list_options *opt, enum mia_kind kind, mia_list **list,
                           struct mia_error *err)
{
    *list = mia__alloc_zero(sizeof **list);
    if (*list == NULL)
        return mia__fail_nomem(err);
    (*list)->kind = kind;
    (*list)->newest_first = opt->newest_first;
    (*list)->left = opt->limit > 0 ? opt->limit : UINT64_MAX;
    return MIA_OK;
}

/* ---- read as it goes */

static mia_status advance(struct source *source, struct mia_error *err)
{
    return mia_ids_next(source->ids, &source->id, &source->time_ms, err);
}

/* Also a tier that has nothing for the list: it may have a newer record of an id that a colder one
 * lists. */
static mia_status add_source(mia_list *list, mia_txn *txn, mia_str property, mia_str value,
                             const struct mia__list_range *range, struct mia_error *err)
{
    mia_status rc;
    struct source source = {.txn = txn};
    TRY(mia_ids_by_property(txn, property, value, range->from_ms, range->to_ms, list->newest_first,
                            &source.ids, err));
    TRY(advance(&source, err));
    TRY(mia__buf_append(&list->sources, &source, sizeof source, err));
done:
    if (rc < 0)
        mia_ids_close(source.ids);
    return rc;
}

/* The records of a kind with this value of a property, in all tiers. */
static mia_status list_property(mia_snapshot *s, enum mia_kind kind, mia_str property,
                                mia_str value, const struct mia__list_range *range, mia_list **out,
                                struct mia_error *err)
{
    mia_status rc;
    mia_txn *txn;
    mia_list *list = NULL;
    struct mia__walk walk = {.snapshot = s};
    TRY(mia__database_of(kind, &walk.database, err));
    TRY(new_list(&range->opt, kind, &list, err));
    while ((rc = mia__walk_next(&walk, &txn, err)) == MIA_OK)
        TRY(add_source(list, txn, property, value, range, err));
done:
    if (rc < 0)
        mia_list_close(list);
    else
        *out = list;
    return rc < 0 ? rc : MIA_OK;
}

/* Which of the sources has the next record; count: none. */
static size_t next_source(const mia_list *list)
{
    size_t count;
    const struct source *sources = sources_of(list, &count);
    size_t best = count;
    for (size_t i = 0; i < count; i++) {
        if (sources[i].id.data == NULL)
            continue;
        if (best == count) {
            best = i;
            continue;
        }
        const struct source *a = &sources[i], *b = &sources[best];
        int order = (a->time_ms > b->time_ms) - (a->time_ms < b->time_ms);
        if (order == 0)
            order = mia_slice_compare(bytes_of(a->id), bytes_of(b->id));
        if (list->newest_first ? order > 0 : order < 0)
            best = i;
    }
    return best;
}

/* MIA_NOTFOUND: it does not count, because it is of another kind, or older than the record of this
 * id in a hotter tier. */
static mia_status read_record(const mia_list *list, size_t rank, mia_view *view,
                              struct mia_error *err)
{
    mia_status rc;
    size_t count;
    const struct source *sources = sources_of(list, &count);
    mia_str id = sources[rank].id;
    for (size_t i = 0; i < rank; i++) {
        TRY(mia_get(sources[i].txn, MIA_TABLE_NODES, id, view, err));
        if (rc == MIA_OK && view->kind == list->kind)
            return MIA_NOTFOUND;
    }
    TRY(mia_get(sources[rank].txn, MIA_TABLE_NODES, id, view, err));
    if (rc == MIA_OK && view->kind != list->kind)
        rc = MIA_NOTFOUND;
done:
    return rc;
}

static mia_status next_of_sources(mia_list *list, mia_view *view, struct mia_error *err)
{
    size_t count, rank;
    struct source *sources = sources_of(list, &count);
    while ((rank = next_source(list)) < count) {
        mia_status rc = read_record(list, rank, view, err);
        mia_status next = advance(&sources[rank], rc < 0 ? NULL : err);
        if (rc < 0 || next < 0)
            return rc < 0 ? rc : next;
        if (rc == MIA_OK)
            return rc;
    }
    return MIA_NOTFOUND;
}

/* ---- gathered before */

static int by_time(const void *a, const void *b)
{
    const struct mia__found *x = a, *y = b;
    if (x->time_ms != y->time_ms)
        return x->time_ms < y->time_ms ? -1 : 1;
    return mia_slice_compare(bytes_of(x->id), bytes_of(y->id));
}

/* Sorted; a record is found once for each edge that leads to it. */
static size_t sort_found(struct mia__found *found, size_t count)
{
    size_t kept = 0;
    if (count > 1)
        qsort(found, count, sizeof *found, by_time);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || by_time(&found[i], &found[kept - 1]) != 0)
            found[kept++] = found[i];
    return kept;
}

mia_status mia__list_of(struct mia__buf *found, const struct mia_list_options *opt, mia_list **list,
                        struct mia_error *err)
{
    mia_status rc = new_list(opt, MIA_KIND_CHAT, list, err);
    if (rc < 0)
        return rc;
    size_t count = found->size / sizeof(struct mia__found);
    found->size =
        sort_found((struct mia__found *)(void *)found->data, count) * sizeof(struct mia__found);
    (*list)->found = *found;
    *found = (struct mia__buf){0};
    return MIA_OK;
}

static mia_status next_of_found(mia_list *list, mia_view *view)
{
    size_t count = list->found.size / sizeof(struct mia__found);
    const struct mia__found *found = (const void *)list->found.data;
    if (list->at == count)
        return MIA_NOTFOUND;
    *view = found[list->newest_first ? count - 1 - list->at : list->at].view;
    list->at++;
    return MIA_OK;
}

mia_status mia_list_next(mia_list *list, mia_view *view, struct mia_error *err)
{
    *view = (mia_view){0};
    if (list->left == 0)
        return MIA_NOTFOUND;
    mia_status rc =
        list->found.size > 0 ? next_of_found(list, view) : next_of_sources(list, view, err);
    if (rc == MIA_OK)
        list->left--;
    else
        *view = (mia_view){0};
    return rc;
}

/* ---- */

mia_status mia_list_messages(mia_snapshot *s, mia_str chat_id, const struct mia_list_options *opt,
                             mia_list **list, struct mia_error *err)
{
    mia_status rc;
    struct mia__list_range range;
    *list = NULL;
    TRY(mia__list_range(s->coordinator, opt, &range, err));
    if (chat_id.data != NULL)
        return list_property(s, MIA_KIND_MESSAGE, MIA_STR("chat_id"), chat_id, &range, list, err);
    if (!range.opt.unscoped && range.opt.scope.scope == MIA_SCOPE_CURRENT_CHAT)
        rc = mia__fail(err, MIA_ERR_INVALID, "messages of the current chat: which chat?");
    else
        rc = list_property(s, MIA_KIND_MESSAGE, MIA_STR("node_type"), MIA_STR("Message"), &range,
                           list, err);
done:
    return rc;
}

mia_status mia_list_outcomes(mia_snapshot *s, mia_str action_type,
                             const struct mia_list_options *opt, mia_list **list,
                             struct mia_error *err)
{
    mia_status rc;
    struct mia__list_range range;
    *list = NULL;
    TRY(mia__list_range(s->coordinator, opt, &range, err));
    rc = list_property(s, MIA_KIND_ACTION_OUTCOME, MIA_STR("action_type"), action_type, &range,
                       list, err);
done:
    return rc;
}
