/* shadow/apply.c - what the primary has under a key becomes what the secondary has */
#include "base/error.h"
#include "base/try.h"
#include "shadow/shadow.h"
#include "store/store.h"

/* Both values of one key, and the memory that they may lie in. */
struct both {
    struct mia__shadow *s;
    struct mia__view *from, *to;
    const struct mia__content *content;
    mia_slice key;
    struct mia__value wanted, found;
    struct mia__buf wanted_archive, found_archive, scratch;
};

static void free_both(struct both *b)
{
    mia__buf_free(&b->wanted_archive);
    mia__buf_free(&b->found_archive);
    mia__buf_free(&b->scratch);
}

static mia_status get_both(struct both *b, struct mia_error *err)
{
    mia_status rc;
    TRY(mia__view_get(b->from, &b->s->coder, b->content, b->key, &b->wanted_archive, &b->wanted,
                      err));
    TRY(mia__view_get(b->to, &b->s->coder, b->content, b->key, &b->found_archive, &b->found, err));
done:
    return rc;
}

static bool is_same(const struct both *b)
{
    if (mia__value_equal(&b->wanted, &b->found))
        return true;
    enum mia_table table = (enum mia_table)b->content->table;
    return b->wanted.form == MIA__FORM_RECORD && b->found.form == MIA__FORM_RECORD &&
           mia_view_equal(mia_view_trust(table, b->wanted.bytes),
                          mia_view_trust(table, b->found.bytes));
}

/* ---- records */

/* Whether the store can be asked for it: it lies under its own id. */
static bool is_under_its_id(const struct both *b, const struct mia__value *value)
{
    enum mia_table table = (enum mia_table)b->content->table;
    if (value->form != MIA__FORM_RECORD)
        return false;
    mia_str id = mia_view_id(mia_view_trust(table, value->bytes));
    return mia_slice_equal((mia_slice){id.data, id.size}, b->key) &&
           mia__store_check_id(table, id, NULL) == MIA_OK;
}

static mia_status tree_of(struct both *b, bool in_quarantine, mia_tree *tree, struct mia_error *err)
{
    return in_quarantine ? mia__view_quarantine(b->to, b->content->table, true, tree, err)
                         : mia__view_tree(b->to, b->content, true, tree, err);
}

/* A record hides what is in quarantine under its id: that must not come to light. */
static mia_status remove_hidden(struct both *b, struct mia_error *err)
{
    mia_tree tree;
    mia_status rc = mia__view_quarantine(b->to, b->content->table, false, &tree, err);
    return rc == MIA_OK ? mia__raw_del(b->to->txn, &b->to->raw, tree, b->key, err) : rc;
}

/* What is there goes, with its index entries if it has any. */
static mia_status remove_found(struct both *b, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    mia_tree tree;
    if (b->found.form == MIA__FORM_ABSENT)
        return rc;
    if (is_under_its_id(b, &b->found)) {
        TRY(mia_delete(b->to->txn, (enum mia_table)b->content->table,
                       (mia_str){b->key.data, b->key.size}, 0, NULL, err));
    } else if (!b->found.in_quarantine) {
        TRY(tree_of(b, false, &tree, err));
        TRY(mia__raw_del(b->to->txn, &b->to->raw, tree, b->key, err));
    }
    rc = remove_hidden(b, err);
done:
    return rc;
}

static mia_status put_stored(struct both *b, bool in_quarantine, mia_slice stored,
                             struct mia_error *err)
{
    mia_tree tree;
    mia_status rc = tree_of(b, in_quarantine, &tree, err);
    if (rc < 0)
        return rc;
    return mia__raw_put(b->to->txn, &b->to->raw, tree, b->key, stored, MIA_PUT_UPSERT, NULL, err);
}

/* A record under another key than its id: in no index, and not for the store. */
static mia_status put_stray(struct both *b, struct mia_error *err)
{
    mia_slice stored = b->wanted.bytes;
    mia_status rc;
    if (b->to->side->format == MIA_VALUE_BINCODE) {
        b->scratch.size = 0;
        TRY(mia__transcode_back(&b->s->coder, b->content->table, stored, &b->scratch, err));
        stored = mia__buf_slice(&b->scratch);
    }
    TRY(remove_found(b, err));
    rc = put_stored(b, false, stored, err);
done:
    return rc;
}

static mia_status refuse_broken(const struct both *b, struct mia_error *err)
{
    char text[100];
    return mia__fail(err, MIA_ERR_SERIALIZATION,
                     "%s: %s: id %s: the archive is damaged, and has no form that the secondary "
                     "could keep",
                     mia_db_path(b->from->side->db), mia__table_name(b->content->table),
                     mia__print_bytes(text, sizeof text, b->key));
}

static mia_status apply_record(struct both *b, struct mia_error *err)
{
    mia_status rc;
    bool to_archives = b->to->side->format == MIA_VALUE_RKYV;
    switch (b->wanted.form) {
    case MIA__FORM_RECORD:
        if (!is_under_its_id(b, &b->wanted))
            return put_stray(b, err);
        if (!is_under_its_id(b, &b->found))
            TRY(remove_found(b, err));
        return mia_put_archive(b->to->txn, (enum mia_table)b->content->table, b->wanted.bytes, err);
    case MIA__FORM_BROKEN:
        if (!to_archives)
            return refuse_broken(b, err);
        break;
    case MIA__FORM_DAMAGED:
        break;
    case MIA__FORM_ABSENT:
    case MIA__FORM_BYTES:
        return remove_found(b, err);
    }
    TRY(remove_found(b, err));
    rc = put_stored(b, to_archives && b->wanted.form == MIA__FORM_DAMAGED, b->wanted.bytes, err);
done:
    return rc;
}

/* ---- trees of bytes */

static mia_status apply_bytes(struct both *b, struct mia_error *err)
{
    mia_tree tree;
    mia_status rc = mia__view_tree(b->to, b->content, true, &tree, err);
    if (rc != MIA_OK)
        return rc;
    if (b->wanted.form == MIA__FORM_ABSENT)
        return mia__raw_del(b->to->txn, &b->to->raw, tree, b->key, err);
    return mia__raw_put(b->to->txn, &b->to->raw, tree, b->key, b->wanted.bytes, MIA_PUT_UPSERT,
                        NULL, err);
}

/* Appends the values of a key of a multi-value tree, each as its size and its bytes. */
static mia_status list_values(struct mia__view *v, const struct mia__content *c, mia_slice wanted,
                              struct mia__buf *list, struct mia_error *err)
{
    mia_status rc;
    mia_tree tree;
    mia_cursor *cur = NULL;
    mia_slice key = wanted, value;
    list->size = 0;
    TRY(mia__view_tree(v, c, false, &tree, err));
    if (rc == MIA_NOTFOUND)
        return MIA_OK;
    TRY(mia_cursor_open(v->txn, tree, &cur, err));
    TRY(mia_cursor_move(cur, MIA_MOVE_SEEK, &key, &value, err));
    bool is_there = rc == MIA_OK && mia_slice_equal(key, wanted);
    while (is_there) {
        TRY(mia__buf_append(list, &value.size, sizeof value.size, err));
        TRY(mia__buf_append(list, value.data, value.size, err));
        TRY(mia_cursor_move(cur, MIA_MOVE_NEXT_SAME, &key, &value, err));
        is_there = rc == MIA_OK;
    }
done:
    mia_cursor_close(cur);
    return rc < 0 ? rc : MIA_OK;
}

static mia_status same_values(struct both *b, bool *same, struct mia_error *err)
{
    mia_status rc;
    TRY(list_values(b->from, b->content, b->key, &b->wanted_archive, err));
    TRY(list_values(b->to, b->content, b->key, &b->found_archive, err));
    *same = mia_slice_equal(mia__buf_slice(&b->wanted_archive), mia__buf_slice(&b->found_archive));
done:
    return rc;
}

/* The value at a place of such a list; false: the end. */
static bool value_at(const struct mia__buf *list, size_t at, mia_slice *value)
{
    if (at >= list->size)
        return false;
    memcpy(&value->size, list->data + at, sizeof value->size);
    value->data = list->data + at + sizeof value->size;
    return true;
}

/* Both lists are in order: what only one of them has is put or removed. */
static mia_status apply_multi(struct both *b, struct mia_error *err)
{
    mia_status rc;
    mia_tree tree;
    size_t at = 0, other = 0;
    mia_slice wanted, found;
    TRY(mia__view_tree(b->to, b->content, true, &tree, err));
    for (;;) {
        bool has_wanted = value_at(&b->wanted_archive, at, &wanted);
        bool has_found = value_at(&b->found_archive, other, &found);
        if (!has_wanted && !has_found)
            break;
        int order = has_wanted && has_found ? mia_slice_compare(wanted, found)
                    : has_wanted            ? -1
                                            : 1;
        if (order < 0)
            TRY(mia_kv_put(b->to->txn, tree, b->key, wanted, MIA_PUT_UPSERT, err));
        else if (order > 0)
            TRY(mia_kv_del(b->to->txn, tree, b->key, &found, err));
        at += order <= 0 ? sizeof wanted.size + wanted.size : 0;
        other += order >= 0 ? sizeof found.size + found.size : 0;
    }
    rc = MIA_OK;
done:
    return rc;
}

/* ---- any of them */

static mia_status compare(struct both *b, bool *same, struct mia_error *err)
{
    if (b->content->role == MIA__ROLE_MULTI)
        return same_values(b, same, err);
    mia_status rc = get_both(b, err);
    *same = rc == MIA_OK && is_same(b);
    return rc;
}

mia_status mia__apply_same(struct mia__shadow *s, struct mia__view *from, struct mia__view *to,
                           const struct mia__content *c, mia_slice key, bool *same,
                           struct mia_error *err)
{
    struct both b = {.s = s, .from = from, .to = to, .content = c, .key = key};
    mia_status rc = compare(&b, same, err);
    free_both(&b);
    return rc;
}

/* From the first write on a failure leaves half of it. */
mia_status mia__apply_key(struct mia__shadow *s, struct mia__view *from, struct mia__view *to,
                          const struct mia__content *c, mia_slice key, struct mia_error *err)
{
    mia_status rc;
    bool same;
    uint64_t writes = to->txn->writes;
    struct both b = {.s = s, .from = from, .to = to, .content = c, .key = key};
    TRY(compare(&b, &same, err));
    if (same) {
        rc = MIA_NOTFOUND;
        goto done;
    }
    if (c->role == MIA__ROLE_TABLE)
        rc = apply_record(&b, err);
    else if (c->role == MIA__ROLE_MULTI)
        rc = apply_multi(&b, err);
    else
        rc = apply_bytes(&b, err);
    if (rc == MIA_NOTFOUND) /* of a removal: the index tree, say, was gone before */
        rc = MIA_OK;
    pthread_mutex_lock(&s->lock);
    s->control.copied += rc == MIA_OK && b.wanted.form != MIA__FORM_ABSENT;
    s->control.removed +=
        rc == MIA_OK && b.wanted.form == MIA__FORM_ABSENT && c->role != MIA__ROLE_MULTI;
    pthread_mutex_unlock(&s->lock);
done:
    free_both(&b);
    return mia__txn_whole(to->txn, writes, rc);
}

/* Something that can never go over is counted and left; the rest makes the secondary behind. */
static mia_status leave_hopeless(struct mia__shadow *s, const struct mia__view *to, mia_status rc,
                                 const struct mia_error *why, struct mia_error *err)
{
    bool is_hopeless =
        rc == MIA_ERR_SERIALIZATION || rc == MIA_ERR_TOO_LONG || rc == MIA_ERR_INVALID;
    if (is_hopeless && !to->txn->has_failed) {
        mia__shadow_skip(s, why->message);
        return MIA_OK;
    }
    if (rc < 0 && err != NULL)
        *err = *why;
    return rc < 0 ? rc : MIA_OK;
}

mia_status mia__apply(struct mia__shadow *s, struct mia__view *from, struct mia__view *to,
                      const struct mia__content *c, mia_slice key, struct mia_error *err)
{
    struct mia_error why = {0};
    mia_status rc = mia__apply_key(s, from, to, c, key, &why);
    return leave_hopeless(s, to, rc, &why, err);
}

mia_status mia__apply_tree(struct mia__shadow *s, struct mia__view *to,
                           const struct mia__content *c, struct mia_error *err)
{
    mia_tree ignored;
    struct mia_error why = {0};
    if (c->role != MIA__ROLE_BYTES && c->role != MIA__ROLE_MULTI)
        return MIA_OK;
    return leave_hopeless(s, to, mia__view_tree(to, c, true, &ignored, &why), &why, err);
}
