/* shadow/compare.c - both sides from the first key to the last, some at a time */
#include "base/error.h"
#include "base/try.h"
#include "shadow/shadow.h"

#include <stdlib.h>

void mia__pass_free(struct mia__pass *pass)
{
    for (size_t i = 0; i < pass->tree_count; i++)
        mia__content_free(&pass->trees[i]);
    mia__free(pass->trees);
    mia__buf_free(&pass->key);
    *pass = (struct mia__pass){0};
}

/* ---- the trees */

static mia_status add_tree(struct mia__pass *pass, struct mia__content *c, struct mia_error *err)
{
    if (c->role == MIA__ROLE_NONE || c->role == MIA__ROLE_LONG) {
        mia__content_free(c);
        return MIA_OK;
    }
    struct mia__content *trees =
        mia__realloc(pass->trees, (pass->tree_count + 1) * sizeof *pass->trees);
    if (trees == NULL) {
        mia__content_free(c);
        return mia__fail_nomem(err);
    }
    pass->trees = trees;
    pass->trees[pass->tree_count++] = *c;
    return MIA_OK;
}

static int by_content(const void *a, const void *b)
{
    return mia__content_compare(a, b);
}

/* In order, each once. */
static void put_in_order(struct mia__pass *pass)
{
    size_t kept = 0;
    if (pass->tree_count > 1)
        qsort(pass->trees, pass->tree_count, sizeof *pass->trees, by_content);
    for (size_t i = 0; i < pass->tree_count; i++) {
        if (kept > 0 && by_content(&pass->trees[kept - 1], &pass->trees[i]) == 0)
            mia__content_free(&pass->trees[i]);
        else
            pass->trees[kept++] = pass->trees[i];
    }
    pass->tree_count = kept;
}

/* Only where trees may be of either kind, it has to be asked for. */
static bool is_multi_tree(struct mia__view *v, mia_slice name)
{
    mia_tree ignored;
    return !v->side->is_records && !v->side->is_folded &&
           mia_tree_open(v->txn, name, 0, &ignored, NULL) == MIA_ERR_INVALID;
}

static mia_status list_side(struct mia__shadow *s, struct mia__pass *pass, int side,
                            struct mia_error *err)
{
    mia_status rc;
    struct mia__view v = {0};
    mia_slice name, *after = NULL;
    struct mia__buf last = {0};
    bool both_have_meta = s->sides[0].has_meta && s->sides[1].has_meta;
    TRY(mia__view_begin(&v, &s->sides[side], MIA_TXN_READ, err));
    while ((rc = mia_tree_next(v.txn, after, &name, err)) == MIA_OK) {
        struct mia__content c = {0};
        mia_slice stored;
        TRY(mia__buf_set(&last, name, err));
        stored = mia__buf_slice(&last);
        TRY(mia__view_classify(&v, stored, is_multi_tree(&v, stored), both_have_meta, &c, err));
        TRY(add_tree(pass, &c, err));
        name = stored;
        after = &name;
    }
done:
    mia__view_end(&v);
    mia__buf_free(&last);
    return rc < 0 ? rc : MIA_OK;
}

mia_status mia__pass_list(struct mia__shadow *s, struct mia__pass *pass, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    if (pass->is_listed)
        return rc;
    TRY(list_side(s, pass, 0, err));
    TRY(list_side(s, pass, 1, err));
    put_in_order(pass);
    pass->is_listed = true;
done:
    if (rc < 0)
        mia__pass_free(pass);
    return rc;
}

mia_status mia__pass_resume(struct mia__pass *pass, const struct mia__control *control,
                            struct mia_error *err)
{
    int order = -1;
    struct mia__content at = {.role = (enum mia__role)control->position_role,
                              .table = (enum mia__table)control->position_table,
                              .is_literal = control->position_literal != 0,
                              .name = control->position_name};
    while (pass->tree < pass->tree_count &&
           (order = mia__content_compare(&pass->trees[pass->tree], &at)) < 0)
        pass->tree++;
    pass->compared = control->compared;
    pass->has_key = order == 0;
    return pass->has_key ? mia__buf_set(&pass->key, mia__buf_slice(&control->position_key), err)
                         : MIA_OK;
}

/* ---- the merge */

struct merge {
    struct mia__pass *pass;
    struct mia__stream *from, *to;
    struct mia__buf *found;
    struct mia__buf last[2]; /* of each side, for their order */
    bool has_last[2];
    size_t records, bytes;
    const struct mia__content *content;
};

static mia_status report(struct merge *m, enum mia_difference_class class, mia_slice key,
                         struct mia_error *err)
{
    mia_status rc;
    uint64_t head[2] = {(uint64_t) class, key.size};
    TRY(mia__buf_append(m->found, head, sizeof head, err));
    rc = mia__buf_append(m->found, key.data, key.size, err);
done:
    return rc;
}

bool mia__differences_next(const struct mia__buf *found, size_t *at, struct mia__difference *d)
{
    uint64_t head[2];
    if (*at >= found->size)
        return false;
    memcpy(head, found->data + *at, sizeof head);
    *at += sizeof head;
    *d = (struct mia__difference){(enum mia_difference_class)head[0],
                                  {found->data + *at, (size_t)head[1]}};
    *at += (size_t)head[1];
    return true;
}

/* Keys of one side must ascend; those of a multi-value tree come again. */
static mia_status note_order(struct merge *m, int side, mia_slice key, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    int order = m->has_last[side] ? mia_slice_compare(mia__buf_slice(&m->last[side]), key) : -1;
    if (order > 0 || (order == 0 && m->content->role != MIA__ROLE_MULTI))
        TRY(report(m, MIA_DIFF_ORDER, key, err));
    m->has_last[side] = true;
    rc = mia__buf_set(&m->last[side], key, err);
done:
    return rc;
}

static bool is_same_value(const struct merge *m, const struct mia__value *a,
                          const struct mia__value *b)
{
    if (mia__value_equal(a, b))
        return true;
    enum mia_table table = (enum mia_table)m->content->table;
    return a->form == MIA__FORM_RECORD && b->form == MIA__FORM_RECORD &&
           mia_view_equal(mia_view_trust(table, a->bytes), mia_view_trust(table, b->bytes));
}

/* The next key of both. MIA_NOTFOUND: there is none left. */
static mia_status step(struct merge *m, struct mia_error *err)
{
    mia_status rc;
    mia_slice a, b;
    struct mia__value wanted, found;
    TRY(mia__stream_peek(m->from, &a, &wanted, err));
    bool has_a = rc == MIA_OK;
    TRY(mia__stream_peek(m->to, &b, &found, err));
    bool has_b = rc == MIA_OK;
    if (!has_a && !has_b)
        return MIA_NOTFOUND;
    int order = has_a && has_b ? mia_slice_compare(a, b) : has_a ? -1 : 1;
    if (order == 0 && m->content->role == MIA__ROLE_MULTI)
        order = mia_slice_compare(wanted.bytes, found.bytes);
    mia_slice key = order <= 0 ? a : b;
    if (order < 0)
        TRY(report(m, MIA_DIFF_MISSING, key, err));
    else if (order > 0)
        TRY(report(m, MIA_DIFF_EXTRA, key, err));
    else if (!is_same_value(m, &wanted, &found))
        TRY(report(m, MIA_DIFF_VALUE, key, err));
    if (order <= 0)
        TRY(note_order(m, 0, a, err));
    if (order >= 0)
        TRY(note_order(m, 1, b, err));
    m->records++;
    m->bytes += key.size + (order <= 0 ? wanted.bytes.size : found.bytes.size);
    TRY(mia__buf_set(&m->pass->key, key, err));
    if (order <= 0)
        mia__stream_advance(m->from);
    if (order >= 0)
        mia__stream_advance(m->to);
    rc = MIA_OK;
done:
    return rc;
}

/* A key of a multi-value tree is looked at whole: the next part begins behind it. */
static mia_status is_in_key(struct merge *m, bool *is_in, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    mia_slice key;
    struct mia__value ignored;
    struct mia__stream *streams[] = {m->from, m->to};
    *is_in = false;
    for (int i = 0; i < 2 && m->content->role == MIA__ROLE_MULTI; i++) {
        TRY(mia__stream_peek(streams[i], &key, &ignored, err));
        *is_in = *is_in || (rc == MIA_OK && mia_slice_equal(key, mia__buf_slice(&m->pass->key)));
    }
    rc = MIA_OK;
done:
    return rc;
}

mia_status mia__pass_step(struct mia__shadow *s, struct mia__pass *pass, struct mia__view *from,
                          struct mia__view *to, struct mia__buf *found, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    bool is_in_one = false;
    struct merge m = {.pass = pass, .found = found, .content = &pass->trees[pass->tree]};
    mia_slice behind = mia__buf_slice(&pass->key);
    const mia_slice *start = pass->has_key ? &behind : NULL;
    TRY(mia__stream_open(from, m.content, start, &m.from, err));
    TRY(mia__stream_open(to, m.content, start, &m.to, err));
    while (is_in_one || (m.records < s->opt.batch_records && m.bytes < s->opt.batch_bytes)) {
        TRY(step(&m, err));
        if (rc == MIA_NOTFOUND)
            break;
        pass->has_key = true;
        TRY(is_in_key(&m, &is_in_one, err));
    }
    pass->compared += m.records;
    if (rc == MIA_NOTFOUND) {
        pass->tree++;
        pass->has_key = false;
        pass->key.size = 0;
    }
    rc = MIA_OK;
done:
    mia__stream_close(m.from);
    mia__stream_close(m.to);
    mia__buf_free(&m.last[0]);
    mia__buf_free(&m.last[1]);
    return rc;
}
