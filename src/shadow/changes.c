/* shadow/changes.c - which keys were changed, from the transaction to the secondary */
#include "base/error.h"
#include "base/try.h"
#include "shadow/shadow.h"

/* In the list: this, and the key behind it. */
struct head {
    uint32_t tree;
    uint32_t what;
    uint64_t key_size;
};

/* With the lock held. NULL: not known. */
static struct mia__known_tree *find(struct mia__shadow *s, uint32_t tree)
{
    return tree < s->known_count && s->known[tree].is_known ? &s->known[tree] : NULL;
}

static bool make_room(struct mia__shadow *s, uint32_t tree)
{
    if (tree < s->known_count)
        return true;
    size_t count = tree + 64;
    struct mia__known_tree *known = mia__realloc(s->known, count * sizeof *known);
    if (known == NULL)
        return false;
    memset(known + s->known_count, 0, (count - s->known_count) * sizeof *known);
    s->known = known;
    s->known_count = count;
    return true;
}

/* A tree that cannot be remembered is one whose changes cannot be noted. */
void mia__changes_know(struct mia__shadow *s, int side_number, mia_txn *txn, uint32_t tree,
                       mia_slice name, bool is_multi, bool is_new)
{
    struct mia__content content = {0};
    struct mia__side *side = &s->sides[side_number];
    pthread_mutex_lock(&s->lock);
    bool is_known = (find(s, tree) != NULL && !is_new) || atomic_load(&s->primary) != side_number;
    pthread_mutex_unlock(&s->lock);
    if (is_known)
        return;
    struct mia__view v = {.side = side, .txn = txn};
    bool both_have_meta = s->sides[0].has_meta && s->sides[1].has_meta;
    if (mia__view_classify(&v, name, is_multi, both_have_meta, &content, NULL) < 0)
        return;
    pthread_mutex_lock(&s->lock);
    if (atomic_load(&s->primary) == side_number && make_room(s, tree)) {
        if (s->known[tree].is_known)
            mia__buf_append(&s->retired, &s->known[tree].content, sizeof content, NULL);
        s->known[tree] = (struct mia__known_tree){true, content};
        content = (struct mia__content){0};
    }
    pthread_mutex_unlock(&s->lock);
    mia__content_free(&content);
}

bool mia__changes_content(struct mia__shadow *s, uint32_t tree, struct mia__content *content)
{
    pthread_mutex_lock(&s->lock);
    const struct mia__known_tree *known = find(s, tree);
    if (known != NULL)
        *content = known->content;
    pthread_mutex_unlock(&s->lock);
    return known != NULL;
}

void mia__changes_forget(struct mia__shadow *s)
{
    pthread_mutex_lock(&s->lock);
    struct mia__content *retired = (struct mia__content *)(void *)s->retired.data;
    for (size_t i = 0; i < s->known_count; i++)
        mia__content_free(&s->known[i].content);
    for (size_t i = 0; i < s->retired.size / sizeof *retired; i++)
        mia__content_free(&retired[i]);
    mia__buf_free(&s->retired);
    mia__free(s->known);
    s->known = NULL;
    s->known_count = 0;
    pthread_mutex_unlock(&s->lock);
}

/* Whether the list ends with this very change: of a key with many values, say. */
static bool is_last(const struct mia__buf *list, const struct mia__change *c)
{
    struct head head = {c->tree, (uint32_t)c->what, c->key.size}, found;
    if (list->size < sizeof head + c->key.size)
        return false;
    const uint8_t *at = list->data + list->size - c->key.size - sizeof head;
    memcpy(&found, at, sizeof found);
    return found.tree == head.tree && found.what == head.what && found.key_size == head.key_size &&
           mia_slice_equal((mia_slice){at + sizeof head, c->key.size}, c->key);
}

bool mia__changes_note(struct mia__shadow *s, struct mia__buf *list, const struct mia__change *c)
{
    struct head head = {c->tree, (uint32_t)c->what, c->key.size};
    pthread_mutex_lock(&s->lock);
    const struct mia__known_tree *known = find(s, c->tree);
    bool is_known = known != NULL;
    enum mia__role role = is_known ? known->content.role : MIA__ROLE_NONE;
    pthread_mutex_unlock(&s->lock);
    if (!is_known)
        return false;
    if (role == MIA__ROLE_NONE || (role == MIA__ROLE_META && !mia__meta_is_content(c->key)) ||
        is_last(list, c))
        return true;
    return mia__buf_append(list, &head, sizeof head, NULL) == MIA_OK &&
           mia__buf_append(list, c->key.data, c->key.size, NULL) == MIA_OK;
}

bool mia__changes_next(const struct mia__buf *list, size_t *at, struct mia__change *c)
{
    struct head head;
    if (*at >= list->size)
        return false;
    memcpy(&head, list->data + *at, sizeof head);
    *at += sizeof head;
    *c = (struct mia__change){
        head.tree, (enum mia__what)head.what, {list->data + *at, (size_t)head.key_size}};
    *at += (size_t)head.key_size;
    return true;
}

void mia__changes_commit(struct mia__shadow *s, const struct mia__buf *list, bool lost)
{
    const char *why = lost ? "no memory for a list of changes" : NULL;
    struct mia__change c;
    uint64_t count = 0;
    if ((list->size == 0 && !lost) || atomic_load(&s->is_detached))
        return;
    for (size_t at = 0; mia__changes_next(list, &at, &c);)
        count++;
    pthread_mutex_lock(&s->lock);
    bool has_room = s->queue.size + list->size <= s->opt.queue_bytes;
    if (!has_room)
        why = "the secondary is too slow: more changes are waiting than queue_bytes allows";
    else if (mia__buf_append(&s->queue, list->data, list->size, NULL) == MIA_OK)
        s->queued += count, s->noted += count;
    else
        why = "no memory for the changes that wait for the secondary";
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
    if (why != NULL)
        mia__shadow_behind(s, why);
}
