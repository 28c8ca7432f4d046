/* shadow/stream.c - the keys of a tree in order, quarantined records between the others */
#include "base/error.h"
#include "base/try.h"
#include "shadow/shadow.h"

enum { CHUNK = 32, MAIN = 0, QUARANTINE = 1, SOURCES = 2 };

struct source {
    struct mia__raw_cursor *cursor; /* NULL: no such tree */
    struct mia_pair chunk[CHUNK];
    size_t at, count;
};

struct mia__stream {
    struct mia__view *view;
    const struct mia__content *content;
    struct source sources[SOURCES];
    mia_cursor *multi; /* of a multi-value tree, in the place of the sources */
    struct mia_pair pair;
    bool has_pair;
    int from; /* the source of the pair */
    struct mia__value value;
    struct mia__buf archive;
    struct mia__transcoder coder;
};

void mia__stream_close(struct mia__stream *st)
{
    if (st == NULL)
        return;
    for (int i = 0; i < SOURCES; i++)
        mia__raw_cursor_close(st->sources[i].cursor);
    mia_cursor_close(st->multi);
    mia__buf_free(&st->archive);
    mia__transcoder_free(&st->coder);
    mia__free(st);
}

static mia_status open_source(struct mia__stream *st, int i, mia_tree tree, const mia_slice *behind,
                              struct mia_error *err)
{
    mia_status rc;
    struct mia__buf next = {0};
    struct mia__raw_cursor **cursor = &st->sources[i].cursor;
    TRY(mia__raw_cursor_open(st->view->txn, &st->view->raw, tree, cursor, err));
    if (behind == NULL)
        goto done;
    TRY(mia__buf_set(&next, *behind, err));
    TRY(mia__buf_append(&next, "", 1, err)); /* the least key above it */
    rc = mia__raw_cursor_seek(*cursor, mia__buf_slice(&next), err);
done:
    mia__buf_free(&next);
    return rc < 0 ? rc : MIA_OK;
}

static mia_status open_multi(struct mia__stream *st, mia_tree tree, const mia_slice *behind,
                             struct mia_error *err)
{
    mia_status rc;
    mia_slice key, value;
    TRY(mia_cursor_open(st->view->txn, tree, &st->multi, err));
    if (behind == NULL) {
        TRY(mia_cursor_move(st->multi, MIA_MOVE_FIRST, &key, &value, err));
    } else {
        key = *behind;
        TRY(mia_cursor_move(st->multi, MIA_MOVE_SEEK, &key, &value, err));
        if (rc == MIA_OK && mia_slice_equal(key, *behind))
            TRY(mia_cursor_move(st->multi, MIA_MOVE_NEXT_KEY, &key, &value, err));
    }
    st->has_pair = rc == MIA_OK;
    st->pair = (struct mia_pair){key, value};
done:
    return rc < 0 ? rc : MIA_OK;
}

mia_status mia__stream_open(struct mia__view *v, const struct mia__content *c,
                            const mia_slice *behind, struct mia__stream **out,
                            struct mia_error *err)
{
    mia_status rc;
    mia_tree tree;
    struct mia__stream *st = mia__alloc_zero(sizeof *st);
    *out = NULL;
    if (st == NULL)
        return mia__fail_nomem(err);
    st->view = v;
    st->content = c;
    TRY(mia__view_tree(v, c, false, &tree, err));
    if (rc == MIA_OK)
        TRY(c->role == MIA__ROLE_MULTI ? open_multi(st, tree, behind, err)
                                       : open_source(st, MAIN, tree, behind, err));
    if (c->role == MIA__ROLE_TABLE) {
        TRY(mia__view_quarantine(v, c->table, false, &tree, err));
        if (rc == MIA_OK)
            TRY(open_source(st, QUARANTINE, tree, behind, err));
    }
    *out = st;
    rc = MIA_OK;
done:
    if (rc < 0)
        mia__stream_close(st);
    return rc;
}

/* Reads ahead, if need be. MIA_NOTFOUND: the source is exhausted. */
static mia_status fill(struct mia__stream *st, struct source *src, struct mia_error *err)
{
    if (src->at < src->count)
        return MIA_OK;
    if (src->cursor == NULL)
        return MIA_NOTFOUND;
    src->at = src->count = 0;
    mia_status rc = mia__raw_cursor_next(src->cursor, src->chunk, CHUNK, &src->count, err);
    if (rc != MIA_OK) {
        mia__raw_cursor_close(src->cursor);
        src->cursor = NULL;
        src->count = 0;
    }
    (void)st;
    return rc;
}

/* The lower of both; where both have the key, the record counts. */
static mia_status choose(struct mia__stream *st, struct mia_error *err)
{
    mia_status rc;
    bool has[SOURCES];
    struct source *sources = st->sources;
    for (int i = 0; i < SOURCES; i++) {
        TRY(fill(st, &sources[i], err));
        has[i] = rc == MIA_OK;
    }
    rc = MIA_NOTFOUND;
    if (!has[MAIN] && !has[QUARANTINE])
        goto done;
    int order = has[MAIN] ? -1 : 1;
    if (has[MAIN] && has[QUARANTINE])
        order = mia_slice_compare(sources[MAIN].chunk[sources[MAIN].at].key,
                                  sources[QUARANTINE].chunk[sources[QUARANTINE].at].key);
    st->from = order <= 0 ? MAIN : QUARANTINE;
    if (order == 0)
        sources[QUARANTINE].at++;
    st->pair = sources[st->from].chunk[sources[st->from].at];
    st->has_pair = true;
    rc = MIA_OK;
done:
    return rc;
}

static mia_status judge(struct mia__stream *st, struct mia_error *err)
{
    const struct mia__content *c = st->content;
    st->value = (struct mia__value){MIA__FORM_BYTES, false, st->pair.value};
    if (c->role != MIA__ROLE_TABLE)
        return MIA_OK;
    st->archive.size = 0;
    return mia__view_judge(st->view, &st->coder, c->table, st->from == QUARANTINE, st->pair.value,
                           &st->archive, &st->value, err);
}

mia_status mia__stream_peek(struct mia__stream *st, mia_slice *key, struct mia__value *value,
                            struct mia_error *err)
{
    mia_status rc = MIA_OK;
    bool is_new = !st->has_pair || st->multi != NULL;
    while (!st->has_pair) {
        if (st->multi != NULL) {
            rc = mia_cursor_move(st->multi, MIA_MOVE_NEXT, &st->pair.key, &st->pair.value, err);
            st->has_pair = rc == MIA_OK;
        } else {
            rc = choose(st, err);
        }
        if (rc != MIA_OK)
            return rc;
        if (st->content->role == MIA__ROLE_META && !mia__meta_is_content(st->pair.key))
            mia__stream_advance(st);
    }
    if (is_new)
        rc = judge(st, err);
    *key = st->pair.key;
    *value = st->value;
    return rc;
}

void mia__stream_advance(struct mia__stream *st)
{
    if (st->has_pair && st->multi == NULL)
        st->sources[st->from].at++;
    st->has_pair = false;
}
