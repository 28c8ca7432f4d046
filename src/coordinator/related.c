/* coordinator/related.c - records along edges, which lie in conversations and in knowledge */
#include "base/error.h"
#include "base/try.h"
#include "coordinator/coordinator.h"

#include <stdlib.h>

/* Ids, copied; each once after settle. */
struct ids {
    struct mia__arena texts;
    struct mia__buf list; /* mia_str */
};

static void free_ids(struct ids *ids)
{
    mia__arena_free(&ids->texts);
    mia__buf_free(&ids->list);
}

static mia_status add_id(struct ids *ids, mia_str id, struct mia_error *err)
{
    char *text = mia__arena_alloc(&ids->texts, id.size + 1);
    if (text == NULL)
        return mia__fail_nomem(err);
    memcpy(text, id.data, id.size);
    mia_str copy = {text, id.size};
    return mia__buf_append(&ids->list, &copy, sizeof copy, err);
}

static int by_bytes(const void *a, const void *b)
{
    const mia_str *x = a, *y = b;
    return mia_slice_compare((mia_slice){x->data, x->size}, (mia_slice){y->data, y->size});
}

static const mia_str *settle(struct ids *ids, size_t *count)
{
    size_t kept = 0, all = ids->list.size / sizeof(mia_str);
    mia_str *list = (mia_str *)(void *)ids->list.data;
    if (all > 1)
        qsort(list, all, sizeof *list, by_bytes);
    for (size_t i = 0; i < all; i++)
        if (i == 0 || by_bytes(&list[i], &list[kept - 1]) != 0)
            list[kept++] = list[i];
    ids->list.size = kept * sizeof *list;
    *count = kept;
    return list;
}

/* ---- neighbours */

static mia_status add_ends(mia_txn *txn, mia_str node, enum mia_direction direction,
                           struct ids *ids, struct mia_error *err)
{
    mia_status rc;
    struct mia_hop hop;
    mia_neighbours *it = NULL;
    TRY(mia_neighbours_open(txn, node, direction, (mia_str){0}, &it, err));
    while ((rc = mia_neighbours_next(it, &hop, err)) == MIA_OK)
        TRY(add_id(ids, hop.node_id, err));
done:
    mia_neighbours_close(it);
    return rc < 0 ? rc : MIA_OK;
}

/* The other ends of a node's edges. */
static mia_status add_neighbours(mia_snapshot *s, mia_str node, struct ids *ids,
                                 struct mia_error *err)
{
    static const enum mia_database graphs[] = {MIA_DATABASE_CONVERSATIONS, MIA_DATABASE_KNOWLEDGE};
    mia_status rc = MIA_OK;
    for (size_t i = 0; i < sizeof graphs / sizeof graphs[0]; i++) {
        mia_txn *txn;
        struct mia__walk walk = {.snapshot = s, .database = graphs[i]};
        while ((rc = mia__walk_next(&walk, &txn, err)) == MIA_OK) {
            TRY(add_ends(txn, node, MIA_DIRECTION_OUT, ids, err));
            TRY(add_ends(txn, node, MIA_DIRECTION_IN, ids, err));
        }
        TRY(rc);
    }
done:
    return rc < 0 ? rc : MIA_OK;
}

/* Calls visit for every neighbour that is a record of this kind, and is not the one left out. */
struct visitor {
    mia_status (*visit)(struct visitor *visitor, mia_view view, struct mia_error *err);
    mia_snapshot *snapshot;
    mia_str left_out;                    /* data NULL: none */
    const struct mia__list_range *range; /* of what is found */
    struct mia__buf *found;              /* struct mia__found */
    struct ids *ids;
};

static mia_status visit_kind(struct visitor *v, struct ids *ids, enum mia_kind kind,
                             struct mia_error *err)
{
    mia_status rc = MIA_OK;
    size_t count;
    const mia_str *list = settle(ids, &count);
    for (size_t i = 0; i < count; i++) {
        mia_view view;
        if (v->left_out.data != NULL && by_bytes(&list[i], &v->left_out) == 0)
            continue;
        TRY(mia_find(v->snapshot, kind, list[i], NULL, &view, err));
        if (rc == MIA_OK)
            TRY(v->visit(v, view, err));
    }
    rc = MIA_OK;
done:
    return rc;
}

static mia_status visit_neighbours(struct visitor *v, mia_str node, enum mia_kind kind,
                                   struct mia_error *err)
{
    struct ids ids = {0};
    mia_status rc = add_neighbours(v->snapshot, node, &ids, err);
    if (rc >= 0)
        rc = visit_kind(v, &ids, kind, err);
    free_ids(&ids);
    return rc;
}

static mia_status keep_id(struct visitor *v, mia_view view, struct mia_error *err)
{
    return add_id(v->ids, mia_view_id(view), err);
}

static mia_status keep_chat_id(struct visitor *v, mia_view view, struct mia_error *err)
{
    return add_id(v->ids, mia_message_chat_id(view), err);
}

static mia_status keep_view(struct visitor *v, mia_view view, struct mia_error *err)
{
    struct mia__found found = {mia_view_time(view), mia_view_id(view), view};
    if (found.time_ms < v->range->from_ms || found.time_ms > v->range->to_ms)
        return MIA_OK;
    return mia__buf_append(v->found, &found, sizeof found, err);
}

/* ---- from one kind to another */

static mia_status add_entities(mia_snapshot *s, mia_str node, struct ids *entities,
                               struct mia_error *err)
{
    struct visitor v = {.visit = keep_id, .snapshot = s, .ids = entities};
    return visit_neighbours(&v, node, MIA_KIND_ENTITY, err);
}

/* Of the chat and of its messages. */
static mia_status add_entities_of_chat(mia_snapshot *s, mia_str chat, struct ids *entities,
                                       struct mia_error *err)
{
    mia_status rc;
    mia_list *messages = NULL;
    mia_view message;
    TRY(add_entities(s, chat, entities, err));
    TRY(mia_list_messages(s, chat, NULL, &messages, err));
    while ((rc = mia_list_next(messages, &message, err)) == MIA_OK)
        TRY(add_entities(s, mia_view_id(message), entities, err));
done:
    mia_list_close(messages);
    return rc < 0 ? rc : MIA_OK;
}

/* With an edge to the entity, and those of messages with one. */
static mia_status add_chats_of_entity(mia_snapshot *s, mia_str entity, struct ids *chats,
                                      struct mia_error *err)
{
    mia_status rc;
    struct visitor direct = {.visit = keep_id, .snapshot = s, .ids = chats};
    struct visitor through = {.visit = keep_chat_id, .snapshot = s, .ids = chats};
    TRY(visit_neighbours(&direct, entity, MIA_KIND_CHAT, err));
    TRY(visit_neighbours(&through, entity, MIA_KIND_MESSAGE, err));
done:
    return rc;
}

/* ---- lists */

/* Makes a list of what a function finds. subject: the record that the list is about. */
typedef mia_status gather_fn(struct visitor *v, mia_str subject, struct mia_error *err);

static mia_status make_list(mia_snapshot *s, mia_str subject, const struct mia_list_options *opt,
                            gather_fn *gather, mia_list **list, struct mia_error *err)
{
    mia_status rc;
    struct mia__list_range range;
    struct mia__buf found = {0};
    struct visitor v = {
        .visit = keep_view, .snapshot = s, .left_out = subject, .range = &range, .found = &found};
    *list = NULL;
    TRY(mia__list_range(s->coordinator, opt, &range, err));
    TRY(gather(&v, subject, err));
    rc = mia__list_of(&found, &range.opt, list, err);
done:
    mia__buf_free(&found);
    return rc;
}

static mia_status gather_messages(struct visitor *v, mia_str subject, struct mia_error *err)
{
    return visit_neighbours(v, subject, MIA_KIND_MESSAGE, err);
}

static mia_status gather_entities(struct visitor *v, mia_str subject, struct mia_error *err)
{
    return visit_neighbours(v, subject, MIA_KIND_ENTITY, err);
}

static mia_status gather_related_messages(struct visitor *v, mia_str subject, struct mia_error *err)
{
    mia_status rc;
    struct ids entities = {0}, messages = {0};
    size_t count = 0;
    TRY(add_entities(v->snapshot, subject, &entities, err));
    const mia_str *list = settle(&entities, &count);
    TRY(add_neighbours(v->snapshot, subject, &messages, err));
    for (size_t i = 0; i < count; i++)
        TRY(add_neighbours(v->snapshot, list[i], &messages, err));
    rc = visit_kind(v, &messages, MIA_KIND_MESSAGE, err);
done:
    free_ids(&entities);
    free_ids(&messages);
    return rc;
}

static mia_status gather_entities_of_chat(struct visitor *v, mia_str subject, struct mia_error *err)
{
    struct ids entities = {0};
    mia_status rc = add_entities_of_chat(v->snapshot, subject, &entities, err);
    if (rc >= 0)
        rc = visit_kind(v, &entities, MIA_KIND_ENTITY, err);
    free_ids(&entities);
    return rc;
}

static mia_status gather_chats_of_entity(struct visitor *v, mia_str subject, struct mia_error *err)
{
    struct ids chats = {0};
    mia_status rc = add_chats_of_entity(v->snapshot, subject, &chats, err);
    if (rc >= 0)
        rc = visit_kind(v, &chats, MIA_KIND_CHAT, err);
    free_ids(&chats);
    return rc;
}

static mia_status gather_related_chats(struct visitor *v, mia_str subject, struct mia_error *err)
{
    mia_status rc;
    struct ids entities = {0}, chats = {0};
    size_t count = 0;
    TRY(add_entities_of_chat(v->snapshot, subject, &entities, err));
    const mia_str *list = settle(&entities, &count);
    TRY(add_neighbours(v->snapshot, subject, &chats, err));
    for (size_t i = 0; i < count; i++)
        TRY(add_chats_of_entity(v->snapshot, list[i], &chats, err));
    rc = visit_kind(v, &chats, MIA_KIND_CHAT, err);
done:
    free_ids(&entities);
    free_ids(&chats);
    return rc;
}

mia_status mia_list_related_messages(mia_snapshot *s, mia_str message_id,
                                     const struct mia_list_options *opt, mia_list **list,
                                     struct mia_error *err)
{
    return make_list(s, message_id, opt, gather_related_messages, list, err);
}

mia_status mia_list_messages_of_entity(mia_snapshot *s, mia_str entity_id,
                                       const struct mia_list_options *opt, mia_list **list,
                                       struct mia_error *err)
{
    return make_list(s, entity_id, opt, gather_messages, list, err);
}

mia_status mia_list_entities_of_message(mia_snapshot *s, mia_str message_id, mia_list **list,
                                        struct mia_error *err)
{
    return make_list(s, message_id, NULL, gather_entities, list, err);
}

mia_status mia_list_entities_of_chat(mia_snapshot *s, mia_str chat_id, mia_list **list,
                                     struct mia_error *err)
{
    return make_list(s, chat_id, NULL, gather_entities_of_chat, list, err);
}

mia_status mia_list_related_chats(mia_snapshot *s, mia_str chat_id,
                                  const struct mia_list_options *opt, mia_list **list,
                                  struct mia_error *err)
{
    return make_list(s, chat_id, opt, gather_related_chats, list, err);
}

mia_status mia_list_chats_of_entity(mia_snapshot *s, mia_str entity_id,
                                    const struct mia_list_options *opt, mia_list **list,
                                    struct mia_error *err)
{
    return make_list(s, entity_id, opt, gather_chats_of_entity, list, err);
}
