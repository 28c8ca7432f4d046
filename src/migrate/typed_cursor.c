/* migrate/typed_cursor.c - a merge of a table and its quarantine, as MIA would have them */
#include "base/error.h"
#include "base/try.h"
#include "migrate/typed.h"

enum { CHUNK = 64 };

/* Pairs that were read and not given out yet: [at, count). */
struct side {
    struct mia__raw_cursor *cursor; /* NULL: there is no such tree */
    struct mia_pair pairs[CHUNK];
    size_t at, count;
};

struct mia__typed_cursor {
    mia_txn *txn;
    enum mia__table table;
    struct side archives, quarantine;
    struct mia__transcoder transcoder;
    struct mia__buf values; /* of the pairs given out by the last call */
};

mia_status mia__typed_cursor_open(mia_txn *txn, const struct mia__raw *raw, mia_tree tree,
                                  enum mia__table table, struct mia__typed_cursor **out,
                                  struct mia_error *err)
{
    mia_status rc;
    mia_tree quarantine;
    struct mia__typed_cursor *c = mia__alloc_zero(sizeof *c);
    *out = NULL;
    if (c == NULL)
        return mia__fail_nomem(err);
    c->txn = txn;
    c->table = table;
    TRY(mia__raw_cursor_open(txn, raw, tree, &c->archives.cursor, err));
    TRY(mia__typed_quarantine(txn, table, false, &quarantine, err));
    if (rc == MIA_OK)
        TRY(mia__raw_cursor_open(txn, raw, quarantine, &c->quarantine.cursor, err));
    rc = MIA_OK;
done:
    if (rc == MIA_OK)
        *out = c;
    else
        mia__typed_cursor_close(c);
    return rc;
}

static mia_status seek_side(struct side *s, mia_slice key, struct mia_error *err)
{
    s->at = s->count = 0;
    return s->cursor != NULL ? mia__raw_cursor_seek(s->cursor, key, err) : MIA_OK;
}

mia_status mia__typed_cursor_seek(struct mia__typed_cursor *c, mia_slice key, struct mia_error *err)
{
    mia_status rc;
    TRY(seek_side(&c->archives, key, err));
    rc = seek_side(&c->quarantine, key, err);
done:
    return rc;
}

/* MIA_NOTFOUND: the side is exhausted. */
static mia_status fill(struct side *s, struct mia_error *err)
{
    if (s->at < s->count)
        return MIA_OK;
    s->at = s->count = 0;
    return s->cursor != NULL ? mia__raw_cursor_next(s->cursor, s->pairs, CHUNK, &s->count, err)
                             : MIA_NOTFOUND;
}

static mia_status fail_damaged(struct mia__typed_cursor *c, mia_slice key,
                               const struct mia_error *why, struct mia_error *err)
{
    char text[120];
    return mia__fail(err, MIA_ERR_CORRUPT, "%s: tree %s: key %s: %s",
                     mia_db_path(mia_txn_db(c->txn)), mia__table_name(c->table),
                     mia__print_bytes(text, sizeof text, key), why->message);
}

/* Appends the value as MIA had it; the pair's data becomes an offset until the call ends. */
static mia_status take(struct mia__typed_cursor *c, struct side *from, struct mia_pair *pair,
                       uint8_t *mark, struct mia_error *err)
{
    struct mia_error why = {0};
    const struct mia_pair *stored = &from->pairs[from->at++];
    size_t begin = c->values.size;
    mia_status rc =
        from == &c->quarantine
            ? mia__buf_append(&c->values, stored->value.data, stored->value.size, &why)
            : mia__transcode_back(&c->transcoder, c->table, stored->value, &c->values, &why);
    if (rc == MIA_ERR_SERIALIZATION && mark == NULL)
        return fail_damaged(c, stored->key, &why, err);
    if (mark != NULL)
        *mark = rc == MIA_ERR_SERIALIZATION ? MIA__MARK_UNDECODABLE : 0;
    if (rc == MIA_ERR_SERIALIZATION)
        rc = mia__buf_append(&c->values, stored->value.data, stored->value.size, &why);
    if (rc < 0 && err != NULL)
        *err = why;
    pair->key = stored->key;
    pair->value = (mia_slice){(void *)(uintptr_t)begin, c->values.size - begin};
    return rc;
}

/* The side whose key comes next. MIA_NOTFOUND: both are exhausted. */
static mia_status choose(struct mia__typed_cursor *c, struct side **side, struct mia_error *err)
{
    mia_status rc;
    struct side *first = &c->archives, *second = &c->quarantine;
    TRY(fill(first, err));
    bool has_first = rc == MIA_OK;
    TRY(fill(second, err));
    bool has_second = rc == MIA_OK;
    bool is_second =
        has_second && (!has_first || mia_slice_compare(second->pairs[second->at].key,
                                                       first->pairs[first->at].key) < 0);
    *side = is_second ? second : first;
    rc = has_first || has_second ? MIA_OK : MIA_NOTFOUND;
done:
    return rc;
}

/* A side is only refilled while nothing of it was given out in this call: its keys live until then.
 */
static bool may_refill(const struct side *s, bool was_used)
{
    return s->at < s->count || !was_used;
}

mia_status mia__typed_cursor_next(struct mia__typed_cursor *c, struct mia_pair *pairs,
                                  uint8_t *marks, size_t max, size_t *n, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    bool used_archives = false, used_quarantine = false;
    *n = 0;
    c->values.size = 0;
    while (*n < max && may_refill(&c->archives, used_archives) &&
           may_refill(&c->quarantine, used_quarantine)) {
        struct side *side;
        TRY(choose(c, &side, err));
        if (rc == MIA_NOTFOUND)
            break;
        TRY(take(c, side, &pairs[*n], marks != NULL ? &marks[*n] : NULL, err));
        *(side == &c->archives ? &used_archives : &used_quarantine) = true;
        ++*n;
    }
    for (size_t i = 0; i < *n; i++)
        pairs[i].value.data = c->values.data + (uintptr_t)pairs[i].value.data;
    rc = *n > 0 ? MIA_OK : MIA_NOTFOUND;
done:
    return rc;
}

void mia__typed_cursor_close(struct mia__typed_cursor *c)
{
    if (c == NULL)
        return;
    mia__raw_cursor_close(c->archives.cursor);
    mia__raw_cursor_close(c->quarantine.cursor);
    mia__transcoder_free(&c->transcoder);
    mia__buf_free(&c->values);
    mia__free(c);
}
