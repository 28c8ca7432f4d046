/* ab/pair.c - operations on pairs of bytes; the measured time is what lies between two looks at the
 * clock */
#include "ab/side.h"

#include "ab/clock.h"
#include "ab/print.h"
#include "ab/random.h"
#include "base/error.h"
#include "base/try.h"

struct doing {
    struct mia__ab_side *side;
    struct mia__ab_worker *worker;
    const struct mia__ab_op *op;
    struct mia__ab_answer *answer;
    mia_tree tree;
    mia_slice key;
    mia_txn *txn;
    bool is_write; /* txn is */
};

static void begin(struct doing *d)
{
    d->answer->began_ns = mia__ab_now();
}

static void end(struct doing *d)
{
    d->answer->ns = mia__ab_now() - d->answer->began_ns;
}

/* The transaction of the operation: its own, or the one that the operation before it left open. */
static mia_status enter(struct doing *d, enum mia_txn_mode mode)
{
    if (d->op->flags & MIA__AB_WRITER)
        mode = MIA_TXN_WRITE;
    d->is_write = mode == MIA_TXN_WRITE;
    if ((d->op->flags & MIA__AB_INSIDE) == 0)
        return mia_txn_begin(d->side->db, mode, &d->txn, NULL);
    d->txn = d->worker->txn;
    d->worker->txn = NULL;
    return d->txn != NULL ? MIA_OK : MIA_ERR_TXN;
}

static mia_status leave(struct doing *d, mia_status rc)
{
    mia_txn *txn = d->txn;
    d->txn = NULL;
    if (txn != NULL && (d->op->flags & MIA__AB_STAYS) != 0) {
        d->worker->txn = txn;
        return rc;
    }
    if (txn == NULL || !d->is_write || rc < 0 || (d->op->flags & MIA__AB_ABORTS) != 0) {
        mia_txn_abort(txn);
        return rc;
    }
    mia_status committed = mia_txn_commit(txn, NULL);
    return committed < 0 ? committed : rc;
}

static void note(struct doing *d, mia_slice bytes)
{
    d->answer->print = mia__ab_print_bytes(d->answer->print, bytes.data, bytes.size);
}

static mia_status get(struct doing *d)
{
    mia_status rc;
    mia_slice value;
    begin(d);
    TRY(enter(d, MIA_TXN_READ));
    TRY(mia__raw_get(d->txn, &d->side->raw, d->tree, d->key, &value, NULL));
    if (rc == MIA_OK)
        note(d, value);
done:
    rc = leave(d, rc);
    end(d);
    return rc;
}

static mia_status scan(struct doing *d)
{
    enum { CHUNK = 64 };
    mia_status rc;
    struct mia__raw_cursor *cur = NULL;
    struct mia_pair pairs[CHUNK];
    size_t n;
    begin(d);
    TRY(enter(d, MIA_TXN_READ));
    TRY(mia__raw_cursor_open(d->txn, &d->side->raw, d->tree, &cur, NULL));
    TRY(mia__raw_cursor_seek(cur, d->key, NULL));
    while (d->answer->items < d->op->limit) {
        size_t left = d->op->limit - d->answer->items;
        TRY(mia__raw_cursor_next(cur, pairs, left < CHUNK ? left : CHUNK, &n, NULL));
        if (rc == MIA_NOTFOUND)
            break;
        for (size_t i = 0; i < n; i++) {
            note(d, pairs[i].key);
            note(d, pairs[i].value);
        }
        d->answer->items += (uint32_t)n;
    }
    rc = MIA_OK;
done:
    mia__raw_cursor_close(cur);
    rc = leave(d, rc);
    end(d);
    return rc;
}

static mia_status put_value(struct doing *d, mia_slice value)
{
    mia_status rc;
    begin(d);
    TRY(enter(d, MIA_TXN_WRITE));
    rc = mia__raw_put(d->txn, &d->side->raw, d->tree, d->key, value, MIA_PUT_UPSERT, NULL, NULL);
done:
    rc = leave(d, rc);
    end(d);
    return rc;
}

/* A value as it was recorded or, where only its size was, one of that size. */
static mia_status put_given(struct doing *d)
{
    mia_status rc;
    struct mia__buf *made = &d->worker->value;
    struct mia__ab_random random = {d->op->extra};
    if (d->op->value.size > 0 || d->op->limit == 0)
        return put_value(d, mia__ab_bytes(d->side->plan, d->op->value));
    TRY(mia__buf_reserve(made, d->op->limit + 8, NULL));
    for (size_t at = 0; at < d->op->limit; at += 8)
        mia__store_u64le(made->data + at, mia__ab_next(&random));
    made->size = d->op->limit;
    rc = put_value(d, mia__buf_slice(made));
done:
    return rc;
}

/* The value that it is made of is read before the time counts. */
static mia_status put_made(struct doing *d)
{
    mia_status rc;
    mia_slice value;
    mia_txn *beside = NULL;
    struct mia__buf *made = &d->worker->value;
    bool is_new = d->op->kind == MIA__AB_INSERT;
    mia_slice base = is_new ? mia__ab_bytes(d->side->plan, d->op->value) : d->key;
    TRY(mia_txn_begin(d->side->db, MIA_TXN_READ, &beside, NULL));
    TRY(mia__raw_get(beside, &d->side->raw, d->tree, base, &value, NULL));
    if (rc == MIA_NOTFOUND)
        goto done;
    TRY(mia__buf_set(made, value, NULL));
    if (!is_new && made->size > 0)
        made->data[d->op->extra % made->size] ^= (uint8_t)(d->op->extra >> 24 | 1);
    rc = put_value(d, mia__buf_slice(made));
done:
    if (d->answer->began_ns == 0)
        begin(d);
    mia_txn_abort(beside);
    return rc;
}

static mia_status delete_pair(struct doing *d)
{
    mia_status rc;
    begin(d);
    TRY(enter(d, MIA_TXN_WRITE));
    rc = mia__raw_del(d->txn, &d->side->raw, d->tree, d->key, NULL);
done:
    rc = leave(d, rc);
    end(d);
    return rc;
}

static mia_status dispatch(struct doing *d)
{
    switch ((enum mia__ab_op_kind)d->op->kind) {
    case MIA__AB_GET:
        return get(d);
    case MIA__AB_SCAN:
        return scan(d);
    case MIA__AB_CHANGE:
    case MIA__AB_INSERT:
        return put_made(d);
    case MIA__AB_PUT:
        return put_given(d);
    case MIA__AB_DELETE:
        return delete_pair(d);
    case MIA__AB_NEIGHBOURS:
    case MIA__AB_PROPERTY:
    case MIA__AB_SEARCH:
    case MIA__AB_OPS:
    default:
        begin(d);
        return MIA_ERR_UNSUPPORTED;
    }
}

void mia__ab_do_pair(struct mia__ab_side *side, struct mia__ab_worker *worker,
                     const struct mia__ab_op *op, struct mia__ab_answer *answer)
{
    struct doing d = {.side = side, .worker = worker, .op = op, .answer = answer};
    d.tree = side->trees[op->tree];
    d.key = mia__ab_bytes(side->plan, op->key);
    if (side->has_trees[op->tree]) {
        answer->status = dispatch(&d);
    } else {
        begin(&d);
        answer->status = MIA_NOTFOUND;
    }
}
